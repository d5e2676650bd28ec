"""Pages of instructions (批示): the leader's, the list, one with its course, the special report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Visitor, visits_with
from desk.decisions import Conflict
from desk.downloads import file_header
from desk.filters import SEARCH_LIMIT, check_day
from desk.index import Document
from desk.instruction_orders import Move, Order, Received
from desk.instruction_records import OTHER_TIME, STEP_NAMES, order_choices, record
from desk.instruction_rights import NotYours
from desk.leading import leading
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from processors.instructions.model import ABOVE, WAITING, Instruction, State
from processors.instructions.report import SpecialReport
from processors.instructions.steps import GIVER_LIMIT, REFERENCE_LIMIT, TOPIC_LIMIT, WORDS_LIMIT
from publishers.formats import FORMATS
from publishers.supervision import render_pages, supervision_pages
from schemas.base import local_day
from schemas.errors import FieldError, IndexUnavailable, InvalidItem

router = APIRouter(include_in_schema=False)
Leading = Annotated[Account, visits_with(Right.LEAD)]
Instructor = Annotated[Account, visits_with(Right.INSTRUCT)]
Supervisor = Annotated[Account, visits_with(Right.SUPERVISE)]
Registrar = Annotated[Account, visits_with(Right.REGISTER)]
ENTERED = ("item_id", "level", "giver", "given_on", "reference", "topic", "owner", "text", "deadline", "until")
"""Fields of the form for an instruction from above."""
Short = Annotated[str, Form(max_length=500)]
Long = Annotated[str, Form(max_length=WORDS_LIMIT * 2)]
REPORT_DAYS = 30
MOST = 150
"""Instructions on one page; who wants others narrows the list."""
View = Literal["open", "overdue", "waiting", "answered", "over", "all"]
VIEWS: dict[str, str] = {
    "open": "在办", "overdue": "逾期", "waiting": "待反馈", "answered": "待回访", "over": "已结", "all": "全部",
}  # fmt: skip


@router.get("/leader")
async def leader(desk: Services, who: Leading) -> Response:
    """What a leader reads in the morning, and the instructions given."""
    found, now = await leading(desk, who), desk.deps.clock.now()
    own = [record(desk, one, who, now) for one in found.pop("instructions")]
    tally = {name: sum(shows(one, name) for one in own) for name in ("overdue", "waiting", "answered")}
    return render(
        desk, who, "leader.html.j2", here="/leader", instructions=own, tally=tally, limit=SEARCH_LIMIT,
        **order_choices(desk), **found,
    )  # fmt: skip


@router.post("/items/{item_id}/instruct")
async def instruct(
    item_id: str, desk: Services, who: Instructor, owner: Short = "", text: Long = "", deadline: Short = "",
    until: Short = "",
) -> Response:  # fmt: skip
    """Give an instruction on an item; back to the leader's page, at it."""
    order = Order(item_id, owner, text, until if deadline == OTHER_TIME else deadline)
    item = await item_of(desk, item_id)
    try:
        made = await desk.instructions.give(order, item, who)
    except InvalidItem as error:
        typed = {"owner": owner, "text": text, "deadline": deadline, "until": until}
        return render(
            desk, who, "order.html.j2", status=422, here="/leader", item=item, errors=error.errors, typed=typed,
            suggested=desk.instructions.suggested(item), **order_choices(desk),
        )  # fmt: skip
    desk.people.record(who.name, "instructed", made.id)
    return RedirectResponse(f"/leader#i-{made.id}", SEE_OTHER)


@router.get("/instructions")
async def listing(desk: Services, who: Visitor, view: View = "open", owner: Short = "") -> Response:
    """The instructions that a person may see: the office all, a department those to it."""
    demand_seeing(who)
    found, now = await desk.instructions.listed(who), desk.deps.clock.now()
    chosen = [one for one in found.instructions if not owner or one.owner == owner]
    every = [record(desk, one, who, now) for one in chosen]
    owners = {one.owner: desk.source_names.get(one.owner, one.owner) for one in found.instructions}
    last = local_day(now)
    return render(
        desk, who, "instructions.html.j2", here="/instructions", away=found.away, view=view, views=VIEWS, owner=owner,
        owners=owners, shown=[one for one in every if shows(one, view)], most=MOST,
        counts={name: sum(shows(one, name) for one in every) for name in VIEWS},
        first=(check_day(last) - timedelta(days=REPORT_DAYS)).isoformat(), last=last,
    )  # fmt: skip


@router.get("/instructions/report.{form}")
async def report_file(
    form: str, desk: Services, who: Supervisor, first: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Annotated[str, Query(max_length=10)] = "",
) -> Response:  # fmt: skip
    """The special report (督查专报) on the instructions of days as ``html``, ``pdf`` or ``docx``."""
    if form not in FORMATS:
        raise HTTPException(404, "no such format")
    return await make_report_file(desk, who, form, first, to)


@router.get("/instructions/enter")
async def entering(desk: Services, who: Registrar, item: Annotated[str, Query(max_length=64)] = "") -> Response:
    """The form for an instruction that came from above; ``item``: what it is on."""
    return await _entering(desk, who, dict.fromkeys(ENTERED, "") | {"item_id": item})


@router.post("/instructions/enter")
async def enter(
    desk: Services, who: Registrar, item_id: Short = "", level: Short = "", giver: Short = "", given_on: Short = "",
    reference: Short = "", topic: Short = "", owner: Short = "", text: Long = "", deadline: Short = "",
    until: Short = "",
) -> Response:  # fmt: skip
    """Enter it. What was typed stays on the page where anything is wrong."""
    given = {
        "item_id": item_id, "level": level, "giver": giver, "given_on": given_on, "reference": reference,
        "topic": topic, "owner": owner, "text": text, "deadline": deadline, "until": until,
    }  # fmt: skip
    due = until if deadline == OTHER_TIME else deadline
    try:
        made = await enter_order(
            desk, Received(item_id, owner, text, due, level, giver, given_on, reference, topic), who
        )
    except InvalidItem as error:
        return await _entering(desk, who, given, error.errors)
    return RedirectResponse(f"/instructions/{made.id}", SEE_OTHER)


async def enter_order(desk: Desk, order: Received, who: Account) -> Instruction:
    """An instruction from above with its line in the audit. Raises 404, InvalidItem."""
    item = await item_of(desk, order.item_id) if order.item_id else None
    made = await desk.instructions.receive(order, item, who)
    desk.people.record(who.name, "instruction_entered", made.id, made.origin, "")
    return made


async def _entering(desk: Desk, who: Account, given: dict[str, str], errors: tuple[FieldError, ...] = ()) -> Response:
    item = await item_of(desk, given["item_id"]) if given["item_id"] else None
    suggested = desk.instructions.suggested(item) if item else []
    return render(
        desk, who, "entered_instruction.html.j2", status=422 if errors else 200, here="/instructions", item=item,
        given=given, errors=errors, suggested=suggested, levels=ABOVE, today=local_day(desk.deps.clock.now()),
        giver_limit=GIVER_LIMIT, reference_limit=REFERENCE_LIMIT, topic_limit=TOPIC_LIMIT, **order_choices(desk),
    )  # fmt: skip


@router.get("/instructions/{identifier}")
async def course(identifier: str, desk: Services, who: Visitor) -> Response:
    """One instruction with its course and what may be done with it."""
    demand_seeing(who)
    one = await known(desk, identifier, who)
    return _page(desk, who, one, messages=await messages_on(desk, identifier, who))


@router.post("/instructions/{identifier}/steps")
async def step(
    request: Request, identifier: str, desk: Services, who: Visitor, action: Short,
    revision: Annotated[int, Form(ge=0)], reason: Long = "", final: Short = "", satisfied: Short = "",
    deadline: Short = "", until: Short = "",
) -> Response:  # fmt: skip
    """The buttons under it. What was typed stays on the page where the step cannot be taken."""
    demand_seeing(who)
    chosen = {"yes": True, "no": False}.get(satisfied)
    later = until if deadline == OTHER_TIME else deadline
    move = Move(action, revision, reason, final == "yes", chosen, later)
    try:
        made = await take_step(desk, identifier, move, who)
    except InvalidItem as error:
        one = await known(desk, identifier, who)
        return _page(desk, who, one, status=422, errors=error.errors, typed=reason, chosen=satisfied, until=until)
    except Conflict as conflict:
        one = await known(desk, identifier, who)
        said = tuple(
            FieldError("revision", one_.action, f"{desk.person(one_.by)}刚刚{STEP_NAMES.get(one_.action, '处理')}过")
            for one_ in conflict.since
        )
        return _page(desk, who, one, status=409, errors=said, typed=reason)
    del request
    return RedirectResponse(f"/instructions/{made.id}", SEE_OTHER)


def _page(
    desk: Desk, who: Account, one: Instruction, *, status: int = 200, errors: tuple[FieldError, ...] = (),
    typed: str = "", chosen: str = "", until: str = "", messages: Sequence[Document] = (),
) -> Response:  # fmt: skip
    now = desk.deps.clock.now()
    return render(
        desk, who, "instruction.html.j2", status=status, here="/instructions", one=record(desk, one, who, now),
        errors=errors, typed=typed, chosen=chosen, until=until, messages=messages, **order_choices(desk),
    )  # fmt: skip


async def messages_on(desk: Desk, identifier: str, who: Account) -> Sequence[Document]:
    """What went out to the owner's liaison; the office's to see, and not worth an error where the index is away."""
    if not who.may(Right.READ):
        return ()
    try:
        return await desk.ledger.told_of(identifier)
    except IndexUnavailable:
        return ()


def shows(one: dict[str, Any], view: str) -> bool:
    """Whether a record belongs to a view of the list."""
    match view:
        case "open":
            return bool(one["open"])
        case "overdue":
            return bool(one["overdue"])
        case "waiting":
            return one["state"] in WAITING
        case "answered":
            return bool(one["state"] == State.ANSWERED)
        case "over":
            return not one["open"]
    return True


def demand_seeing(who: Account) -> None:
    """Raises 403 for a role that has nothing to do with instructions."""
    if not (who.may(Right.READ) or who.may(Right.ANSWER)):
        raise HTTPException(403, f"{who.role.value} sees no instructions")


async def item_of(desk: Desk, item_id: str) -> Document:
    """The item that an instruction is on. Raises 404."""
    item = await desk.item(item_id)
    if item is None or item.get("erased"):
        raise HTTPException(404, "no such item")
    return item


async def known(desk: Desk, identifier: str, who: Account) -> Instruction:
    """An instruction that the person may see. Raises 404."""
    found = await desk.instructions.one(identifier, who)
    if found is None:
        raise HTTPException(404, "no such instruction")
    return found


async def take_step(desk: Desk, identifier: str, move: Move, who: Account) -> Instruction:
    """A step with its line in the audit. Raises 403, 404; InvalidItem and Conflict."""
    try:
        made = await desk.instructions.step(identifier, move, who)
    except NotYours as error:
        raise HTTPException(403, f"{who.role.value} may not {error} this instruction") from None
    if made is None:
        raise HTTPException(404, "no such instruction")
    desk.people.record(who.name, "instruction_step", identifier, move.action)
    return made


def _span(desk: Desk, first: str, last: str) -> tuple[date, date]:
    """The days asked for; a month up to today where none are. Raises InvalidItem."""
    end = check_day(last or local_day(desk.deps.clock.now()))
    return (check_day(first) if first else end - timedelta(days=REPORT_DAYS)), end


async def make_report(desk: Desk, who: Account, first: str, last: str) -> SpecialReport:
    """The special report on days as they stand in the address."""
    return await desk.instructions.report(*_span(desk, first, last), who)


async def make_report_file(desk: Desk, who: Account, form: str, first: str, last: str) -> Response:
    """The same as a file in one of the formats."""
    made = await make_report(desk, who, first, last)
    pages = supervision_pages(made, desk.deps.bulletin_head, desk.source_names)
    body = await asyncio.to_thread(render_pages, pages, form, desk.deps.font_dirs)
    headers = file_header(f"{pages.file}.{form}", f"{pages.title}.{form}", inline=form == "html")
    if form == "html":
        headers["Content-Security-Policy"] = POLICY
    return Response(body, media_type=FORMATS[form].media_type, headers=headers)


POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""The report is one self-contained page with its own style sheet inside."""
