"""Instructions (批示): the leader's page, the list, one with its course, the special report; REST for the same."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Caller, Visitor, caller, calls_with, visits_with
from desk.decisions import Conflict
from desk.filters import SEARCH_LIMIT, check_day
from desk.index import Document
from desk.instruction_records import OTHER_TIME, STEP_NAMES, order_choices, record
from desk.instructions import Move, NotYours, Order
from desk.leading import leading
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from processors.instructions.model import WAITING, Instruction, State
from processors.instructions.report import SpecialReport
from processors.instructions.steps import STEPS, TEXT_LIMIT, WORDS_LIMIT
from publishers.formats import FORMATS, render_pages
from publishers.supervision import supervision_pages
from schemas.base import EdgeModel, local_day
from schemas.errors import FieldError, InvalidItem

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", dependencies=[Depends(caller)])
Leading = Annotated[Account, visits_with(Right.LEAD)]
Instructor = Annotated[Account, visits_with(Right.INSTRUCT)]
Supervisor = Annotated[Account, visits_with(Right.SUPERVISE)]
Short = Annotated[str, Form(max_length=500)]
Long = Annotated[str, Form(max_length=WORDS_LIMIT * 2)]
REPORT_DAYS = 30
View = Literal["open", "overdue", "waiting", "answered", "over", "all"]
VIEWS: dict[str, str] = {
    "open": "在办", "overdue": "逾期", "waiting": "待反馈", "answered": "待回访", "over": "已结", "all": "全部",
}  # fmt: skip


# -- pages ------------------------------------------------------------------------------------------------------------


@router.get("/leader")
async def leader(desk: Services, who: Leading) -> Response:
    """What a leader reads in the morning, and the instructions given."""
    found, now = await leading(desk, who), desk.deps.clock.now()
    own = [record(desk, one, who, now) for one in found.pop("instructions")]
    tally = {name: sum(_shows(one, name) for one in own) for name in ("overdue", "waiting", "answered")}
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
    item = await _item(desk, item_id)
    try:
        made = await desk.instructions.give(order, item, who)
    except InvalidItem as error:
        typed = {"owner": owner, "text": text, "deadline": deadline, "until": until}
        return render(
            desk, who, "order.html.j2", status=422, here="/leader", item=item, errors=error.errors, typed=typed,
            suggested=desk.instructions.suggested(item), **order_choices(desk),
        )  # fmt: skip
    desk.people.record(who.name, "instructed", made.id, "", "")
    return RedirectResponse(f"/leader#i-{made.id}", SEE_OTHER)


@router.get("/instructions")
async def listing(desk: Services, who: Visitor, view: View = "open", owner: Short = "") -> Response:
    """The instructions that a person may see: the office all, a department those to it."""
    _demand_seeing(who)
    found, now = await desk.instructions.listed(who), desk.deps.clock.now()
    chosen = [one for one in found.instructions if not owner or one.owner == owner]
    every = [record(desk, one, who, now) for one in chosen]
    owners = {one.owner: desk.source_names.get(one.owner, one.owner) for one in found.instructions}
    last = local_day(now)
    return render(
        desk, who, "instructions.html.j2", here="/instructions", away=found.away, view=view, views=VIEWS, owner=owner,
        owners=owners, shown=[one for one in every if _shows(one, view)],
        counts={name: sum(_shows(one, name) for one in every) for name in VIEWS},
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
    return await _report_file(desk, who, form, first, to)


@router.get("/instructions/{identifier}")
async def course(identifier: str, desk: Services, who: Visitor) -> Response:
    """One instruction with its course and what may be done with it."""
    _demand_seeing(who)
    return _page(desk, who, await _known(desk, identifier, who))


@router.post("/instructions/{identifier}/steps")
async def step(
    request: Request, identifier: str, desk: Services, who: Visitor, action: Short,
    revision: Annotated[int, Form(ge=0)], reason: Long = "", final: Short = "", satisfied: Short = "",
    deadline: Short = "", until: Short = "",
) -> Response:  # fmt: skip
    """The buttons under it. What was typed stays on the page where the step cannot be taken."""
    _demand_seeing(who)
    chosen = {"yes": True, "no": False}.get(satisfied)
    later = until if deadline == OTHER_TIME else deadline
    move = Move(action, revision, reason, final == "yes", chosen, later)
    try:
        made = await _step(desk, identifier, move, who)
    except InvalidItem as error:
        one = await _known(desk, identifier, who)
        return _page(desk, who, one, status=422, errors=error.errors, typed=reason)
    except Conflict as conflict:
        one = await _known(desk, identifier, who)
        said = tuple(
            FieldError("revision", one_.action, f"{desk.person(one_.by)}刚刚{STEP_NAMES.get(one_.action, '处理')}过")
            for one_ in conflict.since
        )
        return _page(desk, who, one, status=409, errors=said, typed=reason)
    del request
    return RedirectResponse(f"/instructions/{made.id}", SEE_OTHER)


def _page(
    desk: Desk, who: Account, one: Instruction, *, status: int = 200, errors: tuple[FieldError, ...] = (),
    typed: str = "",
) -> Response:  # fmt: skip
    now = desk.deps.clock.now()
    return render(
        desk, who, "instruction.html.j2", status=status, here="/instructions", one=record(desk, one, who, now),
        errors=errors, typed=typed, **order_choices(desk),
    )  # fmt: skip


def _shows(one: dict[str, Any], view: str) -> bool:
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


def _demand_seeing(who: Account) -> None:
    if not (who.may(Right.READ) or who.may(Right.ANSWER)):
        raise HTTPException(403, f"{who.role.value} sees no instructions")


async def _item(desk: Desk, item_id: str) -> Document:
    item = await desk.item(item_id)
    if item is None or item.get("erased"):
        raise HTTPException(404, "no such item")
    return item


async def _known(desk: Desk, identifier: str, who: Account) -> Instruction:
    found = await desk.instructions.one(identifier, who)
    if found is None:
        raise HTTPException(404, "no such instruction")
    return found


async def _step(desk: Desk, identifier: str, move: Move, who: Account) -> Instruction:
    try:
        made = await desk.instructions.step(identifier, move, who)
    except NotYours as error:
        raise HTTPException(403, f"{who.role.value} may not {error} this instruction") from None
    if made is None:
        raise HTTPException(404, "no such instruction")
    desk.people.record(who.name, "instruction_step", identifier, move.action, "")
    return made


def _span(desk: Desk, first: str, last: str) -> tuple[date, date]:
    """The days asked for; a month up to today where none are. Raises InvalidItem."""
    end = check_day(last or local_day(desk.deps.clock.now()))
    return (check_day(first) if first else end - timedelta(days=REPORT_DAYS)), end


async def _report(desk: Desk, who: Account, first: str, last: str) -> SpecialReport:
    return await desk.instructions.report(*_span(desk, first, last), who)


async def _report_file(desk: Desk, who: Account, form: str, first: str, last: str) -> Response:
    made = await _report(desk, who, first, last)
    pages = supervision_pages(made, desk.deps.bulletin_head, desk.source_names)
    body = await asyncio.to_thread(render_pages, pages, form, desk.deps.font_dirs)
    headers = {"Content-Disposition": f'{"inline" if form == "html" else "attachment"}; filename="{pages.file}.{form}"'}
    if form == "html":
        headers["Content-Security-Policy"] = POLICY
    return Response(body, media_type=FORMATS[form].media_type, headers=headers)


POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""The report is one self-contained page with its own style sheet inside."""


# -- REST -------------------------------------------------------------------------------------------------------------


class InstructionOrder(EdgeModel):
    """An instruction to give. ``deadline``: a preset (``today``, ``d3``, …) or a time; ``owner``: id or name."""

    item_id: str = Field(min_length=1, max_length=64)
    owner: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)
    deadline: str = Field(min_length=1, max_length=40)


class InstructionStep(EdgeModel):
    """A step on an instruction. ``revision``: that of the instruction as it was read."""

    action: str = Field(description=", ".join(STEPS))
    revision: int = Field(ge=0)
    words: str = Field(default="", max_length=WORDS_LIMIT)
    final: bool = Field(default=False, description="answer: the matter is done")
    satisfied: bool | None = Field(default=None, description="check: whether what was answered holds")
    deadline: str = Field(default="", max_length=40, description="check: a new one where it does not")


class InstructionView(EdgeModel):
    """An instruction. To a department without ``by``, ``credited`` and, unless the report is its own, ``item_id``."""

    id: str
    owner: str
    owner_name: str
    topic: str
    text: str
    level: str
    at: str
    deadline: str
    state: State
    state_label: str
    open: bool
    overdue: bool
    late: bool
    over_days: int
    revision: int
    by_name: str
    next_reminder: str | None
    possible: list[str]
    steps: list[dict[str, Any]]
    by: str | None = None
    item_id: str | None = None
    credited: str | None = None


class InstructionList(EdgeModel):
    """As all lists; ``away``: the index does not answer, these are those of this desk alone."""

    items: list[InstructionView]
    next: str | None = None
    total: int
    away: bool = False


@api.get("/instructions", response_model_exclude_unset=True)
async def get_instructions(
    desk: Services, who: Caller, view: View = "open", owner: Annotated[str, Query(max_length=64)] = "",
    item: Annotated[str, Query(max_length=64)] = "",
) -> InstructionList:  # fmt: skip
    """Instructions that the caller may see, the overdue first."""
    _demand_seeing(who)
    found, now = await desk.instructions.listed(who), desk.deps.clock.now()
    chosen = [one for one in found.instructions if owner in ("", one.owner) and item in ("", one.item_id)]
    if not who.may(Right.READ) and item:
        chosen = []  # on which items there are instructions is the office's to know
    shown = [record(desk, one, who, now) for one in chosen]
    listed = [InstructionView(**one) for one in shown if _shows(one, view)]
    return InstructionList(items=listed, next=None, total=len(listed), away=found.away)


@api.post("/instructions", status_code=201, response_model_exclude_unset=True)
async def post_instruction(
    desk: Services, who: Annotated[Account, calls_with(Right.INSTRUCT)], body: Annotated[InstructionOrder, Body()]
) -> InstructionView:
    """Give an instruction; leaders only. Safe when this answers; the same order again is the same instruction."""
    made = await desk.instructions.give(Order(**body.model_dump()), await _item(desk, body.item_id), who)
    desk.people.record(who.name, "instructed", made.id, "", "")
    return InstructionView(**record(desk, made, who, desk.deps.clock.now()))


@api.get("/instructions/report", response_model=None)
async def get_report(
    desk: Services, who: Annotated[Account, calls_with(Right.SUPERVISE)],
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Annotated[str, Query(max_length=10)] = "", form: Annotated[Literal["json", "html", "pdf", "docx"],
                                                                   Query(alias="format")] = "json",
) -> Response | dict[str, Any]:  # fmt: skip
    """The special report (督查专报) on the instructions given on days, a month up to today where none are named."""
    if form != "json":
        return await _report_file(desk, who, form, first, to)
    made, now = await _report(desk, who, first, to), desk.deps.clock.now()
    return {
        "from": made.first.isoformat(), "to": made.last.isoformat(), "made_at": made.made_at.isoformat(),
        "total": made.total, "answered": made.answered, "on_time": made.on_time, "closed": made.closed,
        "overdue": made.overdue, "items": [record(desk, one.instruction, who, now) for one in made.listed],
    }  # fmt: skip


@api.get("/instructions/{identifier}", response_model_exclude_unset=True)
async def get_instruction(identifier: str, desk: Services, who: Caller) -> InstructionView:
    """One instruction with its course."""
    _demand_seeing(who)
    return InstructionView(**record(desk, await _known(desk, identifier, who), who, desk.deps.clock.now()))


@api.post(
    "/instructions/{identifier}/steps", status_code=202, response_model_exclude_unset=True,
    responses={409: {"description": "Somebody took a step meanwhile"}},
)  # fmt: skip
async def post_step(
    identifier: str, desk: Services, who: Caller, body: Annotated[InstructionStep, Body()]
) -> InstructionView:
    """Take a step: the owner acknowledges and answers, the office reminds, checks and closes, the giver withdraws."""
    _demand_seeing(who)
    made = await _step(desk, identifier, Move(**body.model_dump()), who)
    return InstructionView(**record(desk, made, who, desk.deps.clock.now()))


@api.get("/leader")
async def get_leader(desk: Services, who: Annotated[Account, calls_with(Right.LEAD)]) -> dict[str, Any]:
    """The leader's page as data."""
    found, now = await leading(desk, who), desk.deps.clock.now()
    return found | {"instructions": [record(desk, one, who, now) for one in found["instructions"]]}
