"""A small town for tests of alerting: rules, alerts with what they are given, and a shell that keeps what was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from processors.alerting import alert_id
from processors.alerting.board import Board, BoardEvent
from processors.alerting.deciding import Tick, decide
from processors.alerting.rules import AlertRules
from schemas.alert import Alert, Held, Notice, Plan
from schemas.decision import Decision
from schemas.subscription import Person, Policy, Shift, Subscription
from tests.items import at

PERSONS = {
    one.id: one
    for one in (
        Person(id="duty", name="值班员", channels=("sms", "mail")),
        Person(id="deputy", name="副班", channels=("sms",)),
        Person(id="head", name="带班领导", channels=("sms",)),
        Person(id="night", name="夜班值班员", channels=("sms",)),
        Person(id="leader", name="区领导", channels=("sms",)),
    )
}
CHAIN = (("duty",), ("deputy",), ("head",))


def rules(*subscriptions: Subscription, **changes: Any) -> AlertRules:
    """Duty, deputy, head; one leader; the log gets everything."""
    policy = Policy.model_validate({"leaders": ("leader",), **changes.pop("policy", {})})
    given: dict[str, Any] = {"shifts": (Shift(chain=CHAIN),), "broadcast": ("log",), **changes}
    known = frozenset({"log", "sms", "mail", "hook"})
    return AlertRules(policy=policy, persons=PERSONS, subscriptions=subscriptions, known=known, **given)


def alert(version: int = 1, minute: float = 0, incident: str = "i1", **changes: Any) -> Alert:
    """A landslide reported by a department unless said otherwise."""
    values: dict[str, Any] = {
        "alert_id": alert_id(incident, version), "incident": incident, "alert_version": version, "district": "d",
        "level": "III", "stage": "first", "reason": "new", "title": "沙石镇一处山体滑坡", "text": "山体滑坡；3人受伤。",
        "signed": True, "kinds": ["first"], "lanes": ["report"], "raised_at": at(minute), "news_at": at(minute),
        "event_type": "山体滑坡", "event_class": "自然灾害", "places": ["沙石镇"], "category": "急情要事",
    }  # fmt: skip
    return Alert.model_validate(values | changes)


def flagged(version: int = 1, minute: float = 0, incident: str = "i1", **changes: Any) -> Alert:
    """What a machine alone saw in the press."""
    return alert(version, minute, incident, **{"signed": False, "kinds": [], "lanes": ["media"], **changes})


def decision(action: str, minute: float, subject: str | None = None, **changes: Any) -> Decision:
    """What a person decided on the first alert of i1."""
    values = {
        "decision_id": f"{action}-{minute}-{subject}", "district": "d", "subject_type": "alert", "action": action,
        "subject_id": subject or alert_id("i1", 1), "by": "值班室", "at": at(minute),
    }  # fmt: skip
    return Decision.model_validate(values | changes)


@dataclass
class Shell:
    """Carries decisions out as the worker does: plans are kept, and come back to the board after a restart."""

    rules: AlertRules
    board: Board = field(default_factory=Board)
    events: list[BoardEvent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    due: dict[str, datetime | None] = field(default_factory=dict)

    def take(self, event: BoardEvent | Tick, minute: float) -> list[str]:
        """Who is told and why, as ``recipient:purpose``, in order."""
        decided = decide(self.board, event, at(minute), self.rules)
        if not isinstance(event, Tick):
            self.events.append(event)
        self.board = decided.board
        self.due |= decided.due
        self.held = [one for plan in decided.plans for one in plan.held]
        new = [one for plan in decided.plans for one in plan.notices]
        self.events += decided.plans
        self.notices += new
        return [f"{one.recipient}:{one.purpose.value}" for one in new]

    def tick(self, minute: float) -> list[str]:
        """Only what is due, as the worker does."""
        due = tuple(incident for incident, when in self.due.items() if when is not None and when <= at(minute))
        return self.take(Tick(due), minute) if due else []

    def restart(self, minute: float) -> list[str]:
        """Forget everything but the topics."""
        self.board, self.due = Board(), {}
        for event in self.events:
            self.board.add(event)
        return self.take(Tick(), minute)

    def why(self, recipient: str) -> str:
        """Why somebody waits."""
        return next((one.verdict.value for one in self.held if one.recipient == recipient), "")


def plans(events: list[BoardEvent]) -> list[Plan]:
    """The plans among events."""
    return [one for one in events if isinstance(one, Plan)]
