"""Processes of ours: started in a session of their own, known again later, stopped with a deadline.

A pid alone says nothing after a crash: the number may belong to someone else by now. So a pid is kept together with
the moment its process started, and nothing is signalled unless both are right.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import PortTaken
from deploy.logs import rotate
from schemas.errors import EngineError

LAUNCHER = Path(__file__).with_name("launch.py")
POLL_S = 0.05
KILL_WAIT_S = 10.0
NICEST = 19
AUTOGROUP_PAUSE_S = 0.15
"""The kernel takes one change of an autogroup's niceness in a tenth of a second from whoever is not root."""


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process for good: ``born`` tells it from a later one with the same number."""

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """Identity of a running process, None where there is none (or only a zombie)."""
        born = _birth(pid)
        return cls(pid, born) if born else None

    def alive(self) -> bool:
        """Whether this very process still runs."""
        return _birth(self.pid) == self.born

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the process and all that share its group; nothing where it is gone."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def signal(self, number: signal.Signals) -> None:
        """Signal the process alone; nothing where it is gone."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a process runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Launch:
    """A command with its surroundings. ``env`` is added to our own environment."""

    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    account: Account | None = None
    die_with_parent: bool = False
    cwd: Path | None = None


def spawn(launch: Launch) -> subprocess.Popen[bytes]:
    """Start the command as leader of a new session, output appended to its log.

    With ``die_with_parent`` call it from a thread that lasts: Linux looks at the thread that forked.
    """
    launch.log.parent.mkdir(parents=True, exist_ok=True)
    rotate(launch.log)
    with launch.log.open("ab") as log:
        try:
            return subprocess.Popen(
                _wrapped(launch),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **launch.env},
                cwd=launch.cwd,
                start_new_session=True,
            )
        except OSError as exc:
            raise EngineError(f"无法启动 {launch.command[0]}：{exc}") from exc


def _wrapped(launch: Launch) -> list[str]:
    options: list[str] = []
    if launch.account:
        options += ["--uid", str(launch.account.uid), "--gid", str(launch.account.gid)]
    if launch.die_with_parent and sys.platform == "linux":
        options += ["--die-with", str(os.getpid())]
    if not options:
        return list(launch.command)
    return [sys.executable, "-I", "-S", str(LAUNCHER), *options, "--", *launch.command]


def stop(process: ProcessId, deadline_s: float, child: subprocess.Popen[bytes] | None = None) -> bool:
    """SIGTERM, then SIGKILL to the whole group after the deadline. False where it had to be killed.

    ``child``: the same process where it is our own child and so has to be reaped.
    """
    process.signal_group(signal.SIGCONT)  # a stopped process cannot end
    process.signal(signal.SIGTERM)
    clean = wait_gone(process, deadline_s, child)
    if not clean:
        kill(process, child)
    return clean


def kill(process: ProcessId, child: subprocess.Popen[bytes] | None = None) -> None:
    """SIGKILL to the whole group, and wait until it is gone."""
    # With a child we know the number to be ours even when its first process is gone.
    if process.alive() or child:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if child:
        child.wait()
    wait_gone(process, KILL_WAIT_S, child)


def wait_gone(process: ProcessId, deadline_s: float, child: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait for the end of a process and of its group; False where they outlive the deadline.

    The group counts, too: Elasticsearch's starter may be gone while the server is still writing.
    """
    if not process.alive() and child is None:
        return True  # the number may be someone else's group by now
    end = time.monotonic() + deadline_s
    while process.alive() or group_alive(process.pid):
        if time.monotonic() >= end:
            return False
        time.sleep(POLL_S)
        if child:
            child.poll()
    if child:
        child.wait()
    return True


def step_back(process: ProcessId, nice: int) -> None:
    """Let others go first when the processors are full: the whole group becomes nicer by ``nice`` (1 to 19).

    Where the kernel shares out the processors by session (sched(7), "The autogroup feature") and each of our processes
    leads one, a process's own niceness counts only within its session: the session's is set, too.
    """
    if not process.alive():
        return
    with contextlib.suppress(OSError):  # it has just ended, or is another account's: it keeps its place
        os.setpriority(os.PRIO_PGRP, process.pid, min(os.getpriority(os.PRIO_PROCESS, process.pid) + nice, NICEST))
    try:
        _set_autogroup(process.pid, nice)
    except OSError as error:  # ENOENT: no such feature here, the process's own niceness is all there is
        if error.errno == errno.EAGAIN:
            time.sleep(AUTOGROUP_PAUSE_S)
            with contextlib.suppress(OSError):
                _set_autogroup(process.pid, nice)


def _set_autogroup(pid: int, nice: int) -> None:
    if sys.platform == "linux":
        with Path(f"/proc/{pid}/autogroup").open("r+", encoding="ascii") as group:  # never made where it is missing
            group.write(str(nice))


def group_alive(group: int) -> bool:
    """Whether any process of the group runs; zombies do not count (process 1 of a container may never reap them)."""
    if sys.platform != "linux":
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True
    return bool(group_members(group))


def group_members(group: int) -> list[int]:
    """Pids of the group's running processes, ascending (Linux; elsewhere only its leader)."""
    if sys.platform != "linux":
        return [group] if _birth(group) else []
    pids = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    stats = ((pid, _stat_fields(pid)) for pid in pids)
    return [pid for pid, fields in stats if _runs(fields) and int(fields[2]) == group]


def exit_reason(code: int) -> str:
    """Why a process ended, for people: its exit code or the signal that ended it."""
    if code >= 0:
        return f"退出码 {code}"
    try:
        return f"信号 {signal.Signals(-code).name}"
    except ValueError:
        return f"信号 {-code}"


def require_free_port(host: str, port: int, setting: str) -> None:
    """Raise :class:`PortTaken` where something listens already."""
    with socket.socket() as probe:
        # As the engines do: a port in TIME_WAIT from our own last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise PortTaken(host, port, setting) from exc


def _birth(pid: int) -> str:
    """When the process started, in the kernel's own words; "" where it does not run."""
    if sys.platform != "linux":
        command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
        return shown.stdout.strip()
    fields = _stat_fields(pid)
    return f"{_boot()}:{fields[19]}" if _runs(fields) else ""


def _runs(fields: list[str]) -> bool:
    """Whether /proc/PID/stat tells of a process that still holds anything.

    A killed process shows as a zombie as soon as its first thread is gone; until the last of its threads is, its
    ports stay taken.
    """
    return bool(fields) and (fields[0] not in "ZX" or int(fields[17]) > 1)


def _stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on (proc(5)), [] where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()  # the name in brackets may hold spaces and brackets itself


def _boot() -> str:
    """Which boot of the machine this is: start times count from there."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except OSError:
        return "0"
