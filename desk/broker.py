"""Whether Kafka answers, for pages: a calm duty board while nothing can come in would be a lie."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

EVERY_S = 15.0
"""A look opens a connection of its own, so pages take the last one."""


class BrokerWatch:
    """``away``: what the last look saw; false before the first."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        self._ready = ready
        self.away = False

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            self.away = not await asyncio.to_thread(self._ready)
            await asyncio.sleep(EVERY_S)
