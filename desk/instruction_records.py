"""An instruction as pages and REST show it: all of it to the office, to a department what it needs and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.accounts import Account, Right
from desk.instruction_rights import steps_for
from desk.services import Desk
from processors.home import sign_of
from processors.instructions.model import BY_CLOCK, Instruction, Step
from processors.instructions.reminders import next_reminder
from processors.instructions.steps import TEXT_LIMIT, WORDS_LIMIT

OTHER_TIME = "at"
"""Chosen in the form where none of the presets fits; the time is in the field ``until``."""
STEP_NAMES = {
    "acknowledge": "签收", "answer": "反馈", "remind": "催办", "check": "回访", "close": "办结", "withdraw": "撤回",
}  # fmt: skip


def record(desk: Desk, one: Instruction, who: Account, now: datetime) -> dict[str, Any]:
    """Plain JSON. A department does not learn on what item it is, unless the item is its own report, nor who of the
    office acted."""
    office = who.may(Right.READ)
    rules = desk.deps.instruction_rules
    reminder = next_reminder(one, now, rules)
    over = one.overdue(now)
    made: dict[str, Any] = {
        "id": one.id, "owner": one.owner, "owner_name": desk.source_names.get(one.owner, one.owner),
        "topic": one.topic, "text": one.text, "level": one.level, "origin": one.origin, "giver": one.giver,
        "given_on": one.given_on, "reference": one.reference, "at": one.at.isoformat(),
        "deadline": one.deadline.isoformat(), "state": one.state.value, "state_label": one.state.label,
        "open": one.open, "overdue": over, "late": one.late, "revision": one.revision,
        "over_days": max(1, rules.working_days(one.deadline, now)) if over else 0,
        "by_name": desk.person(one.by) if office or not one.origin else office_of(desk),
        "next_reminder": reminder.isoformat() if reminder else None,
        "possible": steps_for(one, who), "steps": [_step(desk, step, office) for step in one.steps],
    }  # fmt: skip
    if office:
        made |= {"by": one.by, "item_id": one.item_id, "credited": one.credited}
    elif one.credited == who.department:
        made |= {"item_id": one.item_id}
    return made


def office_of(desk: Desk) -> str:
    """区委办, 县委办: who acted, to a department; it need not know the person."""
    return f"{sign_of(desk.deps.district_name)}委办"


def _step(desk: Desk, step: Step, office: bool) -> dict[str, Any]:
    by_clock = step.by == BY_CLOCK
    name = "系统" if by_clock else desk.person(step.by)
    shown = name if office or by_clock or step.action in ("acknowledge", "answer") else office_of(desk)
    return {
        "action": step.action, "name": STEP_NAMES.get(step.action, step.action), "at": step.at.isoformat(),
        "by": shown, "words": step.words, "final": step.final, "satisfied": step.satisfied,
    }  # fmt: skip


def order_choices(desk: Desk) -> dict[str, Any]:
    """What the form of an instruction offers: presets with the time they fall due now, phrases, departments."""
    rules, now = desk.deps.instruction_rules, desk.deps.clock.now()
    return {
        "presets": [(key, name, moment.isoformat()) for key, name, moment in rules.presets(now)],
        "usual": rules.file.usual, "phrases": rules.file.phrases, "departments": desk.source_names,
        "text_limit": TEXT_LIMIT, "other_time": OTHER_TIME, "words_limit": WORDS_LIMIT,
    }  # fmt: skip
