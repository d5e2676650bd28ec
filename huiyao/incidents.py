"""Incidents from the command line: phone in, decide, look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from huiyao.deciding import department_of, make_decision, moment_of, newest_of
from huiyao.settings import Settings
from huiyao.wiring import clock_of, district_of
from processors.facts.types import EventTypes
from processors.incident_people import facts_of
from processors.severity import SeverityTable
from schemas.assessment import Facts
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.incident import Incident
from schemas.topics import INCIDENTS

FIRST_YEAR = 2000
"""As for reports."""


def phone_call(
    settings: Settings,
    *,
    department: str,
    title: str,
    by: str,
    called_at: str = "",
    occurred_at: str = "",
    event_type: str = "",
    place: str = "",
    incident: str = "",
    figures: Mapping[str, int | None],
    now: datetime | None = None,
) -> Decision:
    """The decision that a phone call is. A type the district does not know and a secret are refused.

    ``now``: the instance's present by default.
    """
    from producers.secrecy import secrecy_mark

    if secrecy_mark(title, place) is not None:
        raise InvalidItem([FieldError("title", "carries a secrecy mark", "带密级标识，不得录入本系统")])
    now = now or clock_of(settings).now()
    called = _past("called_at", moment_of(called_at, now), now) if called_at else now
    began = _past("occurred_at", moment_of(occurred_at, called), now) if occurred_at else None
    onset = {"start": began.isoformat(), "precision": "minute"} if began else None
    facts = facts_of(**figures, places=(place,) if place else None, event_time=onset)
    unit = department_of(settings, department)
    details = {
        "department": unit,
        "title": mask_title(title),
        "called_at": called.isoformat(),
        "facts": facts,
        **_graded(settings, event_type, Facts.model_validate(facts)),
    }
    subject = incident or digest("phone", district_of(settings).id, unit, called.isoformat(), title)
    return make_decision(settings, ("incident", subject), "phone", by, details=details, now=now)


def _past(name: str, moment: datetime, now: datetime) -> datetime:
    """The moment, unless it is a slip of the pen: deadlines would be reckoned from it. Raises InvalidItem."""
    if moment > now + timedelta(days=1):
        raise InvalidItem([FieldError(name, "lies in the future; correct it", "时间晚于现在，请核对日期")])
    if moment.year < FIRST_YEAR:
        raise InvalidItem([FieldError(name, f"is before the year {FIRST_YEAR}; correct it", "时间过早，请核对日期")])
    return moment


def mask_title(title: str) -> str:
    """A call's line without personal data: names and numbers of callers stay out of topics and index."""
    from huiyao.wiring import mask_post

    return mask_post(title)[0]


def _graded(settings: Settings, name: str, facts: Facts) -> dict[str, Any]:
    if not name:
        return {}
    tables = district_of(settings).tables
    kind = EventTypes.from_tables(tables).get(name)
    if kind is None:
        raise InvalidItem([FieldError("type", f"unknown: {name}", f"事件类型表中没有“{name}”")])
    level, _rule = SeverityTable.from_tables(tables).level_of(kind.name, facts)
    return {"event_type": kind.name, "event_class": kind.event_class.value, "level": level.value if level else None}


def incidents_now(settings: Settings) -> dict[str, Incident]:
    """The newest state of every incident on Kafka, by id."""
    return newest_of(settings, INCIDENTS, Incident, lambda one: (one.incident, one.version))


def incident_of(settings: Settings, beginning: str) -> Incident:
    """The incident whose id begins so. Raises InvalidItem where none or several do."""
    found = [one for key, one in incidents_now(settings).items() if key.startswith(beginning)]
    if len(found) != 1:
        message = f"{len(found)} incidents begin with {beginning!r}"
        raise InvalidItem([FieldError("incident", message, f"有{len(found)}起事件的编号以{beginning}开头")])
    return found[0]
