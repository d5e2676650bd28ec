"""What is known of an incident: everything that follows from its sources. Pure.

Computed again from all sources each time, so that the order in which lanes deliver changes nothing but the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from schemas.assessment import Facts
from schemas.incident import FigureChange, Incident, IncidentSource
from schemas.vocab import Kind, Lane, Level, Stage

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


def summed(incident: Incident) -> Incident:
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


def merge(facts: Iterable[Facts]) -> Facts:
    """Figures of several sources, the heaviest last; what a source does not state, it does not erase."""
    merged: dict[str, object] = {}
    places: dict[str, None] = {}
    for one in facts:
        stated = {name: getattr(one, name) for name in (*FIGURES, "event_time", "as_of")}
        merged |= {name: value for name, value in stated.items() if value is not None}
        places |= dict.fromkeys(one.places)
    return Facts.model_validate({**merged, "places": tuple(places)})


def differences(old: Facts, new: Facts, source: IncidentSource) -> list[FigureChange]:
    return [
        FigureChange(figure=name, before=getattr(old, name), after=getattr(new, name), item_id=source.item_id)
        for name in FIGURES
        if getattr(old, name) != getattr(new, name)
    ]


def contradictions(merged: Incident, source: IncidentSource, before: tuple[FigureChange, ...]) -> list[FigureChange]:
    """Figures of this source that the incident does not carry because a heavier source says otherwise."""
    found = [
        FigureChange(figure=name, before=carried, after=stated, item_id=source.item_id, contradiction=True)
        for name in FIGURES
        if (stated := getattr(source.facts, name)) is not None and stated != (carried := getattr(merged.facts, name))
    ]
    return [one for one in found if one not in before]


def _weight(source: IncidentSource) -> tuple[bool, int, datetime, str]:
    """Later in this order wins: signed over unsigned, then the newer word."""
    return source.lane is Lane.REPORT, source.version, source.received_at, source.item_id


def _stage(signed: list[IncidentSource]) -> Stage:
    """The furthest stage of the signed reports; a follow-up that corrects casualties opens a final one again."""
    if not signed:
        return Stage.PROVISIONAL
    ordered = sorted(signed, key=_weight)
    stage, known = Stage.FIRST, Facts()
    for one in ordered:
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


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)
