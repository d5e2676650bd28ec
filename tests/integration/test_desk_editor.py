"""What editors do over a real Elasticsearch: the queue, sources side by side, merge and split."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from schemas.assessment import AssessedItem, Emergency, Facts
from schemas.vocab import Level
from tests.desk_server import ANSWER_S, HEADERS, RunningDesk
from tests.index_events import after, assessed, item_id, story

pytestmark = pytest.mark.integration
URGENT = Emergency(is_emergency=True, level=Level.III, in_district=True)


def decide(browser: httpx.Client, number: int, action: str, revision: int, status: int = 200, **more: str) -> str:
    given = {"action": action, "revision": str(revision)} | more
    answer = browser.post(f"/items/{item_id(number)}/decisions", data=given)
    assert answer.status_code == status, answer.text
    return answer.text


def listed(browser: httpx.Client, path: str) -> list[str]:
    """Titles of a list, in order."""
    text = browser.get(path).text
    return [part.split("</a>")[0].rpartition(">")[2] for part in text.split('<a class="title"')[1:]]


def told(number: int, *, injured: int, **changes: Any) -> AssessedItem:
    return assessed(number, received=after(number / 100), facts=Facts(places=("沙石镇",), injured=injured), **changes)


def title(number: int) -> str:
    return f"沙石镇山体滑坡（{number}）"


def test_the_queue_goes_by_urgency_then_doubt_then_waiting(desk: RunningDesk, browser: httpx.Client) -> None:
    grave = URGENT.model_copy(update={"level": Level.II})
    desk.index(
        told(1, injured=1), told(2, injured=1, emergency=URGENT), told(3, injured=1, abstained=True),
        told(4, injured=1, emergency=Emergency(is_emergency=True)), told(5, injured=1, emergency=grave),
        told(6, injured=1, emergency=Emergency(doubtful=True)), told(7, injured=1),
        assessed(8, received=after(-24 * 4)),
    )  # fmt: skip
    assert listed(browser, "/queue") == [title(n) for n in (5, 2, 4, 6, 3, 1, 7)]
    after_it = decide(browser, 5, "accept", 0, back="queue")  # back in the queue, which does not wait for the index
    assert "<h1>待办</h1>" in after_it
    assert f'采用：<a href="/items/{item_id(5)}' in after_it  # named above the queue, with a way back
    assert title(5) not in after_it.split('id="queue"')[1]
    assert title(2) in after_it
    assert "待处理 6 条" in after_it
    assert title(5) in decide(browser, 5, "undo", 1, back="queue").split('id="queue"')[1]
    elsewhere = URGENT.model_copy(update={"level": Level.I, "in_district": False})
    desk.index(told(9, injured=1, emergency=elsewhere))
    assert listed(browser, "/queue").index(title(9)) == 3  # graver, and not ours: after our emergencies


def test_the_queue_pages_through_what_has_no_level(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(*(told(n, injured=1, emergency=URGENT if n == 7 else Emergency()) for n in range(1, 51)))
    first = browser.get("/queue").text
    following = first.split('rel="next" href="')[1].split('"')[0]
    second = listed(browser, following.replace("&amp;", "&"))
    everything = [*listed(browser, "/queue"), *second]
    assert len(everything) == len(set(everything)) == 50
    assert everything[0] == title(7)


def test_sources_of_one_event_side_by_side_and_merged(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(told(1, injured=3), told(2, injured=4), told(3, injured=3), *(story(n, "s1") for n in (1, 2, 3)))
    page = browser.get(f"/items/{item_id(1)}").text
    assert "说法不一" in page
    assert '<td class="differs">4</td>' in page
    beside = browser.get(f"/items/{item_id(1)}/beside/{item_id(2)}").text
    assert "<del>1</del><ins>2</ins>" in beside

    kept = decide(browser, 2, "merge", 0, into=item_id(1), back=item_id(1))
    assert title(1) in kept
    assert "已并入" in kept
    assert 'id="done"' in kept  # with a button that takes it back
    assert "本条已并入" in browser.get(f"/items/{item_id(2)}").text
    desk.index(*desk.decisions.sent)
    found = httpx.get(f"{desk.base}/api/v1/items/{item_id(2)}", headers=HEADERS, timeout=ANSWER_S).json()
    assert (found["merged_into"], found["story"]) == (item_id(1), "s1")
    assert sorted(listed(browser, "/items")) == [title(1), title(3)]
    assert len(listed(browser, "/items?merged=true")) == 1
    everything = httpx.get(f"{desk.base}/api/v1/items", headers=HEADERS, timeout=ANSWER_S).json()
    assert everything["total"] == 3  # REST hides nothing unless asked
    assert title(2) not in browser.get("/queue").text

    said = decide(browser, 2, "split", 1, back=item_id(1))
    assert title(2) in said.partition('id="done"')[2].partition("</div>")[0]  # gone from the list, and not out of reach
    page = browser.get(f"/items/{item_id(1)}").text
    assert title(2) not in page  # not of this event, whatever the machine said
    decide(browser, 2, "undo", 2)
    assert "已并入" in browser.get(f"/items/{item_id(1)}").text
    decide(browser, 2, "undo", 3)
    sent = [one.action for one in desk.decisions.sent if one.subject_id == item_id(2)]
    assert sent[:3] == ["merge", "split", "undo"]
    desk.index(*desk.decisions.sent)
    found = httpx.get(f"{desk.base}/api/v1/items/{item_id(2)}", headers=HEADERS, timeout=ANSWER_S).json()
    assert (found["merged_into"], found["apart"], found["story"]) == (None, False, "s1")


def test_no_circles_and_nothing_under_what_is_not_there(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(told(1, injured=3), told(2, injured=4), told(3, injured=3))
    assert "没有这条信息" in decide(browser, 1, "merge", 0, 422, into=item_id(1))
    assert "没有这条信息" in decide(browser, 1, "merge", 0, 422, into="f" * 32)
    assert "请选择并入哪一条" in decide(browser, 1, "merge", 0, 422)
    decide(browser, 2, "merge", 0, into=item_id(1))
    assert "已并入别的信息" in decide(browser, 3, "merge", 0, 422, into=item_id(2))
    assert "已并入别的信息" in decide(browser, 1, "merge", 0, 422, into=item_id(2))
    decide(browser, 2, "split", 1)
    decide(browser, 1, "merge", 0, into=item_id(2))
    assert "不能再反过来并入" in decide(browser, 2, "undo", 2, 422)  # the undone split would close the circle
    assert "其间" in decide(browser, 1, "split", 0, 409)
    decide(browser, 3, "merge", 0, into=item_id(2))
    page = browser.get(f"/items/{item_id(2)}").text
    assert title(1) in page
    assert title(3) in page


def test_only_editors_have_a_queue(desk: RunningDesk) -> None:
    with httpx.Client(base_url=desk.base, timeout=ANSWER_S) as stranger:
        assert stranger.get("/queue").headers["location"].startswith("/login")


def test_a_search_is_kept_and_taken_away_as_a_file(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(*(told(n, injured=1) for n in range(1, 204)))
    page = browser.post("/searches", data={"name": "滑坡", "query": "q=滑坡&lane=report"}).text
    assert 'aria-current="true">滑坡</a>' in page
    assert "共 203 条" in page
    rows = browser.get("/items.csv?q=滑坡&lane=report").text.splitlines()
    assert len(rows) == 204
    assert rows[1].split(",")[9] == "滑坡"  # what the verdict rests on
    book = load_workbook(io.BytesIO(browser.get("/items.xlsx?q=滑坡&lane=report").content)).active
    assert book is not None
    assert [",".join(str(cell) for cell in line[:4]) for line in book.values] == [
        ",".join(row.lstrip("\ufeff").split(",")[:4]) for row in rows
    ]
    assert "导出信息" in browser.get("/admin/audit").text
    assert "存好的检索" not in browser.post("/searches/remove", data={"name": "滑坡"}).text
