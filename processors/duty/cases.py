"""People decide cases: the department explains, two different people confirm the same verdict, or one rejects. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from schemas.case import Case, CaseAct, CaseState, CaseVerdict
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem

ACTIONS = frozenset({"explain", "confirm", "reject", "undo"})
TWO = 2
"""scoring_default.tsv min_human_confirmation: two people, never automatic."""
EXPLAIN_WITHIN = timedelta(days=5)
"""As long as the appeal window (scoring_default.tsv): a department that stays silent so long is judged without."""


def decided(cases: Mapping[str, Case], decision: Decision) -> Case | None:
    """The case after a decision; None for a repeat and for other subjects. Raises InvalidItem."""
    if decision.subject_type != "case" or decision.action not in ACTIONS:
        return None
    case = cases.get(decision.subject_id)
    if case is None:
        raise _wrong("subject_id", f"no such case: {decision.subject_id}", "没有这一线索")
    if any(one.decision_id == decision.decision_id for one in case.acts):
        return None
    acts = _with(case, decision)
    state, verdict, at = standing(acts)
    if state is CaseState.OPEN and case.state is CaseState.SETTLED:
        state = CaseState.SETTLED
    return case.model_copy(
        update={
            "acts": acts,
            "state": state,
            "verdict": verdict,
            "decided_at": at,
            "revision": case.revision + 1,
            "changed_at": max(case.changed_at, decision.at),
        }
    )


def _with(case: Case, decision: Decision) -> tuple[CaseAct, ...]:
    act = CaseAct(
        decision_id=decision.decision_id,
        action=decision.action,
        by=decision.by,
        at=decision.at,
        reason=decision.reason,
        verdict=_verdict(decision) if decision.action == "confirm" else None,
    )
    acts = case.acts
    if decision.action == "undo":
        wanted = decision.details.get("decision_id")
        if not any(one.decision_id == wanted and not one.undone for one in acts):
            raise _wrong("details.decision_id", f"not known: {wanted}", "没有可撤销的决定")
        acts = tuple(one.model_copy(update={"undone": True}) if one.decision_id == wanted else one for one in acts)
    if decision.action == "confirm":
        _may_confirm(case, decision)
    return tuple(sorted((*acts, act), key=lambda one: (one.at, one.decision_id)))


def _may_confirm(case: Case, decision: Decision) -> None:
    heard = any(one.action == "explain" and not one.undone for one in case.acts)
    if not heard and decision.at < case.opened_at + EXPLAIN_WITHIN:
        raise _wrong("action", "the department has not explained yet", "单位尚未说明，且说明期未满")


def _verdict(decision: Decision) -> CaseVerdict:
    try:
        return CaseVerdict(str(decision.details.get("verdict")))
    except ValueError as error:
        raise _wrong("details.verdict", str(error), "认定须为漏报、谎报、瞒报或迟报之一") from None


def standing(acts: tuple[CaseAct, ...]) -> tuple[CaseState, CaseVerdict | None, datetime | None]:
    """What follows from the acts that hold: a rejection stands until undone; a verdict takes two different people."""
    holding = [one for one in acts if not one.undone and one.action != "undo"]
    rejected = next((one for one in holding if one.action == "reject"), None)
    by_verdict: dict[CaseVerdict, dict[str, CaseAct]] = {}
    for one in holding:
        if one.action != "confirm" or one.verdict is None:
            continue
        people = by_verdict.setdefault(one.verdict, {})
        people.setdefault(one.by, one)
        if len(people) >= TWO and (rejected is None or one.at < rejected.at):
            return CaseState.UPHELD, one.verdict, one.at
    if rejected is not None:
        return CaseState.UNFOUNDED, None, rejected.at
    if by_verdict:
        return CaseState.SECOND_PERSON, None, None
    explained = any(one.action == "explain" for one in holding)
    return (CaseState.EXPLAINED if explained else CaseState.OPEN), None, None


def _wrong(field: str, message: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError(field, message, chinese)])
