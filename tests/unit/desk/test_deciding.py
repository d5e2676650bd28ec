"""Decisions on items as people meet them on the page; the index has one item and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from desk.accounts import Role
from desk.index import Page
from processors.fold import fold
from tests.index_events import assessed, decision, item_id
from tests.unit.desk.conftest import Harness
from tests.unit.desk.test_admin_pages import GOOD, person, services

ERASED = item_id(2)
PATH = f"/items/{item_id(1)}/decisions"


@pytest.fixture
def page(desk: Harness) -> Harness:
    """A desk whose index knows the first item, and that the second was erased."""
    erased = fold(fold(None, assessed(2)), decision(1, "erase", 1, ERASED))
    known = {item_id(1): fold(None, assessed(1)) | {"_id": item_id(1)}, ERASED: erased | {"_id": ERASED}}

    async def one(alias: str, identifier: str, filters: Any) -> dict[str, Any] | None:
        return known.get(identifier) if alias == "items" else None

    async def one_and(alias: str, identifier: str, filters: Any, *_: Any, **__: Any) -> Any:
        return await one(alias, identifier, filters), []

    async def none(*_: Any, **__: Any) -> list[dict[str, Any]]:
        return []

    async def empty(*_: Any, **__: Any) -> Page:
        return Page([], None, 0)

    index = services(desk.client).index
    index.one, index.some, index.all, index.page = one, none, none, empty  # type: ignore[method-assign]
    index.one_and, index.unsorted = one_and, none  # type: ignore[method-assign]
    for name in ("liu.b", "wang.f"):
        person(desk.client, name, Role.EDITOR, display=name)
    return desk


def accepts(desk: Harness, name: str) -> tuple[int, str]:
    """What somebody is told who presses 采用 on the page as it was before anybody decided."""
    desk.client.post("/login", data={"name": name, "password": GOOD})
    answer = desk.client.post(PATH, data={"action": "accept", "revision": 0}, follow_redirects=False)
    return answer.status_code, answer.text


def test_a_button_pressed_twice_is_no_other_person(page: Harness) -> None:
    assert accepts(page, "liu.b")[0] == 303
    status, again = accepts(page, "liu.b")
    assert (status, "您刚刚处理过" in again, "先前的决定已保存" in again, "别人" in again) == (409, True, True, False)
    status, other = accepts(page, "wang.f")
    assert (status, "别人刚刚处理过" in other, "您刚刚处理过" in other) == (409, True, False)
    assert "liu.b：采用" in other
    assert services(page.client).decisions.revision(item_id(1)) == 1


def test_the_queue_names_what_was_just_decided_but_nothing_that_is_erased(page: Harness) -> None:
    accepts(page, "liu.b")
    assert "采用：" in page.client.get(f"/queue?done={item_id(1)}").text
    gone = page.client.get(f"/queue?done={ERASED}")
    assert (gone.status_code, "notice done" in gone.text) == (200, False)
