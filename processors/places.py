"""Places: which are named, and whether the event's lies in the district (gazetteer.tsv, places.tsv, home.tsv).

A place is given as the text names it (水西, not 水西镇). Bare short names are read only where they cannot be common
words, or right behind the name of what they lie in (连云港灌云).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from processors.document import Document
from processors.elsewhere import in_another, unlisted
from processors.home import Home
from processors.scan import Hit, Scan, ScannerBuilder
from processors.tables import Row, Tables, table
from schemas.vocab import Lane

TAG = "place"
_INSIDE_TYPES = frozenset(
    {
        "district",
        "subdistrict",
        "town",
        "village",
        "community",
        "landmark/water",
        "road/bridge",
        "landmark",
        "road",
        "area",
        "zone",
    }
)
_DIVISIONS = frozenset({"province", "city", "county", "neighbour county", "country", "street"})
_COMMON_NAMES = frozenset(
    (
        "城区 郊区 老城区 新城区 市中区 城中区 城东区 城西区 城北区 城南区 城关区 矿区 东城区 "
        "西城区 新市区 路南区 路北区 市北区 市南区 江北区 江南区 河东区 河西区 桥东区 桥西区 高新区"
    ).split()
)
_SHORT_ROAD = re.compile(
    r"^(?:线|路|街|大道|大桥|巷|里弄|小区|花园|酒店|宾馆|饭店|公司|集团|银行|大厦|广场|中学|小学|"
    r"牌|话|菜|米粉|小吃|脐橙|烟|酒|茶|籍|人(?![员民]))"
)
_ORGANISATION = re.compile(
    r"^时间|^(?:[省市区县]?[^一两二三某家有，。；、]{0,4}?)(?:日报|晚报|早报|都市报|新闻网|电视台|卫视|"
    r"广播|大学|学院|医学院|大学附属|银行|证券|保险|股份|集团|籍|号牌|牌照|口音|老乡|客商|商会|"
    r"方言|话(?:说|里)|车牌)"
)
_INSTITUTION = re.compile(
    r"^(?:区|市|县|省)?(?:第?[一二三四五六七八九十]?人民医院|中医院|妇幼|附属|气象台|地震台|城管|"
    r"代表队|队(?=[，夺获])|的货车|监管局|电网|电力)"
)
_ORGAN = re.compile(
    r"(?:应急|消防|公安|交警|交通|卫健|卫生|疾控|政府|委(?!员)|市?监|防汛|抗震|水利|水务|教育|供水|供电|气象局|人民医院|融媒)"
)
"""Behind a name: 卫辉市应急管理局 says that it happened in 卫辉."""
_POLICY = re.compile(r"(?:科教|实业|教育|产业|人才|质量)$")
_AGENT_BEFORE = re.compile(
    r"(?:来自|户籍|籍贯|原籍|祖籍|老家(?:是|在)?|开往|驶往|前往|飞往|发往|运往|赴|转往|销往|支援|"
    r"驰援|从事|借鉴|学习|参照|新华社|中新社|中新网|转(?:至|到)|(?:转|护)送|送(?:往|至|到|去)|像|类似)[^，。；、]{0,2}$"
)
_PASSING_AFTER = re.compile(
    r"^(?:境内)?(?:被)?(?:抓获|落网|捕获|捉拿|投案|自首)|^被(?:抓|捕|控)|^[返回](?:赣|乡|程|来|区)"
)
_BORDER_AFTER = re.compile(r"^(?:的)?(?:交界|接壤|毗邻|搭界|相邻|相连)")
_FELT_AFTER = re.compile(
    r"^(?:[、和及与][一-龥]{2,6}){0,4}(?:等地|部分地区|高层)?(?:均|都)?(?:有(?:明显)?(?:震感|有感)|有感)"
)
_NOT_DIVISION = re.compile(r"^(?:域|别(?!墅)|分|间|块|划|位|长(?:[，。：:说在]|$))")
_TOWN_AFTER = re.compile(
    r"^(?![县州市区旗家])(?P<town>(?![一二三四五六七八九十])(?:(?![两几多各某个])[一-龥]){1,4}?(?<![村乡城集每家])(?:镇|乡|街道|苏木)|"
    r"[一-龥]{1,3}[村家集]镇(?=[一-龥]{2,3}村))"
    r"(?!政府|党委|长|干部|人大|里|上|域|村(?:[^一-龥]|$))"
)
_OWN_TOWN = re.compile(r"(?![县州市区旗路街])[一-龥]{2,3}(?<![乡城小古重老家各本该我])[镇乡](?=[一-龥])(?!政府|人)")
"""通州西集镇: a county's short name with its town is no common word."""
_STATE_AFTER = re.compile(
    r"^(?:[东西南北中]+部)?(?P<town>(?![东西南北中]+部)(?:(?![的在发一和与])[一-龥]){2,6}?[省州邦])(?![长府])"
)
_VILLAGE_AFTER = re.compile(r"^(?P<village>[一-龥]{2,3}村)(?=[一某的在、，0-9两三有发])")
_TOWN_LATER = re.compile(
    r"(?<=[在于，、。是：到晚日时许分午晨县州])(?P<town>[一-龥]{2,3}(?<![村乡城集小古重老家下返故回同异个各本该我])[镇乡])(?=[一某的发境，。、附有时])"
)
"""A town named apart from its county: 震中在龙头山镇."""
_TOWN_SIGN = re.compile(r"[镇乡](?=[一某的发境，。、附有时])")
"""What every match of _TOWN_LATER has: found much faster."""
_SUFFIXES = {"city": "市县区州盟", "county": "市县旗", "country": "州省岛邦县"}
"""With what the text may go on where it writes a name more fully than the table: 武隆县, 玉树州, 苏门答腊岛."""
_SUFFIX_SIGNS = frozenset("市县区旗州盟省岛邦")
_LONGER = re.compile(r"^(?:特别行政区|自治[区州县旗]|[省市县区州盟旗镇乡村]|街道|社区)$")
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
_OTHER_WORD = re.compile(r"[料子堆车场厂土混滩门]")
"""Behind a bare name of the district's parts: 沙石料, 沙河滩 are no towns."""
_FACILITY = re.compile(
    r"(?:小学|中学|幼儿园|菜?市场|水库|山塘|变(?:电站|主变)?|冷库|园区|工业园|安置[点区房]|工地|步行街|[车高]?[路站]口|出口|那[个边辆台家位场])"
)
"""Behind the bare name of a village or street: 罗坑小学, 王田水库, 流坑那辆车."""
_HERE = ("一处", "的亲戚", "片区", "这边", "那边", "这里", "那里", "一带", "附近")
_DAY_WORDS = frozenset("今昨明前后每当白整半一")
"""In front of 天: 今天水位 does not name 天水."""
_LOCAL_WORDS = ("老城", "我市", "街道")
"""Beside the sign of the district (区, 县)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name of the tables; ``inside``: of the district (True), elsewhere (False), or too wide to tell (None).

    ``alone``: whether the bare name can stand without a neighbour in front of it; ``shared``: other places have it too;
    ``common``: it is a word by itself.
    """

    name: str
    kind: str
    code: str
    inside: bool | None
    short: bool = False
    ambiguous: bool = False
    canonical: str = ""
    alone: bool = True
    shared: bool = False
    common: bool = False


class Named(NamedTuple):
    """A place named at [start, end) of the document."""

    start: int
    end: int
    text: str
    inside: bool | None
    code: str
    kind: str
    event: bool = True


def local_names(tables: Tables) -> tuple[str, ...]:
    """Names that mean the district wherever they stand: its own, and in full those of its parts.

    Of what is ambiguous only towns and subdistricts, whose full names (解放街道) are told apart by their last signs.
    """
    rows = table(tables, "gazetteer", ["name", "aliases", "type", "ambiguous"])
    clear = [row for row in rows if row["type"] in _INSIDE_TYPES]
    itself = Home.from_tables(tables).itself
    found = {row["name"] for row in clear if row["ambiguous"] != "Y" or row["type"] in {"subdistrict", "town"}}
    for row in rows:
        if row["type"] == "district":
            found |= {alias for alias in row["aliases"].split("|") if alias and alias not in itself}
    return tuple(sorted(name for name in found if len(name) > 1 and name.isalpha()))


class Gazetteer:
    """Finds places with the shared scanner."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """Register all names of gazetteer.tsv and places.tsv."""
        home = Home.from_tables(tables)
        gazetteer = table(tables, "gazetteer", ["name", "aliases", "type", "parent", "ambiguous"])
        listed: dict[str, list[Place]] = {}
        for row in gazetteer:
            for name, place in _of_gazetteer(row, home):
                listed.setdefault(name, []).append(place)
        for word in home.itself:
            listed.setdefault(word, []).append(Place(home.name, "district", home.code, True, canonical=home.name))
        for row in table(tables, "places", ["code", "name", "short", "type", "parent", "ambiguous", "source"]):
            for name, place in _of_places(row, home):
                if not any(known.inside is not False for known in listed.get(name, ())) or place.inside:
                    listed.setdefault(name, []).append(place)
        for name, places in listed.items():
            place = min(places, key=lambda place: (place.short, place.inside is not True))
            place = replace(place, shared=name in home.shared, common=name in home.common)
            builder.literal(TAG, name, place)
        return cls(home)

    def find(self, document: Document, scan: Scan) -> list[Named]:
        """All places named, in order, longest names first where they overlap."""
        lane = document.item.lane
        local = lane is Lane.REPORT or bool(self._home.own.search(document.item.source))
        posts = lane is Lane.OPINION or self._home.near.search(document.item.source) is not None
        roads = lane is Lane.OPINION or local
        text = document.norm
        named: list[Named] = []
        elsewhere = False
        for hit in _longest(_words(text, scan.hits(TAG))):
            if named and hit.start < named[-1].end:
                continue
            before = named[-1] if named and hit.start - named[-1].end <= 1 else None
            if before is None and not (hit.data.alone or _stands(text, hit)):
                continue
            here = local or (before is not None and (before.inside is True or before.text in self._home.wide))
            word = text[hit.start : hit.end]
            if word in self._home.itself:
                if here or word == self._home.ours:
                    named.append(Named(hit.start, hit.end, word, True, hit.data.code, hit.data.kind))
                continue
            found = _read(text, hit, before, here, (roads or here) and not elsewhere, posts and not elsewhere)
            if found is None:
                continue
            if found.inside and before is None and found.kind in _PARTS_OF_TOWNS and in_another(text, found.start):
                found = found._replace(inside=False)
            named.append(found)
            elsewhere = elsewhere or found.inside is False
            town = (
                _TOWN_AFTER.match(text[found.end : found.end + 7])
                if found.kind in {"city", "county", "neighbour county"}
                else (_STATE_AFTER.match(text[found.end : found.end + 12]) if found.kind == "country" else None)
            )
            if town is not None and found.inside is not True:
                end = found.end + town.end("town")
                named.append(
                    Named(found.end + town.start("town"), end, town["town"], found.inside, "", "street", found.event)
                )
                village = _VILLAGE_AFTER.match(text[end : end + 6])
                if village is not None:
                    last = end + village.end("village")
                    named.append(Named(end, last, village["village"], found.inside, "", "village", found.event))
        if elsewhere and not local and ("镇" in text or "乡" in text):
            named = _towns(text, named)
        if not any(
            place.inside is not None and not (place.inside is False and place.kind in _PARTS_OF_TOWNS)
            for place in named
        ):
            named = _unlisted(text, named)
        if local or not named:
            return named if any(place.kind in {"village", "community"} for place in named) else _villages(text, named)
        return named

    def names(self, named: Sequence[Named], shift: int = 0) -> tuple[str, ...]:
        """Place names in order without repeats; of two forms of one name the text's first stays (from ``shift`` on).
        What the district calls itself (我区) is one where nothing else is named."""
        return _names(named, shift, self._home)

    def in_district(self, document: Document, named: Sequence[Named]) -> bool | None:
        """Whether the event lies in the district: by the first place in the text that decides, else by who reports."""
        item = document.item
        events = [place for place in named if place.event]
        body = [place for place in events if place.start >= document.shift]
        for group in (_chains(body), _chains([place for place in events if place.start < document.shift])):
            for inside in group:
                if inside is not None:
                    return inside
        if item.lane is Lane.REPORT:
            return True
        if item.lane is Lane.OPINION and any(place.kind in _INSIDE_TYPES for place in events):
            return True  # a river or an unlisted village, and no other district is spoken of
        if item.lane is Lane.MEDIA and self._home.own.search(item.source):
            official = self._home.bare in item.source or item.source.endswith("发布")
            return True if official or any(word in item.text for word in (self._home.sign, *_LOCAL_WORDS)) else None
        return None


_SIGNED = {"县": "county", "村": "village"}
_PARTS_OF_TOWNS = frozenset({"village", "community"})


def _unlisted(text: str, named: list[Named]) -> list[Named]:
    """Where no table decides, a county or town by its sign."""
    spans = unlisted(text)
    if spans and (village := _VILLAGE_AFTER.match(text[spans[-1][1] : spans[-1][1] + 6])):
        spans.append((spans[-1][1], spans[-1][1] + village.end("village")))
    more = [
        Named(start, end, text[start:end], False, "", _SIGNED.get(text[end - 1], "street"))
        for start, end in spans
        if not any(place.start < end and start < place.end for place in named)
    ]
    return sorted([*named, *more], key=lambda place: place.start) if more else named


def _villages(text: str, named: list[Named]) -> list[Named]:
    """Villages that no table lists: 河坑村一农户."""
    match = _VILLAGE.search(text) if _VILLAGE_END.search(text) else None
    if match is None and not any(place.kind in _LINES for place in named):
        match = _ROAD.search(text) if "路" in text or "大道" in text or "公园" in text else None
    if match is None or any(place.start < match.end() and match.start() < place.end for place in named):
        return named
    place = Named(match.start(), match.end(), match[0], None, "", "village")
    return sorted([*named, place], key=lambda place: place.start)


def _towns(text: str, named: list[Named]) -> list[Named]:
    """A town named apart from its county elsewhere."""
    for match in _TOWN_LATER.finditer(text) if _TOWN_SIGN.search(text) else ():
        if not any(place.start < match.end() and match.start() < place.end for place in named):
            return sorted([*named, Named(match.start(), match.end(), match[0], False, "", "street")])
    return named


def _names(named: Sequence[Named], shift: int, home: Home) -> tuple[str, ...]:
    """See :meth:`Gazetteer.names`."""
    seen: dict[str, None] = {}
    for place in named:
        if place.text not in home.itself and place.event:
            seen.setdefault(place.text)
    if not seen and any(place.text == home.ours for place in named):
        return (home.ours,)
    if len(seen) < 2:
        return tuple(seen)
    first: dict[str, int] = {}
    for place in named:
        if place.start >= shift and place.event:
            first.setdefault(place.text, place.start)
    late = len(named) and named[-1].end + 1
    dropped = set()
    for name in seen:
        for longer in seen:
            if longer.startswith(name) and _shortens(name, longer):
                dropped.add(longer if first.get(name, late) < first.get(longer, late) else name)
    return tuple(name for name in seen if name not in dropped)


def _shortens(name: str, other: str) -> bool:
    """Whether ``name`` (兴国) is ``other`` (兴国县) without its suffix, as titles write it."""
    return len(other) > len(name) and other.startswith(name) and _LONGER.match(other[len(name) :]) is not None


def _chains(named: Sequence[Named]) -> list[bool | None]:
    """What each run of adjoining names (江苏省连云港市灌云县) says."""
    chains: list[list[Named]] = []
    for place in named:
        if chains and place.start - chains[-1][-1].end <= 1:
            chains[-1].append(place)
        else:
            chains.append([place])
    return [_decide(chain) for chain in chains]


def _decide(chain: list[Named]) -> bool | None:
    """The most exact name of a chain decides; a name behind one that lies elsewhere lies there too."""
    if len(chain) == 1:
        return chain[0].inside
    if any(place.inside is False for place in chain):
        return (
            False
            if not any(place.inside for place in chain[1:] if place.kind in {"district", "town"})
            else chain[-1].inside
        )
    return True if any(place.inside for place in chain) else None


def _words(text: str, hits: Sequence[Hit]) -> Sequence[Hit]:
    """Hits without those that begin inside a word of time (今天水位)."""
    if "天" not in text:
        return hits
    return [hit for hit in hits if text[hit.start] != "天" or text[hit.start - 1 : hit.start] not in _DAY_WORDS]


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _read(text: str, hit: Hit, before: Named | None, local: bool, roads: bool, posts: bool) -> Named | None:
    place: Place = hit.data
    name = text[hit.start : hit.end]
    end = hit.end
    behind = text[end : end + 1]
    if behind in _SUFFIX_SIGNS and _goes_on(place, name, text[end : end + 3]):
        name, end = name + behind, end + 1
    after = text[end : end + 12]
    named_fully = end > hit.end and (behind not in "市区" or not place.ambiguous or before is not None)
    spoken = posts and _spoken(place, after)
    if not (
        named_fully
        or spoken
        or _opens(text, hit)
        or _leads(text, hit)
        or _admissible(place, name, after, before, local, roads, posts)
    ) or _INSTITUTION.match(after):
        return None
    event = True
    if place.kind in _DIVISIONS and place.inside is not True and len(name) > 2 and _of_an_organ(name, after):
        name, end = name[:-1], end - 1
    if place.kind in _DIVISIONS:
        ahead = text[max(hit.start - 10, 0) : hit.start]
        if _ORGANISATION.match(after) or _POLICY.search(ahead):
            return None
        if place.short and (after[:1] == "籍" or _SHORT_ROAD.match(after)):
            return None
        bordering = ahead[-1:] in {"与", "和", "同"} and _BORDER_AFTER.match(after)
        passing = _AGENT_BEFORE.search(ahead) or _FELT_AFTER.match(after) or _PASSING_AFTER.match(after)
        event = not (passing or bordering)
    return Named(hit.start, end, name, _inside(place, before, local), place.code, place.kind, event)


def _stands(text: str, hit: Hit) -> bool:
    """Whether a name that is mostly a common word is a place here, by what stands behind it."""
    if text[hit.end : hit.end + 1] in _SUFFIX_SIGNS:
        return True
    return _opens(text, hit) or _OWN_TOWN.match(text, hit.end) is not None


_LEADING = frozenset("\n，。：日时许分午晨晚")


def _leads(text: str, hit: Hit) -> bool:
    """晋江青阳一路口水管爆裂: a county's short name, no common word, that leads a sentence or follows its time."""
    place: Place = hit.data
    if place.kind != "county" or not place.short or place.ambiguous or place.inside or hit.end - hit.start < 2:
        return False
    if text[hit.start : hit.end] in _MACHINES:
        return False
    return hit.start == 0 or text[hit.start - 1] in _LEADING


def _opens(text: str, hit: Hit) -> bool:
    """富阳发生交通事故: a title that begins with a county's short name."""
    return hit.start == 0 and hit.data.kind == "county" and text.startswith(("发生", "突发"), hit.end)


def _spoken(place: Place, after: str) -> bool:
    """Whether a part of the district is named without its suffix, as its people name it."""
    if not place.short or not place.inside or place.common:
        return False
    if place.kind in {"town", "subdistrict"}:
        return _OTHER_WORD.match(after) is None
    return place.kind in {"village", "community"} and _FACILITY.match(after) is not None


_MACHINES = frozenset({"三台", "五台"})
"""三台 and 五台 are counties, but mostly three and five machines."""


def _of_an_organ(name: str, after: str) -> bool:
    """Whether the name with its suffix is only the first part of an organ's name."""
    return name[-1] in "省市县区" and _ORGAN.match(after) is not None


_NO_SUFFIX = frozenset({"市场", "市区", "市群", "市最", "县城", "区域"})


def _goes_on(place: Place, name: str, behind: str) -> bool:
    """Whether the text writes the name more fully than the table (武隆 in 武隆县)."""
    if behind[0] not in _SUFFIXES.get(place.kind, "") or name[-1] in "市县区旗州盟":
        return False
    return behind[:2] not in _NO_SUFFIX and not _NOT_DIVISION.match(behind[1:])


def _inside(place: Place, before: Named | None, local: bool) -> bool | None:
    """A river flows through other places too; a street named behind another county's name lies there."""
    if place.shared and not local:
        return None
    elsewhere = before is not None and before.inside is False
    return False if place.inside and elsewhere and place.kind != "district" else place.inside


def _admissible(
    place: Place, name: str, after: str, before: Named | None, local: bool, roads: bool, posts: bool
) -> bool:
    """The gazetteer's match rules: bare names of streets, villages and counties need their suffix or a neighbour."""
    if name in _MACHINES and before is None:
        return False
    if name in _COMMON_NAMES:
        return (before is not None and before.kind == "city") or (local and name == "高新区")
    if not place.short:
        return not (name.endswith("区") and _NOT_DIVISION.match(after))
    match place.kind:
        case "county" if (place.ambiguous or local) and _OWN_TOWN.match(after):
            return True
        case "county" if place.ambiguous or local:
            return before is not None and bool(before.code) and place.code.startswith(before.code)
        case "city" if place.ambiguous:
            return before is not None and before.kind == "province"
        case "subdistrict":
            behind = before is not None and before.inside is True
            here = after.startswith(_HERE) or (after[:1] == "一" and not place.common)
            return behind or (local and after[:1] in {"办", "街", "社", "、"}) or ((local or posts) and here)
        case "town":
            near = local or (before is not None and before.inside is not False)
            return near or after[:1] in {"这", "那", "边"} or (posts and after[:1] in {"的", "片", "一"})
        case "village" | "community":
            road = roads and name.endswith(("路", "街", "大道"))
            named_here = (local or posts) and after.startswith(_HERE)
            return (not place.ambiguous or road or named_here) and not after.startswith(("人", "籍"))
        case _:
            return True


def _of_gazetteer(row: Row, home: Home) -> list[tuple[str, Place]]:
    kind, name = row["type"], row["name"].split("(")[0]
    if "?" in row["code"] and row.get("valid_to"):
        return []
    inside: bool | None = kind in _INSIDE_TYPES
    if name in home.wide or kind in {"province", "city"} or (kind == "zone" and row["parent"] == home.city):
        inside = None
    elif kind == "neighbour county":
        inside = False
    ambiguous = row["ambiguous"] == "Y"
    listed = [(name, Place(name, kind, row["code"], inside, canonical=name))]
    for alias in row.parts("aliases"):
        alias = alias.strip("?")
        if len(alias) < 2 or (kind == "village" and len(alias) < 2):
            continue
        full = alias.endswith(("街道办", "街道办事处", "办"))
        short = not full and alias not in home.itself
        listed.append((alias, Place(name, kind, row["code"], inside, short, ambiguous or kind == "village", name)))
    if kind == "subdistrict":
        listed.append((name.removesuffix("街道"), Place(name, kind, row["code"], inside, True, True, name)))
    if name.endswith("高架路"):
        listed.append((name.removesuffix("路"), Place(name, kind, row["code"], inside, canonical=name)))
    return listed


def _of_places(row: Row, home: Home) -> list[tuple[str, Place]]:
    kind, name, code, short = row["type"], row["name"], row["code"], row.get("short")
    inside: bool | None = kind in _INSIDE_TYPES
    if name in home.wide:
        inside = None
    elif code == home.code or kind in {"village", "community"}:
        inside = True
    listed = [(name, Place(name, kind, code, inside, canonical=name))]
    if short and short != name:
        ambiguous = row["ambiguous"] == "Y"
        alone = not (ambiguous and kind in {"county", "city"})
        listed.append((short, Place(name, kind, code, inside, True, ambiguous, name, alone)))
        if kind == "county" and name.endswith("区") and len(short) > 1 and short[-1] not in "县市旗":
            listed.append((short + "县", Place(name, kind, code, inside, canonical=name)))  # as it was called before
    return listed
