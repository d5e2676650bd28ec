"""The district's rules of alerting: policy, posts, shifts, subscriptions, silences, as data that was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from processors.alerting.raising import STALE_AFTER
from schemas.base import local_day
from schemas.errors import DistrictError
from schemas.subscription import AlertFile, Person, Policy, Shift, Silence, Subscription, within

FILE = "alerts.toml"
LOG = "log"
"""The channel that is always there: who can be reached by no other is at least on record, and it shows."""
WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class AlertRules:
    """``broadcast``: channels that get every alert as it is; ``known``: channels that are set up here."""

    policy: Policy = field(default_factory=Policy)
    persons: Mapping[str, Person] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    silences: tuple[Silence, ...] = ()
    broadcast: tuple[str, ...] = ()
    known: frozenset[str] = frozenset({LOG})
    stale_after: timedelta = STALE_AFTER

    def usable(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The channels wanted that are set up, in their order; the log where none is."""
        found = tuple(one for one in wanted if one in self.known or one.startswith(WEB))
        return found or (LOG,)

    def chain(self, now: datetime) -> tuple[tuple[str, ...], ...]:
        """Who answers now, step by step. A shift for the date stands above one for the weekday, that above the rest."""
        fitting = [one for one in self.shifts if _fits(one, now)]
        fitting.sort(key=lambda one: (not one.dates, not one.days))
        return fitting[0].chain if fitting else ()


def read_rules(content: Mapping[str, Any]) -> AlertFile:
    """The content of ``alerts.toml``, checked. Raises DistrictError, which names every wrong field."""
    try:
        file = AlertFile.model_validate(content)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise DistrictError(FILE, 0, "; ".join(lines)) from None
    ids = [one.id for one in file.person]
    named = {*file.policy.leaders, *(who for shift in file.shift for step in shift.chain for who in step)}
    wrong = [f"person {one!r} is given twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    wrong += [f"nobody is called {one!r}" for one in sorted(named - set(ids))]
    wrong += [
        f"silence {one.reason!r} names nothing: it would keep everything quiet" for one in file.silence if blanket(one)
    ]
    if file.person and not file.shift:
        wrong.append("no shift: nobody would be told")
    if wrong:
        raise DistrictError(FILE, 0, "; ".join(wrong))
    return file


def blanket(silence: Silence) -> bool:
    """Whether a silence names nothing at all."""
    named = (silence.lanes, silence.categories, silence.levels, silence.places, silence.themes, silence.who)
    return not any(named) and not silence.incident


def _fits(shift: Shift, now: datetime) -> bool:
    if shift.hours is not None and not within(shift.hours, now):
        return False
    day = local_day(now)
    if shift.dates:
        return day in shift.dates
    return not shift.days or datetime.fromisoformat(day).isoweekday() in shift.days
