"""A number with its unit as a text writes it: what counts as a unit, which words make it vague, how exact it is.

Every check of sums reads quantities here; what disagrees with what is for the check to say.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from processors.facts.numerals import value
from processors.late import late

UNIT = (
    r"[万亿]?(?:公里|平方米|公斤|千瓦时|人次|批次|万斤|公顷|万元|亿元|学时|"
    r"[元亩吨斤人名户家件起次个例条处栋辆台宗项间只头批场所套份种门座支期本张位米车袋棵株面盏块箱桶单票笔枚杯碗列艘架口扇幅]|吨位)"
)
"""A unit. Those of one character stand in one set: seventy branches would be tried behind every number."""
WIDE_UNIT = rf"(?:[台架车户]次|{UNIT}|[篇组卷根间趟册孔团堆顶双份])"
"""A unit of lists, in which rarer things are counted."""
COUNT = r"\d{1,9}(?:\.\d{1,4})?"
"""A number as one writes it: 2024.5.6 and 3.1.2 are none."""
ROUND = "约|近|余|多|超|逾|左右|以上"
"""Words that make a number none to measure by, as branches of a regular expression."""
_ROUND = late(ROUND)
_COUNTED = late(rf"(?<![\d.])(?P<n>{COUNT})(?P<u>{WIDE_UNIT})")


class Span(NamedTuple):
    """Between which values a number lies."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


class Quantity(NamedTuple):
    """A number and its unit where they stand in a sentence; ``unit`` is empty where none is written.

    ``end`` is behind the number, ``close`` behind the unit."""

    raw: str
    unit: str
    start: int
    end: int
    close: int

    @property
    def number(self) -> float | None:
        """The value; None where it is vague."""
        return value(self.raw)

    @property
    def told(self) -> str:
        """Number and unit as written."""
        return self.raw + self.unit


def quantity(match: re.Match[str], number: str, unit: str) -> Quantity:
    """What two groups of a match tell."""
    start, end = match.span(number)
    return Quantity(match[number], match[unit] or "", start, end, match.end(unit) if match[unit] else end)


def counted(sentence: str, start: int = 0, end: int | None = None) -> list[Quantity]:
    """All figures with a unit of things within a stretch of a sentence."""
    stop = len(sentence) if end is None else end
    return [quantity(match, "n", "u") for match in _COUNTED.finditer(sentence, start, stop)]


def is_round(text: str) -> bool:
    """Whether a word of ``ROUND`` stands there."""
    return _ROUND.search(text) is not None


def room(sentence: str, told: Quantity) -> Span | None:
    """The number with the room that its last digit leaves; None where it is vague."""
    around = sentence[max(told.start - 2, 0) : told.start] + sentence[told.end : told.close + 1]
    number = told.number
    if number is None or is_round(around) or sentence[told.start - 1 : told.start] in ("第", "."):
        return None
    raw, unit = told.raw, told.unit
    if not raw[0].isdigit():
        return Span(number, number)
    places = len(raw.partition(".")[2].rstrip("百千万亿"))
    scale = (value("1" + raw.lstrip("0123456789.,")) if raw[-1] in "百千万亿" else 1.0) or 1.0
    rounded = places > 0 or raw[-1] in "万亿" or unit[:1] in "万亿%"
    width = 0.5 * scale * 10.0**-places if rounded else 0.0
    return Span(number - width, number + width)
