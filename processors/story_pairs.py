"""Are two items about one event? Points for and against, each with its reason."""

from __future__ import annotations

from typing import NamedTuple

from processors.neardup import similarity
from processors.story_features import ONE_DAY, Features
from processors.story_times import COMMON_TYPES, FOLLOWED, HOUR, WIDE_TYPES, by_nickname, looks_back, time_points
from schemas.vocab import Kind, Lane, Precision

SURE, AGAINST = 100.0, -100.0
"""More than any evidence."""
OWN = 4.0
"""Points for a follow-up of the same department within half a day, of a kindred type."""
TEMPLATE = 0.25
"""Share of common wording from which other places, days and figures mean a filled-in form, not a reprint."""
TOLD_APART = -1.5
"""Points of place from which two items name different places."""
LITTLE = 0.6
"""Points that chance gives."""
UNTYPED = 1.5
"""Points of wording that two items without a type of event need."""
RETOLD = 1.0
"""Points of wording from which an item that looks back is taken to mean this event and not another of its kind."""
QUAKE = "地震"
SHRINKING = frozenset(("missing", "trapped"))
"""Figures that fall while people are found."""


class Points(NamedTuple):
    """Points that two items are one event, by what speaks; each in the unit of ``story_pairs``, from about -12 to 4."""

    place: float
    wording: float
    figures: float
    time: float
    kind: float
    follow_up: float
    reply: float
    alike: float
    """Share of common wording, 0 to 1."""
    rule: float
    """What is beyond weighing: ``SURE`` for one numbered incident, ``AGAINST`` for a form filled in twice, else 0."""


def points(one: Features, other: Features) -> Points:
    """Points for and against one event; the order of the two does not matter."""
    alike = similarity(one.minhash, other.minhash)
    place = _place(one, other)
    wording = _wording(one, other, alike)
    figures = _figures(one, other)
    follow_up = _follow_up(one, other)
    return Points(
        place, wording, figures, time_points(one, other), _kind(one, other, wording, place),
        follow_up, _reply(one, other), alike, _rule(one, other, alike, (place, wording, figures, follow_up)),
    )  # fmt: skip


def total(one: Features, other: Features, found: Points) -> float:
    """The sum by hand, whatever the rule: what the model of pairs starts from."""
    said = found.wording + found.time + found.place + found.figures + found.kind + found.follow_up + found.reply
    common = one.event_type in COMMON_TYPES and one.event_type == other.event_type
    little = UNTYPED if common else LITTLE
    if found.place <= 0 and found.wording < little and found.figures < LITTLE:
        said -= 0.8  # kind and hour alone are shared by strangers
    if one.another is not other.another:
        said -= 2.0
    if not (one.event_type or other.event_type or one.reply or other.reply):
        clocks = _clocks(one, other)
        if found.wording - clocks < UNTYPED:
            # two things of one day at one place; that one ends when the other begins says nothing
            said -= 0.5 + clocks
    return said


def _rule(one: Features, other: Features, alike: float, said: tuple[float, float, float, float]) -> float:
    place, wording, figures, follow_up = said
    if one.incident and one.incident == other.incident:
        return SURE
    if one.incident and other.incident and one.source == other.source:
        return AGAINST  # a department numbers its incidents apart
    told_in_turn = {one.kind, other.kind} <= {Kind.FIRST, Kind.FOLLOW_UP}
    if told_in_turn and place == 0 and figures >= 0 and follow_up >= OWN:
        return SURE  # it says nothing of its own but whose it is
    if _of_others(one, other) and place <= 0 and wording < LITTLE and figures < LITTLE:
        return AGAINST
    return AGAINST if alike >= TEMPLATE and _is_template(one, other, place) else 0.0


def _is_template(one: Features, other: Features, place: float) -> bool:
    """The same form filled in twice: much the same words, but other places, days or figures."""
    if place <= TOLD_APART or (one.specific and other.specific and place < 0):
        return True
    if one.event_time and other.event_time and not (one.later or other.later):
        apart = abs(one.event_time[0] - other.event_time[0])
        if apart > ONE_DAY or (apart > HOUR and one.event_time[1] is other.event_time[1] is Precision.MINUTE):
            return True
    if one.days and other.days and not one.days & other.days and abs(one.published - other.published) > FOLLOWED:
        return True
    names = bool(one.names and other.names) and not one.names & other.names
    numbers = len(one.numbers) > 1 and len(other.numbers) > 1 and not one.numbers & other.numbers
    return names and numbers


def _wording(one: Features, other: Features, alike: float) -> float:
    points = 12.0 * max(0.0, alike - 0.08)
    shared = len(one.pairs & other.pairs)
    smaller = min(len(one.pairs), len(other.pairs))
    if smaller:
        share = shared / max(smaller, 12)
        points += min(4.0, 7.0 * max(0.0, share - 0.06))
    points += min(2.0, 0.5 * len((one.title & other.title) | (one.title & other.pairs) | (other.title & one.pairs)))
    names = one.names & other.names
    if names:
        known = one.specific & other.specific
        points += min(3.0, sum(not any(place in name or name[:2] in place for place in known) for name in names))
    numbers = one.numbers & other.numbers
    if numbers:
        points += min(3.0, sum(map(_weight_of_number, sorted(numbers))))
    return points + _clocks(one, other)


def _clocks(one: Features, other: Features) -> float:
    """Clock times that both say."""
    return min(3.0, 1.5 * len(one.clocks & other.clocks))


def _weight_of_number(number: str) -> float:
    digits = sum(character.isdigit() for character in number)
    return 0.3 if digits < 3 else 1.0 if digits == 3 else 1.5


def _kind(one: Features, other: Features, wording: float, place: float) -> float:
    if one.warning is not other.warning and not (place > 0 and one.nicknames & other.nicknames):
        return -2.5  # what was feared and what came are two, but a typhoon has one name
    if not (one.event_type and other.event_type):
        if (wording >= RETOLD or by_nickname(one, other)) and looks_back(one, other):
            return 0.8
        return -1.0 if one.event_type or other.event_type else -1.5
    if one.event_type.startswith("其他") or other.event_type.startswith("其他"):
        return 0.5 if one.event_type == other.event_type else -0.3
    if one.event_type == other.event_type:
        if one.event_type == QUAKE:
            return 3.5  # two quakes of one day have two magnitudes
        return 1.5 if one.event_type in COMMON_TYPES else 2.5
    if one.groups & other.groups:
        return 0.5
    told = (one.event_type in other.told) + (other.event_type in one.told)
    return 0.5 if told == 2 else -0.5 if told else -1.5


def _place(one: Features, other: Features) -> float:
    if one.specific & other.specific:
        return 2.5
    points = _apart(one, other)
    wide = one.event_type == other.event_type and one.event_type in WIDE_TYPES
    # who feels a quake names where he is, not where it was
    return max(points, 0.0) if wide and not (one.facts.magnitude and other.facts.magnitude) else points


def _apart(one: Features, other: Features) -> float:
    points = _near(one, other)
    if one.villages and other.villages and not one.villages & other.villages:
        points -= 2.5
    elif one.specific and other.specific:
        points -= 1.0 if points > 0 else 2.0
    if (one.counties & (other.counties | other.loose)) or (other.counties & one.loose):
        points += 1.0
    elif one.counties and other.counties:
        points -= 3.0
    elif (one.counties and other.local and not one.local) or (other.counties and one.local and not other.local):
        points -= 2.5
    if (one.wide & (other.wide | other.loose)) or (other.wide & one.loose):
        points += 0.6
    elif one.wide and other.wide:
        points -= 2.0
    return points + (0.6 if one.rivers & other.rivers else 0.0)


def _near(one: Features, other: Features) -> float:
    """Towns, and places told at different depths: 水东 and 水东镇, 沙河工业园 and 沙河镇."""
    if one.near & other.near:
        return 1.5
    if one.near_heads & other.near_heads:
        return 1.2
    if one.name_heads & other.near or other.name_heads & one.near:
        return 1.2  # 沙石大道 lies in 沙石镇
    if _unplaced(one, other) or _unplaced(other, one):
        return 1.5
    if one.towns and other.towns:
        return -2.5
    # 马祖岩 and 峰山: both name a spot of one kind, and not the same
    spots, others = one.loose | one.rivers, other.loose | other.rivers
    return -1.5 if spots and others and not spots & others and not one.near & other.near else 0.0


def _unplaced(placed: Features, other: Features) -> bool:
    """The other names no place that is known as one, but says the very characters."""
    if other.near or other.counties:
        return False
    said = other.pairs | other.title
    return any(len(name) == 2 and name in said for name in placed.counties | placed.towns | placed.loose)


def _figures(one: Features, other: Features) -> float:
    first, last = (one, other) if one.published <= other.published else (other, one)
    points = 0.0
    if last.olds and not last.olds.isdisjoint(first.figures.values()):
        points += 2.0  # 由3人增加到4人
    for name in first.figures.keys() & last.figures.keys():
        a, b = first.figures[name], last.figures[name]
        if a == b:
            points += 0.0 if a == 0 else 0.4 if a < 3 else 1.0 if a < 20 else 2.0
        elif name == "deaths":
            points -= 2.0 if b < a else 0.8 if a and last.published - first.published < 2 * HOUR else 0.0
        elif name not in SHRINKING and a > 3 * b > 0:
            points -= 0.8
        elif a and b and name not in SHRINKING:
            points -= 0.3 if b < a else 0.1
    if one.facts.magnitude and other.facts.magnitude:
        points += 1.5 if one.facts.magnitude == other.facts.magnitude else -4.0
    return max(-4.0, min(3.0, points))


def _follow_up(one: Features, other: Features) -> float:
    """A follow-up says little of its own: the same department's recent first report is what it follows."""
    first, last = (one, other) if one.published <= other.published else (other, one)
    if last.kind not in (Kind.FOLLOW_UP, Kind.FINAL) or first.lane != last.lane:
        return 0.0
    apart = last.published - first.published
    if first.source != last.source:
        return 0.5 if first.kind == Kind.FIRST and apart <= ONE_DAY else 0.0
    kindred = one.groups & other.groups or not (one.event_type and other.event_type)
    if last.kind == Kind.FOLLOW_UP and apart <= ONE_DAY / 2 and (kindred or _is_other(one) or _is_other(other)):
        return OWN
    if first.kind in (Kind.FIRST, Kind.FOLLOW_UP) and apart <= FOLLOWED:
        return 2.5 if apart <= ONE_DAY else 1.5
    return 0.0


def _of_others(one: Features, other: Features) -> bool:
    """Whether the later of two reports is a follow-up of another department than the earlier: of what, it must say."""
    last = one if one.published > other.published else other
    reports = one.lane == other.lane == Lane.REPORT
    return reports and one.source != other.source and last.kind in (Kind.FOLLOW_UP, Kind.FINAL)


def _is_other(one: Features) -> bool:
    return bool(one.event_type and one.event_type.startswith("其他"))


def _reply(one: Features, other: Features) -> float:
    """An office's answer to a citizen: it names the letter's date or repeats what it was about."""
    asked, answer = (one, other) if one.published <= other.published else (other, one)
    if not answer.reply or asked.reply or asked.lane != answer.lane:
        return 0.0
    if asked.published_day in answer.days:
        return 3.0
    subject, topic = len(one.title & other.title), len(one.pairs & other.pairs)
    if subject >= 3 or (one.specific & other.specific and topic >= 3):
        return 3.0
    return 2.0 if topic + 2 * subject >= 5 else 1.0 if topic >= 3 or one.specific & other.specific else 0.0
