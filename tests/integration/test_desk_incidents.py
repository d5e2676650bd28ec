"""Incidents at the desk over a real Elasticsearch: a call written down, a course read, a decision made."""

from __future__ import annotations

import time

import httpx
import pytest

from processors.incident_people import decided
from tests.desk_server import RunningDesk
from tests.index_events import incident

pytestmark = pytest.mark.integration
EVIL = "<script>alert(1)</script>"


def sent(desk: RunningDesk, count: int) -> list[object]:
    end = time.monotonic() + 20
    while len(desk.decisions.sent) < count:
        assert time.monotonic() < end
        time.sleep(0.05)
    found: list[object] = desk.decisions.sent
    return found


def test_a_call_opens_an_incident_that_can_be_followed(desk: RunningDesk, browser: httpx.Client) -> None:
    call = {
        "department": "U064", "title": "沙石镇后山滑坡，联系电话13812345678", "place": "沙石镇", "called_at": "11:35",
        "occurred_at": "11:18", "injured": "3", "deaths": "", "missing": "", "trapped": "2", "event_type": "山体滑坡",
    }  # fmt: skip
    blank = browser.get("/incidents/phone")
    assert (blank.status_code, "来电单位" in blank.text) == (200, True)
    shown = browser.post("/incidents/phone", data=call).text
    assert "已记下" in shown
    [decision] = sent(desk, 1)
    assert "13812345678" not in decision.model_dump_json()  # type: ignore[attr-defined]
    [opened] = decided({}, decision)  # type: ignore[arg-type]
    assert (opened.facts.injured, opened.facts.trapped, opened.facts.deaths) == (3, 2, None)
    assert opened.incident in shown
    desk.index(opened)
    page = browser.get(f"/incidents/{opened.incident}").text
    for words in ("沙石镇后山滑坡", "电话报告", "沙石镇", "受伤3", "山体滑坡", "11月20日 11:35"):
        assert words in page
    assert f"/incidents/{opened.incident}" in browser.get("/?day=2026-11-20").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"department": "无此局"}, "名录中没有"),
        ({"title": " "}, "请写明发生了什么"),
        ({"title": "机密★1年 某事"}, "密级"),
        ({"injured": "三"}, "人数请填数字"),
        ({"event_type": "外星人"}, "事件类型表中没有"),
        ({"called_at": "25:99"}, "时间写作"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_and_what_was_typed_stays(
    desk: RunningDesk, browser: httpx.Client, change: dict[str, str], said: str
) -> None:
    call = {"department": "U064", "title": "后山滑坡", "place": f"沙石镇{EVIL}"} | change
    answer = browser.post("/incidents/phone", data=call)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "沙石镇&lt;script" in answer.text
    assert desk.decisions.sent == []


def test_people_decide_on_an_incident(desk: RunningDesk, browser: httpx.Client) -> None:
    one = incident(1, 1)
    desk.index(one)
    path = f"/incidents/{one.incident}"
    assert browser.post(f"{path}/decisions", data={"action": "close"}).status_code == 422
    assert browser.post(f"{path}/decisions", data={"action": "explode", "reason": "x"}).status_code == 422
    page = browser.post(f"{path}/decisions", data={"action": "confirm"}).text
    assert "正在写入" in page
    [decision] = sent(desk, 1)
    [confirmed] = decided({one.incident: one}, decision)  # type: ignore[arg-type]
    assert confirmed.confirmed_by == "first"
    desk.index(confirmed, decision)  # type: ignore[arg-type]
    page = browser.get(path).text
    assert "核实属实" in page
    assert "正在写入" not in page
    assert browser.get("/incidents/none").status_code == 404
