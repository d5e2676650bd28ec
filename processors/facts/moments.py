"""Time expressions: 11月20日8时许, 昨晚11点, 上周五, 20日凌晨, 十一月二十日八时二十分, 22:15, “6·29”.

``expressions`` finds them and resolves relative words from the time of publication; ``event_time`` decides which of
them is the onset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from processors.facts.bare_clocks import EVENING, in_that_night, is_clock
from processors.facts.calendar_days import Days, half_of_day, number
from processors.facts.time_atoms import (
    ATOM,
    GLUE,
    GLUE_LENGTH,
    QUICK,
    QUICK_LENGTH,
    RANGE,
    RANGE_STARTS,
    is_date,
    roles,
)
from processors.late import late
from schemas.base import CHINA
from schemas.vocab import Precision

MOST = 12
"""Expressions read at most: an onset stands among the first few."""
_NO_MINUTE = late(r"[6-9]\d分")
"""15时70分: an hour that cannot be read."""
_HABIT = late(r"每(?:个|逢|到|天|日|晚|夜|周|月|年)?(?:天|日|的|早|晚)?(?:\d{1,2}[日号][、和])*$")
"""Before a time: 每周二, 每天早上六点, 每月10日、20日 happen again and again."""
_SENTENCE_MARK = late(r"[。！？；\n]")
_TO_NOW = late(r"^(?:至|到)(?:今|现在|目前)")
EARLY_HOURS = 7
"""Up to this hour 今天五点半, written in the evening, is of the evening: in the morning one says 早上."""


WRITTEN_BEFORE = 5
"""Published before this hour, what 今天 brings later in the day is of the day before."""


class Expression(NamedTuple):
    """A time expression at [start, end) of the text, resolved; ``impossible`` where the date cannot exist."""

    start: int
    end: int
    day: date | None
    hour: int | None = None
    minute: int | None = None
    part: str = ""
    ranged: bool = False
    stated_day: bool = True
    named: bool = False
    vague: bool = False
    impossible: bool = False
    with_colon: bool = False
    point: bool = False

    @property
    def precision(self) -> Precision:
        """As stated: a range of times is a period; a part of the day is the day."""
        if self.ranged:
            return Precision.PERIOD
        if self.hour is None or self.vague:
            return Precision.DAY
        return Precision.HOUR if self.minute is None else Precision.MINUTE

    def moment(self) -> datetime | None:
        """First moment of what is stated, in China's time."""
        if self.day is None:
            return None
        day, hour = self.day, self.hour
        if hour is None or self.vague:
            return datetime(day.year, day.month, day.day, tzinfo=CHINA)
        if hour < 24:
            return datetime(day.year, day.month, day.day, hour, self.minute or 0, tzinfo=CHINA)
        return datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(hours=hour, minutes=self.minute or 0)


def expressions(text: str, published: datetime, limit: int | None = None) -> list[Expression]:
    """Time expressions of a text in order. Relative words and dates without a year count from ``published``."""
    return list(each_expression(text, published, limit))


def may_begin(text: str, first: int, last: int) -> bool:
    """Whether an expression can begin between two places: a look that costs little."""
    quick = QUICK.search(text, max(first - QUICK_LENGTH, 0))
    return quick is not None and quick.start() <= last


def each_expression(text: str, published: datetime, limit: int | None = None) -> Iterator[Expression]:
    """As ``expressions``, read on demand: an onset mostly stands among the first."""
    reader = _Reader(text, published.astimezone(CHINA))
    return reader.read(limit if limit is not None else len(text))


class _Reader:
    def __init__(self, text: str, published: datetime) -> None:
        self._text, self._published = text, published
        self._days = Days(text, published)
        self._part, self._part_end = "", 0
        self._night_of: date | None = None

    def read(self, limit: int) -> Iterator[Expression]:
        count = 0
        group: list[re.Match[str]] = []
        reached = 0
        for quick in QUICK.finditer(self._text, 0, limit):
            if quick.start() < reached:
                continue
            if count >= MOST:
                break
            match = self._atom(quick.start(), quick.end())
            if match is None:
                continue
            reached = match.end()
            if group and self._repeats(match):
                continue
            if group and (not self._joins(group, match)):
                made = self._close(group)
                if made is not None:
                    count += 1
                    yield made
                group = []
            group.append(match)
        made = self._close(group) if group else None
        if made is not None:
            yield made

    def _atom(self, start: int, end: int) -> re.Match[str] | None:
        match = ATOM.match(self._text, start)
        if match is None and end - start > 2 and self._text[start] not in "周星礼大第上下这本当":
            match = ATOM.match(self._text, end - 1) or ATOM.match(self._text, end - 2)
        return match

    def _joins(self, group: list[re.Match[str]], match: re.Match[str]) -> bool:
        last = group[-1]
        gap = self._text[last.end() : match.start()]
        if len(gap) > GLUE_LENGTH or last.lastgroup == "clock":
            return False
        if not GLUE.match(gap) and not (gap in {"）", ")"} and len(group) > 1 and group[-2]["relative"]):
            return False  # 昨日（12月6日）凌晨
        if is_date(match):
            dated = any(is_date(atom) for atom in group)
            return dated and not match["relative"] and bool(last["relative"]) and gap in {"", "（", "("}
        return not (gap and match.lastgroup == last.lastgroup == "part")

    def _close(self, group: list[re.Match[str]]) -> Expression | None:
        made = self._make(group)
        if made is not None:
            if made.part:
                self._part, self._part_end = made.part, made.end
                self._night_of = made.day if made.stated_day else self._night_of
            # 今天取钱，他们说明天来……从早上八点到现在: what is ahead is not the day spoken of
            ahead = self._days.current is not None and self._text[made.start] in "明后"
            if made.day is not None and made.stated_day and not made.named and not ahead:
                self._days.current = made.day
        return made

    def _make(self, group: list[re.Match[str]]) -> Expression | None:
        start, end = group[0].start(), group[-1].end()
        dated, clock, part = roles(group)
        if dated is None and clock is None and not part.startswith(("今早",)):
            return None
        if "每" in self._text and _HABIT.search(self._text, max(start - 12, 0), start):
            return None
        if clock is not None and dated is None and not part and not is_clock(self._text, clock):
            return None
        day, impossible = self._days.day(dated) if dated is not None else (None, False)
        behind = self._text[end : end + 1]
        ranged = (
            (behind in RANGE_STARTS or behind.isspace())
            and bool(RANGE.match(self._text[end : end + 16]))
            and not _TO_NOW.match(self._text[end : end + 4])
        )
        if clock is None:
            return Expression(
                start,
                end,
                day,
                part=part,
                ranged=ranged and dated is not None and not part,
                named=dated is not None and bool(dated["qmonth"]),
                impossible=impossible,
            )
        return self._with_clock(start, end, clock, day, part, ranged, dated, impossible)

    def _repeats(self, match: re.Match[str]) -> bool:
        """3月20日（周五）: the day of the week says nothing new."""
        start, end = match.start(), match.end()
        if match["relative"] and match["relative"][0] in "周星礼" and start and self._text[start - 1] in "日号":
            return True
        if start < 2 or self._text[start - 1] not in "（(" or self._text[end : end + 1] not in {"）", ")"}:
            return False
        return bool(match["relative"]) and self._text[start - 2] in "日号"

    def _with_clock(
        self,
        start: int,
        end: int,
        clock: re.Match[str],
        day: date | None,
        part: str,
        ranged: bool,
        dated: re.Match[str] | None,
        impossible: bool,
    ) -> Expression:
        hour, minute = number(clock["hour"]), None
        if clock["minute"]:
            minute = number(clock["minute"])
        elif clock["half"]:
            minute = 30
        elif clock["quarter"]:
            minute = 15 if clock["quarter"] == "一" else 45
        point = "点" in clock["clock"]
        goes_on = point or (hour < 12 and self._part == "下午")  # 下午3时30分……，4时许
        if not part and goes_on and self._part and not _SENTENCE_MARK.search(self._text[self._part_end : start]):
            part = self._part
        if minute is None and _NO_MINUTE.match(self._text, end):
            return Expression(start, end, day, None, None, part, stated_day=dated is not None, impossible=True)
        if hour > 24 or (hour == 24 and minute) or (minute or 0) > 59:
            return Expression(start, end, day, None, None, part, stated_day=dated is not None, impossible=True)
        hour, day = half_of_day(hour, part, day)
        stated = day is not None
        if (
            point
            and not part
            and 0 < hour <= EARLY_HOURS
            and day == self._days.printed
            and _this_evening(dated, hour, self._published)
        ):
            hour += 12
        if day == self._days.printed and dated is not None and self._not_yet(dated, hour):
            day -= timedelta(days=1)
        if day is None and not impossible:
            day, hour = self._carry(hour, minute or 0, part, point)
        vague = clock["vague"] in {"不到", "差一点"}
        colon = ":" in clock["clock"] or "：" in clock["clock"]
        return Expression(start, end, day, hour, minute, part, ranged, stated, False, vague, impossible, colon, point)

    def _not_yet(self, dated: re.Match[str], hour: int) -> bool:
        """当天早上8时, published at three in the night: written on the day before."""
        word = dated["relative"] or ""
        early = word[:1] == "今" and self._published.hour < WRITTEN_BEFORE
        return (early or (word[:1] in {"当", "同"} and self._days.current is None)) and hour > self._published.hour + 1

    def _carry(self, hour: int, minute: int, part: str, point: bool) -> tuple[date, int]:
        """A clock without a date: the day spoken of, else the last such time before publication."""
        if self._days.current is not None:
            if point and self._part in EVENING and self._night_of == self._days.current:
                return in_that_night(self._days.current, hour, part)
            return self._days.current, hour
        now = self._published
        moment = datetime(now.year, now.month, now.day, tzinfo=CHINA) + timedelta(hours=hour, minutes=minute)
        if point and not part and hour < 12 and moment + timedelta(hours=12) <= now:
            return self._days.printed, hour + 12
        if moment > now and moment - now > timedelta(hours=1):
            if point and not part and hour < 12:
                return self._days.printed - timedelta(days=1), hour + 12
            return self._days.printed - timedelta(days=1), hour
        return self._days.printed, hour


def _this_evening(dated: re.Match[str] | None, hour: int, published: datetime) -> bool:
    return dated is not None and bool(dated["relative"]) and published.hour >= hour + 12
