"""Incidents: which emergency an item speaks of, and what is known of it after the item. Pure.

An incident is the sum of its sources: figures, level and stage are computed again from all of them, so that the order
in which lanes deliver changes nothing but the history. Machines link and add up; a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from schemas.assessment import AssessedItem, Facts
from schemas.base import local_day
from schemas.ids import digest
from schemas.incident import FigureChange, Incident, IncidentSource
from schemas.vocab import Check, Kind, Lane, Level, Precision, Stage

T = TypeVar("T")

CASUALTIES = ("deaths", "injured", "missing", "trapped")
FIGURES = (
    *CASUALTIES, "serious_injuries", "evacuated", "direct_loss", "participants", "magnitude", "households", "cases",
    "area_forest", "hours",
)  # fmt: skip
"""All figures that may change; a change of one of them raises an alert."""
_LEVELS = list(Level)
_STAGES = list(Stage)
_STAGE_OF_KIND = {Kind.FOLLOW_UP: Stage.FOLLOW_UP, Kind.FINAL: Stage.FINAL}
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


def decide(state: State, item: AssessedItem, now: datetime, rules: IncidentRules) -> list[Incident]:
    """What changes through ``item``, received at ``now``: at most one new state of one incident.

    [] for a replay, an overtaken version, and items that no incident is made of.
    """
    known = _holding(state, item.item_id)
    if known is None and not concerns(item):
        return []
    source = _source(item)
    target = known or linked(state, item, now, rules)
    if target is None:
        return [_opened(item, source, now)] if _opens(item) else []
    changed = _joined(target, source, item, now)
    return [] if changed is None else [changed]


def concerns(item: AssessedItem) -> bool:
    """Emergencies that are not elsewhere, and every follow-up or final report."""
    emergency = item.assessment.emergency
    follows = item.input.lane is Lane.REPORT and item.input.kind in _STAGE_OF_KIND
    return follows or (emergency.is_emergency and emergency.in_district is not False)


def _opens(item: AssessedItem) -> bool:
    emergency = item.assessment.emergency
    return emergency.in_district is not False and (emergency.is_emergency or emergency.event_type is not None)


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
    if emergency.event_class is None and item.input.kind in _STAGE_OF_KIND:
        return True  # a follow-up does not repeat the beginning (SPEC 2.4); place, time and figures must still agree
    return incident.event_class is not None and incident.event_class == emergency.event_class


def _same_place(incident: Incident, item: AssessedItem) -> bool:
    """Shared places; where one side names none, a follow-up of the same sender still belongs."""
    theirs = item.assessment.facts.places
    ours = [place for source in incident.sources for place in source.facts.places]
    if theirs and ours:
        return any(a in b or b in a for a in theirs for b in ours)
    same_sender = any(one.source == item.source for one in incident.sources)
    return same_sender and item.input.kind in _STAGE_OF_KIND


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


def _holding(state: State, item_id: str) -> Incident | None:
    return next((one for one in state.values() if any(s.item_id == item_id for s in one.sources)), None)


def cause(item: AssessedItem) -> str:
    """What makes a version: item and version."""
    return f"{item.item_id}:{item.version}"


def _source(item: AssessedItem) -> IncidentSource:
    emergency, assessment = item.assessment.emergency, item.assessment
    mismatches = [one.message for one in assessment.findings if one.check is Check.NUMBER_MISMATCH]
    return IncidentSource(
        item_id=item.item_id,
        version=item.version,
        lane=item.input.lane,
        kind=item.input.kind,
        source=item.source,
        title=item.input.title,
        received_at=item.received_at,
        published_at=item.input.updated_at or item.input.published_at,
        label=item.input.incident,
        event_class=emergency.event_class,
        event_type=emergency.event_type,
        level=emergency.level,
        level_rule=emergency.level_rule,
        facts=assessment.facts,
        doubts=tuple(mismatches),
    )


def _opened(item: AssessedItem, source: IncidentSource, now: datetime) -> Incident:
    return _summed(
        Incident(
            incident=digest("incident", item.district, item.item_id),
            district=item.district,
            version=1,
            alert_version=1,
            stage=Stage.PROVISIONAL,
            title=item.input.title,
            in_district=item.assessment.emergency.in_district,
            sources=(source,),
            opened_at=now,
            changed_at=now,
            cause_event=cause(item),
        )
    )


def _joined(old: Incident, source: IncidentSource, item: AssessedItem, now: datetime) -> Incident | None:
    """The incident with one source more or newer; None where that source is not news."""
    present = next((one for one in old.sources if one.item_id == source.item_id), None)
    if present is not None and present.version >= source.version:
        return None
    if present is not None:  # the first receipt stays the receipt (CONTRACT "Ids")
        source = source.model_copy(update={"received_at": min(present.received_at, source.received_at)})
    others = tuple(one for one in old.sources if one.item_id != source.item_id)
    merged = _summed(
        old.model_copy(
            update={
                "sources": (*others, source),
                "in_district": _either(old.in_district, item.assessment.emergency.in_district),
                "version": old.version + 1,
                "changed_at": max(old.changed_at, now),
                "cause_event": cause(item),
            }
        )
    )
    news = _differences(old.facts, merged.facts, source)
    loud = bool(news) or (old.level, old.stage, old.closed) != (merged.level, merged.stage, merged.closed)
    changes = (*old.changes, *news, *_contradictions(merged, source, old.changes))
    return merged.model_copy(update={"alert_version": old.alert_version + int(loud), "changes": changes})


def _either(old: bool | None, new: bool | None) -> bool | None:
    """Where the event is: one source that places it here is enough; silence changes nothing."""
    return True if True in (old, new) else (old if new is None else new)


def _summed(incident: Incident) -> Incident:
    """Everything that follows from the sources: who speaks, figures, level, stage, names."""
    signed = [one for one in incident.sources if one.lane is Lane.REPORT]
    heard = sorted(signed or incident.sources, key=_weight)
    facts = merge(one.facts for one in sorted(incident.sources, key=_weight))
    stage = _stage(signed)
    level, level_rule = _highest(one for one in incident.sources if one in signed or not _is_refuted(one, facts))
    return incident.model_copy(
        update={
            "signed": bool(signed),
            "facts": facts,
            "level": level,
            "level_rule": level_rule,
            "stage": stage,
            "closed": stage is Stage.FINAL,
            "title": _first(one.title for one in heard) or incident.title,
            "event_class": _first(one.event_class for one in (*heard, *incident.sources)),
            "event_type": _first(one.event_type for one in (*heard, *incident.sources)),
            "place": _first(place for one in (*heard, *incident.sources) for place in one.facts.places),
        }
    )


def _weight(source: IncidentSource) -> tuple[bool, int, datetime, str]:
    """Later in this order wins: signed over unsigned, then the newer word."""
    return source.lane is Lane.REPORT, source.version, source.received_at, source.item_id


def merge(facts: Iterable[Facts]) -> Facts:
    """Figures of several sources, the heaviest last; what a source does not state, it does not erase."""
    merged: dict[str, object] = {}
    places: dict[str, None] = {}
    for one in facts:
        stated = {name: getattr(one, name) for name in (*FIGURES, "event_time", "as_of")}
        merged |= {name: value for name, value in stated.items() if value is not None}
        places |= dict.fromkeys(one.places)
    return Facts.model_validate({**merged, "places": tuple(places)})


def _stage(signed: list[IncidentSource]) -> Stage:
    """The furthest stage of the signed reports; a follow-up that corrects casualties opens a final one again."""
    if not signed:
        return Stage.PROVISIONAL
    ordered = sorted(signed, key=_weight)
    stage, known = Stage.FIRST, Facts()
    for one in ordered:
        own = _STAGE_OF_KIND.get(one.kind, Stage.FIRST) if one.kind else Stage.FIRST
        corrected = any(getattr(one.facts, name) not in (None, getattr(known, name)) for name in CASUALTIES)
        reopened = stage is Stage.FINAL and own is Stage.FOLLOW_UP and corrected
        stage = own if reopened else max(stage, own, key=_STAGES.index)
        known = merge([known, one.facts])
    return stage


def _is_refuted(source: IncidentSource, facts: Facts) -> bool:
    """A source whose casualties are not those that the incident carries; its level rests on them."""
    return any(getattr(source.facts, name) not in (None, getattr(facts, name)) for name in CASUALTIES)


def _highest(sources: Iterable[IncidentSource]) -> tuple[Level | None, str | None]:
    judged = [one for one in sources if one.level is not None]
    if not judged:
        return None, None
    best = min(judged, key=lambda one: _LEVELS.index(one.level or Level.IV))
    return best.level, best.level_rule


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)


def _differences(old: Facts, new: Facts, source: IncidentSource) -> list[FigureChange]:
    return [
        FigureChange(figure=name, before=getattr(old, name), after=getattr(new, name), item_id=source.item_id)
        for name in FIGURES
        if getattr(old, name) != getattr(new, name)
    ]


def _contradictions(merged: Incident, source: IncidentSource, before: tuple[FigureChange, ...]) -> list[FigureChange]:
    """Figures of this source that the incident does not carry because a heavier source says otherwise."""
    found = [
        FigureChange(figure=name, before=carried, after=stated, item_id=source.item_id, contradiction=True)
        for name in FIGURES
        if (stated := getattr(source.facts, name)) is not None and stated != (carried := getattr(merged.facts, name))
    ]
    return [one for one in found if one not in before]
