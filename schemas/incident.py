"""Incidents: an emergency from the first word of it to the final report."""

from __future__ import annotations

from schemas.assessment import Facts
from schemas.base import Event, Time
from schemas.vocab import EventClass, Kind, Lane, Level, Link, Side, Stage


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
    phoned_at: Time | None = None
    label: str | None = None
    """The incident's name as the sender gave it; follow-ups of the same sender carry it again."""
    event_class: EventClass | None = None
    event_type: str | None = None
    level: Level | None = None
    level_rule: str | None = None
    facts: Facts = Facts()
    doubts: tuple[str, ...] = ()
    """Messages of number findings, so that an alert carries the doubt."""
    names: tuple[str, ...] = ()
    """Hamlets, villages and roads that the text names; a post often has no other place."""
    in_district: bool | None = None
    link: Link | None = None
    """Why it was added to this incident; null for the one that opened it."""
    number: int | None = None
    """Follow-ups of departments, counted from 1 in the order of their versions."""
    missing_elements: tuple[str, ...] = ()
    """Required elements of its stage (report_elements.tsv) that the report lacks."""


class PhoneCall(Event):
    """An emergency phoned in and written down by the duty officer. No caller's name or number: only the department."""

    call_id: str
    department: str
    called_at: Time
    recorded_at: Time
    title: str
    event_class: EventClass | None = None
    event_type: str | None = None
    level: Level | None = None
    facts: Facts = Facts()
    names: tuple[str, ...] = ()


class IncidentAct(Event):
    """What a person decided on the incident; kept with it so that its course can be told from it alone."""

    decision_id: str
    action: str
    by: str
    at: Time
    reason: str = ""
    incidents: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    side: Side | None = None
    """Whom it was reported to (``report_up``)."""
    undone: bool = False


class MergedIncident(Event):
    """An incident that became part of this one. ``decision_id`` is null where provisional words were folded in."""

    incident: str
    item_ids: tuple[str, ...]
    opened_at: Time
    at: Time
    call_ids: tuple[str, ...] = ()
    decision_id: str | None = None


class IncidentClock(Event):
    """A deadline of the incident: ``met_at`` null and ``deadline`` past means overdue. ``side``: to whom it runs."""

    rule: str
    side: Side
    name: str
    started: str
    """What started it: occurred, known, last_report."""
    started_at: Time
    deadline: Time
    met_at: Time | None = None
    source: str = ""


class FigureChange(Event):
    """A figure that changed between versions, or that two sources give differently."""

    figure: str
    before: int | float | None
    after: int | float | None
    item_id: str
    contradiction: bool = False
    at: Time | None = None
    """Receipt of the item that gave the new figure."""


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
    rejected: bool = False
    """A person found that nothing happened; a department's later report lifts it."""
    confirmed_by: str | None = None
    confirmed_at: Time | None = None
    """A person confirmed what a machine alone had flagged."""
    merged_into: str | None = None
    """Where its sources went; an incident with this set takes part in nothing any more."""
    merged: tuple[MergedIncident, ...] = ()
    apart: tuple[str, ...] = ()
    """Incidents that people separated from this one; machines do not join them again."""
    calls: tuple[PhoneCall, ...] = ()
    acts: tuple[IncidentAct, ...] = ()
    clocks: tuple[IncidentClock, ...] = ()
    next_due: Time | None = None
    """When the next report is due by level; null once closed."""
