"""Who is concerned by an incident now, in which role. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Literal

from processors.alerting.board import BROADCAST, Case
from processors.alerting.resuming import shown
from processors.alerting.rules import AlertRules
from schemas.alert import Alert
from schemas.subscription import Matcher, Subscription, level_name


class Role(IntEnum):
    """Why somebody is concerned; a lower one stands above a higher one of the same person."""

    BROADCAST = 0
    DUTY = 1
    LEADER = 2
    SUBSCRIBER = 3


@dataclass(frozen=True, slots=True)
class Route:
    """One recipient. ``step``: place in the chain of duty. ``leader``: waits for a confirmation, whatever the role."""

    recipient: str
    channels: tuple[str, ...]
    role: Role
    step: int = 0
    leader: bool = False
    hours: str | None = None
    mode: Literal["at_once", "digest"] = "at_once"
    unit: str = ""


def flagged(alert: Alert, rules: AlertRules) -> bool:
    """Whether a machine alone flagged it: no department signed, or none called it an emergency itself."""
    return not alert.signed or not set(alert.kinds) & set(rules.policy.declared_kinds)


def for_leaders(alert: Alert, rules: AlertRules) -> bool:
    """Whether leaders hear of this level at all."""
    return level_name(alert.level) in rules.policy.leaders_at_once


def unconfirmed(case: Case, alert: Alert, rules: AlertRules) -> bool:
    """Whether a person's word is still missing before a leader hears of it."""
    return flagged(alert, rules) and case.verdict() is None


def rejected(case: Case, rules: AlertRules) -> bool:
    """Whether a person said that it is nothing. A department's own word afterwards is news again."""
    alert = case.latest
    return alert is not None and flagged(alert, rules) and case.verdict() == "reject"


def routes(case: Case, now: datetime, rules: AlertRules, subscriptions: Sequence[Subscription]) -> list[Route]:
    """Everybody concerned, each once, the most important first."""
    alert = case.latest
    if alert is None:
        return []
    found: dict[str, Route] = {}
    for route in [*_broadcast(rules), *_duty(case, now, rules), *_leaders(alert, rules)]:
        found.setdefault(route.recipient, route)
    for subscription in subscriptions:
        if matches(subscription, alert):
            route = _subscriber(subscription, rules)
            found.setdefault(route.recipient, route)
    return sorted(found.values(), key=lambda one: one.role)


def matches(matcher: Matcher, alert: Alert) -> bool:
    """Whether an alert is what somebody asked for; an empty list asks for all."""
    about = " ".join(filter(None, (alert.event_class, alert.event_type, alert.title)))
    where = " ".join((*alert.places, alert.title))
    return (
        (not matcher.lanes or bool(set(matcher.lanes) & set(alert.lanes)))
        and (not matcher.categories or alert.category in matcher.categories)
        and (not matcher.levels or level_name(alert.level) in matcher.levels)
        and (not matcher.places or any(one in where for one in matcher.places))
        and (not matcher.themes or any(one in about for one in matcher.themes))
    )


def chain_step(case: Case, now: datetime, rules: AlertRules) -> tuple[int, datetime | None]:
    """(how far up the chain an unanswered alert has gone by now, when it goes one further).

    The clock runs from the moment at which the first of the chain was told; without that nobody can have answered.
    Who could be reached by no channel is passed over at once. An answer stops it; what a machine flagged goes on, by
    its own clock, until a person confirms or rejects.
    """
    alert = case.needs_answer(rules.policy.answer_reasons)
    if alert is None or rejected(case, rules):
        return 0, None
    began = told_since(case, alert.alert_version, rules, now)
    if began is None:
        return 0, None
    seen = case.seen_version() >= alert.alert_version
    asked = for_leaders(alert, rules) and unconfirmed(case, alert, rules)
    if seen and not asked:
        return 0, None
    clocks = [began + timedelta(minutes=one) for one in _clock(seen, rules)]
    reached = sum(one <= now for one in clocks)
    chain = rules.chain(now)
    while reached + 1 < len(chain) and all(_out_of_reach(case, who, alert.alert_version) for who in chain[reached]):
        reached += 1
    return reached, next((one for one in clocks if one > now), None)


def _out_of_reach(case: Case, who: str, version: int) -> bool:
    """Whether a person was to be told of an alert and none of it arrived."""
    mine = [one.notice_id for one, covered in case.notices(who) if covered >= version]
    return bool(mine) and all(one in case.lost for one in mine)


def told_since(case: Case, version: int, rules: AlertRules, now: datetime) -> datetime | None:
    """When the first of those on duty now was told of an alert; None where nobody was: a new shift starts the clock."""
    persons = {who for step in rules.chain(now) for who in step}
    told = [one.at for who in persons for one, covered in case.notices(who) if covered >= version]
    return min(told, default=None)


def _clock(seen: bool, rules: AlertRules) -> tuple[float, ...]:
    return rules.policy.confirm_after if seen else rules.policy.escalate_after


def _broadcast(rules: AlertRules) -> Iterator[Route]:
    for channel in rules.broadcast:
        yield Route(f"{BROADCAST}{channel}", (channel,), Role.BROADCAST)


def _duty(case: Case, now: datetime, rules: AlertRules) -> Iterator[Route]:
    """The chain as far as it has come, and everybody of it who was told before."""
    alert = case.latest
    assert alert is not None
    reached, _ = chain_step(case, now, rules)
    answered = case.seen_version() >= alert.alert_version and _on_watch_knew(case, alert, rules)
    for step, persons in enumerate(rules.chain(now)):
        for who in persons:
            told = case.told_version(who) > 0
            if told or (step <= reached and (step > 0 or not answered)):
                yield _person(who, Role.DUTY, rules, step=min(step, reached))


def _on_watch_knew(case: Case, alert: Alert, rules: AlertRules) -> bool:
    """Whether anybody of any shift was told of this state: then an answered alert is not told to the next shift."""
    watch = {who for shift in rules.shifts for step in shift.chain for who in step}
    return any(case.told_version(who) >= alert.alert_version for who in watch)


def _leaders(alert: Alert, rules: AlertRules) -> Iterator[Route]:
    if for_leaders(alert, rules):
        for who in rules.policy.leaders:
            yield _person(who, Role.LEADER, rules)


def _person(who: str, role: Role, rules: AlertRules, step: int = 0) -> Route:
    person = rules.persons[who]
    leader = who in rules.policy.leaders and role is not Role.DUTY
    return Route(who, rules.usable(person.channels), role, step=step, leader=leader, unit=person.unit)


def _subscriber(one: Subscription, rules: AlertRules) -> Route:
    person = rules.persons.get(one.who)
    return Route(
        recipient=one.who if person else f"{one.who}→{shown(one.channel)}",
        channels=rules.usable([one.channel, *(person.channels if person else ())]),
        role=Role.SUBSCRIBER,
        leader=one.who in rules.policy.leaders,
        hours=one.hours,
        mode=one.mode,
        unit=one.unit or (person.unit if person else ""),
    )
