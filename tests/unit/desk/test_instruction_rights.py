"""Who may do what with instructions, over REST and on pages, with the index away: the desk's own record is enough."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch
from fastapi.testclient import TestClient

from desk.accounts import Role
from desk.app import create_app
from desk.auth import COOKIE
from desk.services import Desk
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable
from tests.unit.desk.conftest import KEY, NOON, Harness

OWNER, OTHER, REPORTED = "U064", "U028", "U034"
SECRET = "我叫王小明，电话13812345678"


@pytest.fixture
def services(desk: Harness) -> Desk:
    found: Desk = desk.client.app.state.desk  # type: ignore[attr-defined]
    return found


def known(services: Desk, role: Role, department: str | None) -> str:
    """An account that can do nothing but be there: hashing a password for each takes a second."""
    name = f"x{role.value}{department or ''}".lower()
    with services.database.transaction() as connection:
        values = (name, role.value, "", department, "", 0, 0, NOON.isoformat())
        columns = "name, role, display, department, password, must_change, disabled, at"
        connection.execute(f"INSERT OR IGNORE INTO accounts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    return name


def key(services: Desk, role: Role, department: str | None = None) -> dict[str, str]:
    """The header of an account of the role."""
    return {"Authorization": f"Bearer {services.people.new_key(known(services, role, department))}"}


def instruct(services: Desk, name: str = "n1", owner: str = OWNER, by: str = "xleader", **more: Any) -> None:
    details = {"item_id": "i1", "owner": owner, "credited": REPORTED, "level": "district", "topic": "沙石镇滑坡"}
    details |= {"text": "请核实处置。", "deadline": (NOON + timedelta(days=5)).isoformat()} | more
    services.database.put_decision(
        Decision(decision_id=f"d-{name}", district="zhanggong", subject_type="instruction", subject_id=name,
                 action="instruct", by=by, at=NOON - timedelta(hours=1), details=details)
    )  # fmt: skip


def step(desk: Harness, headers: dict[str, str], action: str, name: str = "n1", **more: Any) -> Any:
    body = {"action": action, "revision": 1} | more
    return desk.client.post(f"/api/v1/instructions/{name}/steps", json=body, headers=headers)


@pytest.mark.parametrize(
    ("role", "lists", "gives", "leads", "reports", "boards"),
    [
        (Role.REPORTER, 200, 403, 403, 403, 403),
        (Role.EDITOR, 200, 403, 403, 403, 503),
        (Role.DUTY, 200, 403, 403, 403, 503),
        (Role.SUPERVISOR, 200, 403, 403, 503, 503),
        (Role.LEADER, 200, 503, 200, 503, 503),
        (Role.ADMIN, 200, 403, 200, 503, 503),
    ],
)
def test_every_role_gets_what_is_its_own(
    desk: Harness, services: Desk, role: Role, lists: int, gives: int, leads: int, reports: int, boards: int
) -> None:
    """503: may, and would, were the index there."""
    headers = key(services, role, OWNER if role is Role.REPORTER else None)
    order = {"item_id": "i1", "owner": OWNER, "text": "请核实。", "deadline": "d3"}
    get = lambda path: desk.client.get(f"/api/v1/{path}", headers=headers).status_code  # noqa: E731
    assert get("instructions") == lists
    assert desk.client.post("/api/v1/instructions", json=order, headers=headers).status_code == gives
    assert (get("leader"), get("instructions/report"), get("board")) == (leads, reports, boards)


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [
        (Role.REPORTER, OWNER, {"acknowledge", "answer"}),
        (Role.REPORTER, OTHER, set()),
        (Role.EDITOR, None, set()),
        (Role.DUTY, None, set()),
        (Role.SUPERVISOR, None, {"remind", "close"}),
        (Role.LEADER, None, {"remind", "close", "withdraw"}),
        (Role.ADMIN, None, {"remind", "close"}),
    ],
)
def test_every_step_is_somebodys(
    desk: Harness, services: Desk, role: Role, department: str | None, may: set[str]
) -> None:
    headers = key(services, role, department)
    for action in ("acknowledge", "answer", "remind", "close", "withdraw"):
        instruct(services, f"n-{action}")
        answer = step(desk, headers, action, f"n-{action}", words="说明")
        assert answer.status_code == (202 if action in may else 404 if department == OTHER else 403), action


def test_a_leader_takes_back_the_own_instructions_only(desk: Harness, services: Desk) -> None:
    headers = key(services, Role.LEADER)
    instruct(services, by="another")
    assert step(desk, headers, "withdraw", words="误批").status_code == 403


def test_a_department_sees_its_own_and_nothing_of_the_item(desk: Harness, services: Desk) -> None:
    headers = key(services, Role.REPORTER, OWNER)
    instruct(services)
    instruct(services, "n2", owner=OTHER)
    watch = key(services, Role.SUPERVISOR)
    step(desk, watch, "remind", words="请抓紧")
    listed = desk.client.get("/api/v1/instructions?view=all", headers=headers).json()
    [one] = listed["items"]
    assert (one["id"], listed["away"]) == ("n1", True)
    assert not {"item_id", "credited", "by"} & one.keys()
    assert [each["by"] for each in one["steps"]] == ["区委办"]
    assert desk.client.get("/api/v1/instructions/n2", headers=headers).status_code == 404
    assert desk.client.get("/api/v1/instructions?item=i1&view=all", headers=headers).json()["items"] == []
    reported = key(services, Role.REPORTER, REPORTED)
    assert desk.client.get("/api/v1/instructions/n1", headers=reported).status_code == 404
    office = desk.client.get("/api/v1/instructions/n1", headers=watch).json()
    assert (office["item_id"], office["credited"], office["by"]) == ("i1", REPORTED, "xleader")


def test_the_owner_who_reported_it_finds_its_report(desk: Harness, services: Desk) -> None:
    instruct(services, credited=OWNER)
    one = desk.client.get("/api/v1/instructions/n1", headers=key(services, Role.REPORTER, OWNER)).json()
    assert one["item_id"] == "i1"


def test_what_people_write_is_masked_before_it_is_kept(desk: Harness, services: Desk) -> None:
    instruct(services)
    headers = key(services, Role.REPORTER, OWNER)
    assert step(desk, headers, "answer", words=SECRET, final=True).status_code == 202
    kept = services.database.decisions_on("instruction", "n1")[-1]
    assert "13812345678" not in kept.model_dump_json()
    assert "王小明" not in kept.model_dump_json()


def test_a_step_made_on_an_old_page_is_a_conflict_and_a_reminder_is_none(desk: Harness, services: Desk) -> None:
    instruct(services)
    owner, watch = key(services, Role.REPORTER, OWNER), key(services, Role.SUPERVISOR)
    assert step(desk, watch, "remind").status_code == 202
    assert step(desk, owner, "acknowledge").status_code == 202
    late = step(desk, owner, "answer", words="已办", final=True)
    assert late.status_code == 409
    assert step(desk, owner, "answer", words="已办", final=True, revision=2).json()["state"] == "answered"


def test_the_clock_reminds_once_however_often_it_looks(desk: Harness, services: Desk) -> None:
    instruct(services, deadline=(NOON - timedelta(minutes=5)).isoformat())
    for _ in range(2):
        assert desk.client.portal is not None
        desk.client.portal.call(services.instructions.remind)
    reminders = [one for one in services.database.decisions_on("instruction", "n1") if one.action == "remind"]
    assert [(one.by, one.reason) for one in reminders] == [("system", "已过办理时限，请立即反馈")]


def visit(desk: Harness, role: Role, services: Desk, department: str | None = None) -> None:
    """A browser with the account's session."""
    desk.client.cookies.set(COOKIE, services.people.open_session(known(services, role, department), "here"))


def test_pages_keep_what_was_typed_and_say_what_is_wrong(desk: Harness, services: Desk) -> None:
    instruct(services)
    visit(desk, Role.REPORTER, services, OWNER)
    page = desk.client.get("/instructions").text
    assert "沙石镇滑坡" in page
    assert "/items/i1" not in desk.client.get("/instructions/n1").text
    done = {"action": "answer", "revision": "7", "reason": "已处置<b>完毕</b>", "final": "yes"}
    answer = desk.client.post("/instructions/n1/steps", data=done)
    assert (answer.status_code, "已处置&lt;b&gt;完毕" in answer.text) == (409, True)
    assert desk.client.post("/instructions/n1/steps", data=done | {"revision": "1"}).url.path == "/instructions/n1"
    for path in ("/leader", "/duty/board", "/instructions/report.pdf"):
        assert desk.client.get(path).status_code == 403, path
    assert desk.client.post("/items/i1/instruct", data={"text": "x"}).status_code == 403


def test_forms_of_other_sites_are_refused(desk: Harness, services: Desk) -> None:
    instruct(services)
    visit(desk, Role.LEADER, services)
    far = {"Origin": "http://evil.example"}
    for path in ("/instructions/n1/steps", "/items/i1/instruct", "/alerts/a/confirm"):
        data = {"action": "close", "revision": "1", "reason": "x", "text": "x"}
        answer = desk.client.post(path, data=data, headers=far, follow_redirects=False)
        assert answer.headers["location"].startswith("/login"), path
    assert len(services.database.decisions_on("instruction", "n1")) == 1


def test_without_the_index_the_leaders_page_says_so_and_shows_what_is_known(desk: Harness, services: Desk) -> None:
    instruct(services)
    visit(desk, Role.LEADER, services)
    page = desk.client.get("/leader")
    assert page.status_code == 200
    assert "索引暂时不可用" in page.text
    assert "沙石镇滑坡" in page.text
    board = desk.client.get("/duty/board")
    assert (board.status_code, "索引暂时不可用" in board.text) == (503, True)


def test_what_can_still_be_done_is_said_with_the_index_away(desk: Harness) -> None:
    """No count is told of what cannot be seen, and nothing is promised that does not work."""
    client = desk.client
    client.post("/login", data={"key": KEY})
    leader = client.get("/leader").text
    assert "<b>—</b>急情要事" in leader
    assert "新的批示等恢复后再下" in leader
    for path in ("/", "/duty/board", "/queue", "/items", "/bulletins", "/stats"):
        page = client.get(path)
        assert (page.status_code, "报送、电话接报、约稿和批示件的签收反馈照常可办" in page.text) == (503, True), path


def test_with_kafka_away_no_page_says_that_reports_are_taken(desk: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise BrokerUnavailable("away")

    client = desk.client
    client.post("/login", data={"key": KEY})
    monkeypatch.setattr(client.app.state.desk.deps.intake, "accept", away)  # type: ignore[attr-defined]
    filed = client.post("/report", data={"source": "U064", "text": "今日巡查，未发现异常。"})
    assert (filed.status_code, "还没有报上去" in filed.text, "照常" in filed.text) == (503, True, False)
    monkeypatch.setattr("desk.routes.reporting._file", away)
    bare = client.post("/report", data={"source": "U064", "text": "今日巡查，未发现异常。"})
    assert (bare.status_code, "没有办成" in bare.text, "照常" in bare.text) == (503, True, False)


def test_a_calm_page_says_that_nothing_can_come_in(desk: Harness) -> None:
    deps = desk.client.app.state.desk.deps  # type: ignore[attr-defined]
    away = AsyncElasticsearch("http://127.0.0.1:9", max_retries=0)  # one belongs to one loop
    app = create_app(replace(deps, client=away, broker_ready=lambda: False))
    with TestClient(app, base_url="http://desk") as client:
        client.post("/login", data={"key": KEY})
        until = time.monotonic() + 10
        while not app.state.desk.broker.away and time.monotonic() < until:
            time.sleep(0.05)
        for path in ("/leader", "/report", "/commissions"):
            assert "新的报送、信息和预警现在进不来" in client.get(path).text, path
    assert "现在进不来" not in desk.client.get("/login").text


def test_openapi_describes_the_calls(desk: Harness) -> None:
    paths = desk.client.get("/api/v1/openapi.json").json()["paths"]
    wanted = {"instructions", "instructions/{identifier}", "instructions/{identifier}/steps", "instructions/report"}
    assert wanted | {"board", "leader"} <= {path.removeprefix("/api/v1/") for path in paths}
