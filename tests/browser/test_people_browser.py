"""Reporters and editors in a real browser: filing while the verdicts come, deciding, and what a broken line does."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from schemas.vocab import Category, Lane
from tests.browser.conftest import Visit, login_as, make_account
from tests.desk_day.items import item, key
from tests.desk_server import RunningDesk
from tests.unit.desk.test_attachments import PNG

pytestmark = pytest.mark.browser
TOWN = "U064"
TEXT = "今天上午9时20分，沙石镇龙埠村一处边坡发生滑塌，3人受伤，转移群众56人，原因正在调察。"


def test_a_reporter_files_while_the_page_judges(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    expect(page).to_have_url(re.compile("/report$"))
    expect(page.get_by_label("单位")).to_have_count(0)
    page.get_by_label("类型").select_option("first")
    page.get_by_label("标题").fill("沙石镇边坡滑塌")
    page.get_by_label("正文").fill(TEXT)
    verdict = page.locator("#verdict")
    for words in ("急情要事", "沙石镇", "受伤3", "核校意见"):
        expect(verdict).to_contain_text(words)
    assert stranger.overflow() == []
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator("h1")).to_have_text(re.compile("已收到"))
    page.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('draft-'))")
    stranger.go("/report")
    expect(page.get_by_label("正文")).to_have_value("")


def test_one_click_mends_a_slip(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    page.get_by_label("正文").fill("😀 11月20日上午，沙石镇组织开展安全生产检查，为5户困难家庭按装了燃气报警器。")
    fix = page.locator("button.fix").first
    expect(fix).to_be_visible()
    wanted = fix.get_attribute("data-new") or ""
    fix.click()
    expect(page.get_by_label("正文")).to_have_value(re.compile(wanted))
    expect(page.get_by_label("正文")).not_to_have_value(re.compile("按装"))


def test_a_draft_survives_a_broken_line_and_a_closed_page(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    page.context.set_offline(True)
    page.get_by_label("正文").fill("线路断了也不能丢的一段话。")
    expect(page.locator("#kept")).to_contain_text("草稿已存在本机")
    expect(page.locator("#kept")).to_contain_text("网络不通")
    page.context.set_offline(False)
    stranger.complaints.clear()  # the browser rightly complained about the line
    stranger.failed.clear()
    stranger.go("/report")
    expect(page.get_by_label("正文")).to_have_value("线路断了也不能丢的一段话。")


def test_a_report_over_a_broken_line_or_after_the_login_stays_on_the_page(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.get_by_label("正文").fill(f"今日，沙石镇据说开展第{width}次巡查，未发现异常。")
    page.get_by_label("附件").set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": PNG})
    expect(page.locator("#verdict")).to_contain_text("来源不明")
    brief = page.locator("#brief")
    expect(brief).to_contain_text("核校意见")
    assert brief.is_visible() == (width < 832)  # where the verdicts are below the button
    send = page.get_by_role("button", name="报送", exact=True)
    page.context.set_offline(True)
    send.click()
    expect(page.locator("#kept")).to_contain_text("还没有报上去")
    page.context.set_offline(False)
    kept = page.context.cookies()
    page.context.clear_cookies()
    send.click()
    expect(page.locator("#kept").get_by_role("link", name="重新登录")).to_be_visible()
    assert stranger.overflow() == []
    stranger.complaints.clear()  # the browser rightly complained about the line
    stranger.failed.clear()
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    send.click()
    expect(page.locator("h1")).to_have_text("已收到")
    expect(page.locator("main")).to_contain_text("现场.png")
    page.get_by_role("button", name="改好再报").click()
    expect(page.get_by_label("正文")).to_have_value(re.compile("据说开展"))


def test_a_draft_is_its_writers_and_outlives_a_zero_report(stranger: Visit, desk: RunningDesk) -> None:
    one, other = make_account(desk.base, "reporter", TOWN), make_account(desk.base, "reporter", "U028")
    page = login_as(stranger, *one)
    stranger.go("/report")
    page.get_by_label("正文").fill("只给本人看的一段话。")
    expect(page.locator("#kept")).to_contain_text("草稿已存在本机")
    stranger.go("/report?incident=i1&kind=followup")
    expect(page.get_by_label("正文")).to_have_value("")
    stranger.go("/report")
    page.get_by_role("button", name="今日零报告").click()
    expect(page.locator("h1")).to_have_text(re.compile("已收到"))
    page.get_by_role("button", name="退出").click()
    page.wait_for_selector("input[name=password]")
    login_as(stranger, *other)
    expect(page.get_by_label("正文")).to_have_value("")
    page.get_by_role("button", name="退出").click()
    page.wait_for_selector("input[name=password]")
    login_as(stranger, *one)
    expect(page.get_by_label("正文")).to_have_value("只给本人看的一段话。")


def test_what_was_typed_before_the_script_came_is_kept(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    stranger.go("/report?text=给回的一段话。")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('draft-'))")
    stranger.go("/report")
    expect(page.get_by_label("正文")).to_have_value("给回的一段话。")


def test_an_ended_session_is_said_beside_the_form_and_the_draft_stays(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    page.context.clear_cookies()
    page.get_by_label("正文").fill("会话过期时写的一段话。")
    expect(page.locator("#kept")).to_contain_text("登录已过期")
    expect(page.locator("#verdict")).not_to_contain_text("密码")


def test_an_editor_decides_and_takes_back(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "editor"))
    width = page.viewport_size["width"] if page.viewport_size else 0
    stranger.go(f"/items/{key('zero-1' if width > 800 else 'visit-1')}")
    page.get_by_label("理由（退回").fill("请补充具体地点")
    page.get_by_role("button", name="退回").click()
    expect(page.locator("article .meta")).to_contain_text("已退回")
    expect(page.locator("main")).to_contain_text("请补充具体地点")
    page.get_by_role("button", name="撤销上一步").click()
    expect(page.locator("article .meta")).not_to_contain_text("已退回")
    page.get_by_label("类别").select_option("问题建议")
    page.get_by_role("button", name="改类别").click()
    expect(page.locator("main")).to_contain_text("人工确定")
    page.get_by_text("修改文字").click()
    page.get_by_label("正文").fill("改过的正文。")
    page.get_by_role("button", name="保存编辑稿").click()
    expect(page.locator("ins").first).to_be_visible()
    assert stranger.overflow() == []


def test_the_administrator_makes_an_account(visit: Visit) -> None:
    page = visit.go("/admin/people")
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.get_by_label("账号", exact=True).fill(f"neu{width}")
    page.get_by_label("角色").select_option("duty")
    page.get_by_role("button", name="新建").click()
    expect(page.locator(".notice code")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text(f"neu{width}")
    visit.go("/admin/audit")
    expect(page.locator("tbody")).to_contain_text("新建账号")
    assert visit.overflow() == []


def test_the_audit_names_what_was_decided_on(visit: Visit, desk: RunningDesk) -> None:
    """By its title, with a way there."""
    name = f"audit-{visit.page.viewport_size['width'] if visit.page.viewport_size else ''}"
    title = f"江边步道路灯不亮{name}"
    desk.index(item(name, Lane.OPINION, ("章江论坛", "章江论坛"), "10:20", Category.OTHER, title, "步道路灯不亮。"))
    page = visit.go(f"/items/{key(name)}")
    page.locator("button[name=action][value=accept]").first.click()
    expect(page.locator("main")).to_contain_text("已采用")
    visit.go("/admin/audit?action=decided")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("信息")
    row.get_by_role("link", name=title).click()
    expect(page).to_have_url(re.compile(f"/items/{key(name)}$"))
    assert visit.overflow() == []
