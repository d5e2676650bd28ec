"""What was sent of an issue to whom, and sending again what did not go out."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Editor, Reader, address_of, calls_with
from desk.filters import check_day
from desk.mailing import AGAIN
from desk.rendering import render
from desk.routes.api import Services
from desk.routes.bulletins import Named
from schemas.vocab import BulletinName

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1")
Reads = calls_with(Right.READ)


@router.get("/bulletins/{name}/{date}/mail")
async def mails(name: Named, date: str, desk: Services, who: Reader) -> Response:
    """The record of an issue's mails and messages."""
    period = desk.bulletins.issuing.period(name, check_day(date))
    found = await asyncio.to_thread(desk.bulletins.issuing.mailings.of, name, period)
    title = desk.deps.bulletins[name].title
    newest = max((one.version for one in found), default=0)
    return render(
        desk, who, "mails.html.j2", here="/bulletins", mails=found, title=title, date=date, name=name.value,
        again=AGAIN, newest=newest,
    )  # fmt: skip


@router.post("/bulletins/{name}/{date}/mail")
async def again(
    request: Request,
    name: Named,
    date: str,
    desk: Services,
    who: Editor,
    version: Annotated[int, Form(ge=1)],
    recipient: Annotated[str, Form(max_length=200)],
) -> Response:
    """Send one again; a person answers for it."""
    period = desk.bulletins.issuing.period(name, check_day(date))
    await asyncio.to_thread(desk.bulletins.issuing.mailings.again, name, period, version, recipient)
    desk.people.record(who.name, "mail_again", f"{name}:{date}:{version}", recipient, address_of(request))
    return RedirectResponse(f"/bulletins/{name.value}/{date}/mail", SEE_OTHER)


@api.get("/bulletins/{name}/{date}/mail")
async def get_mails(name: BulletinName, date: str, desk: Services, _: Annotated[Account, Reads]) -> dict[str, Any]:
    """What was sent of an issue to whom; no addresses."""
    period = desk.bulletins.issuing.period(name, check_day(date))
    found = await asyncio.to_thread(desk.bulletins.issuing.mailings.of, name, period)
    items = [
        {"version": one.version, "recipient": one.to, "channel": one.channel, "state": one.state.value,
         "tries": one.tries, "at": one.at, "detail": one.detail}
        for one in found
    ]  # fmt: skip
    return {"items": items, "next": None, "total": len(items)}
