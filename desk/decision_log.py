"""Decisions made at this desk on one kind of subject, read from the outbox once and then only what is new.

The index is some seconds behind, and may be away; what was decided here is known here.
"""

from __future__ import annotations

import threading
from collections import defaultdict

from desk.database import Database
from processors.fold_parts import Document, decided
from schemas.decision import Decision


class DecisionLog:
    """Decisions by subject, in the order in which they were made. Several desks on one file see each other's."""

    def __init__(self, database: Database, subject_type: str) -> None:
        self._database, self._kind = database, subject_type
        self._lock = threading.Lock()
        self._read = 0
        self._known: dict[str, list[Document]] = defaultdict(list)

    def of(self, subject: str) -> list[Document]:
        """Decisions on one subject."""
        return list(self.all().get(subject, ()))

    def all(self) -> dict[str, tuple[Document, ...]]:
        """Decisions on every subject."""
        with self._lock:
            rows = self._database.rows(
                "SELECT rowid, body FROM outbox WHERE rowid > ? AND json_extract(body, '$.subject_type') = ?"
                " ORDER BY rowid",
                self._read,
                self._kind,
            )
            for number, body in rows:
                decision = Decision.model_validate_json(body)
                self._known[decision.subject_id].append(decided(decision))
                self._read = number
            return {subject: tuple(listed) for subject, listed in self._known.items()}
