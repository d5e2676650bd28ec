"""约稿: items the office asks departments for, with a deadline, and what became of each. A fold of decisions. Pure.

``request`` (subject ``request:ID``): ``details.departments``, ``details.topic``, ``details.deadline``.
``answer``: ``details.department``, ``details.item_id``; ``close`` ends a request that is no longer needed; ``erase``
says that the item it came from is erased, and its topic with it, for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from processors.fold_parts import in_force
from processors.instructions.model import ERASE, ERASED
from schemas.base import with_zone
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem


class Outcome(StrEnum):
    """What became of a request at one department."""

    WAITING = "waiting"
    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return {"waiting": "待交", "done": "按期完成", "late": "逾期完成", "missed": "未完成", "withdrawn": "已撤回"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Commission:
    """One request at one department. ``ref``: the decision that gave the outcome, else the request's own."""

    request: str
    topic: str
    department: str
    deadline: datetime
    outcome: Outcome
    asked_at: datetime
    answered_at: datetime | None
    item_id: str | None
    ref: str


def commissions(decisions: Iterable[Decision], now: datetime) -> list[Commission]:
    """Every request at every department as of ``now``, in order of deadline; repeats and any order give the same."""
    found: list[Commission] = []
    for request, acts in _by_request(decisions, now).items():
        asked = next((one for one in acts if one.action == "request"), None)
        if asked is not None:
            deadline = deadline_of(asked)
            found += [_one(request, asked, department, deadline, acts, now) for department in departments_of(asked)]
    return sorted(found, key=lambda one: (one.deadline, one.request, one.department))


def _by_request(decisions: Iterable[Decision], now: datetime) -> dict[str, list[Decision]]:
    known = {one.decision_id: one for one in decisions if one.subject_type == "request" and one.at <= now}
    acts: dict[str, list[Decision]] = {}
    for one in sorted(known.values(), key=lambda one: (one.at, one.decision_id)):
        acts.setdefault(one.subject_id, []).append(one)
    return {request: _without_topic(listed) for request, listed in acts.items()}


def _without_topic(listed: list[Decision]) -> list[Decision]:
    """Those in force; where the item is erased, with what stands for its topic."""
    kept = [one for one in listed if one.action != ERASE]
    holding = _holding(kept)
    if len(kept) == len(listed):
        return holding
    return [one.model_copy(update={"details": one.details | {"topic": ERASED}}) for one in holding]


def _holding(listed: list[Decision]) -> list[Decision]:
    plain = [{"decision_id": one.decision_id, "action": one.action, "details": one.details} for one in listed]
    names = {one["decision_id"] for one in in_force(plain)}
    return [one for one in listed if one.decision_id in names]


def _one(
    request: str, asked: Decision, department: str, deadline: datetime, acts: list[Decision], now: datetime
) -> Commission:
    answers = [one for one in acts if one.action == "answer" and one.details.get("department") == department]
    closed = next((one for one in acts if one.action == "close"), None)
    first = answers[0] if answers else None
    ref = asked.decision_id
    if first is not None:
        outcome, ref = (Outcome.DONE if first.at <= deadline else Outcome.LATE), first.decision_id
    elif closed is not None and closed.at <= deadline:
        outcome, ref = Outcome.WITHDRAWN, closed.decision_id
    else:
        outcome = Outcome.WAITING if now <= deadline else Outcome.MISSED
    item = str(first.details.get("item_id") or "") if first else ""
    answered = first.at if first else None
    topic = str(asked.details.get("topic") or "")
    return Commission(request, topic, department, deadline, outcome, asked.at, answered, item or None, ref)


def deadline_of(asked: Decision) -> datetime:
    """The deadline of a request. Raises InvalidItem."""
    try:
        return with_zone(datetime.fromisoformat(str(asked.details.get("deadline"))))
    except ValueError as error:
        raise InvalidItem([FieldError("details.deadline", str(error), "交稿时限写作 2026-11-25T17:30")]) from None


def departments_of(asked: Decision) -> list[str]:
    """The departments asked. Raises InvalidItem where none is named."""
    given = asked.details.get("departments")
    if not isinstance(given, list) or not given:
        raise InvalidItem([FieldError("details.departments", "a list of departments", "须列出约稿单位")])
    return list(dict.fromkeys(str(one) for one in given))
