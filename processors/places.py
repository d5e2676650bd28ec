"""Places: which are named, and whether the event's lies in the district (gazetteer.tsv, places.tsv, home.tsv).

A place is given as the text names it (水西, not 水西镇). Bare short names are read only where they cannot be common
words, or right behind the name of what they lie in (连云港灌云).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from processors.document import Document
from processors.elsewhere import in_another
from processors.home import Home
from processors.late import late
from processors.place_reading import read, stands
from processors.place_signs import behind, with_motorways, with_towns, with_unlisted, with_villages
from processors.place_spoken import with_spoken
from processors.place_table import INSIDE_TYPES, PARTS_OF_TOWNS, Named, Place, of_gazetteer, of_places
from processors.scan import Hit, Scan, ScannerBuilder
from processors.tables import Tables, table
from schemas.vocab import Lane

TAG = "place"
_LONGER = late(r"^(?:特别行政区|自治[区州县旗]|[省市县区州盟旗镇乡村]|街道|社区)$")
_COUNTED = frozenset("两一三四五六七八九十几这那每多数0123456789")
"""In front of 个: 两个旧垫子 does not name 个旧."""
_DAY_WORDS = frozenset("今昨明前后每当白整半一")
"""In front of 天: 今天水位 does not name 天水."""
_INSIDE_WORDS = {"天": _DAY_WORDS, "个": _COUNTED, "台": _COUNTED}
_LOCAL_WORDS = ("老城", "我市", "街道")
"""Beside the sign of the district (区, 县)."""


_WRITTEN_IN = late(r"([一-龥]{2,3}?)(?:论坛|网友|热线|贴吧|吧$|社区|百姓|同城|在线|生活网|信息港|市民)")
"""长兴论坛: names that are words too say where it is written only in such a place."""
_ALL_OVER = late(
    r"市?(?:全市|[东西南北中]+部|大部|多地|多县|普降|受灾|共有|(?:再次?)?遭遇|境内多|[\d一二三四五六七八九十]+个?[多余]?个?县|等?地?出现(?:大|强|持续|暴))"
)


_WRITERS = frozenset({"province", "city", "county"})
_MERE_WORDS = frozenset(
    "东方 公安 和平 平安 资源 通道 新建 城关 安全 大方 兴旺 开发 城区 中山 市中 老城 "
    "新城 解放 友好 友谊 红旗 前进 向阳 爱民 新华 青年 天涯".split()
)


class Gazetteer:
    """Finds places with the shared scanner."""

    def __init__(
        self, home: Home, elsewhere: frozenset[str] = frozenset(), perhaps: frozenset[str] = frozenset()
    ) -> None:
        self._home, self._elsewhere, self._perhaps = home, elsewhere, perhaps

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """Register all names of gazetteer.tsv and places.tsv."""
        home = Home.from_tables(tables)
        gazetteer = table(tables, "gazetteer", ["name", "aliases", "type", "parent", "ambiguous"])
        listed: dict[str, list[Place]] = {}
        for row in gazetteer:
            for name, place in of_gazetteer(row, home):
                listed.setdefault(name, []).append(place)
        for word in home.itself:
            listed.setdefault(word, []).append(Place(home.name, "district", home.code, True, canonical=home.name))
        for row in table(tables, "places", ["code", "name", "short", "type", "parent", "ambiguous", "source"]):
            for name, place in of_places(row, home):
                known = listed.get(name)
                if known is None:
                    listed[name] = [place]
                elif place.inside or all(one.inside is False for one in known):
                    known.append(place)
        abroad: set[str] = set()
        perhaps: set[str] = set()
        for name, places in listed.items():
            place = places[0] if len(places) == 1 else min(places, key=lambda one: (one.short, one.inside is not True))
            shared, common = name in home.shared, name in home.common
            builder.literal(TAG, name, place._replace(shared=shared, common=common) if shared or common else place)
            if all(one.inside is False and one.kind in _WRITERS for one in places):
                if len(name) > 1:
                    perhaps.add(name)
                if not any(one.ambiguous or len(one.name) < 2 for one in places):
                    abroad.add(name)
        return cls(home, frozenset(abroad), frozenset(perhaps - _MERE_WORDS))

    def find(self, document: Document, scan: Scan) -> list[Named]:
        """All places named, in order, longest names first where they overlap."""
        lane = document.item.lane
        local = lane is Lane.REPORT or bool(self._home.own.search(document.item.source))
        foreign = lane is Lane.OPINION and not local and self._from_elsewhere(document.item.source)
        posts = not foreign and (lane is Lane.OPINION or self._home.near.search(document.item.source) is not None)
        roads = (lane is Lane.OPINION and not foreign) or local
        text = document.norm
        named: list[Named] = []
        elsewhere = False
        hits = _longest(text, _words(text, scan.hits(TAG)))
        for number, hit in enumerate(hits):
            if named and hit.start < named[-1].end:
                continue
            before = named[-1] if named and _adjoins(text, named[-1].end, hit.start) else None
            if before is None and not (hit.data.alone or stands(text, hit)):
                continue
            here = local or (before is not None and (before.inside is True or before.text in self._home.wide))
            word = text[hit.start : hit.end]
            if word in self._home.itself:
                if here or word == self._home.ours:
                    named.append(Named(hit.start, hit.end, word, True, hit.data.code, hit.data.kind))
                continue
            found = read(text, hit, before, here, (roads or here) and not elsewhere, posts and not elsewhere)
            if found is None:
                continue
            if found.inside and before is None and found.kind in PARTS_OF_TOWNS and in_another(text, found.start):
                found = found._replace(inside=False)
            named.append(found)
            elsewhere = elsewhere or (found.inside is False and found.kind not in PARTS_OF_TOWNS)
            named += behind(text, found, town=not _lists_part(hits[number + 1 :], found))
        if elsewhere and not local and ("镇" in text or "乡" in text):
            named = with_towns(text, named)
        named = with_motorways(text, named)
        if not any(
            place.inside is not None and not (place.inside is False and place.kind in PARTS_OF_TOWNS) for place in named
        ):
            named = with_unlisted(text, named)
        if lane is Lane.OPINION and (foreign or elsewhere) and not any(place.inside for place in named):
            named = with_spoken(text, named)
        if local or not named:
            return (
                named if any(place.kind in {"village", "community"} for place in named) else with_villages(text, named)
            )
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
                    return None if inside is False and self._all_over(document, events) else inside
        if item.lane is Lane.REPORT:
            return True
        if self._home.lines and any(
            place.kind == "motorway" and not place.text.startswith(tuple(self._home.lines)) for place in events
        ):
            return False
        if item.lane is Lane.OPINION:
            if self._from_elsewhere(item.source) or self._home.absent.search(document.norm):
                return False
            # a river or an unlisted village, and no other district is spoken of
            return True if any(place.kind in INSIDE_TYPES for place in events) else None
        if item.lane is Lane.MEDIA and self._home.own.search(item.source):
            official = self._home.bare in item.source or item.source.endswith("发布")
            return True if official or any(word in item.text for word in (self._home.sign, *_LOCAL_WORDS)) else None
        return self._written_elsewhere(item.source, bool(events)) if item.lane is Lane.MEDIA else None

    def _written_elsewhere(self, source: str, named: bool) -> bool | None:
        """Where nothing decides, a paper of another city writes of that city; where nothing is ``named`` either, an
        agency writes of some place elsewhere."""
        if not named and self._home.far.search(source) and not self._home.near.search(source):
            return False
        return False if self._of_another_city(source) else None

    def _all_over(self, document: Document, events: Sequence[Named]) -> bool:
        """赣州市遭遇强降雨，定南县……: whether all the city around was struck, and only its counties are named."""
        if not all(place.inside is None or place.kind == "neighbour county" for place in events):
            return False
        found = self._home.near.search(document.norm)
        while found is not None:
            if _ALL_OVER.match(document.norm, found.end()):
                return True
            found = self._home.near.search(document.norm, found.end())
        return False

    def _from_elsewhere(self, source: str) -> bool:
        """Whether those who write there are of another city (临汾热线), or read its paper (半岛都市报网友)."""
        if self._home.near.search(source) or self._home.own.search(source):
            return False
        if self._home.there.search(source) or self._of_another_city(source):
            return True
        written = _WRITTEN_IN.match(source)
        return written is not None and written[1] in self._perhaps

    def _of_another_city(self, source: str) -> bool:
        words = (
            source[start:end]
            for start in range(len(source))
            for end in range(start + 2, min(start + 5, len(source) + 1))
        )
        return any(word in self._elsewhere for word in words)


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
                earlier = first.get(name, late) < first.get(longer, late)
                by_name = earlier and not (_in_a_chain(named, longer) and not _in_a_chain(named, name))
                dropped.add(longer if by_name else name)
    return tuple(name for name in seen if name not in dropped)


def _in_a_chain(named: Sequence[Named], name: str) -> bool:
    """Whether the name adjoins another place somewhere: 江西上饶玉山县 tells where it was, “玉山早稻减产” does not."""
    return any(
        place.text == name
        and place.event
        and (
            (at > 0 and place.start - named[at - 1].end <= 1)
            or (at + 1 < len(named) and named[at + 1].start - place.end <= 1)
        )
        for at, place in enumerate(named)
    )


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
    """Hits without those that begin inside a word of time (今天水位) or counting (两个旧垫子, 那台中巴)."""
    if not any(sign in text for sign in _INSIDE_WORDS):
        return hits
    return [hit for hit in hits if text[hit.start - 1 : hit.start] not in _INSIDE_WORDS.get(text[hit.start], ())]


def _adjoins(text: str, end: int, start: int) -> bool:
    return start - end <= 1 or (start - end == 2 and text.startswith("境内", end))


def _lists_part(later: Sequence[Hit], found: Named) -> bool:
    """Whether a county of the place stands right behind it: 广州南沙大岗镇 is no town 南沙大岗镇."""
    if not later or later[0].start != found.end or later[0].data.kind != "county":
        return False
    return bool(found.code) and later[0].data.code.startswith(found.code)


def _longest(text: str, hits: Sequence[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if text[hit.end - 1] == "路" and text[hit.end : hit.end + 1] == "段":
            continue  # 龙南路段: no road
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif hit.data.kind == "province" and kept[-1].data.short and hit.end > kept[-1].end:
            kept[-1] = hit  # 从江西: no 从江
    return kept
