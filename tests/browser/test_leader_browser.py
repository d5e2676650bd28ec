"""A leader's two taps, the department's answer, and the duty board's clocks, title and sound in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from schemas.alert import AlertReason
from schemas.vocab import Side
from tests.browser.conftest import Visit, login_as, make_account
from tests.desk_day.events import alert, clock, incidents
from tests.desk_day.items import NOW, at
from tests.desk_server import RunningDesk

pytestmark = pytest.mark.browser
TOWN = "U064"


def width_of(page: Page) -> int:
    return page.viewport_size["width"] if page.viewport_size else 0


def test_a_leader_instructs_in_two_taps_and_the_department_answers(stranger: Visit, desk: RunningDesk) -> None:
    leader, reporter = make_account(desk.base, "leader"), make_account(desk.base, "reporter", TOWN)
    page = login_as(stranger, *leader)
    expect(page).to_have_url(re.compile("/leader$"))
    expect(page.get_by_role("link", name="领导", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.locator("#bulletins li")).to_have_count(3)
    slide = page.locator("#urgent li", has_text="吉埠村山体滑坡")
    for words in ("沙石镇已报告", "存疑：标题4人，单位报送3人", "说法不一"):
        expect(slide).to_contain_text(words)
    # Two taps: the owner, the deadline and the words are there already; a phrase and another deadline are one tap each.
    slide.locator("summary").click()
    expect(slide.get_by_label("承办单位")).to_have_value(TOWN)
    width = width_of(page)
    if width > 800:
        slide.get_by_role("button", name="请举一反三").click()
        slide.get_by_role("radio", name="10个工作日").check()
    slide.get_by_role("button", name="下达批示").click()
    given = page.locator("#mine li:target")
    expect(given).to_contain_text("请举一反三" if width > 800 else "请核实处置")
    expect(given).to_contain_text("待签收")
    expect(page.locator(".tile", has_text="待反馈").locator("b")).to_have_text("1")
    assert stranger.overflow() == []
    page.get_by_role("button", name="退出").click()
    page.wait_for_selector("input[name=password]")

    login_as(stranger, *reporter)
    expect(page.get_by_role("link", name="今日", exact=True)).to_have_count(0)
    page.get_by_role("link", name="批示件").click()
    row = page.locator(".row", has_text="请举一反三" if width > 800 else "请核实处置").first
    row.get_by_role("link").click()
    page.get_by_role("button", name="签收").click()
    page.get_by_label("办理情况").fill("已全面排查，隐患点均有专人值守。")
    assert stranger.overflow() == []
    page.get_by_role("button", name="提交反馈").click()
    expect(page.locator("main")).to_contain_text("已反馈，待回访")
    page.get_by_role("button", name="退出").click()
    page.wait_for_selector("input[name=password]")

    login_as(stranger, *leader)
    page.locator("#mine .row a.title").first.click()
    page.get_by_role("radio", name="属实到位").check()
    page.get_by_role("button", name="记录回访").click()
    expect(page.locator("main")).to_contain_text("已回访")
    page.get_by_role("button", name="办结").click()
    expect(page.locator(".sheet")).to_contain_text("已办结")


def test_the_board_counts_refreshes_and_sounds_when_asked(visit: Visit, desk: RunningDesk) -> None:
    name = f"board-{width_of(visit.page)}"
    soon = (NOW + timedelta(minutes=20)).strftime("%H:%M")
    clocks = (clock("next", Side.DEPARTMENT, "续报", soon), clock("up", Side.CITY, "报市", "10:00"))
    desk.index(incidents()[0].model_copy(update={"incident": name, "title": f"事件{name}", "clocks": clocks}))
    page = visit.go("/duty/board")
    row = page.locator("#incidents .incident", has_text=f"事件{name}")
    left = row.locator(".left", has_text="还剩")
    expect(row.locator(".left", has_text="已超时 0:40")).to_have_attribute("data-over", "")
    first = left.inner_text()
    expect(left).not_to_have_text(first)  # it counts
    expect(left).to_have_text(re.compile(r"^还剩 0:(19|20):\d\d$"))
    page.reload()
    expect(left).to_have_text(re.compile(r"^还剩 0:(19|20):\d\d$"))  # from the desk's clock, not from the page's age
    open_alerts = int(page.locator("[data-count=open_alerts]").inner_text())
    expect(page).to_have_title(re.compile(rf"^\({open_alerts}\) 值班台"))
    expect(page.locator("#sources")).to_contain_text("页面结构变了")
    assert visit.overflow() == []

    sound = page.get_by_role("button", name="打开提示音")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    sounded = int(page.locator("#sound").get_attribute("data-sounded") or 0)
    page.wait_for_timeout(1500)  # the stream has answered once; then what comes is news
    flagged = alert(name, 1, "10:39", f"新险情{name}", "仅媒体消息", reason=AlertReason.NEW, signed=False, level=None)
    desk.index(flagged)
    expect(page).to_have_title(re.compile(rf"^\({open_alerts + 1}\) 值班台"), timeout=30_000)
    expect(page.locator("#sound")).to_have_attribute("data-sounded", str(sounded + 1))
    fresh = page.locator("#alerts .alert", has_text=f"新险情{name}")
    expect(fresh).to_contain_text("待核实", timeout=30_000)
    fresh.get_by_role("button", name="不属实").click()
    expect(page.locator("#alerts .alert", has_text=f"新险情{name}")).to_contain_text("已判不属实")
    page.locator("#alerts .alert", has_text=f"新险情{name}").get_by_role("button", name="签收").click()
    expect(page.locator("#alerts .alert", has_text=f"新险情{name}")).to_contain_text("签收中")
    assert at("10:00") < NOW
