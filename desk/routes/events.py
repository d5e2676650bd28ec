"""Server-sent events: alerts and counts, for the desk's pages and for integrators (CONTRACT.md ``GET /events``)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from desk.auth import caller
from desk.routes.api import Services
from desk.services import Desk
from schemas.base import local_day
from schemas.errors import IndexUnavailable

router = APIRouter(prefix="/api/v1", dependencies=[Depends(caller)])
POLL_S = 1.0
HEARTBEAT_POLLS = 15
RECENT = 50


@router.get("/events")
async def events(request: Request, desk: Services) -> StreamingResponse:
    """``event: alert`` for each new alert (id: its alert_id), ``event: counts`` when they change.

    After a break the browser sends Last-Event-ID and gets the alerts raised since that one.
    """
    stream = follow(desk, request, request.headers.get("last-event-id"))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def follow(desk: Desk, request: Request, last: str | None) -> AsyncIterator[str]:
    """Messages until the other side goes away."""
    known: set[str] | None = None
    counts: dict[str, Any] = {}
    polls = 0
    yield "retry: 3000\n\n"
    while not await request.is_disconnected():
        try:
            alerts = (await desk.alerts(size=RECENT, cursor=None)).items
            fresh, known = _fresh(alerts, known, last)
            for alert in fresh:
                yield message("alert", alert, identifier=alert["alert_id"])
            present = await day_counts(desk, local_day(desk.deps.clock.now()))
            if present != counts:
                counts = present
                yield message("counts", counts)
        except IndexUnavailable as error:
            yield message("unavailable", {"reason": str(error)})
        polls += 1
        if polls % HEARTBEAT_POLLS == 0:
            yield ": heartbeat\n\n"
        await asyncio.sleep(POLL_S)


def message(event: str, data: Any, *, identifier: str | None = None) -> str:
    """One server-sent event."""
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _fresh(
    alerts: list[dict[str, Any]], known: set[str] | None, last: str | None
) -> tuple[list[dict[str, Any]], set[str]]:
    """Alerts not yet told, oldest first. At the start: those after ``last``, none where it is not given or too old."""
    identifiers = [alert["alert_id"] for alert in alerts]
    if known is None:
        newer = alerts[: identifiers.index(last)] if last in identifiers else []
        return newer[::-1], set(identifiers)
    return [alert for alert in alerts if alert["alert_id"] not in known][::-1], known | set(identifiers)


async def day_counts(desk: Desk, day: str) -> dict[str, Any]:
    """What happened on a day, in numbers."""
    found = await desk.index.counts("items", [desk.here, {"term": {"day": day}}], ["lane", "category"])
    incidents = await desk.incidents(open_only=True, size=1)
    alerts = await desk.alerts(size=1, cursor=None, open_only=True)
    return {
        "day": day,
        "items": found[""]["total"],
        "by_lane": found["lane"],
        "by_category": found["category"],
        "open_incidents": incidents.total,
        "open_alerts": alerts.total,
    }
