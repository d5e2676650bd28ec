"""Console logs of the processes that we run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LOG_KEPT_BYTES = 10_000_000


def rotate(log: Path) -> None:
    """Keep a log that a process is writing to from growing for ever: copy to ``NAME.1``, then empty it.

    The writer's descriptor appends, so it goes on at the new end. Lines written between the two steps are lost.
    """
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)


def tail(log: Path, lines: int = 30, limit: int = 64_000) -> str:
    """The last lines of a log, "" where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - limit))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
