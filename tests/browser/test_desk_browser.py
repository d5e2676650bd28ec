"""The desk in a real browser, on a desk's screen and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from schemas.alert import AlertReason
from schemas.assessment import Finding
from schemas.vocab import Category, Check, Lane
from tests.browser.conftest import INSTALL, Visit, chromium_path
from tests.desk_day.events import alert
from tests.desk_day.items import SLIDE, item, key
from tests.desk_server import RunningDesk

pytestmark = pytest.mark.browser
PATHS = [
    "/", "/?day=2026-11-19", "/items", "/items?q=滑坡", "/items?category=急情要事&emergency=true", "/items?q=无此词",
    f"/items/{key('slide-1')}", f"/items/{key('slide-3')}", f"/items/{key('zero-1')}", "/duty", "/duty?day=2026-11-19",
    "/report", "/account", "/admin/people", "/admin/audit", "/stats", "/incidents/phone", "/leader", "/duty/board",
    "/instructions", "/bulletins", "/bulletins/huiyao/2026-11-20", "/bulletins/yuqing/2026-11-20",
    "/duty?as_of=08:30", "/cases", "/cases/case-slide", "/points", f"/incidents/{SLIDE}",
]  # fmt: skip
EVIL = "<img src=x onerror=document.title='hit'><script>document.title='hit'</script>"


def test_no_page_is_wider_than_the_screen(visit: Visit) -> None:
    for path in PATHS:
        visit.go(path)
        assert visit.overflow() == [], path


def test_today_shows_the_morning(visit: Visit) -> None:
    page = visit.go("/")
    expect(page.locator("#incidents .incident")).to_have_count(3)
    slide = page.locator("#incidents .incident", has_text="吉埠村山体滑坡")
    for words in ("一般（IV级）", "续报", "死亡0，受伤3", "说法不一：受伤 3 与 4", "标题4人，单位报送3人"):
        expect(slide).to_contain_text(words)
    expect(page.locator("#incidents .incident", has_text="建材市场")).to_contain_text("未经单位证实")
    expect(page.locator("#alerts")).to_contain_text("值班员 07:08 签收")
    expect(page.locator("#alerts")).to_contain_text("短信网关 是否送达不明")
    expect(page.locator("#people")).to_contain_text("“失火”商场")
    expect(page.locator("#silent")).to_contain_text("沙河镇")
    expect(page.locator("#silent")).not_to_contain_text("沙石镇")
    expect(page.get_by_text("页面结构变了")).to_be_visible()


def test_counts_and_alerts_come_by_themselves(visit: Visit, desk: RunningDesk) -> None:
    page = visit.go("/")
    before = int(page.locator("[data-count=items]").inner_text())
    expect(page.locator("[data-count=items]")).to_have_text(str(before))
    name = f"live-{page.viewport_size['width']}" if page.viewport_size else "live"
    more = item(name, Lane.OPINION, ("章江论坛", "章江论坛"), "10:38", Category.OTHER, f"{EVIL}{name}", EVIL)
    # The stream has answered once when its first counts are in; then what comes is news.
    page.wait_for_timeout(1500)
    desk.index(more, alert(name, 1, "10:39", f"新险情{name}{EVIL}", EVIL, reason=AlertReason.NEW))
    expect(page.locator("[data-count=items]")).to_have_text(str(before + 1), timeout=30_000)
    expect(page.locator("#live")).to_contain_text(f"新险情{name}")
    expect(page.locator("#alerts")).to_contain_text(f"新险情{name}", timeout=30_000)
    expect(page).to_have_title(re.compile(r"^\(1\) 今日"))


def test_an_item_with_its_marks(visit: Visit) -> None:
    page = visit.go(f"/items/{key('slide-1')}")
    marks = page.locator(".text mark")
    expect(page.locator(".text mark.finding")).to_have_count(2)
    expect(page.locator(".text mark.emergency").first).to_have_text("山体滑坡")
    expect(marks.filter(has_text="据说")).to_have_attribute("title", re.compile("来源不明"))
    for words in (
        "约300立方米",
        "个人信息已遮盖 1 处",
        "按时",
        "地质灾害",
        "11月20日 06:40",
        "已采用",
        "同一事件的来源",
    ):
        expect(page.locator("main")).to_contain_text(words)
    page.get_by_role("link", name="“据说”").click()
    expect(page.locator("mark:target")).to_have_text("据说")
    expect(page.locator("p.text", has_text="138****2046")).to_be_visible()


def test_search_from_the_form(visit: Visit) -> None:
    page = visit.go("/items")
    page.get_by_label("检索").fill("滑坡 送医")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".row mark.hit").first).to_be_visible()
    page.get_by_label("来源").select_option("media")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".row")).to_have_count(1)
    page.locator(".row a.title").click()
    expect(page.locator("h1")).to_contain_text("4人受伤送医")
    expect(page.get_by_role("link", name="原文")).to_have_attribute("href", "https://news.example/20261120/slide")


def test_duty_by_day(visit: Visit) -> None:
    page = visit.go("/duty")
    expect(page.locator("tbody tr")).to_have_count(31)
    expect(page.locator("tbody tr", has_text="供电公司")).to_contain_text("已报")
    expect(page.locator("tbody tr", has_text="超时17分钟")).to_contain_text("迟报")
    page.get_by_label("前一天").click()
    expect(page.get_by_text("这一天还没有报送")).to_be_visible()


def test_bulletins_and_one_in_full(visit: Visit) -> None:
    page = visit.go("/bulletins")
    expect(page.locator(".issue")).to_have_count(3)
    expect(page.locator(".issue").first).to_contain_text("草稿")
    page.get_by_role("link", name="今日章贡汇要").click()
    expect(page.locator("h1")).to_have_text("今日章贡汇要")
    expect(page.locator("main")).to_contain_text("沙石镇吉埠村")


def test_acknowledging_with_the_button(visit: Visit, desk: RunningDesk) -> None:
    page = visit.go("/")
    buttons = page.locator("#alerts button")
    before = buttons.count()
    assert before > 0
    buttons.first.click()
    expect(page.locator("#alerts").get_by_text("签收中").first).to_be_visible()
    assert page.locator("#alerts button").count() == before - 1


def test_what_posts_say_is_shown_and_never_run(visit: Visit, desk: RunningDesk) -> None:
    finding = Finding(check=Check.TYPO, start=0, end=4, text=EVIL, message=EVIL, suggestion=EVIL)
    evil = item("evil", Lane.OPINION, (EVIL, EVIL), "07:00", Category.OTHER, EVIL, EVIL, findings=(finding,),
                url="javascript:document.title='hit'")  # fmt: skip
    desk.index(evil)
    for path in ("/", f"/items/{key('evil')}", "/items?q=onerror"):
        page = visit.go(path)
        assert "hit" not in page.title().replace("document.title='hit'", "")
        assert page.locator("main img, main script").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0


def test_errors_are_pages_and_leaving_works(visit: Visit) -> None:
    page = visit.page
    for path, words in (("/nothing", "没有找到"), ("/duty?day=x", "日期格式应为")):
        answer = page.goto(visit.base + path)
        assert answer is not None
        assert answer.status in (404, 422)
        expect(page.locator("main")).to_contain_text(words)
        assert visit.overflow() == []
    visit.complaints.clear()  # the browser notes the status of a page that is an error on purpose
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(visit.base + "/login?out=1")
    visit.go("/items")
    assert page.url.startswith(visit.base + "/login?to=")


def test_everything_is_reached_with_the_keyboard(visit: Visit) -> None:
    page = visit.go("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    assert focus_order(page, 7)[1:5] == ["今日", "待办", "信息", "约稿"]


def focus_order(page: Page, count: int) -> list[str]:
    """Texts of what the next presses of Tab reach."""
    reached = []
    for _ in range(count):
        page.keyboard.press("Tab")
        reached.append(page.locator(":focus").inner_text())
    return reached


def test_a_missing_browser_fails_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match=re.escape(INSTALL)):
        chromium_path()
