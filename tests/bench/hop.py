"""(a) The whole hop: Kafka -> judgement -> Kafka -> Elasticsearch, ours against a bare aiokafka loop and Quix Streams.

All three call the same judgement and the same bulk writer on the same data, in turn, in one run; the figures to quote
are the ratios. Ours is two processes (assess and index) as in production; the others are one process each.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaProducer

from deploy.testing import Running, engines
from huiyao.services import child_environment, command
from huiyao.settings import Settings, load_settings
from schemas.ids import item_id
from streams.elastic.client import connect
from streams.elastic.layout import Layout
from streams.topics_admin import ensure_topics
from tests.bench.texts import items

ROUNDS = 4
GOALS = {"aiokafka": 0.9, "quix": 1.0}
POLL_S = 0.25
PATIENCE_S = 900.0


def run(count: int, rounds: int = ROUNDS) -> None:
    """``count`` items in all, in ``rounds`` rounds of the three contenders."""
    per_round = count // rounds
    rates: dict[str, list[float]] = {"ours": [], "aiokafka": [], "quix": []}
    cpu: dict[str, list[float]] = {"ours": [], "aiokafka": [], "quix": []}
    with TemporaryDirectory(prefix="huiyao-bench-") as folder, engines(heap_mb=1024) as running:
        for number in range(rounds):
            for name in rates:
                rate, used = _round(running, Path(folder), name, number, per_round)
                rates[name].append(rate)
                cpu[name].append(used)
                print(f"round {number + 1} {name}: {rate:.0f} items/s, {used:.3f} ms CPU/item", flush=True)
    ours = statistics.median(rates["ours"])
    print(f"hop items={count} ours={ours:.0f}/s (goal >= 2000 for one worker), load average {os.getloadavg()[0]:.1f}")
    for name, goal in GOALS.items():
        ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates[name], strict=True))
        dearer = statistics.median(a / b for a, b in zip(cpu["ours"], cpu[name], strict=True))
        print(f"ours/{name}={ratio:.2f} (goal >= {goal})  {name}={statistics.median(rates[name]):.0f}/s")
        print(f"processor time ours/{name}={dearer:.2f}")


def _round(running: Running, folder: Path, name: str, number: int, count: int) -> tuple[float, float]:
    prefix = f"b{number}-{name}-"
    settings = _settings(running, folder / f"{name}-{number}", prefix)
    asyncio.run(_prepare(settings, count))
    children = _start(name, settings)
    try:
        seconds, used = asyncio.run(_wait(settings, count, lambda: sum(_cpu_seconds(child.pid) for child in children)))
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
    return 0.8 * count / seconds, 1000 * used / (0.8 * count)


def _settings(running: Running, data_dir: Path, prefix: str) -> Settings:
    return load_settings(
        data_dir=str(data_dir),
        topic_prefix=prefix,
        kafka={"bootstrap": running.kafka, "prefix": prefix},
        elasticsearch={"url": running.elasticsearch, "prefix": prefix},
        log_level="WARNING",
    )


async def _prepare(settings: Settings, count: int) -> None:
    kafka, elastic = settings.kafka_connection(), settings.elasticsearch_connection()
    await ensure_topics(kafka)
    client = connect(elastic)
    await Layout(client, elastic).prepare()
    await client.close()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=20, max_batch_size=1 << 20)
    await producer.start()
    for item in items(count):
        key = item_id(item, district="zhanggong", source=item.source)
        await producer.send(kafka.topic("media.published"), item.model_dump_json().encode(), key=key.encode())
    await producer.flush()
    await producer.stop()


def _start(name: str, settings: Settings) -> list[subprocess.Popen[bytes]]:
    environment = os.environ | child_environment(settings)
    if name == "ours":
        commands = [command("worker", "--lanes", "media"), command("worker", "--lanes", "index")]
    else:
        commands = [[sys.executable, "-m", f"tests.bench.{name}_hop"]]
    return [subprocess.Popen(one, env=environment, stderr=subprocess.DEVNULL) for one in commands]


async def _wait(settings: Settings, count: int, used: Callable[[], float]) -> tuple[float, float]:
    """Seconds, and processor seconds, between a tenth and nine tenths of the items in the index.

    Neither start nor end counts.
    """
    elastic = settings.elasticsearch_connection()
    client = connect(elastic)
    began = cpu = 0.0
    deadline = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline:
            await client.indices.refresh(index=elastic.alias("items"), ignore_unavailable=True)
            answer = await client.count(index=elastic.alias("items"), ignore_unavailable=True)
            done = int(answer["count"])
            if not began and done >= 0.1 * count:
                began, cpu = time.monotonic(), used()
                first = done
            if began and done >= 0.9 * count:
                share = 0.8 * count / max(done - first, 1)
                return (time.monotonic() - began) * share, (used() - cpu) * share
            await asyncio.sleep(POLL_S)
    finally:
        await client.close()
    raise TimeoutError(f"{done} of {count} after {PATIENCE_S} s")


def _cpu_seconds(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
