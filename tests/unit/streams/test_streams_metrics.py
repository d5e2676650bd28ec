"""Numbers of a worker in Prometheus' text form, one file for each process."""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import generate_latest

from streams.metrics import MetricsOptions, WorkerMetrics


def test_numbers_carry_role_topic_and_reason(tmp_path: Path) -> None:
    metrics = WorkerMetrics("index", MetricsOptions(directory=tmp_path / "metrics"))
    metrics.settled(["items.assessed", "items.assessed", "duty.ledger"], 0.2, [0.05, 3.0, -1.0])
    metrics.buried("index")
    metrics.waited("IndexUnavailable")
    metrics.lag("items.assessed", 3, 17)
    text = generate_latest(metrics.registry).decode()
    assert 'huiyao_stream_records_total{role="index",topic="items.assessed"} 2.0' in text
    assert 'huiyao_stream_deadletters_total{role="index",stage="index"} 1.0' in text
    assert 'huiyao_stream_retries_total{reason="IndexUnavailable",role="index"} 1.0' in text
    assert 'huiyao_stream_lag{partition="3",role="index",topic="items.assessed"} 17.0' in text
    assert 'huiyao_stream_latency_seconds_bucket{le="0.01",role="index"} 1.0' in text
    metrics.write()
    (file,) = (tmp_path / "metrics").iterdir()
    assert file.name == f"index-{os.getpid()}.prom"
    assert "huiyao_stream_lag" in file.read_text("utf-8")
    metrics.remove()
    assert not file.exists()
