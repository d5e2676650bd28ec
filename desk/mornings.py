"""Today's page: what happened since yesterday, what waits for a person, who has not reported.

An editor opens it at 07:30, when the calendar's day has hardly begun: what was closed in the evening is news in the
morning, and who said nothing yesterday is asked for before who has until 17:30.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from desk.alerting import by_event
from desk.filters import check_day, term
from desk.index import Document, Page, Query
from desk.queue import DAYS, QUEUE_SORT, waiting_for_editors
from desk.rows import ROW_FIELDS
from desk.services import ALERT_EXCLUDES, OPEN_FIRST, Desk
from schemas.base import CHINA, local_day

RECENT = timedelta(hours=24)
NOON = time(12)
"""Until then yesterday's silence is asked for first (SYN)."""
SHOWN, LATEST, ALERTS = 20, 8, 60
INCIDENT_SORT: tuple[dict[str, Any], ...] = (
    {"level": {"order": "asc", "missing": "_last"}},
    {"changed_at": "desc"},
    {"incident": "asc"},
)
"""By level first, so that a grave one is not left out where more are open than are shown; I is before II and III."""
_GRAVE = {"I": 0, "II": 1, "III": 2}
_FATAL, _SIGNED, _HEARSAY = 3, 4, 5


async def morning(desk: Desk, day: str) -> dict[str, Any]:
    """Everything of the page of a day; today's reaches back. Raises IndexUnavailable."""
    now = desk.deps.clock.now()
    today = day == local_day(now)
    listed = partial(desk.items, text="", cursor=None, includes=ROW_FIELDS)
    of_the_day = asyncio.gather(
        desk.counts(day), incidents_of(desk, "" if today else day), _alerts(desk, "" if today else day)
    )
    lists = asyncio.gather(undecided(desk, "" if today else day), listed({} if today else {"day": day}, size=LATEST))
    silence = asyncio.gather(desk.silent(day), _silent_yesterday(desk, day) if today else _nobody())
    (counts, incidents, (alerts, unlisted)), (doubtful, latest), (silent, before) = await asyncio.gather(
        of_the_day, lists, silence
    )
    return {
        "away": False,
        "counts": counts,
        "incidents": incidents,
        "alerts": alerts,
        "alerts_unlisted": unlisted,
        "silent": silent,
        "silent_before": before,
        "is_morning": today and now.astimezone(CHINA).time() < NOON,
        "latest": latest.items,
        "doubtful": doubtful,
    }


async def incidents_of(desk: Desk, day: str = "") -> list[Document]:
    """Incidents that are open or moved in the last 24 hours, or those of a day gone by; the gravest first."""
    if day:
        begin = datetime.combine(check_day(day), time(), CHINA)
        moved: list[Query] = [
            {"range": {"opened_at": {"lt": (begin + timedelta(days=1)).isoformat()}}},
            {"range": {"changed_at": {"gte": begin.isoformat()}}},
        ]
    else:
        since = {"range": {"changed_at": {"gte": _minute(desk, RECENT)}}}
        moved = [{"bool": {"should": [term("closed", "false"), since]}}]
    hidden = {"bool": {"must_not": [{"term": {"rejected": True}}]}}
    filters = [desk.here, term("merged_into", "null"), hidden, *moved]
    found = await desk.index.some("incidents", filters, sort=INCIDENT_SORT, size=SHOWN)
    return sorted(found, key=gravity)


def gravity(one: Document) -> int:
    """The rank of an incident: by level; below III what cost a life, then what somebody signed or confirmed."""
    if one.get("level") in _GRAVE:
        return _GRAVE[one["level"]]
    if (one.get("facts") or {}).get("deaths"):
        return _FATAL
    return _SIGNED if one.get("signed") or one.get("confirmed_by") else _HEARSAY


async def undecided(desk: Desk, day: str = "") -> Page:
    """Items of which the machine is unsure and that nobody took up: of the queue's days, or of a day."""
    unsure = {"bool": {"filter": [term("abstained", "true"), {"bool": {"must_not": [_DECIDED]}}]}}
    doubts: Query = {"bool": {"should": [unsure, term("emergency.doubtful", "true")]}}
    when = term("day", day) if day else {"range": {"received_at": {"gte": _minute(desk, timedelta(days=DAYS))}}}
    page = await desk.index.page(
        "items", [*waiting_for_editors(desk), when, doubts], sort=QUEUE_SORT, size=SHOWN, includes=ROW_FIELDS
    )
    shown = [one for one in desk.decisions.shown_all(page.items) if one["status"] == "new" and not one["merged_into"]]
    return Page(shown, None, page.total - (len(page.items) - len(shown)))


_DECIDED: Query = {"exists": {"field": "category_decided"}}


async def _alerts(desk: Desk, day: str) -> tuple[list[list[Document]], int]:
    """(alerts by incident, how many more there are): those that nobody acknowledged before the others, in a group and
    among the groups, then the newest first."""
    if day:
        begin = datetime.combine(check_day(day), time(), CHINA)
        until = (begin + timedelta(days=1)).isoformat()
        wanted: Query = {"range": {"raised_at": {"gte": begin.isoformat(), "lt": until}}}
    else:
        wanted = {"bool": {"should": [term("acknowledged", "false"), _since(desk)]}}
    page = await desk.index.page("alerts", [desk.here, wanted], sort=OPEN_FIRST, size=ALERTS, excludes=ALERT_EXCLUDES)
    return by_event([desk.with_pending(one) for one in page.items]), page.total - len(page.items)


def _since(desk: Desk) -> Query:
    return {"range": {"raised_at": {"gte": _minute(desk, RECENT)}}}


def _minute(desk: Desk, ago: timedelta) -> str:
    """A moment, of a full minute: the same question all that minute, whose answer Elasticsearch keeps."""
    return (desk.deps.clock.now() - ago).replace(second=0, microsecond=0).isoformat()


async def _silent_yesterday(desk: Desk, day: str) -> list[dict[str, Any]]:
    """Departments that said nothing the day before; [] where no ledger was kept then."""
    before = (check_day(day) - timedelta(days=1)).isoformat()
    entries = await desk.ledger.entries(before)
    return await desk.ledger.silent(before, entries) if entries else []


async def _nobody() -> list[dict[str, Any]]:
    return []
