"""What is known of an incident: everything that follows from its sources, calls and people's decisions. Pure.

Computed again from all of them each time, so that the order in which lanes deliver changes nothing but the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from schemas.assessment import EventTime, Facts
from schemas.ids import milliseconds
from schemas.incident import FigureChange, Incident, IncidentAct, IncidentSource, PhoneCall
from schemas.vocab import Kind, Lane, Level, Precision, Stage

T = TypeVar("T")

CASUALTIES = ("deaths", "injured", "missing", "trapped")
FIGURES = (
    *CASUALTIES, "serious_injuries", "evacuated", "direct_loss", "participants", "magnitude", "households", "cases",
    "area_forest", "hours",
)  # fmt: skip
"""All figures that may change; a change of one of them raises an alert."""
STAGE_OF_KIND = {Kind.FOLLOW_UP: Stage.FOLLOW_UP, Kind.FINAL: Stage.FINAL}
_LEVELS = list(Level)
_STAGES = list(Stage)
_FINER = list(Precision)


def voices(incident: Incident) -> list[IncidentSource]:
    """All that speak of the incident; a phone call speaks like a report of its department."""
    return [*(_spoken(call) for call in incident.calls), *incident.sources]


def _spoken(call: PhoneCall) -> IncidentSource:
    return IncidentSource(
        item_id=call.call_id,
        version=milliseconds(call.called_at),
        lane=Lane.REPORT,
        source=call.department,
        title=call.title,
        received_at=call.recorded_at,
        published_at=call.called_at,
        event_class=call.event_class,
        event_type=call.event_type,
        level=call.level,
        facts=call.facts,
        names=call.names,
        in_district=True,
    )


def summed(incident: Incident) -> Incident:
    """Everything that follows from the parts: who speaks, figures, level, stage, names, standing with people."""
    spoken = voices(incident)
    signed = [one for one in spoken if one.lane is Lane.REPORT]
    heard = sorted(signed or spoken, key=_weight)
    facts = merge(one.facts for one in sorted(spoken, key=_weight)).model_copy(
        update={"event_time": _onset(signed) or _onset(spoken)}
    )
    written = [one for one in incident.sources if one.lane is Lane.REPORT]
    stage = _stage(written) if written else Stage.PHONED if incident.calls else Stage.PROVISIONAL
    level, level_rule = _highest(one for one in spoken if one in signed or not _is_refuted(one, facts))
    told: dict[str, Any] = {
        "sources": _numbered(incident.sources),
        "signed": bool(signed),
        "facts": facts,
        "level": level,
        "level_rule": level_rule,
        "stage": stage,
        "title": _first(one.title for one in heard) or incident.title,
        "event_class": _first(one.event_class for one in (*heard, *spoken)),
        "event_type": _first(one.event_type for one in (*heard, *spoken)),
        "place": _first(place for one in (*heard, *spoken) for place in one.facts.places),
        "in_district": _anywhere(one.in_district for one in spoken) if spoken else incident.in_district,
    }
    return incident.model_copy(update=told | _standing(incident, signed, stage))


def _standing(incident: Incident, signed: list[IncidentSource], stage: Stage) -> dict[str, Any]:
    """What people decided, as far as no later word of a department overtook it."""
    acts = [one for one in incident.acts if not one.undone]
    ruled = [one for one in acts if one.action in ("confirm", "reject", "close", "reopen")]
    last = ruled[-1] if ruled else None
    confirmed = next((one for one in reversed(ruled) if one.action in ("confirm", "reject")), None)
    by = confirmed if confirmed is not None and confirmed.action == "confirm" else None
    return {
        "closed": _closed(last, signed, stage) or incident.merged_into is not None,
        "rejected": last is not None and last.action == "reject" and not _after(signed, last),
        "confirmed_by": by.by if by else None,
        "confirmed_at": by.at if by else None,
    }


def _closed(last: IncidentAct | None, signed: list[IncidentSource], stage: Stage) -> bool:
    if last is None or last.action == "confirm":
        return stage is Stage.FINAL
    newer = _after(signed, last)
    if last.action == "reopen":
        return any(one.kind is Kind.FINAL for one in newer) and stage is Stage.FINAL
    return not newer or stage is Stage.FINAL


def _after(signed: list[IncidentSource], act: IncidentAct) -> list[IncidentSource]:
    return [one for one in signed if one.received_at > act.at]


def _onset(sources: Iterable[IncidentSource]) -> EventTime | None:
    """The finest onset stated, of equals the heaviest: a follow-up that says only the day takes no minute away."""
    stated = [(one.facts.event_time, _weight(one)) for one in sources if one.facts.event_time]
    best = min(stated, key=lambda pair: _FINER.index(pair[0].precision), default=None)
    if best is None:
        return None
    equal = [pair for pair in stated if pair[0].precision is best[0].precision]
    return max(equal, key=lambda pair: pair[1])[0]


def _numbered(sources: tuple[IncidentSource, ...]) -> tuple[IncidentSource, ...]:
    """Follow-ups of departments numbered in the order of their versions."""
    follow_ups = [one for one in sources if one.lane is Lane.REPORT and one.kind is Kind.FOLLOW_UP]
    ordered = sorted(follow_ups, key=_weight)
    numbers = {one.item_id: number for number, one in enumerate(ordered, start=1)}
    return tuple(
        one if one.number == numbers.get(one.item_id) else one.model_copy(update={"number": numbers.get(one.item_id)})
        for one in sources
    )


def merge(facts: Iterable[Facts]) -> Facts:
    """Figures of several sources, the heaviest last; what a source does not state, it does not erase."""
    merged: dict[str, object] = {}
    places: dict[str, None] = {}
    for one in facts:
        stated = {name: getattr(one, name) for name in (*FIGURES, "event_time", "as_of")}
        merged |= {name: value for name, value in stated.items() if value is not None}
        places |= dict.fromkeys(one.places)
    return Facts.model_validate({**merged, "places": tuple(places)})


def differences(old: Facts, new: Facts, item_id: str, at: datetime) -> list[FigureChange]:
    """Figures that changed through an item received ``at``."""
    return [
        FigureChange(figure=name, before=getattr(old, name), after=getattr(new, name), item_id=item_id, at=at)
        for name in FIGURES
        if getattr(old, name) != getattr(new, name)
    ]


def contradictions(merged: Incident, source: IncidentSource, before: tuple[FigureChange, ...]) -> list[FigureChange]:
    """Figures of this source that the incident does not carry because a heavier source says otherwise."""
    at = source.received_at
    found = [
        FigureChange(figure=name, before=carried, after=stated, item_id=source.item_id, contradiction=True, at=at)
        for name in FIGURES
        if (stated := getattr(source.facts, name)) is not None and stated != (carried := getattr(merged.facts, name))
    ]
    known = {one.model_copy(update={"at": None}) for one in before}
    return [one for one in found if one.model_copy(update={"at": None}) not in known]


def _weight(source: IncidentSource) -> tuple[bool, int, datetime, str]:
    """Later in this order wins: signed over unsigned, then the newer word."""
    return source.lane is Lane.REPORT, source.version, source.received_at, source.item_id


def _stage(signed: list[IncidentSource]) -> Stage:
    """The furthest stage of the signed reports; a follow-up that corrects casualties opens a final one again."""
    stage, known = Stage.FIRST, Facts()
    for one in sorted(signed, key=_weight):
        own = STAGE_OF_KIND.get(one.kind, Stage.FIRST) if one.kind else Stage.FIRST
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


def _anywhere(said: Iterable[bool | None]) -> bool | None:
    """Where the event is: one source that places it here is enough; silence changes nothing."""
    known = [one for one in said if one is not None]
    return any(known) if known else None


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)
