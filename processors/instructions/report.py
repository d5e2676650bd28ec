"""The special report on instructions (督查专报): what was instructed, of whom, how it stands, what is overdue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from processors.instructions.model import WAITING, Instruction, State
from processors.instructions.rules import InstructionRules
from schemas.base import CHINA


@dataclass(frozen=True, slots=True)
class Listed:
    """An instruction in the report; ``over_days``: working days past its deadline, 0 where it is not overdue."""

    instruction: Instruction
    overdue: bool
    over_days: int


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """What one department owes."""

    owner: str
    total: int
    answered: int
    closed: int
    overdue: int


@dataclass(frozen=True, slots=True)
class SpecialReport:
    """Instructions given on days from ``first`` to ``last`` (both included) as of ``made_at``; withdrawn ones are left
    out. ``on_time``: answered by the deadline, of ``due``."""

    first: date
    last: date
    made_at: datetime
    listed: tuple[Listed, ...]
    owners: tuple[OwnerLine, ...]

    @property
    def total(self) -> int:
        """All that were given and not withdrawn."""
        return len(self.listed)

    @property
    def answered(self) -> int:
        """Of which the owner said that it is done."""
        return sum(one.instruction.answered_at is not None for one in self.listed)

    @property
    def on_time(self) -> int:
        """Answered by the deadline."""
        return sum(one.instruction.answered_at is not None and not one.instruction.late for one in self.listed)

    @property
    def due(self) -> int:
        """Answered, or past the deadline without an answer: of these a share can be on time."""
        return sum(one.instruction.answered_at is not None or one.overdue for one in self.listed)

    @property
    def closed(self) -> int:
        """Ended by who watches over them."""
        return sum(one.instruction.state is State.CLOSED for one in self.listed)

    @property
    def overdue(self) -> int:
        """Past the deadline without an answer."""
        return sum(one.overdue for one in self.listed)


def special_report(
    instructions: Iterable[Instruction], first: date, last: date, now: datetime, rules: InstructionRules
) -> SpecialReport:
    """The report as of ``now``: overdue first, then what is owed, what waits for a check, and what is done."""
    chosen = [
        Listed(one, over, max(1, rules.working_days(one.deadline, now)) if over else 0)
        for one in instructions
        if one.state is not State.WITHDRAWN and first <= one.at.astimezone(CHINA).date() <= last
        for over in [one.overdue(now)]
    ]
    listed = tuple(sorted(chosen, key=lambda one: urgency(one.instruction, now)))
    return SpecialReport(first, last, now, listed, _owners(listed))


def urgency(one: Instruction, now: datetime) -> tuple[object, ...]:
    """Order of lists: overdue, owed, answered, over; each by deadline."""
    rank = 0 if one.overdue(now) else 1 if one.state in WAITING else 2 if one.open else 3
    return (rank, one.deadline, one.id)


def _owners(listed: Sequence[Listed]) -> tuple[OwnerLine, ...]:
    lines = []
    for owner in dict.fromkeys(one.instruction.owner for one in listed):
        own = [one for one in listed if one.instruction.owner == owner]
        lines.append(
            OwnerLine(
                owner,
                len(own),
                sum(one.instruction.answered_at is not None for one in own),
                sum(one.instruction.state is State.CLOSED for one in own),
                sum(one.overdue for one in own),
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.overdue, -line.total, line.owner)))
