"""Incidents merged, split and taken back by people at the desk, over a real Elasticsearch."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from processors.incident_people import decided
from schemas.incident import Incident
from tests.desk_server import ANSWER_S, HEADERS, KEY, RunningDesk
from tests.index_events import incident

pytestmark = pytest.mark.integration


def post(desk: RunningDesk, path: str, status: int, **body: Any) -> Any:
    answer = httpx.post(f"{desk.base}/api/v1/incidents{path}", json=body, headers=HEADERS, timeout=ANSWER_S)
    assert answer.status_code == status, answer.text
    return answer.json()


def carried_out(desk: RunningDesk, count: int, *known: Incident) -> dict[str, Incident]:
    """What the incident worker makes of the decision that came last, put into the index."""
    end = time.monotonic() + 20
    while len(desk.decisions.sent) < count:
        assert time.monotonic() < end
        time.sleep(0.05)
    state = {one.incident: one for one in known}
    changed = decided(state, desk.decisions.sent[-1])
    desk.index(*changed, desk.decisions.sent[-1])
    return state | {one.incident: one for one in changed}


def test_merge_split_and_undo_are_decisions_that_the_worker_can_carry_out(desk: RunningDesk) -> None:
    one, other = incident(1, 1, 2), incident(2, 3).model_copy(update={"incident": "i2"})
    one = one.model_copy(update={"version": 1})
    desk.index(one, other, incident(1, 4, name="i3"))
    assert post(desk, "/i1/merge", 422, incidents=["none"])["errors"][0]["field"] == "incidents"
    assert post(desk, "/i1/merge", 422, incidents=["i1"])["errors"][0]["message_zh"] == "请选择要并入的事件"
    post(desk, "/none/merge", 404, incidents=["i2"])
    assert post(desk, "/i1/split", 422, item_ids=["none"])["errors"][0]["field"] == "details.item_ids"
    everything = [source.item_id for source in one.sources]
    assert post(desk, "/i1/split", 422, item_ids=everything)["errors"][0]["message_zh"] == "不能把全部来源拆出"
    assert desk.decisions.sent == []

    made = post(desk, "/i1/merge", 202, incidents=["i2"], reason="同一处滑坡")
    post(desk, "/i1/split", 409, item_ids=everything[:1])
    refused = post(desk, "/i3/merge", 409, incidents=["i2"])
    assert refused["errors"][0]["message_zh"] == "首个密钥：把“沙石镇山体滑坡”并入“沙石镇山体滑坡”"
    state = carried_out(desk, 1, one, other)
    assert (len(state["i1"].sources), state["i2"].merged_into) == (3, "i1")
    assert "已并入" in post(desk, "/i2/split", 422, item_ids=["x"])["errors"][0]["message_zh"]
    post(desk, "/i1/merge", 422, incidents=["i2"])

    post(desk, "/i1/undo", 202, decision_id=made["decision_id"])
    state = carried_out(desk, 2, *state.values())
    assert (len(state["i1"].sources), state["i2"].merged_into) == (2, None)
    post(desk, "/i1/undo", 422, decision_id=made["decision_id"])

    post(desk, "/i1/split", 202, item_ids=everything[:1])
    state = carried_out(desk, 3, *state.values())
    assert len(state["i1"].sources) == 1
    assert len(state) == 3

    post(desk, "/i1/report-up", 422, side="moon")
    post(desk, "/i1/report-up", 202, side="city")
    acts = carried_out(desk, 4, *state.values())["i1"].acts
    assert "report_up" in {one.action for one in acts}


def test_the_page_offers_others_and_sources(desk: RunningDesk) -> None:
    one = incident(1, 1, 2).model_copy(update={"version": 1})
    other = incident(2, 3).model_copy(update={"incident": "i2", "title": "另一处<b>滑坡"})
    desk.index(one, other)
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as browser:
        browser.post("/login", data={"key": KEY})
        page = browser.get("/incidents/i1").text
        assert "另一处&lt;b&gt;滑坡" in page
        assert "拆出来源" in page
        assert browser.post("/incidents/i1/merge").status_code == 422
        page = browser.post("/incidents/i1/merge", data={"incidents": ["i2"]}).text
        assert "正在写入" in page
        carried_out(desk, 1, one, other)
        page = browser.get("/incidents/i1").text
        assert "撤销处理" in page
        assert "已并入" in browser.get("/incidents/i2").text
