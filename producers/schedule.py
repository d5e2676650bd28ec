"""When a source is tried next, and the loop that keeps to it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from producers.sources import Source

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """Seconds. ``jitter`` is a share of the pause, so that sources of one site do not ask at the same moment."""

    backoff_s: float = 60.0
    max_backoff_s: float = 6 * 3600.0
    jitter: float = 0.1


@dataclass(frozen=True, slots=True)
class Try:
    """What became of one try: failed tries in a row (0: it worked) and the site's own Retry-After."""

    failures: int = 0
    retry_after_s: float | None = None


def pause(last: Try, interval_s: float, chance: float, settings: ScheduleSettings) -> float:
    """Seconds until the next try. ``chance`` is uniform in [0, 1). Never sooner than the site asked for."""
    base = interval_s
    if last.failures:
        doubled = settings.backoff_s * 2 ** min(last.failures - 1, 16)
        base = max(interval_s, min(doubled, settings.max_backoff_s))
    spread = base * (1 - settings.jitter + 2 * settings.jitter * chance)
    return max(spread, last.retry_after_s or 0.0)


S = TypeVar("S", bound=Source)
Once = Callable[[S], Awaitable[Try]]


async def keep_trying(
    sources: Sequence[S],
    once: Once[S],
    stop: asyncio.Event,
    settings: ScheduleSettings,
    chance: Callable[[], float] = random.random,
) -> None:
    """Try every source at its own pace until ``stop`` is set; a try under way is finished.

    A district without sources yet waits too: a collector that ended would be started again and again.
    """

    async def one(source: S) -> None:
        await _wait(stop, source.interval_s * settings.jitter * chance())  # not all at once at the start
        while not stop.is_set():
            last = await once(source)
            await _wait(stop, pause(last, source.interval_s, chance(), settings))

    if not sources:
        log.warning("collect.no_sources", hint="declare them in the district's sources folder (docs/operations.md)")
        await stop.wait()
    async with asyncio.TaskGroup() as group:
        for source in sources:
            group.create_task(one(source))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)
