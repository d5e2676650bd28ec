"""REST of instructions (批示): the same services as the pages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field

from desk.accounts import Account, Right
from desk.auth import Caller, calling, calls_with
from desk.instruction_orders import Move, Order, Received
from desk.instruction_records import record
from desk.leading import leading
from desk.routes.api import Services
from desk.routes.instructions import (
    View,
    demand_seeing,
    enter_order,
    item_of,
    known,
    make_report,
    make_report_file,
    shows,
    take_step,
)
from processors.instructions.model import ABOVE, State
from processors.instructions.steps import (
    GIVER_LIMIT,
    REFERENCE_LIMIT,
    STEPS,
    TEXT_LIMIT,
    TOPIC_LIMIT,
    WORDS_LIMIT,
)  # fmt: skip
from schemas.base import EdgeModel

api = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])


class InstructionOrder(EdgeModel):
    """An instruction to give. ``deadline``: a preset (``today``, ``d3``, …) or a time; ``owner``: id or name."""

    item_id: str = Field(min_length=1, max_length=64)
    owner: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)
    deadline: str = Field(min_length=1, max_length=40)


class ReceivedInstruction(EdgeModel):
    """An instruction from above to enter. ``giver``: the post; ``given_on``: YYYY-MM-DD; ``reference``: of the paper.

    ``item_id``: what it is on; without one ``topic`` says it.
    """

    level: str = Field(description=", ".join(ABOVE))
    giver: str = Field(max_length=GIVER_LIMIT)
    given_on: str = Field(max_length=10)
    reference: str = Field(default="", max_length=REFERENCE_LIMIT)
    item_id: str = Field(default="", max_length=64)
    topic: str = Field(default="", max_length=TOPIC_LIMIT)
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
    origin: str
    giver: str
    given_on: str
    reference: str
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
    demand_seeing(who)
    found, now = await desk.instructions.listed(who), desk.deps.clock.now()
    chosen = [one for one in found.instructions if owner in ("", one.owner) and item in ("", one.item_id)]
    if not who.may(Right.READ) and item:
        chosen = []  # on which items there are instructions is the office's to know
    shown = [record(desk, one, who, now) for one in chosen]
    listed = [InstructionView(**one) for one in shown if shows(one, view)]
    return InstructionList(items=listed, next=None, total=len(listed), away=found.away)


@api.post("/instructions", status_code=201, response_model_exclude_unset=True)
async def post_instruction(
    desk: Services, who: Annotated[Account, calls_with(Right.INSTRUCT)], body: Annotated[InstructionOrder, Body()]
) -> InstructionView:
    """Give an instruction; leaders only. Safe when this answers; the same order again is the same instruction."""
    made = await desk.instructions.give(Order(**body.model_dump()), await item_of(desk, body.item_id), who)
    desk.people.record(who.name, "instructed", made.id)
    return InstructionView(**record(desk, made, who, desk.deps.clock.now()))


@api.post("/instructions/received", status_code=201, response_model_exclude_unset=True)
async def post_received(
    desk: Services, who: Annotated[Account, calls_with(Right.REGISTER)], body: Annotated[ReceivedInstruction, Body()]
) -> InstructionView:
    """Enter an instruction of city, province or above; it goes on like those of the district."""
    made = await enter_order(desk, Received(**body.model_dump()), who)
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
        return await make_report_file(desk, who, form, first, to)
    made, now = await make_report(desk, who, first, to), desk.deps.clock.now()
    return {
        "from": made.first.isoformat(), "to": made.last.isoformat(), "made_at": made.made_at.isoformat(),
        "total": made.total, "answered": made.answered, "on_time": made.on_time, "closed": made.closed,
        "overdue": made.overdue, "items": [record(desk, one.instruction, who, now) for one in made.listed],
    }  # fmt: skip


@api.get("/instructions/{identifier}", response_model_exclude_unset=True)
async def get_instruction(identifier: str, desk: Services, who: Caller) -> InstructionView:
    """One instruction with its course."""
    demand_seeing(who)
    return InstructionView(**record(desk, await known(desk, identifier, who), who, desk.deps.clock.now()))


@api.post(
    "/instructions/{identifier}/steps", status_code=202, response_model_exclude_unset=True,
    responses={409: {"description": "Somebody took a step meanwhile"}},
)  # fmt: skip
async def post_step(
    identifier: str, desk: Services, who: Caller, body: Annotated[InstructionStep, Body()]
) -> InstructionView:
    """Take a step: the owner acknowledges and answers, the office reminds, checks and closes, the giver withdraws."""
    demand_seeing(who)
    made = await take_step(desk, identifier, Move(**body.model_dump()), who)
    return InstructionView(**record(desk, made, who, desk.deps.clock.now()))


@api.get("/leader")
async def get_leader(desk: Services, who: Annotated[Account, calls_with(Right.LEAD)]) -> dict[str, Any]:
    """The leader's page as data."""
    found, now = await leading(desk, who), desk.deps.clock.now()
    return found | {"instructions": [record(desk, one, who, now) for one in found["instructions"]]}
