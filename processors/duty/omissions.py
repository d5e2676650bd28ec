"""Candidates for omissions and concealments: another channel speaks of an event, its department does not. Pure.

A program cannot see intent, and early reports may be incomplete (SPEC 2.3): it only lays what was said side by side.
Candidates appear after the written deadline, settle by themselves when what was missing comes, and are decided by two
people (processors.duty.cases).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from processors.departments import Department
from processors.duty.cases import standing
from processors.facts.types import EventType
from processors.incident_sum import CASUALTIES, voices
from processors.incident_timeline import FIGURE_NAMES
from processors.ledger import key_of
from schemas.base import local_day
from schemas.case import Case, CaseKind, CaseState, Evidence
from schemas.ids import digest
from schemas.incident import Incident, IncidentSource
from schemas.ledger import LedgerEntry
from schemas.vocab import Kind, Lane

TERRITORIAL = ("town", "subdistrict", "zone")
"""Kinds of departments that answer for what happens on their ground (属地)."""
WRITTEN = "written"
"""The clock of incident_clocks.tsv after which silence is noticed."""
DECIDED = (CaseState.UPHELD, CaseState.UNFOUNDED)


@dataclass(frozen=True, slots=True)
class CaseRules:
    """``grace``: the written deadline of an emergency (incident_clocks.tsv ``written``, D03).

    ``look_back``: incidents whose last change is older are not looked at again (ours, no source).
    """

    departments: tuple[Department, ...] = ()
    types: Mapping[str, EventType] = field(default_factory=dict)
    grace: timedelta = timedelta(minutes=60)
    look_back: timedelta = timedelta(days=30)


Cases = Mapping[str, Case]
Entries = Mapping[str, LedgerEntry]


def decide(
    cases: Cases, incidents: Iterable[Incident], entries: Entries, now: datetime, rules: CaseRules
) -> list[Case]:
    """Cases that open, change or settle at ``now``. The same input again gives []."""
    changed: list[Case] = []
    for incident in incidents:
        if now - incident.changed_at > rules.look_back:
            continue
        found = {one.case_id: one for one in _candidates(incident, entries, now, rules)}
        known = {key: one for key, one in cases.items() if one.incident == incident.incident}
        changed += [new for key, one in found.items() if (new := _news(known.get(key), one, now))]
        changed += [_settled(one, now) for key, one in known.items() if key not in found and _is_open(one)]
    return changed


def responsible(incident: Incident, rules: CaseRules) -> list[Department]:
    """Who answers for the event: the town or street where it lies, else the bureaus whose duty its type is."""
    places = [place for one in voices(incident) for place in one.facts.places]
    ground = [
        one for one in rules.departments if one.kind in TERRITORIAL and any(one.short_name in place for place in places)
    ]
    if ground:
        return ground
    kind = rules.types.get(incident.event_type or "")
    return [one for one in rules.departments if kind and any(covers(code, kind.code) for code in one.event_codes)]


def covers(pattern: str, code: str) -> bool:
    """``11*``: all of that class; ``11D00``: the family; ``12P08``: this type only; ``all`` says nothing of a field."""
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1])
    return code == pattern or (pattern.endswith("00") and code[:3] == pattern[:3])


def _candidates(incident: Incident, entries: Entries, now: datetime, rules: CaseRules) -> list[Case]:
    outside = [one for one in incident.sources if one.lane is not Lane.REPORT]
    if incident.merged_into or incident.rejected or not outside:
        return []
    if not (incident.in_district or incident.confirmed_at):
        return []  # nobody answers for what may have happened elsewhere
    heard = min(one.received_at for one in outside)
    onset = incident.facts.event_time.start if incident.facts.event_time else heard
    if now <= max(onset, heard) + rules.grace:
        return []
    found = []
    for department in responsible(incident, rules):
        said = [one for one in voices(incident) if one.lane is Lane.REPORT and one.source == department.id]
        entry = entries.get(key_of(department.id, local_day(onset)))
        kind, gaps = _misfit(incident, said, outside, entry, onset)
        if kind is not None:
            found.append(_case(incident, department, kind, gaps, outside, said, entry, now, local_day(onset)))
    return found


def _misfit(
    incident: Incident,
    said: list[IncidentSource],
    outside: list[IncidentSource],
    entry: LedgerEntry | None,
    onset: datetime,
) -> tuple[CaseKind | None, tuple[str, ...]]:
    if said:
        gaps = _gaps(said, outside)
        return (CaseKind.SMALLER_FIGURES if gaps else None), gaps
    zeros = [one for one in entry.reports if one.kind == Kind.ZERO] if entry else []
    if any(one.received_at >= onset for one in zeros):
        return CaseKind.ZERO_CONTRADICTED, ()
    # Where another department has reported it, silence alone hides nothing.
    return (None if incident.signed else CaseKind.NOTHING_REPORTED), ()


def _gaps(said: list[IncidentSource], outside: list[IncidentSource]) -> tuple[str, ...]:
    """Casualties that the department's latest word has smaller than another channel's latest."""
    found = []
    for name in CASUALTIES:
        own = _latest(said, name)
        others = [value for one in outside if (value := getattr(one.facts, name)) is not None]
        most = max(others, default=None)
        if own is not None and most is not None and most > own:
            found.append(f"{FIGURE_NAMES[name]}：单位报{own}，其他渠道称{most}")
    return tuple(found)


def _latest(said: list[IncidentSource], name: str) -> int | None:
    ordered = sorted(said, key=lambda one: (one.version, one.received_at))
    stated: list[int] = [value for one in ordered if (value := getattr(one.facts, name)) is not None]
    return stated[-1] if stated else None


def _case(
    incident: Incident,
    department: Department,
    kind: CaseKind,
    gaps: tuple[str, ...],
    outside: list[IncidentSource],
    said: list[IncidentSource],
    entry: LedgerEntry | None,
    now: datetime,
    day: str,
) -> Case:
    return Case(
        case_id=digest("case", incident.district, incident.incident, department.id),
        district=incident.district,
        kind=kind,
        department=department.id,
        department_name=department.short_name,
        day=day,
        incident=incident.incident,
        event_type=incident.event_type,
        place=incident.place,
        outside=tuple(map(_evidence, outside)),
        department_said=tuple(map(_evidence, said)),
        ledger_state=entry.state.value if entry else None,
        gaps=gaps,
        opened_at=now,
        changed_at=now,
    )


def _evidence(source: IncidentSource) -> Evidence:
    stated = {name: value for name in CASUALTIES if (value := getattr(source.facts, name)) is not None}
    return Evidence(
        item_id=source.item_id,
        lane=source.lane,
        source=source.source,
        title=source.title,
        at=source.received_at,
        figures=stated,
    )


_SAID = ("kind", "outside", "department_said", "ledger_state", "gaps", "event_type", "place", "day")


def _news(known: Case | None, found: Case, now: datetime) -> Case | None:
    """A new case, or the known one with newer evidence. A decided one stands; a settled one opens again."""
    if known is None:
        return found
    if known.state in DECIDED:
        return None
    reopened = known.state is CaseState.SETTLED
    if not reopened and all(getattr(known, name) == getattr(found, name) for name in _SAID):
        return None
    update = {name: getattr(found, name) for name in _SAID} | {"revision": known.revision + 1, "changed_at": now}
    return known.model_copy(update=update | ({"state": standing(known.acts)[0]} if reopened else {}))


def _is_open(case: Case) -> bool:
    return case.state not in (*DECIDED, CaseState.SETTLED)


def _settled(case: Case, now: datetime) -> Case:
    return case.model_copy(update={"state": CaseState.SETTLED, "revision": case.revision + 1, "changed_at": now})


def request_for_explanation(case: Case) -> str:
    """What the department is asked. It names the event and no fault, no other source and no suspicion."""
    what = f"{case.place or ''}{case.event_type or '有关情况'}"
    day = date.fromisoformat(case.day)
    when = f"{day.month}月{day.day}日"
    return f"请{case.department_name}核实{when}{what}，并书面说明掌握和报送情况。如已报送，请注明报送时间。"
