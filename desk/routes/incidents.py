"""Incidents at the desk: a phone call written down in half a minute, the course of an incident, what people decide."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk import joining
from desk.accounts import Account
from desk.auth import SEE_OTHER, Reader, Watcher
from desk.decisions import Conflict, after_all
from desk.index import Document
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from desk.touching import acts_of
from processors.incident_clocks import shown
from processors.incident_timeline import timeline
from processors.instructions.steps import without_numbers
from schemas.decision import Action, Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.incident import Incident

router = APIRouter(include_in_schema=False, prefix="/incidents")
Short = Annotated[str, Form(max_length=200)]
FIGURES = ("deaths", "injured", "missing", "trapped")
FIELDS = ("department", "title", "called_at", "occurred_at", "event_type", "place", *FIGURES)
CHOICES: dict[str, Action] = {"confirm": "confirm", "reject": "reject", "close": "close", "reopen": "reopen"}
NEED_REASON = frozenset({"reject", "close"})


@router.get("/phone")
async def phone_form(desk: Services, who: Watcher) -> Response:
    """The form for a call."""
    return _phone(desk, who, dict.fromkeys(FIELDS, ""))


@router.post("/phone")
async def phone(
    desk: Services,
    who: Watcher,
    department: Short = "",
    title: Short = "",
    called_at: Short = "",
    occurred_at: Short = "",
    event_type: Short = "",
    place: Short = "",
    deaths: Short = "",
    injured: Short = "",
    missing: Short = "",
    trapped: Short = "",
) -> Response:
    """Write a call down; the decision is safe when this answers, and the alert goes out from it."""
    given = {
        "department": department, "title": title.strip(), "called_at": called_at, "occurred_at": occurred_at,
        "event_type": event_type.strip(), "place": place.strip(),
    }  # fmt: skip
    counted = {"deaths": deaths, "injured": injured, "missing": missing, "trapped": trapped}
    if desk.deps.phone_call is None:
        raise HTTPException(404, "calls are not written down here")
    now = desk.deps.clock.now()
    try:
        decision = await asyncio.to_thread(desk.deps.phone_call, _filled(given), _numbers(counted), who.name, now)
    except InvalidItem as error:
        return _phone(desk, who, given | counted, errors=error.errors, status=422)
    await asyncio.to_thread(desk.database.put_decision, decision)
    await _told(desk, who, decision)
    return render(desk, who, "phoned.html.j2", here="/", decision=decision, given=given)


def _filled(given: dict[str, str]) -> dict[str, str]:
    if not given["title"]:
        raise InvalidItem([FieldError("title", "say what happened", "请写明发生了什么")])
    return {name: value for name, value in given.items() if value}


def _numbers(given: dict[str, str]) -> dict[str, int | None]:
    wrong = [name for name, value in given.items() if value and not (value.isdecimal() and len(value) < 7)]
    if wrong:
        raise InvalidItem([FieldError(name, "is not a number", "人数请填数字，不清楚的留空") for name in wrong])
    return {name: int(value) if value else None for name, value in given.items()}


@router.get("/{incident}")
async def course(incident: str, desk: Services, who: Reader) -> Response:
    """Everything that was known of an incident and when, its deadlines with their clocks, and what may be decided."""
    document = await _found(desk, incident)
    one, now = Incident.model_validate(document), desk.deps.clock.now()
    ours = await asyncio.to_thread(desk.database.decisions_on, "incident", incident)
    known = {entry["decision_id"] for entry in document.get("decisions") or []}
    return render(
        desk, who, "incident.html.j2", here="/", one=one,
        entries=timeline(one)[::-1],
        clocks=[(clock, shown(clock, now)) for clock in one.clocks],
        pending=any(entry.decision_id not in known for entry in ours),
        others=await joining.others(desk, one),
        undoable=joining.undoable(one),
    )  # fmt: skip


@router.post("/{incident}/decisions")
async def decide(incident: str, desk: Services, who: Watcher, action: Short, reason: Short = "") -> Response:
    """Confirm, reject, close, reopen."""
    document = await _found(desk, incident)
    if action not in CHOICES:
        raise InvalidItem([FieldError("action", f"one of: {', '.join(CHOICES)}", "没有这种处理方式")])
    if action in NEED_REASON and not reason.strip():
        raise InvalidItem([FieldError("reason", "say why", "请写明理由")])
    if document.get("merged_into"):
        raise InvalidItem([FieldError("incident", "was merged into another", "这起事件已并入另一起，请到那一起上处理")])
    try:
        decision = await asyncio.to_thread(_decided, desk, document, who, CHOICES[action], reason)
    except Conflict as conflict:
        raise Conflict(conflict.since, await joining.words_of(desk, conflict.since)) from None
    await _told(desk, who, decision)
    return RedirectResponse(f"/incidents/{incident}", SEE_OTHER)


def _decided(desk: Desk, document: Document, who: Account, action: Action, reason: str) -> Decision:
    """Kept, unless somebody else has just decided what the index does not show yet, or somebody has merged it away; the
    button pressed twice is one decision. Raises Conflict."""
    incident = str(document["incident"])
    known = {str(one["decision_id"]) for one in document.get("decisions") or ()}
    with desk.database.transaction() as connection:
        before = desk.database.decisions_on("incident", incident)
        unseen = [one for one in before if one.decision_id not in known]
        touched = desk.touches.unsettled({incident: acts_of(document)}, desk.deps.clock.now())
        others = [one for one in unseen if one.by != who.name] + [one for one in touched if one.subject_id != incident]
        if others:
            raise Conflict(others)
        if unseen and unseen[-1].action == action:
            return unseen[-1]
        made = Decision(
            decision_id=digest("decision", "incident", incident, action, who.name, reason, str(len(before))),
            district=desk.deps.district,
            subject_type="incident",
            subject_id=incident,
            action=action,
            by=who.name,
            at=after_all(before, desk.deps.clock.now()),
            on_version=document.get("version"),
            reason=without_numbers(reason),
        )
        desk.database.keep_decision(connection, made)
    return made


async def _found(desk: Desk, incident: str) -> Document:
    document = await desk.index.one("incidents", incident, [desk.here])
    if document is None:
        raise HTTPException(404, "no such incident")
    return document


async def _told(desk: Desk, who: Account, decision: Decision) -> None:
    await asyncio.to_thread(desk.people.record, who.name, "decided", decision.subject_id, decision.action)
    desk.outbox.wake()


def _phone(
    desk: Desk,
    who: Account,
    given: dict[str, str],
    *,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
) -> Response:
    names = {one.id: one.short_name for one in desk.deps.register}
    return render(
        desk, who, "phone.html.j2", here="/", status=status, given=given, errors=errors, departments=names,
        event_types=desk.deps.event_types, figures=FIGURES,
    )  # fmt: skip
