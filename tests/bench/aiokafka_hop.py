"""The bare contender: an aiokafka loop with manual commits, one process."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas.topics import ASSESSED, MEDIA
from tests.bench.common_hop import Work

BATCH = 500


async def main() -> None:
    """Until killed."""
    work = Work()
    kafka = work.kafka
    consumer = AIOKafkaConsumer(
        kafka.topic(MEDIA.name),
        bootstrap_servers=kafka.bootstrap,
        group_id="bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=True, acks="all", linger_ms=5)
    await consumer.start()
    await producer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        records = work.judge([record.value for batch in batches.values() for record in batch])
        if not records:
            continue
        topic = kafka.topic(ASSESSED.name)
        waiting = [await producer.send(topic, value, key=key) for key, value in records]
        await asyncio.gather(work.index(records), *waiting)
        await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main())
