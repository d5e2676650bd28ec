"""The desk's file into a real PostgreSQL: counted, compared, all or nothing, and a desk that goes on from there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import structlog

from desk import outside
from desk.accounts import Account, Role
from desk.database import Database
from desk.people import People
from desk.postgres import PostgresStore
from desk.services import Desk
from huiyao import moving
from huiyao.cli.operating import run_desk_move
from huiyao.moving import Moved, MoveRefused, declared, move, plan
from schemas.errors import DatabaseUnavailable
from tests.postgres import fresh
from tests.unit.desk.conftest import NOON, Harness
from tests.unit.desk.test_commissioning import ASKING
from tests.unit.desk.test_parts import decision

GOOD = "Luzhu-shan-4417"
HERE = "10.0.0.1"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The command sends logs to the stream of this test, which is closed after it."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A desk's file with something in most tables."""
    path = tmp_path / "desk" / "desk.sqlite3"
    database = declared(path)
    people = People(database)
    people.change_password("liu.b", people.create(Account("liu.b", Role.EDITOR, "刘\x00"), by="admin"), GOOD)
    assert people.login("liu.b", GOOD, HERE) is not None
    for number in range(450):  # more than two statements
        database.put_decision(decision(number))
    database.sent("d7")
    database.close()
    return path


@pytest.fixture
def target(postgres: str) -> str:
    return fresh(postgres)


def rows(address: str | Path, query: str) -> list[tuple[object, ...]]:
    database = Database(address)
    try:
        return database.rows(query)
    finally:
        database.close()


def tables(target: str) -> set[str]:
    store = PostgresStore(target)
    try:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        return {str(name) for (name,) in store.rows(query, ())}
    finally:
        store.close()


def test_a_dry_run_counts_and_writes_nothing(source: Path, target: str) -> None:
    before = source.read_bytes()
    found = {one.table: one for one in plan(source, target)}
    assert found["outbox"] == Moved("outbox", 450, 0)
    assert (found["accounts"].before, found["attachments"].before) == (1, 0)
    assert tables(target) == set()
    assert source.read_bytes() == before


def test_every_row_is_there_afterwards_and_the_desk_goes_on(source: Path, target: str, tmp_path: Path) -> None:
    lines = rows(source, "SELECT number, at, who, action FROM audit ORDER BY number")
    found = {one.table: one for one in move(source, target)}
    assert all(one.before == one.after for one in found.values())
    assert (found["outbox"].after, found["sessions"].after) == (450, 1)
    assert not source.exists()
    assert source.with_name("desk.sqlite3.moved").exists()
    assert rows(target, "SELECT number, at, who, action FROM audit ORDER BY number") == lines
    assert rows(target, "SELECT decision_id FROM outbox WHERE sent = 1") == [("d7",)]
    assert rows(target, "SELECT display FROM accounts") == [("刘\ufffd",)]
    people = People(Database(target))
    assert people.login("liu.b", GOOD, HERE) is not None
    assert people.log.page()[0].number == len(lines) + 1
    assert not people.first_administrator(tmp_path / "note")


def test_every_table_of_a_desk_is_moved(desk: Harness, target: str, tmp_path: Path) -> None:
    """Whoever gives the desk a table learns it here and not from an office that lost it."""
    path = tmp_path / "other.sqlite3"
    deps = desk.client.app.state.desk.deps  # type: ignore[attr-defined]
    made = Desk(replace(deps, database=path))
    made.commissions.ask(ASKING, by="li", now=NOON)
    made.database.ensure(outside.SCHEMA)  # where a provider is set
    made.database.close()
    found = {one.table: one.after for one in move(path, target)}
    assert set(found) == tables(target)
    assert (found["commissions"], found["outbox"], found["api_keys"]) == (1, 1, 1)


def test_a_file_of_an_earlier_version_gets_its_columns_first(source: Path, target: str) -> None:
    with closing(sqlite3.connect(source)) as file:
        file.execute("DROP INDEX outbox_of_subject")
        for column in ("subject_type", "subject_id", "kind"):
            file.execute(f"ALTER TABLE outbox DROP COLUMN {column}")
        file.commit()
    assert {one.table: one.before for one in plan(source, target)}["outbox"] == 450
    move(source, target)
    assert rows(target, "SELECT subject_type, subject_id FROM outbox WHERE decision_id = 'd3'") == [("alert", "a3")]


def test_a_target_with_anything_in_it_is_refused(source: Path, target: str) -> None:
    people = People(Database(target))
    people.create(Account("anna", Role.ADMIN), by="setup")
    for step in (plan, move):
        with pytest.raises(MoveRefused, match=r"not empty: accounts 1, audit 1"):
            step(source, target)
    assert rows(target, "SELECT name FROM accounts") == [("anna",)]
    assert source.exists()


def test_a_table_of_somebody_else_is_refused_too(source: Path, target: str) -> None:
    store = PostgresStore(target)
    with store.transaction() as connection:
        connection.execute('CREATE TABLE "Other" (a BIGINT)')
        connection.execute('INSERT INTO "Other" VALUES (1)')
    store.close()
    with pytest.raises(MoveRefused, match="Other 1"):
        move(source, target)


def test_a_desk_that_runs_is_not_moved_away_from_under_itself(source: Path, target: str) -> None:
    running = Database(source)
    with pytest.raises(MoveRefused, match="in use"):
        move(source, target)
    assert tables(target) == set()
    running.close()
    move(source, target)


def test_what_fails_in_the_middle_leaves_both_as_they_were(
    source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(source)) as file:
        file.execute("UPDATE outbox SET sent = 'yes' WHERE decision_id = 'd449'")  # SQLite takes a word for a number
        file.commit()
    with pytest.raises(MoveRefused, match="refused a row"):
        move(source, target)
    assert rows(target, "SELECT name FROM accounts") == []
    assert rows(source, "SELECT COUNT(*) FROM outbox") == [(450,)]
    with closing(sqlite3.connect(source)) as file:
        file.execute("UPDATE outbox SET sent = 0 WHERE decision_id = 'd449'")
        file.commit()
    kept = moving._kept
    with monkeypatch.context() as patched:
        patched.setattr(moving, "_kept", lambda value: "other" if value == "liu.b" else kept(value))
        patched.setattr(moving._Sum, "__eq__", lambda *_: False)
        with pytest.raises(MoveRefused, match="not the same"):
            move(source, target)
    assert rows(target, "SELECT COUNT(*) FROM audit") == [(0,)]
    assert source.exists()
    move(source, target)  # nothing was left in the way


def test_nothing_there_and_nobody_there_are_said(source: Path, target: str, tmp_path: Path) -> None:
    with pytest.raises(MoveRefused, match="there is no"):
        move(tmp_path / "none.sqlite3", target)
    with pytest.raises(DatabaseUnavailable):
        plan(source, "postgresql://u:geheim@127.0.0.1:9/d")


@pytest.fixture
def instance(source: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUIYAO_DESK__DATABASE", target)
    return source.parent.parent


def test_the_command_says_what_it_did(instance: Path, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_desk_move(instance, dry_run=True) == 0
    assert "rows would be moved" in capsys.readouterr().out
    assert run_desk_move(instance, dry_run=False) == 0
    said = capsys.readouterr().out
    assert "outbox                     450 ->       450" in said
    assert "the file is now desk.sqlite3.moved" in said
    assert run_desk_move(instance, dry_run=False) == 1
    told = capsys.readouterr().err
    assert "nothing was moved" in told
    password = psycopg.conninfo.conninfo_to_dict(target)["password"]
    assert str(password) not in said + told


def test_the_command_asks_where_to(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_desk_move(source.parent.parent, dry_run=True) == 2
    assert "HUIYAO_DESK__DATABASE_FILE" in capsys.readouterr().err
