"""Whether records arrive without holes.

Faust takes a jump in offsets for records that do not exist and commits past it; and the first record after a rebalance
may be one too late without its noticing. A jump is also what transactions and retention leave behind. So each jump is
looked at: where the topic does hold records that we were not given, the worker stops before it commits past them.
"""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Offsets [start, end) of a partition that we were not given."""

    topic: str
    partition: int
    start: int
    end: int


class Continuity:
    """The next offset of each partition since it was assigned."""

    def __init__(self) -> None:
        self._next: dict[Place, int] = {}

    def reset(self) -> None:
        """Partitions were revoked: what comes next starts at what was committed."""
        self._next.clear()

    def follow(self, topic: str, partition: int, offset: int, committed: int | None) -> Hole | None:
        """Take note of a record; the hole before it, if there is one. ``committed``: where the partition began."""
        expected = self._next.get((topic, partition), committed or 0)
        self._next[topic, partition] = max(offset + 1, expected)
        return Hole(topic, partition, expected, offset) if offset > expected else None
