"""Every page for every role under axe-core: no serious and no critical fault. And the queue and the table by keys.

Pages that come of files and of a login elsewhere too: uploads, looked-over tables, what a provider's refusal shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from desk.oidc import OidcRules
from schemas.assessment import AssessedItem
from schemas.connections import ElasticsearchConnection
from schemas.item import Attachment
from tests.browser.conftest import WIDTHS, Visit, day_at_the_desk, login, login_as, make_account, visiting
from tests.desk_day.items import NOW, key
from tests.desk_server import ANSWER_S, KEY, RunningDesk, running_desk
from tests.index_events import assessed, item_id
from tests.oidc_provider import CLIENT, SECRET, oidc_provider
from tests.unit.desk.test_attachments import PNG
from tests.unit.desk.test_importing import HEAD
from tests.unit.desk.test_importing import table as workbook

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
WITH_FILES = 901
"""The number of an item that came with attachments."""
OFFICE = [
    "/", "/items", "/items?q=滑坡", f"/items/{key('slide-1')}", f"/items/{key('slide-1')}/beside/{key('slide-3')}",
    "/duty", "/stats", "/bulletins", "/bulletins/huiyao/2026-11-20", "/bulletins/yuqing/2026-11-20", "/archive",
    "/bulletins/huiyao/2026-11-20/mail", "/account", "/commissions", "/instructions",
    "/duty/board", "/incidents/slide-jibu", f"/items/{item_id(WITH_FILES)}",
]  # fmt: skip
EDITING = ["/queue", "/report", f"/commissions?item={key('slide-1')}", "/bulletins/huiyao/2026-11-20/arrange"]
PAGES = {
    "admin": [*OFFICE, *EDITING, "/admin/people", "/admin/audit", "/incidents/phone", "/nothing-here"],
    "editor": ["/", f"/items/{key('slide-1')}", *EDITING, "/instructions/enter"],
    "duty": [
        "/",
        f"/instructions/enter?item={key('slide-1')}",
        "/duty/board",
        "/incidents/phone",
        f"/items/{key('slide-1')}",
        "/report",
    ],
    "leader": [
        "/",
        "/leader",
        "/instructions",
        f"/items/{key('slide-1')}",
        "/bulletins",
        "/bulletins/huiyao/2026-11-20/arrange",
    ],
    "supervisor": ["/", "/items", "/duty", "/commissions"],
    "reporter": ["/report", "/mine", "/commissions", "/account"],
}


@pytest.fixture(scope="module")
def table(elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk of this module's own: what is begun here stays here."""
    with day_at_the_desk(elasticsearch, tmp_path_factory.mktemp("axe")) as running:
        with httpx.Client(base_url=running.base, timeout=ANSWER_S) as editor:
            editor.post("/login", data={"key": KEY})
            assert editor.post("/bulletins/huiyao/2026-11-20/begin").is_redirect
            editor.post("/searches", data={"name": "滑坡", "query": "q=滑坡"})
            asked = {"topic": "隐患排查", "deadline": "2026-11-21T09:00", "departments": "U028"}
            assert editor.post("/commissions", data=asked).is_redirect
        running.index(with_files())
        yield running


def with_files() -> AssessedItem:
    """A report with a photo and a document, one of which is not kept on this machine."""
    made = assessed(WITH_FILES, received=NOW)
    files = (
        Attachment(name="现场.png", media_type="image/png", size=2048, sha256="a" * 64),
        Attachment(name="说明.pdf", media_type="application/pdf", size=20_480, sha256="b" * 64),
    )
    return made.model_copy(update={"input": made.input.model_copy(update={"attachments": files})})


@pytest.fixture
def stranger(chromium: Browser, table: RunningDesk) -> Iterator[Visit]:
    yield from visiting(chromium, table, *WIDTHS["desk"], known=False)


def faults(page: Page) -> list[dict[str, Any]]:
    """Serious and critical ones: rule, what it says, and where."""
    found = Axe().run(page).response["violations"]
    return [
        {"rule": one["id"], "says": one["help"], "where": [node["html"][:160] for node in one["nodes"]][:5]}
        for one in found
        if one["impact"] in GRAVE
    ]


def test_the_login_page(stranger: Visit) -> None:
    assert faults(stranger.go("/login")) == []


@pytest.mark.parametrize("role", list(PAGES))
def test_no_page_of_a_role_has_a_grave_fault(stranger: Visit, table: RunningDesk, role: str) -> None:
    if role == "admin":
        login(stranger)
    else:
        login_as(stranger, *make_account(table.base, role, "U028" if role == "reporter" else ""))
    found = {}
    for path in PAGES[role]:
        grave = faults(page := stranger.go(path))
        assert page.locator("p.code").count() == (path == "/nothing-here"), path  # an error's page has no faults either
        if grave:
            found[path] = grave
    stranger.complaints[:] = [one for one in stranger.complaints if "404" not in one]
    assert found == {}


def test_a_form_with_files_and_its_receipt(stranger: Visit, table: RunningDesk) -> None:
    page = login_as(stranger, *make_account(table.base, "reporter", "U028"))
    page.get_by_label("正文").fill("今日上午，我局对章江堤防开展巡查，未发现异常，照片附后。")
    page.get_by_label("附件").set_input_files(
        [{"name": "现场.png", "mimeType": "image/png", "buffer": PNG},
         {"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}]
    )  # fmt: skip
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.get_by_label("现场.png")).to_be_checked()
    expect(page.get_by_role("alert")).to_contain_text("“程序”")
    stranger.complaints.clear()  # the browser rightly complained about the answer 422
    assert faults(page) == []
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator("h1")).to_have_text("已收到")
    expect(page.locator("main")).to_contain_text("现场.png")
    assert faults(page) == []


def test_a_table_that_is_looked_over_and_what_became_of_it(stranger: Visit, table: RunningDesk) -> None:
    page = login_as(stranger, *make_account(table.base, "reporter", "U028"))
    rows = workbook(HEAD, [1, "巡查", "今日堤防巡查，未发现异常。", ""], [2, "开会", "今日开会。", "加急"])
    page.get_by_text("从 Word、Excel 文件填写").click()
    assert faults(page) == []
    page.get_by_label("文件（").set_input_files({"name": "周报.xlsx", "mimeType": "", "buffer": rows})
    page.get_by_role("button", name="读取").click()
    expect(page.get_by_role("alert")).to_contain_text("第3行 类型")
    assert faults(page) == []
    page.get_by_label("报送这一件").nth(1).check()
    page.get_by_role("button", name="报送选中的").click()
    expect(page.locator("h1")).to_have_text("报送结果")
    stranger.complaints.clear()  # the row with a fault makes it a 422
    assert faults(page) == []


def test_the_pages_of_a_login_elsewhere(chromium: Browser, elasticsearch: str, tmp_path: Path) -> None:
    """The login page with the provider's button, who has no account, a provider that is away, and the way in."""
    with oidc_provider() as provider:
        rules = lambda base: OidcRules(provider.base, CLIENT, f"{base}/oidc/back", client_secret=SECRET)  # noqa: E731
        with running_desk(ElasticsearchConnection(url=elasticsearch), tmp_path, oidc=rules) as desk:
            name, _ = make_account(desk.base, "reporter", "U028")
            steps = visiting(chromium, desk, *WIDTHS["desk"], known=False)
            visit = next(steps)
            page = visit.go("/login")
            button = page.get_by_role("link", name="统一身份认证登录")
            assert faults(page) == []
            provider.down = True  # before the desk has learned the provider's addresses
            button.click()
            expect(page.get_by_role("alert")).to_contain_text("暂时没有应答")
            assert faults(page) == []
            visit.complaints.clear()
            provider.down, provider.person = False, {"sub": "s-9", "preferred_username": "nobody.here"}
            visit.go("/login")
            button.click()
            expect(page.get_by_role("alert")).to_contain_text("还没有对应的账号")
            assert faults(page) == []
            provider.person = {"sub": "s-1", "preferred_username": name}
            # The page in between leads on by itself, too soon to be looked at; a redirect is not held by page.route.
            visit.go("/login")
            button.click()
            expect(page.locator("h1")).to_have_text("报送信息")
            assert faults(page) == []
            visit.complaints.clear()  # 401 and 503 were wanted
            assert list(steps) == []


def test_the_queue_by_keys_alone(stranger: Visit, table: RunningDesk) -> None:
    login_as(stranger, *make_account(table.base, "editor"))
    page = stranger.go("/queue?next=1")
    titles = page.locator("#queue a.title")
    expect(titles.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(titles.nth(1)).to_be_focused()
    page.keyboard.press("Tab")  # to the button in the same row; from there the arrows go on
    expect(titles.nth(1).locator("xpath=ancestor::li").get_by_role("button")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(titles.first).to_be_focused()
    chosen = titles.first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).to_have_text(chosen)
    for _ in range(60):
        if page.evaluate("document.activeElement.value") == "accept":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue?next=1&done=*")
    expect(titles.first).to_be_focused()
    expect(page.locator("#queue")).not_to_contain_text(chosen)


def test_the_table_of_a_bulletin_by_keys_alone(stranger: Visit, table: RunningDesk) -> None:
    login_as(stranger, *make_account(table.base, "editor"))
    page = stranger.go("/bulletins/huiyao/2026-11-20/arrange")
    keys = [one.get_attribute("data-key") for one in page.locator('ol[data-section="区内动态"] > .entry').all()]
    first, second = keys[:2]
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.key") == first:
            break
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#said")).to_have_text("已下移")
    moved = [one.get_attribute("data-key") for one in page.locator('ol[data-section="区内动态"] > .entry').all()]
    assert moved[:2] == [second, first]
