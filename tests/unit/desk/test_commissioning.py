"""约稿: asked, answered by a report, taken back; and the points that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.accounts import Account, Role
from desk.commissioning import Asking, Commissions
from desk.database import Database
from processors.duty.commissioned import Outcome
from schemas.errors import InvalidItem
from tests.unit.desk.conftest import KEY, NOON, Harness

ASKING = Asking("地质灾害隐患排查", "请写清数量和责任人。", "2026-11-21T17:30", ("U028", "U029"))


@pytest.fixture
def asked(tmp_path: Path) -> Commissions:
    return Commissions(Database(tmp_path / "desk.sqlite3"), "zhanggong", ["U028", "U029", "U030"])


def outcomes(asked: Commissions, at: datetime, department: str | None = None) -> list[tuple[str, Outcome]]:
    return [(one.commission.department, one.commission.outcome) for one in asked.all(at, department)]


def test_what_becomes_of_a_request(asked: Commissions) -> None:
    request = asked.ask(ASKING, by="li", now=NOON).subject_id
    assert outcomes(asked, NOON) == [("U028", Outcome.WAITING), ("U029", Outcome.WAITING)]
    assert [one.urgent for one in asked.all(NOON)] == [False, False]
    assert [one.urgent for one in asked.all(NOON + timedelta(hours=6))] == [True, True]
    asked.answer(request, "U028", "i1", by="wang", at=NOON + timedelta(hours=1))
    again = asked.answer(request, "U028", "i1", by="wang", at=NOON + timedelta(hours=9))
    late = NOON + timedelta(days=2)
    assert outcomes(asked, late) == [("U029", Outcome.MISSED), ("U028", Outcome.DONE)]
    asked.answer(request, "U029", "i2", by="wang", at=late)
    assert outcomes(asked, late, "U029") == [("U029", Outcome.LATE)]
    assert again.decision_id in {one.decision_id for one in asked._database.decisions_on("request", request)}
    assert len(asked._database.decisions_on("request", request)) == 3
    assert asked.open_for("U029", late) == []


def test_a_request_taken_back_is_owed_by_nobody(asked: Commissions) -> None:
    request = asked.ask(ASKING, by="li", now=NOON).subject_id
    asked.close(request, "已有材料", by="li", now=NOON)
    assert {outcome for _, outcome in outcomes(asked, NOON + timedelta(days=9))} == {Outcome.WITHDRAWN}
    for wrong in (lambda: asked.close(request, "", by="li", now=NOON), lambda: asked.demand_open(request, "U028")):
        with pytest.raises(InvalidItem):
            wrong()


def test_only_who_was_asked_answers(asked: Commissions) -> None:
    request = asked.ask(ASKING, by="li", now=NOON).subject_id
    for wrong in ((request, "U030"), ("nothing", "U028"), (request, None)):
        with pytest.raises(InvalidItem):
            asked.demand_open(*wrong)


def test_every_wrong_field_is_named(asked: Commissions) -> None:
    wrong = Asking(" ", "长" * 1001, "2026-11-20T11:59", ("U028", "nobody"))
    with pytest.raises(InvalidItem) as caught:
        asked.ask(wrong, by="li", now=NOON)
    assert [one.field for one in caught.value.errors] == ["topic", "text", "departments", "deadline"]
    assert asked.all(NOON) == []


def test_a_deadline_that_no_page_could_show_is_refused(asked: Commissions) -> None:
    with pytest.raises(InvalidItem) as caught:
        asked.ask(replace(ASKING, deadline="9999-12-31T23:59-12:00"), by="li", now=NOON)
    assert [one.field for one in caught.value.errors] == ["deadline"]
    asked.ask(replace(ASKING, deadline="2028-12-31T23:59"), by="li", now=NOON)


def test_personal_data_is_masked_before_it_is_kept(asked: Commissions) -> None:
    number = "13912345678"
    made = asked.ask(replace(ASKING, topic=f"核实来电{number}", text=f"来电人电话{number}。"), by="li", now=NOON)
    assert number not in made.model_dump_json()
    assert [(number in one.text, "来电人" in one.text) for one in asked.all(NOON)] == [(False, True)] * 2


def test_a_citizens_words_do_not_reach_the_unit_complained_of(desk: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    post = {
        "item_id": "i1", "lane": "opinion", "title": "我是三号楼的，被克扣工资", "text": "住三号楼的我被克扣工资",
        "opinion": {"theme": "劳动纠纷"}, "facts": {"places": ["沙石镇"]},
    }  # fmt: skip

    async def item(*_: Any) -> dict[str, Any]:
        return post

    monkeypatch.setattr(desk.client.app.state.desk, "item", item)  # type: ignore[attr-defined]
    desk.client.post("/login", data={"key": KEY})
    page = desk.client.get("/commissions?item=i1").text
    assert "三号楼" not in page
    assert 'value="沙石镇劳动纠纷"' in page


def test_a_department_does_not_learn_what_item_it_is_about(desk: Harness) -> None:
    services = desk.client.app.state.desk  # type: ignore[attr-defined]
    services.commissions.ask(replace(ASKING, about="i1"), by="li", now=NOON)
    services.people.create(Account("rep", Role.REPORTER, "", "U028"), by="admin")
    services.people.change_password("rep", services.people.reset("rep", by="admin"), "Luzhu-shan-4417")
    for key, about in ((services.people.new_key("rep"), {None}), (KEY, {"i1"})):
        shown = desk.client.get("/api/v1/commissions", headers={"Authorization": f"Bearer {key}"}).json()
        assert {one["about"] for one in shown["items"]} == about


def test_asked_on_a_page_and_answered_by_a_report(desk: Harness) -> None:
    desk.client.post("/login", data={"key": KEY})
    evil = "<script>x</script>"
    given = {"topic": evil, "text": evil, "deadline": "2026-11-21T17:30", "departments": ["U028"]}
    assert "须晚于现在" in desk.client.post("/commissions", data=given | {"deadline": "2026-11-19T17:30"}).text
    page = desk.client.post("/commissions", data=given).text
    assert "待交" in page
    assert "&lt;script&gt;x" in page
    assert evil not in page
    once = desk.client.post(
        "/admin/people", data={"name": "xiaowang", "display": "", "role": "reporter", "department": "U028"}
    ).text.split("<code>")[1].split("<")[0]  # fmt: skip
    desk.client.post("/logout")
    desk.client.post("/login", data={"name": "xiaowang", "password": once})
    desk.client.post("/account", data={"old": once, "password": "Luzhu-shan-4417"})
    desk.client.post("/login", data={"name": "xiaowang", "password": "Luzhu-shan-4417"})
    page = desk.client.get("/commissions").text
    assert "约一篇" not in page
    assert "写这篇" in page
    request = page.split("/report?request=")[1].split('"')[0]
    form = desk.client.get(f"/report?request={request}").text
    assert f'<option value="{request}" selected>' in form
    report = {"title": "排查情况", "text": "全镇排查隐患点十二处，均已落实责任人。", "request": request}
    assert "已收到" in desk.client.post("/report", data=report).text
    assert "已收到" in desk.client.post("/report", data=report).text.replace("先前已收到", "已收到")
    page = desk.client.get("/commissions").text
    assert "按期完成" in page
    assert "写这篇" not in page
    assert "没有向本单位约过" in desk.client.post("/report", data=report | {"request": "other"}).text
    assert len(desk.sink.parcels) == 1
    shown = desk.client.get("/api/v1/commissions", headers={"Authorization": f"Bearer {KEY}"}).json()
    assert [one["outcome"] for one in shown["items"]] == ["done"]
    assert [(one.subject_type, one.action) for one in desk.decisions.sent] == [
        ("request", "request"),
        ("request", "answer"),
    ]
