"""The pages: the same services as REST, rendered on the server."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.auth import COOKIE, SESSION_S, browser, sign
from desk.routes.api import Services
from desk.routes.events import day_counts
from desk.services import ITEM_FILTERS, Desk, check_day
from desk.views import environment, marked, spans_of
from publishers.html import render_html
from schemas.base import CHINA, local_day
from schemas.errors import IndexUnavailable
from schemas.vocab import BulletinName

router = APIRouter(include_in_schema=False)
TEMPLATES = environment()
SHOWN = 20
PAGE = 50
SEE_OTHER = 303
MORNING_MEETING = 9
"""Hour of China Standard Time (SYN); the editor at 07:30 works on yesterday."""
URGENCY = {"I": "a", "II": "b", None: "c", "III": "d", "IV": "e"}


@router.get("/")
async def today(request: Request, desk: Services) -> Response:
    """One screen for 07:30: what happened, how sure we are and why, who has not reported, what needs a person."""
    who = browser(request)
    if who is None:
        return RedirectResponse("/login", SEE_OTHER)
    present = desk.deps.clock.now().astimezone(CHINA)
    day = request.query_params.get("day") or default_day(present)
    other = (check_day(day) - timedelta(days=1)).isoformat(), (check_day(day) + timedelta(days=1)).isoformat()
    try:
        found = await _today(desk, day)
    except IndexUnavailable as error:
        found = {"away": str(error)}
    return render(desk, who, "today.html.j2", here="/", day=day, other=other, **found)


def default_day(present: datetime) -> str:
    """The day that concerns people now: before the morning meeting that is yesterday."""
    return local_day(present - timedelta(days=1) if present.hour < MORNING_MEETING else present)


def by_urgency(incident: dict[str, Any]) -> tuple[bool, str, float]:
    """Signed before unconfirmed, graver before lighter (undecided between II and III), then the latest."""
    changed = datetime.fromisoformat(incident["changed_at"]).timestamp()
    return not incident["signed"], URGENCY[incident.get("level")], -changed


async def _today(desk: Desk, day: str) -> dict[str, Any]:
    counts, incidents, alerts, silent, unsure, doubtful = await asyncio.gather(
        day_counts(desk, day),
        desk.incidents(open_only=True, size=SHOWN),
        desk.alerts(size=SHOWN, cursor=None),
        desk.silent(day),
        desk.items({"abstained": "true", "day": day}, text="", size=SHOWN, cursor=None),
        desk.items({"doubtful": "true", "day": day}, text="", size=SHOWN, cursor=None),
    )
    people = {item["item_id"]: item for item in [*doubtful.items, *unsure.items]}
    return {
        "away": "",
        "counts": counts,
        "incidents": sorted(incidents.items, key=by_urgency),
        "alerts": alerts.items,
        "silent": silent,
        "doubtful": {"total": max(unsure.total, doubtful.total, len(people)), "items": list(people.values())[:SHOWN]},
        "sources": desk.deps.source_health(),
    }


@router.get("/items")
async def items(request: Request, desk: Services) -> Response:
    """The list with filters and search."""
    who = browser(request)
    if who is None:
        return RedirectResponse("/login", SEE_OTHER)
    given = {name: value for name, value in request.query_params.items() if value}
    filters = {name: value for name, value in given.items() if name in ITEM_FILTERS}
    page = await desk.items(filters, text=given.get("q", ""), size=PAGE, cursor=given.get("cursor"))
    chosen = {name: given.get(name, "") for name in ("q", "lane", "category", "emergency", "day")}
    following = urlencode(given | {"cursor": page.next or ""})
    return render(
        desk, who, "items.html.j2", here="/items", page=page, chosen=chosen, next_query=following
    )  # fmt: skip


@router.get("/items/{item_id}")
async def item(item_id: str, request: Request, desk: Services) -> Response:
    """One item: text with reasons, verdicts, siblings."""
    who = browser(request)
    if who is None:
        return RedirectResponse("/login", SEE_OTHER)
    found = await desk.item(item_id)
    if found is None:
        raise HTTPException(404, "no such item")
    siblings = await _siblings(desk, found)
    texts = {field: marked(found.get(field) or "", spans_of(found, field)) for field in ("title", "text")}
    scores = sorted((found.get("category_scores") or {}).items(), key=lambda pair: -(pair[1] or 0))
    return render(
        desk, who, "item.html.j2", here="/items", item=found, marked=texts, siblings=siblings, scores=scores[:4]
    )  # fmt: skip


async def _siblings(desk: Desk, item: dict[str, Any]) -> list[dict[str, Any]]:
    if not item.get("story"):
        return []
    page = await desk.items({"story": item["story"]}, text="", size=SHOWN, cursor=None)
    return [one for one in page.items if one["item_id"] != item["item_id"]]


@router.get("/duty")
async def duty(request: Request, desk: Services) -> Response:
    """The ledger of a day."""
    who = browser(request)
    if who is None:
        return RedirectResponse("/login", SEE_OTHER)
    day = request.query_params.get("day") or local_day(desk.deps.clock.now())
    entries = (await desk.duty(day)).items
    return render(desk, who, "duty.html.j2", here="/duty", day=day, entries=entries, silent=await desk.silent(day))


@router.get("/bulletins")
async def bulletins(request: Request, desk: Services) -> Response:
    """The three bulletins of a day."""
    who = browser(request)
    if who is None:
        return RedirectResponse("/login", SEE_OTHER)
    day = request.query_params.get("day") or local_day(desk.deps.clock.now())
    check_day(day)
    names = [(name.value, rule.title) for name, rule in desk.deps.bulletins.items()]
    return render(desk, who, "bulletins.html.j2", here="/bulletins", day=day, bulletins=names)


@router.get("/bulletins/{name}/{date}")
async def bulletin(name: BulletinName, date: str, request: Request, desk: Services) -> Response:
    """A bulletin as it will look."""
    if browser(request) is None:
        return RedirectResponse("/login", SEE_OTHER)
    page = render_html(await desk.bulletin(name, check_day(date)))
    # The bulletin is one self-contained page with its own style sheet inside.
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@router.post("/alerts/{alert_id}/ack")
async def acknowledge(alert_id: str, request: Request, desk: Services) -> Response:
    """The button under an alert."""
    who = browser(request)
    if who is None:
        return RedirectResponse("/login", SEE_OTHER)
    if await desk.acknowledge(alert_id, who) is None:
        raise HTTPException(404, "no such alert")
    return RedirectResponse("/#alerts", SEE_OTHER)


@router.get("/login")
async def login_form(desk: Services) -> Response:
    """Asks for a key."""
    return render(desk, None, "login.html.j2", here="/login", wrong=False)


@router.post("/login")
async def login(desk: Services, key: Annotated[str, Form(max_length=200)]) -> Response:
    """A key for a cookie."""
    name = desk.database.key_name(key.strip())
    if name is None:
        return render(desk, None, "login.html.j2", here="/login", wrong=True, status=401)
    response = RedirectResponse("/", SEE_OTHER)
    response.set_cookie(
        COOKIE,
        sign(desk.deps.session_key, name, time.time()),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=desk.deps.cookie_secure,
    )
    return response


def render(desk: Desk, who: str | None, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page."""
    now = desk.deps.clock.now().astimezone(CHINA)
    page = TEMPLATES.get_template(template).render(
        who=who,
        department_names={one.id: one.short_name for one in desk.deps.register},
        district_name=desk.deps.district_name,
        now=f"{now.year}年{now.month}月{now.day}日 {now:%H:%M}",
        **values,
    )
    return HTMLResponse(page, status_code=status)
