"""Roads, parks, schools and estates that a post names where it is written of elsewhere: no table lists them.

Read only where the place is known to be elsewhere, so that no name of the district's own is guessed at.
"""

from __future__ import annotations

import re

from processors.late import late
from processors.place_table import Named

_BEGINS = r"(?:^|(?<=[\n，。：:；！？“”（）() 　在到从和与沿过住晚天午晨是市县区镇]))"
_NAME = r"(?:(?![的了在有和与及被是为到从往发某两几各个该这那我你他她它们但把给让请])[一-龥])"
_NO_NAME = (
    r"(?![一两几多全附门旁路下上大小老家学农网公马铁道山水前后今昨明坐去回整每沿]|"
    r"[早中晚下上][午上]|什么|怎么|真是|好多|很多|不少|尤其|周围|一个|高档|老旧)"
)
_ENDS = r"(?=[、，。,！!？?与和到交口路段上下高门一某那这的东西南北中昨今\s]|$)"
_ROAD = late(
    rf"{_BEGINS}{_NO_NAME}(?P<n>{_NAME}{{2,4}}(?:大道|大街|(?<![一条马公铁线半支小土水修迷堵])路))(?!过|况|人|边摊){_ENDS}"
)
_NEXT = late(rf"(?P<n>{_NAME}{{2}}(?:大道|大街|路))(?=路口|口|交)")
_PARK = late(rf"{_BEGINS}{_NO_NAME}(?P<n>{_NAME}{{2,4}}(?:文化|湿地|森林)?公园)")
_SCHOOL = late(
    r"(?:^|(?<=[\n。！？“]))(?P<n>(?!我们|咱|他们|你们|今天|昨天|昨晚|孩子|附近|隔壁)[一-龥]{2,4}"
    r"(?:第?[一二三四五六七八九十]{0,2})(?:实验)?(?:中学|小学|职业技术学校|职业学校|幼儿园|技校))(?=[，。昨今的那食门])"
)
_HOUSES = late(rf"{_BEGINS}{_NO_NAME}(?P<n>{_NAME}{{2,6}}(?:花园|花苑|家园|嘉园|名苑|公寓|大厦))")
_BEHIND = late(rf"(?P<n>{_NAME}{{2,4}}(?:花园|花苑|家园|嘉园|名苑|大厦|公寓))")
_BY_SIGN = (
    (("路", "大道", "大街"), _ROAD),
    (("公园",), _PARK),
    (("学", "幼儿园", "技校"), _SCHOOL),
    (("园", "苑", "公寓", "大厦"), _HOUSES),
)


def with_spoken(text: str, named: list[Named]) -> list[Named]:
    """Adds what the post names by its sign."""
    more: list[Named] = []
    for signs, pattern in _BY_SIGN:
        if not any(sign in text for sign in signs):
            continue
        for match in pattern.finditer(text):
            if _add(match, named, more) and pattern is _ROAD and (after := _NEXT.match(text, match.end("n"))):
                _add(after, named, more)
    for place in named:
        if place.inside is False and (adjoining := _BEHIND.match(text, place.end)):
            _add(adjoining, named, more)
    return sorted([*named, *more], key=lambda place: place.start) if more else named


def _add(match: re.Match[str], named: list[Named], more: list[Named]) -> bool:
    start, end = match.span("n")
    if any(place.start < end and start < place.end for place in (*named, *more)):
        return False
    more.append(Named(start, end, match["n"], None, "", "street"))
    return True
