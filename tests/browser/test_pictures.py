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

from tests.browser.conftest import WIDTHS, day_at_the_desk, visiting
from tests.desk_day.items import SLIDE, key
from tests.desk_server import KEY, RunningDesk

pytestmark = pytest.mark.browser
PICTURES = {
    "today": "/",
    "item": f"/items/{key('slide-1')}",
    "items": "/items?q=滑坡",
    "duty": "/duty",
    "bulletin": "/bulletins/huiyao/2026-11-20",
    "bulletins": "/bulletins",
    "arrange": "/bulletins/huiyao/2026-11-20/arrange",
    "report": "/report",
    "stats": "/stats",
    "people": "/admin/people",
    "case": "/cases/case-slide",
    "points": "/points",
    "incident": f"/incidents/{SLIDE}",
}
LIMIT = 200_000
"""Bytes; they are read on a phone too."""
SMALLEST = 10_000
"""Bytes; an empty page has less."""
TALLEST = {"desk": 1400, "phone": 1900}


@pytest.fixture(scope="module")
def untouched(elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk where no other test has been."""
    with day_at_the_desk(elasticsearch, tmp_path_factory.mktemp("pictures")) as running:
        with httpx.Client(base_url=running.base) as editor:
            editor.post("/login", data={"key": KEY})
            assert editor.post("/bulletins/huiyao/2026-11-20/begin").is_redirect
        yield running


@pytest.mark.parametrize("screen", list(WIDTHS))
def test_pictures(chromium: Browser, untouched: RunningDesk, tmp_path: Path, screen: str) -> None:
    folder = Path(os.environ.get("HUIYAO_PICTURES") or tmp_path)
    for visit in visiting(chromium, untouched, *WIDTHS[screen]):
        for name, path in PICTURES.items():
            page = visit.go(path)
            height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST[screen])
            file = folder / f"{name}-{screen}.png"
            page.screenshot(
                path=file, full_page=True, clip={"x": 0, "y": 0, "width": WIDTHS[screen][0], "height": height}
            )
            assert file.stat().st_size > SMALLEST, file.name
            _shrink(file)


def _shrink(file: Path) -> None:
    """To a palette, where pngquant is installed: a third of the size, and nobody sees it."""
    tool = shutil.which("pngquant")
    if tool:
        subprocess.run([tool, "--force", "--ext", ".png", "--speed", "1", "64", str(file)], check=True)
        assert file.stat().st_size < LIMIT, file.name
