"""What happens to one batch: judge, send, wait for every acknowledgement; retry, split and bury where that fails.

Free of Faust, so that the rules can be tested with fakes: a batch is settled when ``run`` returns, and only then may
its records be acknowledged.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol

import structlog

from schemas.topics import DEADLETTER
from streams.deadletters import Undertaker
from streams.metrics import WorkerMetrics
from streams.options import RuntimeOptions
from streams.records import TRANSIENT, Dead, Handler, Output, Record, Result, WorkerStop

log = structlog.get_logger("streams.pipeline")
LOGGED_REASON, LOGGED_KEY = 500, 100


class Sender(Protocol):
    """Writes outputs; returns when the broker has acknowledged all of them (streams.outbox.Outbox)."""

    async def send(self, outputs: Sequence[Output]) -> None:
        """Raises ``BrokerUnavailable`` (again later) or ``OutputRejected`` (never)."""
        ...


class Pipeline:
    """Settles batches for one role."""

    def __init__(
        self,
        handler: Handler,
        sender: Sender,
        undertaker: Undertaker,
        *,
        options: RuntimeOptions,
        metrics: WorkerMetrics,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._handler, self._sender, self._undertaker = handler, sender, undertaker
        self._options, self._metrics, self._sleep = options, metrics, sleep

    async def run(self, batch: Sequence[Record]) -> None:
        """Settle every record: its outputs or its dead letter are acknowledged. Raises ``WorkerStop`` if it cannot."""
        if not batch:
            return
        try:
            await self.patiently(lambda: self._settle(batch), self._options.patience_s)
        except WorkerStop:
            raise
        except Exception as error:
            if len(batch) == 1:
                await self._poisoned(batch[0], error)
            else:
                middle = len(batch) // 2
                await self.run(batch[:middle])
                await self.run(batch[middle:])

    async def tick(self) -> None:
        """One round of the role's timer."""
        await self.patiently(self._tick, self._options.patience_s)

    async def patiently(self, work: Callable[[], Awaitable[None]], patience_s: float) -> None:
        """Do ``work`` again while its surroundings are away, at most ``patience_s``; then stop the worker."""
        started, pause = monotonic(), self._options.retry_first_s
        while True:
            try:
                return await work()
            except TRANSIENT as error:
                if monotonic() - started > patience_s:
                    raise WorkerStop(f"{self._handler.name}: gave up waiting: {error}") from error
                self._metrics.waited(type(error).__name__)
                log.warning("waiting", stage=self._handler.name, reason=str(error), pause_s=round(pause, 2))
                await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, not a secret
                pause = min(pause * 2, self._options.retry_most_s)

    async def _settle(self, batch: Sequence[Record]) -> None:
        await self._deliver(await self._handler.handle(batch))

    async def _tick(self) -> None:
        await self._deliver(await self._handler.tick())

    async def _deliver(self, result: Result) -> None:
        if result.outputs:
            await self._sender.send(result.outputs)
        for dead in result.dead:
            await self._bury(dead, tries=1)
        if result.done is not None:
            result.done()

    async def _poisoned(self, record: Record, error: Exception) -> None:
        tries = 1
        while tries < self._options.poison_tries:
            await self._sleep(self._options.poison_backoff_s * tries)
            tries += 1
            try:
                return await self.patiently(lambda: self._settle([record]), self._options.patience_s)
            except WorkerStop:
                raise
            except Exception as again:
                error = again
        reason = f"{type(error).__name__}: {error}"
        return await self._bury(Dead(record, self._handler.name, reason), tries)

    async def _bury(self, dead: Dead, tries: int) -> None:
        letter = self._undertaker.letter(dead, tries)
        output = Output(DEADLETTER, dead.record.key, letter)
        try:
            await self.patiently(lambda: self._sender.send([output]), self._options.deadletter_patience_s)
        except WorkerStop:
            raise
        except Exception as error:
            raise WorkerStop(f"the dead-letter topic takes nothing: {error}") from error
        self._metrics.buried(dead.stage)
        record = dead.record
        log.warning(
            "dead letter",
            stage=dead.stage,
            reason=dead.reason[:LOGGED_REASON],
            tries=tries,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key[:LOGGED_KEY].decode("utf-8", "replace"),
        )
