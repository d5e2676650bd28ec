"""The desk's own database (SQLite): receipts, subscriptions, API keys, and the outbox of decisions and issues.

What needs a transaction lives here; everything that counts as a fact goes to Kafka through the outbox.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from schemas.bulletin import Bulletin
from schemas.decision import Decision

SCHEMA = """
CREATE TABLE IF NOT EXISTS receipts (
    item_id TEXT NOT NULL, digest TEXT NOT NULL, receipt TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (item_id, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (id TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS api_keys (digest TEXT PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    decision_id TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT 'decision'
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (sent, at);
CREATE INDEX IF NOT EXISTS outbox_subject ON outbox (
    json_extract(body, '$.subject_type'), json_extract(body, '$.subject_id')
);
"""


_KIND_COLUMN = "ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'decision'"
"""For databases of before the outbox carried anything but decisions."""

AT_ONCE = 500
"""Subjects asked for in one query."""
OutboxEvent = Decision | Bulletin
KINDS: Mapping[str, type[OutboxEvent]] = {"decision": Decision, "bulletin": Bulletin}
"""What the outbox brings to Kafka, by the name it is kept under."""


class Waiting(NamedTuple):
    """An event on its way; ``event_id`` is unique over all kinds."""

    event_id: str
    event: OutboxEvent


class Database:
    """One connection, shared by threads under a lock: the desk writes little."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)
        if "kind" not in {row[1] for row in self._connection.execute("PRAGMA table_info(outbox)")}:
            self._connection.execute(_KIND_COLUMN)

    def ensure(self, schema: str) -> None:
        """Make the tables of a part of the desk where they are not there yet."""
        with self._lock:
            self._connection.executescript(schema)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A commit that fails (disk full) may have rolled back by itself, or left the transaction open.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def receipt(self, item_id: str, digest: str) -> str | None:
        """The first receipt of the same submission, as JSON."""
        return self._one("SELECT receipt FROM receipts WHERE item_id = ? AND digest = ?", item_id, digest)

    def keep_receipt(self, item_id: str, digest: str, receipt: str) -> str:
        """Keep a receipt; the first one stays where two come at once. Returns the one that counts."""
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?, ?)", (item_id, digest, receipt, _now()))
        return self.receipt(item_id, digest) or receipt

    def add_key(self, key: str, name: str) -> None:
        """Allow an API key; only its hash is kept."""
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO api_keys VALUES (?, ?, ?)", (key_digest(key), name, _now()))

    def key_name(self, key: str) -> str | None:
        """The name of an API key, None where it is unknown. Looked up by hash, so its timing tells nothing."""
        return self._one("SELECT name FROM api_keys WHERE digest = ?", key_digest(key))

    def save_subscription(self, identifier: str, body: str) -> None:
        """Keep a subscription."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?)", (identifier, body, _now()))

    def subscriptions(self) -> list[str]:
        """All subscriptions as JSON, oldest first."""
        return self._all("SELECT body FROM subscriptions ORDER BY at, id")

    def put_decision(self, decision: Decision) -> None:
        """A decision into the outbox; the same id again changes nothing."""
        with self.transaction() as connection:
            self.keep_decision(connection, decision)

    def keep_decision(self, connection: sqlite3.Connection, decision: Decision) -> None:
        """The same inside a transaction of the caller's."""
        self.keep_event(connection, decision.decision_id, decision, decision.at)

    def keep_event(self, connection: sqlite3.Connection, event_id: str, event: OutboxEvent, at: datetime) -> None:
        """An event into the outbox with what else a transaction writes; the same id again changes nothing."""
        kind = next(name for name, model in KINDS.items() if isinstance(event, model))
        connection.execute(
            "INSERT OR IGNORE INTO outbox (decision_id, body, at, kind) VALUES (?, ?, ?, ?)",
            (event_id, event.model_dump_json(), at.isoformat(), kind),
        )

    def waiting(self, limit: int = 100) -> list[Waiting]:
        """What Kafka has not acknowledged yet, oldest first."""
        query = "SELECT decision_id, kind, body FROM outbox WHERE sent = 0 ORDER BY at, decision_id LIMIT ?"
        return [Waiting(key, KINDS[kind].model_validate_json(body)) for key, kind, body in self.rows(query, limit)]

    def decisions_on(self, subject_type: str, subject_id: str) -> list[Decision]:
        """Decisions made here on one subject, sent or not, oldest first."""
        rows = self._all(
            "SELECT body FROM outbox WHERE json_extract(body, '$.subject_type') = ?"
            " AND json_extract(body, '$.subject_id') = ? ORDER BY at, decision_id",
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
                "SELECT body FROM outbox WHERE json_extract(body, '$.subject_type') = ?"  # noqa: S608 - marks only
                f" AND json_extract(body, '$.subject_id') IN ({marks}) ORDER BY at, decision_id"
            )
            rows = self._all(query, subject_type, *ids)
            for row in rows:
                decision = Decision.model_validate_json(row)
                found.setdefault(decision.subject_id, []).append(decision)
        return found

    def decisions_of_kind(self, subject_type: str, known: Collection[str]) -> list[Decision]:
        """Decisions made here on subjects of a kind, sent or not, without those ``known`` by id; in any order."""
        found = self._all("SELECT decision_id FROM outbox WHERE json_extract(body, '$.subject_type') = ?", subject_type)
        bodies = (self._one("SELECT body FROM outbox WHERE decision_id = ?", one) for one in found if one not in known)
        return [Decision.model_validate_json(body) for body in bodies if body is not None]

    def sent(self, event_id: str) -> None:
        """Kafka has it."""
        with self.transaction() as connection:
            connection.execute("UPDATE outbox SET sent = 1 WHERE decision_id = ?", (event_id,))

    def _one(self, query: str, *values: object) -> str | None:
        with self._lock:
            row = self._connection.execute(query, values).fetchone()
        return None if row is None else str(row[0])

    def _all(self, query: str, *values: object) -> list[str]:
        with self._lock:
            return [str(row[0]) for row in self._connection.execute(query, values).fetchall()]


def key_digest(key: str) -> str:
    """What is kept of an API key. Keys have 256 bits of chance, so a plain hash cannot be searched."""
    return hashlib.sha256(key.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()
