"""The duty board: page and REST; answers to alerts from it."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk import alerting
from desk.auth import SEE_OTHER, Reader, Watcher, calling
from desk.board import board
from desk.problems import RETRY_AFTER_S
from desk.rendering import render
from desk.routes.api import Reads, Services
from schemas.errors import IndexUnavailable

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])


@router.get("/duty/board")
async def duty_board(desk: Services, who: Reader) -> Response:
    """Open incidents with their clocks, alerts that wait, who is silent, how the sources stand."""
    found: dict[str, Any]
    try:
        made = await board(desk)
        found, status, headers = {"away": False, "made_at": made.pop("now"), **made}, 200, None
    except IndexUnavailable:
        found, status, headers = {"away": True}, 503, {"Retry-After": str(RETRY_AFTER_S)}
    found["events"] = alerting.by_event(found.get("alerts") or [])
    return render(desk, who, "board.html.j2", status=status, headers=headers, here="/duty/board", **found)


@router.post("/alerts/{alert_id}/{verdict}")
async def judge(alert_id: str, verdict: Literal["confirm", "reject"], desk: Services, who: Watcher) -> Response:
    """A person's word on what a machine flagged; back to the board."""
    if await alerting.known(desk, alert_id) is None:
        raise HTTPException(404, "no such alert")
    await alerting.answer(desk, alert_id, who.name, verdict)
    return RedirectResponse("/duty/board#alerts", SEE_OTHER)


@api.get("/board", dependencies=[Reads])
async def get_board(desk: Services) -> dict[str, Any]:
    """The duty board as data: incidents with clocks, alerts with who was told how and who waits why, sources."""
    return await board(desk)
