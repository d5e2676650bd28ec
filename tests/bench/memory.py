"""(d) Memory of an assess worker over a million items, at each tenth; flat means that the last is like the second."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from aiokafka import AIOKafkaProducer

from deploy.testing import engines
from huiyao.services import child_environment, command
from huiyao.settings import Settings, load_settings
from streams.topics_admin import ensure_topics
from tests.bench.texts import items

DISTINCT = 20_000


def run(count: int) -> None:
    """Feed ``count`` items to one worker and watch its resident memory."""
    with TemporaryDirectory(prefix="huiyao-bench-") as folder, engines(only=("kafka",), heap_mb=1024) as running:
        settings = load_settings(data_dir=folder, kafka={"bootstrap": running.kafka}, log_level="WARNING")
        asyncio.run(ensure_topics(settings.kafka_connection()))
        child = subprocess.Popen(
            command("worker", "--lanes", "media"), env=os.environ | child_environment(settings), cwd=Path.cwd()
        )
        try:
            sizes = asyncio.run(_feed(settings, child.pid, count))
        finally:
            child.terminate()
            child.wait(30)
    print(f"memory MiB at tenths: {', '.join(f'{size:.0f}' for size in sizes)}; last/second={sizes[-1] / sizes[1]:.2f}")


async def _feed(settings: Settings, pid: int, count: int) -> list[float]:
    from aiokafka import AIOKafkaConsumer, TopicPartition

    kafka = settings.kafka_connection()
    values = [item.model_dump_json().encode() for item in items(DISTINCT)]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=20, max_batch_size=1 << 20)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    await consumer.start()
    sizes = []
    try:
        for tenth in range(1, 11):
            for number in range(count // 10):
                await producer.send(kafka.topic("media.published"), values[number % DISTINCT])
            await producer.flush()
            while await _done(consumer, kafka.topic("items.assessed"), TopicPartition) < tenth * (count // 10):  # noqa: ASYNC110
                await asyncio.sleep(0.5)
            sizes.append(psutil.Process(pid).memory_info().rss / 2**20)
            print(f"{time.strftime('%H:%M:%S')} {tenth * count // 10} items: {sizes[-1]:.0f} MiB", flush=True)
    finally:
        await producer.stop()
        await consumer.stop()
    return sizes


async def _done(consumer: object, topic: str, partition: type) -> int:
    places = [partition(topic, number) for number in range(6)]
    ends = await consumer.end_offsets(places)  # type: ignore[attr-defined]
    return sum(ends.values())
