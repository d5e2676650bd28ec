"""The record of who did what, when and from where: every login, every change of accounts, every decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from desk.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, detail TEXT NOT NULL, address TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_who ON audit (who, number);
"""
_COLUMNS = "number, at, who, action, subject, detail, address"
PAGE = 100
"""Lines on a page."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when and from where. ``number`` rises with every line."""

    number: int
    at: str
    who: str
    action: str
    subject: str
    detail: str
    address: str


class Audit:
    """Lines are only added, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.ensure(SCHEMA)

    def record(self, who: str, action: str, subject: str, detail: str, address: str) -> None:
        """Add a line."""
        values = (datetime.now(UTC).isoformat(), who, action, subject, detail, address)
        query = "INSERT INTO audit (at, who, action, subject, detail, address) VALUES (?, ?, ?, ?, ?, ?)"
        with self._database.transaction() as connection:
            connection.execute(query, values)

    def page(
        self, *, who: str = "", action: str = "", before: int | None = None, limit: int = PAGE
    ) -> list[AuditEntry]:
        """Lines below ``before``, newest first; of one person (as doer or as subject) and of one action where named."""
        held: list[tuple[str, tuple[object, ...]]] = []
        if who:
            held.append(("(who = ? OR subject = ?)", (who, who)))
        if action:
            held.append(("action = ?", (action,)))
        if before is not None:
            held.append(("number < ?", (before,)))
        where = f" WHERE {' AND '.join(clause for clause, _ in held)}" if held else ""
        query = f"SELECT {_COLUMNS} FROM audit{where} ORDER BY number DESC LIMIT ?"  # noqa: S608 - clauses are ours
        values = [value for _, given in held for value in given]
        return [AuditEntry(*row) for row in self._database.rows(query, *values, limit)]

    def actions(self) -> list[str]:
        """Every action that occurs, for the filter."""
        return [str(row[0]) for row in self._database.rows("SELECT DISTINCT action FROM audit ORDER BY action")]
