"""Server-sent events: alerts and counts, for the desk's pages and for integrators (CONTRACT.md ``GET /events``)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from desk.accounts import Right
from desk.auth import caller, calls_with
from desk.routes.api import Services
from desk.services import Desk
from schemas.errors import IndexUnavailable

router = APIRouter(prefix="/api/v1", dependencies=[calls_with(Right.READ)])
POLL_S = 1.0
HEARTBEAT_POLLS = 15
Alerts = list[dict[str, Any]]


@router.get("/events", response_class=StreamingResponse)
async def events(request: Request, desk: Services) -> StreamingResponse:
    """``event: alert`` for each new alert (id: its alert_id), ``event: counts`` when they change.

    After a break the browser sends Last-Event-ID and gets the alerts raised since that one. ``event: unavailable``
    once when the index goes away; counts come again when it is back.
    """
    stream = follow(desk, request, request.headers.get("last-event-id"))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def follow(desk: Desk, request: Request, last: str | None) -> AsyncIterator[str]:
    """Messages until the other side goes away."""
    teller = Teller(desk, last)
    polls = 0
    yield "retry: 3000\n\n"
    while not await request.is_disconnected():
        for text in await teller.news():
            yield text
        polls += 1
        if polls % HEARTBEAT_POLLS == 0:
            if not still_reads(request):
                return
            yield ": heartbeat\n\n"
        await asyncio.sleep(POLL_S)


def still_reads(request: Request) -> bool:
    """Whether the listener's session or key still holds: a stream outlives a logout and a closed account."""
    try:
        return caller(request).may(Right.READ)
    except HTTPException:
        return False


class Teller:
    """What one listener has been told already."""

    def __init__(self, desk: Desk, last: str | None) -> None:
        self._desk, self._last = desk, last
        self._known: set[str] | None = None
        self._counts: dict[str, Any] | None = None
        self._away = False

    async def news(self) -> list[str]:
        """Messages that are due now; an alert once, counts when they changed."""
        try:
            alerts, counts = await self._desk.pulse.now()
            fresh = await self._fresh(alerts)
        except IndexUnavailable as error:
            told, self._away, self._counts = self._away, True, None
            return [] if told else [message("unavailable", {"reason": str(error)})]
        self._away = False
        messages = [message("alert", alert, identifier=alert["alert_id"]) for alert in fresh]
        if counts != self._counts:
            self._counts = counts
            messages.append(message("counts", counts))
        return messages

    async def _fresh(self, alerts: Alerts) -> Alerts:
        """Alerts not yet told, oldest first. At the start: those after ``last``, none where that is not known."""
        if self._known is None:
            missed = (await self._desk.alerts_after(self._last) if self._last else None) or []
            # The page that listens was made a moment ago and shows what there is.
            self._known = {alert["alert_id"] for alert in (*alerts, *missed)}
            return missed
        fresh = [alert for alert in alerts if alert["alert_id"] not in self._known][::-1]
        self._known |= {alert["alert_id"] for alert in fresh}
        return fresh


def message(event: str, data: Any, *, identifier: str | None = None) -> str:
    """One server-sent event."""
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
