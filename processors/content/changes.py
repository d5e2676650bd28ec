"""A stated change against its base, in the forms that ``processors.facts.sums`` does not read.

186起，比二季度的131起增加了32%; 421件，同比增长36.1%（去年同期321件）; 翻了一番，由214人次增至386人次; 由2400美元涨到
3150美元，涨幅达到41%.
Each number has the room that its last digit leaves; what 约, 近, 余, 多 stand beside is not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from processors.document import Document
from processors.facts.numerals import NUMBER, value
from processors.facts.parts import UNIT
from processors.late import late

_UP = "增加|增长|上升|提高|提升|上涨|增幅|涨幅|升幅|扩大|延长"
_DOWN = "减少|下降|降低|缩短|缩小|压缩|压减|下跌|回落|降幅|跌幅"
_BY = (
    rf"(?P<word>{_UP}|{_DOWN})(?P<about>[了到达为]{{0,2}}(?:约|近|超过?|逾)?)(?P<x>{NUMBER})(?P<more>[余多])?"
    r"(?P<ux>个百分点|%|倍)(?P<over>以上|左右|多)?"
)
_DOUBLED = r"翻了?(?P<nearly>近|约|超)?(?P<times>[一两])番"
_CHANGE = rf"(?P<change>(?:{_BY}|{_DOUBLED}))"
_CALM = r"[^，。；：（）()\d]"
_A, _B = rf"(?<![\d.])(?P<a>{NUMBER})(?P<ua>%|美元|{UNIT})?", rf"(?<![\d.])(?P<b>{NUMBER})(?P<ub>%|美元|{UNIT})?"
_UNITED = rf"(?<![\d.])(?P<a>{NUMBER})(?P<ua>%|美元|{UNIT})"
_FROM_TO = (
    rf"(?:由|从(?![业事而严此]))(?:\d+[月年])?{_CALM}{{0,10}}{_A}{_CALM}{{0,10}}?(?:到|至|为)了?"
    rf"(?:\d+[月年])?{_CALM}{{0,4}}?{_B}"
)
_FORMS = (
    late(
        rf"{_B}{_CALM}{{0,8}}[，；]?(?:{_CALM}{{0,4}})?(?:同比|环比|较[去上][年期月]|比[去上][年期月])?(?:同期)?{_CHANGE}"
        rf"（(?:去年|上年|前年|上期|上月|上季度|同期)[^）\d]{{0,8}}{_A}）"
    ),
    late(rf"{_B}{_CALM}{{0,8}}，?(?:比|较|相比){_CALM}{{1,14}}?{_UNITED}{_CALM}{{0,2}}?{_CHANGE}"),
    late(rf"{_CHANGE}[，：（]{_FROM_TO}(?=[，。；）])"),
    late(rf"{_FROM_TO}{_CALM}{{0,4}}，(?:共|累计|总体|平均|合计)?{_CHANGE}"),
)
_ASKS = late(r"比|较|由|从|期|年")
_HINT = late(rf"(?:{_UP}|{_DOWN}|番)")
_LOOSE = late(r"约|近|余|多|超|逾|左右|以上")


_REAL = late(r"年均|可比|生产总值|增加值|GDP|不变价|扣除")
"""Growth a year, or in other prices than those beside it: two numbers do not give it."""


class Slip(NamedTuple):
    """A change that its base contradicts: a span of ``norm`` and what it should be."""

    start: int
    end: int
    why: str


class _Span(NamedTuple):
    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


def find(document: Document) -> Iterator[Slip]:
    """Stated changes that cannot be right, at most one of a sentence."""
    text = document.norm
    for start, end in document.sentences():
        sentence = text[start:end]
        if ("%" in sentence or "百分点" in sentence or "倍" in sentence or "番" in sentence) and _HINT.search(sentence):
            slip = _sentence(sentence) if _ASKS.search(sentence) else None
            if slip is not None:
                yield Slip(start + slip.start, start + slip.end, slip.why)


def _sentence(sentence: str) -> Slip | None:
    for form in _FORMS:
        for match in form.finditer(sentence):
            slip = _weigh(sentence, match)
            if slip is not None:
                return slip
    return None


def _weigh(sentence: str, match: re.Match[str]) -> Slip | None:
    unit = match["ub"] or match["ua"]
    if (match["ua"] or unit) != unit or unit is None or (match["ub"] is None and match["ua"] == "%"):
        return None
    if _REAL.search(sentence, max(match.start() - 24, 0), match.end() + 8):
        return None
    base, now = _span(sentence, match, "a"), _span(sentence, match, "b")
    if base is None or now is None or base.low <= 0:
        return None
    if unit == "%":
        right = _points(match, base, now)
        real = f"{_way(base, now)}{abs(now.middle - base.middle):.1f}个百分点"
    else:
        right = _share(match, base, now)
        real = f"{_way(base, now)}{abs(now.middle / base.middle - 1) * 100:.1f}%"
    if right is not False:
        return None
    start, end = match.span("change")
    return Slip(start, end, f"由{_plain(match, 'a')}到{_plain(match, 'b')}，应为{real}")


def _span(sentence: str, match: re.Match[str], name: str) -> _Span | None:
    """The number with the room of its last digit; None where it is vague."""
    start, end = match.span(name)
    around = (
        sentence[max(start - 2, 0) : start]
        + sentence[end : match.end("u" + name) + 1 if match["u" + name] else end + 1]
    )
    number = value(match[name])
    if number is None or _LOOSE.search(around) or sentence[start - 1 : start] in ("第", "."):
        return None
    raw, unit = match[name], match["u" + name] or ""
    if not raw[0].isdigit():
        return _Span(number, number)
    places = len(raw.partition(".")[2].rstrip("百千万亿"))
    scale = (value("1" + raw.lstrip("0123456789.,")) if raw[-1] in "百千万亿" else 1.0) or 1.0
    rounded = places > 0 or raw[-1] in "万亿" or unit[:1] in "万亿%"
    room = 0.5 * scale * 10.0**-places if rounded else 0.0
    return _Span(number - room, number + room)


def _stated(match: re.Match[str]) -> _Span | None:
    raw, number = match["x"], value(match["x"])
    if number is None:
        return None
    room = 1.02 * 10.0 ** -len(raw.partition(".")[2]) if raw[0].isdigit() else 0.5
    low, high = number - room, number + room
    about = (match["about"] or "") + (match["more"] or "") + (match["over"] or "")
    if "近" in about:
        low = number * 0.85 - room
    elif re.search(r"超|逾|余|多|以上", about):
        high = number * 1.2 + 10 * room
    elif re.search(r"约|左右", about):
        low, high = low - 0.1 * number, high + 0.1 * number
    return _Span(low, high)


def _share(match: re.Match[str], base: _Span, now: _Span) -> bool | None:
    """Whether the change fits; None where it is told in a way that two numbers do not decide."""
    low, high = now.low / base.high, now.high / max(base.low, 1e-9)
    if match["times"]:
        goal = 2.0 if match["times"] == "一" else 4.0
        loose = 0.8 if match["nearly"] else 0.93
        return high >= goal * loose
    said = _stated(match)
    if said is None or match["ux"] == "个百分点":
        return None
    if match["ux"] == "倍":
        if match["word"] not in _UP.split("|"):
            return None
        return any(one.low <= high and low <= one.high for one in (said, _Span(said.low + 1, said.high + 1)))
    if match["word"] in _UP.split("|"):
        low, high = (low - 1) * 100, (high - 1) * 100
    else:
        low, high = (1 - high) * 100, (1 - low) * 100
    return said.low <= high and low <= said.high


def _points(match: re.Match[str], base: _Span, now: _Span) -> bool | None:
    """Of two shares: points of a hundred; 提高16% of 61% to 77% names the points as a share."""
    said = None if match["times"] else _stated(match)
    if said is None or match["ux"] == "倍":
        return None
    up = match["word"] in _UP.split("|")
    low, high = (now.low - base.high, now.high - base.low) if up else (base.low - now.high, base.high - now.low)
    if match["ux"] == "个百分点":
        return said.low <= high + 0.05 and low - 0.05 <= said.high
    share = _Span(100 * low / base.high, 100 * high / max(base.low, 1e-9))
    return said.low <= share.high and share.low <= said.high


def _way(base: _Span, now: _Span) -> str:
    return "增加" if now.middle > base.middle else "减少"


def _plain(match: re.Match[str], name: str) -> str:
    return match[name] + (match["u" + name] or "")
