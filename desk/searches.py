"""Searches that people keep under a name, and what a search found as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from desk.database import Database
from desk.filters import ITEM_FILTERS, SEARCH_LIMIT, VALUE_LIMIT, full_text, item_filters
from desk.spreadsheets import Sheet
from desk.views import clock
from processors.fold_items import ItemStatus
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import Lane

SCHEMA = """
CREATE TABLE IF NOT EXISTS saved_searches (
    owner TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
"""
PARAMETERS = ("q", *ITEM_FILTERS)
NAME_LIMIT, MOST = 30, 30
"""Characters of a name; searches that one account keeps."""
EXPORT_ROWS = 5_000
"""Rows of one file: a day of everything, and far from the whole archive in one hand."""
COLUMNS = ("编号", "收到时间", "来源", "单位或媒体", "类别", "状态", "突发级别", "标题", "正文", "研判依据", "网址")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search by its name; ``query`` as in the address of the list."""

    name: str
    query: str


class Searches:
    """Every account has its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.ensure(SCHEMA)

    def of(self, owner: str) -> list[SavedSearch]:
        """By name."""
        query = "SELECT name, query FROM saved_searches WHERE owner = ? ORDER BY name"
        return [SavedSearch(*row) for row in self._database.rows(query, owner)]

    def save(self, owner: str, name: str, query: str, at: datetime) -> SavedSearch:
        """Keep a search; the same name again is the new search. Raises InvalidItem."""
        made = SavedSearch(name.strip(), checked(query))
        if not 0 < len(made.name) <= NAME_LIMIT:
            raise InvalidItem([FieldError("name", f"1 to {NAME_LIMIT} characters", f"名称应为1至{NAME_LIMIT}个字")])
        with self._database.transaction() as connection:
            others = [one for one in self.of(owner) if one.name != made.name]
            if len(others) >= MOST:
                said = f"最多存{MOST}个检索，请先删去不用的"
                raise InvalidItem([FieldError("name", f"at most {MOST} searches", said)])
            connection.execute("DELETE FROM saved_searches WHERE owner = ? AND name = ?", (owner, made.name))
            values = (owner, made.name, made.query, at.isoformat())
            connection.execute("INSERT INTO saved_searches VALUES (?, ?, ?, ?)", values)
        return made

    def remove(self, owner: str, name: str) -> None:
        """Forget a search of the owner's."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM saved_searches WHERE owner = ? AND name = ?", (owner, name))


def as_listed(asked: Mapping[str, str]) -> dict[str, str]:
    """The search as the list shows it, and so the export: what was merged is found under the one that was kept, and
    where somebody asks for it."""
    return dict(asked) if {"merged", "story", "q"} & asked.keys() else {**asked, "merged": "false"}


def checked(query: str) -> str:
    """The parameters of a search that mean something, in one order. Raises InvalidItem for wrong values."""
    if len(query) > SEARCH_LIMIT + VALUE_LIMIT * len(ITEM_FILTERS):
        raise InvalidItem([FieldError("query", "too long", "检索条件太长")])
    given = {name: value for name, value in parse_qsl(query) if name in PARAMETERS}
    if not given:
        raise InvalidItem([FieldError("query", "has no condition", "先填检索词或筛选条件，再存")])
    item_filters(given)
    if "q" in given:
        full_text(given["q"])
    return urlencode([(name, given[name]) for name in PARAMETERS if name in given])


def sheet_of(items: Sequence[Document]) -> Sheet:
    """Items for a spreadsheet. Texts are the masked ones of the index; who complained, or what was masked, is not in
    them."""
    return Sheet("信息", COLUMNS, [_row(item) for item in items])


def _row(item: Document) -> list[str]:
    emergency = item.get("emergency") or {}
    reasons = [*(item.get("reasons") or []), *(emergency.get("reasons") or [])]
    words = dict.fromkeys(str(one["text"]) for one in reasons if one.get("text"))
    level = (emergency.get("level") or "未定") if emergency.get("is_emergency") else ""
    return [
        str(item["item_id"]),
        clock(item["received_at"]),
        Lane(item["lane"]).label,
        str(item.get("source_name") or item.get("source") or ""),
        str(item.get("category_decided") or item.get("category") or ""),
        ItemStatus(item["status"]).label,
        level,
        str(item.get("title") or ""),
        str(item.get("text") or ""),
        "、".join(words),
        str(item.get("url") or ""),
    ]
