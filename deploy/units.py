"""Engines and services under one interface, and the little state machine that decides about each of them.

WAITING -> STARTING -> READY
              |  \\       |
              |   `-> BACKOFF -> STARTING ...      (died, or not ready in time)
              `-> DONE                             (ended, and its policy wants no restart)
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from deploy import logs, process
from deploy.engine import Engine
from deploy.process import Launch, ProcessId
from deploy.service import Restart, Service


class Phase(StrEnum):
    """Where a unit stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    BACKOFF = "backoff"
    DONE = "done"


class Unit(Protocol):
    """Something with one process that a supervisor starts, watches and stops."""

    name: str
    role: str
    restart: Restart
    start_timeout: float
    log: Path

    def prepare(self) -> None:
        """Fetch and write what the process needs, once before the first start. Raises EngineError."""

    def spawn(self) -> None:
        """Start the process. Raises EngineError."""

    def ready(self) -> bool:
        """Whether it does its work now."""

    def exit_code(self) -> int | None:
        """None while it runs."""

    def process(self) -> ProcessId | None:
        """Its process, None where there is none."""

    def step_back(self) -> None:
        """Once it is ready: let those go first whom it must not hold up."""

    def stop(self) -> bool:
        """End the process within the unit's own deadline; False where it had to be killed."""

    def tail(self) -> str:
        """The end of its log."""


class ServiceUnit:
    """A :class:`Service` with its process."""

    def __init__(self, service: Service, log: Path, *, die_with_parent: bool = False) -> None:
        self.name, self.role, self.restart = service.name, service.role, service.restart
        self.start_timeout, self.log = service.start_timeout, log
        self._service, self._die = service, die_with_parent
        self._child: subprocess.Popen[bytes] | None = None
        self._process: ProcessId | None = None

    def prepare(self) -> None:
        """A service is ready to start as it is."""

    def spawn(self) -> None:
        """Start the command."""
        launch = Launch(self._service.command, self._service.env, self.log, die_with_parent=self._die)
        self._child = process.spawn(launch)
        self._process = ProcessId.of(self._child.pid)

    def ready(self) -> bool:
        """What the ready check says."""
        return self._service.ready_check is None or self._service.ready_check()

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._child.poll() if self._child else 0

    def process(self) -> ProcessId | None:
        """The process, None before the first start and after the end."""
        return self._process

    def step_back(self) -> None:
        """As far as the service says."""
        if self._service.nice and self._process:
            process.step_back(self._process, self._service.nice)

    def stop(self) -> bool:
        """SIGTERM, deadline, SIGKILL; children that outlived their parent are ended, too."""
        clean = True
        if self._child:
            known = self._process or ProcessId(self._child.pid, "")
            clean = process.stop(known, self._service.stop_timeout, self._child)
        self._child = self._process = None
        return clean

    def tail(self) -> str:
        """The end of its log."""
        return logs.tail(self.log)


class EngineUnit:
    """An engine as a unit; the engine keeps its own pid file and lock."""

    def __init__(self, engine: Engine, role: str, nice: int = 0) -> None:
        self.engine, self.name, self.role, self._nice = engine, engine.name, role, nice
        self.restart, self.start_timeout, self.log = Restart(), engine.start_timeout, engine.log

    def prepare(self) -> None:
        """Take the engine's directory; fetch, unpack, format, configure."""
        self.engine.own()
        self.engine.prepare()

    def spawn(self) -> None:
        """Start the engine's process."""
        self.engine.spawn()

    def ready(self) -> bool:
        """Whether the engine serves."""
        return self.engine.ready()

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.engine.exit_code()

    def process(self) -> ProcessId | None:
        """The engine's process."""
        return self.engine.process()

    def step_back(self) -> None:
        """As far as its settings say."""
        known = self.process()
        if self._nice and known:
            process.step_back(known, self._nice)

    def stop(self) -> bool:
        """Stop the engine and keep its directory until the supervisor ends."""
        return self.engine.stop_process()

    def tail(self) -> str:
        """The end of its log."""
        return self.engine.tail()


@dataclass(slots=True)
class Watch:
    """The supervisor's notes about one unit. Times are of one monotonic clock."""

    unit: Unit
    phase: Phase = Phase.WAITING
    since: float = 0.0
    failures: int = 0
    restarts: int = 0
    last_exit: str = ""
    retry_at: float = 0.0

    def started(self, now: float) -> None:
        """The process was started."""
        self.phase, self.since = Phase.STARTING, now

    def became_ready(self) -> None:
        """The ready check passed."""
        self.phase = Phase.READY

    def failed(self, reason: str, now: float) -> float:
        """The process died or could not be started; gives the delay before the next start."""
        ran = now - self.since if self.phase is Phase.READY else 0.0
        self.failures = self.unit.restart.failures_after(self.failures, ran)
        delay = self.unit.restart.delay(self.failures)
        self.phase, self.last_exit, self.retry_at = Phase.BACKOFF, reason, now + delay
        return delay

    def overdue(self, now: float) -> bool:
        """Whether it has been starting for longer than it may."""
        return self.phase is Phase.STARTING and now - self.since > self.unit.start_timeout
