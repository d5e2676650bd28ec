"""What Kafka and Elasticsearch have in common: one directory, one process, one log, one address.

A directory is owned through a lock that dies with its owner. Who gets the lock and finds the process of an earlier
owner still running (killed with -9, say) stops that process before starting its own.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from deploy.artifacts import write_atomically
from deploy.errors import SLOW, EngineInUse, EngineNotReady
from deploy.lock import FileLock
from deploy.logs import tail
from deploy.process import Launch, ProcessId, kill, require_free_port, spawn, stop

logger = logging.getLogger(__name__)

READY_POLL_S = 0.25


class Engine(ABC):
    """One engine. Order of calls: ``start`` (or ``prepare``, ``spawn``, ``wait_ready``), then ``stop``.

    ``folder``: everything of this engine below the data directory.
    """

    name: str

    def __init__(self, folder: Path, *, start_timeout: float, stop_timeout: float) -> None:
        self.folder = folder.absolute()  # the engines run in a folder of their own
        self.start_timeout, self.stop_timeout = start_timeout, stop_timeout
        self._lock = FileLock(self.folder / "owner.lock")
        self._owned = False
        self._child: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def address(self) -> str:
        """What clients connect to."""

    @abstractmethod
    def ports(self) -> list[tuple[int, str]]:
        """Ports to be free before the start, each with the setting that changes it."""

    @abstractmethod
    def prepare(self) -> None:
        """Fetch, unpack, format, write the configuration. Repeatable. Raises EngineError."""

    @abstractmethod
    def launch(self) -> Launch:
        """How the process is started."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether the engine serves requests now; never raises."""

    @property
    def log(self) -> Path:
        """Console output of the engine."""
        return self.folder / "logs" / "console.log"

    @property
    def pid_file(self) -> Path:
        """Where the process is written down for whoever comes after a crash."""
        return self.folder / "pid.json"

    def start(self) -> None:
        """Prepare, start and wait until requests are served. Raises EngineError with the tail of the log."""
        self.own()
        self.prepare()
        self.spawn()
        self.wait_ready()

    def own(self) -> None:
        """Take the directory and stop what an earlier owner left running. Raises :class:`EngineInUse`."""
        if self._owned:
            return
        if not self._lock.acquire(wait=False):
            raise EngineInUse(f"{self.name} 的目录 {self.folder} 正被另一个进程使用", hint="先执行 huiyao down")
        self._owned = True
        orphan = self.process()
        if orphan and orphan.alive():
            logger.warning("stopping %s (pid %d), left over by a crashed owner", self.name, orphan.pid)
            stop(orphan, self.stop_timeout)

    def spawn(self) -> None:
        """Start the process. Raises :class:`deploy.errors.PortTaken`."""
        self.own()
        for port, setting in self.ports():
            require_free_port("127.0.0.1", port, setting)
        self._child = spawn(self.launch())
        process = ProcessId.of(self._child.pid)
        if process:
            write_atomically(self.pid_file, json.dumps({"pid": process.pid, "born": process.born}))

    def wait_ready(self) -> None:
        """Wait for the engine to serve. Raises :class:`EngineNotReady`; the process is stopped then."""
        end = time.monotonic() + self.start_timeout
        while not self.ready():
            if self._child and (code := self._child.poll()) is not None:
                raise EngineNotReady(
                    f"{self.name} 启动失败（退出码 {code}）", tail=self.tail(), hint=f"日志 {self.log}"
                )
            if time.monotonic() > end:
                self.stop()
                raise EngineNotReady(
                    f"{self.name} 在 {self.start_timeout:.0f} 秒内没有就绪", tail=self.tail(), hint=SLOW
                )
            time.sleep(READY_POLL_S)

    def stop(self) -> None:
        """Stop cleanly or, after the deadline, hard; gives the directory back."""
        if not self.stop_process():
            logger.warning("%s did not stop in %.0f s and was killed", self.name, self.stop_timeout)
        self.disown()

    def stop_process(self) -> bool:
        """Stop and keep the directory. False where it had to be killed; nothing where it is not ours to stop."""
        process = self.process()
        if not self._owned or process is None:
            return True
        clean = stop(process, self.stop_timeout, self._child)
        self._forget()
        return clean

    def disown(self) -> None:
        """Give the directory back."""
        self._lock.release()
        self._owned = False

    def kill(self) -> None:
        """kill -9 on the engine, keeping the directory; ``restart`` brings it back."""
        process = self.process()
        if process:
            kill(process, self._child)
        self._forget()

    def restart(self) -> None:
        """Stop or, after a kill, just start again on the same port and data."""
        self.stop_process()
        self.start()

    def pause(self) -> None:
        """Freeze the engine: connections stay open and nothing answers."""
        if process := self.process():
            process.signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        """End a pause."""
        if process := self.process():
            process.signal_group(signal.SIGCONT)

    def process(self) -> ProcessId | None:
        """The process last started for this directory, alive or not."""
        try:
            noted = json.loads(self.pid_file.read_text(encoding="utf-8"))
            return ProcessId(int(noted["pid"]), str(noted["born"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def alive(self) -> bool:
        """Whether the process runs."""
        if self._child:
            self._child.poll()
        process = self.process()
        return bool(process and process.alive())

    def exit_code(self) -> int | None:
        """Exit code of the process that we started, None while it runs (or where it is not ours)."""
        return self._child.poll() if self._child else None

    def tail(self) -> str:
        """The end of the log, for messages."""
        return tail(self.log)

    def _forget(self) -> None:
        self._child = None
        self.pid_file.unlink(missing_ok=True)
