"""``decide(board, event, now, rules)``: who is told now and why, who waits and why, and when to look again. Pure.

Decided by state and not by event: for each incident and each person concerned, what they were told last is compared
with what they ought to know. So a repetition decides nothing new, a restart goes on where it was, and a day without
the worker ends in one message, not in all those that were missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.alerting.board import Board, BoardEvent, Case
from processors.alerting.holding import Around, hold, inhibited, urgent
from processors.alerting.routing import Role, Route, chain_step, rejected, routes
from processors.alerting.rules import AlertRules
from schemas.alert import Alert, AlertReason, Covered, Held, Notice, NoticeVerdict, Plan, Purpose
from schemas.ids import digest
from schemas.subscription import Silence, Subscription
from schemas.vocab import Level

_ORDER: tuple[Level | None, ...] = (Level.I, Level.II, None, Level.III, Level.IV)


@dataclass(frozen=True, slots=True)
class Tick:
    """Look again at these incidents; None looks at all that are not over. ``record_held``: write down who waits."""

    incidents: tuple[str, ...] | None = None
    record_held: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The board after the event, the plans to write before anything is sent, and when to look at an incident again."""

    board: Board
    plans: tuple[Plan, ...] = ()
    due: dict[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wishes:
    subscriptions: Sequence[Subscription]
    silences: Sequence[Silence]


def decide(board: Board, event: BoardEvent | Tick, now: datetime, rules: AlertRules) -> Decided:
    """What follows from an event. ``board`` is not changed. The same event again decides nothing."""
    after = board.copy()
    if not isinstance(event, Tick):
        after.add(event)
    wishes = _Wishes([*rules.subscriptions, *after.subscriptions()], [*rules.silences, *after.silences()])
    reviewed: list[Plan] = []
    due: dict[str, datetime | None] = {}
    for incident in _with_neighbours(after, _concerned(after, event, now, rules), now, rules):
        plan, due[incident] = review(after, incident, now, rules, wishes)
        if plan is None:
            continue
        quiet = isinstance(event, Tick) and not event.record_held
        reviewed.append(plan.model_copy(update={"held": ()}) if quiet else plan)
        after.add(plan)  # counts towards the rate of the next incident
    plans = merge([one for one in reviewed if one.notices or one.held], rules)
    settled = board.copy()
    if not isinstance(event, Tick):
        settled.add(event)
    for plan in plans:
        settled.add(plan)
    return Decided(settled, plans, due)


def _concerned(board: Board, event: BoardEvent | Tick, now: datetime, rules: AlertRules) -> Iterable[str]:
    if isinstance(event, Alert):
        return [event.incident]
    if isinstance(event, Tick) and event.incidents is not None:
        return event.incidents
    subject = getattr(event, "subject_type", None)
    if subject == "incident":
        return [getattr(event, "subject_id", "")]
    if subject == "alert":
        return [one for one in [board.incident_of.get(getattr(event, "subject_id", ""))] if one]
    return [incident for incident, case in board.cases.items() if is_live(case, now, rules)]


def _with_neighbours(board: Board, incidents: Iterable[str], now: datetime, rules: AlertRules) -> list[str]:
    """The incidents, and those of the same type and place: what one of them says may end or begin an inhibition."""
    chosen = dict.fromkeys(incidents)
    types = {latest.event_type for latest in (board.case(one).latest for one in chosen) if latest is not None} - {None}
    if rules.policy.inhibit and types:
        latest_of = {one: case.latest for one, case in board.cases.items() if is_live(case, now, rules)}
        for incident in list(chosen):
            mine = latest_of.get(incident)
            near = [one for one, other in latest_of.items() if mine and other and _near(mine, other)]
            chosen |= dict.fromkeys(near)
    return list(chosen)


def _near(one: Alert, other: Alert) -> bool:
    return one.event_type is not None and one.event_type == other.event_type and bool({*one.places} & {*other.places})


def is_live(case: Case, now: datetime, rules: AlertRules) -> bool:
    """Whether anything can still be said of an incident without being old news."""
    latest = case.latest
    return latest is not None and now - latest.raised_at <= rules.stale_after


def review(
    board: Board, incident: str, now: datetime, rules: AlertRules, wishes: _Wishes
) -> tuple[Plan | None, datetime | None]:
    """(the plan for one incident, when to look again)."""
    case = board.case(incident)
    latest = case.latest
    if latest is None or not is_live(case, now, rules):
        return None, None
    notices: list[Notice] = []
    held: list[Held] = []
    again: list[datetime] = []
    around = Around(board, now, rules, wishes.silences, inhibited(latest, board, now, rules))
    for route in routes(case, now, rules, wishes.subscriptions):
        verdict = judge(case, route, around)
        notices += verdict.notices
        if verdict.held is not None and verdict.held.verdict not in (NoticeVerdict.TOLD, NoticeVerdict.NEVER_TOLD):
            held.append(verdict.held)
        if verdict.again is not None:
            again.append(verdict.again)
    planned = Plan(incident=incident, alert_id=latest.alert_id, notices=tuple(notices), held=tuple(held), at=now)
    told = board.copy()
    told.add(planned)
    _, further = chain_step(told.case(incident), now, rules)
    again += [one for one in (further, *_first_reminder(notices, latest, rules, now)) if one is not None]
    return planned, min(again, default=None)


def _first_reminder(notices: Sequence[Notice], latest: Alert, rules: AlertRules, now: datetime) -> list[datetime]:
    waits = bool(notices) and latest.reason is not AlertReason.ALL_CLEAR and bool(rules.shifts)
    return [now + timedelta(minutes=rules.policy.repeat_every)] if waits else []


@dataclass(frozen=True, slots=True)
class Judged:
    """What one person is told now, or why not, and when that may change."""

    notices: tuple[Notice, ...] = ()
    held: Held | None = None
    again: datetime | None = None


def judge(case: Case, route: Route, around: Around) -> Judged:
    """One person and one incident."""
    latest, now, rules = case.latest, around.moment, around.rules
    assert latest is not None
    told = case.told_version(route.recipient)
    if route.role is Role.BROADCAST:
        fresh = [one for version, one in sorted(case.alerts.items()) if version > told and not _old(one, now, rules)]
        return Judged(tuple(_notice(route, one, _news(case, route, one, told), 0, now) for one in fresh))
    if route.role is Role.DUTY and route.step > 0 and not _escalated(case, route, rules):
        return Judged((_notice(route, latest, Purpose.ESCALATION, route.step, now),))
    if told and route.role is not Role.DUTY and rejected(case, rules):
        return _withdraw(case, route, now)
    if told >= latest.alert_version:
        return _remind(case, route, around)
    refused = _refused(case, latest, told, now, rules)
    if refused is not None:
        return Judged(held=Held(recipient=route.recipient, verdict=refused))
    waits = hold(case, route, around)
    if waits is not None:
        held = Held(recipient=route.recipient, verdict=waits.verdict, until=waits.until, detail=waits.detail)
        return Judged(held=held, again=waits.until)
    return Judged((_notice(route, latest, _news(case, route, latest, told), 0, now),))


def _refused(case: Case, latest: Alert, told: int, now: datetime, rules: AlertRules) -> NoticeVerdict | None:
    """Reasons that no time ends."""
    if _old(latest, now, rules):
        return NoticeVerdict.STALE
    if latest.reason is AlertReason.ALL_CLEAR and not told:
        return NoticeVerdict.NEVER_TOLD
    if rejected(case, rules):
        return NoticeVerdict.REJECTED
    return None


def _old(alert: Alert, now: datetime, rules: AlertRules) -> bool:
    """Old news when it was raised (a backfill), or raised too long ago (a worker that was down)."""
    backfilled = alert.news_at is not None and alert.raised_at - alert.news_at > rules.stale_after
    return backfilled or now - alert.raised_at > rules.stale_after


def _news(case: Case, route: Route, alert: Alert, told: int) -> Purpose:
    if alert.reason is AlertReason.ALL_CLEAR:
        return Purpose.ALL_CLEAR
    if told:
        return Purpose.UPDATE
    return Purpose.CONFIRMED if route.leader and case.verdict() == "confirm" else Purpose.FIRST


def _escalated(case: Case, route: Route, rules: AlertRules) -> bool:
    alert = case.needs_answer(rules.policy.answer_reasons)
    version = alert.alert_version if alert else 0
    sent = case.notices(route.recipient)
    return any(one.purpose is Purpose.ESCALATION and one.step >= route.step and to >= version for one, to in sent)


def _withdraw(case: Case, route: Route, now: datetime) -> Judged:
    """Once: what this one was told is not so. Who is on duty said it themselves."""
    latest = case.latest
    assert latest is not None
    if any(one.purpose is Purpose.WITHDRAWN for one, _ in case.notices(route.recipient)):
        return Judged(held=Held(recipient=route.recipient, verdict=NoticeVerdict.REJECTED))
    return Judged((_notice(route, latest, Purpose.WITHDRAWN, 0, now),))


def _remind(case: Case, route: Route, around: Around) -> Judged:
    """Until somebody acknowledges, at most ``most_repeats`` times, and never for what was missed meanwhile."""
    now, rules = around.moment, around.rules
    alert = case.needs_answer(rules.policy.answer_reasons)
    known = Judged(held=Held(recipient=route.recipient, verdict=NoticeVerdict.TOLD))
    if alert is None or route.role is not Role.DUTY or case.seen_version() >= alert.alert_version:
        return known
    if rejected(case, rules) or _old(alert, now, rules):
        return known
    mine = [(one, to) for one, to in case.notices(route.recipient) if to >= alert.alert_version]
    count = sum(one.purpose is Purpose.REMINDER for one, _ in mine)
    if not mine or count >= rules.policy.most_repeats:
        return known
    due = max(one.at for one, _ in mine) + timedelta(minutes=rules.policy.repeat_every)
    if now < due:
        return Judged(held=known.held, again=due)
    waits = hold(case, route, around)
    if waits is not None and not (urgent(alert, rules) and waits.verdict is not NoticeVerdict.SILENCED):
        return Judged(held=known.held, again=waits.until)
    latest = case.latest
    assert latest is not None
    return Judged(
        (_notice(route, latest, Purpose.REMINDER, count + 1, now),),
        again=now + timedelta(minutes=rules.policy.repeat_every),
    )


def _notice(route: Route, alert: Alert, purpose: Purpose, step: int, now: datetime) -> Notice:
    covered = Covered(incident=alert.incident, alert_id=alert.alert_id, alert_version=alert.alert_version)
    return Notice(
        notice_id=digest("notice", alert.alert_id, route.recipient, purpose.value, str(step)),
        recipient=route.recipient,
        channels=route.channels,
        purpose=purpose,
        covers=(covered,),
        level=alert.level,
        step=step,
        unit=route.unit,
        at=now,
    )


def merge(plans: Sequence[Plan], rules: AlertRules) -> tuple[Plan, ...]:
    """More than ``merge_over`` notices to one person for one purpose become one message, in the plan of the first."""
    groups: dict[tuple[str, Purpose], list[Notice]] = {}
    for notice in (one for plan in plans for one in plan.notices):
        if not notice.recipient.startswith("@"):
            groups.setdefault((notice.recipient, notice.purpose), []).append(notice)
    merged = {id(group[0]): _one_of(group) for group in groups.values() if len(group) > rules.policy.merge_over}
    gone = {id(one) for group in groups.values() if len(group) > rules.policy.merge_over for one in group[1:]}
    kept = []
    for plan in plans:
        notices = tuple(merged.get(id(one), one) for one in plan.notices if id(one) not in gone)
        if notices or plan.held:
            kept.append(plan.model_copy(update={"notices": notices}))
    return tuple(kept)


def _one_of(group: Sequence[Notice]) -> Notice:
    first = group[0]
    covers = tuple(covered for one in group for covered in one.covers)
    level = min((one.level for one in group), key=_ORDER.index)
    identity = digest("notices", *sorted(one.notice_id for one in group))
    return first.model_copy(update={"notice_id": identity, "covers": covers, "level": level})
