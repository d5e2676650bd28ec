"""Time expressions: 11月20日8时许, 昨晚11点, 上周五, 20日凌晨, 十一月二十日八时二十分, 22:15, “6·29”.

``expressions`` finds them and resolves relative words from the time of publication; ``event_time`` decides which of
them is the onset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from processors.facts.numerals import value
from schemas.base import CHINA
from schemas.vocab import Precision

_D = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_YEAR = r"(?:(?P<year>(?:19|20)\d{2}|[一二][〇零○一二三四五六七八九]{3})年|(?P<lastyear>去年|今年|本年|前年))?"
_DAY_PART = (
    r"凌晨|清晨|拂晓|黎明|大清早|清早|一早|早上|早晨|早间|今早|上午|中午|正午|午间|午后|下午|傍晚|"
    r"黄昏|晚上|晚间|当晚|夜里|夜间|深夜|半夜|午夜|子夜|入夜|夜晚|早|晚|夜|晨"
)
_MORNING = frozenset("凌晨 清晨 拂晓 黎明 大清早 清早 一早 早上 早晨 早间 今早 上午 早 晨".split())
_AFTERNOON = frozenset("午后 下午 傍晚 黄昏 晚上 晚间 当晚 夜晚 晚 入夜".split())
_NIGHT = frozenset("夜里 夜间 深夜 半夜 午夜 子夜 夜".split())
_RELATIVE = (
    r"大前天|前天|前日|前晚|前夜|前一[天日晚]|昨天|昨日|昨晚|昨夜|昨晨|昨早|昨儿|今天|今日|今早|今晨|今晚|今夜|"
    r"今儿|当天|当日|当晚|当夜|同日|同一天|同晚|次日|翌日|第二天|"
    r"(?<![一每两])(?:下个?|上|本|这|这个|上个)?(?:周|星期|礼拜)[一二三四五六日天末](?!最|都|一般|通常)|明天|明日|后天|明早|明晚"
)
_DATE = (
    rf"{_YEAR}(?P<month>{_D})月(?P<day>{_D}|3[2-9]|[4-9]\d)(?:[日号](?![线楼院店机门])|(?=[-—–~～至到]\d{{1,2}}[日号])|(?=凌晨|"
    rf"清晨|早|上午|中午|下午|傍晚|晚|夜|\d{{1,2}}[:：时点]))"
    rf"|(?P<iso>20\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}})(?!\d)"
    rf"|(?:(?P<thismonth>本月|当月|这个月)|(?P<lastmonth>上个?月))(?P<monthday>{_D})[日号]"
    rf"|(?<![\d.%点月第·一二三四五六七八九十百连近每数逾])(?<!连续)(?<!持续)(?P<bare>{_D}|3[2-9])"
    rf"(?:日(?![线元用均游龄期薪攻]|报(?!道))|号(?=[，,。；：:\s（(早晚那的起至到从开去来就在发因又还午\d]|凌晨|清晨|上午|中午|下午|傍晚|夜|$))"
    rf"|(?:[“\"]|(?<![\d.·]))(?P<qmonth>1[0-2]|[1-9])[·.．•・](?P<qday>3[01]|[12]\d|[1-9])(?:[”\"]|"
    rf"(?=火灾|爆炸|事故|地震|洪|内涝|滑坡|山火|中毒|车祸|案|坍塌|溺|特大|较大|重大))"
    r"|[今昨前](?=[（(])[（(](?P<aside>\d{1,2})(?:日[）)]|[）)](?:日|(?=[凌清早上中下傍晚夜])))"
    rf"|(?P<relative>{_RELATIVE})"
)
_CLOCK = (
    rf"(?P<hour>{_D}|两|零|〇|00|2[4-9]|[3-9]\d)(?:时(?!段|间|速|期|代|尚|装|差|隔|而)|点(?!儿|名|"
    rf"多种|意见|建议|体会|要求|想法|共识|思考|左右为|[零一二三四五六七八九\d]*(?:个|％|%|秒|度|分贝|厘米|毫米|米|公里|"
    rf"万|亿|元|倍|吨))钟?|[:：](?=\d{{2}}(?!\d))|(?<=[\d零〇])(?=[-—–~～至]\d{{1,2}}[时点]))"
    rf"(?:(?P<quarter>[一三])刻|(?P<minute>[0-5]?\d|[一二三四五]?十[一二三四五六七八九]?|"
    rf"[零〇]?[一二三四五六七八九])(?!\d|[小个十几]|点|元|人|名|辆|米|公|户|级|时|日|月|岁|楼|层|栋|"
    rf"[多余](?![分，。 ]))[多余]?分?|(?P<half>半)|(?P<some>[二三四五]?十几分?)|整)?"
    rf"(?P<vague>许|左右|多|前后|来钟|不到|过后?|刚过|差一点)?"
)
_ATOM = re.compile(
    rf"(?:{_DATE})|(?P<part>{_DAY_PART})(?!稻|餐|饭|会|点(?!\d)|市|报|班|高峰|期|熟|婚|育|年|自习|"
    rf"归|宵|景|跑|经济|盘|霜|色|幕|校|练|已|就|在|些|日|操|教|恋|晚)|(?P<clock>{_CLOCK})"
)
_CHINESE = "一二三四五六七八九十廿零〇"
_YEAR_SIGN = r"年(?=[\d一二三四五六七八九十])"
"""A year, its number or a word for it: a date only with a month behind it."""
_POINT = r"\.(?!\d+[%％万亿千百元个米公平吨度倍人分天岁])"
"""2026.11.20 and 6.29火灾, but no 3.5%."""
_QUICK = re.compile(  # every branch begins with a character of its own, so that the search skips to them
    "|".join(
        (
            *(
                rf"{digit}\d{{0,3}}(?=[月日号时点:：/—-]|至\d+[时点日]|·\d|{_YEAR_SIGN}|{_POINT})"
                for digit in "0123456789"
            ),
            *(f"{digit}[{_CHINESE}]{{0,3}}(?=[月日号时点]|{_YEAR_SIGN})" for digit in _CHINESE),
            *(f"{word}[天日早晨晚夜儿]" for word in "同次翌"),
            *(f"{word}(?:[天日早晨晚夜儿]|[（(]\\d{{1,2}}[日）)])" for word in "今昨"),
            "同一天",
            *(word + _YEAR_SIGN for word in "今去前本"),
            *(f"{word}个?(?:周|星期|礼拜|月)" for word in "上这下"),
            "两(?=点)|前[天日晚夜]|前一[天日晚]|前[（(]\\d{1,2}[日）)]|大前天|本[周星月]|当[天日晚夜月]|第二天|周[一二三四五六日天末]|星期[一二三四五六日天]",
            '礼拜[一二三四五六日天]|明[天日早晚]|后天|“\\d{1,2}[·.．•・]|"\\d{1,2}[·.．•・]|凌晨|清[晨早]|拂晓|黎明|大清早|一早|早[上晨间]',
            "上午|中午|正午|午[间后夜]|下午|傍晚|黄昏|晚[上间]?|夜[里间晚]|深夜|半夜|子夜|入夜",
        )
    )
)
_QUICK_LENGTH = 4
"""Characters of the longest number that _QUICK takes: an expression may begin at its end."""
MOST = 12
"""Expressions read at most: an onset stands among the first few."""
_GLUE = re.compile(
    r"^[ 　的，,（(]?$|^(?:大?约|快|将?近|接近|大概)$|^(?:的)?(?:左右)?[，,]?$"
    r"|^[（(]?(?:周|星期|礼拜)[一二三四五六日天][）)]?[，,]?$|^[（(][今昨前][天日][）)]$"
)
_GLUE_LENGTH = 6
"""Characters of the longest glue between two atoms (（星期五）)."""
_RANGE_STARTS = frozenset("许起左至到—–-~～－")
"""With what, or with a space, a range can go on behind its first time."""
_RANGE = re.compile(
    rf"^(?:许|左右|起)?\s?(?:至|到|—|–|-|~|～|－|——)\s?(?:次日|翌日|第二天|当日|当晚|今天|今日|今晨|今早|昨天|昨日)?(?:凌晨|早上|"
    rf"上午|中午|下午|傍晚|晚上|晚)?(?:{_D}月)?{_D}(?:[日号时点]|[:：]\d\d)"
)
_NO_MINUTE = re.compile(r"[6-9]\d分")
"""15时70分: an hour that cannot be read."""
_AHEAD = re.compile(r"将[于在]?$|预计$|定[于在]$|计划$|拟[于在]?$|预计[^，。；]{0,4}将?于$")
_HABIT = re.compile(r"每(?:个|逢|到|天|日|晚|夜|周|月|年)?(?:天|日|的|早|晚)?$")
"""Before a time: 每周二, 每天早上六点 happen again and again."""
_SENTENCE_MARK = re.compile(r"[。！？；\n]")
_TO_NOW = re.compile(r"^(?:至|到)(?:今|现在|目前)")
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
    quick = _QUICK.search(text, max(first - _QUICK_LENGTH, 0))
    return quick is not None and quick.start() <= last


def each_expression(text: str, published: datetime, limit: int | None = None) -> Iterator[Expression]:
    """As ``expressions``, read on demand: an onset mostly stands among the first."""
    reader = _Reader(text, published.astimezone(CHINA))
    return reader.read(limit if limit is not None else len(text))


class _Reader:
    def __init__(self, text: str, published: datetime) -> None:
        self._text, self._published = text, published
        self._today = published.date()
        self._current: date | None = None
        self._part, self._part_end = "", 0

    def read(self, limit: int) -> Iterator[Expression]:
        count = 0
        group: list[re.Match[str]] = []
        reached = 0
        for quick in _QUICK.finditer(self._text, 0, limit):
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
        match = _ATOM.match(self._text, start)
        if match is None and end - start > 2 and self._text[start] not in "周星礼大第上下这本当":
            match = _ATOM.match(self._text, end - 1) or _ATOM.match(self._text, end - 2)
        return match

    def _joins(self, group: list[re.Match[str]], match: re.Match[str]) -> bool:
        last = group[-1]
        gap = self._text[last.end() : match.start()]
        if len(gap) > _GLUE_LENGTH or last.lastgroup == "clock":
            return False
        if not _GLUE.match(gap) and not (gap in {"）", ")"} and len(group) > 1 and group[-2]["relative"]):
            return False  # 昨日（12月6日）凌晨
        if _is_date(match):
            dated = any(_is_date(atom) for atom in group)
            return dated and not match["relative"] and bool(last["relative"]) and gap in {"", "（", "("}
        return not (gap and match.lastgroup == last.lastgroup == "part")

    def _close(self, group: list[re.Match[str]]) -> Expression | None:
        made = self._make(group)
        if made is not None:
            if made.part:
                self._part, self._part_end = made.part, made.end
            if made.day is not None and made.stated_day and not made.named:
                self._current = made.day
        return made

    def _make(self, group: list[re.Match[str]]) -> Expression | None:
        start, end = group[0].start(), group[-1].end()
        dated, clock, part = _roles(group)
        if dated is None and clock is None and not part.startswith(("今早",)):
            return None
        if "每" in self._text and _HABIT.search(self._text, max(start - 3, 0), start):
            return None
        if clock is not None and dated is None and not part and not self._is_clock(clock):
            return None
        day, impossible = self._day(dated) if dated is not None else (None, False)
        behind = self._text[end : end + 1]
        ranged = (
            (behind in _RANGE_STARTS or behind.isspace())
            and bool(_RANGE.match(self._text[end : end + 16]))
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
        hour, minute = _number(clock["hour"]), None
        if clock["minute"]:
            minute = _number(clock["minute"])
        elif clock["half"]:
            minute = 30
        elif clock["quarter"]:
            minute = 15 if clock["quarter"] == "一" else 45
        point = "点" in clock["clock"]
        if not part and point and self._part and not _SENTENCE_MARK.search(self._text[self._part_end : start]):
            part = self._part
        if minute is None and _NO_MINUTE.match(self._text, end):
            return Expression(start, end, day, None, None, part, stated_day=dated is not None, impossible=True)
        if hour > 24 or (hour == 24 and minute) or (minute or 0) > 59:
            return Expression(start, end, day, None, None, part, stated_day=dated is not None, impossible=True)
        hour, day = _half_of_day(hour, part, day)
        stated = day is not None
        if (
            point
            and not part
            and 0 < hour <= EARLY_HOURS
            and day == self._today
            and _this_evening(dated, hour, self._published)
        ):
            hour += 12
        if day == self._today and dated is not None and self._not_yet(dated, hour):
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
        return (early or (word[:1] in {"当", "同"} and self._current is None)) and hour > self._published.hour + 1

    def _is_clock(self, clock: re.Match[str]) -> bool:
        """Whether a bare number with 点, 时 or a colon is a time of day."""
        text, start, end = self._text, clock.start(), clock.end()
        before, after = text[max(start - 2, 0) : start], text[end : end + 2]
        if before[-1:].isdigit() or before[-1:] in {
            ".",
            "第",
            "百",
            "千",
            "万",
            "几",
            "约" if "点" not in clock["clock"] else "#",
        }:
            return False
        if "点" not in clock["clock"]:
            return not before.endswith(("比", "小"))
        exact = (
            clock["minute"]
            or clock["some"]
            or clock["half"]
            or clock["quarter"]
            or clock["vague"]
            or "钟" in clock["clock"]
        )
        if exact or before == "刚才":
            return True
        if clock["hour"] in {"一", "1"}:
            return False  # 手软一点，眼尖一点
        return after[:1] in set("开起来到就，、。；至从前后") or before.endswith(
            ("从", "到", "至", "是", "在", "约", "于")
        )

    def _carry(self, hour: int, minute: int, part: str, point: bool) -> tuple[date, int]:
        """A clock without a date: the day spoken of, else the last such time before publication."""
        if self._current is not None:
            return self._current, hour
        now = self._published
        moment = datetime(now.year, now.month, now.day, tzinfo=CHINA) + timedelta(hours=hour, minutes=minute)
        if point and not part and hour < 12 and moment + timedelta(hours=12) <= now:
            return self._today, hour + 12
        if moment > now and moment - now > timedelta(hours=1):
            if point and not part and hour < 12:
                return self._today - timedelta(days=1), hour + 12
            return self._today - timedelta(days=1), hour
        return self._today, hour

    def _day(self, atom: re.Match[str]) -> tuple[date | None, bool]:
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
            return self._bare(_number(atom["bare"]), _AHEAD.search(self._text, max(atom.start() - 6, 0), atom.start()))
        if atom["monthday"]:
            first = self._today.replace(day=1)
            within = first if atom["thismonth"] else first - timedelta(days=1)
            return _date(within.year, within.month, _number(atom["monthday"]))
        month, day = _number(atom["month"]), _number(atom["day"])
        if atom["year"]:
            return _date(int(value(atom["year"]) or 0), month, day)
        if atom["lastyear"]:
            back = {"去年": 1, "前年": 2}.get(atom["lastyear"], 0)
            return _date(self._today.year - back, month, day)
        return self._near(month, day)

    def _said(self, word: str, day: int) -> tuple[date | None, bool]:
        """今（19）日: the day of the month in brackets, the last one of that number before publication."""
        spoken = self._today - timedelta(days="今昨前".index(word))
        if spoken.day == day:
            return spoken, False
        self._current = None
        return self._bare(day, None)

    def _near(self, month: int, day: int) -> tuple[date | None, bool]:
        """Without a year: this year's, or last year's where this year's lies far ahead."""
        found, impossible = _date(self._today.year, month, day)
        if impossible:
            return None, True
        if found is not None and found - self._today > timedelta(days=180):
            return _date(self._today.year - 1, month, day)
        if found is not None and self._today - found > timedelta(days=330):
            ahead, _ = _date(self._today.year + 1, month, day)
            return ahead or found, False
        return found, False

    def _bare(self, day: int, ahead: re.Match[str] | None) -> tuple[date | None, bool]:
        if not 1 <= day <= 31:
            return None, day > 31
        base = self._current or self._today
        if self._current is not None:
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
            if found is not None and found <= self._today:
                return found, False
            month = (month - timedelta(days=1)).replace(day=1)
        return None, False

    def _relative(self, word: str) -> date | None:
        if word in _DAYS_AGO:
            return self._today - timedelta(days=_DAYS_AGO[word])
        if word.startswith("昨"):
            return self._today - timedelta(days=1)
        if word.startswith("今"):
            early = word in {"今晚", "今夜"} and self._published.hour < 5
            return self._today - timedelta(days=1) if early else self._today
        if word.startswith(("当", "同")):
            return self._current or self._today
        if word.startswith("前一"):
            return self._current - timedelta(days=1) if self._current else None
        if word in {"次日", "翌日", "第二天"}:
            return self._current + timedelta(days=1) if self._current else None
        return self._weekday(word)

    def _weekday(self, word: str) -> date | None:
        day = _WEEKDAYS.get(word[-1])
        if day is None:
            return None
        monday = self._today - timedelta(days=self._today.weekday())
        if word.startswith("上"):
            return monday - timedelta(days=7 - day)
        if word.startswith("下"):
            return monday + timedelta(days=7 + day)
        found = monday + timedelta(days=day)
        if word.startswith(("本", "这")):
            return found
        return found if found <= self._today else found - timedelta(days=7)


EARLY_HOURS = 7
"""Up to this hour 今天五点半, written in the evening, is of the evening: in the morning one says 早上."""


WRITTEN_BEFORE = 5
"""Published before this hour, what 今天 brings later in the day is of the day before."""


def _this_evening(dated: re.Match[str] | None, hour: int, published: datetime) -> bool:
    return dated is not None and bool(dated["relative"]) and published.hour >= hour + 12


def _is_date(atom: re.Match[str]) -> bool:
    return atom.lastgroup not in {"part", "clock"}


def _roles(group: list[re.Match[str]]) -> tuple[re.Match[str] | None, re.Match[str] | None, str]:
    """The last date, the first clock and the part of the day of atoms that belong together."""
    dated: re.Match[str] | None = None
    clock: re.Match[str] | None = None
    whole = ""
    for atom in group:
        kind = atom.lastgroup
        if kind == "part":
            whole += atom["part"]
        elif kind == "clock":
            clock = clock or atom
        else:
            dated = atom
            whole += _part_of(atom["relative"]) if kind == "relative" else ""
    return dated, clock, whole


def _part_of(relative: str) -> str:
    return relative[-1] if relative[-1:] in {"晚", "夜", "晨", "早"} else ""


@lru_cache(maxsize=1024)
def _number(text: str) -> int:
    number = value(text.replace("○", "零"))
    return 99 if number is None else int(number)


def _date(year: int, month: int, day: int) -> tuple[date | None, bool]:
    try:
        return date(year, month, day), False
    except ValueError:
        return None, True


@lru_cache(maxsize=2048)
def _half_of_day(hour: int, part: str, day: date | None) -> tuple[int, date | None]:
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
