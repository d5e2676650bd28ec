"""How many dead letters Kafka keeps, for the duty board: told by offsets, none of them is read."""

from __future__ import annotations

import asyncio
import threading
import time

import structlog

from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.topics import DEADLETTER

FRESH_S = 30.0
"""A board that several people look at asks Kafka twice a minute."""
log = structlog.get_logger("huiyao.deadletters")


class DeadLetterCount:
    """The present number; None where Kafka does not answer. Blocks: call it in a thread."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._last: tuple[float, int | None] | None = None

    def __call__(self) -> int | None:
        """The number, at most half a minute old."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_S:
                self._last = (time.monotonic(), self._ask())
            return self._last[1]

    def _ask(self) -> int | None:
        try:
            return asyncio.run(_count(self._connection))
        except BrokerUnavailable as error:
            log.warning("deadletters.not_counted", reason=str(error))
            return None


async def _count(connection: KafkaConnection) -> int:
    from streams.elastic.log import opened

    async with opened(connection, [DEADLETTER]) as letters:
        return await letters.left()
