"""Saved searches, and items as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from desk.database import Database
from desk.filters import item_filters
from desk.index import Page
from desk.searches import MOST, Searches, sheet_of
from desk.spreadsheets import as_csv, as_xlsx
from schemas.errors import InvalidItem
from tests.unit.desk.conftest import KEY, NOON, Harness


@pytest.fixture
def searches(tmp_path: Path) -> Searches:
    return Searches(Database(tmp_path / "desk.sqlite3"))


def kept(searches: Searches, owner: str) -> list[tuple[str, str]]:
    return [(one.name, one.query) for one in searches.of(owner)]


def test_the_export_has_what_the_list_shows(desk: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, str]] = []

    async def items(filters: Mapping[str, str], **_: Any) -> Page:
        item_filters(filters)  # means something
        asked.append({**filters})
        return Page([], None, 0)

    monkeypatch.setattr(desk.client.app.state.desk, "items", items)  # type: ignore[attr-defined]
    desk.client.post("/login", data={"key": KEY})
    asked.clear()  # what the page after the login shows
    for query in ("lane=media", "lane=media&q=滑坡", "story=s1"):
        for page in ("/items", "/items.csv", "/items.xlsx"):
            assert desk.client.get(f"{page}?{query}").status_code == 200
    assert asked[0] == {"lane": "media", "merged": "false"}
    assert asked[::3] == asked[1::3] == asked[2::3]


def test_everybody_has_their_own(searches: Searches) -> None:
    searches.save("li", " 滑坡 ", "q=%E6%BB%91%E5%9D%A1&lane=report&cursor=x&other=1", NOON)
    searches.save("wang", "滑坡", "lane=opinion", NOON)
    assert kept(searches, "li") == [("滑坡", "q=%E6%BB%91%E5%9D%A1&lane=report")]
    searches.save("li", "滑坡", "lane=media", NOON)
    searches.remove("wang", "滑坡")
    assert kept(searches, "li") == [("滑坡", "lane=media")]
    assert kept(searches, "wang") == []


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", "lane=media"),
        ("长" * 31, "lane=media"),
        ("a", "cursor=x"),
        ("a", "lane=nothing"),
        ("a", f"q={'长' * 501}"),
        ("a", "day=今天"),
    ],
)
def test_what_would_find_nothing_is_not_kept(searches: Searches, name: str, query: str) -> None:
    with pytest.raises(InvalidItem):
        searches.save("li", name, query, NOON)
    assert kept(searches, "li") == []


def test_nobody_keeps_without_end(searches: Searches) -> None:
    for number in range(MOST):
        searches.save("li", str(number), "lane=media", NOON)
    with pytest.raises(InvalidItem):
        searches.save("li", "一个更多", "lane=media", NOON)
    searches.save("li", "0", "lane=report", NOON)


def test_no_cell_of_an_export_is_a_formula() -> None:
    item: dict[str, Any] = {
        "item_id": "i1", "received_at": NOON.isoformat(), "lane": "opinion", "source": "@x", "category": "其他",
        "status": "new", "title": "=HYPERLINK(1)", "text": "-1+1\n第二行，电话138****2046", "url": "+1",
        "emergency": {"is_emergency": True, "level": None, "reasons": [{"text": "＝滑坡"}]},
        "reasons": [{"text": "＝滑坡"}, {"text": ""}],
    }  # fmt: skip
    head, row = csv.reader(io.StringIO(as_csv(sheet_of([item])).decode("utf-8-sig")))
    assert len(head) == len(row)
    book = load_workbook(io.BytesIO(as_xlsx(sheet_of([item])))).active
    assert book is not None
    assert [[cell or "" for cell in line] for line in book.values] == [head, row]
    assert row == [
        "i1", "11月20日 12:00", "网络舆情", "'@x", "其他", "待处理", "未定", "'=HYPERLINK(1)",
        "'-1+1\n第二行，电话138****2046", "'＝滑坡", "'+1",
    ]  # fmt: skip
