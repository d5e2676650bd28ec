"""Are two items about one event? Points for and against, each with its reason; the sum decides."""

from __future__ import annotations

from processors.neardup import similarity
from processors.story_features import ONE_DAY, Features
from schemas.vocab import Kind, Precision

JOIN = 3.2
"""Points from which two items are one story; chosen on gold (train, dev): see docs/judgement/content.md."""
AGAINST = -100.0
"""More than any evidence for."""
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
HOUR = 3_600.0
FOLLOWED = 72 * HOUR
"""Hours in which an item without a time of its own is likely about a recent event."""
LONG_PAST = 30 * 24 * HOUR
"""From here on only an item that looks back is about that event."""
COMMON_TYPES = frozenset(
    "火灾 道路交通事故 溺水 群体性事件 停电 停水 内涝 暴雨 洪涝 刑事案件 意外死亡 坠落 人员被困走失".split()
)
"""Types that happen several times on one day; that two items tell of one of the others says more."""
QUAKE = "地震"
SHRINKING = frozenset(("missing", "trapped"))
"""Figures that fall while people are found."""
LONG_TYPES = frozenset(
    "群体性事件 阻断交通 阻工 内涝 洪涝 暴雨 台风 停电 停水 高温 传染病 干旱 雨雪冰冻 森林火灾 通信中断".split()
)
"""Types that last for hours or days, so that two stated hours do not make two events."""


def compare(one: Features, other: Features) -> tuple[float, float]:
    """Points that ``one`` and ``other`` are one event, and the similarity of their wording."""
    alike = similarity(one.minhash, other.minhash)
    if one.incident and one.incident == other.incident:
        return JOIN + 6.0, alike
    if one.incident and other.incident and one.source == other.source:
        return AGAINST, alike  # a department numbers its incidents apart
    place = _place(one, other)
    wording, figures = _wording(one, other, alike), _figures(one, other)
    points = wording + _time(one, other) + place + figures
    common = one.event_type in COMMON_TYPES and one.event_type == other.event_type
    little = UNTYPED if common else LITTLE
    if place <= 0 and wording < little and figures < LITTLE:
        points -= 0.8  # kind and hour alone are shared by strangers
    if one.another is not other.another:
        points -= 2.0
    if not (one.event_type or other.event_type or one.reply or other.reply):
        clocks = _clocks(one, other)
        if wording - clocks < UNTYPED:
            points -= (
                0.5 + clocks
            )  # two things of one day at one place; that one ends when the other begins says nothing
    points += _kind(one, other, wording, place) + _follow_up(one, other) + _reply(one, other)
    if alike >= TEMPLATE and _is_template(one, other, place):
        points += AGAINST
    return points, alike


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
        if (wording >= RETOLD or _nickname(one, other)) and looks_back(one, other):
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


def looks_back(one: Features, other: Features) -> bool:
    """One tells of an event; the other, later and of no event of today, speaks of that kind of event as of the past."""
    typed, untyped = (one, other) if one.event_type else (other, one)
    if untyped.event_type or typed.event_type not in untyped.told or untyped.published < typed.published:
        return False
    return (untyped.back or untyped.later) and not (untyped.event_time and untyped.event_time[0] > untyped.published)


def _time(one: Features, other: Features) -> float:
    if nickname := _nickname(one, other):
        return nickname
    if one.proper and other.proper and one.event_type == other.event_type:
        return -8.0  # two typhoons, ships or flights
    if not (one.event_type and other.event_type):
        return _activity(one, other)
    if one.event_time and other.event_time:
        return _two_times(one, other)
    if one.event_time or other.event_time:
        timed, untimed = (one, other) if one.event_time else (other, one)
        return _one_time(timed, untimed)
    return _published(one, other)


def _nickname(one: Features, other: Features) -> float:
    if one.nicknames & other.nicknames:
        return 3.5  # “6·29”爆炸, 台风“海葵”
    # another event of that day has the same day too
    return 2.2 if one.event_day in other.nicknames or other.event_day in one.nicknames else 0.0


def _activity(one: Features, other: Features) -> float:
    """Times of activities: two items on different days may tell of steps of one matter, the same day says a little."""
    if one.event_day and other.event_day and not (one.event_type or other.event_type or one.reply or other.reply):
        return 1.0 if one.event_day == other.event_day else -3.0
    if looks_back(one, other):
        if one.event_day in other.days or other.event_day in one.days:
            return 1.5
        return 0.5 if abs(one.published - other.published) <= 7 * ONE_DAY else 0.0
    if one.event_day and (one.event_day == other.event_day or one.event_day in other.days):
        return 1.0
    if other.event_day and other.event_day in one.days:
        return 1.0
    return _published(one, other)


def _two_times(one: Features, other: Features) -> float:
    (first, p1), (second, p2) = one.event_time, other.event_time  # type: ignore[misc]
    apart = abs(first - second)
    if apart > 3 * ONE_DAY:
        return 0.0 if Precision.MONTH in (p1, p2) and apart <= 31 * ONE_DAY else -12.0
    if apart > HOUR and one.event_type == other.event_type and one.event_type in LONG_TYPES:
        return 0.5 if one.event_day == other.event_day else 0.0 if apart <= ONE_DAY else -4.0
    first_told, last_told = (one, other) if one.published <= other.published else (other, one)
    added = last_told.event_time[0] - first_told.event_time[0]  # type: ignore[index]
    if last_told.later and HOUR < added <= ONE_DAY:
        return -0.5  # a follow-up may state the hour of what it adds
    if last_told.grown and first_told.event_day in last_told.days and added > 0:
        return 0.5
    if p1 is Precision.MINUTE and p2 is Precision.MINUTE:
        return _to_the_minute(apart, _same_spot(one, other))
    exact = (Precision.MINUTE, Precision.HOUR)
    if p1 in exact and p2 in exact:
        return 2.0 if apart <= HOUR else 0.0 if apart <= 2 * HOUR else -1.0 if _same_spot(one, other) else -4.0
    if one.event_day and other.event_day:
        if one.event_day == other.event_day:
            return 1.0
        return -1.0 if apart <= 1.5 * ONE_DAY and one.event_type else -5.0
    return 0.0


def _to_the_minute(apart: float, same_spot: bool) -> float:
    if apart <= HOUR / 2:
        return 3.0 if apart <= HOUR / 6 else 1.5
    return -1.0 if apart <= HOUR or same_spot else -4.5


def _same_spot(one: Features, other: Features) -> bool:
    """One rare thing at one spot on one day: the later hour is one of its own steps."""
    rare = one.event_type == other.event_type and one.event_type not in COMMON_TYPES
    return rare and one.event_day == other.event_day and bool(one.specific & other.specific)


def _one_time(timed: Features, untimed: Features) -> float:
    start, _ = timed.event_time  # type: ignore[misc]
    if timed.event_day in untimed.days:
        return 1.5
    after = untimed.published - start
    if after < -ONE_DAY / 2:
        return -4.0
    past = [day for day in untimed.days if day <= untimed.published_day]
    if past and timed.event_day and all(_days_apart(day, timed.event_day) > 3 for day in past):
        return -3.0
    if after <= FOLLOWED:
        return 0.5
    if after > LONG_PAST and not untimed.back:
        return -4.0
    return -0.5 if untimed.later else -2.0


def _days_apart(one: str, other: str) -> int:
    """Days between two dates MMDD, about, the shorter way round the year."""
    if not one or not other:
        return 0
    apart = abs((int(one[:2]) - int(other[:2])) * 30 + int(one[2:]) - int(other[2:]))
    return min(apart, 360 - apart)


def _published(one: Features, other: Features) -> float:
    apart = abs(one.published - other.published)
    if one.days & other.days:
        return 0.5
    return 0.5 if apart <= ONE_DAY else 0.0 if apart <= FOLLOWED else -0.5 if one.later or other.later else -1.5


def _place(one: Features, other: Features) -> float:
    if one.specific & other.specific:
        return 2.5
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
        return 4.0
    if first.kind in (Kind.FIRST, Kind.FOLLOW_UP) and apart <= FOLLOWED:
        return 2.5 if apart <= ONE_DAY else 1.5
    return 0.0


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
