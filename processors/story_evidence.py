"""What the model of pairs is given: the points by hand and what the two items have, as one row of numbers."""

from __future__ import annotations

from math import log1p

from processors.story_features import ONE_DAY, Features
from processors.story_pairs import SURE, points, total
from processors.story_places import UNKNOWN_LEVEL, level
from processors.story_times import COMMON_TYPES, HOUR, WIDE_TYPES, looks_back, same_moment
from processors.story_weights import Weights
from schemas.vocab import Kind, Lane

NAMES = tuple(
    "place wording figures time kind follow_up reply alike total "
    "pairs pairs_of_smaller pairs_of_larger title names names_least numbers numbers_least clocks clocks_least "
    "hours smaller larger specific both_specific towns towns_least counties counties_least wide wide_least "
    "near near_least loose local_first local_last typed_first typed_last same_type kin told_of_other told common "
    "emergency_first emergency_last both_or_none same_category reports posts media same_source "
    "hours_between_events hours_since_event same_day day_said days later grown back apart reply_any one_warning "
    "nicknames proper ends same_kind figures_same figures_other figures_first figures_last "
    "moment code_level code_gap focus_level focus_gap last_focus_level last_focus_gap worth worth_top worth_of_smaller "
    "worth_of_both signs signs_top signs_of_smaller ages people counted exact_first exact_last days_between "
    "parts parts_least keys".split()
)
"""A name for each number of a row, in order."""
TOTAL = NAMES.index("total")
JOIN = 3.2
"""Points by hand from which what looks back on an event is joined to it; chosen on gold (train, dev)."""
UNKNOWN = -1.0
_LEAST = 6.0
"""Worth below which a share says little."""
_FULL = 12
"""Rare pairs below which a share of them says little."""


def evidence(first: Features, last: Features, keys: int, weights: Weights) -> tuple[list[float], float]:
    """The row of two items, ``first`` the earlier to arrive, and what is beyond weighing (``Points.rule``).

    ``keys``: blocking keys that both have, each as often as it weighs. ``weights``: what signs in common are worth.
    """
    found = points(first, last)
    row = [*found[:8], total(first, last, found)]
    for part in (_words, _places, _kinds, _times, _rest):
        row += part(first, last)
    row += _worth(first, last, weights)
    rule = found.rule
    if not rule and row[TOTAL] >= JOIN and looks_back(first, last):
        rule = SURE  # of damages paid and trials after months the gold has too few to learn from
    return [*map(float, row), float(keys)], rule


def _worth(first: Features, last: Features, weights: Weights) -> list[float]:
    """What only few texts have in common, where both lie, and what both count."""
    worth, top = weights.total(first.pairs & last.pairs)
    signs, signs_top = weights.total(set(first.signs) & set(last.signs))
    least, least_signs = min(first.worth, last.worth), min(first.signs_worth, last.signs_worth)
    if first.event_type == last.event_type and first.event_type in WIDE_TYPES:
        where = [*UNKNOWN_LEVEL] * 3  # a quake is felt in two provinces
    else:
        where = [*level(first.codes, last.codes), *level(first.focus, last.focus), *level(first.codes, last.focus)]
    both = (max(first.worth, _LEAST) * max(last.worth, _LEAST)) ** 0.5
    return [
        same_moment(first, last),
        *where,
        worth, top, worth / max(least, _LEAST), worth / both,
        signs, signs_top, signs / max(least_signs, _LEAST),
        len(first.ages & last.ages), len(first.people & last.people),
        len((first.counted & last.people) | (first.counted & last.counted) | (first.people & last.counted)),
        bool(first.moment), bool(last.moment), abs(last.published - first.published) // ONE_DAY,
        *_shared(first.parts, last.parts),
    ]  # fmt: skip


def _words(first: Features, last: Features) -> list[float]:
    shared = len(first.pairs & last.pairs)
    smaller, larger = sorted((len(first.pairs), len(last.pairs)))
    title = (first.title & last.title) | (first.title & last.pairs) | (last.title & first.pairs)
    counted: list[float] = [shared, shared / max(smaller, _FULL), shared / max(larger, _FULL), len(title)]
    for one, other in ((first.names, last.names), (first.numbers, last.numbers), (first.clocks, last.clocks)):
        counted += _shared(one, other)
    return [*counted, log1p(abs(last.published - first.published) / HOUR), smaller, larger]


def _places(first: Features, last: Features) -> list[float]:
    counted: list[float] = [len(first.specific & last.specific), bool(first.specific) and bool(last.specific)]
    for one, other in (
        (first.towns, last.towns), (first.counties, last.counties), (first.wide, last.wide), (first.near, last.near),
    ):  # fmt: skip
        counted += _shared(one, other)
    return [*counted, len(first.loose & last.loose), first.local, last.local]


def _shared(one: frozenset[str], other: frozenset[str]) -> tuple[int, int]:
    return len(one & other), min(len(one), len(other))


def _kinds(first: Features, last: Features) -> list[float]:
    same = bool(first.event_type) and first.event_type == last.event_type
    lanes = (first.lane, last.lane)
    return [
        bool(first.event_type), bool(last.event_type), same, bool(first.groups & last.groups),
        (first.event_type in last.told) + (last.event_type in first.told), len(first.told & last.told),
        same and first.event_type in COMMON_TYPES,
        first.is_emergency, last.is_emergency, first.is_emergency == last.is_emergency, first.category == last.category,
        lanes.count(Lane.REPORT), lanes.count(Lane.OPINION), lanes.count(Lane.MEDIA), first.source == last.source,
    ]  # fmt: skip


def _times(first: Features, last: Features) -> list[float]:
    between = since = UNKNOWN
    if first.event_time and last.event_time:
        between = log1p(abs(first.event_time[0] - last.event_time[0]) / HOUR)
    elif first.event_time:
        since = log1p(max(0.0, last.published - first.event_time[0]) / HOUR)
    same_day = bool(first.event_day) and first.event_day == last.event_day
    said = first.event_day in last.days or last.event_day in first.days
    return [between, since, same_day, said, len(first.days & last.days)]


def _rest(first: Features, last: Features) -> list[float]:
    both = first.figures.keys() & last.figures.keys()
    same = sum(1 for name in both if first.figures[name] == last.figures[name])
    known = sum(1 for name in both if first.figures[name] and first.figures[name] == last.figures[name])
    return [
        first.later + last.later, first.grown + last.grown, first.back + last.back, first.another + last.another,
        first.reply + last.reply, first.warning != last.warning, len(first.nicknames & last.nicknames),
        first.proper and last.proper, last.kind in (Kind.FOLLOW_UP, Kind.FINAL), first.kind == last.kind,
        known, len(both) - same, len(first.figures), len(last.figures),
    ]  # fmt: skip
