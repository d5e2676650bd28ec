"""A real Chromium before a real desk with a full day in the index."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from deploy.testing import engines
from huiyao.districts import load_district
from huiyao.settings import load_settings
from producers.fakes import FixedClock
from schemas.connections import ElasticsearchConnection
from tests.desk_day.events import events, sources
from tests.desk_day.items import NOW
from tests.desk_server import KEY, RunningDesk, running_desk

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "apt-get install -y chromium chromium-l10n fonts-noto-cjk"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--disable-lcd-text", "--lang=zh-CN",
]  # fmt: skip
PASSWORD = "Luzhu-shan-4417"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}


def chromium_path() -> str:
    """The system's Chromium. Fails by name where there is none: pages that nobody looked at are not tested."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"Chromium is not installed; install it with: {INSTALL}", pytrace=False)
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One a module, not one a session: while playwright's synchronous API is open its event loop counts as running,
    and no asynchronous test of another folder could start one of its own."""
    path = chromium_path()
    with sync_playwright() as playwright:
        chinese: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "zh_CN"}
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, env=chinese)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[str]:
    with engines(only=("elasticsearch",)) as running:
        yield running.elasticsearch


@pytest.fixture(scope="session")
def desk(elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """One for all tests; each adds under names of its own."""
    with day_at_the_desk(elasticsearch, tmp_path_factory.mktemp("desk")) as running:
        yield running


@contextmanager
def day_at_the_desk(elasticsearch: str, folder: Path) -> Iterator[RunningDesk]:
    """A desk with the invented day in an index of its own."""
    connection = ElasticsearchConnection(url=elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    names = {one.id: one.short_name for one in load_district(load_settings().district_dir).register}
    with running_desk(connection, folder, sources=sources(), clock=FixedClock(NOW)) as running:
        running.index(*events(names))
        yield running


@dataclass
class Visit:
    """A page, and everything the browser complained about."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    failed: list[Request] = field(default_factory=list)

    def keep_failed(self, request: Request) -> None:
        """Playwright wants a function of ours here; one of a list has no place for its mark."""
        self.failed.append(request)

    def all_complaints(self) -> list[str]:
        """Those of the console, and requests that came to nothing though nobody left the page."""
        # Playwright knows the reason of a failure a moment after the event.
        reasons = [f"{request.url} {request.failure}" for request in self.failed]
        return [*self.complaints, *(reason for reason in reasons if "ERR_ABORTED" not in reason)]

    def go(self, path: str) -> Page:
        """Open a path; the frame must be there."""
        self.page.goto(self.base + path)
        self.page.wait_for_selector("main")
        return self.page

    def overflow(self) -> Any:
        """What sticks out to the right: (element, its right edge)."""
        return self.page.evaluate(
            """() => { const width = document.documentElement.clientWidth;
            const out = [...document.querySelectorAll('body *')].map(e => [e, e.getBoundingClientRect()])
              .filter(([e, r]) => r.width > 1 && r.right > width + 1 && !e.closest('.skip'))
              .map(([e, r]) => e.tagName + '.' + e.className + ' ' + Math.round(r.right));
            return document.documentElement.scrollWidth > width ? out : []; }"""
        )


@pytest.fixture(params=list(WIDTHS))
def visit(request: pytest.FixtureRequest, chromium: Browser, desk: RunningDesk) -> Iterator[Visit]:
    """Logged in, at both widths; at the end the browser must have had nothing to complain about."""
    yield from visiting(chromium, desk, *WIDTHS[request.param])


@pytest.fixture(params=list(WIDTHS))
def stranger(request: pytest.FixtureRequest, chromium: Browser, desk: RunningDesk) -> Iterator[Visit]:
    """Not logged in, at both widths."""
    yield from visiting(chromium, desk, *WIDTHS[request.param], known=False)


def visiting(chromium: Browser, desk: RunningDesk, width: int, height: int, *, known: bool = True) -> Iterator[Visit]:
    """See :func:`visit`."""
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    made = Visit(context.new_page(), desk.base)
    made.page.set_default_timeout(30_000)
    # Chromium reports violations of the content security policy on the console too.
    made.page.on("console", lambda m: made.complaints.append(m.text) if m.type in ("error", "warning") else None)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.on("requestfailed", made.keep_failed)
    if known:
        login(made)
    yield made
    complaints = made.all_complaints()
    context.close()
    assert complaints == []


def login_as(visit: Visit, name: str, password: str) -> Page:
    """As a person with an account does it."""
    page = visit.go("/login")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_selector(".who form")
    return page


def login(visit: Visit) -> None:
    """With the first key."""
    page = visit.go("/")
    page.get_by_text("用密钥进入").click()
    page.get_by_label("密钥").fill(KEY)
    page.get_by_role("button", name="进入", exact=True).click()
    page.wait_for_url(visit.base + "/")


def make_account(base: str, role: str, department: str = "") -> tuple[str, str]:
    """(name, password) of a new account, made and opened as an administrator and the person would."""
    name = f"b{uuid4().hex[:8]}"
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60.0) as client:
        client.post("/login", data={"key": KEY})
        fields = {"name": name, "display": "测试员", "role": role, "department": department}
        once = client.post("/admin/people", data=fields).text.split("<code>")[1].split("<")[0]
        client.post("/logout")
        client.post("/login", data={"name": name, "password": once})
        assert client.post("/account", data={"old": once, "password": PASSWORD}).url.path == "/login"
    return name, PASSWORD
