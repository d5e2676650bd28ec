"""Doubles that ship with what they stand for; none of them judges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from producers.ports import Acknowledgement, Parcel
from producers.wire import encode
from schemas.errors import BrokerUnavailable
from schemas.topics import INPUT_BY_LANE


class FixedClock:
    """A clock that stands still until it is moved; ``at`` shows real moments unchanged."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time

    def at(self, real: datetime) -> datetime:
        """The real moment itself."""
        return real


class FakeSink:
    """Keeps parcels in memory. While ``down`` it refuses like a broker that is away and keeps nothing."""

    def __init__(self, received_at: datetime = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)) -> None:
        self.received_at = received_at
        self.parcels: list[Parcel] = []
        self.values: list[bytes] = []
        self.down = False

    def send(self, parcels: Sequence[Parcel]) -> list[Acknowledgement]:
        """Acknowledge all, at ``received_at``, or raise BrokerUnavailable while ``down``."""
        if self.down:
            raise BrokerUnavailable("fake broker is down")
        first = len(self.parcels)
        self.values += [encode(parcel.item) for parcel in parcels]
        self.parcels += parcels
        return [
            Acknowledgement(p.item_id, INPUT_BY_LANE[p.item.lane].name, 0, first + place, self.received_at)
            for place, p in enumerate(parcels)
        ]
