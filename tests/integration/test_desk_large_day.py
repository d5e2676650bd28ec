"""The editor's table of a day of very many items: it reads what it shows, tells what came, and goes on with "more"."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from desk import narrowing, offers
from schemas.assessment import AssessedItem
from schemas.vocab import Category
from tests.desk_server import RunningDesk
from tests.index_events import after, assessed, item_id
from tests.integration.test_desk_people import as_person

pytestmark = pytest.mark.integration
PATH = "/bulletins/huiyao/2026-11-20"
MANY = 120


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every day counts as large, and nobody may read a whole one."""

    async def refused(*_: Any) -> Any:
        raise AssertionError("the whole day was read")

    for module in (narrowing, offers):
        monkeypatch.setattr(module, "WHOLE", 0)
    monkeypatch.setattr(offers, "candidates_between", refused)


def news(number: int, hours: float) -> AssessedItem:
    return assessed(number, received=after(hours), category=Category.WORK_NEWS)


def card(page: str, name: str) -> str:
    return page.split(f'id="{name}"')[1].split("</section>")[0] if f'id="{name}"' in page else ""


def titles(page: str, name: str) -> list[str]:
    return [part.split("</a>")[0].rpartition(">")[2] for part in card(page, name).split('<a class="title"')[1:]]


def arrange(editor: httpx.Client, **asked: int) -> str:
    answer = editor.get(f"{PATH}/arrange", params=asked)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.usefixtures("large")
def test_a_large_day_is_arranged_like_another(desk: RunningDesk) -> None:
    desk.index(*(news(n, -8 + n / 100) for n in range(1, MANY + 1)))
    with as_person(desk, "editor") as editor:
        editor.post(f"{PATH}/begin")
        page = arrange(editor)
        assert titles(page, "fresh") == []
        first = titles(page, "spare")
        assert len(first) == offers.SHOWN
        assert f'href="{PATH}/arrange?more=1#spare"' in page
        second = titles(arrange(editor, more=1), "spare")
        assert second[: offers.SHOWN] == first
        assert len(second) == 2 * offers.SHOWN
        assert titles(arrange(editor, more=1), "fresh") == []  # what nobody asked for before is no news for it

        desk.index(news(500, 0.5), news(501, -0.01))  # the second came to the index after one that was received later
        desk.clock.time = after(1)
        page = arrange(editor)
        assert titles(page, "fresh") == ["沙石镇山体滑坡（501）", "沙石镇山体滑坡（500）"]

        done = editor.post(f"{PATH}/changes", data={"action": "seen", "revision": 1, "more": 1})
        assert str(done.url).endswith("arrange?again=true&more=1")
        assert titles(arrange(editor, again=1), "fresh") == []
        assert titles(arrange(editor), "fresh") == []

        added = {"action": "add", "revision": 2, "key": item_id(500), "section": "区内动态"}
        assert editor.post(f"{PATH}/changes", data=added).status_code == 200
        page = arrange(editor)
        assert f'id="e-{item_id(500)}"' in page
        assert "请撤下" not in page
