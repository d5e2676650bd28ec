"""Reasons to wait with what somebody would be told: each has a name and, where it can be known, an end. Pure.

Levels I and II (and what the policy adds) wait for nobody's hours, digest, grouping or rate; a silence holds them only
where it names the level or the incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from processors.alerting.board import RATE_WINDOW, Board, Case
from processors.alerting.routing import Role, Route, matches, unconfirmed
from processors.alerting.rules import AlertRules
from schemas.alert import Alert, AlertReason, NoticeVerdict
from schemas.base import CHINA
from schemas.subscription import Silence, level_name, within
from schemas.vocab import Level

LOOK_AGAIN = timedelta(minutes=5)
"""Where the end of a reason cannot be known (another incident must end first)."""
_WEIGHT = {Level.I: 4, Level.II: 3, Level.III: 2, Level.IV: 1}


@dataclass(frozen=True, slots=True)
class Hold:
    """Why to wait, and until when at the latest (None: until something happens)."""

    verdict: NoticeVerdict
    until: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What is the same for all recipients of an incident. ``inhibition``: of the incident, worked out once."""

    board: Board
    moment: datetime
    rules: AlertRules
    silences: Sequence[Silence] = ()
    inhibition: Hold | None = None


def hold(case: Case, route: Route, around: Around) -> Hold | None:
    """The first reason to wait; None where the recipient is to be told now."""
    alert, now, rules = case.latest, around.moment, around.rules
    assert alert is not None
    if route.role is Role.BROADCAST:
        return None
    if route.leader and unconfirmed(case, alert, rules):
        return Hold(NoticeVerdict.UNCONFIRMED)
    quiet = silenced(alert, route, around)
    if quiet is not None:
        return quiet
    if urgent(alert, rules):
        return None
    return (
        around.inhibition
        or _by_hours(route, now)
        or _by_digest(case, route, now, rules)
        or _by_group(case, route, now, rules)
        or _by_rate(route, around.board, now, rules)
    )


def urgent(alert: Alert, rules: AlertRules) -> bool:
    """Whether nothing may hold an alert back."""
    return alert.level in (Level.I, Level.II) or level_name(alert.level) in rules.policy.never_held


def silenced(alert: Alert, route: Route, around: Around) -> Hold | None:
    """By the silence that ends last of those that match."""
    found = [one for one in around.silences if _quiets(one, alert, route, around.moment, around.rules)]
    if not found:
        return None
    longest = max(found, key=lambda one: one.ends_at)
    return Hold(NoticeVerdict.SILENCED, longest.ends_at, longest.reason)


def _quiets(one: Silence, alert: Alert, route: Route, now: datetime, rules: AlertRules) -> bool:
    if not (one.starts_at is None or one.starts_at <= now) or now >= one.ends_at:
        return False
    if one.who and route.recipient not in one.who:
        return False
    if one.incident is not None and one.incident != alert.incident:
        return False
    named = bool(one.incident) or level_name(alert.level) in one.levels
    return matches(one, alert) and (named or not urgent(alert, rules))


def inhibited(alert: Alert, board: Board, now: datetime, rules: AlertRules) -> Hold | None:
    """By an open incident of the same type and place with a higher level: what is lower is part of it."""
    if not rules.policy.inhibit or not alert.places or alert.event_type is None:
        return None
    for incident, case in board.cases.items():
        other = case.latest
        if other is None or incident == alert.incident or other.reason is AlertReason.ALL_CLEAR:
            continue
        same = other.event_type == alert.event_type and bool(set(other.places) & set(alert.places))
        if same and _weight(other) > _weight(alert) and now - other.raised_at <= rules.stale_after:
            return Hold(NoticeVerdict.INHIBITED, now + LOOK_AGAIN, other.incident)
    return None


def _weight(alert: Alert) -> int:
    """An undecided level is above none and below none: it inhibits nothing and nothing inhibits it."""
    return _WEIGHT.get(alert.level, 0) if alert.level else 0


def _by_hours(route: Route, now: datetime) -> Hold | None:
    if route.hours is None or within(route.hours, now):
        return None
    return Hold(NoticeVerdict.OUTSIDE_HOURS, next_clock(now, [route.hours.partition("-")[0]]))


def _by_digest(case: Case, route: Route, now: datetime, rules: AlertRules) -> Hold | None:
    """Until the first digest time after the news came; from then on it is due."""
    if route.mode != "digest" or not rules.policy.digest_at:
        return None
    told = case.told_version(route.recipient)
    since = min(one.raised_at for version, one in case.alerts.items() if version > told)
    due = next_clock(since, rules.policy.digest_at)
    return Hold(NoticeVerdict.DIGEST, due) if now < due else None


def _by_group(case: Case, route: Route, now: datetime, rules: AlertRules) -> Hold | None:
    alert = case.latest
    assert alert is not None
    last = max((one.at for one, _ in case.notices(route.recipient)), default=None)
    if last is None or alert.reason is not AlertReason.FIGURES_CHANGED:
        return None
    until = last + timedelta(minutes=rules.policy.group_interval)
    return Hold(NoticeVerdict.GROUPED, until) if now < until else None


def _by_rate(route: Route, board: Board, now: datetime, rules: AlertRules) -> Hold | None:
    times = sorted(at for at in board.recent.get(route.recipient, {}).values() if now - at < RATE_WINDOW)
    over = len(times) - rules.policy.rate_per_hour
    return None if over < 0 else Hold(NoticeVerdict.RATE_LIMITED, times[over] + RATE_WINDOW)


def next_clock(after: datetime, clocks: Sequence[str]) -> datetime:
    """The first moment after ``after`` at which a clock in China shows one of ``clocks`` (HH:MM)."""
    local = after.astimezone(CHINA)
    days = (local.date(), local.date() + timedelta(days=1))
    moments = [datetime.combine(day, time.fromisoformat(one), CHINA) for day in days for one in clocks]
    return min(one for one in moments if one > local)
