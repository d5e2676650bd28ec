"""How the workers stand, read from the number files that they leave every few seconds (streams.metrics)."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

STALE_S = 60.0
"""A worker writes its file every few seconds; an older file is a dead worker's."""
LAG, DEAD = "huiyao_stream_lag", "huiyao_stream_deadletters"
ROLES = {
    "assess-reports": "研判·报送", "assess-media": "研判·媒体", "assess-opinion": "研判·舆情", "incidents": "突发事件",
    "stories": "同一事件", "cases": "漏报线索", "ledger": "台账", "alerts": "预警", "index": "索引",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WorkerState:
    """``lag``: records not settled yet, null where the file does not say; ``stale``: the worker writes no more."""

    role: str
    name: str
    lag: int | None
    dead_letters: int
    stale: bool


def worker_states(folder: Path | None) -> list[WorkerState]:
    """The workers that have left a file, by role; [] where they run elsewhere."""
    files = sorted(folder.glob("*.prom")) if folder is not None and folder.is_dir() else []
    fresh: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for file in files:
        role = file.stem.rpartition("-")[0]
        try:
            seen.add(role)
            if time.time() - file.stat().st_mtime <= STALE_S:
                fresh[role].append(file.read_text("utf-8"))
        except OSError:
            continue  # the worker ended meanwhile
    return [_state(role, fresh.get(role, [])) for role in sorted(seen)]


def _state(role: str, texts: list[str]) -> WorkerState:
    sums: dict[str, float] = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            if family.name in (LAG, DEAD):
                values = (sample.value for sample in family.samples if not sample.name.endswith("_created"))
                sums[family.name] = sums.get(family.name, 0.0) + sum(values)
    lag = int(sums[LAG]) if LAG in sums else None
    return WorkerState(role, ROLES.get(role, role), lag, int(sums.get(DEAD, 0)), not texts)
