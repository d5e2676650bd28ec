"""From an item to its signature, and from a signature to what pairs are compared by."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from processors import story_words as words
from processors.story_levels import VILLAGE_ENDS, own_places, sort_places, stem
from processors.story_rules import StoryRules
from processors.story_weights import Weights
from processors.tidy import tidied
from schemas.assessment import AssessedItem, EventTime, Facts
from schemas.base import CHINA
from schemas.story import StorySignature
from schemas.vocab import Kind, Precision

ONE_DAY = timedelta(days=1).total_seconds()
RARE_PAIRS = 64
"""Rare character pairs kept of an item: those with the smallest hashes, so that two items keep the same ones."""
ANCHORS, TITLE_ANCHORS, SIGN_ANCHORS = 16, 8, 8
"""Of these and of the title's, pairs under which an item is looked for."""
TEXT_REACH = 1_500
"""Characters looked at; what an item is about stands at its beginning."""
_HOURS = ((0, 6), (5, 12), (11, 18), (17, 23))
"""Hours of night, morning, afternoon and evening."""
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
    told_groups: frozenset[str]
    """Groups of these."""
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
    codes: frozenset[str]
    focus: frozenset[str]
    """Codes of its places, and of the first."""
    parts: frozenset[str]
    """Parts of days (MMDD and 0 to 3) that it names or its event has."""
    signs: str
    rare_signs: tuple[str, ...]
    """Of these, characters under which it is looked for."""
    people: frozenset[str]
    ages: frozenset[str]
    counted: frozenset[str]
    """Its figures of ten and more, as they may be written."""
    moment: str
    """Day and minute of the event (MMDDHHMM); empty where no minute is known."""
    worth: float
    """Weight of all its rare pairs."""
    signs_worth: float


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


def _keys(item: AssessedItem, rules: StoryRules) -> tuple[str, ...]:
    title, text = tidied(item.input.title).text, tidied(item.input.text[:TEXT_REACH]).text
    full = words.plain_digits(f"{title}\n{text}" if title else text)
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
    keys += [f"p:{part}" for part in words.parts_in(full, item.input.published_at)]
    keys += [f"e:{name}" for name in words.nicknames_in(full)]
    keys += [f"o:{number}" for number in words.olds_in(full)]
    keys.append(f"u:{words.signs_in(full[: words.TOLD_REACH], rules.common_signs)}")
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


def features(signature: StorySignature, rules: StoryRules, weights: Weights) -> Features:
    """What is compared, from a signature (also from one read back).

    ``weights``: what characters and pairs of them are worth; what is not among them is worth most.
    """
    by_kind: dict[str, list[str]] = {}
    pairs: list[str] = []
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
        named = own_places(named, rules)
    places = sort_places(named, rules)
    names = frozenset(by_kind.get("n", ()))
    near = places["specific"] | places["town"] | places["loose"]
    event_time = signature.facts.event_time
    codes, focus = rules.atlas.locate(named, rules.local)
    signs = (by_kind.get("u") or [""])[0]
    pairs, worth = weights.ranked(pairs)
    title_pairs, _ = weights.ranked(title_pairs)
    rare_signs, signs_worth = weights.ranked(signs)
    people, ages = words.counts_of(by_kind.get("#", ()))
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
        villages=frozenset(stem(place)[-2:] for place in (*named, *names) if place.endswith(VILLAGE_ENDS)),
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
        told_groups=frozenset(group for name in by_kind.get("h", ()) for group in rules.kin.get(name, (name,))),
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
        codes=codes,
        focus=focus,
        parts=frozenset(by_kind.get("p", ())) | _part(event_time),
        signs=signs,
        rare_signs=tuple(rare_signs[:SIGN_ANCHORS]),
        people=people,
        ages=ages,
        counted=frozenset(
            f"{value:.0f}" for name in _FIGURES if name != "direct_loss" and (value := getattr(facts, name) or 0) >= 10
        ),
        moment=_moment(event_time),
        worth=worth,
        signs_worth=signs_worth,
    )


def _event_day(event_time: EventTime | None) -> str:
    if event_time is None or event_time.precision in (Precision.MONTH, Precision.PERIOD):
        return ""
    return event_time.start.astimezone(CHINA).strftime("%m%d")


def _moment(event_time: EventTime | None) -> str:
    if event_time is None or event_time.precision is not Precision.MINUTE:
        return ""
    return event_time.start.astimezone(CHINA).strftime("%m%d%H%M")


def _part(event_time: EventTime | None) -> frozenset[str]:
    """Parts of the day in which the hour may be said to lie: 5时 is night and morning."""
    if event_time is None or event_time.precision not in (Precision.MINUTE, Precision.HOUR):
        return frozenset()
    start = event_time.start.astimezone(CHINA)
    named = [str(part) for part, (first, last) in enumerate(_HOURS) if first <= start.hour <= last]
    return frozenset(f"{start:%m%d}{part}" for part in named)


def day_before(found: Features) -> str:
    """The day (MMDD) before the event's, else before publication: what a later telling may have been about."""
    start = found.event_time[0] if found.event_time and found.event_day else found.published
    return datetime.fromtimestamp(start - ONE_DAY, CHINA).strftime("%m%d")
