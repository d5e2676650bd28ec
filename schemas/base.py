"""Model bases: frozen everywhere; unknown fields refused at the edges and ignored by consumers of topics."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

CHINA = timezone(timedelta(hours=8), "+08:00")
"""China Standard Time; no daylight saving since 1991, so a fixed offset is exact for every date we meet."""


def with_zone(value: datetime) -> datetime:
    """Give a time without a zone +08:00 (CONTRACT.md: times without a zone are +08:00)."""
    return value.replace(tzinfo=CHINA) if value.tzinfo is None else value


def local_day(value: datetime) -> str:
    """The calendar day in China of an aware time, ``YYYY-MM-DD``."""
    return value.astimezone(CHINA).date().isoformat()


Time = Annotated[datetime, AfterValidator(with_zone)]
"""An aware time; +08:00 where the sender gave no zone."""


class Event(BaseModel):
    """Base of what travels on topics: frozen; unknown fields are ignored so that rolling upgrades work."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="float")


class EdgeModel(BaseModel):
    """Base of what people and programs hand in: frozen; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
