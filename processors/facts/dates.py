"""Dates and hours that cannot exist: 2月30日, 13月5日, 25时, a wrong weekday, an event after its report."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from processors.document import Document
from processors.facts.numerals import value
from processors.late import late
from schemas.assessment import Finding
from schemas.base import CHINA
from schemas.vocab import Check, Kind

_NUM = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_DATE = late(
    rf"(?:(?P<year>(?:19|20)\d\d)年|(?P<rel>今年|本年|去年|"
    rf"明年))?(?<![\d.个第又])(?P<month>\d{{1,2}}|[一二三四五六七八九]|"
    rf"十[一二三四五六七八九]?)月(?P<day>{_NUM})[日号](?![线楼])"
    r"(?P<weekday>\s?[（(]?(?:星期|周|礼拜)[一二三四五六日天1-7][）)]?)?"
)
_MONTH = late(r"月(?=[\d一二三四五六七八九十])")
_UNITS = frozenset("一二三四五六七八九")
_YEAR_BEFORE = late(r"(?:(?:19|20)\d\d年|今年|本年|去年|明年)$")
_NUMERIC = late(r"(?P<year>20\d\d)[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?![\d])")
_BARE_DAY = late(
    r"(?P<day>3[2-9]|[4-9]\d)(?<![\d.月第零一二三四五六七八九十百路]\d\d)日(?!元|产|用|均|游|龄|"
    r"期|薪|夜|内|间|后|前|以|之|无|不|止|攻|行|活动|倒计时)"
)
_CLOCK = late(
    r"(?P<clock>(?P<hour>\d{1,2})(?:时(?!间|段|速|期|许多)|"
    r"[:：](?=[0-5]?\d(?!\d)))(?:(?P<minute>\d{1,2})分?)?)|"
    r"(?P<point>(?P<hour2>\d{1,2})点(?:(?P<minute2>\d{2})分?)?)(?![\d%个条名项的])"
)
_SUSPECT = re.compile(  # begins with its characters: the search skips to them
    r"[时点:：日期拜/-](?:(?P<clock>(?<=2[4-9][时点:：])|(?<=[3-9]\d[时点:：])|(?<=\d[时点:：])[6-9]\d)|(?P<day>(?<=[3-9]\d日))|"
    r"(?P<week>(?<=[期拜])[089])|(?P<iso>(?<=20\d\d[-/])\d))"
)
_WRONG_CLOCK = late(r"(?:2[4-9]|[3-9]\d)(?=[时点:：])|[012]?\d(?=[时点:：][6-9]\d)")
_WEEK = late(r"(?:星期|礼拜)(?P<n>[089])(?!\d|天)")
_CONTEXT = late(r"(?:\d[日号]|[日号天晚早午晨夜时]|凌晨|上午|下午|许|[，。、：（(]|^|于|自|从|至|到|在|约)\s?$")
_BEFORE_CLOCK = late(r"(?:[日号天晚早晨夜]|凌晨|上午|下午|中午|傍晚|于|自|从|至|到|在|约|截[至止])\s?$")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEKDAYS |= {str(n + 1): n for n in range(7)}
_WEEKDAY_NAMES = "一二三四五六日"
_HAPPENED = late(
    r"^[^。；！？]{0,30}?(?:(?:慰问|走访|召开|开展|举行|举办|检查|组织|看望|查处|培训|完成|清理|发放)了|发生|起火|造成|致[\d一二两三]|突发|爆炸|坍塌|相撞|接报|接到(?:报警|"
    r"报告|群众)|死亡|受伤|被困|泄漏|落水|坠)"
)
_PLANNED = late(
    r"预计|计划|将|拟|定于|届时|力争|明[天日晚]|后天|下周|为止|前|预报|预警|起实施|起执行|演练|"
    r"模拟|截止|报名|有效|如果|一旦|防止|预告"
)
_SLACK = timedelta(days=0)


def check(document: Document) -> Iterator[Finding]:
    """Findings with the doubtful date or hour itself as span."""
    text = document.norm
    published = document.item.published_at.astimezone(CHINA).date()
    if "月" in text:
        for written in _MONTH.finditer(text):
            month = _month_start(text, written.start())
            whole = _DATE.match(text, _from_year(text, month)) if month is not None else None
            finding = _date(document, whole, published) if whole is not None and _odd(whole, published) else None
            if finding is not None:
                yield finding
    for doubt in _SUSPECT.finditer(text):
        yield from _doubtful(document, text, doubt)


def _odd(match: re.Match[str], published: date) -> bool:
    """Whether a date needs a look: most are plain days of this year that have passed."""
    year, relative, month, day, weekday = match.group("year", "rel", "month", "day", "weekday")
    if year or relative or weekday or not (month.isdecimal() and day.isdecimal()):
        return True
    return (
        int(day) > 28
        or not (0 < int(month) <= published.month)
        or (int(month) == published.month and int(day) > published.day)
    )


def _month_start(text: str, end: int) -> int | None:
    """Where the number begins that ends at ``end``: 12, 十二, 二; None where there is none."""
    last = text[end - 1 : end]
    if last.isdecimal():
        return end - 2 if text[end - 2 : end - 1].isdecimal() else end - 1
    if last in _UNITS:
        return end - 2 if text[end - 2 : end - 1] == "十" else end - 1
    return end - 1 if last == "十" else None


def _from_year(text: str, start: int) -> int:
    """Where the date begins whose month stands at ``start``: 2026年2月 begins at the year."""
    year = _YEAR_BEFORE.search(text, max(start - 5, 0), start)
    return year.start() if year else start


def _doubtful(document: Document, text: str, doubt: re.Match[str]) -> Iterator[Finding]:
    """What stands around a sign (时, 日, :, -) in front of or behind which no possible number stands."""
    sign = doubt.start()
    match doubt.lastgroup:
        case "iso":
            written = _NUMERIC.match(text, sign - 4)
            if written is not None:
                year, month, day = int(written["year"]), int(written["month"]), int(written["day"])
                if not _exists(year, month, day):
                    yield _finding(document, written.start(), written.end(), _why(year, month, day))
        case "day":
            written = _BARE_DAY.match(text, sign - 2)
            if written is not None and _CONTEXT.search(text[max(sign - 6, 0) : sign - 2]) and written[0][0] != "4":
                yield _finding(document, written.start(), written.end(), f"一个月没有{written['day']}日")
        case "week":
            written = _WEEK.match(text, sign - 1)
            if written is not None:
                yield _finding(document, written.start(), written.end(), "没有这样的星期，应写星期一至星期日")
        case _:
            wrong = _WRONG_CLOCK.match(text, max(sign - 2, 0)) or _WRONG_CLOCK.match(text, sign - 1)
            clock = _CLOCK.match(text, wrong.start()) if wrong else None
            if clock is not None:
                yield from _clock(document, clock, text)


def _clock(document: Document, match: re.Match[str], text: str) -> Iterator[Finding]:
    hour = int(match["hour"] or match["hour2"])
    minute = int(match["minute"] or match["minute2"] or 0)
    if (hour <= 23 and minute <= 59) or (hour == 24 and minute == 0):
        return
    before = text[max(match.start() - 4, 0) : match.start()]
    if (
        before[-1:].isdigit()
        or before.endswith((".", "第", ":", "："))
        or not (
            _BEFORE_CLOCK.search(before)
            or (match[0].endswith("分") and "时" in match[0] and before[-1:] in "，。；、（\n")
        )
    ):
        return
    if hour > 24 and hour >= 60 and ":" in match[0]:
        return
    start = match.start()
    dated = re.search(
        r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号](?:凌晨|上午|下午|晚上?|夜里?|中午)?\s?$", text[max(start - 16, 0) : start]
    )
    if dated and hour > 24:
        start -= len(dated[0])
    if hour > 24 or (hour == 24 and minute):
        yield _finding(
            document, start, match.end(), f"一天只有24小时，没有{hour}时" + (f"{minute}分" if hour == 24 else "")
        )
    else:
        yield _finding(document, match.start(), match.end(), f"一小时只有60分钟，没有{minute}分")


def _date(document: Document, match: re.Match[str], published: date) -> Finding | None:
    month, day = int(value(match["month"]) or 0), int(value(match["day"]) or 0)
    year = int(match["year"]) if match["year"] else published.year + {"去年": -1, "明年": 1}.get(match["rel"] or "", 0)
    start, end = match.start("month"), match.end("day") + 1
    if not _exists(year, month, day):
        if month == 2 and day == 29 and not match["year"] and _exists(published.year - 1, 2, 29):
            return None
        return _finding(document, start, end, _why(year, month, day))
    stated = date(year, month, day)
    if match["weekday"]:
        return _weekday(document, match, stated)
    if not match["rel"] and stated > published + _SLACK and (match["year"] or stated - published < timedelta(days=150)):
        return _too_late(document, match, start, end, stated, published)
    return None


def _too_late(
    document: Document, match: re.Match[str], start: int, end: int, stated: date, published: date
) -> Finding | None:
    text = document.norm
    first, last = document.sentence_at(match.start())
    if _PLANNED.search(text[max(first, match.start() - 30) : min(last, match.end() + 30)]):
        return None
    if not _HAPPENED.match(text[match.end() : last]) or document.item.kind is Kind.ZERO:
        return None
    return _finding(
        document, start, end, f"所写{stated.month}月{stated.day}日晚于发稿日期{published.month}月{published.day}日"
    )


def _weekday(document: Document, match: re.Match[str], stated: date) -> Finding | None:
    named = match["weekday"].strip(" （）()")[-1]
    if _WEEKDAYS[named] == stated.weekday():
        return None
    right = _WEEKDAY_NAMES[stated.weekday()]
    if not match["year"] and not match["rel"]:
        other = stated.replace(day=stated.day)
        years = [
            candidate for candidate in (other.year - 1, other.year + 1) if _exists(candidate, stated.month, stated.day)
        ]
        published = document.item.published_at.astimezone(CHINA).date()
        near = [y for y in years if abs((date(y, stated.month, stated.day) - published).days) < 60]
        if any(date(y, stated.month, stated.day).weekday() == _WEEKDAYS[named] for y in near):
            return None
    start = (
        match.start("weekday")
        + match["weekday"].index(named)
        - (2 if "星期" in match["weekday"] or "礼拜" in match["weekday"] else 1)
    )
    end = match.start("weekday") + match["weekday"].index(named) + 1
    word = document.full[start : end - 1]
    return _finding(
        document, start, end, f"{stated.year}年{stated.month}月{stated.day}日是星期{right}", f"{word}{right}"
    )


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _why(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return f"没有{month}月"
    return f"{year}年{month}月只有{monthrange(year, month)[1]}天，没有{month}月{day}日"


def _finding(document: Document, start: int, end: int, message: str, suggestion: str | None = None) -> Finding:
    field, first, last = document.locate(start, end)
    return Finding(
        check=Check.IMPOSSIBLE_DATE,
        field=field,
        start=first,
        end=last,
        text=document.full[start:end],
        message=message,
        suggestion=suggestion,
        rule="facts.date",
    )
