"""Two people, or two desks on one database, do the same thing at the same moment: one is first, on both engines.

Every look into the database is slowed down, so that whoever only looks before it acts looks too early.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from desk import alerting, appraisal, attachments, joining
from desk.accounts import Account, Role, password_fits
from desk.attachments import Attachments
from desk.commissioning import Commissions
from desk.database import Database
from desk.decisions import Conflict
from desk.filetypes import AttachmentRules
from desk.oidc import OidcRules
from desk.outside import Outside
from desk.people import People
from desk.routes import incidents
from desk.services import Desk
from schemas.errors import InvalidItem
from schemas.incident import Incident
from schemas.point import PointEntry
from schemas.subscription import Subscription
from tests.index_events import decision, incident
from tests.unit.desk.conftest import NOON, Harness
from tests.unit.desk.test_attachments import PNG
from tests.unit.desk.test_commissioning import ASKING

SLOW_S = 0.05
GOOD = "Luzhu-shan-4417"
LI, WANG = Account("li", Role.EDITOR), Account("wang", Role.EDITOR)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    look = Database.rows

    def slowly(self: Database, query: str, *values: object) -> list[tuple[Any, ...]]:
        found = look(self, query, *values)
        time.sleep(SLOW_S)
        return found

    monkeypatch.setattr(Database, "rows", slowly)


@pytest.fixture
def desks(desk: Harness, address: Path | str) -> Iterator[tuple[Desk, Desk]]:
    deps = replace(desk.client.app.state.desk.deps, database=address)  # type: ignore[attr-defined]
    both = Desk(deps), Desk(deps)
    yield both
    for one in both:
        one.database.close()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each returns, or the refusal it raises; they begin together."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(30)
        try:
            return call()
        except (InvalidItem, Conflict, HTTPException) as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def refusals(found: list[Any]) -> list[Exception]:
    return [one for one in found if isinstance(one, Exception)]


def a_point() -> dict[str, Any]:
    return PointEntry.model_validate(
        {"entry_id": "p1", "district": "zhanggong", "department": "U028", "day": "2026-11-19", "month": "2026-11",
         "key": "late_迟报", "points": -1.0, "exact": "-1", "ref": "ledger:U028:2026-11-19", "why": "迟报",
         "at": NOON - timedelta(days=1), "final_at": NOON + timedelta(days=3), "version": "v1", "appealed": "a1",
         "changed_at": NOON}
    ).model_dump(mode="json")  # fmt: skip


@pytest.mark.usefixtures("slow")
def test_of_two_files_for_one_place_one_is_kept(
    address: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_WAITING", 2)
    stores = [Attachments(Database(address), AttachmentRules(tmp_path / "files")) for _ in range(2)]
    stores[0].keep("甲.png", PNG, "liu")
    found = at_once(*(lambda one=one: one.keep("乙.png", PNG, "liu") for one in stores))
    assert [str(one).startswith("files: too many") for one in refusals(found)] == [True]
    assert stores[0]._database.rows("SELECT COUNT(*) FROM attachments")[0][0] == 2


@pytest.mark.usefixtures("slow")
def test_a_commission_is_not_answered_after_it_was_taken_back(address: Path | str) -> None:
    offices = [Commissions(Database(address), "zhanggong", ["U028", "U029"]) for _ in range(2)]
    for _ in range(3):
        request = offices[0].ask(ASKING, by="li", now=NOON).subject_id
        at_once(
            lambda: offices[0].close(request, "已有材料", by="li", now=NOON),  # noqa: B023 - called before the next
            lambda: offices[1].answer(request, "U028", "i1", by="liu", at=NOON),  # noqa: B023
        )
        made = [one.action for one in offices[0]._database.decisions_on("request", request)]
        assert made in (["request", "answer", "close"], ["request", "close"])


@pytest.mark.usefixtures("slow")
def test_of_two_rulings_on_one_appeal_one_counts(desks: tuple[Desk, Desk]) -> None:
    point = a_point()
    found = at_once(
        lambda: appraisal._rule(desks[0], point, LI, "accept", "理由成立"),
        lambda: appraisal._rule(desks[1], point, WANG, "return", "理由不成立"),
    )
    assert [one.errors[0].message for one in refusals(found)] == ["nobody has appealed"]  # type: ignore[attr-defined]
    assert len(desks[0].database.decisions_on("points", "p1")) == 1


@pytest.mark.usefixtures("slow")
def test_of_two_who_decide_on_an_incident_the_second_hears_of_the_first(desks: tuple[Desk, Desk]) -> None:
    document = {"incident": "e1", "version": 1, "decisions": []}
    found = at_once(
        lambda: incidents._decided(desks[0], document, LI, "confirm", ""),
        lambda: incidents._decided(desks[1], document, WANG, "reject", "误报"),
    )
    [conflict] = refusals(found)
    assert isinstance(conflict, Conflict)
    [kept] = desks[0].database.decisions_on("incident", "e1")
    assert list(conflict.since) == [kept]
    who = LI if kept.by == "li" else WANG
    assert incidents._decided(desks[0], document, who, kept.action, "") == kept  # the button pressed twice
    assert incidents._decided(desks[0], document, who, "close", "处置完毕").at > kept.at


@pytest.mark.usefixtures("slow")
def test_an_incident_is_merged_into_one_of_two(desks: tuple[Desk, Desk]) -> None:
    """Both see it free in the index; whoever is second is told where it went, also when closing it."""
    known = {name: incident(1, number, name=name) for number, name in enumerate(("e1", "e2", "e3"), 1)}
    for one in desks:
        one.index.one = lambda _, name, __: answered(known[name])  # type: ignore[method-assign, assignment]

    def merges(number: int, who: Account, into: str) -> Callable[[], Any]:
        return lambda: asyncio.run(joining.merge(desks[number], who, into, ["e2"]))

    [conflict] = refusals(at_once(merges(0, LI, "e1"), merges(1, WANG, "e3")))
    assert isinstance(conflict, Conflict)
    [kept] = conflict.since
    assert conflict.words == {kept.decision_id: "把“沙石镇山体滑坡”并入“沙石镇山体滑坡”"}
    assert sum(len(desks[0].database.decisions_on("incident", name)) for name in known) == 1

    again = merges(0, LI if kept.by == "li" else WANG, kept.subject_id)()  # the button pressed twice
    assert again.decision_id == kept.decision_id
    free = {"incident": "e2", "version": 1, "decisions": [], "acts": []}
    with pytest.raises(Conflict):
        incidents._decided(desks[1], free, WANG, "close", "处置完毕")
    shown = free | {"acts": [{"decision_id": kept.decision_id}]}
    assert incidents._decided(desks[1], shown, WANG, "close", "处置完毕").action == "close"


async def answered(found: Incident) -> dict[str, Any]:
    return found.model_dump(mode="json")


def test_a_decision_that_nobody_carried_out_holds_nobody_up_for_long(desks: tuple[Desk, Desk]) -> None:
    made = decision(1, "merge", 0.0, "e1", kind="incident", details={"incidents": ["e2"]})
    with desks[0].database.transaction() as connection:
        desks[0].database.keep_decision(connection, made)
        desks[0].touches.note(connection, made, ["e2"])
    assert desks[1].touches.unsettled({"e2": ()}, made.at + timedelta(minutes=9)) == [made]
    assert desks[1].touches.unsettled({"e2": ()}, made.at + timedelta(minutes=11)) == []
    assert desks[1].touches.unsettled({"e2": (made.decision_id,), "e3": ()}, made.at) == []


def test_what_a_decision_touched_is_forgotten_when_nobody_asks_for_it_any_more(desks: tuple[Desk, Desk]) -> None:
    for number, hours in enumerate((0.0, 1.0, 24.5)):
        made = decision(number + 1, "merge", hours, "e1", kind="incident", details={"incidents": ["e2"]})
        with desks[0].database.transaction() as connection:
            desks[0].touches.note(connection, made, ["e2"])
    kept = desks[1].database.rows("SELECT DISTINCT decision_id FROM incident_touches")
    assert len(kept) == 2  # of the last day; the first was a day and a half hour old


@pytest.mark.usefixtures("slow")
async def test_what_is_taken_back_twice_is_one_decision_and_what_comes_again_a_second(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = Subscription.model_validate({"who": "值班室", "channel": "webhook-1", "levels": ["I"]})
    made = await alerting.subscribe(desks[0], body, "li")
    gone = [alerting.unsubscribe(one, made["id"], "li") for one in desks]
    assert sorted(await asyncio.gather(*gone)) == [False, True]
    await alerting.subscribe(desks[1], body, "li")
    assert await alerting.unsubscribe(desks[0], made["id"], "li")
    acts = desks[0].database.decisions_on("subscription", made["id"])  # all within one second of the clock
    assert [one.action for one in acts] == ["subscribe", "unsubscribe", "subscribe", "unsubscribe"]

    def fails(*_: object) -> None:
        raise OSError("killed")

    await alerting.subscribe(desks[0], body, "li")
    with monkeypatch.context() as patched:
        patched.setattr(Database, "keep_decision", fails)
        with pytest.raises(OSError, match="killed"):
            await alerting.unsubscribe(desks[0], made["id"], "li")
    assert len(await desks[0].subscriptions()) == 1  # nothing that the alert worker would not hear of


def test_a_login_that_a_reset_overtook_opens_no_session(address: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = People(Database(address)), People(Database(address))
    ours.change_password("liu.b", ours.create(Account("liu.b", Role.EDITOR), by="admin"), GOOD)
    check = password_fits
    given: list[str] = []

    def reset_meanwhile(password: str, kept: str | None) -> bool:
        fits = check(password, kept)
        given.append(theirs.reset("liu.b", by="admin"))
        return fits

    with monkeypatch.context() as patched:
        patched.setattr("desk.people.password_fits", reset_meanwhile)
        assert ours.login("liu.b", GOOD, "10.0.0.1") is None
        with pytest.raises(InvalidItem, match="not the present"):
            ours.change_password("liu.b", given[-1], "Ganjiang-bridge-77", "10.0.0.1")
    assert ours._database.rows("SELECT COUNT(*) FROM sessions")[0][0] == 0
    assert ours.login("liu.b", given[-1], "10.0.0.1") is not None  # what the administrator gave out last


@pytest.mark.usefixtures("slow")
def test_two_desks_that_start_at_once_make_one_administrator(address: Path | str, tmp_path: Path) -> None:
    both = [People(Database(address)) for _ in range(2)]
    notes = [tmp_path / "a.password", tmp_path / "b.password"]
    found = at_once(*(lambda n=n: both[n].first_administrator(notes[n]) for n in range(2)))
    assert sorted(found) == [False, True]
    [note] = [one for one in notes if one.exists()]
    assert both[0].login("admin", note.read_text("utf-8").strip(), "10.0.0.1") is not None


@pytest.mark.usefixtures("slow")
def test_two_desks_that_find_an_old_database_at_once_mend_it_once(address: Path | str) -> None:
    old = Database(address)
    with old.transaction() as connection:
        connection.execute("DROP INDEX outbox_of_subject")
        for column in ("kind", "subject_type", "subject_id"):
            connection.execute(f"ALTER TABLE outbox DROP COLUMN {column}")
        body = '{"subject_type": "item", "subject_id": "i1"}'
        connection.execute("INSERT INTO outbox (decision_id, body, at) VALUES (?, ?, ?)", ("d1", body, "now"))
    old.close()
    found = at_once(*[lambda: Database(address)] * 2)
    rows = found[0].rows("SELECT decision_id, kind, subject_type, subject_id FROM outbox")
    assert rows == [("d1", "decision", "item", "i1")]
    assert found[1].rows("SELECT COUNT(*) FROM outbox") == [(1,)]


@pytest.mark.usefixtures("slow")
def test_a_person_who_comes_in_twice_at_once_has_one_account(address: Path | str) -> None:
    rules = OidcRules("https://id.example", "huiyao", "https://desk/oidc/back", create_role=Role.EDITOR)
    doors = []
    for _ in range(2):
        database = Database(address)
        doors.append(Outside(database, People(database), rules, lambda _: None))
    claims = {"preferred_username": "chen.c", "name": "陈"}
    found = at_once(*(lambda one=one: one.account(claims, "10.0.0.1") for one in doors))
    assert [one.name for one in found] == ["chen.c", "chen.c"]
    assert People(Database(address)).mark_of("chen.c") == "chen.c"
