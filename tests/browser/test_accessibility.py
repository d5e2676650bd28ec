"""Every page for every role under axe-core: no serious and no critical fault. And the queue and the table by keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS, Visit, day_at_the_desk, login, login_as, make_account, visiting
from tests.desk_day.items import key
from tests.desk_server import KEY, RunningDesk

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
OFFICE = [
    "/", "/items", "/items?q=滑坡", f"/items/{key('slide-1')}", f"/items/{key('slide-1')}/beside/{key('slide-3')}",
    "/duty", "/stats", "/bulletins", "/bulletins/huiyao/2026-11-20", "/bulletins/yuqing/2026-11-20", "/archive",
    "/bulletins/huiyao/2026-11-20/mail", "/account", "/commissions", "/instructions",
    "/duty/board", "/incidents/slide-jibu",
]  # fmt: skip
EDITING = ["/queue", "/report", f"/commissions?item={key('slide-1')}", "/bulletins/huiyao/2026-11-20/arrange"]
PAGES = {
    "admin": [*OFFICE, *EDITING, "/admin/people", "/admin/audit", "/incidents/phone", "/nothing-here"],
    "editor": ["/", f"/items/{key('slide-1')}", *EDITING],
    "duty": ["/", "/duty/board", "/incidents/phone", f"/items/{key('slide-1')}", "/report"],
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
        with httpx.Client(base_url=running.base) as editor:
            editor.post("/login", data={"key": KEY})
            assert editor.post("/bulletins/huiyao/2026-11-20/begin").is_redirect
            editor.post("/searches", data={"name": "滑坡", "query": "q=滑坡"})
            asked = {"topic": "隐患排查", "deadline": "2026-11-21T09:00", "departments": "U028"}
            assert editor.post("/commissions", data=asked).is_redirect
        yield running


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
        grave = faults(stranger.go(path))
        if grave:
            found[path] = grave
    stranger.complaints[:] = [one for one in stranger.complaints if "404" not in one]
    assert found == {}


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
    page.wait_for_url("**/queue?next=1")
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
