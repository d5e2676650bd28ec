"""Clocks without a date: whether a number with 点 is a time of day, and of which night one after 昨晚 is."""

from __future__ import annotations

import re
from datetime import date, timedelta

from processors.facts.calendar_days import number

_NO_CLOCK_BEFORE = frozenset(".第百千万几")
_AFTER_WORK = frozenset({"出头", "下班", "放学", "上班"})
_THEN = frozenset("开起来到就，、。；至从前后")
_WHERE = frozenset("在从回出多")
"""18点在车站出的站: behind a number above twelve, where one was."""
EVENING = frozenset("晚 夜 晚上 夜里 夜间 深夜 昨晚 当晚 晚间 半夜".split())
"""Parts of a day that go on into the next."""
_EARLY = frozenset("凌晨 清晨 清早 早上 早晨 早 晨 一早 大清早".split())


def is_clock(text: str, clock: re.Match[str]) -> bool:
    """Whether a bare number with 点, 时 or a colon is a time of day."""
    start, end = clock.start(), clock.end()
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    point = "点" in clock["clock"]
    if before[-1:].isdigit() or before[-1:] in _NO_CLOCK_BEFORE or (not point and before[-1:] == "约"):
        return False
    if not point:
        return not before.endswith(("比", "小"))
    exact = clock["minute"] or clock["some"] or clock["half"] or clock["quarter"] or clock["vague"]
    if exact or "钟" in clock["clock"] or before == "刚才":
        return True
    if clock["hour"] in {"一", "1"}:
        return False  # 手软一点，眼尖一点
    if after in _AFTER_WORK or (after[:1] in _WHERE and clock["hour"].isdigit() and 12 < number(clock["hour"]) <= 24):
        return True
    return after[:1] in _THEN or before.endswith(("从", "到", "至", "是", "在", "约", "于"))


def in_that_night(evening: date, hour: int, part: str) -> tuple[date, int]:
    """昨晚……凌晨四点: the morning after; 昨晚……十一点四十: that evening."""
    if part in _EARLY or (not part and hour < 5):
        return evening + timedelta(days=1), hour
    return evening, hour + 12 if not part and 5 <= hour < 12 else hour
