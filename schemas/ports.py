"""Ports: what the rooms ask of the outside, so that streams and tests never import a concrete channel or clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.alert import Alert, Notice
from schemas.reminder import Reminder


class Clock(Protocol):
    """Time as the instance sees it: real, or a virtual one for the sample day."""

    def now(self) -> datetime:
        """The present, aware."""
        ...

    def at(self, real: datetime) -> datetime:
        """What this clock showed at a real moment (a broker's time stamp); the same for every replay."""
        ...


class Channel(Protocol):
    """A place that takes every alert. ``send`` returns when the other side took it, else raises DeliveryError."""

    name: str

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Hand over one alert; ``repeated`` marks a possible second copy (重复). Returns a detail for the record."""
        ...


@dataclass(frozen=True, slots=True)
class Handed:
    """What the other side said when it took a message. ``reference``: its own id, by which a receipt names it."""

    detail: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message after a gateway had taken it."""

    channel: str
    reference: str
    arrived: bool
    detail: str = ""


class Switchboard(Protocol):
    """Reaches people: knows their addresses, the channels and the words (publishers.switchboard)."""

    async def deliver(self, notice: Notice, alerts: Sequence[Alert], channel: str, *, repeated: bool) -> Handed:
        """Tell one person by one channel. Raises DeliveryError."""
        ...

    async def remind(self, notice: Notice, reminder: Reminder, channel: str, *, repeated: bool) -> Handed:
        """Say to one person by one channel that a report is due, or who was silent. Raises DeliveryError."""
        ...

    async def receipts(self) -> Sequence[Receipt]:
        """Delivery receipts that came in since the last call; a gateway that is away gives none."""
        ...
