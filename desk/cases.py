"""Cases at the desk: candidates for omissions and concealments, and what people decide on them.

A case is for those who appraise, never for the department, and takes two people with accounts of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException

from desk.accounts import Account
from desk.appraisal import REASON_LIMIT, new_decision, wrong
from desk.index import Page, Query
from desk.people import FIRST_KEY
from desk.services import Desk
from processors.duty.cases import ACTIONS, decided
from processors.duty.omissions import request_for_explanation
from schemas.case import Case, CaseState
from schemas.decision import Action, Decision
from schemas.errors import InvalidItem

CASE_ACTIONS: Mapping[str, Action] = {"explain": "explain", "confirm": "confirm", "reject": "reject", "undo": "undo"}
OPEN = (CaseState.OPEN.value, CaseState.EXPLAINED.value, CaseState.SECOND_PERSON.value)


async def cases(desk: Desk, *, open_only: bool, size: int, cursor: str | None) -> Page:
    """Cases, the newest first."""
    filters: list[Query] = [desk.here, *([{"terms": {"state": list(OPEN)}}] if open_only else [])]
    return await desk.index.page(
        "cases", filters, sort=[{"opened_at": "desc"}, {"case_id": "asc"}], size=size, cursor=cursor
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A case with what people just decided; ``pending``: some of it is not in the index yet."""

    case: Case
    pending: bool

    @property
    def request(self) -> str:
        """What the department is asked; names neither fault nor source."""
        return request_for_explanation(self.case)


async def case(desk: Desk, case_id: str) -> Shown | None:
    """One case; None where there is none."""
    found = await desk.index.one("cases", case_id, [desk.here])
    if found is None:
        return None
    known = Case.model_validate(found)
    return await asyncio.to_thread(_with_pending, desk, known)


def _with_pending(desk: Desk, known: Case) -> Shown:
    pending = False
    for one in desk.database.decisions_on("case", known.case_id):
        try:
            after = decided({known.case_id: known}, one)
        except InvalidItem:
            continue  # what it was made on has changed; the worker says so in a dead letter
        if after is not None:
            known, pending = after, True
    return Shown(known, pending)


async def decide_case(
    desk: Desk, case_id: str, who: Account, *, action: str, reason: str = "", verdict: str = "", decision: str = ""
) -> Decision | None:
    """What one person decides on a case; None where there is none. Raises InvalidItem."""
    found = await desk.index.one("cases", case_id, [desk.here])
    if found is None:
        return None
    made = await asyncio.to_thread(
        _decide_case, desk, Case.model_validate(found), who, action, reason, verdict, decision
    )
    desk.people.record(who.name, "decided", case_id, action)
    desk.outbox.wake()
    return made


def _decide_case(
    desk: Desk, known: Case, who: Account, action: str, reason: str, verdict: str, decision: str
) -> Decision:
    if action not in CASE_ACTIONS or action not in ACTIONS:
        raise wrong("action", f"one of: {', '.join(CASE_ACTIONS)}", "没有这种处理方式")
    if who.name == FIRST_KEY:
        raise HTTPException(403, "a case is decided by people: log in with an account of your own")
    if action != "undo" and not reason.strip():
        raise wrong("reason", "say why", "请写明单位的说明或认定的理由")
    if len(reason) > REASON_LIMIT:
        raise wrong("reason", f"at most {REASON_LIMIT}", f"不超过{REASON_LIMIT}个字")
    details = {"verdict": verdict} if action == "confirm" else {"decision_id": decision} if action == "undo" else {}
    # Two people at once are one after the other here: the second sees what the first decided.
    with desk.database.transaction() as connection:
        present = _with_pending(desk, known).case
        made = new_decision(desk, "case", known.case_id, CASE_ACTIONS[action], who, reason.strip(), details)
        if action == "confirm" and any(one.by == who.name and one.action == "confirm" and not one.undone
                                       for one in present.acts):  # fmt: skip
            raise wrong("action", "you have confirmed already; another person must", "您已认定过，须由另一人认定")
        decided({known.case_id: present}, made)
        desk.database.keep_decision(connection, made)
    return made
