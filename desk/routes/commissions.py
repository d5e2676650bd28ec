"""约稿: the office asks and looks after, departments see what is asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Editor, Visitor, calls_with
from desk.commissioning import Asked, Asking
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from processors.instructions.steps import topic_of
from schemas.base import CHINA
from schemas.errors import FieldError, InvalidItem

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1")
Files = calls_with(Right.FILE)
Short = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4000)]
NOTHING = Asking("", "", "", ())


@router.get("/commissions")
async def commissions(request: Request, desk: Services, who: Visitor) -> Response:
    """The office's list with a form, or what is asked of the visitor's department."""
    about = request.query_params.get("item", "")[:64]
    item = await desk.item(about, who) if about and who.may(Right.EDIT) else None
    tomorrow = desk.deps.clock.now().astimezone(CHINA) + timedelta(days=1)
    given = replace(NOTHING, deadline=f"{tomorrow:%Y-%m-%d}T17:00")
    if item is not None and not item.get("erased"):
        # Departments read it: where a citizen may have spoken, type and place and not the words.
        given = Asking(topic_of(item, desk.deps.instruction_rules.file.complaint_lanes), "", given.deadline, (), about)
    return await _page(desk, who, given)


@router.post("/commissions")
async def ask(
    desk: Services,
    who: Editor,
    topic: Short = "",
    text: Long = "",
    deadline: Short = "",
    departments: Annotated[Sequence[str], Form()] = (),
    about: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Ask departments for a piece."""
    asking = Asking(topic, text, deadline, departments, about)
    now = desk.deps.clock.now()
    try:
        made = await asyncio.to_thread(desk.commissions.ask, asking, by=who.name, now=now)
    except InvalidItem as error:
        return await _page(desk, who, asking, errors=error.errors, status=422)
    desk.people.record(who.name, "commissioned", made.subject_id, "request")
    desk.outbox.wake()
    return RedirectResponse("/commissions", SEE_OTHER)


@router.post("/commissions/{request_id}/close")
async def close(request_id: str, desk: Services, who: Editor, reason: Short = "") -> Response:
    """Take a request back."""
    await desk.requested.look()
    await asyncio.to_thread(desk.commissions.close, request_id, reason, by=who.name, now=desk.deps.clock.now())
    desk.people.record(who.name, "commissioned", request_id, "close")
    desk.outbox.wake()
    return RedirectResponse("/commissions", SEE_OTHER)


@api.get("/commissions")
async def get_commissions(desk: Services, who: Annotated[Account, Files]) -> dict[str, Any]:
    """Requests for pieces and what came of them: all for the office, the own department's for a reporter."""
    await desk.requested.look()
    found = await asyncio.to_thread(desk.commissions.all, desk.deps.clock.now(), department_of(who))
    items = [record(one, office=who.may(Right.READ)) for one in found]
    return {"items": items, "next": None, "total": len(items)}


def record(asked: Asked, *, office: bool) -> dict[str, Any]:
    """As REST prints it; a department does not learn what item it is about."""
    one = asked.commission
    return {
        "request": one.request, "topic": one.topic, "text": asked.text, "department": one.department,
        "deadline": one.deadline, "outcome": one.outcome.value, "asked_at": one.asked_at,
        "answered_at": one.answered_at, "item_id": one.item_id, "about": (asked.about or None) if office else None,
    }  # fmt: skip


def department_of(who: Account) -> str | None:
    """Whose requests somebody sees; None: everybody's. Raises 403 for who is of no department and may not read."""
    if who.may(Right.READ):
        return None
    if who.department is None:
        raise HTTPException(403, "the account belongs to no department")
    return who.department


async def _page(
    desk: Desk, who: Account, given: Asking, *, errors: tuple[FieldError, ...] = (), status: int = 200
) -> Response:
    now, told = desk.deps.clock.now(), await desk.requested.look()
    found = await asyncio.to_thread(desk.commissions.all, now, department_of(who))
    names = {one.id: one.short_name for one in desk.deps.register}
    return render(
        desk, who, "commissions.html.j2", here="/commissions", status=status, errors=errors, given=given,
        away=not told, asked=found, remind=[one for one in found if one.urgent], departments=names,
    )  # fmt: skip
