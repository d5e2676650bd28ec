"""Pieces of folding: moments, digests, and sets of decisions and deliveries that do not mind the order of arrival."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson

from schemas.base import CHINA, Event
from schemas.decision import Decision

Document = dict[str, Any]
"""A document of the index: plain JSON."""

_EPOCH = datetime(1970, 1, 1, tzinfo=CHINA)
_MICROSECOND = timedelta(microseconds=1)
_DIGEST_DIGITS = 32


def micros(moment: str) -> int:
    """Microseconds since the epoch of an ISO 8601 time with an offset."""
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


def plain(event: Event) -> tuple[Document, str]:
    """The event as plain JSON and a digest of it (the last word between events that are equal otherwise).

    Goes through JSON text, so that a document is the same whether it was just folded or read back from the index.
    Raises ValueError where a number is beyond what JSON readers take.
    """
    text = event.model_dump_json().encode()
    document: Document = orjson.loads(text)
    return document, hashlib.sha256(text).hexdigest()[:_DIGEST_DIGITS]


def in_china(moment: datetime) -> str:
    """The moment as text with +08:00, so that equal moments are equal texts."""
    try:
        return moment.astimezone(CHINA).isoformat()
    except OverflowError:  # the first and the last hours of the calendar
        return moment.isoformat()


def union(
    parts: Iterable[Document], identity: Callable[[Document], str], order: Callable[[Document], tuple[Any, ...]]
) -> list[Document]:
    """A set of small documents as a sorted list: one for each identity, the least in ``order`` where two differ."""
    kept: dict[str, Document] = {}
    for part in sorted(parts, key=lambda part: (order(part), canonical(part))):
        kept.setdefault(identity(part), part)
    return list(kept.values())


def canonical(part: Document) -> bytes:
    """One text for equal contents."""
    return orjson.dumps(part, option=orjson.OPT_SORT_KEYS)


def decided(decision: Decision) -> Document:
    """A decision as it is kept in the document of its subject."""
    document, _ = plain(decision)
    for known in ("district", "subject_type", "subject_id"):
        del document[known]
    return document


def by_time_and_id(decisions: Iterable[Document]) -> list[Document]:
    """Decisions as a set ordered by time and id; a repeat is the same decision."""
    return union(
        decisions, lambda one: str(one["decision_id"]), lambda one: (micros(one["at"]), str(one["decision_id"]))
    )


def in_force(decisions: list[Document]) -> list[Document]:
    """The decisions that hold, in order: without those undone, and without the undoing itself.

    ``undo`` names its target in ``details.decision_id``; without a name it takes back the decision before it. An undo
    can itself be undone.
    """
    void: set[str] = set()
    kept: list[Document] = []
    for index in range(len(decisions) - 1, -1, -1):
        decision = decisions[index]
        if decision["decision_id"] in void:
            continue
        if decision["action"] == "undo":
            void.add(_undone(decision, decisions[:index], void))
        else:
            kept.append(decision)
    return kept[::-1]


def _undone(undo: Document, before: list[Document], void: set[str]) -> str:
    named = (undo.get("details") or {}).get("decision_id")
    if named:
        return str(named)
    candidates = (one for one in reversed(before) if one["action"] != "undo" and one["decision_id"] not in void)
    return next((str(one["decision_id"]) for one in candidates), "")
