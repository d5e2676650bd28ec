"""The desk's tables from a file of SQLite into an empty PostgreSQL: all or nothing, counted and compared (ADR 063)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from desk import outside
from desk.attachments import Attachments
from desk.commissioning import Commissions
from desk.database import Database
from desk.decisions import ItemDecisions
from desk.filetypes import AttachmentRules
from desk.issuing import Issuing
from desk.people import People
from desk.searches import Searches
from desk.stores import Connection
from desk.touching import Touches
from schemas.errors import HuiyaoError

AT_ONCE = 200
"""Rows of one statement."""
MOVED = ".moved"
"""What the file is called afterwards: a desk that forgot its setting must not go on from it and give numbers twice."""
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
Row = tuple[Any, ...]


class MoveRefused(HuiyaoError):
    """Nothing was moved; the message says why."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of one table in the file, and in PostgreSQL afterwards (of a dry run: now)."""

    table: str
    before: int
    after: int


def plan(source: Path, target: str) -> list[Moved]:
    """What would be moved; writes nothing. Raises MoveRefused, DatabaseUnavailable."""
    _demand_file(source)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as file:
        listed = [(table, _count(file.execute(_counting(table)).fetchall())) for table in _tables(file)]
    there = _present(target)
    _demand_empty(there)
    return [Moved(table, count, there.get(table, 0)) for table, count in listed]


def move(source: Path, target: str) -> list[Moved]:
    """Move every row; the file is renamed afterwards. Raises MoveRefused, DatabaseUnavailable: nothing was moved."""
    _demand_file(source)
    _demand_empty(_present(target))
    with _alone(source):
        pass  # before anything is written: a desk that runs is told to stop
    declared(source).close()  # columns that this version added
    database = declared(target)
    try:
        with _alone(source) as file, database.transaction() as connection:
            made = [_table(file, connection, table) for table in _tables(file)]
            connection.execute(_GO_ON)
    except psycopg.Error as error:
        # The driver's words may quote a row.
        raise MoveRefused(f"PostgreSQL refused a row: {type(error).__name__}", hint="nothing was moved") from error
    finally:
        database.close()
    source.rename(source.with_name(source.name + MOVED))
    return made


_GO_ON = (
    "SELECT setval(pg_get_serial_sequence('audit', 'number'), (SELECT COALESCE(MAX(number), 1) FROM audit),"
    " (SELECT COUNT(*) > 0 FROM audit))"
)
"""The next line of the audit is numbered after the last one moved."""


def declared(address: Path | str) -> Database:
    """A database with every table of the desk as of this version."""
    database = Database(address)
    People(database)
    Issuing(database, {})
    ItemDecisions(database, "")
    Searches(database)
    Commissions(database, "", ())
    Attachments(database, AttachmentRules(Path()))
    Touches(database)
    database.ensure(outside.SCHEMA)
    return database


def _table(file: sqlite3.Connection, connection: Connection, table: str) -> Moved:
    columns = [str(row[1]) for row in file.execute(f"PRAGMA table_info({table})")]
    listed = ", ".join(columns)
    empty = connection.execute(_counting(table)).fetchall()
    if _count(empty):
        raise MoveRefused(f"the target has {_count(empty)} rows in {table}", hint="name an empty database or schema")
    before = _Sum()
    rows = iter(file.execute(f"SELECT {listed} FROM {table}"))  # noqa: S608 - names of the desk's own tables
    while some := [tuple(map(_kept, row)) for row in islice(rows, AT_ONCE)]:
        before.add(some)
        marks = ", ".join([f"({', '.join('?' * len(columns))})"] * len(some))
        values = [value for row in some for value in row]
        connection.execute(f"INSERT INTO {table} ({listed}) VALUES {marks}", values)  # noqa: S608
    after = _Sum()
    after.add(connection.execute(f"SELECT {listed} FROM {table}").fetchall())  # noqa: S608
    if before != after:
        raise MoveRefused(f"{table} is not the same in PostgreSQL", hint="nothing was moved")
    return Moved(table, before.count, after.count)


def _kept(value: Any) -> Any:
    """PostgreSQL keeps no NUL in texts."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


@dataclass(slots=True)
class _Sum:
    """A sum over rows in any order; equal for equal sets."""

    count: int = 0
    total: int = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self.count += 1
            self.total += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest(), "big")


@contextmanager
def _alone(source: Path) -> Iterator[sqlite3.Connection]:
    """The file with nobody else at it, and nobody let in. Raises MoveRefused where a desk has it open."""
    with closing(sqlite3.connect(source, isolation_level=None, timeout=2.0)) as file:
        try:
            file.execute("PRAGMA locking_mode = EXCLUSIVE")
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise MoveRefused("the desk's file is in use", hint="stop the desk: huiyao down") from error
        try:
            yield file
        finally:
            file.execute("ROLLBACK")


def _tables(file: sqlite3.Connection) -> list[str]:
    return [str(name) for (name,) in file.execute(_TABLES)]


def _present(target: str) -> dict[str, int]:
    """Rows of each of the target's tables, by name, without making any. Raises DatabaseUnavailable."""
    from desk.postgres import PostgresStore

    store = PostgresStore(target)
    try:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        names = sorted(str(name) for (name,) in store.rows(query, ()))
        return {name: _count(store.rows(f'SELECT COUNT(*) FROM "{name}"', ())) for name in names}  # noqa: S608
    finally:
        store.close()


def _demand_file(source: Path) -> None:
    if not source.exists():
        raise MoveRefused(f"there is no {source}", hint="the desk has no file to move; --data-dir names another")


def _demand_empty(there: dict[str, int]) -> None:
    full = [f"{table} {count}" for table, count in there.items() if count]
    if full:
        raise MoveRefused(f"the target is not empty: {', '.join(full)}", hint="name an empty database or schema")


def _counting(table: str) -> str:
    return f"SELECT COUNT(*) FROM {table}"  # noqa: S608 - names of the desk's own tables


def _count(rows: Sequence[Row]) -> int:
    return int(rows[0][0])
