"""What was used where: which items stand in which issues, as these hold now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.database import Database
from desk.stores import Connection
from processors.arranging import entries_of
from schemas.bulletin import Bulletin
from schemas.vocab import BulletinName

SCHEMA = """
CREATE TABLE IF NOT EXISTS bulletin_items (
    item_id TEXT NOT NULL, name TEXT NOT NULL, period TEXT NOT NULL, issue_number INTEGER NOT NULL, date TEXT NOT NULL,
    PRIMARY KEY (item_id, name, period)
) WITHOUT ROWID;
"""
_ASK = "SELECT item_id, name, issue_number, date FROM bulletin_items WHERE item_id IN"
ASKED = 200
"""Items of one question; a list has fewer."""


@dataclass(frozen=True, slots=True)
class Use:
    """An issue that an item stands in."""

    name: BulletinName
    issue_number: int
    date: str


class Uses:
    """Over the desk's database; kept in the transaction that keeps the issue."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.make("bulletin_items", SCHEMA, self._fill)

    def note(self, connection: Connection, period: str, issue: Bulletin) -> None:
        """What an issue uses as it holds now: an erratum may drop an item, a withdrawal uses none."""
        name = issue.name.value
        connection.execute("DELETE FROM bulletin_items WHERE name = ? AND period = ?", (name, period))
        for item_id in sorted({one for entry in entries_of(issue) for one in entry.item_ids}):
            connection.execute(
                "INSERT INTO bulletin_items (item_id, name, period, issue_number, date) VALUES (?, ?, ?, ?, ?)",
                (item_id, name, period, issue.issue_number or 0, issue.date),
            )

    def of(self, item_ids: Sequence[str]) -> dict[str, list[Use]]:
        """The issues of each item that stands in any, oldest first."""
        found: dict[str, list[Use]] = {}
        for start in range(0, len(item_ids), ASKED):
            some = item_ids[start : start + ASKED]
            marks = ", ".join("?" * len(some))
            query = f"{_ASK} ({marks}) ORDER BY date, name"
            for item_id, name, issue_number, date in self._database.rows(query, *some):
                found.setdefault(item_id, []).append(Use(BulletinName(name), issue_number, date))
        return found

    def _fill(self, connection: Connection) -> None:
        """From the issues of before this table was kept."""
        query = "SELECT period, body FROM bulletin_issues ORDER BY version"
        for period, body in connection.execute(query).fetchall():
            self.note(connection, str(period), Bulletin.model_validate_json(body))
