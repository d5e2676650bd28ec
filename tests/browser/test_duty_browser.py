"""Duty and appraisal in a real browser: what was known at a moment, a case with both sides, boxes to pick from."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.desk_day.items import SLIDE

pytestmark = pytest.mark.browser


def test_the_ledger_of_a_moment(visit: Visit) -> None:
    page = visit.go("/duty")
    expect(page.locator("#reminders")).to_contain_text("沙河镇联络员 短信 已收到")
    page.locator("input[name=as_of]").fill("08:30")
    page.get_by_role("button", name="当时所知").click()
    expect(page.get_by_role("status").filter(has_text="所知的情况")).to_contain_text("11月20日 08:30")
    expect(page.locator("#reminders")).to_have_count(0)


def test_a_case_shows_both_sides_and_asks_for_a_reason(visit: Visit) -> None:
    page = visit.go("/cases")
    page.get_by_role("link", name="沙石镇吉埠村山体滑坡").click()
    for words in ("受伤：单位报3，其他渠道称4", "南岸快讯", "镇政府答复", "不是结论"):
        expect(page.locator("main")).to_contain_text(words)
    page.get_by_role("button", name="不成立").click()
    assert page.locator("textarea[name=reason]").evaluate("field => field.validity.valueMissing")
    assert visit.overflow() == []


def test_sources_are_picked_by_their_words(visit: Visit) -> None:
    page = visit.go(f"/incidents/{SLIDE}")
    page.get_by_text("拆出来源").click()
    box = page.get_by_role("checkbox").last
    page.locator("label.pick").last.click()
    expect(box).to_be_checked()
    assert visit.overflow() == []
