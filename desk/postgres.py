"""PostgreSQL as the desk's store (ADR 063)."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict

from desk.stores import Connection, Cursor, Row
from schemas.errors import DatabaseUnavailable

CONNECT_S = 5
SESSION = (
    "SET TIME ZONE 'UTC'",
    "SET default_transaction_isolation = 'read committed'",
    "SET lock_timeout = '15s'",
    "SET statement_timeout = '30s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)
"""A desk that hangs with the lock in its hand must not close the desk to everybody."""
ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtext('huiyao desk'), hashtext(current_schema()))"
"""What ``BEGIN IMMEDIATE`` is in SQLite: until the transaction ends nobody else who writes for this desk goes on. Taken
before anything is read, so that every statement sees what the writer before has committed."""
_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?"
log = structlog.get_logger("desk.postgres")


class PostgresStore:
    """Two connections, each under a lock: one for transactions, one for reading, which so never waits for a writer."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._where = _shown(address)
        self._writing, self._reading = threading.RLock(), threading.Lock()
        self._mine = threading.local()
        self._open: list[psycopg.Connection[Row]] = []
        # Whoever forgets to close a store leaves no session behind on the server.
        weakref.finalize(self, _close_all, self._open)
        self._writer, self._reader = self._connect(), self._connect()

    def declare(self, connection: Connection, schema: str) -> None:
        """See :class:`desk.stores.Store`."""
        connection.execute(declared(schema))

    def columns(self, table: str) -> frozenset[str]:
        """See :class:`desk.stores.Store`."""
        return frozenset(row[0] for row in self.rows(_COLUMNS, (table,)))

    def rows(self, query: str, values: Sequence[object]) -> list[Row]:
        """See :class:`desk.stores.Store`. A connection that broke meanwhile is made anew once."""
        if getattr(self._mine, "open", False):
            return _Translating(self._writer).execute(query, values).fetchall()
        with self._reading, self._mapped():
            try:
                return self._read(query, values)
            except psycopg.OperationalError:
                if not self._reader.closed:
                    raise
                self._reader = self._connect()
                return self._read(query, values)

    def _read(self, query: str, values: Sequence[object]) -> list[Row]:
        return _Translating(self._reader).execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """See :class:`desk.stores.Store`; an advisory lock lets one writer of this desk in, of all processes."""
        with self._writing, self._mapped():
            assert not getattr(self._mine, "open", False), "a transaction within a transaction"
            self._begin()
            self._mine.open = True
            try:
                yield _Translating(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if not self._writer.closed:
                    self._writer.execute("ROLLBACK")
                raise
            finally:
                self._mine.open = False

    def _begin(self) -> None:
        """Nothing is written yet, so a connection that broke meanwhile may be made anew."""
        if self._writer.closed:
            self._writer = self._connect()
        try:
            self._writer.execute("BEGIN")
        except psycopg.OperationalError:
            self._writer = self._connect()
            self._writer.execute("BEGIN")
        try:
            self._writer.execute(ONE_WRITER)
        except psycopg.Error:
            if not self._writer.closed:
                self._writer.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """See :class:`desk.stores.Store`."""
        with self._writing, self._reading:
            _close_all(self._open)

    def _connect(self) -> psycopg.Connection[Row]:
        with self._mapped():
            connection = psycopg.connect(
                self._address, autocommit=True, connect_timeout=CONNECT_S, application_name="huiyao desk"
            )
            self._open.append(connection)
            for setting in SESSION:
                connection.execute(setting)
            for broken in [one for one in self._open if one.closed]:
                broken.close()
                self._open.remove(broken)
            return connection

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """The driver's words may quote the address with its password; ours name the place only."""
        try:
            yield
        except psycopg.OperationalError as error:
            log.warning("postgres.away", where=self._where, reason=type(error).__name__)
            said = f"PostgreSQL at {self._where} does not answer: {type(error).__name__}"
            raise DatabaseUnavailable(said, hint="see desk.database in the settings") from error


def _close_all(connections: list[psycopg.Connection[Row]]) -> None:
    for connection in connections:
        connection.close()


class _Translating:
    """A connection that takes statements as the desk writes them."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Cursor:
        """See :class:`desk.stores.Connection`."""
        # Without values nothing is replaced, and a script of several statements is taken.
        return self._connection.execute(asked(query), [_plain(one) for one in values] if values else None)


@lru_cache(maxsize=256)
def asked(query: str) -> str:
    """A statement with the driver's marks for values."""
    if "?" not in query:
        return query
    return query.replace("%", "%%").replace("?", "%s")


_DECLARED: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\)\s*WITHOUT ROWID"), ")"),
    (re.compile(r"INTEGER PRIMARY KEY AUTOINCREMENT"), "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    # Times are compared as texts and so must order as bytes do, whatever language the server sorts by.
    (re.compile(r"\bTEXT\b"), 'TEXT COLLATE "C"'),
)


def declared(schema: str) -> str:
    """The declaration of tables in PostgreSQL's words."""
    for pattern, replacement in _DECLARED:
        schema = pattern.sub(replacement, schema)
    return schema


def _plain(value: object) -> object:
    """PostgreSQL keeps no NUL in texts; a form can carry one."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def _shown(address: str) -> str:
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError as error:
        raise DatabaseUnavailable(
            "desk.database is not an address", hint="write postgresql://user:password@host:5432/database"
        ) from error
    return f"{parts.get('host') or 'localhost'}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"
