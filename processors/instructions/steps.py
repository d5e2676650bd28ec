"""What may be done with an instruction as it stands, and what each step needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from processors.document import narrow
from processors.instructions.model import ABOVE, Instruction, State
from processors.pii import find_pii, mask
from schemas.base import CHINA
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import Lane

OWNERS = ("acknowledge", "answer")
"""Steps of the department that owes it."""
OFFICES = ("remind", "check", "close")
"""Steps of who watches over it."""
GIVERS = ("withdraw",)
STEPS = (*OWNERS, *OFFICES, *GIVERS)
WORDS_LIMIT = 2000
TEXT_LIMIT = 500
TOPIC_LIMIT = 60
GIVER_LIMIT, REFERENCE_LIMIT = 40, 60
YEARS_AHEAD = 2
"""Deadlines beyond are slips of the pen; the last days of the calendar cannot even be shown in every zone."""
TOO_FAR = ("too far away", "办理时限过远，请核对日期")
_STATES: Mapping[str, tuple[State, ...]] = {
    "acknowledge": (State.ISSUED,),
    "answer": (State.ISSUED, State.NOTED, State.RETURNED, State.ANSWERED),
    "remind": (State.ISSUED, State.NOTED, State.RETURNED),
    "check": (State.ANSWERED,),
    "close": (State.ANSWERED, State.CHECKED, State.ISSUED, State.NOTED, State.RETURNED),
    "withdraw": (State.ISSUED, State.NOTED, State.RETURNED, State.ANSWERED, State.CHECKED),
}


def possible(one: Instruction) -> list[str]:
    """Steps that make sense now."""
    return [step for step in STEPS if one.state in _STATES[step]]


def check_step(one: Instruction, step: str, words: str, details: Mapping[str, Any], now: datetime) -> None:
    """Whether a step can be taken. Raises InvalidItem with the field in both languages."""
    if step not in STEPS:
        raise _wrong("action", f"one of: {', '.join(STEPS)}", "没有这种处理方式")
    if one.state not in _STATES[step]:
        raise _wrong("action", f"the instruction is {one.state.value}", f"批示件{one.state.label}，不能这样处理")
    needed = {
        "answer": "请写明办理情况",
        "withdraw": "请写明撤回的理由",
        "check": "请写明退回重办的理由" if details.get("satisfied") is False else "",
        "close": "" if one.state in (State.ANSWERED, State.CHECKED) else "还没有反馈，办结须写明理由",
    }.get(step, "")
    if needed and not words.strip():
        raise _wrong("reason", "say it in words", needed)
    if len(words) > WORDS_LIMIT:
        raise _wrong("reason", f"at most {WORDS_LIMIT} characters", f"不超过{WORDS_LIMIT}个字")
    if step == "check" and not isinstance(details.get("satisfied"), bool):
        raise _wrong("satisfied", "true or false", "请选择回访结果")
    if step == "check" and details["satisfied"] is False:
        later = details.get("deadline") or one.deadline
        if later <= now:
            raise _wrong("deadline", "has passed; give a new one", "原时限已过，请选择新的办理时限")
        if later.year > now.year + YEARS_AHEAD:
            raise _wrong("deadline", *TOO_FAR)


def check_order(owner: str | None, text: str, deadline: datetime | None, now: datetime) -> None:
    """Whether an instruction can be given. Raises InvalidItem with every field that is wrong."""
    wrong = []
    if owner is None:
        wrong.append(FieldError("owner", "is no department of the register", "请选择承办单位"))
    if not text.strip():
        wrong.append(FieldError("text", "say what is to be done", "请写明批示内容"))
    elif len(text) > TEXT_LIMIT:
        wrong.append(FieldError("text", f"at most {TEXT_LIMIT} characters", f"批示不超过{TEXT_LIMIT}个字"))
    if deadline is None:
        wrong.append(FieldError("deadline", "a preset, or a time", "请选择办理时限"))
    elif deadline <= now:
        wrong.append(FieldError("deadline", "has passed", "办理时限已过"))
    elif deadline.year > now.year + YEARS_AHEAD:
        wrong.append(FieldError("deadline", *TOO_FAR))
    if wrong:
        raise InvalidItem(wrong)


def check_received(
    level: str, giver: str, given_on: str, reference: str, topic: str, *, on_item: bool, now: datetime
) -> list[FieldError]:
    """What is wrong with where an instruction from above comes from."""
    wrong = []
    if level not in ABOVE:
        wrong.append(FieldError("level", f"one of: {', '.join(ABOVE)}", "请选择批示层级"))
    if not giver.strip():
        wrong.append(FieldError("giver", "say who gave it, by post", "请写明批示领导的职务"))
    for name, value, most in (("giver", giver, GIVER_LIMIT), ("reference", reference, REFERENCE_LIMIT)):
        if len(value) > most:
            wrong.append(FieldError(name, f"at most {most} characters", f"不超过{most}个字"))
    if not on_item and not topic.strip():
        wrong.append(FieldError("topic", "say what it is about", "请写明事由"))
    try:
        day = date.fromisoformat(given_on)
    except ValueError:
        wrong.append(FieldError("given_on", "YYYY-MM-DD", "批示日期写作 2026-11-18"))
    else:
        today = now.astimezone(CHINA).date()
        if not today.replace(year=today.year - YEARS_AHEAD, day=1) <= day <= today:
            wrong.append(FieldError("given_on", "in the future or years ago", "批示日期不对，请核对"))
    return wrong


def masked(text: str) -> str:
    """What people write here is kept for good: numbers, accounts and names of private persons are masked first."""
    clean = text.replace("\r\n", "\n").strip()
    return mask(clean, find_pii(narrow(clean), Lane.OPINION))


def without_numbers(text: str) -> str:
    """A reason as the office gives it, without personal numbers; names stay, as in reports (officials')."""
    clean = text.replace("\r\n", "\n").strip()
    return mask(clean, find_pii(narrow(clean), Lane.REPORT))


def topic_of(item: Mapping[str, Any], complaint_lanes: tuple[Lane, ...]) -> str:
    """What the owner may read of an item. Where a citizen may have spoken: type and place, not the words."""
    if item.get("lane") not in complaint_lanes:
        said = str(item.get("title") or "") or str(item.get("text") or "")
        return masked(said)[:TOPIC_LIMIT]
    emergency, opinion, facts = (item.get(name) or {} for name in ("emergency", "opinion", "facts"))
    what = emergency.get("event_type") or opinion.get("theme") or "群众反映事项"
    places = "、".join((facts.get("places") or [])[:2])
    return f"{places}{what}"[:TOPIC_LIMIT]


def _wrong(field: str, message: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError(field, message, chinese)])
