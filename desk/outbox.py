"""The outbox: brings every decision and every issue to Kafka at least once; a repeat is folded."""

from __future__ import annotations

import asyncio

import structlog

from desk.database import Database
from desk.deps import OutboxSink
from schemas.errors import BrokerUnavailable

PAUSE_S = 0.5
AWAY_PAUSE_S = 5.0
log = structlog.get_logger("desk.outbox")


class Outbox:
    """Empties the database's outbox in the background."""

    def __init__(self, database: Database, sink: OutboxSink) -> None:
        self._database, self._sink = database, sink
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = PAUSE_S
            try:
                await asyncio.to_thread(self.drain)
            except BrokerUnavailable as error:
                log.warning("outbox.waiting", reason=str(error))
                pause = AWAY_PAUSE_S
            except Exception:
                # Whatever it was: an outbox that ended would keep every decision of people from Kafka in silence.
                log.exception("outbox.failed")
                pause = AWAY_PAUSE_S
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                pass
            self._wake.clear()

    def drain(self) -> int:
        """Send what waits; how many. Raises BrokerUnavailable: the rest stays."""
        waiting = self._database.waiting()
        for one in waiting:
            self._sink.send(one.event)
            self._database.sent(one.event_id)
            log.info("outbox.sent", kind=type(one.event).__name__.lower(), event_id=one.event_id)
        return len(waiting)
