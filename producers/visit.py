"""What every collector is told, and what one visit to a source did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from producers.health import SourceHealth
from producers.schedule import ScheduleSettings
from producers.web.fetch import FetchSettings


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """``parallel``: sources visited at the same time (each host at its own pace)."""

    district: str
    data_dir: Path
    fetch: FetchSettings
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    parallel: int = 4


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit to one source did. ``retry_after_s``: the site's own wish; ``findings``: what was odd there."""

    health: SourceHealth
    retry_after_s: float | None = None
    findings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the source was as declared and Kafka took everything."""
        return self.health.failures == 0
