"""The editors' queue, and what tells the same as an item: merged ones and others of its story."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.filters import term
from desk.index import Document, Page, Query
from desk.rows import ROW_FIELDS
from desk.services import LIST_EXCLUDES, Desk
from processors.fold_items import ItemStatus
from schemas.vocab import Kind

QUEUE_SORT: tuple[dict[str, Any], ...] = (
    {"emergency.is_emergency": {"order": "desc", "missing": "_last"}},
    {"emergency.in_district": {"order": "desc", "missing": 1}},
    {"emergency.level": {"order": "asc", "missing": "_last"}},
    {"emergency.doubtful": {"order": "desc", "missing": "_last"}},
    {"abstained": {"order": "desc", "missing": "_last"}},
    {"received_at": {"order": "asc"}},
    {"item_id": {"order": "asc"}},
)
"""Urgency first (emergencies by level, those elsewhere after ours), then doubt, then whoever waits longest. What is not
said to lie elsewhere counts as ours."""
DAYS = 3
"""What nobody took up for longer is found in the list, and does not stand before today's."""
SHOWN = 40
RELATED, FEW = 20, 40
RELATED_SORT = ({"received_at": "asc"}, {"item_id": "asc"})
DEPTH = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Related:
    """Other items of the same event. ``merged``: shown under this one; ``siblings``: of its story, by the machine;
    ``kept``: the one this is shown under."""

    merged: list[Document]
    siblings: list[Document]
    kept: Document | None = None


async def queue(desk: Desk, cursor: str | None = None) -> Page:
    """Items that wait for an editor, the most urgent and most doubtful first."""
    # Of a full minute, so that Elasticsearch is asked for the same count all that minute and keeps it.
    since = (desk.deps.clock.now() - timedelta(days=DAYS)).replace(second=0, microsecond=0).isoformat()
    filters = [*waiting_for_editors(desk), {"range": {"received_at": {"gte": since}}}]
    page = await desk.index.page("items", filters, sort=QUEUE_SORT, size=SHOWN, cursor=cursor, includes=ROW_FIELDS)
    shown = desk.decisions.shown_all(page.items)
    waiting = [item for item in shown if item["status"] == ItemStatus.NEW.value and not item["merged_into"]]
    return Page(waiting, page.next, page.total - (len(shown) - len(waiting)))


def waiting_for_editors(desk: Desk) -> list[Query]:
    """What an item must be to wait for an editor."""
    return [
        desk.here,
        term("erased", "false"),
        term("status", ItemStatus.NEW.value),
        term("merged_into", "null"),
        {"bool": {"must_not": [{"term": {"kind": Kind.ZERO.value}}]}},
    ]


async def related(desk: Desk, item: Document, merged: Sequence[Document]) -> Related:
    """What else tells of the event of an item. ``merged``: what is shown under it (:func:`with_merged`)."""
    told, kept = await asyncio.gather(_of_story(desk, item), _kept(desk, item))
    known = {str(item["item_id"]), *(str(one["item_id"]) for one in merged)}
    siblings = [one for one in told if one["item_id"] not in known and one.get("story") == item["story"]]
    return Related(list(merged), siblings, kept)


async def _kept(desk: Desk, item: Document) -> Document | None:
    return await desk.item(str(item["merged_into"])) if item.get("merged_into") else None


async def _of_story(desk: Desk, item: Document) -> list[Document]:
    if not item.get("story"):
        return []
    filters = [desk.here, term("erased", "false"), term("story", str(item["story"]))]
    return await _documents(desk, filters)


async def with_merged(desk: Desk, identifier: str) -> tuple[Document | None, list[Document]]:
    """An item, and the items under it, and those under these; also what was merged a moment ago."""
    asked = _under(desk, [identifier])
    item, listed = await desk.item_and(identifier, asked, size=RELATED, sort=RELATED_SORT)
    return item, [] if item is None else await _deeper(desk, [identifier], listed)


async def _deeper(desk: Desk, above: list[str], listed: Sequence[Document]) -> list[Document]:
    """``listed``: what was found under ``above``."""
    found: dict[str, Document] = {}
    for depth in range(DEPTH):
        if depth:
            listed = await _documents(desk, [desk.here, *_under(desk, above)])
        fresh = [one for one in listed if one["merged_into"] in above and one["item_id"] not in found]
        found |= {str(one["item_id"]): one for one in fresh}
        above = [str(one["item_id"]) for one in fresh]
        if not above:
            break
    return list(found.values())


def _under(desk: Desk, above: Sequence[str]) -> list[Query]:
    ours = [one for kept in above for one in desk.decisions.merged_here(kept)]
    any_of: list[Query] = [{"terms": {"merged_into": list(above)}}, {"ids": {"values": ours}}]
    return [term("erased", "false"), {"bool": {"should": any_of}}]


async def _documents(desk: Desk, filters: list[Query]) -> list[Document]:
    """The first of them. Most events have few: those are put in order here."""
    found = await desk.index.unsorted("items", filters, size=FEW, excludes=LIST_EXCLUDES)
    if len(found) == FEW:
        found = await desk.index.some("items", filters, sort=RELATED_SORT, size=RELATED, excludes=LIST_EXCLUDES)
    return desk.decisions.shown_all(sorted(found, key=_came)[:RELATED])


def _came(item: Document) -> tuple[int, str]:
    """As the index sorts: by milliseconds, then by id."""
    moment = datetime.fromisoformat(item["received_at"])
    return (moment - _EPOCH) // timedelta(milliseconds=1), str(item["item_id"])
