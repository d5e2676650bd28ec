"""The topics: keys, partitions, retention, cleanup policy and limits (DESIGN.md rules 1 to 4)."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.alert import Alert, Delivery, Plan
from schemas.assessment import AssessedItem
from schemas.base import Event
from schemas.bulletin import Bulletin
from schemas.case import Case
from schemas.deadletter import DeadLetter
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.item import Item
from schemas.ledger import LedgerEntry
from schemas.point import PointEntry
from schemas.reminder import PushedReceipt, Reminder, ReminderAttempt
from schemas.story import StoryAssigned
from schemas.vocab import Lane

DAY_MS = 24 * 60 * 60 * 1000
MIB = 1024 * 1024
FOREVER = -1

INPUT_LIMIT = 8 * MIB
"""Largest record on an input topic. A text of TEXT_LIMIT code points is below 4 MiB of UTF-8 plus escapes."""
DEADLETTER_LIMIT = 2 * INPUT_LIMIT
"""Base64 makes bytes 4/3 longer and encryption adds another 4/3 (1.78 in all), so the largest poison still fits."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic. ``retention_ms`` -1 keeps for good; ``limit`` in bytes of a record."""

    name: str
    key: str
    model: type[Event]
    partitions: int = 6
    retention_ms: int = FOREVER
    compact: bool = False
    limit: int = INPUT_LIMIT
    about: str = ""

    @property
    def cleanup(self) -> str:
        """Kafka's ``cleanup.policy``."""
        return "compact" if self.compact else "delete"


REPORTS = TopicSpec(
    "reports.submitted", "item id", Item, retention_ms=365 * DAY_MS, about="Department reports as submitted"
)
MEDIA = TopicSpec("media.published", "item id", Item, retention_ms=180 * DAY_MS, about="Media articles as collected")
OPINION = TopicSpec(
    "opinion.posted", "item id", Item, retention_ms=30 * DAY_MS, about="Public posts, masked before they are written"
)
ASSESSED = TopicSpec(
    "items.assessed",
    "item id",
    AssessedItem,
    retention_ms=365 * DAY_MS,
    limit=2 * INPUT_LIMIT,
    about="Masked input fields and the assessment",
)
SIGNALS = TopicSpec(
    "items.signals",
    "district",
    AssessedItem,
    retention_ms=7 * DAY_MS,
    about="Internal: assessed items with shortened text, keyed by district, for the agents that keep state",
)
INCIDENTS = TopicSpec("incidents.changed", "incident", Incident, about="Incidents after each change")
STORIES = TopicSpec(
    "stories.assigned", "item id", StoryAssigned, retention_ms=365 * DAY_MS, about="Which story an item belongs to"
)
ALERTS = TopicSpec("alerts.raised", "incident", Alert, about="The intent to alert, written before any send")
PLANS = TopicSpec(
    "alerts.planned", "incident", Plan, about="Whom to tell, and whom not and why, written before any send"
)
DELIVERIES = TopicSpec("alerts.delivered", "incident", Delivery, about="What became of each attempt to send")
LEDGER = TopicSpec("duty.ledger", "department:day", LedgerEntry, about="Who reported, by department and day")
DECISIONS = TopicSpec("decisions.made", "subject_type:subject_id", Decision, about="What people decided, for good")
CASES = TopicSpec("duty.cases", "case id", Case, about="Candidates for omissions, decided by two people")
POINTS = TopicSpec("duty.points", "entry id", PointEntry, about="Points as they followed from the record at a time")
REMINDERS = TopicSpec(
    "duty.reminders", "department:day", Reminder, about="Whom to remind to report, written before any send"
)
REMINDER_ATTEMPTS = TopicSpec(
    "duty.reminder_attempts", "department:day", ReminderAttempt, about="What became of each attempt to remind"
)
RECEIPTS = TopicSpec(
    "alerts.receipts", "channel:reference", PushedReceipt, retention_ms=30 * DAY_MS, about="Receipts from gateways"
)
BULLETINS = TopicSpec("bulletins.issued", "name:date", Bulletin, partitions=1, about="Bulletins as issued")
DEADLETTER = TopicSpec(
    "deadletter",
    "original key",
    DeadLetter,
    partitions=1,
    retention_ms=30 * DAY_MS,
    limit=DEADLETTER_LIMIT,
    about="What could not be processed, with original bytes",
)

ALL: tuple[TopicSpec, ...] = (
    REPORTS, MEDIA, OPINION, ASSESSED, SIGNALS, INCIDENTS, STORIES, ALERTS, PLANS, DELIVERIES, LEDGER, DECISIONS,
    BULLETINS, DEADLETTER, CASES, POINTS, REMINDERS, REMINDER_ATTEMPTS, RECEIPTS,
)  # fmt: skip
BY_NAME = {spec.name: spec for spec in ALL}
INPUT_BY_LANE = {Lane.REPORT: REPORTS, Lane.MEDIA: MEDIA, Lane.OPINION: OPINION}
LANE_BY_INPUT = {spec.name: lane for lane, spec in INPUT_BY_LANE.items()}
