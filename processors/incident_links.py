"""Which incident an item speaks of: by the id it names, else by type, place, time and figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.incident_sum import CASUALTIES, STAGE_OF_KIND
from schemas.assessment import AssessedItem, Facts
from schemas.base import local_day
from schemas.incident import Incident
from schemas.vocab import Precision

_EXACT = {Precision.MINUTE, Precision.HOUR}


@dataclass(frozen=True, slots=True)
class IncidentRules:
    """When two items speak of the same event.

    ``same_hours``: onsets known to the hour may differ so much (SPEC 12: merge by time ±2 h, place, type).
    ``silence``: without an onset, how long after the last word an item still belongs (ours, no source).
    ``reopen``: how long a final report may still be corrected (SPEC 2.4: casualty change within 30 days).
    ``ratio`` and ``gap``: casualties that differ by more than both are two events (ours, no source).
    """

    same_hours: timedelta = timedelta(hours=2)
    silence: timedelta = timedelta(hours=24)
    reopen: timedelta = timedelta(days=30)
    ratio: float = 5.0
    gap: int = 10


State = Mapping[str, Incident]
"""Incidents of one district by id."""


def linked(state: State, item: AssessedItem, now: datetime, rules: IncidentRules) -> Incident | None:
    """The incident an item belongs to: by the id it names, else by type, place, time and figures; the latest wins."""
    label = item.input.incident
    if label:
        named = [one for one in state.values() if _is_named(one, label, item.source)]
        if named:
            return max(named, key=_recency)
    if item.assessment.emergency.in_district is False:
        return None
    alike = [one for one in state.values() if _is_same_event(one, item, now, rules)]
    return max(alike, key=_recency, default=None)


def _is_named(incident: Incident, label: str, source: str) -> bool:
    return incident.incident == label or any(one.label == label and one.source == source for one in incident.sources)


def _recency(incident: Incident) -> tuple[datetime, str]:
    return incident.changed_at, incident.incident


def _is_same_event(incident: Incident, item: AssessedItem, now: datetime, rules: IncidentRules) -> bool:
    if incident.closed and now - incident.changed_at > rules.reopen:
        return False
    if _contradicts_label(incident, item):
        return False
    return (
        _same_type(incident, item)
        and _same_place(incident, item)
        and _same_time(incident, item, now, rules)
        and _compatible(incident.facts, item.assessment.facts, rules)
    )


def _contradicts_label(incident: Incident, item: AssessedItem) -> bool:
    """The same sender calls them by two names: two events, however alike."""
    own = {one.label for one in incident.sources if one.source == item.source and one.label}
    return bool(item.input.incident and own and item.input.incident not in own)


def _same_type(incident: Incident, item: AssessedItem) -> bool:
    emergency = item.assessment.emergency
    if incident.event_type and emergency.event_type:
        return incident.event_type == emergency.event_type
    if emergency.event_class is None and item.input.kind in STAGE_OF_KIND:
        return True  # a follow-up does not repeat the beginning (SPEC 2.4); place, time and figures must still agree
    return incident.event_class is not None and incident.event_class == emergency.event_class


def _same_place(incident: Incident, item: AssessedItem) -> bool:
    """Shared places; where one side names none, a follow-up of the same sender still belongs."""
    theirs = item.assessment.facts.places
    ours = [place for source in incident.sources for place in source.facts.places]
    if theirs and ours:
        return any(a in b or b in a for a in theirs for b in ours)
    same_sender = any(one.source == item.source for one in incident.sources)
    return same_sender and item.input.kind in STAGE_OF_KIND


def _same_time(incident: Incident, item: AssessedItem, now: datetime, rules: IncidentRules) -> bool:
    ours, theirs = incident.facts.event_time, item.assessment.facts.event_time
    if ours is None or theirs is None:
        return now - incident.changed_at <= rules.silence
    if ours.precision in _EXACT and theirs.precision in _EXACT:
        return abs(ours.start - theirs.start) <= rules.same_hours
    if Precision.MONTH in (ours.precision, theirs.precision):
        return ours.start.strftime("%Y-%m") == theirs.start.strftime("%Y-%m")
    return local_day(ours.start) == local_day(theirs.start)


def _compatible(ours: Facts, theirs: Facts, rules: IncidentRules) -> bool:
    for name in CASUALTIES:
        a, b = getattr(ours, name), getattr(theirs, name)
        if a and b and abs(a - b) > rules.gap and max(a, b) > rules.ratio * min(a, b):
            return False
    return True
