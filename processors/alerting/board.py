"""What is known about alerts: a set of events that does not mind their order or repetition. Pure.

Nothing here is stored: a restart reads the topics and has the same board again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from processors.alerting.raising import alert_id
from schemas.alert import Alert, AlertReason, Covered, Delivery, Notice, Plan, Purpose
from schemas.decision import Decision
from schemas.subscription import Silence, Subscription

RATE_WINDOW = timedelta(hours=1)
BROADCAST = "@"
"""Before the name of a channel: the recipient that stands for the channel itself."""
BoardEvent = Alert | Plan | Delivery | Decision


@dataclass(frozen=True, slots=True)
class Case:
    """One incident: its alerts by version, who was told what, and what people decided on it."""

    alerts: Mapping[int, Alert] = field(default_factory=dict)
    told: Mapping[str, Mapping[str, Notice]] = field(default_factory=dict)
    """Notices by recipient and id."""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    """Notices that reached nobody by any channel."""

    @property
    def latest(self) -> Alert | None:
        """The newest state that people must hear of."""
        return self.alerts[max(self.alerts)] if self.alerts else None

    def holding(self) -> list[Decision]:
        """Decisions that hold: without those undone, and without the undoing."""
        ordered = sorted(self.decisions.values(), key=lambda one: (one.at, one.decision_id))
        void: set[str] = set()
        kept: list[Decision] = []
        for index in range(len(ordered) - 1, -1, -1):
            one = ordered[index]
            if one.decision_id in void:
                continue
            if one.action != "undo":
                kept.append(one)
                continue
            before = (each.decision_id for each in reversed(ordered[:index]) if each.action != "undo")
            void.add(str(one.details.get("decision_id") or next((each for each in before if each not in void), "")))
        return kept[::-1]

    def verdict(self) -> str | None:
        """``confirm`` or ``reject``: the last word of a person on what a machine flagged."""
        said = [one.action for one in self.holding() if one.action in ("confirm", "reject")]
        return said[-1] if said else None

    def seen_version(self) -> int:
        """The highest alert version that somebody has acknowledged or decided on; 0 for none."""
        incident = next((one.incident for one in self.alerts.values()), "")
        versions = {alert_id(incident, version): version for version in self.alerts}
        seen = [0]
        for one in self.holding():
            if one.action in ("acknowledge", "confirm", "reject", "close"):
                seen.append(versions.get(one.subject_id, 0) if one.subject_type == "alert" else self.version_at(one.at))
        return max(seen)

    def version_at(self, moment: datetime) -> int:
        """The highest version that had been raised at a moment: what a person saw who decided on the incident."""
        return max((version for version, one in self.alerts.items() if one.raised_at <= moment), default=0)

    def told_version(self, recipient: str) -> int:
        """The newest version a recipient was told of; 0 for none."""
        return max((covered for _, covered in self.notices(recipient)), default=0)

    def notices(self, recipient: str) -> list[tuple[Notice, int]]:
        """(notice, version it told of) to a recipient."""
        own = {one.incident for one in self.alerts.values()}
        mine = self.told.get(recipient, {}).values()
        return [(one, each.alert_version) for one in mine for each in one.covers if each.incident in own]

    def needs_answer(self, reasons: Iterable[AlertReason]) -> Alert | None:
        """The newest alert that somebody must acknowledge; None where there is none, or an all-clear came after it."""
        latest = self.latest
        if latest is None or latest.reason is AlertReason.ALL_CLEAR:
            return None
        wanted = frozenset(reasons)
        return max((one for one in self.alerts.values() if one.reason in wanted), key=_version, default=None)


def _version(alert: Alert) -> int:
    return alert.alert_version


@dataclass(slots=True)
class Board:
    """Cases by incident, what people asked for, and when each recipient was last written to."""

    cases: dict[str, Case] = field(default_factory=dict)
    incident_of: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, dict[str, Decision]] = field(default_factory=dict)
    """Decisions on alerts that are not known yet."""
    recent: dict[str, dict[str, datetime]] = field(default_factory=dict)
    asked: dict[str, Decision] = field(default_factory=dict)
    """The last word on each subscription and silence."""

    def copy(self) -> Board:
        """One that can be changed without changing this; cases are never changed, only replaced."""
        return Board(dict(self.cases), dict(self.incident_of), dict(self.waiting), dict(self.recent), dict(self.asked))

    def add(self, event: BoardEvent) -> None:
        """Take an event in; a repeat changes nothing."""
        match event:
            case Alert():
                self._add_alert(event)
            case Plan():
                self._add_notices(event.notices)
            case Delivery():
                self._add_delivery(event)
            case Decision():
                self._add_decision(event)

    def case(self, incident: str) -> Case:
        """The case of an incident, empty where nothing is known."""
        return self.cases.get(incident, _EMPTY)

    def subscriptions(self) -> list[Subscription]:
        """Those that people asked for and did not take back."""
        return [one for one in map(_subscription, self._standing("subscribe")) if one is not None]

    def silences(self) -> list[Silence]:
        """Those that people asked for and did not take back."""
        return [one for one in map(_silence, self._standing("silence")) if one is not None]

    def _standing(self, action: str) -> list[Decision]:
        return [self.asked[key] for key in sorted(self.asked) if self.asked[key].action == action]

    def _add_alert(self, alert: Alert) -> None:
        case = self.case(alert.incident)
        known = case.alerts.get(alert.alert_version)
        if known is None or alert.raised_at < known.raised_at:  # the first intent counts
            self.cases[alert.incident] = replace(case, alerts={**case.alerts, alert.alert_version: alert})
        self.incident_of[alert.alert_id] = alert.incident
        for decision in self.waiting.pop(alert.alert_id, {}).values():
            self._add_decision(decision)

    def _add_notices(self, notices: Iterable[Notice]) -> None:
        told: dict[str, dict[str, Mapping[str, Notice]]] = {}
        for notice in notices:
            for covered in notice.covers:
                if covered.incident not in told:
                    told[covered.incident] = dict(self.case(covered.incident).told)
                mine = told[covered.incident]
                mine[notice.recipient] = {notice.notice_id: notice, **mine.get(notice.recipient, {})}
            times = {**self.recent.get(notice.recipient, {}), notice.notice_id: notice.at}
            newest = max(times.values())
            self.recent[notice.recipient] = {key: at for key, at in times.items() if newest - at < RATE_WINDOW}
        for incident, by_recipient in told.items():
            self.cases[incident] = replace(self.case(incident), told=by_recipient)

    def _add_delivery(self, delivery: Delivery) -> None:
        """A notice that reached nobody; or an attempt of before notices were written: its channel has been told."""
        if delivery.exhausted:
            case = self.case(delivery.incident)
            self.cases[delivery.incident] = replace(case, lost=case.lost | {delivery.notice_id})
        if delivery.notice_id:
            return
        incident = self.incident_of.get(delivery.alert_id)
        for version, alert in self.case(incident or "").alerts.items():
            if alert.alert_id == delivery.alert_id:
                covers = (Covered(incident=alert.incident, alert_id=alert.alert_id, alert_version=version),)
                self._add_notices(
                    [
                        Notice(
                            notice_id=f"{delivery.alert_id}:{delivery.channel}",
                            recipient=f"{BROADCAST}{delivery.channel}",
                            channels=(delivery.channel,),
                            purpose=Purpose.FIRST,
                            covers=covers,
                            level=alert.level,
                            at=delivery.at,
                        )
                    ]
                )

    def _add_decision(self, decision: Decision) -> None:
        if decision.subject_type in ("subscription", "silence"):
            key = f"{decision.subject_type}:{decision.subject_id}"
            known = self.asked.get(key)
            if known is None or (decision.at, decision.decision_id) > (known.at, known.decision_id):
                self.asked[key] = decision
            return
        incident = self._subject(decision)
        if incident is not None:
            case = self.case(incident)
            self.cases[incident] = replace(case, decisions={**case.decisions, decision.decision_id: decision})

    def _subject(self, decision: Decision) -> str | None:
        if decision.subject_type == "incident":
            return decision.subject_id
        if decision.subject_type != "alert":
            return None
        found = self.incident_of.get(decision.subject_id)
        if found is None:
            others = self.waiting.get(decision.subject_id, {})
            self.waiting[decision.subject_id] = {**others, decision.decision_id: decision}
        return found


def _subscription(decision: Decision) -> Subscription | None:
    try:
        return Subscription.model_validate(decision.details.get("subscription"))
    except ValidationError:
        return None  # of a newer version of ours; the others stand


def _silence(decision: Decision) -> Silence | None:
    try:
        return Silence.model_validate(decision.details.get("silence"))
    except ValidationError:
        return None


_EMPTY = Case()
