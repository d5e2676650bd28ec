"""What the producers ask of others: a place to send, the register of departments, a mask, a judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from schemas.assessment import Assessment
from schemas.item import Item


@dataclass(frozen=True, slots=True)
class Parcel:
    """One item on its way: ``item_id`` is the record's key, the lane decides the topic."""

    item: Item
    item_id: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The broker took the record. ``received_at`` is the broker's own time stamp as the instance's clock shows it."""

    item_id: str
    topic: str
    partition: int
    offset: int
    received_at: datetime


class ItemSink(Protocol):
    """A place that takes items and keeps them."""

    def send(self, parcels: Sequence[Parcel]) -> list[Acknowledgement]:
        """Acknowledgements in the order of the parcels, or BrokerUnavailable: then none may be counted as taken."""
        ...


class RegisteredDepartment(Protocol):
    """A department of the register, as far as the producers need it."""

    @property
    def id(self) -> str:
        """The department's id."""
        ...


class DepartmentResolver(Protocol):
    """Finds a department by id, official name, short name or former name."""

    def __call__(self, source: str, /) -> RegisteredDepartment | None:
        """The department, or None where the name is unknown or ambiguous."""
        ...


class Mask(Protocol):
    """Masks personal data."""

    def __call__(self, text: str, /) -> tuple[str, Sequence[Any]]:
        """The text with personal data masked, of the same length, and the spans that were masked."""
        ...


class Judge(Protocol):
    """Judges an item that has its ``received_at``; pure."""

    def __call__(self, item: Item, /) -> Assessment:
        """The assessment of the item."""
        ...
