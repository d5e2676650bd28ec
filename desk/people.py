"""Accounts, sessions, keys and the record of who did what, in the desk's database."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.accounts import Account, Role, check_password, hash_password, password_fits
from desk.database import Database, key_digest
from schemas.errors import FieldError, InvalidItem

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, display TEXT NOT NULL, department TEXT, password TEXT NOT NULL,
    must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, ends TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS login_failures (at TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS login_failures_at ON login_failures (at);
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, detail TEXT NOT NULL, address TEXT NOT NULL
);
"""
SESSION = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
MOST_BY_PAIR, MOST_BY_ADDRESS, MOST_BY_NAME = 5, 30, 200
"""Failures within WINDOW after which a name from one address, an address that several people share, and a name from
anywhere have to wait. The last is far off: whoever sits at one desk must not be able to close another's account."""
NAME = re.compile(r"[a-z][a-z0-9_.-]{1,31}")
FIRST = "admin"
FIRST_KEY = "first"
"""Name of the key that the instance makes for itself; it may do everything."""
_COLUMNS = "name, role, display, department, must_change, disabled"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when and from where."""

    at: str
    who: str
    action: str
    subject: str
    detail: str
    address: str


class TooManyTries(Exception):
    """Too many failed logins; ``wait_s`` until another try counts."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many failed logins; wait {wait_s} s")
        self.wait_s = wait_s


class People:
    """Accounts over the database; every change and every login leaves a line in the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._door = threading.Lock()
        database.ensure(SCHEMA)

    # -- coming and going -----------------------------------------------------------------------------------------

    def login(self, name: str, password: str, address: str) -> str | None:
        """A session's token, None where name and password do not fit. Raises TooManyTries."""
        name = name.strip().casefold()
        # One at a time: tries sent at once would all be checked before the first is counted, each with argon2's 64 MiB.
        with self._door:
            return self._login(name, password, address)

    def _login(self, name: str, password: str, address: str) -> str | None:
        self._check_tries(name, address)
        kept = self._database.rows("SELECT password FROM accounts WHERE name = ? AND disabled = 0", name)
        if not password_fits(password, kept[0][0] if kept else None):
            self._write("INSERT INTO login_failures VALUES (?, ?, ?)", _now(), name[:64], address)
            self.record(name[:64], "login_failed", "", "", address)
            return None
        self._write("DELETE FROM login_failures WHERE name = ? AND address = ?", name, address)
        return self.open_session(name, address)

    def open_session(self, name: str, address: str) -> str:
        """A token for a caller that has shown who it is; only its hash is kept."""
        token = secrets.token_urlsafe(32)
        ends = (datetime.now(UTC) + SESSION).isoformat()
        self._write("DELETE FROM sessions WHERE ends < ?", _now())
        self._write("INSERT INTO sessions VALUES (?, ?, ?)", _digest(token), name, ends)
        self.record(name, "login", "", "", address)
        return token

    def of_session(self, token: str) -> Account | None:
        """Whose session it is, None where it ended or the account is disabled."""
        found = self._database.rows("SELECT name FROM sessions WHERE digest = ? AND ends > ?", _digest(token), _now())
        return self._usable(found[0][0]) if found else None

    def of_key(self, key: str) -> Account | None:
        """Whose API key it is."""
        name = self._database.key_name(key)
        return None if name is None else self._usable(name)

    def logout(self, token: str) -> None:
        """End a session."""
        self._write("DELETE FROM sessions WHERE digest = ?", _digest(token))

    def _check_tries(self, name: str, address: str) -> None:
        since = (datetime.now(UTC) - WINDOW).isoformat()
        self._write("DELETE FROM login_failures WHERE at < ?", since)
        tries = self._database.rows(
            "SELECT at, name, address FROM login_failures WHERE name = ? OR address = ? ORDER BY at", name, address
        )
        for most, counted in (
            (MOST_BY_PAIR, [at for at, whose, place in tries if (whose, place) == (name, address)]),
            (MOST_BY_ADDRESS, [at for at, _, place in tries if place == address]),
            (MOST_BY_NAME, [at for at, whose, _ in tries if whose == name]),
        ):
            if len(counted) >= most:
                opens = datetime.fromisoformat(counted[-most]) + WINDOW
                raise TooManyTries(max(1, round((opens - datetime.now(UTC)).total_seconds())))

    def _usable(self, name: str) -> Account | None:
        if name == FIRST_KEY:
            return Account(FIRST_KEY, Role.ADMIN, "首个密钥")
        account = self.account(name)
        return None if account is None or account.disabled else account

    # -- accounts -------------------------------------------------------------------------------------------------

    def account(self, name: str) -> Account | None:
        """One account."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM accounts WHERE name = ?", name)  # noqa: S608
        return _account(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """All accounts by name."""
        return [_account(row) for row in self._database.rows(f"SELECT {_COLUMNS} FROM accounts ORDER BY name")]  # noqa: S608

    def create(self, account: Account, *, by: str, address: str = "") -> str:
        """A new account; returns its one-time password. Raises InvalidItem."""
        if not NAME.fullmatch(account.name) or account.name == FIRST_KEY:
            said = "账号为2至32位小写字母、数字和 _ . -，以字母开头"
            raise InvalidItem([FieldError("name", "2 to 32 of a-z, 0-9, _ . -, a letter first", said)])
        if (account.role is Role.REPORTER) != (account.department is not None):
            said = "报送员须选择单位，其他角色不选"
            raise InvalidItem([FieldError("department", "reporters have a department, others none", said)])
        password = secrets.token_urlsafe(9)
        row = (
            account.name,
            account.role.value,
            account.display,
            account.department,
            hash_password(password),
            1,
            0,
            _now(),
        )
        with self._database.transaction() as connection:
            made = connection.execute("INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            if made.rowcount == 0:
                raise InvalidItem([FieldError("name", "taken", f"账号“{account.name}”已存在")])
        self.record(by, "account_created", account.name, account.role.value, address)
        return password

    def reset(self, name: str, *, by: str, address: str = "") -> str:
        """A new one-time password; sessions and keys of the account end."""
        password = secrets.token_urlsafe(9)
        self._set_password(name, password, must_change=True)
        self._write("DELETE FROM api_keys WHERE name = ?", name)
        self.record(by, "password_reset", name, "", address)
        return password

    def change_password(self, name: str, old: str, new: str, address: str = "") -> None:
        """A password of the person's own; every session ends. Raises InvalidItem."""
        with self._door:
            self._check_present(name, old, address)
        check_password(new, name)
        if old == new:
            raise InvalidItem([FieldError("password", "is the present one", "新密码与原密码相同")])
        self._set_password(name, new, must_change=False)
        self.record(name, "password_changed", name, "", address)

    def _check_present(self, name: str, password: str, address: str) -> None:
        """A session left open must not be a way to guess the password. Raises InvalidItem."""
        try:
            self._check_tries(name, address)
        except TooManyTries as error:
            said = f"多次输错，请{-(-error.wait_s // 60)}分钟后再试"
            raise InvalidItem([FieldError("old", "too many tries; wait", said)]) from None
        kept = self._database.rows("SELECT password FROM accounts WHERE name = ?", name)
        if not password_fits(password, kept[0][0] if kept else None):
            self._write("INSERT INTO login_failures VALUES (?, ?, ?)", _now(), name, address)
            raise InvalidItem([FieldError("old", "is not the present password", "原密码不对")])

    def disable(self, name: str, disabled: bool, *, by: str, address: str = "") -> None:
        """Close or open an account; sessions end, keys stop. The last administrator stays. Raises InvalidItem."""
        account = self.account(name)
        if account is None:
            raise InvalidItem([FieldError("name", "no such account", "没有这个账号")])
        others = [one for one in self.accounts() if one.role is Role.ADMIN and not one.disabled and one.name != name]
        if disabled and account.role is Role.ADMIN and not others:
            raise InvalidItem([FieldError("name", "the last administrator", "不能停用最后一个管理员")])
        self._write("UPDATE accounts SET disabled = ? WHERE name = ?", int(disabled), name)
        self._write("DELETE FROM sessions WHERE name = ?", name)
        self.record(by, "account_disabled" if disabled else "account_enabled", name, "", address)

    def _set_password(self, name: str, password: str, *, must_change: bool) -> None:
        kept = hash_password(password)
        self._write("UPDATE accounts SET password = ?, must_change = ? WHERE name = ?", kept, int(must_change), name)
        self._write("DELETE FROM sessions WHERE name = ?", name)
        self._write("DELETE FROM login_failures WHERE name = ?", name)

    def first_administrator(self, note: Path) -> bool:
        """Where nobody has an account yet, make ``admin`` and write its one-time password to ``note`` (owner only)."""
        if self.accounts():
            return False
        password = self.create(Account(FIRST, Role.ADMIN, "管理员"), by="setup")
        note.touch(mode=0o600, exist_ok=True)
        note.write_text(f"{password}\n", "utf-8")
        return True

    # -- keys and audit -------------------------------------------------------------------------------------------

    def new_key(self, name: str, address: str = "") -> str:
        """An API key of the account's own; shown once. Earlier ones of the account end."""
        key = secrets.token_urlsafe(32)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM api_keys WHERE name = ?", (name,))
            connection.execute("INSERT INTO api_keys VALUES (?, ?, ?)", (key_digest(key), name, _now()))
        self.record(name, "key_made", name, "", address)
        return key

    def record(self, who: str, action: str, subject: str, detail: str, address: str) -> None:
        """A line of the audit."""
        values = (_now(), who, action, subject, detail, address)
        self._write("INSERT INTO audit (at, who, action, subject, detail, address) VALUES (?, ?, ?, ?, ?, ?)", *values)

    def audit(self, limit: int = 200) -> list[AuditEntry]:
        """The newest lines first."""
        query = "SELECT at, who, action, subject, detail, address FROM audit ORDER BY number DESC LIMIT ?"
        return [AuditEntry(*row) for row in self._database.rows(query, limit)]

    def _write(self, query: str, *values: object) -> None:
        with self._database.transaction() as connection:
            connection.execute(query, values)


def _account(row: tuple[str, ...]) -> Account:
    name, role, display, department, must_change, disabled = row
    return Account(name, Role(role), display, department, bool(must_change), bool(disabled))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()
