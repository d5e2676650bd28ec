"""One item as a bulletin sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.vocab import Category, Lane, Level, Sentiment


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item as a bulletin sees it. ``heat``: how many items its story has.

    ``merged_into``: the item it is shown under, because editors said that both tell the same. ``doubtful``: the judge
    is not sure that it is an emergency. ``vouched``: beyond the items at hand, a report, a media item or a confirmed
    incident tells the same; ``refuted``: a person found that nothing happened.
    """

    item_id: str
    lane: Lane
    category: Category
    title: str
    text: str
    source_name: str
    received_at: datetime
    is_emergency: bool = False
    level: Level | None = None
    in_district: bool | None = None
    story: str | None = None
    incident: str | None = None
    heat: int = 1
    sensitivity: int = 0
    kind: str | None = None
    doubts: tuple[str, ...] = ()
    late: bool = False
    theme: str | None = None
    sentiment: Sentiment | None = None
    merged_into: str | None = None
    doubtful: bool = False
    vouched: bool = False
    refuted: bool = False
