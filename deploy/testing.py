"""Real engines for tests.

    from deploy.testing import engines

    with engines(data_dir) as running:          # or engines() for a folder of its own that is removed at the end
        running.kafka                            # "127.0.0.1:PORT"
        running.elasticsearch                    # "http://127.0.0.1:PORT"

In ``tests/integration`` use the session fixture ``engines`` (the same object, both engines started once for the whole
session, about 10 s), and give topics and indices a prefix of your own, since everybody shares it:

    def test_something(engines: Running) -> None:
        producer = KafkaProducer(bootstrap_servers=engines.kafka)

Topics and indices are not made on first use: create them. Chaos, on the same port and data:

    running.kafka_engine.kill()       # kill -9; then
    running.kafka_engine.restart()    # back, with the data
    running.kafka_engine.pause()      # SIGSTOP: connections stay open, nothing answers; then
    running.kafka_engine.resume()
    running.elasticsearch_engine.stop(); running.elasticsearch_engine.restart()

A chaos test starts engines of its own with ``only=("kafka",)`` and leaves the shared ones alone. The engines end with
the process that started them, whatever kills it.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.artifacts import ArtifactStore
from deploy.config import LOOPBACK, QUICK_START, ArtifactConfig, ElasticsearchConfig, KafkaConfig
from deploy.elasticsearch import Elasticsearch
from deploy.engine import Engine
from deploy.kafka import Kafka
from deploy.progress import shown

HEAP_MB = 512


@dataclass(frozen=True, slots=True)
class Running:
    """Engines of a test. The addresses hold also while an engine is down."""

    kafka: str
    elasticsearch: str
    kafka_engine: Kafka
    elasticsearch_engine: Elasticsearch


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@contextmanager
def engines(
    data_dir: Path | None = None,
    *,
    only: tuple[str, ...] = ("kafka", "elasticsearch"),
    artifacts: ArtifactConfig | None = None,
    heap_mb: int = HEAP_MB,
    jvm_options: tuple[str, ...] = QUICK_START,
) -> Iterator[Running]:
    """Start the engines named in ``only`` on free ports and stop them at the end.

    ``data_dir`` is kept where given. ``jvm_options``: () for benchmarks, since the default compiles less well.
    The first call on a machine fetches some 160 MB. Raises EngineError.
    """
    with ExitStack() as stack:
        folder = data_dir or stack.enter_context(_own_folder())
        running = _build(folder, artifacts or ArtifactConfig(), heap_mb, jvm_options)
        wanted: list[Engine] = [
            engine
            for name, engine in (("elasticsearch", running.elasticsearch_engine), ("kafka", running.kafka_engine))
            if name in only
        ]
        if data_dir is None:
            stack.callback(running.elasticsearch_engine.purge)
        for engine in wanted:
            stack.callback(engine.stop)
            engine.prepare()
            engine.spawn()
        for engine in wanted:
            engine.wait_ready()
        yield running


def _build(data_dir: Path, artifacts: ArtifactConfig, heap_mb: int, jvm: tuple[str, ...]) -> Running:
    store = ArtifactStore(artifacts, shown)
    broker, controller, http = free_ports(3)
    kafka_config = KafkaConfig(broker, controller, heap_mb, jvm, stop_timeout=15.0)
    kafka = Kafka(data_dir / "kafka", kafka_config, store, die_with_parent=True)
    elastic_config = ElasticsearchConfig(http, heap_mb, jvm, stop_timeout=15.0)
    elastic = Elasticsearch(data_dir / "elasticsearch", elastic_config, store, die_with_parent=True)
    return Running(kafka.address, elastic.address, kafka, elastic)


@contextmanager
def _own_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="huiyao-engines-"))
    # mkdtemp closes it to others, and under root Elasticsearch is one of them.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
