"""Stories: items that are reprints of, or reports on, the same event. Decided on arrival, never relabelled."""

from __future__ import annotations

from typing import Literal

from schemas.assessment import Facts
from schemas.base import Event, Time


class StorySignature(Event):
    """What later items are compared with; small, so that the window fits in memory."""

    lane: str
    source: str = ""
    title: str = ""
    event_type: str | None = None
    is_emergency: bool = False
    facts: Facts = Facts()
    published_at: Time
    minhash: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    """Rare words and names used for candidate search."""


class StoryAssigned(Event):
    """Value of ``stories.assigned`` (key: item id). ``story`` is null where the item stands alone so far."""

    item_id: str
    district: str
    version: int
    story: str | None
    relation: Literal["first", "reprint", "same_event", "alone"]
    score: float = 0.0
    assigned_at: Time
    signature: StorySignature
