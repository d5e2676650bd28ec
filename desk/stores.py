"""Where the desk's tables are: a file of SQLite, or PostgreSQL by address. The same statements for both.

Statements are written once, with ``?`` for values, in the SQL that both understand (``ON CONFLICT``, no functions of
one engine). What differs is here: how tables are declared, and that one writer goes at a time.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]
OWNER_ONLY = 0o600


class Cursor(Protocol):
    """What a statement found or changed."""

    @property
    def rowcount(self) -> int:
        """Rows changed."""
        ...

    def fetchone(self) -> Any:
        """The next row, None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows left."""
        ...


class Connection(Protocol):
    """What a transaction works with."""

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""
        ...


class Store(Protocol):
    """One engine. Thread-safe; a thread sees its own open transaction in ``rows``."""

    def declare(self, connection: Connection, schema: str) -> None:
        """Within a transaction: statements that declare tables, columns and indices, parted by semicolons."""
        ...

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table; none where there is no table."""
        ...

    def rows(self, query: str, values: Sequence[object]) -> list[Row]:
        """What a query finds."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """All or nothing, and no other writer in between, also not one of another process."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class SqliteStore:
    """Two connections to a file, each under a lock: one for transactions, one for reading, which so never waits until
    what another thread writes is on the disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=OWNER_ONLY, exist_ok=True)
        with suppress(PermissionError):  # of another account, which has to see to it
            path.chmod(OWNER_ONLY)  # hashes of passwords and what people decided; SQLite's further files follow it
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock, self._reading = threading.RLock(), threading.Lock()
        self._writer: int | None = None
        """The thread whose transaction is open."""
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._reader.execute("PRAGMA query_only = ON")

    def declare(self, connection: Connection, schema: str) -> None:
        """See :class:`Store`; ``executescript`` would commit first."""
        for statement in schema.split(";"):
            if statement.strip():
                connection.execute(statement)

    def columns(self, table: str) -> frozenset[str]:
        """See :class:`Store`."""
        with self._lock:
            return frozenset(row[1] for row in self._connection.execute(f"PRAGMA table_info({table})"))

    def rows(self, query: str, values: Sequence[object]) -> list[Row]:
        """See :class:`Store`."""
        if self._writer == threading.get_ident():
            return self._connection.execute(query, values).fetchall()
        with self._reading:
            return self._reader.execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """See :class:`Store`; SQLite's write lock (``BEGIN IMMEDIATE``) lets one writer in, of all processes."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._writer = threading.get_ident()
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A commit that fails (disk full) may have rolled back by itself, or left the transaction open.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._writer = None

    def close(self) -> None:
        """See :class:`Store`."""
        with self._lock, self._reading:
            self._reader.close()
            self._connection.close()


def open_store(address: Path | str) -> Store:
    """A file's path, or ``postgresql://…``. Raises DatabaseUnavailable."""
    if isinstance(address, Path):
        return SqliteStore(address)
    from desk.postgres import PostgresStore  # only where it is asked for: the driver takes its time to load

    return PostgresStore(address)
