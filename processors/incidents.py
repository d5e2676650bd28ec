"""Incidents: an emergency from the first word of it to the final report. Pure.

``decide`` takes an item or a person's decision. Items are linked (processors.incident_links) and added up
(processors.incident_sum); provisional incidents that turn out to be the same are folded in and recorded as merged.
Machines link and add up; a person decides (processors.incident_people).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from processors.content.elements import Elements
from processors.document import Document
from processors.incident_clocks import ClockRule, with_clocks
from processors.incident_links import LinkRules, State, evidence, linked, local_names
from processors.incident_people import decided, standing
from processors.incident_sum import STAGE_OF_KIND, contradictions, differences, summed, voices
from processors.scan import ScannerBuilder
from processors.tidy import tidied, tidy
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.ids import digest
from schemas.incident import Incident, IncidentSource, MergedIncident
from schemas.vocab import Check, Kind, Lane, Link, Stage

__all__ = ["IncidentRules", "State", "cause", "concerns", "decide"]


_NO_PHRASES = ScannerBuilder().build()
"""Elements of a report are found by patterns of their own, not by the district's phrases."""


@dataclass(frozen=True, slots=True)
class IncidentRules:
    """``links``: when two words speak of one event; ``clocks``: deadlines; ``elements``: what each stage must tell."""

    links: LinkRules = field(default_factory=LinkRules)
    clocks: tuple[ClockRule, ...] = ()
    elements: Elements | None = None


def decide(state: State, event: AssessedItem | Decision, now: datetime, rules: IncidentRules) -> list[Incident]:
    """New states of the incidents that change through an item received at ``now``, or through a decision.

    [] for a replay, an overtaken version, and what no incident is made of. Of several states each is of another
    incident: the one that goes on comes first, those merged into it follow.
    """
    changed = decided(state, event) if isinstance(event, Decision) else _by_item(state, event, now, rules)
    return [with_clocks(one, rules.clocks) for one in changed]


def _by_item(state: State, item: AssessedItem, now: datetime, rules: IncidentRules) -> list[Incident]:
    known = _holding(state, item.item_id)
    if known is None and not concerns(item):
        return []
    source = _source(item, rules)
    if known is not None:
        return _folded(state, _joined(known, source, item, now), now, rules)
    found = linked(state, source, now, rules.links)
    if found is None:
        return _folded(state, _opened(item, source, now) if _opens(item) else None, now, rules)
    target, link = found
    return _folded(state, _joined(target, source.model_copy(update={"link": link}), item, now), now, rules)


def concerns(item: AssessedItem) -> bool:
    """Emergencies that are not elsewhere, and every follow-up or final report."""
    emergency = item.assessment.emergency
    follows = item.input.lane is Lane.REPORT and item.input.kind in STAGE_OF_KIND
    return follows or (emergency.is_emergency and emergency.in_district is not False)


def _opens(item: AssessedItem) -> bool:
    emergency = item.assessment.emergency
    return emergency.in_district is not False and (emergency.is_emergency or emergency.event_type is not None)


def _holding(state: State, item_id: str) -> Incident | None:
    held = [one for one in state.values() if any(s.item_id == item_id for s in one.sources)]
    return next((one for one in held if one.merged_into is None), None)


def cause(item: AssessedItem) -> str:
    """What makes a version: item and version."""
    return f"{item.item_id}:{item.version}"


def _source(item: AssessedItem, rules: IncidentRules) -> IncidentSource:
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
        phoned_at=item.input.phoned_at,
        label=item.input.incident,
        event_class=emergency.event_class,
        event_type=emergency.event_type,
        level=emergency.level,
        level_rule=emergency.level_rule,
        facts=assessment.facts,
        doubts=tuple(mismatches),
        names=local_names(tidied(f"{item.input.title}\n{item.input.text}").text),
        in_district=emergency.in_district,
        missing_elements=_missing(item, rules.elements),
    )


def _missing(item: AssessedItem, elements: Elements | None) -> tuple[str, ...]:
    """What the report lacks for its stage; an emergency without a kind is measured as a first report."""
    if elements is None or item.input.lane is not Lane.REPORT:
        return ()
    kind = item.input.kind if item.input.kind in (*STAGE_OF_KIND, Kind.FIRST) else Kind.FIRST
    document = Document(tidy(item.input).item)
    return tuple(elements.missing_elements(document, _NO_PHRASES.scan(document.norm), kind))


def _opened(item: AssessedItem, source: IncidentSource, now: datetime) -> Incident:
    return summed(
        Incident(
            incident=digest("incident", item.district, item.item_id),
            district=item.district,
            version=1,
            alert_version=1,
            stage=Stage.PROVISIONAL,
            title=item.input.title,
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
        received = min(present.received_at, source.received_at)
        source = source.model_copy(update={"received_at": received, "link": present.link})
    others = tuple(one for one in old.sources if one.item_id != source.item_id)
    merged = summed(
        old.model_copy(
            update={
                "sources": (*others, source),
                "version": old.version + 1,
                "changed_at": max(old.changed_at, now),
                "cause_event": cause(item),
            }
        )
    )
    return _told(old, merged, source)


def _told(old: Incident, merged: Incident, source: IncidentSource) -> Incident:
    """What people must hear of is counted, figures that moved or are denied are written down."""
    news = differences(old.facts, merged.facts, source.item_id, source.received_at)
    loud = bool(news) or standing(old) != standing(merged)
    changes = (*old.changes, *news, *contradictions(merged, source, old.changes))
    return merged.model_copy(update={"alert_version": old.alert_version + int(loud), "changes": changes})


def _folded(state: State, target: Incident | None, now: datetime, rules: IncidentRules) -> list[Incident]:
    """The incident, and provisional ones that it turns out to be: their sources go over, each is left as merged."""
    if target is None:
        return []
    absorbed = []
    for other in sorted(state.values(), key=lambda one: (one.opened_at, one.incident)):
        if not _may_fold(other, target):
            continue
        if not _is_same(target, other, state, now, rules.links):
            continue
        if not target.signed and other.opened_at < target.opened_at:
            continue  # of two provisional ones the elder goes on
        target = _absorb(target, other, now)
        absorbed.append(_spent(other, target, now))
    return [target, *absorbed]


def _may_fold(other: Incident, target: Incident) -> bool:
    if other.incident == target.incident or other.merged_into or other.signed or other.confirmed_by or other.rejected:
        return False
    return other.incident not in target.apart and target.incident not in other.apart


def _is_same(target: Incident, other: Incident, state: State, now: datetime, rules: LinkRules) -> bool:
    """Every word of the provisional incident would join the target, were it to come only now."""
    said = [(one, min(now, one.received_at)) for one in voices(other)]
    if not said or not all(evidence(target, one, at, rules) for one, at in said):
        return False
    rest = {key: one for key, one in state.items() if key != other.incident} | {target.incident: target}
    found = [linked(rest, one, at, rules) for one, at in said]
    return all(one is not None and one[0].incident == target.incident for one in found)


def _absorb(target: Incident, other: Incident, now: datetime) -> Incident:
    record = MergedIncident(
        incident=other.incident,
        item_ids=tuple(one.item_id for one in other.sources),
        opened_at=other.opened_at,
        at=now,
    )
    moved = [one if one.link else one.model_copy(update={"link": Link.NAME}) for one in other.sources]
    grown = summed(
        target.model_copy(
            update={
                "sources": (*target.sources, *moved),
                "merged": (*target.merged, record, *other.merged),
                "opened_at": min(target.opened_at, other.opened_at),
            }
        )
    )
    last = other.sources[-1]
    news = differences(target.facts, grown.facts, last.item_id, now)
    grown = grown.model_copy(
        update={"changes": (*grown.changes, *news), "alert_version": grown.alert_version + int(bool(news))}
    )
    for one in other.sources:
        grown = grown.model_copy(update={"changes": (*grown.changes, *contradictions(grown, one, grown.changes))})
    return grown


def _spent(other: Incident, target: Incident, now: datetime) -> Incident:
    update = {"sources": (), "calls": (), "merged": (), "merged_into": target.incident, "closed": True}
    return other.model_copy(
        update={
            **update,
            "version": other.version + 1,
            # Whoever was told of it hears that it went into the other one, and nobody has to answer for it any more.
            "alert_version": other.alert_version + 1,
            "changed_at": max(now, other.changed_at),
            "cause_event": target.cause_event,
        }
    )
