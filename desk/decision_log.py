"""Decisions made at this desk on one kind of subject, read from the outbox once and then only what is new.

The index is some seconds behind, and may be away; what was decided here is known here.
"""

from __future__ import annotations

import threading
from collections import defaultdict

from desk.database import Database
from processors.fold_parts import Document, decided


class DecisionLog:
    """Decisions by subject. Several desks on one database see each other's."""

    def __init__(self, database: Database, subject_type: str) -> None:
        self._database, self._kind = database, subject_type
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._known: dict[str, list[Document]] = defaultdict(list)

    def of(self, subject: str) -> list[Document]:
        """Decisions on one subject."""
        return list(self.all().get(subject, ()))

    def all(self) -> dict[str, tuple[Document, ...]]:
        """Decisions on every subject; those of one subject are only ever added to."""
        with self._lock:
            for decision in self._database.decisions_of_kind(self._kind, self._seen):
                self._seen.add(decision.decision_id)
                self._known[decision.subject_id].append(decided(decision))
            return {subject: tuple(listed) for subject, listed in self._known.items()}
