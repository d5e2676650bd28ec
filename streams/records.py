"""What passes through a worker: records in, outputs and dead letters out, and the port of a role."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from schemas.errors import BrokerUnavailable, HuiyaoError, IndexUnavailable
from schemas.topics import TopicSpec

TRANSIENT: tuple[type[Exception], ...] = (BrokerUnavailable, IndexUnavailable)
"""Errors of the surroundings, not of a record: the batch waits and is tried again. Everything else is a poison."""


class OutputRejected(HuiyaoError):
    """The broker will never take this output (larger than its topic allows)."""


class WorkerStop(HuiyaoError):
    """Going on would lose records: the worker ends without committing, and its supervisor starts it again."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read. ``topic`` has no prefix; ``at`` is the broker's append time (real time, not the clock's)."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Output:
    """One record to write."""

    spec: TopicSpec
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Dead:
    """A record that a role refuses for a reason it knows (wrong fields, a 400 of the index)."""

    record: Record
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a batch. ``done`` makes the role's new state valid; called once all outputs are acknowledged."""

    outputs: Sequence[Output] = ()
    dead: Sequence[Dead] = ()
    done: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The partitions this worker owns now, by topic name without prefix."""

    partitions: dict[str, frozenset[int]] = field(default_factory=dict)

    def owns(self, topic: str, partition: int) -> bool:
        """Whether a partition of a topic is ours."""
        return partition in self.partitions.get(topic, frozenset())


class Handler(Protocol):
    """A role. ``handle`` may be called again with the same records, so it changes nothing before ``Result.done``."""

    name: str
    """Stage in dead letters, logs and metrics."""
    tick_s: float | None
    """Seconds between calls of ``tick``; None for roles without a timer."""

    async def restore(self, assignment: Assignment) -> None:
        """Rebuild state from topics after partitions were assigned. Raises a transient error where Kafka is away."""
        ...

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Judge a batch. A transient error: again later; any other error: the batch is split to find the poison."""
        ...

    async def tick(self) -> Result:
        """Work that the clock starts."""
        ...

    async def release(self) -> None:
        """Finish or give up what runs beside the batches, before partitions go to another worker or the worker ends."""
        ...


@runtime_checkable
class Waking(Protocol):
    """A role that knows when its ``tick`` is due at once; the worker puts its own wake-up here."""

    on_due: Callable[[], None]


class StatelessHandler:
    """Defaults for roles without state and timer."""

    tick_s: float | None = None

    async def restore(self, assignment: Assignment) -> None:
        """Nothing to rebuild."""

    async def tick(self) -> Result:
        """Nothing to do."""
        return Result()

    async def release(self) -> None:
        """Nothing runs beside the batches."""


def names(specs: Collection[TopicSpec]) -> list[str]:
    """The names of topics, without prefix."""
    return [spec.name for spec in specs]
