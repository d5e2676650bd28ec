"""Who may see an instruction and take which step on it."""

from __future__ import annotations

from desk.accounts import Account, Right
from processors.instructions.model import DISTRICT_LEVEL, Instruction
from processors.instructions.steps import GIVERS, OWNERS, possible


class NotYours(Exception):
    """The step belongs to somebody else."""


def may_see(who: Account | None, one: Instruction) -> bool:
    """The office sees all; somebody of a department those to it. None is the desk itself."""
    if who is None or who.may(Right.READ):
        return True
    return who.may(Right.ANSWER) and who.department == one.owner


def may_take(one: Instruction, action: str, who: Account) -> bool:
    """Whether a step is this person's to take."""
    if action in OWNERS:
        return who.may(Right.ANSWER) and who.department == one.owner
    if action in GIVERS:
        return who.may(Right.INSTRUCT if one.level == DISTRICT_LEVEL else Right.REGISTER) and who.name == one.by
    return who.may(Right.SUPERVISE)


def steps_for(one: Instruction, who: Account) -> list[str]:
    """What this person may do with it now."""
    return [step for step in possible(one) if may_take(one, step, who)]
