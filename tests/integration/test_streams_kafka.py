"""The pieces that speak to Kafka: sending with certainty, reading to the end, holes in offsets."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer

from deploy.testing import Running
from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.topics import ASSESSED, BULLETINS, DEADLETTER, DEADLETTER_LIMIT, INPUT_LIMIT
from streams.continuity import Hole
from streams.kafka import partition_of
from streams.outbox import Outbox
from streams.records import Output, OutputRejected
from streams.restore import holds_records, read_to_end
from streams.topics_admin import ensure_topics

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture
async def kafka(engines: Running) -> KafkaConnection:
    connection = KafkaConnection(bootstrap=engines.kafka, prefix=f"part-{uuid.uuid4().hex[:6]}.")
    await ensure_topics(connection, [ASSESSED, BULLETINS, DEADLETTER])
    return connection


async def values(kafka: KafkaConnection, since: datetime | None = None) -> list[bytes]:
    return [value async for value in read_to_end(kafka, BULLETINS, since=since)]


async def test_what_is_sent_is_there_in_order_and_the_largest_letter_fits(kafka: KafkaConnection) -> None:
    outbox = Outbox(kafka)
    await outbox.send([Output(BULLETINS, b"k", b"%d" % n) for n in range(500)])
    await outbox.send([Output(DEADLETTER, b"k", b"x" * (DEADLETTER_LIMIT - 1))])
    await outbox.stop()
    assert await values(kafka) == [b"%d" % n for n in range(500)]
    assert [len(value) async for value in read_to_end(kafka, DEADLETTER)] == [DEADLETTER_LIMIT - 1]


async def test_an_output_over_its_limit_is_rejected_by_us_and_by_the_broker(kafka: KafkaConnection) -> None:
    outbox = Outbox(kafka)
    with pytest.raises(OutputRejected):
        await outbox.send([Output(BULLETINS, b"k", b"x" * (INPUT_LIMIT + 1))])
    lenient = replace(BULLETINS, limit=DEADLETTER_LIMIT)
    with pytest.raises(OutputRejected, match="refuses the size"):
        await outbox.send([Output(lenient, b"k", b"x" * (INPUT_LIMIT + 1_000_000))])
    await outbox.send([Output(BULLETINS, b"k", b"after")])
    await outbox.stop()
    assert await values(kafka) == [b"after"]


async def test_nobody_listening_is_said_in_time() -> None:
    nowhere = Outbox(KafkaConnection(bootstrap="127.0.0.1:1"), timeout_s=2.0)
    with pytest.raises(BrokerUnavailable):
        await nowhere.send([Output(BULLETINS, b"k", b"v")])


async def test_a_missing_topic_is_not_an_acknowledgement(engines: Running) -> None:
    outbox = Outbox(KafkaConnection(bootstrap=engines.kafka, prefix="missing."), timeout_s=2.0)
    with pytest.raises(BrokerUnavailable):
        await outbox.send([Output(BULLETINS, b"k", b"v")])
    await outbox.stop()


async def test_reading_from_a_moment_on(kafka: KafkaConnection) -> None:
    outbox = Outbox(kafka)
    await outbox.send([Output(BULLETINS, b"k", b"old")])
    await asyncio.sleep(0.05)
    moment = datetime.fromtimestamp(time.time(), UTC)
    await asyncio.sleep(0.05)
    assert await values(kafka, since=moment) == []
    await outbox.send([Output(BULLETINS, b"k", b"new")])
    await outbox.stop()
    assert await values(kafka, since=moment) == [b"new"]


async def test_our_partitioner_is_that_of_the_clients(kafka: KafkaConnection) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    for key in (b"zhanggong", "章贡区".encode(), b"", b"x" * 100):
        placed = await producer.send_and_wait(kafka.topic(ASSESSED.name), b"v", key=key)
        assert placed.partition == partition_of(key, ASSESSED.partitions)
    await producer.stop()


async def test_a_hole_left_by_a_transaction_holds_nothing(kafka: KafkaConnection) -> None:
    topic = kafka.topic(BULLETINS.name)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=kafka.prefix)
    await producer.start()
    offsets = []
    for _ in range(2):
        async with producer.transaction():
            offsets.append((await producer.send_and_wait(topic, b"v")).offset)
    await producer.stop()
    assert offsets == [0, 2]
    assert not await holds_records(kafka, Hole(topic, 0, 1, 2))
    assert await holds_records(kafka, Hole(topic, 0, 0, 2))
