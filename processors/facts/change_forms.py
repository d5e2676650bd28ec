"""How a text tells a change: what it was, what it is, and by how much. The one place that reads these forms.

``processors.facts.sums`` weighs the changes of ``plain`` as they stand, ``processors.content.changes`` those of
``measured`` with the room of their digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from processors.facts.numerals import CHINESE_DIGITS, NUMBER
from processors.facts.quantities import UNIT, Quantity, quantity
from processors.late import late

_UP = "增加|增长|上升|提高|提升|上涨|增幅|涨幅|升幅|扩大|延长"
_DOWN = "减少|下降|降低|缩短|缩小|压缩|压减|下跌|回落|降幅|跌幅"
_RISES = frozenset(_UP.split("|"))
_TIMES = {"一": 2.0, "两": 4.0}
_BY = (
    rf"(?P<word>{_UP}|{_DOWN})(?P<about>[了到达为]{{0,2}}(?:约|近|超过?|逾)?)(?P<x>{NUMBER})(?P<more>[余多])?"
    r"(?P<ux>个百分点|%|倍)(?P<over>以上|左右|多)?"
)
_DOUBLED = r"翻了?(?P<nearly>近|约|超)?(?P<times>[一两])番"
_STATED = rf"(?P<change>(?:{_BY}|{_DOUBLED}))"
_PLAIN = r"[^，。；：（）()\d]"
_A, _B = rf"(?<![\d.])(?P<a>{NUMBER})(?P<ua>%|美元|{UNIT})?", rf"(?<![\d.])(?P<b>{NUMBER})(?P<ub>%|美元|{UNIT})?"
_UNITED = rf"(?<![\d.])(?P<a>{NUMBER})(?P<ua>%|美元|{UNIT})"
_MOVES = (
    rf"(?:由|从(?![业事而严此]))(?:\d+[月年])?{_PLAIN}{{0,10}}{_A}{_PLAIN}{{0,10}}?(?:到|至|为)了?"
    rf"(?:\d+[月年])?{_PLAIN}{{0,4}}?{_B}"
)
_MEASURED = (
    late(
        rf"{_B}{_PLAIN}{{0,8}}[，；]?(?:{_PLAIN}{{0,4}})?(?:同比|环比|较[去上][年期月]|比[去上][年期月])?(?:同期)?{_STATED}"
        rf"（(?:去年|上年|前年|上期|上月|上季度|同期)[^）\d]{{0,8}}{_A}）"
    ),
    late(rf"{_B}{_PLAIN}{{0,8}}，?(?:比|较|相比){_PLAIN}{{1,14}}?{_UNITED}{_PLAIN}{{0,2}}?{_STATED}"),
    late(rf"{_STATED}[，：（]{_MOVES}(?=[，。；）])"),
    late(rf"{_MOVES}{_PLAIN}{{0,4}}，(?:共|累计|总体|平均|合计)?{_STATED}"),
)
_ASKS = late(r"比|较|由|从|期|年")
_HINT = late(rf"(?:{_UP}|{_DOWN}|番)")

_CALM = r"[^，。；\d一二两三四五六七八九十百千]"
_FROM_TO = late(
    rf"(?:由|从){_CALM}{{0,10}}(?P<a>{NUMBER})(?P<ua>%|"
    rf"{UNIT})?(?:左右)?(?:{_CALM}{{0,8}}?(?:[增升降减提涨缩扩压跌延]{_CALM}{{0,4}})?(?:到|"
    rf"至|为))(?:了)?"
    rf"{_CALM}{{0,8}}(?P<b>{NUMBER})(?P<ub>%|"
    rf"{UNIT})?[^，。；\d]{{0,6}}?[，,](?:共|累计|同比|增幅|降幅|涨幅|总体|平均|环比)?"
    rf"(?P<change>(?P<word>增加|增长|上升|提高|提升|减少|下降|降低|缩短|压缩|压减|下跌|回落|上涨|"
    rf"增幅|降幅|涨幅|降|升|增|减|缩减|延长|扩大)[了达为近约]*(?P<x>{NUMBER})(?P<ux>个百分点|%|倍|"
    rf"成|{UNIT})?)"
)
_CHANGED = late(r"(?:由|从)[^，。；]{0,14}[\d一二三四五六七八九十百千]")
_LAST = r"(?:去年|上年|前年|前期|同期|上月|上期|往年|前一[年日天月周]|昨日|前日|上周)"
_DIFFERS = (
    r"(?P<change>(?:同比|环比)?(?P<word>增加|增长|上升|提高|减少|下降|降低|上涨|下跌|降|升)[了达为近约]*"
    rf"(?P<x>{NUMBER})(?P<ux>%|{UNIT}))"
)
_AGAINST = (
    late(
        rf"(?P<b>{NUMBER})(?P<ub>{UNIT})[^，。；\d]{{0,6}}，?(?:较|比|同比){_LAST}{_CALM}{{0,8}}(?P<a>{NUMBER})(?P<ua>{UNIT}){_CALM}{{0,4}}?{_DIFFERS}"
    ),
    late(
        rf"(?P<b>{NUMBER})(?P<ub>{UNIT}){_CALM}{{0,4}}[，（]{_LAST}{_CALM}{{0,6}}(?P<a>{NUMBER})(?P<ua>{UNIT}){_CALM}{{0,3}}[，）]，?{_DIFFERS}"
    ),
    late(
        rf"(?:去年|上年|上月|上期)(?:同期)?{_CALM}{{0,8}}(?P<a>{NUMBER})(?P<ua>{UNIT}){_CALM}{{0,3}}，"
        rf"(?:今年|本年|本月|本期){_CALM}{{0,8}}(?P<b>{NUMBER})(?P<ub>{UNIT}){_CALM}{{0,3}}，{_DIFFERS}"
    ),
)
_GROWN = late(
    rf"(?P<b>{NUMBER})(?P<ub>{UNIT}){_CALM}{{0,3}}，(?:同比|环比|较{_LAST}|比{_LAST})(?P<way>增加|减少)[了]?(?P<d>{NUMBER})(?P<ud>{UNIT})"
    rf"，(?P<change>(?:同比|环比)?(?P<word>增长|增幅|上升|下降|降幅)[了达为近约]*(?P<x>{NUMBER})(?P<ux>%))"
)
"""1200件，同比增加300件，增长50%: the base follows from the change."""
_RAISED = late(
    r"(?P<b>\d+)(?P<ub>[起件人户例次宗条处家])[^。；\d]{0,16}[与较比同][^。；，\d]{1,10}?，?(?P<way>增加|上升|多)了?(?P<d>\d+)(?P<ud>(?P=ub))"
    r"[，（(](?P<change>(?:增幅|增长|上升|增长率)[为达了]{0,2}(?P<x>\d+\.\d)(?P<ux>%))"
)
"""Things counted in figures, more of them than at another time, and their share to a tenth."""
_COMPARED = late(r"去年|上年|前年|前期|同期|同比|环比|上月|上期|往年|前一[年日天月周]|上周|昨日|前日")
_GREW = late(r"[增升降减涨跌提压缩扩延]")
_MOVED = late(
    rf"(?:增加|增长|增幅|上升|上涨|提高|减少|下降|下跌|降低|降幅|降|升)[了达为近约]*[\d{CHINESE_DIGITS}十百千万亿廿俩仨]"
)
"""What every match of _AGAINST and _GROWN has."""


class Change(NamedTuple):
    """A change as told: it was ``base``, is ``new``, and is said to differ ``by`` so much (None of 翻一番).

    ``said`` are the words of the change at [start, end) of the sentence, ``first`` and ``last`` bound the whole form.
    Of ``measured`` alone: ``rises``, ``hedge`` (了近…余…以上), ``doubled`` (times the base is reached) and ``nearly``.
    """

    base: Quantity
    new: Quantity
    by: Quantity | None
    said: str
    start: int
    end: int
    first: int
    last: int
    rises: bool
    hedge: str
    doubled: float | None
    nearly: bool

    @property
    def unit(self) -> str | None:
        """The unit of both, told with one of them or with both; empty where none is told, None where they differ."""
        one, other = self.base.unit or self.new.unit, self.new.unit or self.base.unit
        return one if one == other else None


class Growth(NamedTuple):
    """1200件，同比增加300件，增长50%: what it is, by how much it changed, and which share that is said to be."""

    new: Quantity
    more: Quantity
    fell: bool
    by: Quantity
    said: str
    start: int
    end: int


def plain(sentence: str) -> Iterator[Change | Growth]:
    """Changes told from … to …, against the last year or month, or with their difference and their share."""
    if not _GREW.search(sentence):
        return
    if ("由" in sentence or "从" in sentence) and _CHANGED.search(sentence):
        yield from map(_told, _FROM_TO.finditer(sentence))
    if _COMPARED.search(sentence) and _MOVED.search(sentence):
        for form in _AGAINST:
            yield from map(_told, form.finditer(sentence))
        if "%" in sentence:
            yield from map(_grown, _GROWN.finditer(sentence))


def may_measure(text: str, start: int, end: int) -> bool:
    """Whether ``measured`` can find anything within this stretch: a quick look."""
    return (
        text.find("%", start, end) >= 0
        or text.find("倍", start, end) >= 0
        or text.find("番", start, end) >= 0
        or text.find("百分点", start, end) >= 0
    )


def measured(sentence: str) -> Iterator[Change]:
    """Changes in shares, times or 番 against a base in brackets, behind 比 or between 由 and 到."""
    if _HINT.search(sentence) and _ASKS.search(sentence):
        for form in _MEASURED:
            yield from map(_told, form.finditer(sentence))


def raised(text: str) -> Iterator[Growth]:
    """46起，与上月相比增加8起，增幅21.1%: across the sentences of a text."""
    if "%" in text and ("增幅" in text or "增长" in text or "上升" in text):
        yield from map(_grown, _RAISED.finditer(text))


def _grown(match: re.Match[str]) -> Growth:
    new, more, by = quantity(match, "b", "ub"), quantity(match, "d", "ud"), quantity(match, "x", "ux")
    return Growth(new, more, match["way"] == "减少", by, match["change"], *match.span("change"))


def _told(match: re.Match[str]) -> Change:
    groups: dict[str, Any] = match.groupdict()
    times = groups.get("times")
    return Change(
        base=quantity(match, "a", "ua"),
        new=quantity(match, "b", "ub"),
        by=quantity(match, "x", "ux") if groups["x"] else None,
        said=groups["change"],
        start=match.start("change"),
        end=match.end("change"),
        first=match.start(),
        last=match.end(),
        rises=groups["word"] in _RISES,
        hedge="".join(groups.get(name) or "" for name in ("about", "more", "over")),
        doubled=_TIMES[times] if times else None,
        nearly=bool(groups.get("nearly")),
    )
