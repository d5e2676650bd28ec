"""Failed logins and how long they close a name or an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS login_failures (at TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS login_failures_at ON login_failures (at);
"""
WINDOW = timedelta(minutes=15)
MOST_BY_PAIR, MOST_BY_ADDRESS, MOST_BY_NAME = 5, 30, 200
"""Failures within WINDOW after which a name from one address, an address that several people share, and a name from
anywhere have to wait. The last is far off: whoever sits at one desk must not be able to close another's account."""


class TooManyTries(Exception):
    """Too many failed logins; ``wait_s`` until another try counts."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many failed logins; wait {wait_s} s")
        self.wait_s = wait_s


class Tries:
    """Failures over the desk's database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.ensure(SCHEMA)

    def check(self, name: str, address: str) -> None:
        """Raises TooManyTries where another try has to wait."""
        # Only looked at: whoever is shut out must not be able to make the database write.
        tries = self._database.rows(
            "SELECT at, name, address FROM login_failures WHERE (name = ? OR address = ?) AND at >= ? ORDER BY at",
            name,
            address,
            (datetime.now(UTC) - WINDOW).isoformat(),
        )
        for most, counted in (
            (MOST_BY_PAIR, [at for at, whose, place in tries if (whose, place) == (name, address)]),
            (MOST_BY_ADDRESS, [at for at, _, place in tries if place == address]),
            (MOST_BY_NAME, [at for at, whose, _ in tries if whose == name]),
        ):
            if len(counted) >= most:
                opens = datetime.fromisoformat(counted[-most]) + WINDOW
                raise TooManyTries(max(1, round((opens - datetime.now(UTC)).total_seconds())))

    def failed(self, name: str, address: str) -> None:
        """One more failure; those that no longer count go."""
        now = datetime.now(UTC)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM login_failures WHERE at < ?", ((now - WINDOW).isoformat(),))
            values = (now.isoformat(), name, address)
            connection.execute("INSERT INTO login_failures (at, name, address) VALUES (?, ?, ?)", values)

    def forget(self, name: str, address: str | None = None) -> None:
        """A login that fitted: the failures of the name from there, or from everywhere, no longer count."""
        if address is None:
            self._write("DELETE FROM login_failures WHERE name = ?", name)
        else:
            self._write("DELETE FROM login_failures WHERE name = ? AND address = ?", name, address)

    def _write(self, query: str, *values: object) -> None:
        with self._database.transaction() as connection:
            connection.execute(query, values)
