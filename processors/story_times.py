"""Points for and against one event by when two items say that it was, and when they were published."""

from __future__ import annotations

from processors.story_features import ONE_DAY, Features
from schemas.vocab import Precision

HOUR = 3_600.0
FOLLOWED = 72 * HOUR
"""Hours in which an item without a time of its own is likely about a recent event."""
LONG_PAST = 30 * 24 * HOUR
"""From here on only an item that looks back is about that event."""
COMMON_TYPES = frozenset(
    "火灾 道路交通事故 溺水 群体性事件 停电 停水 内涝 暴雨 洪涝 刑事案件 意外死亡 坠落 人员被困走失".split()
)
"""Types that happen several times on one day; that two items tell of one of the others says more."""
WIDE_TYPES = frozenset("地震 台风".split())
"""Types felt at once in places far apart."""
LONG_TYPES = frozenset(
    "群体性事件 阻断交通 阻工 内涝 洪涝 暴雨 台风 停电 停水 高温 传染病 干旱 雨雪冰冻 森林火灾 通信中断".split()
)
"""Types that last for hours or days, so that two stated hours do not make two events."""


def time_points(one: Features, other: Features) -> float:
    """Points by the times of the events; without any, by the hours of publication."""
    if nickname := by_nickname(one, other):
        return nickname
    if same_moment(one, other):
        return 3.0
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


def by_nickname(one: Features, other: Features) -> float:
    """Points for a name that one event alone has."""
    if one.nicknames & other.nicknames:
        return 3.5  # “6·29”爆炸, 台风“海葵”
    # another event of that day has the same day too
    return 2.2 if one.event_day in other.nicknames or other.event_day in one.nicknames else 0.0


def same_moment(one: Features, other: Features) -> bool:
    """One has the minute that the other has or names, whatever the time of what it adds (3月28日13时40分)."""
    if one.moment and one.moment == other.moment:
        return True
    return _names_moment(one, other) or _names_moment(other, one)


def _names_moment(timed: Features, telling: Features) -> bool:
    return bool(timed.moment) and timed.moment[4:] in telling.clocks and timed.moment[:4] in telling.days


def looks_back(one: Features, other: Features) -> bool:
    """One tells of an event; the other, later and of no event of today, speaks of that kind of event as of the past."""
    typed, untyped = (one, other) if one.event_type else (other, one)
    if untyped.event_type or typed.event_type not in untyped.told or untyped.published < typed.published:
        return False
    return (untyped.back or untyped.later) and not (untyped.event_time and untyped.event_time[0] > untyped.published)


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
