"""The instance's clock: real time, or a virtual one whose jumps are written down, so that replays see the same times.

``run/clock.json`` in the data directory holds anchors ``[real, shown]``: from ``real`` on the clock shows ``shown``
and goes at normal speed. Workers map a broker's time stamp through the same anchors.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from datetime import UTC, datetime
from pathlib import Path

from schemas.base import CHINA


class SystemClock:
    """Real time in China Standard Time."""

    def now(self) -> datetime:
        """The present."""
        return datetime.now(CHINA)

    def at(self, real: datetime) -> datetime:
        """A real moment as it is."""
        return real.astimezone(CHINA)


class VirtualClock:
    """A clock with written-down jumps; every process of the instance reads the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._anchors: list[tuple[float, float]] = []

    def now(self) -> datetime:
        """What the clock shows now."""
        return self.at(datetime.now(UTC))

    def at(self, real: datetime) -> datetime:
        """What the clock showed at a real moment; before the first anchor, the first anchor's time."""
        self._reload()
        moment = real.timestamp()
        index = max(bisect_right(self._anchors, (moment, float("inf"))) - 1, 0)
        anchor, shown = self._anchors[index]
        return datetime.fromtimestamp(shown + max(moment - anchor, 0.0), CHINA)

    def jump(self, shown: datetime) -> None:
        """From now on show ``shown``; it cannot go back."""
        self._reload()
        present = self.now()
        if shown < present:
            raise ValueError(f"the clock shows {present.isoformat()} and cannot go back to {shown.isoformat()}")
        self._write([*self._anchors, (datetime.now(UTC).timestamp(), shown.timestamp())])

    @classmethod
    def start(cls, path: Path, shown: datetime) -> VirtualClock:
        """The clock of an instance: a new one at ``shown``, or the one that was started before."""
        clock = cls(path)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            clock._write([(datetime.now(UTC).timestamp(), shown.timestamp())])
        clock._reload()
        return clock

    def _write(self, anchors: list[tuple[float, float]]) -> None:
        temporary = self._path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(anchors), "utf-8")
        temporary.replace(self._path)

    def _reload(self) -> None:
        status = self._path.stat()
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._anchors = sorted((float(real), float(shown)) for real, shown in json.loads(self._path.read_text()))
            self._stamp = stamp


def make_clock(data_dir: Path, start: datetime | None) -> SystemClock | VirtualClock:
    """The virtual clock where a start is set, else the real one."""
    return SystemClock() if start is None else VirtualClock.start(data_dir / "run" / "clock.json", start)
