"""Answers to alerts, silences, CAP; and the page behind a signed link, which needs no login."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Form, Query, Request, Response
from starlette.exceptions import HTTPException

from desk import alerting
from desk.accounts import Account
from desk.auth import calling
from desk.rendering import render
from desk.routes.api import Reads, Services, Watches
from publishers import ack_links, cap
from schemas.subscription import Silence

router = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])
pages = APIRouter(include_in_schema=False)
FEED_SIZE = 50
Watcher = Annotated[Account, Watches]


@router.post("/alerts/{alert_id}/{verdict}", status_code=202)
async def judge(alert_id: str, verdict: Literal["confirm", "reject"], who: Watcher, desk: Services) -> dict[str, Any]:
    """A person's word on what a machine flagged: after ``confirm`` leaders hear of it, after ``reject`` nobody more."""
    if await alerting.known(desk, alert_id) is None:
        raise HTTPException(404, "no such alert")
    decision = await alerting.answer(desk, alert_id, who.name, verdict)
    return {"decision_id": decision.decision_id, "alert_id": alert_id, "by": who.name, "at": decision.at}


@router.delete("/subscriptions/{identifier}", status_code=204)
async def delete_subscription(identifier: str, who: Watcher, desk: Services) -> None:
    """Take a subscription back."""
    if not await alerting.unsubscribe(desk, identifier, who.name):
        raise HTTPException(404, "no such subscription")


@router.get("/silences", dependencies=[Watches])
async def get_silences(desk: Services) -> dict[str, Any]:
    """Silences that have not ended."""
    found = await alerting.silences(desk)
    return {"items": found, "next": None, "total": len(found)}


@router.post("/silences", status_code=201)
async def post_silence(who: Watcher, desk: Services, body: Annotated[Silence, Body()]) -> dict[str, Any]:
    """Keep quiet what matches until ``ends_at``. Levels I and II only where the silence names them or the incident."""
    return await alerting.silence(desk, body, who.name)


@router.delete("/silences/{identifier}", status_code=204)
async def delete_silence(identifier: str, who: Watcher, desk: Services) -> None:
    """End a silence now."""
    if not await alerting.unsilence(desk, identifier, who.name):
        raise HTTPException(404, "no such silence")


@router.get(
    "/cap.atom",
    dependencies=[Reads],
    response_class=Response,
    responses={200: {"content": {"application/atom+xml": {}}}},
)
async def get_feed(
    request: Request, desk: Services, limit: Annotated[int, Query(ge=1, le=200)] = FEED_SIZE
) -> Response:
    """The newest alerts as an Atom feed of CAP 1.2 documents."""
    base = str(request.base_url).rstrip("/") + "/api/v1"
    made = cap.feed(
        await alerting.newest(desk, limit), base=base, title=f"{desk.deps.district_name}预警",
        updated=desk.deps.clock.now(),
    )  # fmt: skip
    return Response(made, media_type="application/atom+xml")


@router.get(
    "/cap/{alert_id}", dependencies=[Reads], response_class=Response, responses={200: {"content": {cap.CAP_TYPE: {}}}}
)
async def get_cap(alert_id: str, desk: Services) -> Response:
    """One alert as a CAP 1.2 document."""
    found = await alerting.cap_alert(desk, alert_id)
    if found is None:
        raise HTTPException(404, "no such alert")
    return Response(cap.document(*found, sender_name=desk.deps.bulletin_head.office), media_type=cap.CAP_TYPE)


@pages.get("/a/{token}")
async def signed_link(token: str, desk: Services) -> Response:
    """The page behind a link in a message: opening it acknowledges nothing, since scanners open links too."""
    found = _pass(desk, token)
    alert = await alerting.shown(desk, found.alert_id)
    return render(desk, None, "ack.html.j2", here="/a", alert=alert, done="", token=token, recipient=found.recipient)


@pages.post("/a/{token}")
async def signed_answer(
    token: str, desk: Services, action: Annotated[alerting.Answer, Form()] = "acknowledge"
) -> Response:
    """The button on that page."""
    found = _pass(desk, token)
    await alerting.answer(desk, found.alert_id, found.recipient, action)
    alert = await alerting.shown(desk, found.alert_id)
    return render(
        desk, None, "ack.html.j2", here="/a", alert=alert, done=action, token=token, recipient=found.recipient
    )


def _pass(desk: Services, token: str) -> ack_links.Pass:
    key = desk.deps.ack_key
    found = ack_links.read(key, token, desk.deps.clock.now()) if key else None
    if found is None:
        raise HTTPException(404, "no such link, or it is too old; log in to answer")
    return found
