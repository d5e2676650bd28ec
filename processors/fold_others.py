"""Folding into the documents of incidents, alerts, the duty ledger and bulletins. See :mod:`processors.fold`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from processors.fold_parts import Document, by_time_and_id, canonical, decided, in_force, micros, plain, union
from schemas.alert import Alert, Delivery, Outcome, Plan
from schemas.bulletin import Bulletin
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.ledger import LedgerEntry

OtherEvent = Incident | Alert | Delivery | Plan | LedgerEntry | Bulletin | Decision


@dataclass(frozen=True, slots=True)
class Shape:
    """How documents join: the content that ranks highest counts; ``derive`` tells what follows from the whole."""

    rank: Callable[[Document], tuple[Any, ...]]
    derive: Callable[[Document], Document]


def lift(event: OtherEvent) -> Document:
    """A document that knows this one event."""
    if isinstance(event, Decision):
        alert = {"alert_id": event.subject_id, "deliveries": [], "plans": []} if event.subject_type == "alert" else {}
        return {"district": event.district, "decisions": [decided(event)], **alert}
    content, digest = plain(event)
    match event:
        case Delivery():
            return {"alert_id": event.alert_id, "deliveries": [content], "plans": [], "decisions": []}
        case Plan():
            return {"alert_id": event.alert_id, "deliveries": [], "plans": [_plan(content)], "decisions": []}
        case Alert():
            return {**content, "digest": digest, "deliveries": [], "plans": [], "decisions": []}
        case _:
            return {**content, "digest": digest, "decisions": []}


def join_shaped(shape: Shape, one: Document | None, other: Document) -> Document:
    """Two documents of the same thing as one: commutative, associative, and nothing changes the second time."""
    if one is None:
        return complete(shape, other)
    newer, older = (one, other) if _rank(shape, one) >= _rank(shape, other) else (other, one)
    joined = {**older, **newer, "decisions": by_time_and_id([*one["decisions"], *other["decisions"]])}
    if "deliveries" in joined:
        joined["deliveries"] = _attempts([*one["deliveries"], *other["deliveries"]])
        # A document of before plans were indexed has none.
        joined["plans"] = _plans([*one.get("plans", ()), *other.get("plans", ())])
    return complete(shape, joined)


def complete(shape: Shape, joined: Document) -> Document:
    """The document with what follows from its parts."""
    return {**joined, "complete": "digest" in joined, **shape.derive(joined)}


def _rank(shape: Shape, document: Document) -> tuple[Any, ...]:
    """A document without the thing itself (a decision came first) ranks below all."""
    return (True, *shape.rank(document), document["digest"]) if "digest" in document else (False,)


def _attempts(deliveries: list[Document]) -> list[Document]:
    """Attempts in order of time; of two records of one attempt the later, which knows what became of it."""
    latest = union(deliveries, lambda one: str(one["delivery_id"]), lambda one: (-micros(one["at"]),))
    return sorted(latest, key=lambda one: (micros(one["at"]), str(one["delivery_id"])))


def _plan(content: Document) -> Document:
    """A plan as it is kept with its alert: whom to tell by which channels, and who waits and why."""
    told = ("notice_id", "recipient", "channels", "purpose", "step", "at")
    notices = [{name: one[name] for name in told} for one in content["notices"]]
    return {"at": content["at"], "notices": notices, "held": content["held"]}


def _plans(plans: list[Document]) -> list[Document]:
    """All plans in order of time; the same plan twice is one."""
    return union(plans, lambda one: canonical(one).decode(), lambda one: (micros(one["at"]),))


def _incident(document: Document) -> Document:
    items = {source["item_id"] for source in document.get("sources", ())}
    return {"item_ids": sorted(items), **_acknowledged(document)}


def _alert(document: Document) -> Document:
    """``delivery_state`` is the best outcome of any attempt, ``pending`` before the first."""
    outcomes = {attempt["outcome"] for attempt in document["deliveries"]}
    arrived = [one["at"] for one in document["deliveries"] if one["outcome"] in (Outcome.DELIVERED, Outcome.RECEIVED)]
    if Outcome.RECEIVED in outcomes:
        outcomes.add(Outcome.DELIVERED)
    best = next((one.value for one in (Outcome.DELIVERED, Outcome.UNKNOWN, Outcome.FAILED) if one in outcomes), None)
    return {
        "delivery_state": best or "pending",
        "delivered_at": min(arrived, key=micros, default=None),
        "verdict": _verdict(document),
        **_acknowledged(document),
    }


def _acknowledged(document: Document) -> Document:
    """Who said first that they have seen it, of the decisions that hold."""
    first = next((one for one in in_force(document["decisions"]) if one["action"] == "acknowledge"), None)
    return {
        "acknowledged": first is not None,
        "acknowledged_by": first["by"] if first else None,
        "acknowledged_at": first["at"] if first else None,
    }


def _verdict(document: Document) -> str | None:
    """``confirm`` or ``reject``: the last word of a person on what a machine flagged."""
    said = [one["action"] for one in in_force(document["decisions"]) if one["action"] in ("confirm", "reject")]
    return said[-1] if said else None


def _nothing(_document: Document) -> Document:
    return {}


INCIDENT = Shape(lambda one: (one["version"], -micros(one["changed_at"])), _incident)
ALERT = Shape(lambda one: (-micros(one["raised_at"]),), _alert)
"""The first intent counts: it was written before any send."""
DUTY = Shape(lambda one: (one["revision"], -micros(one["changed_at"])), _nothing)
BULLETIN = Shape(lambda one: (not one["draft"], one.get("version", 1), micros(one["made_at"])), _nothing)
"""What was issued stands above any draft, then the highest version (an erratum, a withdrawal), then the latest."""
