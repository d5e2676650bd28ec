"""What everybody who listens is told, asked of the index once a second however many listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

Look = tuple[list[dict[str, Any]], dict[str, Any]]
"""(newest alerts, counts of the day)"""
FRESH_S = 0.9
"""A little less than the pause between two looks of one listener."""


class Pulse:
    """Shares the last look while it is fresh."""

    def __init__(self, look: Callable[[], Awaitable[Look]]) -> None:
        self._look = look
        self._lock = asyncio.Lock()
        self._last: tuple[float, Look] | None = None

    async def now(self) -> Look:
        """The present state. Raises IndexUnavailable."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_S:
                self._last = (time.monotonic(), await self._look())
            return self._last[1]
