"""Which day a date means: relative words, days without a month, months without a year; hours of a part of the day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from processors.facts.numerals import value
from processors.late import late

_MORNING = frozenset("凌晨 清晨 拂晓 黎明 大清早 清早 一早 早上 早晨 早间 今早 上午 早 晨".split())
_AFTERNOON = frozenset("午后 下午 傍晚 黄昏 晚上 晚间 当晚 夜晚 晚 入夜".split())
_NIGHT = frozenset("夜里 夜间 深夜 半夜 午夜 子夜 夜".split())
_AHEAD = late(r"将[于在]?$|预计$|定[于在]$|计划$|拟[于在]?$|预计[^，。；]{0,4}将?于$")
_DAYS_AGO = {
    "大前天": 3,
    "前天": 2,
    "前日": 2,
    "前晚": 2,
    "前夜": 2,
    "明天": -1,
    "明日": -1,
    "后天": -2,
    "明早": -1,
    "明晚": -1,
}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}


_DATELINE = late(r"(?<!\d)(\d{1,2})月(\d{1,2})日(?:电|讯)(?=[ 　，。：:（(])")
DATELINE_WITHIN = 90
"""Characters in which a dateline stands, behind the title."""


def _written(text: str, published: date) -> date:
    """本报北京7月12日讯 应急管理部今天通报, printed on the 13th: 今天 is the day of writing."""
    if "日电" not in text and "日讯" not in text:
        return published
    match = _DATELINE.search(text, 0, DATELINE_WITHIN)
    eve = published - timedelta(days=1)
    return eve if match and (int(match[1]), int(match[2])) == (eve.month, eve.day) else published


class Days:
    """Days of one text: ``current`` is the day spoken of last, ``printed`` that of publication."""

    def __init__(self, text: str, published: datetime) -> None:
        self._text, self._hour = text, published.hour
        self.printed = _written(text, published.date())
        self.current: date | None = None

    def day(self, atom: re.Match[str]) -> tuple[date | None, bool]:
        """The day of a date, and whether it cannot exist."""
        if atom["relative"]:
            return self._relative(atom["relative"]), False
        if atom["aside"]:
            return self._said(atom[0][0], int(atom["aside"]))
        if atom["iso"]:
            year, month, day = (int(number) for number in re.split(r"[-/.]", atom["iso"]))
            return _date(year, month, day)
        if atom["qmonth"]:
            return self._near(int(atom["qmonth"]), int(atom["qday"]))
        if atom["bare"]:
            return self._bare(number(atom["bare"]), _AHEAD.search(self._text, max(atom.start() - 6, 0), atom.start()))
        if atom["monthday"]:
            first = self.printed.replace(day=1)
            within = first if atom["thismonth"] else first - timedelta(days=1)
            return _date(within.year, within.month, number(atom["monthday"]))
        month, day = number(atom["month"]), number(atom["day"])
        if atom["year"]:
            return _date(int(value(atom["year"]) or 0), month, day)
        if atom["lastyear"]:
            back = {"去年": 1, "前年": 2}.get(atom["lastyear"], 0)
            return _date(self.printed.year - back, month, day)
        return self._near(month, day)

    def _said(self, word: str, day: int) -> tuple[date | None, bool]:
        """今（19）日: the day of the month in brackets, the last one of that number before publication."""
        spoken = self.printed - timedelta(days="今昨前".index(word))
        if spoken.day == day:
            return spoken, False
        self.current = None
        return self._bare(day, None)

    def _near(self, month: int, day: int) -> tuple[date | None, bool]:
        """Without a year: this year's, or last year's where this year's lies far ahead."""
        found, impossible = _date(self.printed.year, month, day)
        if impossible:
            return None, True
        if found is not None and found - self.printed > timedelta(days=180):
            return _date(self.printed.year - 1, month, day)
        if found is not None and self.printed - found > timedelta(days=330):
            ahead, _ = _date(self.printed.year + 1, month, day)
            return ahead or found, False
        return found, False

    def _bare(self, day: int, ahead: re.Match[str] | None) -> tuple[date | None, bool]:
        if not 1 <= day <= 31:
            return None, day > 31
        base = self.current or self.printed
        if self.current is not None:
            found, impossible = _date(base.year, base.month, day)
            if impossible or found is None:
                return None, True
            if found < base and (base - found).days > 20:
                following = (base.replace(day=1) + timedelta(days=32)).replace(day=1)
                return _date(following.year, following.month, day)
            return found, False
        month = base.replace(day=1)
        if ahead and day > base.day:
            return _date(base.year, base.month, day)
        for _ in range(3):
            found, impossible = _date(month.year, month.month, day)
            if found is not None and found <= self.printed:
                return found, False
            month = (month - timedelta(days=1)).replace(day=1)
        return None, False

    def _relative(self, word: str) -> date | None:
        if word in _DAYS_AGO:
            return self.printed - timedelta(days=_DAYS_AGO[word])
        if word.startswith("昨"):
            return self.printed - timedelta(days=1)
        if word.startswith("今"):
            early = word in {"今晚", "今夜"} and self._hour < 5
            return self.printed - timedelta(days=1) if early else self.printed
        if word.startswith(("当", "同")):
            return self.current or self.printed
        if word.startswith("前一"):
            return self.current - timedelta(days=1) if self.current else None
        if word in {"次日", "翌日", "第二天"}:
            return self.current + timedelta(days=1) if self.current else None
        return self._weekday(word)

    def _weekday(self, word: str) -> date | None:
        day = _WEEKDAYS.get(word[-1])
        if day is None:
            return None
        monday = self.printed - timedelta(days=self.printed.weekday())
        if word.startswith("上"):
            return monday - timedelta(days=7 - day)
        if word.startswith("下"):
            return monday + timedelta(days=7 + day)
        found = monday + timedelta(days=day)
        if word.startswith(("本", "这")):
            return found
        return found if found <= self.printed else found - timedelta(days=7)


@lru_cache(maxsize=1024)
def number(text: str) -> int:
    number = value(text.replace("○", "零"))
    return 99 if number is None else int(number)


def _date(year: int, month: int, day: int) -> tuple[date | None, bool]:
    try:
        return date(year, month, day), False
    except ValueError:
        return None, True


@lru_cache(maxsize=2048)
def half_of_day(hour: int, part: str, day: date | None) -> tuple[int, date | None]:
    """下午3点 -> 15; 昨晚12点 -> 24:00 of that day; 中午1点 -> 13; 晚上1点 stays in the small hours."""
    if not part:
        return hour, day
    word = part
    if any(name in word for name in _MORNING) and "晚" not in word:
        return (0 if hour == 12 and "凌晨" in word else hour), day
    if any(name in word for name in ("中午", "正午", "午间")):
        return (hour + 12 if hour <= 3 else hour), day
    if any(name in word for name in _AFTERNOON | _NIGHT):
        if 1 <= hour <= 4 and not any(name in word for name in ("下午", "午后")):
            return hour, day + timedelta(days=1) if day is not None and word not in {"夜里", "半夜", "夜间"} else day
        if hour < 12:
            return (hour + 12 if hour else 24), day
        if hour == 12 and not any(name in word for name in ("下午", "午后")):
            return 24, day
    return hour, day
