"""Several handlers in one worker: they read the same topics, and each keeps its own state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from streams.records import Assignment, Handler, Record, Result


class Together:
    """Hands every batch to each of its parts. The parts must not make the same dead letter twice."""

    def __init__(self, name: str, parts: Sequence[Handler], now: Callable[[], float] = monotonic) -> None:
        self.name, self._parts, self._now = name, tuple(parts), now
        clocks = [one.tick_s for one in parts if one.tick_s is not None]
        self.tick_s: float | None = min(clocks, default=None)
        self._next: dict[int, float] = {}

    async def restore(self, assignment: Assignment) -> None:
        """Each in turn."""
        self._next.clear()
        for one in self._parts:
            await one.restore(assignment)

    async def handle(self, batch: Sequence[Record]) -> Result:
        """All that the parts give, valid together."""
        return _joined([await one.handle(batch) for one in self._parts])

    async def tick(self) -> Result:
        """Those whose own time has come."""
        now, found = self._now(), []
        for number, one in enumerate(self._parts):
            if one.tick_s is not None and now >= self._next.get(number, 0.0):
                found.append(await one.tick())
                self._next[number] = now + one.tick_s
        return _joined(found)

    async def release(self) -> None:
        """Each in turn."""
        for one in self._parts:
            await one.release()


def _joined(results: Sequence[Result]) -> Result:
    calls = [one.done for one in results if one.done is not None]

    def done() -> None:
        for call in calls:
            call()

    return Result(
        [output for one in results for output in one.outputs],
        [dead for one in results for dead in one.dead],
        done if calls else None,
    )
