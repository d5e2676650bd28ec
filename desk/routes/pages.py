"""The pages: the same services as REST, rendered on the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Editor, Reader, Visitor, Watcher
from desk.decisions import Choice, Conflict
from desk.differences import differences
from desk.duty import told
from desk.filters import ITEM_FILTERS, check_day
from desk.index import Document
from desk.instruction_records import order_choices, record
from desk.mornings import morning
from desk.problems import RETRY_AFTER_S, by_oneself, meanwhile
from desk.queue import related, with_merged
from desk.rendering import render
from desk.routes.api import Services
from desk.rows import ROW_FIELDS
from desk.searches import EXPORT_ROWS, as_listed
from desk.services import Desk
from desk.sources import MOST, side_by_side
from desk.views import marked, spans_of
from processors.instructions.model import Instruction
from schemas.base import local_day
from schemas.errors import FieldError, IndexUnavailable, InvalidItem

router = APIRouter(include_in_schema=False)
Short = Annotated[str, Form(max_length=500)]
QUEUE = "queue"
ITEM_ID = re.compile(r"[0-9a-f]{32}")
PAGE = 50
SHOWN_FILTERS = ("lane", "category", "emergency", "timeliness", "day")
"""With fields of their own in the form; the others come by links and are kept."""


def day_of(request: Request, desk: Desk) -> str:
    """The day in the address, else today. Raises InvalidItem."""
    given = request.query_params.get("day")
    return check_day(given).isoformat() if given else local_day(desk.deps.clock.now())


def neighbours(day: str) -> dict[str, Any]:
    """The day, the one before and the one after."""
    present = check_day(day)
    return {
        "day": day,
        "day_before": (present - timedelta(days=1)).isoformat(),
        "day_after": (present + timedelta(days=1)).isoformat(),
    }


@router.get("/")
async def today(request: Request, desk: Services, who: Visitor) -> Response:
    """One screen for 07:30: what happened, how sure we are and why, who has not reported, what needs a person."""
    if not who.may(Right.READ):
        return RedirectResponse("/report", SEE_OTHER)
    day = day_of(request, desk)
    found: dict[str, Any]
    try:
        found, status, headers = await morning(desk, day), 200, None
    except IndexUnavailable:
        found, status, headers = {"away": True}, 503, {"Retry-After": str(RETRY_AFTER_S)}
    sources = desk.deps.source_health()
    is_today = day == local_day(desk.deps.clock.now())
    return render(
        desk, who, "today.html.j2", status=status, headers=headers, here="/", sources=sources, is_today=is_today,
        **neighbours(day), **found,
    )  # fmt: skip


@router.get("/items")
async def items(request: Request, desk: Services, who: Reader) -> Response:
    """The list with filters and search."""
    given = {name: value for name, value in request.query_params.items() if value}
    asked = {name: value for name, value in given.items() if name in (*ITEM_FILTERS, "q")}
    wanted = as_listed(asked)
    page = await desk.items(
        wanted, text=given.get("q", ""), size=PAGE, cursor=given.get("cursor"), snippets=True, includes=ROW_FIELDS
    )
    return render(
        desk, who, "items.html.j2",
        here="/items",
        page=page,
        chosen={name: given.get(name, "") for name in ("q", *SHOWN_FILTERS)},
        kept={name: value for name, value in asked.items() if name not in ("q", *SHOWN_FILTERS)},
        next_query=urlencode(asked | {"cursor": page.next or ""}),
        searches=desk.searches.of(who.name), query=urlencode(asked), rows=EXPORT_ROWS,
        first_query=urlencode(asked) if "cursor" in given else None,
    )  # fmt: skip


@router.get("/items/{item_id}")
async def item(item_id: str, request: Request, desk: Services, who: Visitor) -> Response:
    """One item: text with reasons, verdicts, siblings, and what may be done with it."""
    done = request.query_params.get("done", "") if who.may(Right.EDIT) else ""
    return await _item_page(
        desk, who, item_id, QUEUE if request.query_params.get("back") == QUEUE else "",
        last=await just_decided(desk, who, done), done=done,
    )  # fmt: skip


async def just_decided(desk: Desk, who: Account, item_id: str) -> Document | None:
    """The item that was just decided on from another page: a slip can be taken back there. The address may be opened
    again when the item is erased."""
    found = await desk.item(item_id, who) if ITEM_ID.fullmatch(item_id) else None
    return None if found is None or found.get("erased") else found


async def _item_page(
    desk: Desk, who: Account, item_id: str, back: str, *,
    status: int = 200, errors: Sequence[FieldError] = (), conflict: Sequence[FieldError] = (),
    twice: bool = False, typed: Choice | None = None, last: Document | None = None, done: str = "",
) -> Response:  # fmt: skip
    """``conflict``: what was decided meanwhile, ``twice``: by nobody else; ``typed``: what was sent and not kept, which
    stays in the form; ``last``, ``done``: another item of the story that was just decided on here."""
    found, merged, orders = await _asked(desk, item_id, who)
    if found is None:
        raise HTTPException(404, "no such item")
    if found.get("erased"):
        return render(desk, who, "erased.html.j2", here="/items", item=found)
    told = await _told(desk, found, merged) if who.may(Right.READ) else None
    edit = desk.decisions.edit_of(found)
    edited = edit and {
        "title": differences(found.get("title") or "", edit.title),
        "text": differences(found.get("text") or "", edit.text),
    }
    names = desk.deps.rule_names
    texts = {
        field: marked(found.get(field) or "", spans_of(found, field, names), f"{field}-") for field in ("title", "text")
    }
    scores = sorted((found.get("category_scores") or {}).items(), key=lambda pair: -(pair[1] or 0))
    return render(
        desk, who, "item.html.j2", status=status, here="/items", item=found, marked=texts, told=told, scores=scores[:4],
        revision=desk.decisions.revision(item_id), edit=edit, edited=edited,
        undoable=desk.decisions.undoable(item_id), used=(await desk.used([found])).get(item_id, []), back=back,
        errors=errors, conflict=conflict, twice=twice, typed=typed, last=last,
        last_action=desk.decisions.undoable(done) if last else None,
        last_revision=desk.decisions.revision(done) if last else 0, **_instructions(desk, found, who, orders),
    )  # fmt: skip


@router.post("/items/{item_id}/decisions")
async def decide(
    item_id: str,
    desk: Services,
    who: Editor,
    action: Short,
    revision: Annotated[int, Form(ge=0)],
    reason: Short = "",
    category: Short = "",
    title: Short = "",
    text: Annotated[str, Form()] = "",
    into: Annotated[str, Form(max_length=64)] = "",
    back: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """The buttons of an editor; back to the item, which shows the decision at once, or where the editor came from.

    What is refused brings the page again, with the reason above and what was typed where it was typed.
    """
    choice = Choice(action, revision, reason.strip(), category, title, text, into)
    shown = back if ITEM_ID.fullmatch(back) else item_id
    again = partial(
        _item_page, desk, who, shown, back if back == QUEUE else "", typed=choice if shown == item_id else None
    )
    try:
        if await desk.decide(item_id, choice, who) is None:
            raise HTTPException(404, "no such item")
    except Conflict as refused:
        return await again(status=409, conflict=meanwhile(desk, refused), twice=by_oneself(refused, who))
    except InvalidItem as refused:
        return await again(status=422, errors=refused.errors)
    if back == QUEUE:
        return RedirectResponse(f"/{QUEUE}?next=1&done={item_id}", SEE_OTHER)
    return RedirectResponse(f"/items/{shown}" + (f"?done={item_id}#done" if shown != item_id else ""), SEE_OTHER)


async def _asked(desk: Desk, item_id: str, who: Account) -> tuple[Document | None, list[Document], list[Instruction]]:
    """(the item, what was merged into it, instructions on it), in one request; the latter two for the office."""
    if not who.may(Right.READ):
        return await desk.item(item_id, who), [], []
    (found, merged), orders = await asyncio.gather(with_merged(desk, item_id), desk.instructions.on_item(item_id, who))
    return found, merged, orders


async def _told(desk: Desk, item: Document, merged: Sequence[Document]) -> dict[str, Any]:
    """The sources of the item's event, with what each says, for the page."""
    found = await related(desk, item, merged)
    others = [*found.merged, *found.siblings]
    columns = [item, *others][:MOST]
    return {
        "kept": found.kept,
        "merged": found.merged,
        "siblings": found.siblings,
        "columns": columns,
        "rows": side_by_side(columns),
        "more": len(others) + 1 - len(columns),
        "revisions": desk.decisions.revisions([one["item_id"] for one in others]),
    }


def _instructions(desk: Desk, item: Document, who: Account, orders: Sequence[Instruction]) -> dict[str, Any]:
    """Instructions on the item, for the office; and what the form of a new one offers."""
    now = desk.deps.clock.now()
    suggested = desk.instructions.suggested(item) if who.may(Right.READ) else []
    found = [record(desk, one, who, now) for one in orders]
    return {"instructions": found, "suggested": suggested} | order_choices(desk)


@router.get("/duty")
async def duty(request: Request, desk: Services, who: Reader) -> Response:
    """The ledger of a day, now or as it was known at a moment of it."""
    day, wanted = day_of(request, desk), request.query_params.get("as_of", "")
    found, reminders = await asyncio.gather(told(desk, day, wanted), desk.ledger.reminders(day))
    return render(
        desk, who, "duty.html.j2", here="/duty", entries=found["items"], silent=found["silent"], wanted=wanted,
        as_of=found["as_of"], reminders=reminders, **neighbours(day),
    )  # fmt: skip


@router.post("/alerts/{alert_id}/ack")
async def acknowledge(alert_id: str, desk: Services, who: Watcher, back: Short = "") -> Response:
    """The button under an alert; ``back``: pressed on the duty board."""
    if await desk.acknowledge(alert_id, who.name) is None:
        raise HTTPException(404, "no such alert")
    return RedirectResponse("/duty/board#alerts" if back == "board" else "/#alerts", SEE_OTHER)
