"""How a text tells of days in a row and counts them: 11月18日至20日，为期5天. The one place that reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from processors.facts.numerals import value
from processors.late import late

_WITHIN = late(
    r"(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日?(?:至|到|—|-|~)(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2})日[^。；]{0,24}?"
    r"(?P<said>(?:为期|历时|持续|共|连续)(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})天)"
)
_LASTING = ("连续", "持续", "历时", "为期")
_LASTED = late(
    r"(?P<m1>1[0-2]|[1-9])月(?P<d1>[12]\d|3[01]|[1-9])日[^。；\d]{0,6}[至到—～-](?:(?P<m2>1[0-2]|[1-9])月)?(?P<d2>[12]\d|3[01]|[1-9])日"
    r"[^。；\d]{0,24}(?P<said>(?:" + "|".join(_LASTING) + r")[^。；，\d]{0,4}(?P<n>\d{1,3})天)"
)


class DaySpan(NamedTuple):
    """(month, day) of the first and the last, and how many days are said (None: vague) at [start, end).

    ``named`` are the first and the last as written."""

    first: tuple[int, int]
    last: tuple[int, int]
    named: str
    days: float | None
    said: str
    start: int
    end: int


def within(sentence: str) -> Iterator[DaySpan]:
    """Spans whose days are counted right behind them, also as 共3天."""
    yield from map(_span, _WITHIN.finditer(sentence))


def lasted(text: str) -> Iterator[DaySpan]:
    """Spans of days of the calendar for which something lasted."""
    if "天" in text and "日" in text and any(word in text for word in _LASTING):
        yield from map(_span, _LASTED.finditer(text))


def _span(match: re.Match[str]) -> DaySpan:
    first = int(match["m1"]), int(match["d1"])
    last = int(match["m2"] or first[0]), int(match["d2"])
    return DaySpan(
        first, last, f"{match['d1']}日至{match['d2']}日", value(match["n"]), match["said"], *match.span("said")
    )
