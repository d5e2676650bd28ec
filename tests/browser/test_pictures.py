"""Pictures of the pages; with HUIYAO_PICTURES=docs/pictures those of the docs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from schemas.ids import digest
from tests.browser.conftest import WIDTHS, Visit, day_at_the_desk, login_as, make_account, visiting
from tests.desk_day.events import instructions
from tests.desk_day.items import SLIDE, key
from tests.desk_server import ANSWER_S, KEY, RunningDesk

pytestmark = pytest.mark.browser
PICTURES = {
    "today": "/",
    "item": f"/items/{key('slide-1')}",
    "items": "/items?q=滑坡",
    "duty": "/duty",
    "bulletin": "/bulletins/huiyao/2026-11-20",
    "bulletins": "/bulletins",
    "arrange": "/bulletins/huiyao/2026-11-20/arrange",
    "stats": "/stats",
    "people": "/admin/people",
    "case": "/cases/case-slide",
    "points": "/points",
    "incident": f"/incidents/{SLIDE}",
    "board": "/duty/board",
    "person": "/admin/people/admin",
    "audit": "/admin/audit",
    "api": "/account/api",
}
LEADERS = {
    "leader": "/leader",
    "instruct": f"/items/{key('slide-1')}",
    "instructions": "/instructions?view=all",
    "instruction": f"/instructions/{digest('instruction', 'answered')}",
}
"""Seen by a leader."""
REPORTERS = {"report": "/report", "mine": "/mine"}
"""Seen by a reporter of the town where the slide was."""
TOWN = "U064"
TYPED = "今天上午8时许，沙石镇龙埠村发生山体滑坡，据说群众情绪稳定，3人受伤，已送医院，按装警示牌12块，转移群众56人。"
LIMIT = 200_000
"""Bytes; they are read on a phone too."""
SMALLEST = 10_000
"""Bytes; an empty page has less."""
TALLEST = {"desk": 1400, "phone": 1900}


@pytest.fixture(scope="module")
def untouched(elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk where no other test has been."""
    with day_at_the_desk(elasticsearch, tmp_path_factory.mktemp("pictures")) as running:
        with httpx.Client(base_url=running.base, timeout=ANSWER_S) as editor:
            editor.post("/login", data={"key": KEY})
            assert editor.post("/bulletins/huiyao/2026-11-20/begin").is_redirect
        yield running


@pytest.fixture(scope="module")
def leader(untouched: RunningDesk) -> tuple[str, str]:
    """(name, password) of a leader who has given instructions."""
    name, password = make_account(untouched.base, "leader")
    untouched.index(*instructions(name))
    return name, password


@pytest.mark.parametrize("screen", list(WIDTHS))
def test_pictures(chromium: Browser, untouched: RunningDesk, tmp_path: Path, screen: str) -> None:
    for visit in visiting(chromium, untouched, *WIDTHS[screen]):
        for name, path in PICTURES.items():
            visit.go(path)
            take(visit, tmp_path, name, screen)


@pytest.mark.parametrize("screen", list(WIDTHS))
def test_pictures_of_a_leader(
    chromium: Browser, untouched: RunningDesk, leader: tuple[str, str], tmp_path: Path, screen: str
) -> None:
    for visit in visiting(chromium, untouched, *WIDTHS[screen], known=False):
        login_as(visit, *leader)
        for name, path in LEADERS.items():
            page = visit.go(path)
            summary = page.locator("details.instruct summary")
            if name != "instructions" and summary.count():
                summary.first.click()
            take(visit, tmp_path, name, screen)


@pytest.mark.parametrize("screen", list(WIDTHS))
def test_pictures_of_a_reporter(chromium: Browser, untouched: RunningDesk, tmp_path: Path, screen: str) -> None:
    for visit in visiting(chromium, untouched, *WIDTHS[screen], known=False):
        login_as(visit, *make_account(untouched.base, "reporter", TOWN))
        for name, path in REPORTERS.items():
            page = visit.go(path)
            if name == "report":
                page.get_by_label("标题").fill("沙石镇龙埠村发生山体滑坡")
                page.get_by_label("正文").fill(TYPED)
                page.wait_for_selector("#verdict button.fix")
            take(visit, tmp_path, name, screen)


def take(visit: Visit, tmp_path: Path, name: str, screen: str) -> None:
    """A picture of the page as it is."""
    assert visit.overflow() == [], name
    height = min(visit.page.evaluate("document.documentElement.scrollHeight"), TALLEST[screen])
    file = Path(os.environ.get("HUIYAO_PICTURES") or tmp_path) / f"{name}-{screen}.png"
    clip = {"x": 0.0, "y": 0.0, "width": float(WIDTHS[screen][0]), "height": float(height)}
    visit.page.screenshot(path=file, full_page=True, clip=clip)  # type: ignore[arg-type]
    assert file.stat().st_size > SMALLEST, file.name
    _shrink(file)


def _shrink(file: Path) -> None:
    """To a palette, where pngquant is installed: a third of the size, and nobody sees it."""
    tool = shutil.which("pngquant")
    if tool:
        subprocess.run([tool, "--force", "--ext", ".png", "--speed", "1", "64", str(file)], check=True)
        assert file.stat().st_size < LIMIT, file.name
