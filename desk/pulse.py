"""What many ask for at once, looked up once a second however many ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Look = tuple[list[dict[str, Any]], dict[str, Any]]
"""(newest alerts, counts of the day): what everybody who listens is told"""
FRESH_S = 0.9
"""A little less than the pause between two looks of one listener."""


class Pulse(Generic[T]):
    """Shares the last look while it is fresh."""

    def __init__(self, look: Callable[[], Awaitable[T]]) -> None:
        self._look = look
        self._lock = asyncio.Lock()
        self._last: tuple[float, T] | None = None

    async def now(self) -> T:
        """The present state. Raises what the look raises."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_S:
                self._last = (time.monotonic(), await self._look())
            return self._last[1]
