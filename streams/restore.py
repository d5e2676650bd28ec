"""Reading a topic to its present end, without a consumer group: how state is rebuilt from events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.topics import TopicSpec
from streams.continuity import Hole
from streams.kafka import client_options

POLL_MS = 1_000
IDLE_POLLS = 30
"""Polls without a record before the end is given up on: a retention run may have taken what we wait for."""


async def read_to_end(
    connection: KafkaConnection,
    spec: TopicSpec,
    *,
    partitions: Collection[int] | None = None,
    since: datetime | None = None,
) -> AsyncIterator[bytes]:
    """Values of a topic from ``since`` (broker time; the beginning without it) to the end at the moment of the call.

    In order within each partition. Raises ``BrokerUnavailable``.
    """
    try:
        async with _consumer(connection) as consumer:
            wanted = await _partitions(consumer, connection.topic(spec.name), partitions)
            async for value in _values(consumer, wanted, since):
                yield value
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"cannot read {spec.name}: {type(error).__name__}: {error}") from error


async def holds_records(connection: KafkaConnection, hole: Hole) -> bool:
    """Whether a partition holds records in a hole (topic with prefix). Raises ``BrokerUnavailable``."""
    place = TopicPartition(hole.topic, hole.partition)
    try:
        async with _consumer(connection) as consumer:
            await _partitions(consumer, hole.topic, [hole.partition])
            consumer.assign([place])
            first = (await consumer.beginning_offsets([place]))[place]
            consumer.seek(place, max(first, hole.start))
            while await consumer.position(place) < hole.end:
                polled = await consumer.getmany(place, timeout_ms=POLL_MS, max_records=1)
                found = [record.offset for records in polled.values() for record in records]
                if found:
                    return bool(found[0] < hole.end)
            return False
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"cannot look into {hole}: {type(error).__name__}: {error}") from error


@asynccontextmanager
async def _consumer(connection: KafkaConnection) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **client_options(connection), enable_auto_commit=False, auto_offset_reset="earliest", group_id=None
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(
    consumer: AIOKafkaConsumer, topic: str, partitions: Collection[int] | None
) -> list[TopicPartition]:
    await consumer._client.add_topic(topic)
    present = consumer.partitions_for_topic(topic)
    if not present:
        raise BrokerUnavailable(f"no partitions known of {topic}", hint="create the topics first")
    return [TopicPartition(topic, number) for number in sorted(present) if partitions is None or number in partitions]


async def _values(
    consumer: AIOKafkaConsumer, wanted: list[TopicPartition], since: datetime | None
) -> AsyncIterator[bytes]:
    if not wanted:
        return
    consumer.assign(wanted)
    first = await consumer.beginning_offsets(wanted)
    ends = await consumer.end_offsets(wanted)
    if since is not None:
        found = await consumer.offsets_for_times({partition: int(since.timestamp() * 1000) for partition in wanted})
        first |= {partition: at.offset if at else ends[partition] for partition, at in found.items()}
    for partition in wanted:
        consumer.seek(partition, first[partition])
    open_ = {partition for partition in wanted if first[partition] < ends[partition]}
    idle = 0
    while open_ and idle < IDLE_POLLS:
        polled = await consumer.getmany(*open_, timeout_ms=POLL_MS)
        idle = 0 if polled else idle + 1
        for partition, records in polled.items():
            for record in records:
                if record.offset < ends[partition] and record.value is not None:
                    yield record.value
        open_ = {partition for partition in open_ if await consumer.position(partition) < ends[partition]}
    if open_:
        raise BrokerUnavailable("the end of the topic was not reached")
