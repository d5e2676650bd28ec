"""Which reminders of instructions (催办) go out as messages now: to the owner's liaison, one a day for each. Pure.

What is told is the last reminder that holds, of the clock or of a person (:mod:`processors.instructions.reminders`
decides those of the clock). Compared is what ought to have been said with what was planned, so repetition, order and
restarts change nothing; one that nobody could be told of for a day is old news, and the instruction stays on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.duty.liaisons import LIAISON
from processors.instructions.model import BY_CLOCK, WAITING, Instruction, Step
from processors.instructions.reminders import words
from schemas.alert import Notice, Purpose
from schemas.base import CHINA, local_day
from schemas.ids import digest
from schemas.reminder import Reminder, ReminderKind

TOLD_WITHIN = timedelta(hours=24)
"""A reminder of the evening is told in the morning; one that is older than this is not told any more (ours)."""
BY_PERSON = "请尽快反馈"


@dataclass(frozen=True, slots=True)
class Telling:
    """``names``: departments by id; ``channels`` in the order in which they are tried."""

    district: str
    names: Mapping[str, str]
    channels: tuple[str, ...]


def to_tell(
    instructions: Iterable[Instruction], planned: Iterable[Reminder], now: datetime, rules: Telling
) -> list[Reminder]:
    """The intents to write now, the most urgent first."""
    told: dict[str, list[Reminder]] = {}
    for one in planned:
        if one.kind is ReminderKind.INSTRUCTION:
            told.setdefault(one.instruction, []).append(one)
    found = [
        _reminder(one, step, now, rules)
        for one in instructions
        if (step := _untold(one, told.get(one.id, ()), now)) is not None
    ]
    return sorted(found, key=lambda one: (one.cutoff, one.instruction))


def _untold(one: Instruction, told: Sequence[Reminder], now: datetime) -> Step | None:
    """The last reminder, where the owner still owes an answer and has not heard of it."""
    if one.state not in WAITING or not one.reminders:
        return None
    last = one.reminders[-1]
    heard = any(before.at >= last.at or before.day == local_day(now) for before in told)
    return last if not heard and last.at <= now < last.at + TOLD_WITHIN else None


def _reminder(one: Instruction, step: Step, now: datetime, rules: Telling) -> Reminder:
    day = local_day(now)
    identity = digest("instruction_reminder", rules.district, one.id, day)
    name, recipient = rules.names.get(one.owner, one.owner), f"{LIAISON}{one.owner}"
    until = one.deadline.astimezone(CHINA)
    said = words(step.reminder) if step.by == BY_CLOCK else BY_PERSON
    about = f"“{one.topic}”" if one.topic else ""
    return Reminder(
        reminder_id=identity,
        district=rules.district,
        kind=ReminderKind.INSTRUCTION,
        day=day,
        cutoff=one.deadline,
        departments=(one.owner,),
        names=(name,),
        title=f"{name}有批示件待反馈",
        text=f"贵单位承办的批示件{about}时限{until.month}月{until.day}日{until:%H:%M}，{said}。请登录系统办理。",
        notices=(
            Notice(
                notice_id=digest("notice", identity, recipient),
                recipient=recipient,
                channels=rules.channels,
                purpose=Purpose.INSTRUCTION_DUE,
                covers=(),
                at=now,
            ),
        ),
        at=now,
        instruction=one.id,
    )
