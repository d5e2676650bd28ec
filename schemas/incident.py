"""Incidents: an emergency from the first word of it to the final report."""

from __future__ import annotations

from schemas.assessment import Facts
from schemas.base import Event, Time
from schemas.vocab import EventClass, Kind, Lane, Level, Stage


class IncidentSource(Event):
    """One item that speaks of the incident, with the figures it gave."""

    item_id: str
    version: int
    lane: Lane
    kind: Kind | None = None
    source: str
    title: str = ""
    received_at: Time
    published_at: Time | None = None
    label: str | None = None
    """The incident's name as the sender gave it; follow-ups of the same sender carry it again."""
    event_class: EventClass | None = None
    event_type: str | None = None
    level: Level | None = None
    level_rule: str | None = None
    facts: Facts = Facts()
    doubts: tuple[str, ...] = ()
    """Messages of number findings, so that an alert carries the doubt."""


class FigureChange(Event):
    """A figure that changed between versions, or that two sources give differently."""

    figure: str
    before: int | float | None
    after: int | float | None
    item_id: str
    contradiction: bool = False


class Incident(Event):
    """Value of ``incidents.changed``: the whole incident after the change; the highest ``version`` is the truth.

    ``alert_version`` counts only changes that people must hear of (new, level, figures, stage); one alert each.
    """

    incident: str
    district: str
    version: int
    alert_version: int
    stage: Stage
    title: str
    event_class: EventClass | None = None
    event_type: str | None = None
    level: Level | None = None
    level_rule: str | None = None
    in_district: bool | None = None
    signed: bool = False
    """A department reported it (else a machine alone flagged it from media or opinion)."""
    place: str | None = None
    facts: Facts = Facts()
    sources: tuple[IncidentSource, ...] = ()
    changes: tuple[FigureChange, ...] = ()
    opened_at: Time
    changed_at: Time
    cause_event: str = ""
    """What made this version: item id and version, or decision id; makes replays recognisable."""
    closed: bool = False
