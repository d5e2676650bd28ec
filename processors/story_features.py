"""From an item to its signature, and from a signature to what pairs are compared by."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from processors import story_words as words
from processors.story_rules import StoryRules
from schemas.assessment import AssessedItem, EventTime, Facts
from schemas.base import CHINA
from schemas.story import StorySignature
from schemas.vocab import Kind, Precision

ONE_DAY = timedelta(days=1).total_seconds()
RARE_PAIRS = 64
"""Rare character pairs kept of an item: those with the smallest hashes, so that two items keep the same ones."""
ANCHORS, TITLE_ANCHORS = 16, 8
"""Of these and of the title's, pairs under which an item is looked for."""
TEXT_REACH = 1_500
"""Characters looked at; what an item is about stands at its beginning."""
_SPECIFIC_ENDS = tuple(
    "村 社区 路 街 巷 桥 大道 小区 园 厂 校 院 场 站 库 头 高速 国道 省道 "
    "号 楼 苑 城 组 屯 寨 岭 坝 塘 矿 港 岛 湾".split()
)
_VILLAGE_ENDS = ("村", "组", "屯", "寨")
_TOWN_ENDS = ("镇", "街道", "乡", "办事处", "苏木")
_WIDE_ENDS = ("省", "自治区", "市", "州", "盟")
_COUNTY_ENDS = ("县", "区", "旗")
_RIVER_ENDS = ("江", "河", "湖", "山", "海", "水")
_STEM = re.compile(
    r"(?:(?:经济技术|高新技术产业)?开发区|工业园区?|街道办?|自治[州县区]|社区|大桥|大道|村委会|[村镇乡区县市省路街巷桥])$"
)
_RANKS = {"wide": 0, "county": 1, "loose": 1, "town": 2, "specific": 3, "river": 4}
_FIGURES = ("deaths", "injured", "missing", "trapped", "evacuated", "serious_injuries", "direct_loss", "participants",
            "households", "cases", "area_forest")  # fmt: skip
"""Figures compared by pairs; magnitude is compared by itself."""


@dataclass(slots=True)
class Features:
    """What a pair is compared by. Times are seconds since the epoch."""

    lane: str
    source: str
    event_type: str | None
    groups: frozenset[str]
    is_emergency: bool
    published: float
    event_time: tuple[float, Precision] | None
    event_day: str
    specific: frozenset[str]
    towns: frozenset[str]
    counties: frozenset[str]
    wide: frozenset[str]
    rivers: frozenset[str]
    loose: frozenset[str]
    villages: frozenset[str]
    local: bool
    facts: Facts
    figures: dict[str, float]
    minhash: tuple[int, ...]
    incident: str
    category: str
    kind: str
    later: bool
    grown: bool
    back: bool
    told: frozenset[str]
    """Types of events that its words speak of, whatever type the judge gave it."""
    olds: frozenset[float]
    names: frozenset[str]
    numbers: frozenset[str]
    clocks: frozenset[str]
    days: frozenset[str]
    nicknames: frozenset[str]
    proper: bool
    """Whether it names a typhoon, ship, flight or train."""
    published_day: str
    reply: bool
    warning: bool
    another: bool
    pairs: frozenset[str]
    anchors: tuple[str, ...]
    title: frozenset[str]
    near: frozenset[str]
    """Places within a county, whatever their kind."""
    near_heads: frozenset[str]
    name_heads: frozenset[str]
    """First two characters of these and of the names."""


def sign(item: AssessedItem, rules: StoryRules) -> StorySignature:
    """The signature of an item: pure, from its masked input and its verdicts."""
    said = item.assessment
    return StorySignature(
        lane=said.lane,
        source=item.source,
        title=item.input.title[:60],
        event_type=said.emergency.event_type,
        is_emergency=said.emergency.is_emergency,
        facts=said.facts,
        published_at=item.input.published_at,
        minhash=item.minhash,
        keys=_keys(item, rules),
    )


def can_be_followed(item: AssessedItem) -> bool:
    """Whether another item may be about the same thing: not for zero reports and items without content."""
    return item.input.kind is not Kind.ZERO and len(item.input.text) + len(item.input.title) >= 8


def _keys(item: AssessedItem, rules: StoryRules) -> tuple[str, ...]:
    title, text = item.input.title, item.input.text[:TEXT_REACH]
    full = f"{title}\n{text}" if title else text
    keys = [f"c:{item.assessment.category}"]
    if item.input.kind not in (None, Kind.NORMAL):
        keys.append(f"k:{item.input.kind}")
    if item.input.incident:
        keys.append(f"i:{item.input.incident}")
    head = full[:80]
    if item.input.kind in (Kind.FOLLOW_UP, Kind.FINAL) or words.is_later(head):
        keys.append("l:")
    if words.has_grown(full):
        keys.append("g:")
    if words.looks_back(full):
        keys.append("b:")
    keys += [f"n:{name}" for name in words.names_in(full)]
    keys += [f"#{number}" for number in words.numbers_in(full)]
    keys += [f"t:{clock}" for clock in words.clocks_in(full)]
    keys += [f"d:{day}" for day in words.days_in(full, item.input.published_at)]
    keys += [f"e:{name}" for name in words.nicknames_in(full)]
    keys += [f"o:{number}" for number in words.olds_in(full)]
    keys += [f"h:{name}" for name in rules.told_in(full[: words.TOLD_REACH])]
    if words.is_reply(head):
        keys.append("r:")
    if item.assessment.emergency.warning:
        keys.append("w:")
    if words.tells_apart(full):
        keys.append("x:")
    return (*keys, *_rare_pairs(full, rules))


def _rare_pairs(full: str, rules: StoryRules, most: int = RARE_PAIRS) -> list[str]:
    """Pairs of neighbouring Chinese characters that few texts have, those with the smallest hashes first.

    The order is arbitrary and the same for every item, so that two items keep the same ones.
    """
    points = np.frombuffer(full.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    han = (points >= 0x4E00) & (points <= 0x9FFF)
    both = np.flatnonzero(han[:-1] & han[1:])
    codes = np.sort(points[both] << np.uint32(16) | points[both + 1])
    codes = codes[np.diff(codes, prepend=np.uint32(0)) != 0]
    common = rules.common_codes
    if len(common):
        found = np.minimum(np.searchsorted(common, codes), len(common) - 1)
        codes = codes[common[found] != codes]
    hashes = (codes >> np.uint32(16)) * np.uint32(0x9E3779B1) ^ (codes & np.uint32(0xFFFF)) * np.uint32(0x85EBCA6B)
    kept = codes[np.argsort(hashes, kind="stable")[:most]].tolist()
    return [chr(code >> 16) + chr(code & 0xFFFF) for code in kept]


def features(signature: StorySignature, rules: StoryRules) -> Features:
    """What is compared, from a signature (also from one read back)."""
    by_kind: dict[str, list[str]] = {}
    pairs = []
    for key in signature.keys:
        if len(key) == 2 and key[1] != ":":
            pairs.append(sys.intern(key))  # one string for all items of the window
        elif key[0] == "#":
            by_kind.setdefault("#", []).append(key[1:])
        else:
            by_kind.setdefault(key[0], []).append(key[2:])
    title_pairs = _rare_pairs(signature.title, rules)
    named = signature.facts.places
    if "x" in by_kind:
        named = _own_places(named, rules)
    places = _sort_places(named, rules)
    names = frozenset(by_kind.get("n", ()))
    near = places["specific"] | places["town"] | places["loose"]
    event_time = signature.facts.event_time
    facts = signature.facts
    return Features(
        lane=signature.lane,
        source=signature.source,
        event_type=signature.event_type,
        groups=rules.kin.get(signature.event_type or "", frozenset()),
        is_emergency=signature.is_emergency,
        published=signature.published_at.timestamp(),
        event_time=(event_time.start.timestamp(), event_time.precision) if event_time else None,
        event_day=_event_day(event_time),
        specific=places["specific"],
        towns=places["town"],
        counties=places["county"],
        wide=places["wide"],
        rivers=places["river"],
        loose=places["loose"],
        villages=frozenset(stem(place)[-2:] for place in (*named, *names) if place.endswith(_VILLAGE_ENDS)),
        local=any(place in rules.local for place in named),
        facts=facts,
        figures={name: value for name in _FIGURES if (value := getattr(facts, name)) is not None},
        minhash=signature.minhash,
        incident=(by_kind.get("i") or [""])[0],
        category=(by_kind.get("c") or [""])[0],
        kind=(by_kind.get("k") or [""])[0],
        later="l" in by_kind or "g" in by_kind,
        grown="g" in by_kind,
        back="b" in by_kind,
        told=frozenset(by_kind.get("h", ())),
        olds=frozenset(map(float, by_kind.get("o", ()))),
        names=names,
        numbers=frozenset(by_kind.get("#", ())),
        clocks=frozenset(by_kind.get("t", ())),
        days=frozenset(by_kind.get("d", ())),
        nicknames=frozenset(by_kind.get("e", ())),
        proper=any(not name.isdigit() for name in by_kind.get("e", ())),
        published_day=signature.published_at.astimezone(CHINA).strftime("%m%d"),
        reply="r" in by_kind,
        warning="w" in by_kind,
        another="x" in by_kind,
        pairs=frozenset(pairs),
        anchors=(*pairs[:ANCHORS], *title_pairs[:TITLE_ANCHORS]),
        title=frozenset(title_pairs),
        near=near,
        near_heads=frozenset(place[:2] for place in near),
        name_heads=frozenset(name[:2] for name in names),
    )


def _own_places(named: tuple[str, ...], rules: StoryRules) -> tuple[str, ...]:
    """The own places of an item that tells its event apart from another: from the wide to the narrow."""
    kept: list[str] = []
    reached = -1
    for place in named:
        rank = _RANKS[_level(place, rules)]
        if rank > reached or any(place[:2] == one[:2] for one in kept):
            kept.append(place)
            reached = max(reached, rank)
    return tuple(kept)


def _event_day(event_time: EventTime | None) -> str:
    if event_time is None or event_time.precision in (Precision.MONTH, Precision.PERIOD):
        return ""
    return event_time.start.astimezone(CHINA).strftime("%m%d")


def day_before(found: Features) -> str:
    """The day (MMDD) before the event's, else before publication: what a later telling may have been about."""
    start = found.event_time[0] if found.event_time and found.event_day else found.published
    return datetime.fromtimestamp(start - ONE_DAY, CHINA).strftime("%m%d")


def stem(place: str) -> str:
    """A place without its generic ending: 灌云县 and 灌云 are one."""
    short = _STEM.sub("", place)
    return short if len(short) >= 2 else place


def _sort_places(places: tuple[str, ...], rules: StoryRules) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {name: set() for name in ("specific", "town", "county", "wide", "river", "loose")}
    for place in (_last_part(place, places) for place in places):
        if place in rules.own or len(place) < 2:
            continue
        level = _level(place, rules)
        found[level].add(stem(place))
        if level == "specific" and place in rules.parents:
            found["town"].add(stem(rules.parents[place]))
    return {name: frozenset(values) for name, values in found.items()}


def _last_part(place: str, places: tuple[str, ...]) -> str:
    """阳埠乡 of 赣县阳埠乡, where 赣县 is named by itself."""
    for other in places:
        if len(other) >= 2 and len(place) >= len(other) + 2 and place.startswith(other):
            return place[len(other) :]
    return place


def _level(place: str, rules: StoryRules) -> str:
    if place in rules.parents or place.endswith(_SPECIFIC_ENDS):
        return "specific"
    if place.endswith(_TOWN_ENDS):
        return "town"
    if place.endswith(_COUNTY_ENDS):
        return "county"
    if place.endswith(_WIDE_ENDS):
        return "wide"
    if place.endswith(_RIVER_ENDS):
        return "river"
    return "specific" if len(place) > 3 else "loose"
