"""Ports: what the rooms ask of the outside, so that streams and tests never import a concrete channel or clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from schemas.alert import Alert


class Clock(Protocol):
    """Time as the instance sees it: real, or a virtual one for the sample day."""

    def now(self) -> datetime:
        """The present, aware."""
        ...

    def at(self, real: datetime) -> datetime:
        """What this clock showed at a real moment (a broker's time stamp); the same for every replay."""
        ...


class Channel(Protocol):
    """A way to reach people. ``send`` returns when the other side took it, else raises DeliveryError."""

    name: str

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Hand over one alert; ``repeated`` marks a possible second copy (重复). Returns a detail for the record."""
        ...
