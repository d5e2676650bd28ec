"""Towns, villages and roads that no table lists, read by their last sign behind or beside a known name."""

from __future__ import annotations

import re

from processors.elsewhere import unlisted
from processors.place_table import Named

TOWN_AFTER = re.compile(
    r"^(?![县州市区旗家])(?P<town>(?![一二三四五六七八九十])(?:(?![两几多各某个])[一-龥]){1,4}?(?<![村乡城集每家])(?:镇|乡|街道|苏木)|"
    r"[一-龥]{1,3}[村家集]镇(?=[一-龥]{2,3}村))"
    r"(?!政府|党委|长|干部|人大|里|上|域|村(?:[^一-龥]|$))"
)
STATE_AFTER = re.compile(
    r"^(?:[东西南北中]+部)?(?P<town>(?![东西南北中]+部)(?:(?![的在发一和与])[一-龥]){2,6}?[省州邦])(?![长府])"
)
VILLAGE_AFTER = re.compile(r"^(?P<village>[一-龥]{2,3}村)(?=[一某的在、，0-9两三有发])")
_TOWN_LATER = re.compile(
    r"(?<=[在于，、。是：到晚日时许分午晨县州])(?P<town>[一-龥]{2,3}(?<![村乡城集小古重老家下返故回同异个各本该我])[镇乡])(?=[一某的发境，。、附有时])"
)
"""A town named apart from its county: 震中在龙头山镇."""
_TOWN_SIGN = re.compile(r"[镇乡](?=[一某的发境，。、附有时])")
"""What every match of _TOWN_LATER has: found much faster."""
_VILLAGE = re.compile(
    r"(?:(?<=[镇乡道，、。于在分时许：\n])|(?<=关于)|(?<=我镇)|^)(?!全|各|本|我|该|行政|自然|每|"
    r"在|从|去|到|多|城中|两|一|[二三四五六七八九十]|农|乡|山|示范|贫困|"
    r"试点)[一-龥]{2}村(?=[一某的在、，0-9]|村民|村委|小组|组|小区|安置|[“发]|口|路口)"
)
_ROAD = re.compile(
    r"(?<=[，在日时分许及])(?![在有到从我该全各本某一两区])[一-龥]{2}(?:路(?<![公铁马道线小半修山网]路)|大道|公园)"
    r"(?=[一某的段口与和、，0-9西东南北])"
)
"""Roads and parks that no table lists: 滨江路一名男童."""
_LINES = frozenset({"road", "road/bridge", "landmark"})
_VILLAGE_END = re.compile(r"村(?=[一某的在、，0-9村小组安“发口路])")
"""What every match of _VILLAGE has: found much faster."""
_SIGNED = {"县": "county", "村": "village"}


def with_unlisted(text: str, named: list[Named]) -> list[Named]:
    """Where no table decides, a county or town by its sign."""
    spans = unlisted(text)
    if spans and (village := VILLAGE_AFTER.match(text[spans[-1][1] : spans[-1][1] + 6])):
        spans.append((spans[-1][1], spans[-1][1] + village.end("village")))
    more = [
        Named(start, end, text[start:end], False, "", _SIGNED.get(text[end - 1], "street"))
        for start, end in spans
        if not any(place.start < end and start < place.end for place in named)
    ]
    return sorted([*named, *more], key=lambda place: place.start) if more else named


def with_villages(text: str, named: list[Named]) -> list[Named]:
    """Villages that no table lists: 河坑村一农户."""
    match = _VILLAGE.search(text) if _VILLAGE_END.search(text) else None
    if match is None and not any(place.kind in _LINES for place in named):
        match = _ROAD.search(text) if "路" in text or "大道" in text or "公园" in text else None
    if match is None or any(place.start < match.end() and match.start() < place.end for place in named):
        return named
    place = Named(match.start(), match.end(), match[0], None, "", "village")
    return sorted([*named, place], key=lambda place: place.start)


def with_towns(text: str, named: list[Named]) -> list[Named]:
    """A town named apart from its county elsewhere."""
    for match in _TOWN_LATER.finditer(text) if _TOWN_SIGN.search(text) else ():
        if not any(place.start < match.end() and match.start() < place.end for place in named):
            return sorted([*named, Named(match.start(), match.end(), match[0], False, "", "street")])
    return named
