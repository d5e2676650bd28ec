"""Towns, villages, roads and motorways that no table lists, read by their last sign behind or beside a known name."""

from __future__ import annotations

from collections.abc import Iterator

from processors.elsewhere import unlisted
from processors.late import late
from processors.place_table import Named

_TOWN_AFTER = late(
    r"^(?![县州市区旗家至到与和及]|部分)(?P<town>(?![一二三四五六七八九十](?:[个多余几处所座些片条家户名位带]|[镇乡]))"
    r"(?:(?![两几多各某个])[一-龥]){1,4}?(?<![村乡城集每家])(?:镇|乡|街道|苏木)|"
    r"[一-龥]{1,3}[村家集]镇(?=[一-龥]{2,3}村))"
    r"(?!政府|党委|长|干部|人大|里|上|域|村(?:[^一-龥]|$))"
)
_STATE_AFTER = late(
    r"^(?:[东西南北中]+部)?(?P<town>(?![东西南北中]+部)(?:(?![的在发一和与])[一-龥]){2,6}?[省州邦])(?![长府])"
)
_VILLAGE_AFTER = late(r"^(?P<village>[一-龥]{2,3}村)(?=[一某的在、，0-9两三有发])")
_NAME = r"(?:(?![的在有和与及被是为到发生某一两几多各个该本全附近处内外里至从往向这那区县市镇乡])[一-龥])"
_PART_AFTER = late(
    rf"^(?:(?P<village>{_NAME}{{2,4}}?村)(?![镇庄落寨里里干委支两口民])|(?P<villagers>{_NAME}{{2,4}}?村)(?=村民|口)"
    rf"|(?P<community>{_NAME}{{2,4}}?社区)(?![干工书医卫服党])|(?P<road>{_NAME}{{1,4}}?(?:大道|大街|"
    rf"(?<![公铁马道线半网岔支小水土电出高速十迷修封让带问])(?<![盘进上下出]山)路|(?<![大老临沿行品])街|(?<![街大小])巷)(?![道区镇乡面边头上村段由警灯况障过])))"
)
"""What adjoins a name elsewhere: 渔洞村, 龙东社区, 太原南街."""
_PART_SIGN = late(r"[村路街巷道区]")
_AND_ROAD = late(
    rf"^(?:[、与和近]|靠近)(?P<road>{_NAME}{{1,4}}?(?:大道|大街|(?<![公铁马道线半网])路|街))(?=[、，。与和交路口一]|$)"
)
_MOTORWAY = late(
    r"[京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵黔云滇藏陕甘青宁新港澳广大昆厦蓉包茂沈海福银合芜长深杭甬沿江"
    r"济泰莱连霍台乌吐沙许南友丽温龙武兰哈成绵西汉康隆遵毕都香二珠荣乐胡徐衡邵洛栾信泉安宜昌樟九景婺瑞寻石吴河惠永瑶莞佛开阳春"
    r"遂抚吉莆炎汝郴岳常张花怀铜玉麻六水盘曲攀丹锡通启宁绕城环外内机场蓟榆塔邯郸焦郑登信商周漯濮菏日照烟潍滨临东营泊辉平顶驻洋塘保]{2,4}高速(?:公路)?(?![发路列铁动行]|交[警管]|集团|公司|管理|运营|收费|事故点)"
)
_ALONG = late(r"沿(?![江海])[一-龥]{2,3}高速")
_GENERAL_MOTORWAY = late(r"^(?:绕城|外环|内环|环城|城内|机场|沿江|南昌|江西|贵州|海南|青海|云南|[内境])")
_TOWN_LATER = late(
    r"(?<=[在于，、。是：到了成和与及至道晚日时许分午晨县州])(?P<town>(?![在到从去由至为与和了]|部分|多个)[一-龥]{2,3}(?<![村乡城集小古重老家下返故回同异个各本该我])[镇乡])"
    r"(?=[一某的发境，。、附有时和等至与及]|[一-龥]{2,3}(?:村|段))"
)
"""A town named apart from its county: 震中在龙头山镇."""
_TOWN_SIGN = late(r"[镇乡](?=[一某的发境，。、附有时和等至与及]|[一-龥]{2,3}(?:村|段))")
"""What every match of _TOWN_LATER has: found much faster."""
_VILLAGE = late(
    r"(?:(?<=[镇乡道，、。于在分时许：\n])|(?<=关于)|(?<=我镇)|^)(?!全|各|本|我|该|行政|自然|每|"
    r"在|从|去|到|多|城中|两|一|[二三四五六七八九十]|农|乡|山|示范|贫困|"
    r"试点)[一-龥]{2}村(?=[一某的在、，0-9]|村民|村委|小组|组|小区|安置|[“发]|口|路口)"
)
_ROAD = late(
    r"(?<=[，在日时分许及])(?![在有到从我该全各本某一两区])[一-龥]{2}(?:路(?<![公铁马道线小半修山网]路)|大道|公园)"
    r"(?=[一某的段口与和、，0-9西东南北])"
)
"""Roads and parks that no table lists: 滨江路一名男童."""
_LINES = frozenset({"road", "road/bridge", "landmark"})
_VILLAGE_END = late(r"村(?=[一某的在、，0-9村小组安“发口路])")
"""What every match of _VILLAGE has: found much faster."""
_SIGNED = {"县": "county", "村": "village"}
_WITH_TOWNS = frozenset({"city", "county", "neighbour county"})
_WITH_PARTS = frozenset({"city", "county", "neighbour county", "street"})


def behind(text: str, found: Named, town: bool) -> Iterator[Named]:
    """What adjoins a place elsewhere: its town (unless a table lists what stands there), village, road.

    Behind a country, its state.
    """
    if found.inside is True:
        return
    end = found.end + 2 if text.startswith("市区", found.end) else found.end
    match = None
    if not town:
        pass
    elif found.kind in _WITH_TOWNS:
        match = _TOWN_AFTER.match(text[end : end + 7])
    elif found.kind == "country":
        match = _STATE_AFTER.match(text[end : end + 12])
    last = found
    if match is not None:
        start, end = end + match.start("town"), end + match.end("town")
        last = Named(start, end, match["town"], found.inside, "", "street", found.event)
        yield last
        village = _VILLAGE_AFTER.match(text[end : end + 6])
        if village is not None:
            yield Named(end, end + village.end("village"), village["village"], found.inside, "", "village", found.event)
            return
    if last.inside is False and last.kind in _WITH_PARTS:
        yield from _parts(text, last, max(end, last.end))


def _parts(text: str, last: Named, end: int) -> Iterator[Named]:
    """The village, community or road behind a place elsewhere, and the road that it meets."""
    if not _PART_SIGN.search(text, end + 1, end + 8):
        return
    for _ in range(2):
        match = _PART_AFTER.match(text[end : end + 9])
        if match is None:
            return
        kind = match.lastgroup or ""
        start, end = end, end + match.end(kind)
        yield Named(start, end, match[kind], False, "", "road" if kind == "road" else "village", last.event)
        if kind == "road" and (other := _AND_ROAD.match(text[end : end + 10])):
            yield Named(
                end + other.start("road"), end + other.end("road"), other["road"], False, "", "road", last.event
            )


def with_motorways(text: str, named: list[Named]) -> list[Named]:
    """大广高速: a motorway runs through many districts and decides nothing."""
    at = text.find("高速")
    if at < 0:
        return named
    more = []
    while at >= 0:
        match = next((found for back in (4, 3, 2) if (found := _MOTORWAY.match(text, max(at - back, 0)))), None)
        if match is not None and _ALONG.match(match[0]):
            match = _MOTORWAY.match(text, match.start() + 1)  # 沿宁洛高速行驶
        if match is not None and not _GENERAL_MOTORWAY.match(match[0]) and _free(named, *match.span()):
            more.append(Named(match.start(), match.end(), match[0], None, "", "motorway"))
        at = text.find("高速", at + 2)
    return sorted([*named, *more], key=lambda place: place.start) if more else named


def _free(named: list[Named], start: int, end: int) -> bool:
    return not any(place.start < end and start < place.end for place in named)


def with_unlisted(text: str, named: list[Named]) -> list[Named]:
    """Where no table decides, a county or town by its sign."""
    spans = unlisted(text)
    if spans and (village := _VILLAGE_AFTER.match(text[spans[-1][1] : spans[-1][1] + 6])):
        spans.append((spans[-1][1], spans[-1][1] + village.end("village")))
    more = [
        Named(start, end, text[start:end], False, "", _SIGNED.get(text[end - 1], "street"))
        for start, end in spans
        if _free(named, start, end)
    ]
    return sorted([*named, *more], key=lambda place: place.start) if more else named


def with_villages(text: str, named: list[Named]) -> list[Named]:
    """Villages that no table lists: 河坑村一农户."""
    match = _VILLAGE.search(text) if _VILLAGE_END.search(text) else None
    if match is None and not any(place.kind in _LINES for place in named):
        match = _ROAD.search(text) if "路" in text or "大道" in text or "公园" in text else None
    if match is None or not _free(named, *match.span()):
        return named
    place = Named(match.start(), match.end(), match[0], None, "", "village")
    return sorted([*named, place], key=lambda place: place.start)


_LIVES = frozenset({"住在", "来自", "家在"})
TOWNS = 4
"""So many towns apart from their counties are named at most."""


def with_towns(text: str, named: list[Named]) -> list[Named]:
    """A town named apart from its county elsewhere."""
    more: list[Named] = []
    for match in _TOWN_LATER.finditer(text) if _TOWN_SIGN.search(text) else ():
        if text[match.start() - 2 : match.start()] not in _LIVES and _free([*named, *more], *match.span()):
            town = Named(match.start(), match.end(), match[0], False, "", "street")
            more += [town, *behind(text, town, town=False)]
            if len(more) >= TOWNS:
                break
    return sorted([*named, *more]) if more else named
