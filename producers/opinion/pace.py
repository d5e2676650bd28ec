"""At most one request a second to a host, whoever asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pacer:
    """Spaces requests by host. ``monotonic`` and ``sleep`` are passed in for tests."""

    def __init__(
        self,
        pause_s: float = 1.0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pause_s, self._monotonic, self._sleep = pause_s, monotonic, sleep
        self._pauses: dict[str, float] = {}
        self._next: dict[str, float] = {}

    def at_least(self, host: str, pause_s: float) -> None:
        """Ask for a longer pause at a host; a shorter one changes nothing."""
        self._pauses[host] = max(self._pauses.get(host, self._pause_s), pause_s)

    async def wait(self, host: str) -> None:
        """Wait for this caller's turn. Turns are given in the order of asking."""
        now = self._monotonic()
        turn = max(self._next.get(host, now), now)
        self._next[host] = turn + self._pauses.get(host, self._pause_s)
        if turn > now:
            await self._sleep(turn - now)
