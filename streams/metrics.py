"""Prometheus metrics of one worker.

Each role is a process of its own with a registry of its own, so nothing is shared between processes: a worker offers
its numbers on a port of its own, or writes them to a file of its own (``ROLE-PID.prom``) that the desk reads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server, write_to_textfile

PREFIX = "huiyao_stream_"
LATENCY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
SIZE_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class MetricsOptions:
    """Where the numbers go. ``port`` is bound on ``host``; ``directory`` gets one file for each worker."""

    port: int | None = None
    host: str = "127.0.0.1"
    directory: Path | None = None


class WorkerMetrics:
    """The numbers of one role."""

    def __init__(self, role: str, options: MetricsOptions | None = None) -> None:
        self.role, self._options = role, options or MetricsOptions()
        self.registry = registry = CollectorRegistry()
        labels = ["role", "topic"]
        self._records = Counter(PREFIX + "records", "Records settled", labels, registry=registry)
        self._dead = Counter(PREFIX + "deadletters", "Dead letters", ["role", "stage"], registry=registry)
        self._retries = Counter(PREFIX + "retries", "Waits for an engine", ["role", "reason"], registry=registry)
        self._lag = Gauge(PREFIX + "lag", "Records not yet settled", [*labels, "partition"], registry=registry)
        sizes, times = SIZE_BUCKETS, LATENCY_BUCKETS
        self._sizes = Histogram(PREFIX + "batch_records", "Batch size", ["role"], buckets=sizes, registry=registry)
        self._times = Histogram(PREFIX + "batch_seconds", "Batch time", ["role"], buckets=times, registry=registry)
        self._latency = Histogram(
            PREFIX + "latency_seconds", "Broker's time stamp to settled", ["role"], buckets=times, registry=registry
        )

    def settled(self, topics: list[str], seconds: float, ages: list[float]) -> None:
        """A batch is settled: the topic of each record, how long it took, and each record's age in seconds."""
        self._sizes.labels(self.role).observe(len(topics))
        self._times.labels(self.role).observe(seconds)
        for topic in set(topics):
            self._records.labels(self.role, topic).inc(topics.count(topic))
        for age in ages:
            self._latency.labels(self.role).observe(max(age, 0.0))

    def buried(self, stage: str) -> None:
        """A dead letter was written."""
        self._dead.labels(self.role, stage).inc()

    def waited(self, reason: str) -> None:
        """An engine was away and the batch waits."""
        self._retries.labels(self.role, reason).inc()

    def lag(self, topic: str, partition: int, records: int) -> None:
        """How many records of a partition are not settled."""
        self._lag.labels(self.role, topic, str(partition)).set(records)

    def serve(self) -> None:
        """Open the port, where one is set."""
        if self._options.port is not None:
            start_http_server(self._options.port, addr=self._options.host, registry=self.registry)

    def write(self) -> None:
        """Write the file, where a directory is set; replaced in one step."""
        if self._options.directory is not None:
            self._options.directory.mkdir(parents=True, exist_ok=True)
            write_to_textfile(str(self._options.directory / f"{self.role}-{os.getpid()}.prom"), self.registry)

    def remove(self) -> None:
        """Take the file away when the worker ends, so that the desk does not show it for ever."""
        if self._options.directory is not None:
            (self._options.directory / f"{self.role}-{os.getpid()}.prom").unlink(missing_ok=True)
