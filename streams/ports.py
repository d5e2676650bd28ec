"""Ports of the stream workers: what they ask of judgement, of the index and of the front door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.assessment import AssessedItem, Origin
from schemas.errors import InvalidItem
from schemas.item import Item
from schemas.story import StoryAssigned
from schemas.topics import TopicSpec


@dataclass(frozen=True, slots=True)
class AssessInput:
    """One item to judge. ``received_at`` is the broker's time as the instance's clock showed it, never a sender's."""

    item: Item
    received_at: datetime
    origin: Origin


class Judge(Protocol):
    """Judgement of items (processors.assess). Pure: the same input gives the same output."""

    def assess(self, items: Sequence[AssessInput]) -> Sequence[AssessedItem | InvalidItem]:
        """One output for each input, in order; an ``InvalidItem`` is returned, not raised: a dead letter."""
        ...


class StoryMatcher(Protocol):
    """Which story an item belongs to (processors.stories). Keeps a window of signatures in memory."""

    def restore(self, events: Iterable[StoryAssigned]) -> None:
        """Put earlier assignments back into the window, oldest first; the same event twice changes nothing."""
        ...

    def assign(self, item: AssessedItem) -> StoryAssigned:
        """The item's story. An item (id and version) seen before gets the assignment it had."""
        ...


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """One event for the index. ``topic`` is the name in schemas.topics, without the connection's prefix.

    ``value`` is the event's JSON as it stood on the topic.
    """

    topic: str
    value: bytes
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class IndexFailure:
    """A record that the index will never take (a 400, an unreadable event); the runtime makes it a dead letter."""

    record: IndexRecord
    reason: str


class IndexWriter(Protocol):
    """Writes events into the index (streams.elastic); at least once with an effect of exactly once."""

    async def apply(self, records: Sequence[IndexRecord]) -> list[IndexFailure]:
        """Return when every record is durably in the index (or overtaken by a newer version) or among the failures.

        Raises ``IndexUnavailable`` while Elasticsearch is away or refuses for now (429, 503, a time-out); the same
        records then come again, some of which may have been applied already.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class StateReader(Protocol):
    """Reads a topic to its present end (streams.restore.read_to_end bound to a connection)."""

    def __call__(
        self, spec: TopicSpec, *, partitions: Collection[int] | None = None, since: datetime | None = None
    ) -> AsyncIterator[bytes]:
        """Values in order within each partition. Raises ``BrokerUnavailable``."""
        ...
