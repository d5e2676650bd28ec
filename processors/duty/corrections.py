"""What people say against points: appeals and what became of them, and corrections. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from processors.duty.point import Point
from processors.duty.scoring import Scoring
from schemas.base import local_day
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest

CORRECTION = "correction"
MOST_POINTS, PLACES = 1_000, 4
"""Of one correction: its size, and its decimals."""


def check_score(decision: Decision, scoring: Scoring, known: Mapping[str, Point]) -> None:
    """What people enter is checked before it is written. Raises InvalidItem with the field."""
    if decision.action == "score" and decision.details.get("corrects"):
        if decision.details["corrects"] not in known:
            raise _wrong("details.corrects", "no such entry", "没有要更正的这一条")
        if not decision.reason:
            raise _wrong("reason", "a correction needs a reason", "更正须写明理由")
        _amount(decision)
    elif decision.action == "score" and decision.details.get("key") not in scoring.keys:
        raise _wrong("details.key", "not in the table of points", "计分表中没有这一项")
    elif decision.action == "appeal":
        point = known.get(decision.subject_id)
        if point is None or point.points >= 0:
            raise _wrong("subject_id", "no such deduction", "没有这一条扣分")
        if decision.at > point.final_at:
            raise _wrong("at", "the appeal window has passed", "申诉期已过")


def appeals(found: Mapping[str, Point], decisions: Sequence[Decision], scoring: Scoring) -> list[Point]:
    """Open appeals hold a deduction back; an accepted one, or a correction, is an entry of its own."""
    entries = dict(found)
    corrections: list[Point] = []
    for one in decisions:
        if one.subject_type != "points":
            continue
        point = entries.get(one.subject_id)
        if one.action == "appeal" and point is not None and point.points < 0 and one.at <= point.final_at:
            entries[point.entry_id] = replace(point, appealed=one.decision_id)
        elif one.action in ("accept", "return") and point is not None and point.appealed is not None:
            entries[point.entry_id] = replace(point, appealed=None, final_at=max(point.final_at, one.at))
            if one.action == "accept":
                corrections.append(correction(point, one, -point.points, f"申诉成立：{one.reason}", scoring))
        elif one.action == "score" and one.details.get("corrects") in entries:
            target = entries[str(one.details["corrects"])]
            corrections.append(correction(target, one, _amount(one), f"更正：{one.reason}", scoring))
    return [*entries.values(), *corrections]


def correction(target: Point, decision: Decision, amount: Decimal, why: str, scoring: Scoring) -> Point:
    """An entry beside ``target`` that a decision makes."""
    return Point(
        entry_id=digest("points", target.department, CORRECTION, decision.decision_id, target.entry_id),
        department=target.department,
        day=local_day(decision.at),
        key=CORRECTION,
        points=amount,
        ref=f"decision:{decision.decision_id}",
        why=why,
        at=decision.at,
        final_at=decision.at,
        version=scoring.version,
        corrects=target.entry_id,
    )


def _amount(decision: Decision) -> Decimal:
    given = decision.details.get("points")
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise _wrong("details.points", "not a number", "更正须写明分值")
    try:
        found = Decimal(str(given))
    except ArithmeticError:
        raise _wrong("details.points", "not a number", "更正须写明分值") from None
    # Not a number, endless, or too long to be written: every sum that it went into would fail with it.
    if not found.is_finite() or abs(found) > MOST_POINTS or found != round(found, PLACES):
        said = f"分值应在±{MOST_POINTS}之内，至多{PLACES}位小数"
        raise _wrong("details.points", f"within ±{MOST_POINTS}, at most {PLACES} decimals", said)
    return found


def _wrong(name: str, message: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError(name, message, chinese)])
