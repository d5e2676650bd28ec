"""What a supervisor runs: our own processes, and how to tell that one is ready and when to start it again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import httpx

READY_TIMEOUT_S = 2.0


class When(StrEnum):
    """When a process that ended is started again."""

    ALWAYS = "always"
    ON_FAILURE = "on_failure"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Restart:
    """Exponential back-off: ``first_s``, twice that, and so on to ``cap_s``; afresh after ``calm_s`` of calm."""

    when: When = When.ALWAYS
    first_s: float = 1.0
    cap_s: float = 60.0
    calm_s: float = 120.0

    def wanted(self, exit_code: int) -> bool:
        """Whether to start again after this exit code."""
        return self.when is When.ALWAYS or (self.when is When.ON_FAILURE and exit_code != 0)

    def delay(self, failures: int) -> float:
        """Seconds to wait before the start that follows the n-th failure in a row (n from 1)."""
        return float(min(self.cap_s, self.first_s * 2 ** min(failures - 1, 30)))

    def failures_after(self, failures: int, ran_s: float) -> int:
        """How many failures in a row it makes when a process that ran this long dies."""
        return 1 if ran_s >= self.calm_s else failures + 1


@dataclass(frozen=True, slots=True)
class Service:
    """One process of ours. ``role``: worker, producer or desk. ``env`` is added to the supervisor's environment.

    ``ready_check``: called again and again until true; None counts as ready once started. ``nice``: 0 to 19, how far
    it steps back from the processor for the others once it is ready.
    """

    name: str
    role: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready_check: Callable[[], bool] | None = None
    restart: Restart = field(default_factory=Restart)
    start_timeout: float = 60.0
    stop_timeout: float = 20.0
    nice: int = 0


def http_ready(url: str) -> Callable[[], bool]:
    """A ready check: a GET on our own machine answers 200."""

    def check() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(url, timeout=READY_TIMEOUT_S, trust_env=False).status_code == httpx.codes.OK
        return False

    return check


def file_ready(path: Path) -> Callable[[], bool]:
    """A ready check: the process has made this file. Remove a leftover one before the start."""
    return path.exists
