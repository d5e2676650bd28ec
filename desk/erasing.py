"""What else says something of an item that is erased: instructions on it and requests that came from it (topics)."""

from __future__ import annotations

from collections.abc import Iterable

from desk.database import Database
from desk.decisions import after_all
from desk.stores import Connection
from processors.instructions.model import ERASE, ERASED
from schemas.decision import Decision, SubjectType
from schemas.ids import digest

GIVEN = {"instruction": "instruct", "request": "request"}
"""By type of subject, the decision that carries a topic."""


def erase_topics(database: Database, erased: Decision) -> list[Decision]:
    """Take the topics out of the desk's database, waiting for Kafka or not, and say so by a decision on each subject.

    The decisions are in the outbox when this returns; the same erasure again makes none. The words that leaders and
    editors wrote stay: an order whose words could be lost is none (ADR 060).
    """
    made: list[Decision] = []
    with database.transaction() as connection:
        query = "SELECT decision_id, body FROM outbox WHERE subject_type IN (?, ?) ORDER BY at, decision_id"
        for key, body in connection.execute(query, tuple(GIVEN)).fetchall():
            one = Decision.model_validate_json(body)
            if one.action != GIVEN[one.subject_type] or one.details.get("item_id") != erased.subject_id:
                continue
            _without_topic(connection, str(key), one)
            before = database.decisions_on(one.subject_type, one.subject_id)
            if not any(other.action == ERASE for other in before):
                said = erasure(one.subject_type, one.subject_id, erased, before)
                database.keep_decision(connection, said)
                made.append(said)
    return made


def erasure(subject_type: SubjectType, subject: str, erased: Decision, before: Iterable[Decision] = ()) -> Decision:
    """That the item of a subject is erased; one for each subject."""
    return Decision(
        decision_id=digest(ERASE, subject_type, subject),
        district=erased.district,
        subject_type=subject_type,
        subject_id=subject,
        action="erase",
        by=erased.by,
        at=after_all([*before], erased.at),
        details={"item_id": erased.subject_id},
    )


def _without_topic(connection: Connection, key: str, one: Decision) -> None:
    details = {name: value for name, value in one.details.items() if name != "topic"}
    bare = one.model_copy(update={"details": details})
    connection.execute("UPDATE outbox SET body = ? WHERE decision_id = ?", (bare.model_dump_json(), key))
    if one.subject_type == "request":
        connection.execute("UPDATE commissions SET topic = ? WHERE request = ?", (ERASED, one.subject_id))
