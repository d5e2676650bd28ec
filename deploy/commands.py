"""``up``, ``down`` and ``status`` for the command line; each can be called from any process.

up(plan, report)                    # in the foreground until Ctrl-C, SIGTERM or `down`
up_detached(command, data_dir)      # `command`: the same call in the foreground; returns the status when ready
down(data_dir)                      # True where something ran
status(data_dir)                    # the contract's `status --json`
"""

from __future__ import annotations

import logging
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy import logs, process
from deploy.errors import SupervisorError
from deploy.lock import FileLock
from deploy.plan import Plan
from deploy.process import Launch, spawn
from deploy.state import RunState, read_state, run_dir, state_file, status_of
from deploy.supervisor import ORPHAN_STOP_S, Supervisor

logger = logging.getLogger(__name__)

POLL_S = 0.2
DOWN_TIMEOUT_S = 240.0


def _quiet(_line: str) -> None:
    """Report nothing."""


def up(plan: Plan, report: Callable[[str], None] = _quiet) -> None:
    """Run everything in the foreground. Raises EngineError where the first start fails."""
    Supervisor(plan, report).run()


def up_detached(
    command: Sequence[str],
    data_dir: Path,
    *,
    env: Mapping[str, str] | None = None,
    report: Callable[[str], None] = _quiet,
) -> dict[str, Any]:
    """Run ``command`` (an ``up`` in the foreground) in the background and return its status when it is ready.

    Its output goes to ``run/supervisor.log`` and, while we wait, to ``report`` line by line.
    Raises :class:`SupervisorError` with that output where it ends before it is ready.
    """
    log = run_dir(data_dir) / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    logs.rotate(log)
    follow = _Follower(log)
    child = spawn(Launch(command, env or {}, log))
    try:
        while not _ready(data_dir, child):
            if child.poll() is not None:
                raise SupervisorError("后台启动失败：" + follow.rest().strip())
            follow.pass_on(report)
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        child.send_signal(signal.SIGTERM)
        child.wait()
        raise
    follow.pass_on(report)
    child.returncode = 0  # it lives on after us, on purpose: nothing to reap
    return status(data_dir)


def down(data_dir: Path, *, timeout: float = DOWN_TIMEOUT_S) -> bool:
    """Stop what runs in the data directory, or what a killed supervisor left there; whether there was anything.

    Raises :class:`SupervisorError` where the supervisor is still stopping after ``timeout`` seconds.
    """
    data_dir = data_dir.absolute()
    state = read_state(data_dir)
    if state is None:
        return False
    if not state.supervisor.alive():
        return _stop_leftovers(data_dir, state)
    state.supervisor.signal(signal.SIGTERM)
    end = time.monotonic() + timeout
    while state.supervisor.alive() and state_file(data_dir).exists():
        if time.monotonic() > end:
            raise SupervisorError(
                f"{timeout:.0f} 秒内没有停完（pid {state.supervisor.pid}）", hint="看 run/supervisor.log"
            )
        time.sleep(POLL_S)
    return True


def status(data_dir: Path) -> dict[str, Any]:
    """What runs in the data directory (CONTRACT.md, ``status --json``); ``ready`` is false where nothing does."""
    return status_of(data_dir.absolute(), read_state(data_dir))


def _stop_leftovers(data_dir: Path, state: RunState) -> bool:
    lock = FileLock(run_dir(data_dir) / "supervisor.lock")
    if not lock.acquire(wait=False):
        raise SupervisorError(f"数据目录 {data_dir} 正在启动", hint="稍后再试")
    try:
        alive = [orphan for unit in reversed(state.units) if (orphan := unit.process()) and orphan.alive()]
        for orphan in alive:
            process.stop(orphan, ORPHAN_STOP_S)
        state_file(data_dir).unlink(missing_ok=True)
    finally:
        lock.release()
    return bool(alive)


def _ready(data_dir: Path, child: subprocess.Popen[bytes]) -> bool:
    state = read_state(data_dir)
    return bool(state and state.ready and state.supervisor.pid == child.pid)


class _Follower:
    """New lines of a log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._start = self._offset = log.stat().st_size if log.exists() else 0

    def pass_on(self, report: Callable[[str], None]) -> None:
        """Hand whole lines that are new to ``report``."""
        with self._log.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            report(line)

    def rest(self) -> str:
        """Everything since the start."""
        with self._log.open("rb") as file:
            file.seek(self._start)
            return file.read().decode("utf-8", "replace")
