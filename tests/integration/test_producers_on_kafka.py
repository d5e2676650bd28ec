"""The producers on real Kafka: receipts, a broker that goes away, a collector that is killed.

Run as a program (``python test_producers_kafka.py STAGE FEED BOOTSTRAP PREFIX DATA_DIR``) this file is the collector
that the tests kill: it polls a feed once and stands still before the send or after the acknowledgement.
"""

from __future__ import annotations

import asyncio
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic

from deploy import testing
from producers.fakes import FixedClock
from producers.kafka import KafkaSettings, KafkaSink
from producers.media.collector import MediaCollector
from producers.ports import Acknowledgement, Parcel
from producers.reports import IntakeSettings, Receipt, ReportIntake
from producers.sources import FeedSource
from producers.visit import CollectorSettings
from producers.web.fetch import Fetcher, FetchSettings
from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.item import Item
from schemas.topics import MEDIA, REPORTS

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
NOW = datetime.now(UTC)
REPORT = {
    "lane": "report",
    "source": "区应急局",
    "text": "沙石镇山体滑坡，转移56人。",
    "published_at": NOW.isoformat(),
}
FEED = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{}</channel></rss>'.format(
    "".join(
        f"<item><guid>g{n}</guid><title>标题{n}</title><description>正文{n}</description></item>" for n in range(20)
    )
)


class Department(NamedTuple):
    id: str


class Log(NamedTuple):
    """One record of a topic."""

    key: str
    item: Item
    stamp: datetime
    stamp_type: int


def created(bootstrap: str) -> KafkaConnection:
    """A connection with a prefix of its own, whose topics exist as they do in production: time by the broker."""
    connection = KafkaConnection(bootstrap=bootstrap, prefix=f"t{uuid.uuid4().hex[:8]}.")
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    config = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(REPORTS.limit)}
    admin.create_topics(
        [NewTopic(connection.topic(spec.name), 3, 1, topic_configs=config) for spec in (REPORTS, MEDIA)]
    )
    admin.close()
    return connection


def records(connection: KafkaConnection, topic: str) -> list[Log]:
    """Everything in a topic up to its end as it is now."""
    consumer = KafkaConsumer(bootstrap_servers=connection.bootstrap, group_id=None, enable_auto_commit=False)
    parts = [TopicPartition(connection.topic(topic), number) for number in range(3)]
    consumer.assign(parts)
    ends = consumer.end_offsets(parts)
    consumer.seek_to_beginning(*parts)
    found: list[Log] = []
    while any(consumer.position(part) < ends[part] for part in parts):
        for batch in consumer.poll(timeout_ms=500).values():
            for record in batch:
                stamp = datetime.fromtimestamp(record.timestamp / 1000, tz=UTC)
                item = Item.model_validate_json(record.value)
                found.append(Log(record.key.decode(), item, stamp, record.timestamp_type))
    consumer.close()
    return found


def intake(sink: KafkaSink) -> ReportIntake:
    return ReportIntake(sink, lambda _: Department("U034"), FixedClock(NOW), IntakeSettings("zhanggong"))


@pytest.fixture(scope="module")
def broker() -> Iterator[testing.Running]:
    """A Kafka of this module's own, since it is stopped and paused."""
    with testing.engines(only=("kafka",)) as running:
        yield running


def test_a_receipt_carries_the_brokers_time_and_the_record_its_key(engines: testing.Running) -> None:
    connection = created(engines.kafka)
    sink = KafkaSink(connection, FixedClock(NOW))
    before = datetime.now(UTC) - timedelta(seconds=1)
    receipt = intake(sink).submit(REPORT)
    sink.close()
    [record] = records(connection, REPORTS.name)
    assert record.key == receipt.item_id
    assert record.stamp_type == 1
    assert record.stamp == receipt.received_at
    assert before <= receipt.received_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert record.item.text == REPORT["text"]
    assert record.item.received_at is None


def test_many_threads_share_one_sink(engines: testing.Running) -> None:
    connection = created(engines.kafka)
    sink = KafkaSink(connection, FixedClock(NOW))

    def submit(number: int) -> Receipt:
        return intake(sink).submit(REPORT | {"id": str(number)})

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(submit, range(200)))
    sink.close()
    stamps = {record.key: record.stamp for record in records(connection, REPORTS.name)}
    assert stamps == {receipt.item_id: receipt.received_at for receipt in receipts}
    assert len(stamps) == 200


def test_the_largest_report_fits(engines: testing.Running) -> None:
    connection = created(engines.kafka)
    sink = KafkaSink(connection, FixedClock(NOW))
    intake(sink).submit(REPORT | {"text": "汉" * 1_000_000})
    sink.close()
    assert len(records(connection, REPORTS.name)[0].item.text) == 1_000_000


def test_a_topic_that_does_not_exist_is_unavailable(engines: testing.Running) -> None:
    connection = KafkaConnection(bootstrap=engines.kafka, prefix="nowhere.")
    sink = KafkaSink(connection, FixedClock(NOW), KafkaSettings(ack_timeout_s=2, connect_timeout_s=2))
    with pytest.raises(BrokerUnavailable):
        intake(sink).submit(REPORT)
    sink.close()


def test_a_stopped_broker_refuses_and_nothing_comes_later(broker: testing.Running) -> None:
    """Both ways of being away: a connection that was open, and one that cannot be made."""
    connection = created(broker.kafka)
    settings = KafkaSettings(ack_timeout_s=2, connect_timeout_s=1)
    sink, fresh = KafkaSink(connection, FixedClock(NOW), settings), KafkaSink(connection, FixedClock(NOW), settings)
    first = intake(sink).submit(REPORT | {"id": "first"})
    assert sink.ready()
    broker.kafka_engine.kill()
    assert not sink.ready()
    for refusing in (sink, fresh, sink):
        with pytest.raises(BrokerUnavailable):
            intake(refusing).submit(REPORT | {"id": "second"})
    broker.kafka_engine.restart()
    third = intake(sink).submit(REPORT | {"id": "third"})
    time.sleep(2 * settings.ack_timeout_s)  # longer than any producer would hold a record back
    keys = sorted(record.key for record in records(connection, REPORTS.name))
    assert keys == sorted([first.item_id, third.item_id])
    sink.close()
    fresh.close()


def test_a_record_on_the_wire_may_arrive_but_is_folded(broker: testing.Running) -> None:
    """The broker stands still with our request in its socket: it may write it when it goes on. Sent again, it is a copy
    with the same key, and no other record appears."""
    connection = created(broker.kafka)
    sink = KafkaSink(connection, FixedClock(NOW), KafkaSettings(ack_timeout_s=2, connect_timeout_s=2))
    intake(sink).submit(REPORT | {"id": "first"})
    broker.kafka_engine.pause()
    try:
        with pytest.raises(BrokerUnavailable):
            intake(sink).submit(REPORT | {"id": "second"})
    finally:
        broker.kafka_engine.resume()
    again = intake(sink).submit(REPORT | {"id": "second"})
    keys = [record.key for record in records(connection, REPORTS.name)]
    assert again.item_id in keys
    assert len(set(keys)) == 2
    assert len(keys) <= 3
    sink.close()


@pytest.fixture
def feed() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(FEED.encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/feed"
    server.shutdown()
    server.server_close()
    thread.join()


def collector(stage: str, feed: str, connection: KafkaConnection, data_dir: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, stage, feed, connection.bootstrap, connection.prefix, str(data_dir)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def said(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert any(line.strip() == word for line in process.stdout)


@pytest.mark.parametrize(("stage", "written"), [("before-send", 0), ("after-acknowledgement", 20)])
def test_a_killed_collector_loses_nothing_and_doubles_nothing_after_folding(
    engines: testing.Running, feed: str, tmp_path: Path, stage: str, written: int
) -> None:
    connection = created(engines.kafka)
    with collector(stage, feed, connection, tmp_path) as process:
        said(process, stage)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert len(records(connection, MEDIA.name)) == written
    assert not (tmp_path / "media").exists()
    with collector("none", feed, connection, tmp_path) as process:
        said(process, "sent 20")
        assert process.wait() == 0
    with collector("none", feed, connection, tmp_path) as process:
        said(process, "sent 0")
        assert process.wait() == 0
    found = records(connection, MEDIA.name)
    assert len(found) == written + 20
    assert sorted({record.item.id for record in found}) == sorted(f"g{number}" for number in range(20))
    assert len({record.key for record in found}) == 20


class Halting:
    """A sink that says where it is and stands still there until it is killed."""

    def __init__(self, sink: KafkaSink, stage: str) -> None:
        self.sink, self.stage = sink, stage

    def send(self, parcels: Sequence[Parcel]) -> list[Acknowledgement]:
        self.reach("before-send")
        taken = self.sink.send(parcels)
        self.reach("after-acknowledgement")
        return taken

    def reach(self, stage: str) -> None:
        if stage == self.stage:
            print(stage, flush=True)
            threading.Event().wait()


async def poll(stage: str, feed: str, bootstrap: str, prefix: str, data_dir: str) -> None:
    sink = KafkaSink(KafkaConnection(bootstrap=bootstrap, prefix=prefix), FixedClock(datetime.now(UTC)))
    settings = CollectorSettings(
        "zhanggong", Path(data_dir), FetchSettings("test@example.cn", allow_private_hosts=frozenset({"127.0.0.1"}))
    )
    sources = [FeedSource(id="some-paper", name="某报", url=feed)]
    async with Fetcher(settings.fetch) as fetcher:
        media = MediaCollector(sources, Halting(sink, stage), FixedClock(datetime.now(UTC)), settings, fetcher)
        [done] = await media.poll_once()
    sink.close()
    print("sent", done.health.sent, flush=True)


if __name__ == "__main__":
    asyncio.run(poll(*sys.argv[1:]))
