"""Folding: the documents of the index as a function of the events on the topics. Pure.

``fold(document, event)`` gives the document after one more event. Each document is a join of what its events say, so
that any order and any repetition of the same events gives the same document; replaying the topics into empty indices
gives the old documents again (DESIGN.md rules 1 and 2).

Items: the assessment of the highest version (then the earliest receipt, then the digest), timeliness and day of the
earliest receipt, the story as first recorded, the incidents that count the item among their sources, and decisions as
a set ordered by time and id. An event that overtakes its item leaves a document with ``complete: false``, which lists
leave out and which the item fills when it comes. An erased item leaves a tombstone for good.

Other documents: highest version (incidents), highest revision (duty), first intent, all plans and all attempts
(alerts), issued before draft, then the highest version and the latest (bulletins), each with the decisions on it.
Instructions are made of decisions alone. Cases and points: highest revision. Reminders: first intent and all attempts.
Decisions on departments that name no day are kept in a document of the department (or class, kind, all) in ``duty``,
never complete, so that who has a duty can be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from processors.fold_instructions import fold_instruction, join_instruction
from processors.fold_items import IncidentLink, ItemEvent, ItemStatus, fold_item, join_item
from processors.fold_others import (
    ALERT,
    BULLETIN,
    DUTY,
    INCIDENT,
    REMINDER,
    REVISED,
    OtherEvent,
    join_shaped,
    lift,
)
from processors.fold_parts import Document
from processors.fold_requests import fold_request, join_request
from schemas.alert import Alert, Delivery, Plan
from schemas.assessment import AssessedItem
from schemas.bulletin import Bulletin
from schemas.case import Case
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.ledger import LedgerEntry
from schemas.point import PointEntry
from schemas.reminder import Reminder, ReminderAttempt
from schemas.story import StoryAssigned

__all__ = [
    "Document", "IncidentLink", "IndexEvent", "ItemStatus", "Projection", "Target", "bulletin_id", "duty_id", "fold",
    "join", "links", "target",
]  # fmt: skip

IndexEvent = ItemEvent | OtherEvent


class Projection(StrEnum):
    """What the index holds; the value is the alias (before the connection's prefix)."""

    ITEMS = "items"
    INCIDENTS = "incidents"
    ALERTS = "alerts"
    DUTY = "duty"
    BULLETINS = "bulletins"
    CASES = "cases"
    POINTS = "points"
    REMINDERS = "reminders"
    INSTRUCTIONS = "instructions"
    REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class Target:
    """The document an event belongs to. ``moment`` and ``district`` say in which index it starts (items only)."""

    projection: Projection
    id: str
    district: str
    moment: datetime


def duty_id(district: str, department: str, day: str) -> str:
    """``_id`` in ``duty``; departments of two districts may share an id, so the district leads."""
    return f"{district}:{department}:{day}"


def bulletin_id(district: str, name: str, date: str) -> str:
    """``_id`` in ``bulletins``."""
    return f"{district}:{name}:{date}"


def target(event: IndexEvent) -> Target | None:
    """The document an event belongs to; None for a decision on something that has no document."""
    match event:
        case AssessedItem() | IncidentLink():
            return Target(Projection.ITEMS, event.item_id, event.district, event.received_at)
        case StoryAssigned():
            return Target(Projection.ITEMS, event.item_id, event.district, event.assigned_at)
        case Incident():
            return Target(Projection.INCIDENTS, event.incident, event.district, event.changed_at)
        case Alert():
            return Target(Projection.ALERTS, event.alert_id, event.district, event.raised_at)
        case Case():
            return Target(Projection.CASES, event.case_id, event.district, event.changed_at)
        case PointEntry():
            return Target(Projection.POINTS, event.entry_id, event.district, event.changed_at)
        case Reminder():
            return Target(Projection.REMINDERS, event.reminder_id, event.district, event.at)
        case ReminderAttempt():
            return Target(Projection.REMINDERS, event.alert_id, "", event.at)
        case Delivery() | Plan():
            return Target(Projection.ALERTS, event.alert_id, "", event.at)
        case LedgerEntry():
            document = duty_id(event.district, event.department, event.day)
            return Target(Projection.DUTY, document, event.district, event.changed_at)
        case Bulletin():
            document = bulletin_id(event.district, event.name, event.date)
            return Target(Projection.BULLETINS, document, event.district, event.made_at)
        case Decision():
            return _decision_target(event)


_PROJECTION_OF_SUBJECT = {
    "item": Projection.ITEMS,
    "incident": Projection.INCIDENTS,
    "alert": Projection.ALERTS,
    "bulletin": Projection.BULLETINS,
    "department": Projection.DUTY,
    "instruction": Projection.INSTRUCTIONS,
    "request": Projection.REQUESTS,
}


def _decision_target(event: Decision) -> Target | None:
    """Bulletins and duty carry the district in their ids. A decision on a department belongs to one of its days:

    the subject is ``department:day``, or ``details.day`` names the day; without a day to the department itself.
    """
    projection, subject = _PROJECTION_OF_SUBJECT.get(event.subject_type), event.subject_id
    if projection is None:
        return None  # subscriptions and silences are the alert worker's; cases and points carry what was decided
    if projection is Projection.DUTY and ":" not in subject and event.details.get("day"):
        subject = f"{subject}:{event.details['day']}"
    if projection in (Projection.DUTY, Projection.BULLETINS):
        subject = f"{event.district}:{subject}"
    return Target(projection, subject, event.district, event.at)


def links(before: Document | None, event: Incident) -> list[IncidentLink]:
    """What the next version of an incident changes for items: sources that came, and sources that went.

    ``before`` is the incident's document; an event that is not newer changes nothing, since the links were written
    before the document that carries its version.
    """
    known = before or {}
    if known.get("version", -1) >= event.version:
        return []
    old = {one["item_id"]: datetime.fromisoformat(one["received_at"]) for one in known.get("sources", ())}
    new = {one.item_id: one.received_at for one in event.sources}
    changed = [(item, new[item], True) for item in sorted(new.keys() - old.keys())]
    changed += [(item, old[item], False) for item in sorted(old.keys() - new.keys())]
    return [
        IncidentLink(item, event.district, event.incident, event.version, event.changed_at, received, linked)
        for item, received, linked in changed
    ]


def fold(document: Document | None, event: IndexEvent) -> Document:
    """The document after one more event of it; ``document`` is not changed.

    Raises ValueError for an event that has no document (``target`` gives None), and for numbers that JSON readers
    do not take.
    """
    where = target(event)
    if where is None:
        raise ValueError("a decision on such a subject has no document")
    if where.projection is Projection.ITEMS:
        return fold_item(document, cast(ItemEvent, event))
    if where.projection is Projection.INSTRUCTIONS:
        return fold_instruction(document, cast(Decision, event))
    if where.projection is Projection.REQUESTS:
        return fold_request(document, cast(Decision, event))
    return join_shaped(_SHAPES[where.projection], document, lift(cast(OtherEvent, event)))


def join(projection: Projection, one: Document | None, other: Document) -> Document:
    """Two documents of the same thing as one."""
    if projection is Projection.ITEMS:
        return join_item(one, other)
    if projection is Projection.INSTRUCTIONS:
        return join_instruction(one, other)
    if projection is Projection.REQUESTS:
        return join_request(one, other)
    return join_shaped(_SHAPES[projection], one, other)


_SHAPES = {
    Projection.INCIDENTS: INCIDENT,
    Projection.ALERTS: ALERT,
    Projection.DUTY: DUTY,
    Projection.BULLETINS: BULLETIN,
    Projection.CASES: REVISED,
    Projection.POINTS: REVISED,
    Projection.REMINDERS: REMINDER,
}
