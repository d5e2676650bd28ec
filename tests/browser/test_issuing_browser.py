"""Editors make a bulletin in a real browser: buttons, keys, drag, preview; and it becomes an issue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS, Visit, day_at_the_desk, login_as, make_account, visiting
from tests.desk_day.items import at, key, other_items
from tests.desk_server import RunningDesk

pytestmark = pytest.mark.browser
PATH = "/bulletins/huiyao/2026-11-20"
SCHOOL, GRID, DRAIN = key("school-1"), key("grid-1"), key("drain-1")


@pytest.fixture
def fresh(elasticsearch: str, tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk of the test's own: a bulletin is issued once."""
    with day_at_the_desk(elasticsearch, tmp_path) as running:
        yield running


@pytest.fixture(params=list(WIDTHS))
def editor(request: pytest.FixtureRequest, chromium: Browser, fresh: RunningDesk) -> Iterator[Visit]:
    """An editor who has begun, at both widths."""
    for visit in visiting(chromium, fresh, *WIDTHS[request.param], known=False):
        login_as(visit, *make_account(fresh.base, "editor"))
        page = visit.go("/bulletins")
        page.locator(".issue").filter(has_text="今日章贡汇要").get_by_role("button", name="编排").click()
        expect(page.locator("h1")).to_contain_text("今日章贡汇要")
        yield visit


def order(page: Page, section: str = "区内动态") -> list[str | None]:
    """The entries of a section."""
    return [one.get_attribute("data-key") for one in page.locator(f'ol[data-section="{section}"] > .entry').all()]


def test_arranging_by_buttons_and_keys(editor: Visit) -> None:
    page = editor.page
    first, second = order(page)[:2]
    page.evaluate("window.same = true")
    entry = page.locator(f"#e-{first}")
    entry.get_by_role("button", name="下移").click()
    expect(page.locator("#said")).to_have_text("已下移")
    assert order(page)[:2] == [second, first]
    assert page.evaluate("document.activeElement.value") == "down"  # the same button again has the focus
    page.locator(f"#e-{first}").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#said")).to_have_text("已上移")
    assert order(page)[:2] == [first, second]
    page.locator(f"#e-{first}").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.key") == second
    entry = page.locator(f"#e-{first}")
    entry.get_by_role("combobox", name="栏目").select_option("领导批示")
    entry.get_by_role("button", name="移到").click()
    expect(page.locator('ol[data-section="领导批示"] > .entry')).to_have_count(1)
    page.locator(f"#e-{first}").get_by_role("button", name="撤下").click()
    expect(page.locator(f"#e-{first}")).to_have_count(0)
    expect(page.get_by_role("heading", name="备选")).to_be_visible()
    page.get_by_role("button", name=re.compile("^加入")).first.click()
    expect(page.locator("#said")).to_have_text("已加入")
    assert page.evaluate("window.same") is True  # the page was never left
    assert editor.overflow() == []


def test_the_preview_follows_and_typed_words_survive_other_changes(editor: Visit) -> None:
    page = editor.page
    first, second = order(page)[:2]
    page.locator(f"#e-{first}").get_by_text("改文字").click()
    page.locator(f"#e-{first}").get_by_label("正文").fill("预览里立刻看到的一段话。")
    shown = page.locator(f'[data-shows="{first}"] .body')
    expect(shown).to_have_text("预览里立刻看到的一段话。")
    page.locator(f"#e-{second}").get_by_role("button", name="上移").click()
    expect(page.locator("#said")).to_have_text("已上移")
    expect(page.locator(f"#e-{first}").get_by_label("正文")).to_have_value("预览里立刻看到的一段话。")
    expect(page.locator(f'[data-shows="{first}"] .body')).to_have_text("预览里立刻看到的一段话。")
    page.locator(f"#e-{first}").get_by_role("button", name="保存文字").click()
    expect(page.locator("#said")).to_have_text("文字已保存")
    editor.go(f"{PATH}/arrange")
    expect(page.locator(f"#e-{first} .extract")).to_have_text("预览里立刻看到的一段话。")
    assert editor.overflow() == []


def test_nothing_is_proposed_over_words_that_are_not_saved(editor: Visit) -> None:
    page = editor.page
    first = order(page)[0]
    entry = page.locator(f"#e-{first}")
    entry.get_by_text("改文字").click()
    entry.get_by_label("正文").fill("预览里看得到、还没有保存的一段话。")
    page.get_by_role("button", name="送签").click()
    expect(entry.get_by_role("alert")).to_contain_text("还没有保存")
    expect(page.locator(".head .badge")).to_have_text("编排中")
    expect(entry.get_by_role("button", name="保存文字")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("文字已保存")
    page.get_by_role("button", name="送签").click()
    expect(page.locator(".head .badge")).to_have_text("待签发")
    expect(page.locator(f'[data-shows="{first}"] .body')).to_have_text("预览里看得到、还没有保存的一段话。")


def test_entries_are_dragged_into_another_section(editor: Visit) -> None:
    page = editor.page
    last = order(page)[-1]
    target = page.locator('ol[data-section="紧急突发"] > .entry').first
    # Both in view before: a page that scrolls while the button is down lets the browser take up another entry.
    page.locator(f"#e-{last}").evaluate("one => one.scrollIntoView({block: 'start'})")
    page.locator(f"#e-{last} h3").drag_to(target, target_position={"x": 30, "y": 4})
    expect(page.locator("#said")).to_have_text("已移动")
    assert order(page, "紧急突发")[0] == last


def test_a_broken_line_loses_nothing_that_was_typed(editor: Visit) -> None:
    page = editor.page
    first = order(page)[0]
    page.locator(f"#e-{first}").get_by_text("改文字").click()
    page.locator(f"#e-{first}").get_by_label("正文").fill("断线时写的一段话。")
    page.context.set_offline(True)
    page.locator(f"#e-{first}").get_by_role("button", name="保存文字").click()
    expect(page.get_by_role("alert")).to_contain_text("网络不通")
    page.context.set_offline(False)
    editor.complaints.clear()  # the browser rightly complained about the line
    editor.failed.clear()
    page.locator(f"#e-{first}").get_by_role("button", name="保存文字").click()
    expect(page.locator(f"#e-{first} .extract")).to_have_text("断线时写的一段话。")


def test_what_came_since_is_offered(editor: Visit, fresh: RunningDesk) -> None:
    late = next(one for one in other_items() if one.item_id == DRAIN)
    newer = late.model_copy(
        update={
            "item_id": key("late"),
            "received_at": at("10:39"),
            "input": late.input.model_copy(update={"id": "late", "title": "刚到的一条"}),
            "assessment": late.assessment.model_copy(update={"id": "late", "item_id": key("late")}),
        }
    )
    fresh.index(newer)
    page = editor.go(f"{PATH}/arrange")
    expect(page.locator("#fresh")).to_contain_text("刚到的一条")
    expect(page.locator(".entries")).not_to_contain_text(["刚到的一条"] * page.locator(".entries").count())
    page.locator("#fresh").get_by_role("button", name="加入 刚到的一条").click()
    expect(page.locator(f"#e-{key('late')}")).to_be_visible()
    expect(page.locator("#fresh")).to_contain_text("没有新到")


def leave(page: Page) -> None:
    """Another person sits down. First away from the page, which listens for events with the session that goes."""
    page.goto("about:blank")
    page.context.clear_cookies()


def test_from_draft_to_issue_erratum_and_archive(editor: Visit, fresh: RunningDesk) -> None:
    page = editor.page
    leader = make_account(fresh.base, "leader")
    page.get_by_role("button", name="送签").click()
    expect(page.locator(".head .badge")).to_have_text("待签发")
    expect(page.get_by_role("button", name="撤回送签")).to_be_visible()
    own = page.context.cookies()
    leave(page)
    login_as(editor, *leader)
    editor.go(f"{PATH}/arrange")
    expect(page.locator(".entries")).to_have_count(0)
    assert editor.overflow() == []
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.locator(".head .badge")).to_have_text("已签发，待刊")
    page.get_by_role("button", name="刊发").click()
    expect(page.locator(".head .badge")).to_have_text("已刊发 第1期")
    leave(page)
    page.context.add_cookies(own)  # type: ignore[arg-type]
    editor.go(f"{PATH}/arrange")
    page.get_by_label("理由").fill("标题有误")
    page.get_by_role("button", name="开始勘误").click()
    expect(page.locator(".head .badge")).to_contain_text("勘误")
    editor.go("/archive?q=食堂")
    expect(page.locator(".list .title")).to_have_count(1)
    expect(page.locator(".list .title")).to_contain_text("第1期（总第1期）")
    assert editor.overflow() == []
    editor.go("/bulletins")
    expect(page.locator(".issue").first).to_contain_text("已刊发")
    assert editor.overflow() == []
