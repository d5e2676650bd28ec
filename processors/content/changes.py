"""A stated change against its base, in the forms that ``processors.facts.sums`` does not weigh.

186起，比二季度的131起增加了32%; 421件，同比增长36.1%（去年同期321件）; 翻了一番，由214人次增至386人次; 由2400美元涨到
3150美元，涨幅达到41%.
Each number has the room that its last digit leaves; what 约, 近, 余, 多 stand beside is not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from processors.document import Document
from processors.facts.change_forms import Change, may_measure, measured
from processors.facts.quantities import Span, room
from processors.late import late

_REAL = late(r"年均|可比|生产总值|增加值|GDP|不变价|扣除")
"""Growth a year, or in other prices than those beside it: two numbers do not give it."""


class Slip(NamedTuple):
    """A change that its base contradicts: a span of ``norm`` and what it should be."""

    start: int
    end: int
    why: str


def find(document: Document) -> Iterator[Slip]:
    """Stated changes that cannot be right, at most one of a sentence."""
    text = document.norm
    for start, end in document.sentences() if may_measure(text, 0, len(text)) else ():
        if not may_measure(text, start, end):
            continue
        sentence = text[start:end]
        for told in measured(sentence):
            why = _weigh(sentence, told)
            if why is not None:
                yield Slip(start + told.start, start + told.end, why)
                break


def _weigh(sentence: str, told: Change) -> str | None:
    """What the change should be, where it is not."""
    if not told.unit or (told.unit == "%" and not told.new.unit):
        return None
    if _REAL.search(sentence, max(told.first - 24, 0), told.last + 8):
        return None
    base, now = room(sentence, told.base), room(sentence, told.new)
    if base is None or now is None or base.low <= 0:
        return None
    if told.unit == "%":
        right = _points(told, base, now)
        real = f"{_way(base, now)}{abs(now.middle - base.middle):.1f}个百分点"
    else:
        right = _share(told, base, now)
        real = f"{_way(base, now)}{abs(now.middle / base.middle - 1) * 100:.1f}%"
    return f"由{told.base.told}到{told.new.told}，应为{real}" if right is False else None


def _stated(told: Change) -> Span | None:
    """Between which values the change is said to lie; None of 翻一番 and of a vague number."""
    if told.by is None or told.by.number is None:
        return None
    raw, number = told.by.raw, told.by.number
    width = 1.02 * 10.0 ** -len(raw.partition(".")[2]) if raw[0].isdigit() else 0.5
    low, high = number - width, number + width
    if "近" in told.hedge:
        low = number * 0.85 - width
    elif re.search(r"超|逾|余|多|以上", told.hedge):
        high = number * 1.2 + 10 * width
    elif re.search(r"约|左右", told.hedge):
        low, high = low - 0.1 * number, high + 0.1 * number
    return Span(low, high)


def _share(told: Change, base: Span, now: Span) -> bool | None:
    """Whether the change fits; None where it is told in a way that two numbers do not decide."""
    low, high = now.low / base.high, now.high / max(base.low, 1e-9)
    if told.doubled:
        return high >= told.doubled * (0.8 if told.nearly else 0.93)
    said = _stated(told)
    if said is None or told.by is None or told.by.unit == "个百分点":
        return None
    if told.by.unit == "倍":
        if not told.rises:
            return None
        return any(one.low <= high and low <= one.high for one in (said, Span(said.low + 1, said.high + 1)))
    low, high = ((low - 1) * 100, (high - 1) * 100) if told.rises else ((1 - high) * 100, (1 - low) * 100)
    return said.low <= high and low <= said.high


def _points(told: Change, base: Span, now: Span) -> bool | None:
    """Of two shares: points of a hundred; 提高16% of 61% to 77% names the points as a share."""
    said = _stated(told)
    if said is None or told.by is None or told.by.unit == "倍":
        return None
    low, high = (now.low - base.high, now.high - base.low) if told.rises else (base.low - now.high, base.high - now.low)
    if told.by.unit == "个百分点":
        return said.low <= high + 0.05 and low - 0.05 <= said.high
    share = Span(100 * low / base.high, 100 * high / max(base.low, 1e-9))
    return said.low <= share.high and share.low <= said.high


def _way(base: Span, now: Span) -> str:
    return "增加" if now.middle > base.middle else "减少"
