"""The bounded queue between Faust's stream and the batcher.

``asyncio.wait_for`` around a Faust stream breaks it, so a reader fills this queue and the batcher takes time-bounded
batches from it. Bounded by records and bytes: a full queue holds the reader, and with it the fetching, back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Intake(Generic[T]):
    """A queue of entries whose size in bytes ``size_of`` tells. One reader, one batcher."""

    def __init__(self, size_of: Callable[[T], int], *, max_count: int, max_bytes: int) -> None:
        self._size_of = size_of
        self._max_count, self._max_bytes = max_count, max_bytes
        self._entries: deque[T] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._nudged = False
        self._enough: tuple[int, int] | None = None
        """What the batcher waits for who has a first entry (records, bytes): it is not woken for each record."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """Bytes waiting."""
        return self._bytes

    async def put(self, entry: T) -> None:
        """Add one entry; waits while the queue is full. A single entry larger than the bound still passes."""
        while self._entries and not self._has_room(entry):
            await self._wait()
        self._entries.append(entry)
        self._bytes += self._size_of(entry)
        if self._enough is None or self._fills(*self._enough):
            self._changed.set()

    def clear(self) -> None:
        """Forget what waits (partitions were revoked; their records come again to their next owner)."""
        self._entries.clear()
        self._bytes = 0
        self._changed.set()

    def nudge(self) -> None:
        """Whoever waits for a first entry waits no longer: there is something else to do."""
        self._nudged = True
        self._changed.set()

    async def take(
        self, *, max_count: int, max_bytes: int, linger_s: float, patience_s: float | None = None
    ) -> list[T]:
        """A batch: from the first entry on wait at most ``linger_s`` for more.

        [] after ``patience_s`` without one, or a nudge.
        """
        if not await self._arrived(patience_s):
            return []
        loop = asyncio.get_running_loop()
        deadline = loop.time() + linger_s
        self._enough = (max_count, max_bytes)
        try:
            while not self._fills(max_count, max_bytes):
                remaining = deadline - loop.time()
                if remaining <= 0 or not await self._wait(remaining):
                    break
        finally:
            self._enough = None
        return self._pop(max_count, max_bytes)

    async def _arrived(self, patience_s: float | None) -> bool:
        loop = asyncio.get_running_loop()
        deadline = None if patience_s is None else loop.time() + patience_s
        while not (self._entries or self._nudged):
            remaining = None if deadline is None else deadline - loop.time()
            if remaining is not None and (remaining <= 0 or not await self._wait(remaining)):
                break
            if remaining is None:
                await self._wait()
        self._nudged = False
        return bool(self._entries)

    async def _wait(self, timeout_s: float | None = None) -> bool:
        self._changed.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _has_room(self, entry: T) -> bool:
        return len(self._entries) < self._max_count and self._bytes + self._size_of(entry) <= self._max_bytes

    def _fills(self, max_count: int, max_bytes: int) -> bool:
        return len(self._entries) >= max_count or self._bytes >= max_bytes

    def _pop(self, max_count: int, max_bytes: int) -> list[T]:
        batch: list[T] = []
        size = 0
        while self._entries and len(batch) < max_count:
            size += self._size_of(self._entries[0])
            if batch and size > max_bytes:
                break
            entry = self._entries.popleft()
            self._bytes -= self._size_of(entry)
            batch.append(entry)
        self._changed.set()
        return batch
