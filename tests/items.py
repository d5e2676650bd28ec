"""Assessed items for tests: what an item says of an event is written down, never judged here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from schemas.assessment import AssessedItem, Origin
from schemas.base import CHINA
from schemas.item import Item
from streams.ports import AssessInput
from streams.testing import SCRIPT, ScriptedJudge

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=CHINA)


def at(minutes: float = 0, *, days: int = 0) -> datetime:
    """Minutes after eight in the morning of 20 November 2026."""
    return MORNING + timedelta(minutes=minutes, days=days)


def item(
    id: str,
    *,
    lane: str = "report",
    source: str = "U031",
    kind: str | None = None,
    title: str = "沙石镇一处山体滑坡",
    text: str = "正文",
    published: datetime | None = None,
    received: datetime | None = None,
    updated: datetime | None = None,
    incident: str | None = None,
    emergency: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    findings: list[dict[str, Any]] | None = None,
) -> AssessedItem:
    """An item with the verdict it is given; published at eight and received a minute later by default."""
    published = published or at()
    received = received or max(published, updated or published) + timedelta(minutes=1)
    script = {"emergency": emergency or {}, "facts": facts or {}, "findings": findings or []}
    raw = Item.model_validate(
        {
            "id": id,
            "lane": lane,
            "source": source,
            "kind": kind,
            "title": title,
            "published_at": published,
            "text": f"{text}{SCRIPT}{json.dumps(script, default=str)}",
            "updated_at": updated,
            "incident": incident,
        }
    )
    (assessed,) = ScriptedJudge().assess([AssessInput(raw, received, Origin(topic="t", partition=0, offset=0))])
    assert isinstance(assessed, AssessedItem)
    return assessed


def slide(**changes: Any) -> dict[str, Any]:
    """The emergency part of a landslide in the district."""
    return {
        "is_emergency": True, "event_class": "自然灾害", "event_type": "山体滑坡", "in_district": True, **changes,
    }  # fmt: skip


def figures(**changes: Any) -> dict[str, Any]:
    """Facts of it: where, when to the hour, and the figures given."""
    onset = {"start": at(-30).isoformat(), "precision": "hour"}
    return {"places": ["沙石镇"], "event_time": onset, **changes}
