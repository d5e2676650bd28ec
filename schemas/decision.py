"""Decisions of people: events like everything else, never a side write into the index."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from schemas.base import Event, Time

SubjectType = Literal[
    "item", "department", "incident", "alert", "bulletin", "subscription", "silence", "case", "request", "points",
    "instruction",
]  # fmt: skip
Action = Literal[
    "accept", "return", "edit", "categorise", "merge", "split", "assign", "confirm", "reject", "acknowledge",
    "excuse", "close", "reopen", "undo", "erase", "subscribe", "unsubscribe", "silence", "unsilence",
    "phone", "report_up", "set_duty", "explain", "request", "answer", "instruct", "score", "appeal",
    "remind", "check", "withdraw",
]  # fmt: skip


class Decision(Event):
    """Value of ``decisions.made`` (key: ``subject_type:subject_id``).

    ``decision_id`` makes repeats recognisable; ``on_version`` is the version the person saw; ``details`` carries ids
    and choices, no personal data. ``erase`` removes an item's text and leaves a tombstone.
    """

    decision_id: str
    district: str
    subject_type: SubjectType
    subject_id: str
    action: Action
    by: str
    at: Time
    on_version: int | None = None
    reason: str = ""
    details: dict[str, JsonValue] = Field(default_factory=dict)
