"""Duty and appraisal at the desk over a real Elasticsearch: moments, the silent, cases, points, notices, receipts."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from docx import Document
from pypdf import PdfReader

from deploy.testing import Running
from desk.accounts import Account, Role
from desk.database import Database
from desk.people import People
from huiyao.districts import load_district
from huiyao.rules import ledger_rules
from huiyao.settings import load_settings
from processors.duty.cases import decided
from processors.ledger import decide as ledger_decide
from processors.ledger import opened
from producers.fakes import FixedClock
from schemas.alert import Alert, AlertReason, Delivery, Outcome
from schemas.case import Case, CaseKind, Evidence
from schemas.connections import ElasticsearchConnection
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.point import PointEntry
from schemas.reminder import PushedReceipt, Reminder, ReminderAttempt, ReminderKind
from schemas.vocab import Lane, Stage
from tests.desk_server import ANSWER_S, HEADERS, RunningDesk, apart, remove, running_desk
from tests.duty_desk import DOOR_SECRET
from tests.index_events import DISTRICT
from tests.items import item

pytestmark = pytest.mark.integration
DAY = "2026-11-20"
RULES = ledger_rules(load_district(load_settings().district_dir))
PASSWORD = "Long-enough-77"


def clock(text: str, day: str = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}:00+08:00")


@pytest.fixture
def desk(engines: Running, tmp_path: Path) -> Iterator[RunningDesk]:
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path, clock=FixedClock(clock("20:00"))) as running:
        running.index()
        yield running
    apart(remove(connection))


@pytest.fixture
def keys(desk: RunningDesk, tmp_path: Path) -> dict[str, str]:
    """API keys of people, by name."""
    database = Database(tmp_path / "desk.sqlite3")
    people, made = People(database), {}
    for name, role, department in (
        ("editor", Role.EDITOR, None), ("checker", Role.SUPERVISOR, None), ("chief", Role.LEADER, None),
        ("officer", Role.DUTY, None), ("shashi", Role.REPORTER, "U064"), ("other", Role.REPORTER, "U034"),
    ):  # fmt: skip
        password = people.create(Account(name, role, name, department), by="test")
        people.change_password(name, password, PASSWORD)
        made[name] = people.new_key(name)
    database.close()
    return made


def call(desk: RunningDesk, key: str, method: str, path: str, status: int, body: Any = None, **params: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else HEADERS
    url = f"{desk.base}/api/v1{path}"
    answer = httpx.request(method, url, json=body, params=params or None, headers=headers, timeout=ANSWER_S)
    assert answer.status_code == status, answer.text
    return answer.json()


def sent(desk: RunningDesk, count: int) -> list[Any]:
    end = time.monotonic() + 20
    while len(desk.decisions.sent) < count:
        assert time.monotonic() < end
        time.sleep(0.05)
    found: list[Any] = desk.decisions.sent
    return found


@contextmanager
def login(desk: RunningDesk, key: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as client:
        assert client.post("/login", data={"key": key}).status_code == 200
        yield client


# -- the ledger -------------------------------------------------------------------------------------------------------


def duty_decision(action: str, subject: str, at: datetime, **details: Any) -> Decision:
    return Decision.model_validate(
        {"decision_id": f"{action}-{subject}", "district": DISTRICT, "subject_type": "department", "by": "科长",
         "subject_id": subject, "action": action, "at": at, "details": details}
    )  # fmt: skip


def a_day() -> list[LedgerEntry | Decision]:
    """U064 has nothing and then a report; U034 is excused at three; U028 has until noon; the rest is missing."""
    changes = [
        duty_decision("excuse", "U034", clock("15:00"), day=DAY),
        duty_decision("set_duty", "U028", clock("09:00"), cutoff="12:00"),
        duty_decision("set_duty", "U031", clock("09:00"), required="N"),
    ]
    state, found = opened((), (), RULES), list[LedgerEntry]()
    events: list[Any] = [*changes]
    events += [
        item("z1", source="U064", kind="zero", published=clock("16:00"), received=clock("16:00")).model_copy(
            update={"district": DISTRICT}
        ),
        item("r1", source="U064", published=clock("17:10"), received=clock("17:10")).model_copy(
            update={"district": DISTRICT}
        ),
    ]
    decisions: list[Decision] = []
    for event in events:
        now = event.at if isinstance(event, Decision) else event.received_at
        found += ledger_decide(state, event, now, RULES)
        decisions += [event] if isinstance(event, Decision) else []
        state = opened(found, decisions, RULES)
    found += ledger_decide(state, None, clock("18:00"), RULES)
    return [*found, *changes]


def states(answer: dict[str, Any]) -> dict[str, str]:
    return {one["department"]: one["state"] for one in answer["items"]}


def test_what_was_known_at_a_moment_and_who_has_a_duty(desk: RunningDesk) -> None:
    desk.index(*a_day())
    now = call(desk, "", "GET", "/duty", 200, day=DAY)
    assert (states(now)["U064"], now["as_of"]) == ("amended", None)
    silent = {one["department"]: one for one in now["silent"]}
    assert not {"U034", "U031", "U064"} & silent.keys(), "excused, without a duty, reported"
    assert silent["U028"]["cutoff"] == "2026-11-20T12:00:00+08:00", "a decision of the day, not every department's"
    assert next(one["department"] for one in now["silent"]) == "U028"
    early = call(desk, "", "GET", "/duty", 200, day=DAY, as_of="17:05")
    assert states(early)["U064"] == "zero"
    assert states(early)["U034"] == "excused"
    assert states(early)["U028"] == "missing"
    assert states(early)["U040"] == "pending"
    assert "U031" not in states(early)
    assert early["as_of"] == "2026-11-20T17:05:00+08:00"
    before = call(desk, "", "GET", "/duty", 200, day=DAY, as_of="2026-11-20T14:00:00+08:00")
    assert (states(before)["U064"], states(before)["U034"]) == ("pending", "pending")
    assert {one["department"]: one["overdue"] for one in before["silent"]}["U028"] is True
    wrong = call(desk, "", "GET", "/duty", 422, day=DAY, as_of="25:61")
    assert [one["field"] for one in wrong["errors"]] == ["as_of"]
    ahead = call(desk, "", "GET", "/duty", 422, day=DAY, as_of="23:00")
    assert ahead["errors"][0]["message_zh"] == "这一时刻还没有到"


def test_the_page_of_the_ledger_shows_moments_and_reminders(desk: RunningDesk) -> None:
    reminder = Reminder(
        reminder_id="m1", district=DISTRICT, kind=ReminderKind.BEFORE, day=DAY, cutoff=clock("17:30"),
        departments=("U040",), names=("甲局",), title="甲局今日信息尚未报送<b>", text="请报送", at=clock("16:30"),
    )  # fmt: skip
    attempt = ReminderAttempt(
        delivery_id="x1", alert_id="m1", incident="U040:2026-11-20", channel="sms", outcome=Outcome.FAILED, tries=1,
        at=clock("16:31"), recipient="联络员:U040", detail="联络员:U040没有sms的联系方式", exhausted=True,
    )  # fmt: skip
    desk.index(*a_day(), attempt, reminder)
    with login(desk, "desk-test-key") as browser:
        page = browser.get(f"/duty?day={DAY}").text
        assert "甲局今日信息尚未报送&lt;b&gt;" in page
        assert "区信访局联络员 短信 未送达" in page
        then = browser.get(f"/duty?day={DAY}&as_of=17:05").text
        assert "11月20日 17:05 所知的情况" in then
        assert "尚未报送，" not in then
        assert browser.get(f"/duty?day={DAY}&as_of=abc").status_code == 422
        assert "尚未报送" in browser.get("/?day=2026-11-20").text


# -- cases ------------------------------------------------------------------------------------------------------------


def a_case(**changes: Any) -> Case:
    values: dict[str, Any] = {
        "case_id": "c1", "district": DISTRICT, "kind": CaseKind.SMALLER_FIGURES, "department": "U064",
        "department_name": "沙石镇", "day": DAY, "incident": "i1", "event_type": "山体滑坡", "place": "沙石镇",
        "outside": (Evidence(item_id="m1", lane=Lane.MEDIA, source="容媒", title="滑坡致五伤<i>", at=clock("10:00"),
                             figures={"injured": 5}),),
        "department_said": (Evidence(item_id="r1", lane=Lane.REPORT, source="U064", title="滑坡", at=clock("11:00"),
                                     figures={"injured": 3}),),
        "gaps": ("受伤：单位报3，其他渠道称5",), "opened_at": clock("12:00"), "changed_at": clock("12:00"),
    }  # fmt: skip
    return Case.model_validate(values | changes)


def test_a_case_takes_two_people_and_is_never_the_departments(desk: RunningDesk, keys: dict[str, str]) -> None:
    desk.index(a_case(), a_case(case_id="c2", district="elsewhere"))
    for name in ("shashi", "other", "officer", "chief"):
        call(desk, keys[name], "GET", "/cases", 403)
        call(desk, keys[name], "GET", "/cases/c1", 403)
        call(desk, keys[name], "POST", "/cases/c1/decisions", 403, {"action": "reject", "reason": "x"})
    assert [one["case_id"] for one in call(desk, keys["editor"], "GET", "/cases", 200, open=True)["items"]] == ["c1"]
    call(desk, keys["editor"], "GET", "/cases/c2", 404)
    shown = call(desk, keys["checker"], "GET", "/cases/c1", 200)
    assert (shown["state"], shown["pending"]) == ("open", False)
    assert "沙石镇核实" in shown["request"]
    assert "容媒" not in shown["request"]

    def decide(name: str, status: int, **body: str) -> Any:
        return call(desk, keys[name], "POST", "/cases/c1/decisions", status, body)

    first = {"action": "confirm", "verdict": "omitted", "reason": "经核"}
    assert decide("editor", 422, **first)["errors"][0]["message_zh"] == "单位尚未说明，且说明期未满"
    decide("editor", 422, action="explain")
    decide("editor", 202, action="explain", reason="单位称漏数两人")
    assert decide("editor", 422, action="confirm", verdict="guilty", reason="x")["errors"][0]["field"].endswith(
        "verdict"
    )
    decide("editor", 202, **first)
    assert decide("editor", 422, **first)["errors"][0]["message_zh"] == "您已认定过，须由另一人认定"
    assert call(desk, keys["editor"], "GET", "/cases/c1", 200)["state"] == "second_person"
    call(desk, "", "POST", "/cases/c1/decisions", 403, first)  # the instance's own key is nobody
    decide("checker", 202, **first)
    last = call(desk, keys["editor"], "GET", "/cases/c1", 200)
    assert (last["state"], last["verdict"], last["pending"]) == ("upheld", "omitted", True)
    case = a_case()
    for one in sent(desk, 3):
        case = decided({"c1": case}, one) or case
    desk.index(case)
    again = call(desk, keys["editor"], "GET", "/cases/c1", 200)
    assert (again["state"], again["pending"], len(again["acts"])) == ("upheld", False, 3)
    assert call(desk, keys["editor"], "GET", "/cases", 200, open=True)["items"] == []
    decide("checker", 202, action="undo", decision=again["acts"][-1]["decision_id"])
    assert call(desk, keys["editor"], "GET", "/cases/c1", 200)["state"] == "second_person"


def test_the_pages_of_cases(desk: RunningDesk, keys: dict[str, str]) -> None:
    desk.index(a_case())
    with login(desk, keys["shashi"]) as reporter:
        assert reporter.get("/cases").status_code == 403
        assert reporter.get("/cases/c1").status_code == 403
        assert "线索" not in reporter.get("/mine").text
    with login(desk, keys["checker"]) as browser:
        assert "/cases/c1" in browser.get("/cases").text
        page = browser.get("/cases/c1").text
        assert "受伤：单位报3，其他渠道称5" in page
        assert "滑坡致五伤&lt;i&gt;" in page
        page = browser.post("/cases/c1/decisions", data={"action": "explain", "reason": "单位<u>称"}).text
        assert "正在写入" in page
        assert "单位&lt;u&gt;称" in page
        refused = browser.post("/cases/c1/decisions", data={"action": "confirm", "reason": "写了一段<u>"})
        assert (refused.status_code, "认定须为" in refused.text) == (422, True)
        assert "写了一段&lt;u&gt;</textarea>" in refused.text  # what was typed stays
        assert browser.get("/cases/none").status_code == 404


# -- points -----------------------------------------------------------------------------------------------------------


def a_point(number: int, points: float, department: str = "U064", **changes: Any) -> PointEntry:
    values: dict[str, Any] = {
        "entry_id": f"p{number}", "district": DISTRICT, "department": department, "department_name": "沙石镇",
        "day": DAY, "month": "2026-11", "key": "late_迟报", "points": points, "exact": f"{points:g}",
        "ref": f"ledger:{department}:{DAY}", "why": "迟报<s>", "at": clock("18:00"),
        "final_at": clock("18:00", "2026-11-25"), "version": "v", "changed_at": clock("18:00"),
    }  # fmt: skip
    return PointEntry.model_validate(values | changes)


POINTS = (
    a_point(1, -2), a_point(2, 4, final_at=clock("18:00")), a_point(3, -1, "U034"),
    a_point(4, -3, final_at=clock("18:00", "2026-11-19")), a_point(5, -9, withdrawn=True),
    a_point(6, 1, month="2026-10", day="2026-10-08"),
)  # fmt: skip


def test_points_are_a_departments_own_and_an_appeal_waits_for_a_person(desk: RunningDesk, keys: dict[str, str]) -> None:
    desk.index(*POINTS)
    for name in ("officer", "chief"):
        call(desk, keys[name], "GET", "/points", 403, month="2026-11")
    call(desk, keys["shashi"], "GET", "/points", 403, month="2026-11", department="U034")
    call(desk, keys["shashi"], "GET", "/points", 422, month="2026-13")
    mine = call(desk, keys["shashi"], "GET", "/points", 200, month="2026-11")
    assert {one["entry_id"]: one["stands"] for one in mine["items"]} == {"p1": False, "p2": True, "p4": True}
    assert mine["totals"] == [
        {"department": "U064", "department_name": "沙石镇", "standing": "1", "waiting": "-2", "deducted": "-3"}
    ]
    assert call(desk, keys["editor"], "GET", "/points", 200, month="2026-11")["total"] == 4

    call(desk, keys["shashi"], "POST", "/points/p3/appeal", 404, {"reason": "不是我们的"})
    call(desk, keys["shashi"], "POST", "/points/p1/appeal", 422, {"reason": " "})
    late = call(desk, keys["shashi"], "POST", "/points/p4/appeal", 422, {"reason": "网络中断"})
    assert late["errors"][0]["message_zh"] == "申诉期已过"
    call(desk, keys["shashi"], "POST", "/points/p2/appeal", 422, {"reason": "加分不用申诉"})
    made = call(desk, keys["shashi"], "POST", "/points/p1/appeal", 202, {"reason": "网络中断"})
    call(desk, keys["shashi"], "POST", "/points/p1/appeal", 422, {"reason": "再来"})
    (first,) = [one for one in call(desk, keys["shashi"], "GET", "/points", 200, month="2026-11")["items"]
                if one["entry_id"] == "p1"]  # fmt: skip
    assert (first["appealed"], first["pending"], first["may_appeal"]) == (made["decision_id"], True, False)
    call(desk, keys["shashi"], "POST", "/points/p1/decisions", 403, {"action": "accept", "reason": "自己说了算"})
    desk.index(a_point(1, -2, appealed=made["decision_id"], revision=2, changed_at=clock("20:00")))
    call(desk, keys["editor"], "POST", "/points/p1/decisions", 422, {"action": "maybe", "reason": "x"})
    call(desk, keys["editor"], "POST", "/points/p1/decisions", 202, {"action": "accept", "reason": "属实"})
    call(desk, keys["checker"], "POST", "/points/p3/decisions", 422, {"action": "accept", "reason": "没有申诉"})
    decisions = sent(desk, 2)
    assert [(one.subject_type, one.subject_id, one.action) for one in decisions] == [
        ("points", "p1", "appeal"), ("points", "p1", "accept"),
    ]  # fmt: skip


def test_a_correction_is_a_new_entry_and_the_table_is_kept_to(desk: RunningDesk, keys: dict[str, str]) -> None:
    desk.index(*POINTS)

    def score(status: int, name: str = "editor", **body: str) -> Any:
        return call(desk, keys[name], "POST", "/points", status, body)

    score(403, "shashi", department="U064", key="adopt.city_市委办")
    score(422, department="无此局", key="adopt.city_市委办")
    score(422, department="U064", key="gift")
    score(422, department="U064", corrects="p1", points="2")  # without a reason
    score(422, department="U034", corrects="p1", points="2", reason="张冠李戴")
    score(422, department="U064", corrects="p1", points="two", reason="x")
    first = score(202, department="U064", key="adopt.city_市委办", reason="市委办第5期")
    assert score(202, department="U064", key="adopt.city_市委办", reason="市委办第5期") == first, (
        "pressed twice is once"
    )
    score(202, department="沙石镇", corrects="p1", points="2", reason="误扣")
    assert [one.details for one in sent(desk, 2)] == [
        {"key": "adopt.city_市委办"}, {"corrects": "p1", "points": "2"},
    ]  # fmt: skip


def test_the_pages_of_points_and_the_notice(desk: RunningDesk, keys: dict[str, str]) -> None:
    desk.index(*POINTS)
    with login(desk, keys["shashi"]) as reporter:
        page = reporter.get("/points?month=2026-11").text
        assert "迟报&lt;s&gt;" in page
        assert "提出申诉" in page
        assert "/notices/" not in page
        assert "申诉中" in reporter.post("/points/p1/appeal", data={"reason": "断网", "month": "2026-11"}).text
        assert reporter.get("/notices/2026-11.pdf").status_code == 403
        assert reporter.post("/points/p3/appeal", data={"reason": "x"}).status_code == 404
    with login(desk, keys["officer"]) as officer:
        assert officer.get("/points").status_code == 403
    with login(desk, keys["checker"]) as browser, login(desk, keys["shashi"]) as reporter:
        page = browser.get("/points?month=2026-11").text
        assert "申诉成立" in page
        assert "申诉：断网" in page  # who rules on it reads it
        assert "提出申诉" not in page  # and does not appeal for others
        assert "申诉：断网" in reporter.get("/points?month=2026-11").text
        made = {form: browser.get(f"/notices/2026-11.{form}") for form in ("html", "pdf", "docx")}
        assert [one.status_code for one in made.values()] == [200, 200, 200]
        assert "信息报送情况通报（2026年11月）" in made["html"].text
        pdf = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made["pdf"].content)).pages)
        assert "计分表版本" in pdf
        document = Document(io.BytesIO(made["docx"].content))
        assert document.tables[0].rows[0].cells[0].text == "单位"
        assert "tongbao-2026-11.pdf" in made["pdf"].headers["content-disposition"]
        assert browser.get("/notices/2026-99.html").status_code == 422
    call(desk, keys["officer"], "GET", "/notices/2026-11", 403)


# -- receipts ---------------------------------------------------------------------------------------------------------


def delivery(model: type[Delivery], of: str, reference: str, outcome: Outcome, **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "delivery_id": f"{of}-{reference}-{outcome.value}", "alert_id": of, "incident": "i1", "channel": "sms",
        "outcome": outcome, "tries": 1, "at": clock("12:01"), "reference": reference,
    }  # fmt: skip
    return model.model_validate(values | changes)


def push(desk: RunningDesk, body: Any, *, secret: str = DOOR_SECRET, channel: str = "sms") -> httpx.Response:
    return httpx.post(f"{desk.base}/api/v1/receipts/{channel}/{secret}", json=body, timeout=ANSWER_S)


def test_a_gateway_pushes_what_became_of_its_messages(desk: RunningDesk) -> None:
    alert = Alert(
        alert_id="a1", incident="i1", alert_version=1, district=DISTRICT, level=None, stage=Stage.FIRST, title="t",
        text="x", reason=AlertReason.NEW, raised_at=clock("12:00"),
    )  # fmt: skip
    desk.index(
        alert,
        delivery(Delivery, "a1", "100", Outcome.DELIVERED),
        delivery(Delivery, "a1", "101", Outcome.DELIVERED),
        delivery(Delivery, "a1", "101", Outcome.RECEIVED),
        delivery(Delivery, "a1", "102", Outcome.DELIVERED, channel="mail"),
        delivery(ReminderAttempt, "m1", "200", Outcome.DELIVERED),
    )
    assert push(desk, {}, secret="wrong").status_code == 404
    assert push(desk, {}, channel="mail").status_code == 404
    assert push(desk, {"data": [{"state": "DELIVRD"}]}).json()["errors"][0]["field"] == "data.0.msgid"
    assert (
        httpx.post(f"{desk.base}/api/v1/receipts/sms/{DOOR_SECRET}", content=b"\xff", timeout=ANSWER_S).status_code
        == 422
    )

    said = (("100", "UNDELIV"), (200, "DELIVRD"), ("101", "DELIVRD"), ("100", "ACCEPTD"))
    words = [{"msgid": reference, "state": state} for reference, state in said]
    answer = push(desk, {"data": words})
    assert (answer.status_code, answer.json()) == (200, {"taken": 2, "repeated": 1, "passed_over": 1})
    assert push(desk, {"data": words}).json()["taken"] == 2, "the end is not on record yet; the outbox has it once"
    form = httpx.post(
        f"{desk.base}/api/v1/receipts/sms/{DOOR_SECRET}", data={"msgid": "100", "state": "UNDELIV"}, timeout=ANSWER_S
    )
    assert form.status_code == 200
    unknown = push(desk, {"data": [{"msgid": "102", "state": "DELIVRD"}, {"msgid": "100", "state": "UNDELIV"}]})
    assert unknown.status_code == 404
    assert [(one["field"], one["message"]) for one in unknown.json()["errors"]] == [
        ("data.0.msgid", "no message 102 was handed to sms")
    ]
    time.sleep(1)
    found = sent(desk, 2)
    assert {(one.channel, one.reference, one.arrived) for one in found if isinstance(one, PushedReceipt)} == {
        ("sms", "100", False), ("sms", "200", True),
    }  # fmt: skip
    assert len(found) == 2
    assert all(one.at <= clock("20:00") + timedelta(seconds=1) for one in found)
