"""The editor's table over a day of more than 5,000 items, in Chromium: keys, drag, more of each list, leads, news."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from desk.narrowing import WHOLE
from desk.offers import SHOWN
from schemas.assessment import AssessedItem
from schemas.connections import ElasticsearchConnection
from schemas.vocab import Category, EventClass, Lane, Level
from streams.elastic.writer import ElasticWriter
from tests.browser.conftest import Visit, visiting
from tests.browser.test_issuing_browser import order
from tests.desk_server import RunningDesk, apart, remove, running_desk
from tests.index_events import NOON, after, assessed, item_id, records

pytestmark = pytest.mark.browser
LEADS, PART = SHOWN + 5, 100
PATH = "/bulletins/huiyao/2026-11-20/arrange"


def news(number: int) -> AssessedItem:
    """One of the day's many: each of an event of its own."""
    return assessed(number, received=after(-11 + number / 1000), category=Category.WORK_NEWS)


def lead(number: int) -> AssessedItem:
    """A post that is held for an emergency and that nobody stands for."""
    emergency = {"is_emergency": True, "event_class": EventClass.ACCIDENT, "in_district": True, "level": Level.IV}
    made = assessed(number, received=after(-2), lane="opinion", emergency=emergency | {"doubtful": True})
    return made.model_copy(update={"input": made.input.model_copy(update={"lane": Lane.OPINION, "kind": None})})


async def fill(connection: ElasticsearchConnection) -> None:
    """More than the desk reads whole, in parts: aiohttp warns of a body over 1 MiB, which is an error in tests."""
    writer = ElasticWriter(connection)
    try:
        await writer.prepare("zhanggong", NOON)
        for begin in range(1, WHOLE + 51, PART):
            assert await writer.apply(records(map(news, range(begin, min(begin + PART, WHOLE + 51))))) == []
    finally:
        await writer.close()


@pytest.fixture
def large(elasticsearch: str, tmp_path: Path) -> Iterator[RunningDesk]:
    connection = ElasticsearchConnection(url=elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path) as running:
        apart(fill(connection))
        running.index(*map(lead, range(9000, 9000 + LEADS)))
        yield running
    apart(remove(connection))


def rows(page: Page, card: str) -> Locator:
    return page.locator(f"#{card} .row")


def more_of(visit: Visit, card: str) -> None:
    """The list beside the draft says that there is more and shows it."""
    page, before = visit.page, rows(visit.page, card).all_inner_texts()
    assert len(before) == SHOWN
    expect(page.locator(f"#{card}")).to_contain_text("条以上" if card == "spare" else "另有")
    page.locator(f"#{card}").get_by_role("link", name=re.compile("^再看")).click()
    page.wait_for_url(re.compile("more=1"))
    found = rows(page, card).all_inner_texts()
    assert found[:SHOWN] == before
    assert len(found) > SHOWN


def test_a_day_of_thousands_is_arranged_without_leaving_the_page(chromium: Browser, large: RunningDesk) -> None:
    for visit in visiting(chromium, large, 1280, 900):
        page = visit.go(PATH)
        page.get_by_role("button", name="开始编排").click()
        expect(page.locator(".head .badge")).to_have_text("编排中")
        first, second = order(page)[:2]

        # Keys: past each other and back, and from entry to entry.
        page.locator(f"#e-{first}").focus()
        page.keyboard.press("Alt+ArrowDown")
        expect(page.locator("#said")).to_have_text("已下移")
        assert order(page)[:2] == [second, first]
        page.locator(f"#e-{second}").focus()
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.dataset.key") == first

        # More of each list; the steps after it keep what is shown.
        more_of(visit, "leads")
        page.evaluate("window.same = true")
        shown = rows(page, "spare").count()
        assert shown == 2 * SHOWN
        title = rows(page, "leads").last.locator("a.title").inner_text()
        rows(page, "leads").last.get_by_role("button", name=re.compile("^加入")).click()
        expect(page.locator("#said")).to_have_text("已加入")
        expect(page.locator("li.entry", has_text="待核实").filter(has_text=title)).to_have_count(1)
        expect(rows(page, "leads")).to_have_count(LEADS - 1)
        assert rows(page, "spare").count() == shown

        # Drag: the second to the head of the section.
        last = order(page)[1]
        target = page.locator(f"#e-{order(page)[0]}")
        target.evaluate("one => one.scrollIntoView({block: 'start'})")
        page.locator(f"#e-{last} h3").drag_to(target, target_position={"x": 30, "y": 4})
        expect(page.locator("#said")).to_have_text("已移动")
        assert order(page)[0] == last
        assert page.evaluate("window.same") is True  # the page was never left

        # What came since is told, taken in, and told no more.
        large.index(assessed(9500, received=after(0.2), category=Category.WORK_NEWS))
        large.clock.time = after(1)
        visit.go(PATH)
        fresh = rows(page, "fresh").filter(has_text="（9500）")
        fresh.get_by_role("button", name=re.compile("^加入")).click()
        expect(page.locator(f"#e-{item_id(9500)}")).to_be_visible()
        seen = page.get_by_role("button", name="都看过了")
        if seen.count():
            seen.click()
        expect(rows(page, "fresh")).to_have_count(0)
        assert visit.overflow() == []
