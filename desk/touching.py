"""Incidents that a decision touches beside its subject: who merges one away must not find it merged elsewhere.

The index shows a merge only when the incident worker has carried it out. Until then every decision that touches an
incident stands in a table of the desk's, so that whoever comes second is told, whatever incident they began from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.database import Database
from desk.stores import Connection
from schemas.decision import Decision

SCHEMA = """
CREATE TABLE IF NOT EXISTS incident_touches (
    incident TEXT NOT NULL, decision_id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (incident, decision_id)
) WITHOUT ROWID;
"""
GIVEN_UP_AFTER = timedelta(minutes=10)
"""A decision that the worker has not carried out by then was refused and lies among the dead letters, or the worker is
away and will refuse the second itself: it holds nobody up any longer."""
KEPT = timedelta(days=1)
"""Rows older than this are deleted with the next decision; far beyond what :meth:`Touches.unsettled` looks at."""


class Touches:
    """The table; what is written stands in the transaction that keeps the decision."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.ensure(SCHEMA)

    def note(self, connection: Connection, decision: Decision, incidents: Iterable[str]) -> None:
        """That a decision touches these, beside its subject. Forgets what nobody asks for any more."""
        before = (decision.at - KEPT).astimezone(UTC).isoformat()
        connection.execute("DELETE FROM incident_touches WHERE at < ?", (before,))
        for incident in {decision.subject_id, *incidents}:
            connection.execute(
                "INSERT INTO incident_touches VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (incident, decision.decision_id, decision.at.astimezone(UTC).isoformat()),
            )

    def unsettled(self, acts: Mapping[str, Collection[str]], now: datetime) -> list[Decision]:
        """Decisions that touch one of the incidents and that what was read of it does not show yet, oldest first.

        ``acts``: of each incident the ids of the decisions that it carries.
        """
        since = (now - GIVEN_UP_AFTER).astimezone(UTC).isoformat()
        found: dict[str, Decision] = {}
        for incident, shown in acts.items():
            query = (
                "SELECT body FROM outbox JOIN incident_touches ON outbox.decision_id = incident_touches.decision_id"
                " WHERE incident = ? AND incident_touches.at >= ?"
            )
            made = [Decision.model_validate_json(body) for (body,) in self._database.rows(query, incident, since)]
            found |= {one.decision_id: one for one in made if one.decision_id not in shown}
        return sorted(found.values(), key=lambda one: (one.at, one.decision_id))


def acts_of(document: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the decisions that an incident of the index carries."""
    return frozenset(str(one["decision_id"]) for one in document.get("acts") or ())


def said(decision: Decision, titles: Mapping[str, str]) -> str:
    """A merge in words that name what was merged into what; "" for any other decision."""
    names = decision.details.get("incidents")
    if decision.action != "merge" or not isinstance(names, list):
        return ""
    gone = "、".join(f"“{titles.get(str(one)) or one}”" for one in names)
    return f"把{gone}并入“{titles.get(decision.subject_id) or decision.subject_id}”"
