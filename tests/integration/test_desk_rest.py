"""REST of the desk over a real Elasticsearch: lists, search, paging, duty, alerts, bulletins."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from schemas.alert import Alert, AlertReason, Delivery, Outcome
from schemas.assessment import AssessedItem, Emergency, Finding
from schemas.bulletin import Bulletin
from schemas.ledger import LedgerEntry
from schemas.vocab import Category, Check, Lane, LedgerState, Level, Stage
from tests.desk_server import ANSWER_S, HEADERS, RunningDesk
from tests.index_events import DISTRICT, NOON, after, assessed, decision, incident, item_id, story

pytestmark = pytest.mark.integration


def get(desk: RunningDesk, path: str, status: int = 200, **params: Any) -> Any:
    answer = httpx.get(f"{desk.base}/api/v1{path}", params=params or None, headers=HEADERS, timeout=ANSWER_S)
    assert answer.status_code == status, answer.text
    return answer.json()


def ids(page: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in page["items"]]


def alert(number: int, hours: float, **changes: Any) -> Alert:
    values = {
        "alert_id": f"a{number}", "incident": "i1", "alert_version": number, "district": DISTRICT, "level": Level.IV,
        "stage": Stage.FIRST, "reason": AlertReason.NEW, "title": f"预警{number}", "text": "三人受伤",
        "raised_at": after(hours),
    }  # fmt: skip
    return Alert.model_validate(values | changes)


def delivery(alert_id: str, tries: int, outcome: Outcome, hours: float = 0.1) -> Delivery:
    return Delivery(
        delivery_id=f"{alert_id}-{tries}", alert_id=alert_id, incident="i1", channel="值班室", outcome=outcome,
        tries=tries, at=after(hours + tries / 60),
    )  # fmt: skip


def entry(department: str, state: LedgerState, **changes: Any) -> LedgerEntry:
    values = {
        "department": department, "day": "2026-11-20", "district": DISTRICT, "state": state, "revision": 1,
        "cutoff": after(6), "changed_at": NOON,
    }  # fmt: skip
    return LedgerEntry.model_validate(values | changes)


def elsewhere(item: AssessedItem) -> AssessedItem:
    return item.model_copy(update={"district": "other"})


def test_filters_find_what_they_say_and_nothing_else(desk: RunningDesk) -> None:
    finding = Finding(check=Check.TYPO, text="坡", start=1, end=2, message="疑为“破”")
    plain: dict[str, Any] = {"emergency": Emergency(), "category": Category.WORK_NEWS}
    desk.index(
        assessed(1, emergency=Emergency(is_emergency=True, level=Level.IV, in_district=True)),
        assessed(2, **plain, findings=(finding,)),
        assessed(3, **plain, abstained=True),
        assessed(4, received=after(24), **plain),
        story(1, "s1"), story(3, "s1"), incident(1, 1),
        decision(1, "accept", 1, item_id(2)),
    )  # fmt: skip
    expected = {
        "emergency=true": {1}, "emergency=false": {2, 3, 4}, "level=IV": {1}, "level=null": {2, 3, 4},
        "in_district=true": {1}, "in_district=null": {2, 3, 4}, "category=工作动态": {2, 3, 4}, "abstained=true": {3},
        "check=typo": {2}, "day=2026-11-21": {4}, "story=s1": {1, 3}, "incident=i1": {1}, "status=accepted": {2},
        "timeliness=late": {4}, "lane=report": {1, 2, 3, 4}, "lane=media": set(), "source=D01": {1, 2, 3, 4},
        "emergency=false&day=2026-11-20&abstained=false": {2},
    }  # fmt: skip
    found = {query: set(ids(get(desk, f"/items?{query}"))) for query in expected}
    assert found == {query: {item_id(number) for number in numbers} for query, numbers in expected.items()}


WRONG = [
    "emergency=maybe", "level=V", "lane=fax", "category=急事", "day=20261120", "day=0001-01-01", "check=x",
    "q=" + "长" * 501, "cursor=W10", "cursor=WyJ4IiwieSJd", "limit=201", "colour=red",
]  # fmt: skip


def test_wrong_values_are_named_instead_of_finding_nothing(desk: RunningDesk) -> None:
    for query in WRONG:
        problem = get(desk, f"/items?{query}", status=422)
        assert [error["field"] for error in problem["errors"]] == [query.split("=")[0]]
        assert all(error["message_zh"] for error in problem["errors"])


def test_paging_shows_each_item_once_while_new_ones_come(desk: RunningDesk) -> None:
    # Received in the same millisecond by threes, so that the order rests on the second key too.
    desk.index(*(assessed(number, received=after(-(number // 3))) for number in range(17)))
    expected = ids(get(desk, "/items", limit=200))
    assert len(expected) == 17
    seen, pages, cursor = [], 0, None
    while pages == 0 or cursor:
        page = get(desk, "/items", limit=5, **({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor, pages = page["next"], pages + 1
        desk.index(assessed(100 + pages, received=after(1 + pages)))  # newer than everything
        assert page["total"] == 16 + pages
    assert (seen, pages) == (expected, 4)


def test_the_last_full_page_has_no_next(desk: RunningDesk) -> None:
    desk.index(*(assessed(number) for number in range(4)))
    page = get(desk, "/items", limit=4)
    assert (len(page["items"]), page["next"], page["total"]) == (4, None, 4)


def test_search_in_chinese(desk: RunningDesk) -> None:
    desk.index(  # all three have 沙石镇山体滑坡 in their title
        assessed(1),
        assessed(2, text="水南街道开展防滑除冰演练，坡道铺设草垫，滑雪场停业检查。"),
        assessed(3, text="文清路积水，车辆绕行，3名群众被困后救出。"),
    )  # fmt: skip
    expected = {
        "发生滑坡": [1], "滑坡": [1, 2, 3], "坡道": [2], "路": [3], "滑雪坡": [], "积水": [3], "3名": [3],
        "沙石镇山体": [1, 2, 3], "警戒线 转移": [1], "警戒线　转移": [1], "警戒线、转移": [1], "除冰|积水": [2, 3],
        "“一处山体发生滑坡”": [1], '"一处发生滑坡"': [], "积水 -绕行": [], '"': [],
    }  # fmt: skip
    found = {q: set(ids(get(desk, "/items", q=q))) for q in expected}
    numbers = {item_id(n): n for n in (1, 2, 3)}
    assert {q: sorted(numbers[one] for one in hits) for q, hits in found.items()} == expected


def test_one_item_and_what_is_not_there(desk: RunningDesk) -> None:
    desk.index(assessed(1), story(1, "s1"), story(2, "s1"), elsewhere(assessed(3)))
    item = get(desk, f"/items/{item_id(1)}")
    assert (item["item_id"], item["source_id"], item["story"]) == (item_id(1), "R-1", "s1")
    assert item["reasons"][0]["text"] == "滑坡"
    for name in (item_id(2), item_id(3), "nothing"):  # not come yet, another district's, unknown
        assert get(desk, f"/items/{name}", status=404)["title_zh"]
    assert ids(get(desk, "/items")) == [item_id(1)]


def test_an_erased_item_leaves_lists_and_search_and_keeps_a_trace(desk: RunningDesk) -> None:
    desk.index(assessed(1), assessed(2), decision(1, "erase", 1, item_id(1)))
    assert ids(get(desk, "/items", q="滑坡")) == [item_id(2)]
    trace = get(desk, f"/items/{item_id(1)}")
    assert (trace["erased"], trace["decisions"][0]["by"]) == (True, "王编辑")
    assert "滑坡" not in str(trace)


def test_duty_tells_entries_and_who_is_silent(desk: RunningDesk) -> None:
    desk.index(
        entry("U028", LedgerState.REPORTED, department_name="区水利局", first_at=NOON),
        entry("U064", LedgerState.MISSING),
        entry("U028", LedgerState.LATE, revision=2, explanation="首次报送晚于17:00"),
        entry("U034", LedgerState.ZERO, day="2026-11-19"),
    )
    duty = get(desk, "/duty", day="2026-11-20")
    assert [(one["department"], one["state"]) for one in duty["items"]] == [("U028", "late"), ("U064", "missing")]
    silent = {one["department"] for one in duty["silent"]}
    assert {"U064", "U034"} <= silent
    assert not {"U028", "U001"} & silent  # reported late; the office itself receives and does not report
    assert (duty["next"], duty["total"]) == (None, 2)
    assert get(desk, "/duty", day="20.11.2026", status=422)["errors"][0]["field"] == "day"


def test_alerts_come_newest_first_with_what_became_of_them(desk: RunningDesk) -> None:
    desk.index(
        alert(1, 0), alert(2, 1), alert(3, 2, district="other"),
        delivery("a1", 1, Outcome.FAILED), delivery("a1", 2, Outcome.DELIVERED),
        decision(1, "acknowledge", 1, "a1", "alert"), decision(2, "acknowledge", 1, "a9", "alert"),
    )  # fmt: skip
    page = get(desk, "/alerts")
    assert [(one["alert_id"], one["acknowledged"], one["delivery_state"]) for one in page["items"]] == [
        ("a2", False, "pending"),
        ("a1", True, "delivered"),
    ]
    assert [one["outcome"] for one in page["items"][1]["deliveries"]] == ["failed", "delivered"]
    assert [one["alert_id"] for one in get(desk, "/alerts", open=True)["items"]] == ["a2"]
    first = get(desk, "/alerts", limit=1)
    assert [one["alert_id"] for one in get(desk, "/alerts", limit=1, cursor=first["next"])["items"]] == ["a1"]
    assert httpx.post(f"{desk.base}/api/v1/alerts/a3/ack", headers=HEADERS, timeout=ANSWER_S).status_code == 404


def test_alerts_as_cap_documents_and_a_persons_word_on_them(desk: RunningDesk) -> None:
    desk.index(
        alert(1, 0), alert(2, 1, signed=True, places=["沙石镇"], lanes=["report"]), delivery("a2", 1, Outcome.RECEIVED)
    )
    assert get(desk, "/alerts")["items"][0]["delivery_state"] == "delivered"
    feed = httpx.get(f"{desk.base}/api/v1/cap.atom", headers=HEADERS, timeout=ANSWER_S)
    assert feed.headers["content-type"] == "application/atom+xml"
    assert f"{desk.base}/api/v1/cap/a2" in feed.text
    document = httpx.get(f"{desk.base}/api/v1/cap/a2", headers=HEADERS, timeout=ANSWER_S)
    assert document.headers["content-type"] == "application/cap+xml"
    assert "<msgType>Update</msgType>" in document.text
    assert "huiyao.zhanggong,a1," in document.text
    assert httpx.get(f"{desk.base}/api/v1/cap/nothing", headers=HEADERS, timeout=ANSWER_S).status_code == 404
    for verdict, status in (("confirm", 202), ("reject", 202), ("close", 422)):
        assert (
            httpx.post(f"{desk.base}/api/v1/alerts/a1/{verdict}", headers=HEADERS, timeout=ANSWER_S).status_code
            == status
        )
    assert (
        httpx.post(f"{desk.base}/api/v1/alerts/nothing/confirm", headers=HEADERS, timeout=ANSWER_S).status_code == 404
    )


def test_incidents_open_and_all(desk: RunningDesk) -> None:
    closed = incident(2, 2, name="i2").model_copy(update={"closed": True, "stage": Stage.FINAL})
    desk.index(incident(1, 1), closed)
    assert [one["incident"] for one in get(desk, "/incidents")["items"]] == ["i2", "i1"]
    assert [one["incident"] for one in get(desk, "/incidents", open=True)["items"]] == ["i1"]


def test_a_draft_is_made_of_the_day_and_the_issue_stays_when_it_is_out(desk: RunningDesk) -> None:
    urgent = Emergency(is_emergency=True, level=Level.IV, in_district=True)
    desk.index(assessed(1, received=after(-1), emergency=urgent), assessed(2, received=after(72), emergency=urgent))
    draft = get(desk, "/bulletins/huiyao/2026-11-20")
    entries = [one for section in draft["sections"] for one in section["entries"]]
    assert draft["draft"] is True
    assert [one["item_ids"] for one in entries] == [[item_id(1)]]
    issued = Bulletin.model_validate(draft | {"draft": False, "issue_number": 7, "title": "已刊发"})
    desk.index(issued, assessed(3, received=after(-1), emergency=urgent))
    again = get(desk, "/bulletins/huiyao/2026-11-20")
    assert (again["draft"], again["issue_number"], again["sections"]) == (False, 7, draft["sections"])
    assert get(desk, "/bulletins/huiyao/tomorrow", status=422)["errors"][0]["field"] == "day"
    assert get(desk, "/bulletins/gazette/2026-11-20", status=422)["errors"][0]["field"] == "name"


def test_what_posts_alone_tell_of_stands_beside_the_draft(desk: RunningDesk) -> None:
    urgent = Emergency(is_emergency=True, level=Level.IV, in_district=True)
    said = assessed(1, received=after(-1), emergency=urgent, lane="opinion")
    post = said.model_copy(update={"input": said.input.model_copy(update={"lane": Lane.OPINION})})
    desk.index(post, assessed(2, received=after(-1), emergency=urgent))
    path = "/bulletins/huiyao/2026-11-20"
    draft = get(desk, path)
    printed = [one["item_ids"] for section in draft["sections"] for one in section["entries"]]
    assert printed == [[item_id(2)]]
    [lead] = draft["leads"]
    assert (lead["section"], lead["entry"]["item_ids"]) == ("紧急突发", [item_id(1)])
    assert lead["entry"]["title"].startswith("【待核实】")
    issued = Bulletin.model_validate(draft | {"draft": False, "issue_number": 7})
    desk.index(issued)
    assert get(desk, path)["leads"] == []


def test_ready_when_both_answer(desk: RunningDesk) -> None:
    assert get(desk, "/readyz")["status"] == "ready"
