"""One worker: Faust reads, a batcher settles micro-batches, and only then are the events acknowledged, in order.

    noack().events() -> Intake -> batch -> Pipeline (judge, send, await every acknowledgement) -> event.ack()

Faust's own conveniences are left out where they lose records: no ``take()``, no sinks, no un-awaited sends, no tables,
no exception inside the agent.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import structlog

from schemas.connections import KafkaConnection
from streams.continuity import Continuity, Hole
from streams.faustapp import app_id, build_app, declare
from streams.intake import Intake
from streams.metrics import WorkerMetrics
from streams.options import RuntimeOptions
from streams.outbox import Outbox
from streams.pipeline import Pipeline
from streams.records import TRANSIENT, Assignment, Handler, Record, Waking, WorkerStop
from streams.restore import holds_records

log = structlog.get_logger("streams.worker")

EXIT_OK, EXIT_FAILED = 0, 1


class StreamWorker:
    """Runs one role until it is told to stop or cannot go on without losing records."""

    def __init__(
        self,
        role: str,
        topics: Sequence[str],
        handler: Handler,
        pipeline: Pipeline,
        outbox: Outbox,
        connection: KafkaConnection,
        *,
        options: RuntimeOptions,
        metrics: WorkerMetrics,
        stopping: asyncio.Event,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._role, self._topics, self._handler = role, topics, handler
        self._pipeline, self._outbox, self._connection = pipeline, outbox, connection
        self._options, self._metrics, self._on_ready = options, metrics, on_ready
        self._prefix = len(connection.prefix)
        self._intake: Intake[Any] = Intake(_size, max_count=options.queue_count, max_bytes=options.queue_bytes)
        self._idle, self._stopping, self._assigned = asyncio.Event(), stopping, asyncio.Event()
        self._idle.set()
        self._assignment: Assignment | None = None
        self._epoch = self._restored = 0
        self._next_tick = monotonic() + (handler.tick_s or 0.0)
        self._settled: dict[tuple[str, int], int] = {}
        self._continuity = Continuity()
        if isinstance(handler, Waking):
            handler.on_due = self.wake

    def wake(self) -> None:
        """Let the role's timer go off now and not at its next time."""
        self._next_tick = monotonic()
        self._intake.nudge()

    async def run(self) -> int:
        """Run until ``stopping`` is set, then finish the batch in work. The exit code is not zero for a restart."""
        with tempfile.TemporaryDirectory(prefix="huiyao-faust-") as folder:
            self._app = build_app(self._connection, self._role, self._options, Path(folder))
            self._wire()
            try:
                await self._app.start()
                log.info("worker ready", role=self._role, group=app_id(self._connection, self._role))
                return await self._until_stopped()
            except Exception as error:
                log.error("worker failed", role=self._role, reason=f"{type(error).__name__}: {error}")
                return EXIT_FAILED
            finally:
                await self._shut_down()

    def _wire(self) -> None:
        self._app.agent(declare(self._app, self._connection, self._topics), name=self._role)(self._read)
        self._app.on_partitions_revoked.connect(self._on_revoked)
        self._app.on_partitions_assigned.connect(self._on_assigned)
        self._app.finalize()

    async def _read(self, stream: Any) -> None:
        async for event in stream.noack().events():
            await self._intake.put(event)

    async def _on_revoked(self, _app: Any, revoked: Any, **_: Any) -> None:
        self._epoch += 1
        self._assignment = None
        self._assigned.clear()
        self._intake.clear()
        self._continuity.reset()
        log.info("partitions revoked", role=self._role, count=len(revoked))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.revoke_patience_s):
                await self._idle.wait()
                await self._handler.release()

    async def _on_assigned(self, _app: Any, assigned: Any, **_: Any) -> None:
        partitions: dict[str, set[int]] = {}
        for tp in assigned:
            partitions.setdefault(self._name(tp.topic), set()).add(tp.partition)
        self._assignment = Assignment({topic: frozenset(numbers) for topic, numbers in partitions.items()})
        self._assigned.set()
        log.info("partitions assigned", role=self._role, count=len(assigned))

    async def _until_stopped(self) -> int:
        background = {
            "stop": asyncio.create_task(self._stopping.wait()),
            "crash": asyncio.create_task(self._app._crashed.wait()),
            "batches": asyncio.create_task(self._batches()),
            "watch": asyncio.create_task(self._watch()),
        }
        try:
            done, _ = await asyncio.wait(background.values(), return_when=asyncio.FIRST_COMPLETED)
            for name in ("batches", "watch"):
                if background[name] in done:
                    background[name].result()
            if background["crash"] in done:
                log.error("Faust crashed", role=self._role, reason=repr(self._app.crash_reason))
                return EXIT_FAILED
            await self._drain()
            return EXIT_OK
        finally:
            for task in background.values():
                task.cancel()
            await asyncio.gather(*background.values(), return_exceptions=True)

    async def _batches(self) -> None:
        options = self._options
        events: list[Any] = []
        while not self._stopping.is_set():
            await self._assigned.wait()
            await self._restore()
            events = await self._intake.take(
                max_count=options.batch_count,
                max_bytes=options.batch_bytes,
                linger_s=options.linger_s(len(events)),
                patience_s=self._until_tick(),
            )
            self._idle.clear()
            try:
                await self._restore()
                await self._settle(events)
                await self._tick()
            finally:
                self._idle.set()

    async def _restore(self) -> None:
        while self._restored != self._epoch + 1 and self._assignment is not None:
            epoch, assignment = self._epoch, self._assignment
            started = monotonic()
            await self._pipeline.patiently(partial(self._handler.restore, assignment), self._options.patience_s)
            if epoch == self._epoch:
                self._restored = epoch + 1
                self._on_ready()
                log.info("state ready", role=self._role, seconds=round(monotonic() - started, 2))

    async def _settle(self, events: list[Any]) -> None:
        events = [event for event in events if self._is_current(event)]
        if not events:
            return
        started = monotonic()
        await self._check_holes(events)
        records = [self._record(event) for event in events]
        await self._pipeline.run(records)
        for event in events:
            if self._is_current(event):
                event.ack()
                self._settled[event.message.topic, event.message.partition] = event.message.offset + 1
        now = datetime.now(UTC)
        ages = [(now - record.at).total_seconds() for record in records]
        self._metrics.settled([record.topic for record in records], monotonic() - started, ages)

    async def _check_holes(self, events: list[Any]) -> None:
        committed = self._app.consumer._committed_offset
        for event in events:
            message = event.message
            hole = self._continuity.follow(message.topic, message.partition, message.offset, committed.get(message.tp))
            if hole is not None:
                await self._pipeline.patiently(partial(self._look_into, hole), self._options.patience_s)

    async def _look_into(self, hole: Hole) -> None:
        if await holds_records(self._connection, hole):
            raise WorkerStop(f"Faust passed over records: {hole}", hint="they are not committed and come again")
        log.info("a hole without records", topic=hole.topic, partition=hole.partition, start=hole.start, end=hole.end)

    def _is_current(self, event: Any) -> bool:
        """Whether the event's partition has not been revoked since it was read (its next owner reads it again)."""
        return bool(self._assignment and event.message.generation_id == self._app.consumer_generation_id)

    def _record(self, event: Any) -> Record:
        message = event.message
        return Record(
            topic=self._name(message.topic),
            partition=message.partition,
            offset=message.offset,
            key=message.key or b"",
            value=message.value or b"",
            at=datetime.fromtimestamp(message.timestamp, UTC),
        )

    def _name(self, topic: str) -> str:
        return topic[self._prefix :]

    def _until_tick(self) -> float | None:
        return None if self._handler.tick_s is None else max(self._next_tick - monotonic(), 0.0)

    async def _tick(self) -> None:
        if self._handler.tick_s is not None and monotonic() >= self._next_tick and self._restored == self._epoch + 1:
            await self._pipeline.tick()
            self._next_tick = monotonic() + self._handler.tick_s

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._options.lag_interval_s)
            try:
                self._measure()
            except Exception as error:  # a partition taken away meanwhile, a full disk: numbers must not end the work
                log.warning("no numbers", role=self._role, reason=repr(error))

    def _measure(self) -> None:
        for tp in self._app.consumer.assignment():
            end, settled = self._app.consumer.highwater(tp), self._settled.get((tp.topic, tp.partition))
            if end is not None and settled is not None:
                self._metrics.lag(self._name(tp.topic), tp.partition, max(end - settled, 0))
        self._metrics.write()

    async def _drain(self) -> None:
        log.info("worker stopping", role=self._role)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.stop_deadline_s / 2):
                await self._idle.wait()
                await self._handler.release()
                await self._app.consumer.commit()

    async def _shut_down(self) -> None:
        with suppress(TimeoutError, *TRANSIENT):
            async with asyncio.timeout(self._options.stop_deadline_s / 2):
                await self._app.stop()
        await self._outbox.stop()
        self._metrics.remove()


def _size(event: Any) -> int:
    return len(event.message.value or b"") + len(event.message.key or b"")


__all__ = ["EXIT_FAILED", "EXIT_OK", "StreamWorker", "WorkerStop"]
