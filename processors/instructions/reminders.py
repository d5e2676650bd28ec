"""Which instructions to remind of now: at the lead times of the district and once when overdue. Pure, with ``now``.

A reminder is known by its step and the deadline it is about, so it is decided once whatever is repeated; after a day
without the desk the latest step that is due is decided and those before it never are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.instructions.model import WAITING, Instruction
from processors.instructions.rules import InstructionRules
from schemas.base import CHINA
from schemas.ids import digest

OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One to decide. ``step`` and ``deadline`` are its identity; ``decision_id`` follows from them."""

    instruction: Instruction
    step: str
    moment: datetime

    @property
    def decision_id(self) -> str:
        """The same for everybody who decides it."""
        return digest("remind", self.instruction.id, self.key)

    @property
    def key(self) -> str:
        """``details.step`` of the decision."""
        return f"{self.step}@{self.instruction.deadline.isoformat()}"


def moments(one: Instruction, rules: InstructionRules) -> list[tuple[datetime, str]]:
    """(when, step) of every reminder of an instruction, in order; those that lie before it was given are left out."""
    begun = max([one.at, *(step.at for step in one.steps if step.satisfied is False)])
    leads = [(_lead(one.deadline, hours, rules), f"before_{hours}h") for hours in rules.file.remind_before_h]
    return [*sorted(lead for lead in leads if begun < lead[0]), (one.deadline, OVERDUE)]


def due(instructions: Iterable[Instruction], now: datetime, rules: InstructionRules) -> list[Reminder]:
    """The reminders to decide at ``now``, the most urgent first; what was reminded of is not reminded of again."""
    found = []
    for one in instructions:
        if one.state not in WAITING:
            continue
        # The deadline is inclusive: overdue comes after it, a lead at its moment.
        reached = [
            Reminder(one, step, moment)
            for moment, step in moments(one, rules)
            if (now > moment if step == OVERDUE else now >= moment)
        ]
        if reached and reached[-1].key not in {step.reminder for step in one.reminders}:
            found.append(reached[-1])
    return sorted(found, key=lambda one: (one.instruction.deadline, one.instruction.id))


def next_reminder(one: Instruction, now: datetime, rules: InstructionRules) -> datetime | None:
    """When the clock will remind of it next; None where it will not."""
    if one.state not in WAITING:
        return None
    return next((moment for moment, _ in moments(one, rules) if moment > now), None)


def words(step: str) -> str:
    """What a reminder of the clock says."""
    name = step.partition("@")[0]
    if name == OVERDUE:
        return "已过办理时限，请立即反馈"
    hours = name.removeprefix("before_").removesuffix("h")
    return f"距办理时限不足{hours}小时，请按时反馈"


def _lead(deadline: datetime, hours: int, rules: InstructionRules) -> datetime:
    """The lead before the deadline; on a day off nobody reads it, so then on the working day before."""
    there = (deadline - timedelta(hours=hours)).astimezone(CHINA)
    return datetime.combine(rules.working_day(there.date(), forward=False), there.timetz())
