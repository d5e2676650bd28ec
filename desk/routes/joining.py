"""Merging, splitting and reporting upward: pages and REST over desk.joining."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from desk import joining
from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Watcher, calling, calls_with
from desk.routes.api import Services
from schemas.base import EdgeModel
from schemas.decision import Decision

api = APIRouter(prefix="/api/v1/incidents", dependencies=[Depends(calling)])
router = APIRouter(include_in_schema=False, prefix="/incidents")
Watches = Annotated[Account, calls_with(Right.WATCH)]
Many = Annotated[list[str] | None, Form()]
Short = Annotated[str, Form(max_length=200)]


class Merge(EdgeModel):
    """Incidents that become part of this one."""

    incidents: list[str] = Field(min_length=1, max_length=50)
    reason: str = Field(default="", max_length=500)


class Split(EdgeModel):
    """Sources (items or phone calls) that leave for an incident of their own."""

    item_ids: list[str] = Field(min_length=1, max_length=500)
    reason: str = Field(default="", max_length=500)


class Undo(EdgeModel):
    """The decision that is taken back."""

    decision_id: str
    reason: str = Field(default="", max_length=500)


class ReportUp(EdgeModel):
    """Whom the incident was reported to."""

    side: str = Field(description="city, public")
    reason: str = Field(default="", max_length=500)


@api.post("/{incident}/merge", status_code=202, responses={409: {"description": "Decided meanwhile"}})
async def post_merge(incident: str, desk: Services, who: Watches, body: Annotated[Merge, Body()]) -> dict[str, Any]:
    """Merge other incidents into this one."""
    return _told(await joining.merge(desk, who, incident, body.incidents, body.reason))


@api.post("/{incident}/split", status_code=202, responses={409: {"description": "Decided meanwhile"}})
async def post_split(incident: str, desk: Services, who: Watches, body: Annotated[Split, Body()]) -> dict[str, Any]:
    """Let sources leave for an incident of their own; machines do not join the two again."""
    return _told(await joining.split(desk, who, incident, body.item_ids, body.reason))


@api.post("/{incident}/undo", status_code=202, responses={409: {"description": "Decided meanwhile"}})
async def post_undo(incident: str, desk: Services, who: Watches, body: Annotated[Undo, Body()]) -> dict[str, Any]:
    """Take a decision on the incident back."""
    return _told(await joining.undo(desk, who, incident, body.decision_id, body.reason))


@api.post("/{incident}/report-up", status_code=202, responses={409: {"description": "Decided meanwhile"}})
async def post_report_up(
    incident: str, desk: Services, who: Watches, body: Annotated[ReportUp, Body()]
) -> dict[str, Any]:
    """Note that the incident was reported to the city or told to the public; its clock is met."""
    return _told(await joining.report_up(desk, who, incident, body.side, body.reason))


@router.post("/{incident}/merge")
async def merge(
    incident: str,
    desk: Services,
    who: Watcher,
    incidents: Many = None,
    reason: Short = "",
) -> Response:
    """The button under the list of others."""
    return _back(incident, await joining.merge(desk, who, incident, incidents or [], reason))


@router.post("/{incident}/split")
async def split(
    incident: str,
    desk: Services,
    who: Watcher,
    item_ids: Many = None,
    reason: Short = "",
) -> Response:
    """The button under the list of sources."""
    return _back(incident, await joining.split(desk, who, incident, item_ids or [], reason))


@router.post("/{incident}/undo")
async def undo(incident: str, desk: Services, who: Watcher, decision_id: Short) -> Response:
    """The button beside a decision."""
    return _back(incident, await joining.undo(desk, who, incident, decision_id))


@router.post("/{incident}/report-up")
async def report_up(incident: str, desk: Services, who: Watcher, side: Short, reason: Short = "") -> Response:
    """Reported to the city, or told to the public."""
    return _back(incident, await joining.report_up(desk, who, incident, side, reason))


def _told(made: Decision | None) -> dict[str, Any]:
    if made is None:
        raise HTTPException(404, "no such incident")
    return {"decision_id": made.decision_id, "incident": made.subject_id, "by": made.by, "at": made.at}


def _back(incident: str, made: Decision | None) -> Response:
    _told(made)
    return RedirectResponse(f"/incidents/{incident}", SEE_OTHER)
