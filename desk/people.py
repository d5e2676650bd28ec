"""Accounts, sessions and keys in the desk's database."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk import whence
from desk.accounts import Account, Role, check_password, hash_password, once, password_fits
from desk.audit import Audit
from desk.database import Database, key_digest
from desk.stores import Connection
from desk.tries import TooManyTries, Tries
from schemas.errors import FieldError, InvalidItem

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, display TEXT NOT NULL, department TEXT, password TEXT NOT NULL,
    must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL,
    expires TEXT NOT NULL DEFAULT '', mark TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, ends TEXT NOT NULL
) WITHOUT ROWID;
"""
SESSION = timedelta(hours=12)
ONE_TIME = timedelta(hours=72)
"""How long a one-time password may wait to be changed, where the settings say nothing else."""
NAME = re.compile(r"[a-z][a-z0-9_.-]{1,31}")
FIRST = "admin"
FIRST_KEY = "first"
"""Name of the key that the instance makes for itself; it may do everything."""
FIRST_KEY_SHOWN = "首个密钥"
NOBODYS = {FIRST_KEY: FIRST_KEY_SHOWN, "setup": "系统启动", "oidc": "外部登录"}
"""Names in the record that are no account's."""
_COLUMNS = "name, role, display, department, must_change, disabled, expires"


_NOT_PRESENT = FieldError("old", "is not the present password", "原密码不对")


class PasswordExpired(Exception):
    """The one-time password fits, but nobody changed it in time."""


class People:
    """Accounts over the database; every change and every login leaves a line in the audit."""

    def __init__(self, database: Database, one_time: timedelta = ONE_TIME) -> None:
        self._database, self._one_time = database, one_time
        self._door = threading.Lock()
        database.ensure(SCHEMA)
        self.log = Audit(database)
        self._tries = Tries(database)
        database.add_columns("accounts", {"mark": "TEXT NOT NULL DEFAULT ''"})
        database.add_columns("accounts", {"expires": "TEXT NOT NULL DEFAULT ''"}, self._fill_expiries)

    # -- coming and going -----------------------------------------------------------------------------------------

    def login(self, name: str, password: str, address: str) -> str | None:
        """A session's token, None where name and password do not fit. Raises TooManyTries, PasswordExpired."""
        name = name.strip().casefold()
        # One at a time: tries sent at once would all be checked before the first is counted, each with argon2's 64 MiB.
        with self._door:
            return self._login(name, password, address)

    def _login(self, name: str, password: str, address: str) -> str | None:
        self._tries.check(name, address)
        query = "SELECT password, must_change, expires FROM accounts WHERE name = ? AND disabled = 0"
        kept = self._database.rows(query, name)
        if not password_fits(password, kept[0][0] if kept else None):
            self._tries.failed(name, address)
            self.record(name[:64], "login_failed", "", "", address)
            return None
        if _expired(bool(kept[0][1]), kept[0][2]):
            self.record(name, "login_expired", "", "", address)
            raise PasswordExpired(name)
        self._tries.forget(name, address)
        return self._session(name, address, "", fitted=kept[0][0])

    def open_session(self, name: str, address: str, detail: str = "") -> str:
        """A token for a caller that has shown who it is; only its hash is kept. ``detail``: how, for the audit."""
        token = self._session(name, address, detail)
        assert token is not None
        return token

    def _session(self, name: str, address: str, detail: str, *, fitted: str | None = None) -> str | None:
        """``fitted``: the hash that the password was found to fit; None where it was changed or closed meanwhile, or
        this session would outlive the reset that ends all others."""
        token = secrets.token_urlsafe(32)
        ends = (datetime.now(UTC) + SESSION).isoformat()
        with self._database.transaction() as connection:
            if fitted is not None and not self._holds(name, fitted):
                return None
            connection.execute("DELETE FROM sessions WHERE ends < ?", (_now(),))
            connection.execute(
                "INSERT INTO sessions (digest, name, ends) VALUES (?, ?, ?)", (_digest(token), name, ends)
            )
        self.record(name, "login", "", detail, address)
        return token

    def _holds(self, name: str, kept: str) -> bool:
        query = "SELECT name FROM accounts WHERE name = ? AND password = ? AND disabled = 0"
        return bool(self._database.rows(query, name, kept))

    def of_session(self, token: str) -> Account | None:
        """Whose session it is, None where it ended or the account is disabled."""
        found = self._database.rows("SELECT name FROM sessions WHERE digest = ? AND ends > ?", _digest(token), _now())
        return self._usable(found[0][0]) if found else None

    def of_key(self, key: str) -> Account | None:
        """Whose API key it is."""
        name = self._database.key_name(key)
        return None if name is None else self._usable(name)

    def enter(self, account: Account, address: str) -> str:
        """A session for somebody who logged in at a provider outside; a password for once is no longer waited for."""
        if account.must_change:
            self._set_password(account.name, secrets.token_urlsafe(32))
        return self.open_session(account.name, address, "oidc")

    def logout(self, token: str) -> None:
        """End a session."""
        self._write("DELETE FROM sessions WHERE digest = ?", _digest(token))

    def _usable(self, name: str) -> Account | None:
        if name == FIRST_KEY:
            return Account(FIRST_KEY, Role.ADMIN, FIRST_KEY_SHOWN)
        account = self.account(name)
        return None if account is None or account.disabled or account.expired else account

    # -- accounts -------------------------------------------------------------------------------------------------

    def account(self, name: str) -> Account | None:
        """One account."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM accounts WHERE name = ?", name)  # noqa: S608
        return _account(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """All accounts by name."""
        return [_account(row) for row in self._database.rows(f"SELECT {_COLUMNS} FROM accounts ORDER BY name")]  # noqa: S608

    def of_mark(self, mark: str) -> Account | None:
        """The account of whoever has this mark at the provider outside."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM accounts WHERE mark = ?", mark)  # noqa: S608
        return _account(rows[0]) if mark and rows else None

    def mark_of(self, name: str) -> str:
        """The mark of an account at the provider outside; empty where none is set."""
        rows = self._database.rows("SELECT mark FROM accounts WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def set_mark(self, name: str, mark: str, *, by: str, address: str = "") -> None:
        """Say who at the provider outside has this account; empty: nobody. Raises InvalidItem where another has it."""
        with self._database.transaction() as connection:
            self._demand(name)
            other = self.of_mark(mark)
            if other is not None and other.name != name:
                said = f"这个标识已属于账号“{other.name}”"
                raise InvalidItem([FieldError("mark", "is another account's", said)])
            connection.execute("UPDATE accounts SET mark = ? WHERE name = ?", (mark, name))
        self.record(by, "mark_set", name, mark, address)

    def shown_names(self) -> dict[str, str]:
        """What pages call people, by login name; the instance's own key too."""
        rows = self._database.rows("SELECT name, display FROM accounts")
        return {name: display or name for name, display in rows} | NOBODYS

    def create(self, account: Account, *, by: str, address: str = "", mark: str = "") -> str:
        """A new account; returns its one-time password. ``mark``: at the provider outside. Raises InvalidItem."""
        if not NAME.fullmatch(account.name) or account.name == FIRST_KEY:
            said = "账号为2至32位小写字母、数字和 _ . -，以字母开头"
            raise InvalidItem([FieldError("name", "2 to 32 of a-z, 0-9, _ . -, a letter first", said)])
        _check_department(account.role, account.department)
        password = once()
        row = (
            account.name, account.role.value, account.display, account.department, hash_password(password), _now(),
            self._expiry(), mark,
        )  # fmt: skip
        with self._database.transaction() as connection:
            if mark and self.of_mark(mark) is not None:
                raise InvalidItem([FieldError("mark", "is another account's", "这个标识已属于别的账号")])
            made = connection.execute(
                "INSERT INTO accounts (name, role, display, department, password, at, expires, mark, must_change,"
                " disabled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 0) ON CONFLICT DO NOTHING",
                row,
            )
            if made.rowcount == 0:
                raise InvalidItem([FieldError("name", "taken", f"账号“{account.name}”已存在")])
        self.record(by, "account_created", account.name, account.role.value, address)
        if mark:
            self.record(by, "mark_set", account.name, mark, address)
        return password

    def reset(self, name: str, *, by: str, address: str = "") -> str:
        """A new one-time password; sessions and keys of the account end."""
        password = once()
        self._set_password(name, password, expires=self._expiry(), keys=True)
        self.record(by, "password_reset", name, "", address)
        return password

    def change_password(self, name: str, old: str, new: str, address: str = "") -> None:
        """A password of the person's own; every session ends. Raises InvalidItem."""
        with self._door:
            present = self._check_present(name, old, address)
        check_password(new, name)
        if old == new:
            raise InvalidItem([FieldError("password", "is the present one", "新密码与原密码相同")])
        if not self._set_password(name, new, instead_of=present):
            raise InvalidItem([_NOT_PRESENT])  # an administrator has reset it meanwhile: that is the one that counts
        self.record(name, "password_changed", name, "", address)

    def _check_present(self, name: str, password: str, address: str) -> str:
        """The hash that the present password fits; a session left open must not be a way to guess it. Raises
        InvalidItem."""
        try:
            self._tries.check(name, address)
        except TooManyTries as error:
            said = f"多次输错，请{-(-error.wait_s // 60)}分钟后再试"
            raise InvalidItem([FieldError("old", "too many tries; wait", said)]) from None
        kept = self._database.rows("SELECT password FROM accounts WHERE name = ?", name)
        if not password_fits(password, kept[0][0] if kept else None):
            self._tries.failed(name, address)
            raise InvalidItem([_NOT_PRESENT])
        return str(kept[0][0])

    def disable(self, name: str, disabled: bool, *, by: str, address: str = "") -> None:
        """Close or open an account; sessions end, keys stop. The last administrator stays. Raises InvalidItem."""
        with self._database.transaction() as connection:
            account = self._demand(name)
            if disabled:
                self._not_the_last(account)
            connection.execute("UPDATE accounts SET disabled = ? WHERE name = ?", (int(disabled), name))
            connection.execute("DELETE FROM sessions WHERE name = ?", (name,))
        self.record(by, "account_disabled" if disabled else "account_enabled", name, "", address)

    def change_role(self, name: str, role: Role, department: str | None, *, by: str, address: str = "") -> None:
        """Another role. The last administrator keeps it. Raises InvalidItem."""
        _check_department(role, department)
        with self._database.transaction() as connection:
            account = self._demand(name)
            if role is not Role.ADMIN:
                self._not_the_last(account)
            values = (role.value, department, name)
            connection.execute("UPDATE accounts SET role = ?, department = ? WHERE name = ?", values)
        self.record(by, "role_changed", name, f"{account.role.value} → {role.value}", address)

    def _demand(self, name: str) -> Account:
        account = self.account(name)
        if account is None:
            raise InvalidItem([FieldError("name", "no such account", "没有这个账号")])
        return account

    def _not_the_last(self, account: Account) -> None:
        """Inside the transaction that takes the right away: of two at once the second sees what the first did."""
        if account.role is not Role.ADMIN or account.disabled:
            return
        # One whose one-time password ran out cannot come in, and only another administrator could reset it.
        others = [one for one in self.accounts() if one.role is Role.ADMIN and not (one.disabled or one.expired)]
        if not [one for one in others if one.name != account.name]:
            said = "这是最后一个启用的管理员，不能停用，也不能改为其他角色"
            raise InvalidItem([FieldError("name", "the last administrator", said)])

    def _set_password(
        self, name: str, password: str, *, expires: str = "", keys: bool = False, instead_of: str | None = None
    ) -> bool:
        """A password, and the end of every session, or of ``keys`` too. ``expires``: of a one-time password; empty for
        the person's own. ``instead_of``: the hash it replaces; False where that is no longer the present one."""
        kept = hash_password(password)
        with self._database.transaction() as connection:
            if instead_of is not None and not self._holds(name, instead_of):
                return False
            query = "UPDATE accounts SET password = ?, must_change = ?, expires = ? WHERE name = ?"
            connection.execute(query, (kept, int(bool(expires)), expires, name))
            connection.execute("DELETE FROM sessions WHERE name = ?", (name,))
            if keys:
                connection.execute("DELETE FROM api_keys WHERE name = ?", (name,))
        self._tries.forget(name)
        return True

    def first_administrator(self, note: Path) -> bool:
        """Where nobody has an account yet, make ``admin`` and write its one-time password to ``note`` (owner only).

        One that nobody used in time is renewed at the next start: whoever reads the note owns the machine.
        """
        first = self.account(FIRST)
        if first is not None and first.expired and note.exists():
            password = self.reset(FIRST, by="setup")
        elif not self.accounts():
            try:
                password = self.create(Account(FIRST, Role.ADMIN, "管理员"), by="setup")
            except InvalidItem:
                return False  # another desk on the same database was quicker; its note has the password
        else:
            return False
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

    def record(self, who: str, action: str, subject: str, detail: str = "", address: str = "") -> None:
        """A line of the audit; where no ``address`` is given, from where the request came that is being answered."""
        self.log.record(who, action, subject, detail, address or whence.address())

    def _expiry(self) -> str:
        return (datetime.now(UTC) + self._one_time).isoformat()

    def _fill_expiries(self, connection: Connection) -> None:
        """Accounts of before get a term too."""
        connection.execute("UPDATE accounts SET expires = ? WHERE must_change = 1", (self._expiry(),))

    def _write(self, query: str, *values: object) -> None:
        with self._database.transaction() as connection:
            connection.execute(query, values)


def _check_department(role: Role, department: str | None) -> None:
    if (role is Role.REPORTER) != (department is not None):
        said = "报送员须选择单位，其他角色不选"
        raise InvalidItem([FieldError("department", "reporters have a department, others none", said)])


def _account(row: tuple[str, ...]) -> Account:
    name, role, display, department, must_change, disabled, expires = row
    expired = _expired(bool(must_change), expires)
    return Account(name, Role(role), display, department, bool(must_change), bool(disabled), expired)


def _expired(must_change: bool, expires: str) -> bool:
    return must_change and bool(expires) and expires < _now()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()
