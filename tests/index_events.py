"""Events for tests of the index, and records of them as they stand on the topics."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from schemas import topics
from schemas.assessment import AssessedItem, Assessment, Facts, Reason, Timeliness
from schemas.base import CHINA, Event, local_day
from schemas.decision import Decision
from schemas.ids import digest
from schemas.incident import Incident, IncidentSource
from schemas.item import Item
from schemas.story import StoryAssigned, StorySignature
from schemas.vocab import Category, Lane, Stage, TimelinessRule, TimelinessVerdict
from streams.ports import IndexRecord

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)
DISTRICT = "zhanggong"
SENTENCE = "二十日上午八时许，沙石镇一处山体发生滑坡，现场已拉起警戒线，三名群众受轻伤送医，五十六人转移安置。"


def after(hours: float) -> datetime:
    """Hours after noon."""
    return NOON + timedelta(hours=hours)


def item_id(number: int) -> str:
    """The id of the numbered item."""
    return digest(DISTRICT, "report", "D01", str(number))


def assessed(
    number: int, version: int = 1, received: datetime = NOON, text: str = SENTENCE, **changes: Any
) -> AssessedItem:
    """The numbered item, as judged."""
    verdict = TimelinessVerdict.LATE if received > NOON else TimelinessVerdict.ON_TIME
    judged: dict[str, Any] = {
        "id": f"R-{number}",
        "item_id": item_id(number),
        "lane": "report",
        "category": Category.URGENT,
        "category_scores": dict.fromkeys(Category, 1 / 7),
        "facts": Facts(places=("沙石镇",), injured=version),
        "reasons": (Reason(rule="L01", text="滑坡", start=21, end=23),),
        "timeliness": Timeliness(verdict=verdict, rule=TimelinessRule.EMERGENCY_NOW),
        "rules_version": "1",
    }
    title = f"沙石镇山体滑坡（{number}）"
    return AssessedItem(
        item_id=item_id(number),
        district=DISTRICT,
        version=version,
        source="D01",
        source_name="区应急局",
        received_at=received,
        day=local_day(received),
        input=Item(id=f"R-{number}", lane=Lane.REPORT, source="D01", title=title, text=text, published_at=NOON),
        assessment=Assessment.model_validate(judged | changes),
    )


def story(number: int, name: str | None, hours: float = 0.0) -> StoryAssigned:
    """The numbered item's story."""
    signature = StorySignature(lane="report", published_at=NOON)
    return StoryAssigned(
        item_id=item_id(number),
        district=DISTRICT,
        version=1,
        story=name,
        relation="same_event" if name else "alone",
        assigned_at=after(hours),
        signature=signature,
    )


def decision(number: int, action: str, hours: float, subject: str, kind: str = "item", **more: Any) -> Decision:
    """A decision of an editor on a subject."""
    values = {"decision_id": f"d{number}", "district": DISTRICT, "subject_type": kind, "subject_id": subject}
    return Decision.model_validate(values | {"action": action, "by": "王编辑", "at": after(hours)} | more)


def incident(version: int, *numbers: int, name: str = "i1") -> Incident:
    """An incident whose sources are the numbered items."""
    sources = tuple(
        IncidentSource(item_id=item_id(number), version=1, lane=Lane.REPORT, source="D01", received_at=NOON)
        for number in numbers
    )
    return Incident(
        incident=name,
        district=DISTRICT,
        version=version,
        alert_version=1,
        stage=Stage.FIRST,
        title="沙石镇山体滑坡",
        sources=sources,
        opened_at=NOON,
        changed_at=after(version),
    )


def topic_of(event: Event) -> str:
    """The topic an event travels on."""
    return next(spec.name for spec in topics.ALL if spec.model is type(event) and spec is not topics.SIGNALS)


def records(events: Iterable[Event], start: int = 0) -> list[IndexRecord]:
    """The events as records, with offsets that follow each other on each topic."""
    offsets: dict[str, itertools.count[int]] = {}
    made = []
    for event in events:
        topic = topic_of(event)
        offset = next(offsets.setdefault(topic, itertools.count(start)))
        made.append(IndexRecord(topic, event.model_dump_json().encode(), 0, offset))
    return made
