"""Passwords, rights, sessions, limits: what a person may do and what a stranger may not."""

from __future__ import annotations

import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from desk.accounts import Account, Right, Role, check_password, hash_password, password_fits
from desk.database import Database
from desk.people import PasswordExpired, People
from desk.tries import MOST_BY_ADDRESS, MOST_BY_PAIR, TooManyTries
from schemas.errors import InvalidItem
from tests.unit.desk.conftest import REAL_HASHER

GOOD = "Luzhu-shan-4417"
HERE = "127.0.0.1"


@pytest.fixture
def people(address: Path | str) -> People:
    return People(Database(address))


def with_password(people: People, name: str, role: Role = Role.EDITOR, department: str | None = None) -> None:
    once = people.create(Account(name, role, department=department), by="admin")
    people.change_password(name, once, GOOD)


def test_only_its_own_password_fits() -> None:
    kept = hash_password(GOOD)
    assert GOOD not in kept
    assert kept.startswith("$argon2id$")
    assert REAL_HASHER.memory_cost * REAL_HASHER.time_cost >= 19 * 1024 * 2  # OWASP's least, in KiB and passes
    assert password_fits(GOOD, kept)
    assert not password_fits(GOOD + "x", kept)
    assert not password_fits(GOOD, None)
    assert not password_fits(GOOD, "not a hash")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "liu.b-2026-xyz", "x" * 201])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidItem) as refused:
        check_password(password, "liu.b")
    assert refused.value.errors[0].field == "password"


NOT_OF_ADMINS = {Right.INSTRUCT, Right.ANSWER, Right.REGISTER}


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.REPORTER, {Right.FILE, Right.ANSWER}, {Right.READ, Right.EDIT, Right.ADMINISTER, Right.SUPERVISE}),
        (Role.EDITOR, {Right.READ, Right.EDIT}, {Right.ADMINISTER}),
        (Role.DUTY, {Right.READ, Right.WATCH}, {Right.EDIT, Right.ADMINISTER}),
        (Role.LEADER, {Right.READ, Right.LEAD, Right.INSTRUCT}, {Right.EDIT, Right.FILE, Right.ADMINISTER}),
        (Role.SUPERVISOR, {Right.READ, Right.SUPERVISE}, {Right.EDIT, Right.WATCH, Right.INSTRUCT, Right.LEAD}),
        (Role.ADMIN, set(Right) - NOT_OF_ADMINS, NOT_OF_ADMINS),
    ],
)
def test_rights_belong_to_roles(role: Role, may: set[Right], may_not: set[Right]) -> None:
    account = Account("x", role)
    assert all(account.may(right) for right in may)
    assert not any(account.may(right) for right in may_not)


def test_a_session_lasts_until_logout_and_password_change(people: People) -> None:
    with_password(people, "liu.b")
    token = people.login(" Liu.B ", GOOD, HERE)
    assert token is not None
    found = people.of_session(token)
    assert found is not None
    assert (found.name, found.role, found.must_change) == ("liu.b", Role.EDITOR, False)
    assert people.of_session(token + "x") is None
    people.logout(token)
    assert people.of_session(token) is None
    token = people.login("liu.b", GOOD, HERE)
    assert token is not None
    people.change_password("liu.b", GOOD, GOOD + "-neu")
    assert people.of_session(token) is None
    assert people.login("liu.b", GOOD, HERE) is None


def test_a_one_time_password_must_be_changed(people: People) -> None:
    once = people.create(Account("liu.b", Role.EDITOR), by="admin")
    token = people.login("liu.b", once, HERE)
    assert token is not None
    found = people.of_session(token)
    assert found is not None
    assert found.must_change
    with pytest.raises(InvalidItem):
        people.change_password("liu.b", "wrong", GOOD)
    with pytest.raises(InvalidItem):
        people.change_password("liu.b", once, once)


def test_failed_logins_close_a_name_for_a_while_even_to_the_right_password(people: People) -> None:
    with_password(people, "liu.b")
    for number in range(MOST_BY_PAIR):
        assert people.login("liu.b", f"wrong{number}", HERE) is None
    with pytest.raises(TooManyTries) as waits:
        people.login("liu.b", GOOD, HERE)
    assert 0 < waits.value.wait_s <= 15 * 60
    # Somebody who guesses at one desk does not close the account to its owner at another, nor does the owner's login
    # open it to who guesses.
    assert people.login("liu.b", GOOD, "127.0.0.2") is not None
    with pytest.raises(TooManyTries):
        people.login("liu.b", GOOD, HERE)
    with_password(people, "other")
    assert people.login("other", GOOD, HERE) is not None


def test_one_address_cannot_try_many_names(people: People) -> None:
    with_password(people, "liu.b")
    for number in range(MOST_BY_ADDRESS):
        people.login(f"name{number}", "wrong", HERE)
    with pytest.raises(TooManyTries):
        people.login("liu.b", GOOD, HERE)
    assert people.login("liu.b", GOOD, "127.0.0.2") is not None


def test_a_name_is_closed_everywhere_after_very_many_failures(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.tries.MOST_BY_NAME", 7)
    with_password(people, "liu.b")
    for number in range(7):
        assert people.login("liu.b", "wrong", f"127.0.1.{number}") is None
    with pytest.raises(TooManyTries):
        people.login("liu.b", GOOD, HERE)


def test_tries_sent_at_once_are_counted_one_by_one(people: People) -> None:
    with_password(people, "liu.b")

    def attempt(number: int) -> bool:
        try:
            return people.login("liu.b", f"wrong{number}", HERE) is None
        except TooManyTries:
            return False

    with ThreadPoolExecutor(max_workers=12) as pool:
        assert sum(pool.map(attempt, range(12))) == MOST_BY_PAIR


def test_an_open_session_is_no_way_to_guess_the_password(people: People) -> None:
    with_password(people, "liu.b")
    for number in range(MOST_BY_PAIR):
        with pytest.raises(InvalidItem, match="present password"):
            people.change_password("liu.b", f"wrong{number}", GOOD + "-neu", HERE)
    with pytest.raises(InvalidItem, match="too many tries"):
        people.change_password("liu.b", GOOD, GOOD + "-neu", HERE)


def test_a_reset_ends_sessions_and_keys(people: People) -> None:
    with_password(people, "liu.b")
    token, key = people.login("liu.b", GOOD, HERE), people.new_key("liu.b")
    assert token is not None
    once = people.reset("liu.b", by="admin")
    people.change_password("liu.b", once, GOOD)
    assert people.of_session(token) is None
    assert people.of_key(key) is None


def test_a_commit_that_fails_leaves_the_database_usable(tmp_path: Path) -> None:
    database = Database(tmp_path / "d.sqlite3")
    database.ensure(
        "CREATE TABLE a (x INTEGER PRIMARY KEY); CREATE TABLE b (x REFERENCES a (x) DEFERRABLE INITIALLY DEFERRED);"
    )
    database._store._connection.execute("PRAGMA foreign_keys = ON")  # no statement of a transaction
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.execute("INSERT INTO b VALUES (1)")
    with database.transaction() as connection:
        connection.execute("INSERT INTO a VALUES (1)")
    assert database.rows("SELECT x FROM a") == [(1,)]
    assert database.rows("SELECT x FROM b") == []


def test_a_disabled_account_is_out_at_once_and_the_last_administrator_stays(people: People) -> None:
    with_password(people, "liu.b")
    token, key = people.login("liu.b", GOOD, HERE), people.new_key("liu.b")
    assert token is not None
    assert people.of_key(key) is not None
    people.disable("liu.b", True, by="admin")
    assert people.of_session(token) is None
    assert people.of_key(key) is None
    assert people.login("liu.b", GOOD, HERE) is None
    people.disable("liu.b", False, by="admin")
    assert people.login("liu.b", GOOD, HERE) is not None
    people.create(Account("boss", Role.ADMIN), by="setup")
    with pytest.raises(InvalidItem, match="last administrator"):
        people.disable("boss", True, by="boss")


def test_of_two_administrators_who_shut_each_other_out_at_once_one_stays(address: Path | str) -> None:
    """Each over a connection of its own, as two desks on one database have."""
    desks = [People(Database(address)), People(Database(address))]
    desks[0].create(Account("anna", Role.ADMIN), by="setup")
    desks[0].create(Account("boris", Role.ADMIN), by="setup")

    def out(number: int) -> bool:
        name = ("anna", "boris")[number % 2]
        try:
            if number < 2:
                desks[number % 2].disable(name, True, by="x")
            else:
                desks[number % 2].change_role(name, Role.EDITOR, None, by="x")
        except InvalidItem:
            return False
        return True

    for pair in ((0, 1), (2, 3), (0, 3)):
        with ThreadPoolExecutor(max_workers=2) as pool:
            assert sum(pool.map(out, pair)) == 1, pair
        left = [one for one in desks[0].accounts() if one.role is Role.ADMIN and not one.disabled]
        assert len(left) == 1
        for name in ("anna", "boris"):
            desks[0].disable(name, False, by="x")
            desks[0].change_role(name, Role.ADMIN, None, by="x")


def test_another_role_holds_at_once_and_needs_what_it_needs(people: People) -> None:
    with_password(people, "liu.b")
    token = people.login("liu.b", GOOD, HERE)
    assert token is not None
    with pytest.raises(InvalidItem):
        people.change_role("liu.b", Role.REPORTER, None, by="admin")
    people.change_role("liu.b", Role.REPORTER, "U064", by="admin")
    found = people.of_session(token)
    assert found is not None
    assert (found.role, found.department) == (Role.REPORTER, "U064")
    with pytest.raises(InvalidItem):
        people.change_role("nobody", Role.EDITOR, None, by="admin")


def test_a_one_time_password_ends_by_itself(address: Path | str) -> None:
    database = Database(address)
    late, people = People(database, timedelta(seconds=-1)), People(database)
    once = late.create(Account("liu.b", Role.EDITOR), by="admin")
    with pytest.raises(PasswordExpired):
        people.login("liu.b", once, HERE)
    assert people.login("liu.b", "wrong", HERE) is None  # a stranger learns nothing of it
    assert [one.action for one in people.log.page(limit=2)] == ["login_failed", "login_expired"]
    account = people.account("liu.b")
    assert account is not None
    assert account.expired
    once = people.reset("liu.b", by="admin")
    token = people.login("liu.b", once, HERE)
    assert token is not None
    late.reset("liu.b", by="admin")
    assert people.of_session(token) is None
    once = people.reset("liu.b", by="admin")
    people.change_password("liu.b", once, GOOD)
    assert people.login("liu.b", GOOD, HERE) is not None


def test_a_session_of_a_one_time_password_ends_with_it(address: Path | str) -> None:
    database = Database(address)
    people = People(database)
    token = people.login("liu.b", people.create(Account("liu.b", Role.EDITOR), by="admin"), HERE)
    assert token is not None
    with database.transaction() as connection:
        connection.execute("UPDATE accounts SET expires = '2026-01-01T00:00:00+00:00'")
    assert people.of_session(token) is None


def test_accounts_of_before_get_a_term_too(address: Path | str) -> None:
    database = Database(address)
    database.ensure(
        "CREATE TABLE accounts (name TEXT PRIMARY KEY, role TEXT NOT NULL, display TEXT NOT NULL, department TEXT,"
        " password TEXT NOT NULL, must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL);"
        " INSERT INTO accounts VALUES ('old', 'editor', '', NULL, 'x', 1, 0, '2025-01-01'),"
        " ('kept', 'editor', '', NULL, 'x', 0, 0, '2025-01-01');"
    )
    assert not any(one.expired for one in People(database).accounts())
    assert dict(database.rows("SELECT name, expires <> '' FROM accounts")) == {"old": True, "kept": False}


def test_the_first_administrators_unused_password_is_renewed_at_the_next_start(tmp_path: Path) -> None:
    database, note = Database(tmp_path / "d.sqlite3"), tmp_path / "admin.password"
    assert People(database, timedelta(seconds=-1)).first_administrator(note)
    old = note.read_text("utf-8")
    people = People(database)
    assert people.first_administrator(note)
    assert note.read_text("utf-8") != old
    assert people.login("admin", note.read_text("utf-8").strip(), HERE) is not None
    assert not people.first_administrator(note)


def test_the_audit_is_read_in_pages_and_by_person_and_action(people: People) -> None:
    for number in range(7):
        people.record(f"p{number % 2}", "decided", f"item{number}", "accept", HERE)
    people.record("admin", "password_reset", "p1", "", HERE)
    first = people.log.page(limit=3)
    assert [one.subject for one in first] == ["p1", "item6", "item5"]
    assert [one.subject for one in people.log.page(limit=3, before=first[-1].number)] == ["item4", "item3", "item2"]
    assert [one.subject for one in people.log.page(who="p1")] == ["p1", "item5", "item3", "item1"]
    assert [one.who for one in people.log.page(who="p1", action="password_reset")] == ["admin"]
    assert people.log.actions() == ["decided", "password_reset"]


@pytest.mark.parametrize(
    ("account", "field"),
    [
        (Account("X y", Role.EDITOR), "name"),
        (Account("first", Role.EDITOR), "name"),
        (Account("rep", Role.REPORTER), "department"),
        (Account("ed", Role.EDITOR, department="U034"), "department"),
        (Account("taken", Role.EDITOR), "name"),
    ],
)
def test_wrong_accounts_are_refused_by_name(people: People, account: Account, field: str) -> None:
    people.create(Account("taken", Role.EDITOR), by="admin")
    with pytest.raises(InvalidItem) as refused:
        people.create(account, by="admin")
    assert [one.field for one in refused.value.errors] == [field]


def test_the_desks_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "desk.sqlite3"
    file.touch(mode=0o644)
    with_password(People(Database(file)), "liu.b")
    kept = [one for one in tmp_path.iterdir() if one.name.startswith(file.name)]
    assert len(kept) == 3  # with what SQLite has not yet written into it
    assert {stat.S_IMODE(one.stat().st_mode) for one in kept} == {0o600}


def test_the_first_start_makes_an_administrator_once(people: People, tmp_path: Path) -> None:
    note = tmp_path / "admin.password"
    assert people.first_administrator(note)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert people.login("admin", note.read_text("utf-8").strip(), HERE) is not None
    assert not people.first_administrator(note)


def test_everything_is_in_the_audit_and_no_secret_is(people: People) -> None:
    with_password(people, "liu.b")
    people.login("liu.b", "wrong-password", HERE)
    people.login("liu.b", GOOD, HERE)
    key = people.new_key("liu.b")
    entries = people.log.page()
    assert [one.action for one in entries] == [
        "key_made",
        "login",
        "login_failed",
        "password_changed",
        "account_created",
    ]
    assert not any(secret in str(entries) for secret in (GOOD, "wrong-password", key))


def test_reading_does_not_wait_for_a_writer_and_does_not_see_what_is_not_committed(tmp_path: Path) -> None:
    database = Database(tmp_path / "d.sqlite3")
    database.ensure("CREATE TABLE a (x INTEGER)")
    seen: list[list[tuple[int, ...]]] = []
    with database.transaction() as connection:
        connection.execute("INSERT INTO a VALUES (1)")
        assert database.rows("SELECT x FROM a") == [(1,)], "a thread sees its own transaction"
        reader = threading.Thread(target=lambda: seen.append(database.rows("SELECT x FROM a")))
        reader.start()
        reader.join(timeout=10)
        assert seen == [[]]
    assert database.rows("SELECT x FROM a") == [(1,)]
