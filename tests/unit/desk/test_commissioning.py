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
from processors.fold import Projection, fold, join
from schemas.decision import Decision
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
    again = desk.client.post("/report/again", data=report).text  # mended, it answers the same request
    assert f'<option value="{request}" selected>' in again
    assert "已交稿" in again
    assert f'name="request" value="{request}"' in desk.client.post("/report", data=report).text
    assert request not in desk.client.get("/report").text
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


def elsewhere(*decisions: Decision) -> list[dict[str, Any]]:
    """Documents of the alias ``requests``, as the index worker folds them."""
    folded: dict[str, dict[str, Any]] = {}
    for one in decisions:
        folded[one.subject_id] = fold(folded.get(one.subject_id), one)
    return [one for one in folded.values() if one["complete"]]


def other_desk(tmp_path: Path) -> Commissions:
    return Commissions(Database(tmp_path / "other.sqlite3"), "zhanggong", ["U028", "U029", "U030"])


def test_what_was_asked_elsewhere_is_shown_answered_and_taken_back(asked: Commissions, tmp_path: Path) -> None:
    far = other_desk(tmp_path)
    first, second = (far.ask(ASKING, by="命令行", now=NOON) for _ in range(2))
    with pytest.raises(InvalidItem):
        asked.demand_open(first.subject_id, "U028")
    asked.learn(elsewhere(first, second, first))
    assert [(one.by, one.text, one.commission.topic) for one in asked.all(NOON, "U028")] == [
        ("命令行", "", "地质灾害隐患排查")
    ] * 2
    answer = asked.answer(first.subject_id, "U028", "i1", by="wang", at=NOON - timedelta(hours=1))
    assert answer.at > first.at, "whatever this desk's clock says"
    asked.close(second.subject_id, "已有材料", by="li", now=NOON)
    with pytest.raises(InvalidItem):
        asked.demand_open(second.subject_id, "U028")
    assert {outcome for _, outcome in outcomes(asked, NOON + timedelta(hours=1))} == {
        Outcome.DONE, Outcome.WAITING, Outcome.WITHDRAWN,
    }  # fmt: skip
    # Once the index has our decisions too, nothing is there twice.
    before = asked.all(NOON + timedelta(hours=1))
    asked.learn(elsewhere(first, second, *(one for ask in (first, second) for one in asked._on(ask.subject_id))))
    assert asked.all(NOON + timedelta(hours=1)) == before


def test_a_request_that_cannot_be_read_costs_nobody_the_page(asked: Commissions, tmp_path: Path) -> None:
    good = other_desk(tmp_path).ask(ASKING, by="命令行", now=NOON)
    broken = [
        good.model_copy(update={"subject_id": f"b{number}", "details": details})
        for number, details in enumerate(
            [{}, {"deadline": "bald", "departments": ["U028"]}, {"deadline": "2026-11-21"}]
        )
    ]
    asked.learn(elsewhere(*broken, good))
    assert {one.commission.request for one in asked.all(NOON)} == {good.subject_id}


def test_any_order_folds_to_the_same(asked: Commissions) -> None:
    request = asked.ask(ASKING, by="li", now=NOON)
    known = [request, asked.answer(request.subject_id, "U028", "i1", by="wang", at=NOON)]
    [one] = elsewhere(*known)
    assert [one] == elsewhere(*reversed(known), *known)
    assert (one["deadline"], one["departments"]) == ("2026-11-21T17:30:00+08:00", ["U028", "U029"])
    assert join(Projection.REQUESTS, fold(None, known[1]), fold(None, known[0])) == one


def test_the_page_says_where_the_index_is_away(desk: Harness) -> None:
    desk.client.post("/login", data={"key": KEY})
    page = desk.client.get("/commissions")
    assert (page.status_code, "索引暂时不可用" in page.text) == (200, True)
