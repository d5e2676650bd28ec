"""Alerts: what must reach a person now, and what became of each attempt."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Event, Time
from schemas.vocab import Category, EventClass, Kind, Labelled, Lane, Level, Stage


class AlertReason(StrEnum):
    """Why an alert is raised."""

    NEW = "new"
    LEVEL_CHANGED = "level_changed"
    FIGURES_CHANGED = "figures_changed"
    STAGE_CHANGED = "stage_changed"
    ALL_CLEAR = "all_clear"


class Outcome(StrEnum):
    """What became of handing an alert to a channel."""

    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The process died between the send and the record; a person is told."""
    NOT_SENT = "not_sent"
    """Left out on purpose: old news, as after a backfill. ``detail`` says why."""
    RECEIVED = "received"
    """A delivery receipt: it is on the person's device."""
    UNDELIVERABLE = "undeliverable"
    """A delivery receipt: the carrier gave up after the gateway had taken it."""


class Purpose(Labelled):
    """Why one person is told of one state of an incident. The same purpose never tells the same person twice."""

    FIRST = "first", "首次"
    UPDATE = "update", "更新"
    CONFIRMED = "confirmed", "已核实"
    """A person confirmed what a machine had flagged."""
    WITHDRAWN = "withdrawn", "撤回"
    """A person found that it is nothing, and this one had been told."""
    ALL_CLEAR = "all_clear", "解除"
    REMINDER = "reminder", "催签"
    ESCALATION = "escalation", "升级"
    REPORT_DUE = "report_due", "报送提醒"
    """A department's daily report is due (schemas.reminder)."""
    SILENT_LIST = "silent_list", "未报清单"
    """Who let the cut-off pass."""
    INSTRUCTION_DUE = "instruction_due", "催办"
    """An instruction waits for the department, or for who watches over it (schemas.reminder)."""
    ISSUE = "issue", "刊物"
    """A bulletin is out, corrected or withdrawn."""


class NoticeVerdict(StrEnum):
    """Whether one person is told now, and why (not)."""

    SEND = "send"
    TOLD = "told"
    """Knows the newest state."""
    UNCONFIRMED = "unconfirmed"
    """A machine alone flagged it: leaders wait for a person."""
    REJECTED = "rejected"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    """A higher alert of the same kind and place is open."""
    OUTSIDE_HOURS = "outside_hours"
    DIGEST = "digest"
    GROUPED = "grouped"
    """Told of the incident moments ago: the next figures go together."""
    RATE_LIMITED = "rate_limited"
    NEVER_TOLD = "never_told"
    """All-clear of something the person never heard of."""
    STALE = "stale"


class Alert(Event):
    """Value of ``alerts.raised`` (key: incident): the intent, written before any send.

    ``alert_id`` is deterministic over incident and ``alert_version``: the same reason never alerts twice.
    """

    alert_id: str
    incident: str
    alert_version: int
    district: str
    level: Level | None
    stage: Stage
    reason: AlertReason
    title: str
    text: str
    doubts: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    signed: bool = False
    raised_at: Time
    item_received_at: Time | None = None
    news_at: Time | None = None
    """When what it tells was news; long before ``raised_at`` in a backfill, which is recorded and not sent."""
    lanes: tuple[Lane, ...] = ()
    kinds: tuple[Kind, ...] = ()
    """Kinds of the reports: a first report is a department's own word, in a normal one a machine saw an emergency."""
    category: Category | None = None
    event_class: EventClass | None = None
    event_type: str | None = None
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Departments, outlets and sites that spoke of it; never a person."""


class Covered(Event):
    """One state of one incident that a notice tells of."""

    incident: str
    alert_id: str
    alert_version: int


class Notice(Event):
    """The intent to tell one person, written before the send. No address: that is looked up at the moment of sending.

    ``notice_id`` is deterministic over what it tells whom and why. ``channels`` in the order in which they are tried.
    ``step`` counts reminders, and for an escalation is the step of the roster. ``unit``: the person belongs to a
    department, so a complaint goes without its words.
    """

    notice_id: str
    recipient: str
    channels: tuple[str, ...]
    purpose: Purpose
    covers: tuple[Covered, ...]
    level: Level | None = None
    step: int = 0
    unit: str = ""
    at: Time


class Held(Event):
    """Who is not told now, why, and until when at the latest (None: until something happens)."""

    recipient: str
    verdict: NoticeVerdict
    until: Time | None = None
    detail: str = ""


class Plan(Event):
    """Value of ``alerts.planned`` (key: incident): who is to be told, and who is not and why, decided at ``at``."""

    incident: str
    alert_id: str
    notices: tuple[Notice, ...] = ()
    held: tuple[Held, ...] = ()
    at: Time


class Delivery(Event):
    """Value of ``alerts.delivered`` (key: incident): one attempt on one channel. ``tries`` counts from 1.

    ``reference`` is the gateway's own id, by which a delivery receipt names it. ``final``: trying again on this channel
    is no use; ``exhausted``: no channel is left to try, and this person has not been reached.
    """

    delivery_id: str
    alert_id: str
    incident: str
    channel: str
    outcome: Outcome
    tries: int
    repeated: bool = False
    detail: str = ""
    at: Time
    notice_id: str = ""
    recipient: str = ""
    purpose: Purpose | None = None
    reference: str = ""
    final: bool = False
    exhausted: bool = False
