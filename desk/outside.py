"""People who log in at a provider outside: their way there and back, and whose account they have here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.accounts import Account, Right, Role
from desk.database import Database
from desk.oidc import Advice, OidcRefused, OidcRules
from desk.people import NAME, People
from schemas.errors import InvalidItem

SCHEMA = """
CREATE TABLE IF NOT EXISTS oidc_ways (
    state TEXT PRIMARY KEY, browser TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL, target TEXT NOT NULL,
    ends TEXT NOT NULL
) WITHOUT ROWID;
"""
LASTS = timedelta(minutes=10)
"""From the login page to the provider and back."""
VALUE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Way:
    """One login on its way. ``browser``: kept in its cookie, so that nobody else's answer is taken for its own."""

    state: str
    browser: str
    nonce: str
    verifier: str
    target: str


class Outside:
    """Ways and accounts over the desk's database. ``resolve``: the id of a department by its name or id, else None."""

    def __init__(
        self, database: Database, people: People, rules: OidcRules, resolve: Callable[[str], str | None]
    ) -> None:
        self._database, self._people, self._rules, self._resolve = database, people, rules, resolve
        database.ensure(SCHEMA)

    def begin(self, target: str) -> Way:
        """Remember a login that goes out."""
        state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        way = Way(state, browser, nonce, verifier, target)
        now = datetime.now(UTC)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM oidc_ways WHERE ends < ?", (now.isoformat(),))
            values = (_digest(way.state), _digest(way.browser), way.nonce, way.verifier, target)
            connection.execute("INSERT INTO oidc_ways VALUES (?, ?, ?, ?, ?, ?)", (*values, (now + LASTS).isoformat()))
        return way

    def take(self, state: str, browser: str) -> Way:
        """The login that comes back, once. Raises OidcRefused."""
        query = "SELECT browser, nonce, verifier, target FROM oidc_ways WHERE state = ? AND ends > ?"
        with self._database.transaction() as connection:
            row = connection.execute(query, (_digest(state), datetime.now(UTC).isoformat())).fetchone()
            connection.execute("DELETE FROM oidc_ways WHERE state = ?", (_digest(state),))
        if row is None:
            raise OidcRefused("state is unknown, used or too old", "这次登录已用过，或超过了10分钟")
        if not secrets.compare_digest(str(row[0]), _digest(browser)):
            raise OidcRefused("state is another browser's", "不是从这个浏览器开始的登录")
        return Way(state, browser, str(row[1]), str(row[2]), str(row[3]))

    def account(self, claims: Mapping[str, Any], address: str) -> Account:
        """The account of a person: by the mark an administrator has set, else by its name. Raises OidcRefused.

        By name alone nobody becomes an administrator: whoever gives names at the provider would give that right too.
        """
        value = str(claims.get(self._rules.claim) or "").strip()
        if not value or len(value) > VALUE_LIMIT:
            raise OidcRefused(f"no claim {self._rules.claim}", f"对方没有给出 {self._rules.claim}")
        if self._rules.claim == "email" and claims.get("email_verified") is not True:
            raise OidcRefused("the mail address is not verified", "对方没有核实过这个邮箱")
        found = self._known(value)
        if found is None and self._rules.create_role is not None:
            found = self._create(value, claims, address)
        if found is None:
            raise _no_account(value)
        if found.disabled:
            said = f"账号 {found.name} 已停用"
            raise OidcRefused(f"the account {found.name} is closed", said, Advice.CLOSED)
        return found

    def _known(self, value: str) -> Account | None:
        return self._people.of_mark(value) or self._named(value)

    def _named(self, value: str) -> Account | None:
        found = self._people.account(value.casefold())
        if found is None or self._people.mark_of(found.name):
            return None  # one with a mark is somebody else's
        return None if found.may(Right.ADMINISTER) else found

    def _create(self, value: str, claims: Mapping[str, Any], address: str) -> Account | None:
        role, name = self._rules.create_role, value.casefold()
        if role is None or not NAME.fullmatch(name) or self._people.account(name) is not None:
            return None
        department = (
            self._resolve(str(claims.get(self._rules.department_claim) or "")) if self._rules.department_claim else None
        )
        display = str(claims.get("name") or "")[:64]
        made = Account(name, role, display, department if role is Role.REPORTER else None)
        try:
            self._people.create(made, by="oidc", address=address, mark=value)
        except InvalidItem as error:
            found = self._known(value)  # the person came in twice at once, and the other was quicker
            if found is None:
                raise _no_account(value) from error
            return found
        return self._people.account(name)


def _no_account(value: str) -> OidcRefused:
    shown = value[:64]
    said = f"没有标识或账号为“{shown}”的账号（管理员只按标识对应）"
    return OidcRefused(f"no account for {shown!r}", said, Advice.NO_ACCOUNT)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
