"""Health of every source: what happened last and why, one JSON file a source.

Written by the collectors; read by ``huiyao check``, the desk and the metrics.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict, ValidationError

from producers.statefile import safe_name, write_atomic
from schemas.base import Time
from schemas.errors import SourceError
from schemas.vocab import Lane

log = structlog.get_logger(__name__)

REASON_LIMIT = 300


class SourceState(StrEnum):
    """How a source stands after the last try."""

    OK = "ok"
    WARNING = "warning"
    """It works, but single entries were doubtful and left out."""
    FAILING = "failing"
    """The last try gave nothing."""

    @property
    def label(self) -> str:
        return {"ok": "正常", "warning": "部分异常", "failing": "失败"}[self.value]


class SourceHealth(BaseModel):
    """The health of one source. ``reason`` is the last failure or finding; it names no person and quotes no post."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    name: str = ""
    lane: Lane
    state: SourceState
    reason: str = ""
    last_try: Time
    last_ok: Time | None = None
    next_try: Time | None = None
    failures: int = 0
    """Failed tries in a row."""
    seen: int = 0
    """Entries on the page or in the feed at the last good try."""
    sent: int = 0
    """Items acknowledged by Kafka at the last good try."""
    findings: int = 0
    """Entries left out at the last good try."""


def succeeded(
    source: str, name: str, lane: Lane, at: datetime, *, seen: int, sent: int, findings: Iterable[str] = ()
) -> SourceHealth:
    """The health after a good try."""
    found = list(findings)
    return SourceHealth(
        source=source, name=name, lane=lane, last_try=at, last_ok=at, seen=seen, sent=sent, findings=len(found),
        state=SourceState.WARNING if found else SourceState.OK, reason=found[0][:REASON_LIMIT] if found else "",
    )  # fmt: skip


def failed(
    previous: SourceHealth | None, source: str, name: str, lane: Lane, at: datetime, reason: str
) -> SourceHealth:
    """The health after a failed try; the last good one stays on record."""
    return SourceHealth(
        source=source, name=name, lane=lane, last_try=at, state=SourceState.FAILING, reason=reason[:REASON_LIMIT],
        last_ok=previous.last_ok if previous else None, failures=(previous.failures if previous else 0) + 1,
        seen=previous.seen if previous else 0, sent=0, findings=0,
    )  # fmt: skip


def unexpected(error: Exception) -> SourceError:
    """The reason for an error that nobody meant. Only its kind: its message may quote what was being read."""
    log.error("source.unexpected", kind=type(error).__name__, where=_where(error))
    return SourceError(f"unexpected {type(error).__name__}", hint="a fault in the program or the disk, see the log")


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


class HealthStore:
    """Health files under ``<data_dir>/health``."""

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir / "health"

    def write(self, health: SourceHealth) -> None:
        """Record the health of a source."""
        name = f"{health.lane.value}-{safe_name(health.source)}.json"
        write_atomic(self._dir / name, health.model_dump_json().encode())

    def record(self, health: SourceHealth) -> None:
        """Write, or say in the log that the disk does not take it: collecting goes on."""
        try:
            self.write(health)
        except OSError as error:
            log.error("health.not_written", source=health.source, reason=error.strerror)

    def read(self, lane: Lane, source: str) -> SourceHealth | None:
        """The last record of a source, or None."""
        return _load(self._dir / f"{lane.value}-{safe_name(source)}.json")

    def all(self) -> list[SourceHealth]:
        """Every source on record, by lane and id. An unreadable file counts as no record."""
        loaded = (_load(path) for path in sorted(self._dir.glob("*.json")))
        return [health for health in loaded if health is not None]


def _load(path: Path) -> SourceHealth | None:
    try:
        return SourceHealth.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


class HealthMetrics(Collector):
    """Prometheus gauges over the health files; register with ``REGISTRY.register(HealthMetrics(store))``."""

    def __init__(self, store: HealthStore) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One sample a source and gauge."""
        records = self._store.all()
        for name, text, value in _GAUGES:
            family = GaugeMetricFamily(f"huiyao_source_{name}", text, labels=["lane", "source"])
            for health in records:
                family.add_metric([health.lane.value, health.source], value(health))
            yield family


_GAUGES: tuple[tuple[str, str, Callable[[SourceHealth], float]], ...] = (
    ("up", "1 if the last try of the source worked", lambda h: float(h.state is not SourceState.FAILING)),
    ("failures", "Failed tries in a row", lambda h: float(h.failures)),
    ("findings", "Entries left out at the last good try", lambda h: float(h.findings)),
    ("entries", "Entries seen at the last good try", lambda h: float(h.seen)),
    ("last_ok_timestamp_seconds", "Time of the last good try", lambda h: h.last_ok.timestamp() if h.last_ok else 0.0),
)
