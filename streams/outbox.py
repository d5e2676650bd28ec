"""The worker's own producer: idempotent, acks=all, and ``send`` returns only when every record is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.topics import DEADLETTER_LIMIT, MIB
from streams.kafka import client_options
from streams.records import Output, OutputRejected

log = structlog.get_logger("streams.outbox")

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
CLOSE_S = 5.0


class Outbox:
    """Sends outputs to the topics of a connection. After a failure the producer is replaced, not repaired."""

    def __init__(self, connection: KafkaConnection, *, timeout_s: float = 20.0) -> None:
        self._connection, self._timeout_s = connection, timeout_s
        self._producer: AIOKafkaProducer | None = None

    async def send(self, outputs: Sequence[Output]) -> None:
        """Return when all are acknowledged. Raises ``BrokerUnavailable`` (send them again) or ``OutputRejected``."""
        for output in outputs:
            if len(output.key) + len(output.value) > output.spec.limit:
                raise OutputRejected(f"{output.spec.name}: {len(output.value)} bytes are over {output.spec.limit}")
        errors = await self._errors(outputs)
        rejected = [error for error in errors if isinstance(error, _TOO_LARGE)]
        if rejected:
            raise OutputRejected(f"the broker refuses the size: {rejected[0]}") from rejected[0]
        if errors:
            await self._discard()
            raise BrokerUnavailable(f"{type(errors[0]).__name__}: {errors[0]}") from errors[0]

    async def stop(self) -> None:
        """Close the producer; what was not acknowledged was never promised."""
        await self._discard()

    async def _errors(self, outputs: Sequence[Output]) -> list[Exception]:
        waiting: list[asyncio.Future[object]] = []
        found: list[Exception] = []
        try:
            producer = await self._started()
            for output in outputs:
                name = self._connection.topic(output.spec.name)
                waiting.append(await producer.send(name, value=output.value, key=output.key))
        except (KafkaError, OSError, TimeoutError) as error:
            found.append(error)
        for outcome in await asyncio.gather(*waiting, return_exceptions=True):
            if isinstance(outcome, Exception):
                found.append(outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
        return found

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **client_options(self._connection),
                acks="all",
                enable_idempotence=True,
                max_request_size=DEADLETTER_LIMIT + MIB,
                max_batch_size=MIB // 2,
                request_timeout_ms=int(self._timeout_s * 1000),
            )
            try:
                await producer.start()
            except BaseException:
                await _close(producer)
                raise
            self._producer = producer
        return self._producer

    async def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError, OSError, TimeoutError, asyncio.TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await producer.stop()
