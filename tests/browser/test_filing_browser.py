"""Files on the reporter's form, account pages that ask twice, a login at a provider of another site, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from desk.oidc import OidcRules
from schemas.connections import ElasticsearchConnection
from tests.browser.conftest import Visit, login_as, make_account, visiting
from tests.desk_server import ANSWER_S, RunningDesk, running_desk
from tests.oidc_provider import CLIENT, SECRET, oidc_provider
from tests.unit.desk.test_attachments import PNG
from tests.unit.desk.test_importing import HEAD, letter, table

pytestmark = pytest.mark.browser
TOWN = "U064"


def test_a_report_with_a_photo(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.get_by_label("正文").fill(f"今日上午，沙石镇开展第{width}次地灾点巡查，未发现异常，照片附后。")
    page.get_by_label("附件").set_input_files(
        [{"name": "现场.png", "mimeType": "image/png", "buffer": PNG},
         {"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}]
    )  # fmt: skip
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("“程序”不是可以收的格式")
    stranger.complaints.clear()  # the browser rightly complained about the answer 422
    expect(page.get_by_label("现场.png")).to_be_checked()
    expect(page.get_by_label("正文")).to_have_value(re.compile("照片附后"))
    assert stranger.overflow() == []
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator("main")).to_contain_text("现场.png")
    expect(page.locator("h1")).to_have_text("已收到")


def test_an_emergency_is_to_be_phoned_first(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    page.get_by_label("正文").fill("今天上午10时，沙石镇龙埠村发生山体滑坡，3人受伤，正在搜救。")
    expect(page.locator("#phone-first")).to_contain_text("请先打电话报告值班室")
    assert stranger.overflow() == []
    page.get_by_role("button", name="改为首报").click()
    expect(page.get_by_label("类型")).to_have_value("first")
    expect(page.get_by_label("电话报告时间")).to_be_focused()
    expect(page.locator("#phone-first")).to_have_count(0)


def test_a_workbook_is_looked_over_and_a_document_pasted(stranger: Visit, desk: RunningDesk) -> None:
    page = login_as(stranger, *make_account(desk.base, "reporter", TOWN))
    rows = table(HEAD, [1, "巡查", "今日沙石镇巡查，未发现异常。", ""], [2, "开会", "今日沙石镇开会。", "加急"])
    page.get_by_text("从 Word、Excel 文件填写").click()
    page.get_by_label("文件（").set_input_files({"name": "周报.xlsx", "mimeType": "", "buffer": rows})
    page.get_by_role("button", name="读取").click()
    expect(page.get_by_role("alert")).to_contain_text("第3行 类型：没有这种类型，应为普通、零报告、首报")
    assert stranger.overflow() == []
    page.get_by_label("报送这一件").nth(1).check()
    page.get_by_role("button", name="报送选中的").click()
    expect(page.locator("h1")).to_have_text("报送结果")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert stranger.overflow() == []
    stranger.go("/report")
    page.evaluate(
        """(bytes) => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "信息.docx"));
        const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
        document.querySelector("textarea[name=text]").dispatchEvent(pasted); }""",
        list(letter("沙石镇一事一议", "今日沙石镇召开会议。")),
    )
    expect(page.get_by_label("标题")).to_have_value("沙石镇一事一议")
    expect(page.get_by_label("正文")).to_have_value("今日沙石镇召开会议。")


def test_an_account_is_closed_only_by_who_means_it(visit: Visit, desk: RunningDesk) -> None:
    name, _ = make_account(desk.base, "editor")
    page = visit.go("/admin/people")
    page.get_by_role("link", name=f"管理 {name}").click()
    page.get_by_role("button", name="停用").click()
    expect(page).to_have_url(re.compile(f"/admin/people/{name}$"))  # the tick is missing: nothing was sent
    page.get_by_label("确认停用").check()
    assert visit.overflow() == []
    page.get_by_role("button", name="停用").click()
    expect(page.locator("tr", has_text=name)).to_contain_text("已停用")
    visit.go(f"/admin/audit?person={name}")
    expect(page.locator("tbody")).to_contain_text("停用账号")
    assert visit.overflow() == []


def test_a_login_at_another_site_ends_logged_in(chromium: Browser, elasticsearch: str, tmp_path: Path) -> None:
    """The way back begins on another site (localhost is none of 127.0.0.1), where a Strict cookie is not shown."""
    with oidc_provider() as provider:
        provider.base = provider.base.replace("127.0.0.1", "localhost")
        rules = lambda base: OidcRules(provider.base, CLIENT, f"{base}/oidc/back", client_secret=SECRET)  # noqa: E731
        with running_desk(ElasticsearchConnection(url=elasticsearch), tmp_path, oidc=rules) as desk:
            name, _ = make_account(desk.base, "reporter", TOWN)
            provider.person = {"sub": "s-1", "preferred_username": name}
            steps = visiting(chromium, desk, 1280, 900, known=False)
            visit = next(steps)
            page = visit.go("/login?to=%2Freport")
            page.get_by_role("link", name="统一身份认证登录").click()
            expect(page).to_have_url(re.compile("/report$"))
            expect(page.locator("h1")).to_have_text("报送信息")
            assert httpx.get(f"{desk.base}/report", follow_redirects=False, timeout=ANSWER_S).status_code == 303
            assert list(steps) == []
