"""One measure told twice in a short text with two values: 工业增加值增长8.4%, and further on 工业增加值增长3.7%."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processors.content.changes import Slip
from processors.document import Document
from processors.late import late

LONGEST = 2000
"""Characters of a text in which the same words mean the same measure; a yearly report tells of many years."""
_MEASURES = ("增加值", "总额", "投资", "收入", "总值", "进出口", "余额", "用电量", "产值", "利润", "税收")
_TOLD = late(
    r"(?:(?<=^)|(?<=[，。；、\n]))(?:全[区市县省]|我[区市县])?(?P<label>(?!实现|完成|扣除|比)[一-龥]{3,14}?(?:"
    + "|".join(_MEASURES)
    + r"))(?P<amount>(?:实现|完成|为|达到?|达)?\d[\d.]*[亿万]?[元吨]，)?(?:实际|同比)?"
    r"(?P<value>(?:增长|下降|上升)\d+(?:\.\d+)?%)"
)
_OTHERWISE = late(
    r"目标|预期|预计|计划|力争|左右|以上|分别|其中|年均|[一二三四五六七八九十\d]月|[去上前明今]年|\d{4}年|全国|全省|全市|[上下]半年|比上"
)
"""Goals, other periods and other areas have values of their own."""


def find(document: Document) -> Iterator[Slip]:
    """The first telling of each measure that is told again otherwise."""
    text = document.norm
    if len(text) > LONGEST or text.count("%") < 2 or not any(text.count(word) > 1 for word in _MEASURES):
        return
    first: dict[str, tuple[re.Match[str], str]] = {}
    for match in _TOLD.finditer(text):
        begin, _ = document.sentence_at(match.start())
        told = first.setdefault(match["label"], (match, text[begin : match.end()]))
        both = told[0]["amount"] and match["amount"]  # two amounts are two things
        if told[0]["value"] == match["value"] or both or _OTHERWISE.search(told[1] + text[begin : match.end()]):
            continue
        yield Slip(told[0].start("label"), told[0].end(), f"下文又写“{match[0]}”")
