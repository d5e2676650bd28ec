"""The real engines: they serve, keep their data through kill -9, listen on the loopback interface only, and stop."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy import commands, testing
from deploy.config import DeployConfig, ElasticsearchConfig, KafkaConfig
from deploy.elasticsearch import Elasticsearch
from deploy.errors import EngineInUse, PortTaken
from deploy.kafka import MESSAGE_MAX_BYTES, Kafka
from deploy.process import ProcessId, group_members
from deploy.testing import Running

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]


def _name() -> str:
    return f"engines-{uuid.uuid4().hex[:8]}"


async def _create_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        assert [error[1] for error in answer.topic_errors] == [0]
    finally:
        await admin.close()


async def _produce(bootstrap: str, topic: str, value: bytes, timestamp_ms: int | None = None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=2 * MESSAGE_MAX_BYTES)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, timestamp_ms=timestamp_ms)
    finally:
        await producer.stop()


async def _consume(bootstrap: str, topic: str, count: int) -> list[ConsumerRecord]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            return [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()


def _index(base: str, index: str, document: dict[str, object]) -> None:
    httpx.put(f"{base}/{index}", json={"settings": {"number_of_replicas": 0}}, timeout=60).raise_for_status()
    httpx.put(f"{base}/{index}/_doc/1?refresh=true", json=document, timeout=60).raise_for_status()


def _found(base: str, index: str) -> list[dict[str, object]]:
    answer = httpx.post(f"{base}/{index}/_search", json={"query": {"match_all": {}}}, timeout=60).raise_for_status()
    return [hit["_source"] for hit in answer.json()["hits"]["hits"]]


def _listening(pids: list[int]) -> set[str]:
    found = (psutil.Process(pid).net_connections(kind="tcp") for pid in pids)
    return {link.laddr.ip for links in found for link in links if link.status == psutil.CONN_LISTEN}


async def test_kafka_carries_a_record(engines: Running) -> None:
    topic = _name()
    await _create_topic(engines.kafka, topic)
    await _produce(engines.kafka, topic, "沙石镇山体滑坡".encode())
    (record,) = await _consume(engines.kafka, topic, 1)
    assert record.value.decode() == "沙石镇山体滑坡"


async def test_kafka_stamps_arrival_and_not_what_the_sender_says(engines: Running) -> None:
    topic = _name()
    await _create_topic(engines.kafka, topic)
    await _produce(engines.kafka, topic, b"x", timestamp_ms=1_000)
    (record,) = await _consume(engines.kafka, topic, 1)
    assert record.timestamp_type == 1  # LogAppendTime
    assert record.timestamp > 1_000


async def test_kafka_takes_a_large_record(engines: Running) -> None:
    topic, body = _name(), os.urandom(MESSAGE_MAX_BYTES - 1024)
    await _create_topic(engines.kafka, topic)
    await _produce(engines.kafka, topic, body)
    (record,) = await _consume(engines.kafka, topic, 1)
    assert record.value == body


async def test_kafka_makes_no_topic_by_itself(engines: Running) -> None:
    topic = _name()
    producer = AIOKafkaProducer(bootstrap_servers=engines.kafka, request_timeout_ms=1500)
    await producer.start()
    with pytest.raises(KafkaError):
        await producer.send_and_wait(topic, b"x")
    await producer.stop()
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka)
    await admin.start()
    assert topic not in await admin.list_topics()
    await admin.close()


def test_elasticsearch_indexes_and_finds(engines: Running) -> None:
    index = _name()
    _index(engines.elasticsearch, index, {"text": "沙石镇转移群众56人"})
    assert _found(engines.elasticsearch, index) == [{"text": "沙石镇转移群众56人"}]


def test_elasticsearch_makes_no_index_by_itself(engines: Running) -> None:
    answer = httpx.put(f"{engines.elasticsearch}/{_name()}/_doc/1", json={"a": 1}, timeout=60)
    assert answer.status_code == 404


def test_both_listen_on_the_loopback_interface_only(engines: Running) -> None:
    for engine in (engines.kafka_engine, engines.elasticsearch_engine):
        known = engine.process()
        assert known is not None
        addresses = _listening(group_members(known.pid))
        assert addresses
        assert all(address.removeprefix("::ffff:").startswith("127.") for address in addresses), addresses


@pytest.mark.skipif(os.geteuid() != 0, reason="drops its account only when root starts it")
def test_elasticsearch_does_not_run_as_root(engines: Running) -> None:
    known = engines.elasticsearch_engine.process()
    assert known is not None
    assert all(psutil.Process(pid).uids().effective != 0 for pid in group_members(known.pid))


@pytest.fixture(scope="module")
def kafka_alone() -> Iterator[Kafka]:
    with testing.engines(only=("kafka",)) as running:
        yield running.kafka_engine


async def test_kafka_keeps_its_records_through_kill_9_and_a_clean_restart(kafka_alone: Kafka) -> None:
    topic = _name()
    await _create_topic(kafka_alone.address, topic)
    await _produce(kafka_alone.address, topic, b"before the kill")
    kafka_alone.kill()
    assert not kafka_alone.alive()
    assert not kafka_alone.ready()
    kafka_alone.restart()
    await _produce(kafka_alone.address, topic, b"after the kill")
    kafka_alone.restart()
    records = await _consume(kafka_alone.address, topic, 2)
    assert [record.value for record in records] == [b"before the kill", b"after the kill"]


def test_a_paused_kafka_does_not_answer_and_then_does(kafka_alone: Kafka) -> None:
    kafka_alone.pause()
    assert not kafka_alone.ready()
    kafka_alone.resume()
    kafka_alone.wait_ready()


def test_a_second_start_in_the_same_folder_is_refused(kafka_alone: Kafka) -> None:
    port, _setting = kafka_alone.ports()[0]
    second = Kafka(kafka_alone.folder, KafkaConfig(port=port), testing.ArtifactStore(testing.ArtifactConfig()))
    with pytest.raises(EngineInUse):
        second.start()
    third = Kafka(
        kafka_alone.folder.parent / "k2", KafkaConfig(port=port), testing.ArtifactStore(testing.ArtifactConfig())
    )
    with pytest.raises(PortTaken, match=str(port)):
        third.start()
    third.stop()
    assert kafka_alone.ready()


def test_a_half_formatted_storage_is_moved_aside_and_made_anew(tmp_path: Path) -> None:
    data = tmp_path / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\ncluster.id=half", encoding="utf-8")
    with testing.engines(tmp_path, only=("kafka",)) as running:
        assert running.kafka_engine.ready()
    (aside,) = (tmp_path / "kafka").glob("data.unfinished-*")
    assert (aside / "meta.properties").read_text(encoding="utf-8").endswith("half")


def test_elasticsearch_below_a_closed_folder_keeps_its_documents_through_kill_9(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)  # like /root
    with testing.engines(closed / "data", only=("elasticsearch",)) as running:
        engine, index = running.elasticsearch_engine, _name()
        try:
            _index(running.elasticsearch, index, {"n": 1})
            known = engine.process()
            assert known is not None
            members = group_members(known.pid)
            engine.kill()
            assert not any(ProcessId.of(pid) for pid in members)
            engine.restart()
            assert _found(running.elasticsearch, index) == [{"n": 1}]
            engine.stop()
            assert not engine.ready()
        finally:
            engine.purge()
    assert (engine.place == engine.folder) == (os.geteuid() != 0)


UP = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from deploy import commands
from deploy.config import QUICK_START, DeployConfig, ElasticsearchConfig, KafkaConfig
from deploy.plan import Plan
from deploy.service import Service
ports = {ports!r}
config = DeployConfig(Path({data!r}), kafka=KafkaConfig(ports[0], ports[1], 512, QUICK_START),
                      elasticsearch=ElasticsearchConfig(ports[2], 512, QUICK_START), die_with_parent=True)
worker = Service("worker", "worker", [sys.executable, "-c", "import time; time.sleep(3600)"])
commands.up(Plan(config, [worker]), lambda line: print(line, flush=True))
"""


async def test_a_supervised_kafka_comes_back_and_down_stops_all(tmp_path: Path) -> None:
    config = DeployConfig(tmp_path)
    script = UP.format(root=str(ROOT), data=str(tmp_path), ports=testing.free_ports(3))
    lines: list[str] = []
    status = commands.up_detached([sys.executable, "-c", script], tmp_path, report=lines.append)
    try:
        assert status["ready"]
        assert {"Kafka 就绪", "Elasticsearch 就绪", "worker 就绪"} <= set(lines)
        (broker,) = status["pids"]["kafka"]
        assert len(status["pids"]["elasticsearch"]) == 2
        os.kill(broker, 9)
        end = time.monotonic() + 120
        while (now := commands.status(tmp_path))["pids"]["kafka"] in ([], [broker]) or not now["ready"]:
            assert time.monotonic() < end, now
            await asyncio.sleep(0.2)
        kafka = next(unit for unit in now["units"] if unit["role"] == "kafka")
        assert (kafka["restarts"], kafka["last_exit"]) == (1, "信号 SIGKILL")
        assert now["pids"]["elasticsearch"] == status["pids"]["elasticsearch"]
        await _create_topic(now["kafka"], _name())
    finally:
        last = commands.status(config.data_dir)
        assert commands.down(tmp_path)
    assert not any(ProcessId.of(pid) for pids in last["pids"].values() for pid in pids)
    store = testing.ArtifactStore(testing.ArtifactConfig())
    Elasticsearch(tmp_path / "elasticsearch", ElasticsearchConfig(), store).purge()
