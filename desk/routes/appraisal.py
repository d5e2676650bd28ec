"""Cases, points and the monthly notice: pages and REST over desk.appraisal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from desk import appraisal, cases
from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Appraiser, Caller, Visitor, calling, calls_with
from desk.downloads import file_header
from desk.rendering import render
from desk.routes.api import Cursor, Limit, Services
from desk.services import Desk
from publishers.notice import FORMATS, notice_file, period
from schemas.base import EdgeModel, local_day
from schemas.case import CaseVerdict
from schemas.errors import FieldError, InvalidItem

api = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])
router = APIRouter(include_in_schema=False)
Appraises = calls_with(Right.APPRAISE)
Judge = Annotated[Account, Appraises]
Form_ = Literal["html", "pdf", "docx"]
Short = Annotated[str, Form(max_length=500)]
PAGE = 50


class CaseDecision(EdgeModel):
    """What one person decides on a case. ``verdict`` with ``confirm``; ``decision``: what ``undo`` takes back."""

    action: str = Field(description=", ".join(cases.CASE_ACTIONS))
    reason: str = Field(default="", max_length=500)
    verdict: str = Field(default="", description=", ".join(CaseVerdict))
    decision: str = ""


class Reason(EdgeModel):
    """Why."""

    reason: str = Field(max_length=500)


class Ruling(Reason):
    """Whether an appeal is accepted."""

    action: str = Field(description="accept, return")


class Score(EdgeModel):
    """``key`` of the table of points; or ``corrects``, an entry, with ``points`` to add or take and a reason."""

    department: str
    key: str = ""
    corrects: str = ""
    points: str = ""
    reason: str = Field(default="", max_length=500)


# -- REST -------------------------------------------------------------------------------------------------------------


@api.get("/cases", dependencies=[Appraises])
async def get_cases(desk: Services, limit: Limit = PAGE, cursor: Cursor = None, open: bool = False) -> dict[str, Any]:
    """Candidates for omissions, the newest first: what was said on both sides, no finding. Never for a department."""
    return (await cases.cases(desk, open_only=open, size=limit, cursor=cursor)).record()


@api.get("/cases/{case_id}", dependencies=[Appraises])
async def get_case(case_id: str, desk: Services) -> dict[str, Any]:
    """One case, with what was just decided."""
    shown = _found(await cases.case(desk, case_id), "case")
    made: dict[str, Any] = shown.case.model_dump(mode="json")
    return made | {"pending": shown.pending, "request": shown.request}


@api.post("/cases/{case_id}/decisions", status_code=202)
async def post_case(case_id: str, desk: Services, who: Judge, body: Annotated[CaseDecision, Body()]) -> dict[str, Any]:
    """Decide on a case. A verdict takes two different people after the department was heard; one may reject."""
    made = _found(await cases.decide_case(desk, case_id, who, **body.model_dump()), "case")
    return {"decision_id": made.decision_id, "case_id": case_id, "by": who.name, "at": made.at}


@api.get("/points")
async def get_points(
    desk: Services,
    who: Caller,
    month: Annotated[str, Query(description="YYYY-MM")],
    department: Annotated[str, Query(max_length=64)] = "",
) -> dict[str, Any]:
    """Entries of a month and totals by department; a reporter sees the own department's."""
    return await appraisal.points(desk, who, month=month, department=department)


@api.post("/points", status_code=202)
async def post_points(desk: Services, who: Judge, body: Annotated[Score, Body()]) -> dict[str, Any]:
    """Enter points by the table, or correct an entry by a new one."""
    made = await appraisal.score(desk, who, body.model_dump())
    return {"decision_id": made.decision_id, "department": made.subject_id, "by": who.name, "at": made.at}


@api.post("/points/{entry_id}/appeal", status_code=202)
async def post_appeal(entry_id: str, desk: Services, who: Caller, body: Annotated[Reason, Body()]) -> dict[str, Any]:
    """Appeal against a deduction within its window; a reporter against the own department's."""
    made = _found(await appraisal.appeal(desk, entry_id, who, body.reason), "entry of your department")
    return {"decision_id": made.decision_id, "entry_id": entry_id, "by": who.name, "at": made.at}


@api.post("/points/{entry_id}/decisions", status_code=202)
async def post_ruling(entry_id: str, desk: Services, who: Judge, body: Annotated[Ruling, Body()]) -> dict[str, Any]:
    """Accept or return an appeal."""
    made = _found(await appraisal.decide_appeal(desk, entry_id, who, body.action, body.reason), "entry")
    return {"decision_id": made.decision_id, "entry_id": entry_id, "by": who.name, "at": made.at}


@api.get("/notices/{month}", dependencies=[Appraises], response_class=Response)
async def get_notice(month: str, desk: Services, format: Form_ = "html") -> Response:
    """The monthly notice (通报) as of now: HTML, PDF or DOCX with the same words."""
    return await _notice(desk, month, format)


# -- pages ------------------------------------------------------------------------------------------------------------


@router.get("/cases")
async def cases_page(desk: Services, who: Appraiser, cursor: Cursor = None, all: bool = False) -> Response:
    """The list of cases; those open unless all are asked for."""
    page = await cases.cases(desk, open_only=not all, size=PAGE, cursor=cursor)
    return render(desk, who, "cases.html.j2", here="/cases", page=page, every=all)


@router.get("/cases/{case_id}")
async def case_page(case_id: str, desk: Services, who: Appraiser) -> Response:
    """One case: both sides beside each other, who decided what, and what may be decided."""
    return await _case_page(desk, case_id, who)


async def _case_page(
    desk: Desk, case_id: str, who: Account, *, errors: Sequence[FieldError] = (), reason: str = "",
    verdict: str = "",
) -> Response:  # fmt: skip
    """``errors``: why a decision was refused; ``reason`` and ``verdict``: what was typed for it, which stays."""
    shown = _found(await cases.case(desk, case_id), "case")
    mine = any(one.by == who.name and one.action == "confirm" and not one.undone for one in shown.case.acts)
    return render(
        desk, who, "case.html.j2", status=422 if errors else 200, here="/cases", shown=shown, one=shown.case, mine=mine,
        verdicts=CaseVerdict, errors=errors, reason=reason, verdict=verdict,
    )  # fmt: skip


@router.post("/cases/{case_id}/decisions")
async def decide_case(
    case_id: str,
    desk: Services,
    who: Appraiser,
    action: Short,
    reason: Short = "",
    verdict: Short = "",
    decision: Short = "",
) -> Response:
    """The buttons; back to the case, which shows the decision at once. What is refused leaves the words in the form."""
    try:
        made = await cases.decide_case(
            desk, case_id, who, action=action, reason=reason, verdict=verdict, decision=decision
        )
    except InvalidItem as refused:
        return await _case_page(desk, case_id, who, errors=refused.errors, reason=reason, verdict=verdict)
    _found(made, "case")
    return RedirectResponse(f"/cases/{case_id}", SEE_OTHER)


@router.get("/points")
async def points_page(
    desk: Services, who: Visitor, month: Annotated[str, Query(max_length=7)] = "", department: str = ""
) -> Response:
    """Points of a month: a reporter's own, everybody's for who appraises."""
    month = month or local_day(desk.deps.clock.now())[:7]
    found = await appraisal.points(desk, who, month=month, department=department)
    scoring = desk.deps.duty.scoring
    return render(
        desk, who, "points.html.j2", here="/points", month=month, department=department, found=found,
        departments={one.id: one.short_name for one in desk.deps.register},
        keys={key: scoring.meanings.get(key) or key for key in sorted(scoring.keys)}
        if scoring and who.may(Right.APPRAISE) else {},
        notices=desk.deps.duty.notice is not None and who.may(Right.APPRAISE),
    )  # fmt: skip


@router.post("/points")
async def score(
    desk: Services,
    who: Appraiser,
    department: Short,
    key: Short = "",
    corrects: Short = "",
    points: Short = "",
    reason: Short = "",
    month: Short = "",
) -> Response:
    """Enter points, or correct an entry."""
    given = {"department": department, "key": key, "corrects": corrects, "points": points, "reason": reason}
    await appraisal.score(desk, who, given)
    return _back(month)


@router.post("/points/{entry_id}/appeal")
async def make_appeal(entry_id: str, desk: Services, who: Visitor, reason: Short = "", month: Short = "") -> Response:
    """Appeal; only against a deduction of one's own."""
    appraisal.department_for(who, "")
    _found(await appraisal.appeal(desk, entry_id, who, reason), "entry of your department")
    return _back(month)


@router.post("/points/{entry_id}/decisions")
async def rule(
    entry_id: str, desk: Services, who: Appraiser, action: Short, reason: Short = "", month: Short = ""
) -> Response:
    """Accept or return an appeal."""
    _found(await appraisal.decide_appeal(desk, entry_id, who, action, reason), "entry")
    return _back(month)


@router.get("/notices/{month}.{form}")
async def notice_page(month: str, form: Form_, desk: Services, who: Appraiser) -> Response:
    """The monthly notice as a file."""
    del who
    return await _notice(desk, month, form)


async def _notice(desk: Services, month: str, form: str) -> Response:
    made = await appraisal.notice(desk, month)
    chosen = FORMATS[form]
    content = await asyncio.to_thread(chosen.render, made, desk.deps.bulletin_head.office, desk.deps.font_dirs)
    shown = f"{made.title}（{period(made)}）.{form}"
    headers = file_header(notice_file(made, form), shown, inline=form == "html")
    if form == "html":
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(content, media_type=chosen.media_type, headers=headers)


def _back(month: str) -> Response:
    wanted = month if len(month) == len("2026-11") and month.replace("-", "").isdecimal() else ""
    return RedirectResponse(f"/points?month={wanted}" if wanted else "/points", SEE_OTHER)


def _found(value: Any, what: str) -> Any:
    if value is None:
        raise HTTPException(404, f"no such {what}")
    return value
