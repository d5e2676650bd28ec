"""Alerts: what must reach a person now, and what became of each attempt."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Event, Time
from schemas.vocab import Level, Stage


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


class Delivery(Event):
    """Value of ``alerts.delivered`` (key: incident): one attempt on one channel. ``tries`` counts from 1."""

    delivery_id: str
    alert_id: str
    incident: str
    channel: str
    outcome: Outcome
    tries: int
    repeated: bool = False
    detail: str = ""
    at: Time
