"""Counties and towns elsewhere that no table lists, read by their signs: 华县大明镇, 高砂镇端溪村, 沾河林业局.

The tables list all of the district's own towns and streets, so that another name with such a sign lies elsewhere; a
village, a road or a school alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from processors.late import late

_BEGINS = r"(?:^|(?<=[\n，。：:；、！？（）()“” 　在于日时许分午晨晚]))"
_NO_NAME = r"(?![各全本我该某外邻两几多一二三四五六七八九十贫百强到去从由为县和及与乡镇])"
_THERE = r"境内|发生|突发|某|一[家栋座处辆所名户条]"
_COUNTY = late(
    rf"{_BEGINS}{_NO_NAME}(?P<county>[一-龥]{{1,3}}(?<![各全本我该某外邻两几多市区省])县)"
    rf"(?:(?P<town>(?![城级委政公医])[一-龥]{{2,4}}?(?:镇|乡|街道))|(?=[一-龥]{{2,3}}村[一-龥0-9]|{_THERE}))"
)
_TOWN = late(
    rf"{_BEGINS}{_NO_NAME}(?P<town>[一-龥]{{2,3}}(?<![村乡城集小古重老家下返故回同异个各本该我在由到某])(?:镇|乡|(?<=[一-龥]{{2}})街道))"
    rf"(?=(?!政府|党委|干部)[一-龥]{{2,3}}(?:村(?!镇)|社区)|{_THERE})"
)
_FORESTRY = late(r"(?<![一-龥]{3}[省市])(?P<town>[一-龥]{2}林业局)(?=施业区|[一-龥]{2,4}林场)")
_IN_A_TOWN = late(r"(?:[一-龥]{2}(?<![我本该全各在由到某个])(?:镇|乡|街道)|[一-龥](?<![我本该全各在由到某外邻])县)$")
"""In front of a village's name: it lies in a town or county that is none of the district's."""


def in_another(text: str, start: int) -> bool:
    """Whether the name at ``start`` stands right behind a town or county; the caller knows that no table lists it."""
    return text[start - 1 : start] in {"镇", "乡", "道", "县"} and bool(
        _IN_A_TOWN.search(text, max(start - 6, 0), start)
    )


def unlisted(text: str) -> list[tuple[int, int]]:
    """Where the first county and town stand that lie elsewhere by their signs; empty where none does."""
    county = None
    for found in _ending(_COUNTY, text, "县"):
        if found["town"]:
            county = found
            break
        county = county or found
    if county is not None:
        return [county.span(name) for name in ("county", "town") if county[name]]
    for sign in ("镇", "乡", "街道"):
        for found in _ending(_TOWN, text, sign):
            return [found.span("town")]
    for found in _ending(_FORESTRY, text, "林业局"):
        return [found.span("town")]
    return []


LONGEST = 4
"""Characters in front of a sign in which a name can begin."""


def _ending(pattern: re.Pattern[str], text: str, sign: str) -> Iterator[re.Match[str]]:
    """Names that end with ``sign``: tried only in front of one."""
    at = text.find(sign)
    while at >= 0:
        for begin in range(max(at - LONGEST, 0), at):
            match = pattern.match(text, begin)
            if match is not None:
                yield match
                break
        at = text.find(sign, at + 1)
