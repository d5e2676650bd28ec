"""Who wants to hear, who is on duty, what is kept quiet for a while: handed in by people, as data or through REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.alert import AlertReason
from schemas.base import CHINA, EdgeModel, Time
from schemas.vocab import Category, Kind, Lane, Level

AlertLevel = Level | Literal["undecided"]
Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""``08:00-20:00``; past midnight where the end is before the beginning. Equal ends: the whole day."""
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Annotated[int, Field(ge=1, le=7)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
URGENT: tuple[AlertLevel, ...] = (Level.I, Level.II, "undecided")


def level_name(level: Level | None) -> AlertLevel:
    """A level as rules name it."""
    return "undecided" if level is None else level


def within(hours: str, moment: datetime) -> bool:
    """Whether a moment is inside ``hours`` of the local day."""
    begin, _, end = hours.partition("-")
    now = moment.astimezone(CHINA).strftime("%H:%M")
    if begin < end:
        return begin <= now < end
    return begin == end or now >= begin or now < end


class Matcher(EdgeModel):
    """What an alert must be like. Empty lists mean all; ``themes`` are words in its class, type or title."""

    lanes: tuple[Lane, ...] = ()
    categories: tuple[Category, ...] = ()
    levels: tuple[AlertLevel, ...] = ()
    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()


class Subscription(Matcher):
    """Who wants to hear of what. ``who``: a person of the roster, or any name; ``unit``: the department they are of."""

    who: Name
    channel: str = Field(min_length=1, max_length=500, description="A configured channel's name or a webhook address")
    hours: Hours | None = None
    mode: Literal["at_once", "digest"] = "at_once"
    unit: str = Field(default="", max_length=200)


class Silence(Matcher):
    """Nothing that matches is sent until ``ends_at``. An empty silence would be an off switch and is refused."""

    who: tuple[str, ...] = ()
    """Only these persons; empty: everybody."""
    incident: str | None = None
    starts_at: Time | None = None
    ends_at: Time
    reason: str = Field(min_length=1, max_length=500)


class Person(EdgeModel):
    """A post, not a name. Addresses are kept apart, in the contacts file. ``channels`` in order of preference."""

    id: Name
    name: Name
    channels: tuple[str, ...] = ()
    unit: str = ""


class Shift(EdgeModel):
    """Who answers at a time: the first of ``chain`` at once, each next where nobody has answered.

    ``dates`` (YYYY-MM-DD) stand above ``days`` (1 Monday to 7 Sunday); neither: every day. ``hours``: None all day.
    """

    chain: tuple[tuple[Name, ...], ...] = Field(min_length=1)
    hours: Hours | None = None
    days: tuple[Weekday, ...] = ()
    dates: tuple[str, ...] = ()


class Policy(EdgeModel):
    """Who says go, and the clocks. Minutes unless said. Levels I and II can be held back by nothing."""

    leaders: tuple[Name, ...] = ()
    leaders_at_once: tuple[AlertLevel, ...] = (Level.I, Level.II, Level.III, "undecided")
    declared_kinds: tuple[Kind, ...] = (Kind.FIRST, Kind.FOLLOW_UP, Kind.FINAL)
    """Reports that are a department's own word of an emergency; in others a machine alone flagged it."""
    answer_reasons: tuple[AlertReason, ...] = (AlertReason.NEW, AlertReason.LEVEL_CHANGED)
    escalate_after: tuple[float, ...] = (5.0, 15.0)
    confirm_after: tuple[float, ...] = (10.0, 20.0)
    """The same clock for what waits for a confirmation."""
    repeat_every: float = Field(default=5.0, gt=0)
    most_repeats: int = Field(default=12, ge=0)
    group_interval: float = Field(default=10.0, ge=0)
    rate_per_hour: int = Field(default=30, ge=1)
    never_held: tuple[AlertLevel, ...] = URGENT
    merge_over: int = Field(default=3, ge=1)
    """More notices than this to one person in one round become one message."""
    digest_at: tuple[ClockTime, ...] = ("08:30", "17:30")
    inhibit: bool = True
    complaint_lanes: tuple[Lane, ...] = (Lane.OPINION,)
    """Where a citizen may be the source: units are told without title, words or source."""


class ReminderPolicy(EdgeModel):
    """How departments are reminded to report; when is in ``duties.tsv``. Minutes.

    ``channels`` in order of preference; none: only the log. Outside ``hours`` no department is written to.
    ``silent_after``: after the cut-off reports still on their way are waited for; ``silent_within``: a list of the
    silent that comes later than this is not sent any more.
    """

    channels: tuple[str, ...] = ()
    hours: Hours | None = None
    silent_after: float = Field(default=5.0, ge=0)
    silent_within: float = Field(default=180.0, gt=0)


class AlertFile(EdgeModel):
    """``alerts.toml`` of a district."""

    policy: Policy = Policy()
    reminders: ReminderPolicy = ReminderPolicy()
    person: tuple[Person, ...] = ()
    shift: tuple[Shift, ...] = ()
    subscription: tuple[Subscription, ...] = ()
    silence: tuple[Silence, ...] = ()
    channel: tuple[dict[str, object], ...] = ()
    """As the channels read them (publishers.channels)."""
