"""The desk's own database: receipts, subscriptions, API keys, and the outbox of decisions and issues.

What needs a transaction lives here; everything that counts as a fact goes to Kafka through the outbox.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from desk.stores import Connection, open_store
from schemas.bulletin import Bulletin
from schemas.decision import Decision
from schemas.reminder import PushedReceipt

Found = TypeVar("Found")
SCHEMA = """
CREATE TABLE IF NOT EXISTS receipts (
    item_id TEXT NOT NULL, digest TEXT NOT NULL, receipt TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (item_id, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (id TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS api_keys (digest TEXT PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    decision_id TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT 'decision', subject_type TEXT NOT NULL DEFAULT '', subject_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (sent, at);
CREATE TABLE IF NOT EXISTS silences (id TEXT PRIMARY KEY, body TEXT NOT NULL, ends_at TEXT NOT NULL) WITHOUT ROWID;
"""
SUBJECTS = """
DROP INDEX IF EXISTS outbox_subject;
CREATE INDEX IF NOT EXISTS outbox_of_subject ON outbox (subject_type, subject_id);
"""
"""After the columns are there; the index of before read them out of the body."""


AT_ONCE = 500
"""Subjects asked for in one query."""
OutboxEvent = Decision | Bulletin | PushedReceipt
KINDS: Mapping[str, type[OutboxEvent]] = {"decision": Decision, "bulletin": Bulletin, "receipt": PushedReceipt}
"""What the outbox brings to Kafka, by the name it is kept under."""


class Waiting(NamedTuple):
    """An event on its way; ``event_id`` is unique over all kinds."""

    event_id: str
    event: OutboxEvent


class Database:
    """The desk's tables in one store: a file's path, or ``postgresql://…``."""

    def __init__(self, address: Path | str) -> None:
        self._store = open_store(address)
        self._in_file = isinstance(address, Path)
        self.ensure(SCHEMA)
        self.add_columns("outbox", {"kind": "TEXT NOT NULL DEFAULT 'decision'"})
        subject = dict.fromkeys(("subject_type", "subject_id"), "TEXT NOT NULL DEFAULT ''")
        self.add_columns("outbox", subject, _fill_subjects)
        self.ensure(SUBJECTS)

    def ensure(self, schema: str) -> None:
        """Make the tables of a part of the desk where they are not there yet."""
        with self.transaction() as connection:
            self._store.declare(connection, schema)

    def make(self, table: str, schema: str, fill: Callable[[Connection], None]) -> None:
        """Make a table that databases of before do not have, and what belongs into it: both or neither."""
        with self.transaction() as connection:
            if not self._store.columns(table):
                self._store.declare(connection, schema)
                fill(connection)

    def add_columns(
        self, table: str, columns: Mapping[str, str], fill: Callable[[Connection], None] = lambda _: None
    ) -> None:
        """Add columns (name: definition) that databases of before do not have, and what belongs into them.

        All or nothing, looked at and made in one transaction: two desks may start at once, and one may be killed here.
        """
        with self.transaction() as connection:
            missing = [name for name in columns if name not in self._store.columns(table)]
            for name in missing:
                self._store.declare(connection, f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")
            if missing:
                fill(connection)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds; within a transaction of the same thread also what that has written."""
        return self._store.rows(query, values)

    async def reading(self, work: Callable[..., Found], *given: Any) -> Found:
        """What ``work`` reads here, of a file in the loop: a thread costs more than the few rows that a page reads."""
        return work(*given) if self._in_file else await asyncio.to_thread(work, *given)

    def close(self) -> None:
        """Let go of the file or the connections."""
        self._store.close()

    def transaction(self) -> AbstractContextManager[Connection]:
        """All or nothing; writers take turns, also those of two processes."""
        return self._store.transaction()

    def receipt(self, item_id: str, digest: str) -> str | None:
        """The first receipt of the same submission, as JSON."""
        return self._one("SELECT receipt FROM receipts WHERE item_id = ? AND digest = ?", item_id, digest)

    def keep_receipt(self, item_id: str, digest: str, receipt: str) -> str:
        """Keep a receipt; the first one stays where two come at once. Returns the one that counts."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO receipts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (item_id, digest, receipt, _now())
            )
        return self.receipt(item_id, digest) or receipt

    def add_key(self, key: str, name: str) -> None:
        """Allow an API key; only its hash is kept."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO api_keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (key_digest(key), name, _now())
            )

    def key_name(self, key: str) -> str | None:
        """The name of an API key, None where it is unknown. Looked up by hash, so its timing tells nothing."""
        return self._one("SELECT name FROM api_keys WHERE digest = ?", key_digest(key))

    def subscriptions(self) -> list[str]:
        """All subscriptions as JSON, oldest first."""
        return self._all("SELECT body FROM subscriptions ORDER BY at, id")

    def put_decision(self, decision: Decision) -> None:
        """A decision into the outbox; the same id again changes nothing."""
        with self.transaction() as connection:
            self.keep_decision(connection, decision)

    def keep_decision(self, connection: Connection, decision: Decision) -> None:
        """The same inside a transaction of the caller's."""
        self.keep_event(connection, decision.decision_id, decision, decision.at)

    def keep_event(self, connection: Connection, event_id: str, event: OutboxEvent, at: datetime) -> None:
        """An event into the outbox with what else a transaction writes; the same id again changes nothing."""
        kind = next(name for name, model in KINDS.items() if isinstance(event, model))
        subject = (event.subject_type, event.subject_id) if isinstance(event, Decision) else ("", "")
        connection.execute(
            "INSERT INTO outbox (decision_id, body, at, kind, subject_type, subject_id) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (event_id, event.model_dump_json(), at.isoformat(), kind, *subject),
        )

    def waiting(self, limit: int = 100) -> list[Waiting]:
        """What Kafka has not acknowledged yet, oldest first."""
        query = "SELECT decision_id, kind, body FROM outbox WHERE sent = 0 ORDER BY at, decision_id LIMIT ?"
        return [Waiting(key, KINDS[kind].model_validate_json(body)) for key, kind, body in self.rows(query, limit)]

    def decisions_on(self, subject_type: str, subject_id: str) -> list[Decision]:
        """Decisions made here on one subject, sent or not, oldest first."""
        rows = self._all(
            "SELECT body FROM outbox WHERE subject_type = ? AND subject_id = ? ORDER BY at, decision_id",
            subject_type,
            subject_id,
        )
        return [Decision.model_validate_json(row) for row in rows]

    def decisions_on_all(self, subject_type: str, subject_ids: Sequence[str]) -> dict[str, list[Decision]]:
        """The same for many subjects at once; those without any are left out."""
        found: dict[str, list[Decision]] = {}
        for begin in range(0, len(subject_ids), AT_ONCE):
            ids = subject_ids[begin : begin + AT_ONCE]
            marks = ", ".join("?" * len(ids))
            query = (
                "SELECT body FROM outbox WHERE subject_type = ?"  # noqa: S608 - marks only
                f" AND subject_id IN ({marks}) ORDER BY at, decision_id"
            )
            rows = self._all(query, subject_type, *ids)
            for row in rows:
                decision = Decision.model_validate_json(row)
                found.setdefault(decision.subject_id, []).append(decision)
        return found

    def subjects_since(self, subject_type: str, day: date) -> list[str]:
        """Ids of the subjects of a kind that were decided on here from a day on, sent or not."""
        query = "SELECT DISTINCT subject_id FROM outbox WHERE subject_type = ? AND at >= ? ORDER BY subject_id"
        return self._all(query, subject_type, day.isoformat())

    def decisions_of_kind(self, subject_type: str, known: Collection[str]) -> list[Decision]:
        """Decisions made here on subjects of a kind, sent or not, without those ``known`` by id; in any order."""
        found = self._all("SELECT decision_id FROM outbox WHERE subject_type = ?", subject_type)
        bodies = (self._one("SELECT body FROM outbox WHERE decision_id = ?", one) for one in found if one not in known)
        return [Decision.model_validate_json(body) for body in bodies if body is not None]

    def blank_reasons(self, connection: Connection, subject_type: str, subject_id: str) -> None:
        """Take people's words out of decisions that Kafka has; what waits is sent as it was made."""
        query = "SELECT decision_id, body FROM outbox WHERE sent = 1 AND subject_type = ? AND subject_id = ?"
        for key, body in connection.execute(query, (subject_type, subject_id)).fetchall():
            bare = Decision.model_validate_json(body).model_copy(update={"reason": ""})
            connection.execute("UPDATE outbox SET body = ? WHERE decision_id = ?", (bare.model_dump_json(), key))

    def sent(self, event_id: str) -> None:
        """Kafka has it."""
        with self.transaction() as connection:
            connection.execute("UPDATE outbox SET sent = 1 WHERE decision_id = ?", (event_id,))

    def _one(self, query: str, *values: object) -> str | None:
        found = self._all(query, *values)
        return found[0] if found else None

    def _all(self, query: str, *values: object) -> list[str]:
        return [str(row[0]) for row in self.rows(query, *values)]


def _fill_subjects(connection: Connection) -> None:
    """Of decisions kept before their subjects had columns."""
    for key, body in connection.execute("SELECT decision_id, body FROM outbox").fetchall():
        found = json.loads(body)
        values = (found.get("subject_type", ""), found.get("subject_id", ""), key)
        connection.execute("UPDATE outbox SET subject_type = ?, subject_id = ? WHERE decision_id = ?", values)


def key_digest(key: str) -> str:
    """What is kept of an API key. Keys have 256 bits of chance, so a plain hash cannot be searched."""
    return hashlib.sha256(key.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()
