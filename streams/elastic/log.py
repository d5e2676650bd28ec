"""Reading topics from their beginning to their present end, without a consumer group, in batches with their offsets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.topics import TopicSpec
from streams.kafka import client_options

POLL_MS = 1_000
IDLE_POLLS = 30
"""Polls without a record before the end is given up on."""
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record of a topic; ``topic`` is the name without the connection's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


class TopicLog:
    """The topics as a log that can be read to its end again and again, each time from where the last time ended."""

    def __init__(self, consumer: AIOKafkaConsumer, partitions: dict[str, list[TopicPartition]]) -> None:
        self._consumer, self._partitions = consumer, partitions

    async def to_end(self, batch: int = BATCH) -> AsyncIterator[list[LogRecord]]:
        """Records up to the end at the moment of the call: topic after topic, in order within each partition."""
        for topic, partitions in self._partitions.items():
            ends = await self._consumer.end_offsets(partitions)
            async for records in self._read(topic, ends, batch):
                yield records

    async def left(self) -> int:
        """Records between where reading stands and the present end."""
        every = [partition for partitions in self._partitions.values() for partition in partitions]
        ends = await self._consumer.end_offsets(every)
        return sum([ends[partition] - await self._consumer.position(partition) for partition in every])

    async def _read(self, topic: str, ends: dict[TopicPartition, int], batch: int) -> AsyncIterator[list[LogRecord]]:
        idle = 0
        while behind := [one for one in ends if await self._consumer.position(one) < ends[one]]:
            polled = await self._consumer.getmany(*behind, timeout_ms=POLL_MS, max_records=batch)
            idle = 0 if polled else idle + 1
            if idle > IDLE_POLLS:
                raise BrokerUnavailable(f"the end of {topic} was not reached")
            records = [
                LogRecord(topic, one.partition, one.offset, one.key, one.value)
                for some in polled.values()
                for one in some
                if one.value is not None
            ]
            if records:
                yield records


@asynccontextmanager
async def opened(connection: KafkaConnection, specs: Sequence[TopicSpec]) -> AsyncIterator[TopicLog]:
    """The log of some topics, at its beginning; they are read in the order given. Raises BrokerUnavailable."""
    consumer = AIOKafkaConsumer(
        **client_options(connection), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        try:
            await consumer.start()
            partitions = {spec.name: await _partitions(consumer, connection.topic(spec.name)) for spec in specs}
            every = [one for some in partitions.values() for one in some]
            consumer.assign(every)
            for partition, offset in (await consumer.beginning_offsets(every)).items():
                consumer.seek(partition, offset)
            yield TopicLog(consumer, partitions)
        except (KafkaError, OSError, TimeoutError) as error:
            raise BrokerUnavailable(f"cannot read the topics: {type(error).__name__}: {error}") from error
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    await consumer._client.add_topic(topic)
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise BrokerUnavailable(f"no topic {topic}", hint="start the workers once; they make the topics")
    return [TopicPartition(topic, number) for number in sorted(numbers)]
