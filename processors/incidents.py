"""Incidents: an emergency from the first word of it to the final report. Pure.

``decide`` links an item to an incident (processors.incident_links) and adds it up (processors.incident_sum). Machines
link and add up; a person decides.
"""

from __future__ import annotations

from datetime import datetime

from processors.incident_links import IncidentRules, State, linked
from processors.incident_sum import STAGE_OF_KIND, contradictions, differences, summed
from schemas.assessment import AssessedItem
from schemas.ids import digest
from schemas.incident import Incident, IncidentSource
from schemas.vocab import Check, Lane, Stage

__all__ = ["IncidentRules", "State", "cause", "concerns", "decide"]


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
    follows = item.input.lane is Lane.REPORT and item.input.kind in STAGE_OF_KIND
    return follows or (emergency.is_emergency and emergency.in_district is not False)


def _opens(item: AssessedItem) -> bool:
    emergency = item.assessment.emergency
    return emergency.in_district is not False and (emergency.is_emergency or emergency.event_type is not None)


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
    return summed(
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
    merged = summed(
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
    news = differences(old.facts, merged.facts, source)
    loud = bool(news) or (old.level, old.stage, old.closed) != (merged.level, merged.stage, merged.closed)
    changes = (*old.changes, *news, *contradictions(merged, source, old.changes))
    return merged.model_copy(update={"alert_version": old.alert_version + int(loud), "changes": changes})


def _either(old: bool | None, new: bool | None) -> bool | None:
    """Where the event is: one source that places it here is enough; silence changes nothing."""
    return True if True in (old, new) else (old if new is None else new)
