"""Folding of decisions into the document of a request (约稿): a set of decisions. See :mod:`processors.fold`.

What became of it is a question with ``now`` and is stored nowhere (:mod:`processors.duty.commissioned`).
"""

from __future__ import annotations

from datetime import datetime

from processors.fold_parts import Document, by_time_and_id, decided
from schemas.base import with_zone
from schemas.decision import Decision


def fold_request(document: Document | None, event: Decision) -> Document:
    """The request's document after one more decision on it."""
    alone = {"request": event.subject_id, "district": event.district, "decisions": [decided(event)]}
    return join_request(document, alone)


def join_request(one: Document | None, other: Document) -> Document:
    """Two documents of the same request as one. ``complete``: it was asked, and of whom until when can be read."""
    parts = [part for part in (one, other) if part is not None]
    decisions = by_time_and_id(decision for part in parts for decision in part["decisions"])
    asked = next((decision for decision in decisions if decision["action"] == "request"), None)
    deadline, departments = _deadline(asked), _departments(asked)
    joined = {
        "request": str(other["request"]),
        "district": min(str(part["district"]) for part in parts),
        "decisions": decisions,
        "complete": deadline is not None and bool(departments),
    }
    if asked is None or not joined["complete"]:
        return joined
    return joined | {"deadline": deadline, "asked_at": asked["at"], "departments": departments}


def _deadline(asked: Document | None) -> str | None:
    try:
        return with_zone(datetime.fromisoformat(str((asked or {}).get("details", {}).get("deadline")))).isoformat()
    except (ValueError, AttributeError):
        return None


def _departments(asked: Document | None) -> list[str]:
    given = (asked or {}).get("details", {}).get("departments")
    return [str(one) for one in given] if isinstance(given, list) else []
