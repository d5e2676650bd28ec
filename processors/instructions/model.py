"""An instruction (批示) as a fold of the decisions on it. Pure; overdue is a question with ``now``, never stored.

Decisions on ``instruction:ID``: ``instruct`` gives it (``details``: item_id, owner, credited, level, topic, text,
deadline; of one from above also giver, given_on, reference), the owner ``acknowledge``s and ``answer``s (``reason``:
the words, ``details.final``: the matter is done), ``erase`` says that the item is erased: the topic, which came from
it, is gone with it, for good. People and the clock ``remind`` (``details.step``), a person ``check``s
(``details.satisfied``, and a new ``details.deadline`` where not), ``close``s or ``withdraw``s. ``undo`` works as
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from processors.fold_parts import Document, by_time_and_id, in_force
from schemas.base import with_zone

BY_CLOCK = "system"
"""Who reminds when the clock does."""
DISTRICT_LEVEL = "district"
ERASE = "erase"
ERASED = "（原信息已删除）"
"""What stands for the topic that came from an erased item."""
ABOVE: Mapping[str, str] = {"city": "市级批示", "province": "省级批示", "central": "中央批示"}
"""Levels whose instructions come from outside and are entered at the desk; the table of points has a line for each."""


class State(StrEnum):
    """How far an instruction has come."""

    ISSUED = "issued"
    NOTED = "noted"
    ANSWERED = "answered"
    RETURNED = "returned"
    CHECKED = "checked"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return {
            "issued": "待签收", "noted": "办理中", "answered": "已反馈，待回访", "returned": "退回重办",
            "checked": "已回访", "closed": "已办结", "withdrawn": "已撤回",
        }[self.value]  # fmt: skip


OVER = (State.CLOSED, State.WITHDRAWN)
WAITING = (State.ISSUED, State.NOTED, State.RETURNED)
"""The owner owes an answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did: a decision that holds. ``words``: what they wrote."""

    decision_id: str
    action: str
    by: str
    at: datetime
    words: str = ""
    final: bool = False
    satisfied: bool | None = None
    reminder: str = ""
    """Of ``remind``: which one, see :mod:`processors.instructions.reminders`."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """``owner`` and ``credited`` are departments' ids; ``credited``: whose report it is on, empty where nobody's.

    ``topic`` is what the owner may read of the item; ``revision`` counts the decisions there are, holding or not, but
    for reminders and erasures: who writes an answer meanwhile has not missed anything. Of one from above ``giver`` is
    the post that gave it, ``given_on`` the day and ``reference`` the number of the paper; ``by`` and ``at`` are those
    of its entry.
    """

    id: str
    item_id: str
    owner: str
    credited: str
    level: str
    topic: str
    text: str
    deadline: datetime
    by: str
    at: datetime
    revision: int
    giver: str = ""
    given_on: str = ""
    reference: str = ""
    state: State = State.ISSUED
    steps: tuple[Step, ...] = ()
    noted_at: datetime | None = None
    answered_at: datetime | None = None
    """When the answer that stands said that it is done."""
    checked_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def origin(self) -> str:
        """Where it comes from, in words: 市级批示（市委主要领导，2026-11-18）; "" for the district's own."""
        told = "，".join(filter(None, (self.giver, self.given_on, self.reference)))
        return f"{ABOVE[self.level]}（{told}）" if self.level in ABOVE else ""

    @property
    def open(self) -> bool:
        """Neither closed nor withdrawn."""
        return self.state not in OVER

    @property
    def late(self) -> bool:
        """It was answered, after the deadline."""
        return self.answered_at is not None and self.answered_at > self.deadline

    def overdue(self, now: datetime) -> bool:
        """The deadline, which is inclusive, has passed and the owner has not said that it is done."""
        return self.state in WAITING and now > self.deadline

    @property
    def answers(self) -> tuple[Step, ...]:
        """What the owner wrote, oldest first."""
        return tuple(step for step in self.steps if step.action == "answer")

    @property
    def reminders(self) -> tuple[Step, ...]:
        """Reminders of people and of the clock, oldest first."""
        return tuple(step for step in self.steps if step.action == "remind")


def told(identifier: str, decisions: Iterable[Document]) -> Instruction | None:
    """The instruction that decisions make, in any order and with repeats; None before it was given, or where that was
    undone or cannot be read."""
    everything = by_time_and_id(decisions)
    known = [one for one in everything if one["action"] != ERASE]
    holding = in_force(known)
    begun = next((n for n, one in enumerate(holding) if one["action"] == "instruct" and _given(one) is not None), None)
    given = _given(holding[begun]) if begun is not None else None
    if begun is None or given is None:
        return None
    made = replace(given, id=identifier, revision=sum(one["action"] != "remind" for one in known))
    for one in holding[begun + 1 :]:
        made = _after(made, one)
    return made if len(known) == len(everything) else replace(made, topic=ERASED)


def without_topic(decisions: list[Document]) -> list[Document]:
    """Decisions as they may be kept: without the topic where the item is erased, which no ``undo`` brings back."""
    if not any(one["action"] == ERASE for one in decisions):
        return decisions
    return [
        {**one, "details": {name: value for name, value in _details(one).items() if name != "topic"}}
        if "topic" in _details(one)
        else one
        for one in decisions
    ]


def _given(decision: Document) -> Instruction | None:
    details = _details(decision)
    deadline, owner, text = _moment(details.get("deadline")), _text(details, "owner"), _text(details, "text")
    if deadline is None or not owner or not text:
        return None
    return Instruction(
        id="",
        item_id=_text(details, "item_id"),
        owner=owner,
        credited=_text(details, "credited"),
        level=_text(details, "level") or DISTRICT_LEVEL,
        topic=_text(details, "topic"),
        text=text,
        deadline=deadline,
        by=str(decision["by"]),
        at=datetime.fromisoformat(decision["at"]),
        revision=0,
        giver=_text(details, "giver"),
        given_on=_text(details, "given_on"),
        reference=_text(details, "reference"),
    )


def _after(one: Instruction, decision: Document) -> Instruction:
    """After one more decision; what makes no sense any more (an answer to what was withdrawn) changes nothing."""
    if not one.open or decision["action"] not in _CHANGES:
        return one
    details = _details(decision)
    satisfied = details.get("satisfied")
    step = Step(
        decision_id=str(decision["decision_id"]),
        action=str(decision["action"]),
        by=str(decision["by"]),
        at=datetime.fromisoformat(decision["at"]),
        words=str(decision.get("reason") or ""),
        final=details.get("final") is True,
        satisfied=satisfied if isinstance(satisfied, bool) else None,
        reminder=_text(details, "step"),
    )
    changed = _CHANGES[step.action](one, step)
    if changed.state is State.RETURNED and step.action == "check":
        changed = replace(changed, deadline=_moment(details.get("deadline")) or one.deadline)
    return replace(changed, steps=(*one.steps, step))


def _noted(one: Instruction, step: Step) -> Instruction:
    return replace(one, state=State.NOTED, noted_at=step.at) if one.state is State.ISSUED else one


def _answered(one: Instruction, step: Step) -> Instruction:
    noted = one.noted_at or step.at
    if step.final:
        # What was said to be done stands from the first time it was said, until somebody sends it back.
        return replace(one, state=State.ANSWERED, noted_at=noted, answered_at=one.answered_at or step.at)
    return replace(one, state=State.NOTED if one.state is State.ISSUED else one.state, noted_at=noted)


def _checked(one: Instruction, step: Step) -> Instruction:
    if one.state is not State.ANSWERED:
        return one
    if step.satisfied is False:
        return replace(one, state=State.RETURNED, answered_at=None, checked_at=step.at)
    return replace(one, state=State.CHECKED, checked_at=step.at)


_CHANGES: Mapping[str, Callable[[Instruction, Step], Instruction]] = {
    "acknowledge": _noted,
    "answer": _answered,
    "check": _checked,
    "remind": lambda one, _: one,
    "close": lambda one, step: replace(one, state=State.CLOSED, ended_at=step.at),
    "withdraw": lambda one, step: replace(one, state=State.WITHDRAWN, ended_at=step.at),
}


def standing(one: Instruction) -> Document:
    """What the index shows of it beside the decisions; nothing that depends on the present."""
    moments = {"deadline": one.deadline, "issued_at": one.at, "noted_at": one.noted_at,
               "answered_at": one.answered_at, "checked_at": one.checked_at, "ended_at": one.ended_at}  # fmt: skip
    return {
        "item_id": one.item_id, "owner": one.owner, "credited": one.credited, "level": one.level, "topic": one.topic,
        "text": one.text, "giver": one.giver, "given_on": one.given_on or None, "reference": one.reference,
        "issued_by": one.by, "state": one.state.value, "open": one.open, "late": one.late,
        "reminded": len(one.reminders),
    } | {name: moment.isoformat() if moment else None for name, moment in moments.items()}  # fmt: skip


def _details(decision: Document) -> dict[str, Any]:
    found = decision.get("details")
    return found if isinstance(found, dict) else {}


def _text(details: dict[str, Any], name: str) -> str:
    found = details.get(name)
    return found if isinstance(found, str) else ""


def _moment(value: object) -> datetime | None:
    try:
        found = with_zone(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None
    # The first and the last year of the calendar cannot be told in another zone.
    return found if found is None or 1900 <= found.year <= 9000 else None
