"""The reporter's pages: one form that judges while typing, zero report in one tap, receipt, own history."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from desk.accounts import Account, Right
from desk.attachments import Held
from desk.auth import SEE_OTHER, Filer
from desk.commissioning import OPEN, Asked
from desk.filters import term
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from processors.duty.commissioned import Outcome
from processors.instructions.model import WAITING, Instruction
from schemas.assessment import Assessment
from schemas.base import CHINA
from schemas.errors import BrokerUnavailable, FieldError, InvalidItem
from schemas.vocab import Kind

router = APIRouter(include_in_schema=False)
ZERO_TEXT = "今日无重要信息，特此零报告。"
HISTORY = 50
FIELDS = ("source", "kind", "title", "text", "incident", "phoned_at", "known_at", "request")
NOT_SENT = ("request",)
"""Fields of the form that are not of the report."""
TIMES = ("phoned_at", "known_at")
DECLARED = frozenset({Kind.FIRST.value, Kind.FOLLOW_UP.value, Kind.FINAL.value})
AWAY = FieldError(
    "",
    "Kafka is away",
    "消息系统暂时不可用，这件信息还没有报上去。内容已保留，请稍后再点“报送”；紧急情况请先打电话。",
)
Short = Annotated[str, Form(max_length=500)]
Files = Annotated[Sequence[UploadFile], File()]
Ids = Annotated[Sequence[str], Form()]


@router.get("/report")
async def report_form(request: Request, desk: Services, who: Filer) -> Response:
    """The form; ``incident`` in the address makes it a follow-up."""
    await desk.requested.look()
    given = {name: request.query_params.get(name, "") for name in FIELDS}
    orders = await _orders(desk, who)
    return report_page(desk, who, given | {"source": who.department or given["source"]}, orders=orders)


async def _orders(desk: Desk, who: Account) -> list[Instruction]:
    """Instructions that the visitor's department still has to answer, the most urgent first: who logs in is told."""
    if not who.may(Right.ANSWER):
        return []
    listing = await desk.instructions.listed(who, term("owner", who.department or ""))
    return [one for one in listing.instructions if one.state in WAITING]


def typed(
    who: Filer,
    text: Annotated[str, Form()] = "",
    source: Short = "",
    kind: Short = "",
    title: Short = "",
    incident: Short = "",
    phoned_at: Short = "",
    known_at: Short = "",
    request: Short = "",
) -> dict[str, str]:
    """The fields of the form; a reporter's source is the own department whatever the form says."""
    given = {"source": who.department or source, "kind": kind, "title": title, "text": text, "incident": incident}
    return given | {"phoned_at": phoned_at, "known_at": known_at, "request": request}


Typed = Annotated[dict[str, str], Depends(typed)]


@router.post("/report")
async def report(desk: Services, who: Filer, given: Typed, files: Files = (), held: Ids = ()) -> Response:
    """File it. What was typed and attached stays on the page where anything is wrong or Kafka is away."""
    kept, errors = await attached(desk, who, files, held)
    if errors:
        return report_page(desk, who, given, errors=errors, status=422, held=kept)
    return await _file(desk, who, given, kept)


async def attached(
    desk: Desk, who: Account, files: Sequence[UploadFile], held: Sequence[str]
) -> tuple[list[Held], tuple[FieldError, ...]]:
    """(files that are kept for the report, what is wrong with others); one bad file does not cost the good ones."""
    store = desk.attachments
    if not held and not any(one.filename for one in files):
        return [], ()
    await asyncio.to_thread(store.sweep, datetime.now(UTC))
    kept = await asyncio.to_thread(store.held, held, who.name)
    errors: list[FieldError] = []
    for one in files:
        if not one.filename:
            continue  # what a browser sends for a field of files that nobody used
        if len(kept) >= store.rules.most:
            errors.append(store.too_many)
            break
        data = await one.read(store.rules.each_bytes + 1)
        try:
            kept.append(await asyncio.to_thread(store.keep, one.filename, data, who.name))
        except InvalidItem as error:
            errors += error.errors
    try:
        store.check_together(kept)
    except InvalidItem as error:
        errors += error.errors
    return kept, tuple(dict.fromkeys(errors))


async def _file(desk: Desk, who: Account, given: dict[str, str], held: Sequence[Held] = ()) -> Response:
    try:
        receipt, new = await desk.filing.submit_for(given["request"], submission(desk, given), who, held)
    except InvalidItem as error:
        return report_page(desk, who, given, errors=error.errors, status=422, held=held)
    except BrokerUnavailable:
        return report_page(desk, who, given, errors=(AWAY,), status=503, held=held)
    return render(desk, who, "receipt.html.j2", here="/report", receipt=receipt, new=new, given=given, held=held)


@router.post("/report/again")
async def again(desk: Services, who: Filer, given: Typed) -> Response:
    """The form once more with what was filed, to be corrected and filed as a report of its own."""
    return report_page(desk, who, given)


@router.post("/report/zero")
async def zero(desk: Services, who: Filer, given: Typed) -> Response:
    """Nothing to report today, in one tap."""
    return await _file(desk, who, given | {"kind": Kind.ZERO.value, "text": ZERO_TEXT})


@router.post("/report/check")
async def check(desk: Services, who: Filer, given: Typed) -> Response:
    """The verdicts on what is typed so far, as a piece of page; nothing is kept."""
    try:
        prepared = desk.deps.intake.prepare(submission(desk, given))
        now = desk.deps.clock.now()
        item = prepared.item.model_copy(update={"received_at": now})
        said = await asyncio.to_thread(desk.deps.judge.assess_one, item)
    except InvalidItem as error:
        return _verdict(desk, who, given, None, error.errors)
    return _verdict(desk, who, given, said)


def _verdict(
    desk: Desk, who: Account, given: dict[str, str], said: Assessment | None, errors: tuple[FieldError, ...] = ()
) -> Response:
    phone_first = said is not None and said.emergency.is_emergency and given["kind"] not in DECLARED
    shown = said.model_dump(mode="json") if said else None
    return render(
        desk, who, "verdict.html.j2", here="", errors=errors, said=shown, phone_first=phone_first,
        duty_phone=desk.deps.duty_phone,
    )  # fmt: skip


@router.get("/mine")
async def mine(desk: Services, who: Filer) -> Response:
    """What the own department filed, newest first, and what became of it."""
    if who.may(Right.READ):
        return RedirectResponse("/items?lane=report", SEE_OTHER)
    page = await desk.items({}, text="", size=HISTORY, cursor=None, who=who)
    ledger = await desk.ledger_of(who.department or "")
    used = await desk.used(page.items)
    await desk.requested.look()
    owed = desk.commissions.open_for(who.department, desk.deps.clock.now()) if who.department else []
    orders = await _orders(desk, who)
    return render(
        desk, who, "mine.html.j2", here="/mine", page=page, ledger=ledger, owed=owed, used=used, orders=orders
    )


def submission(desk: Desk, given: dict[str, str]) -> dict[str, Any]:
    """The fields of the form as a submission: empty ones left out, local times with their zone."""
    # Browsers send the lines of a form with CRLF; what the verdicts saw while typing had LF.
    filled = {
        name: value.replace("\r\n", "\n") for name, value in given.items() if value.strip() and name not in NOT_SENT
    }
    for name in TIMES:
        if name in filled:
            filled[name] = _with_zone(name, filled[name])
    # A repeat of the same words on the same day is the same report: its time is the minute it was sent.
    return filled | {
        "lane": "report",
        "published_at": desk.deps.clock.now().replace(second=0, microsecond=0).isoformat(),
    }


def _with_zone(name: str, value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidItem([FieldError(name, "is not a time", "时间格式不对")]) from None
    return (moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment).isoformat()


def _asked(desk: Desk, department: str, request: str) -> list[Asked]:
    """What the department still owes, and the request that this report is for: what answered it may be mended."""
    every = desk.commissions.all(desk.deps.clock.now(), department)
    kept = (*OPEN, Outcome.DONE, Outcome.LATE)
    return [one for one in every if one.commission.outcome in (kept if one.commission.request == request else OPEN)]


def report_page(
    desk: Desk,
    who: Account,
    given: dict[str, str],
    *,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
    held: Sequence[Held] = (),
    note: str = "",
    orders: Sequence[Instruction] = (),
) -> Response:
    """The form with what was typed, what is wrong and what is uploaded already."""
    names = {one.id: one.short_name for one in desk.deps.register}
    asked = _asked(desk, who.department, given["request"]) if who.department else []
    return render(
        desk, who, "report.html.j2", here="/report", status=status, given=given, errors=errors, departments=names,
        held=held, note=note, rules=desk.deps.attachments.words, duty_phone=desk.deps.duty_phone,
        kinds=[one for one in Kind if one is not Kind.ZERO], asked=asked, clock_now=desk.deps.clock.now().isoformat(),
        orders=orders, owed=() if given.get("request") else asked,
    )  # fmt: skip
