"""Worker processes and a small supervisor that starts again what ends by itself or is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.1


@dataclass
class Member:
    """One worker: its configuration, its process, and how its processes ended."""

    config: dict[str, Any]
    process: subprocess.Popen[bytes]
    exits: list[int] = field(default_factory=list)
    wanted: bool = True


class Fleet:
    """Starts, kills and restarts workers. All are killed at the end."""

    def __init__(self, folder: Path, common: dict[str, Any], module: str = "tests.chaos.worker_main") -> None:
        self._folder, self._common, self._module = folder, common, module
        self.members: list[Member] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> Fleet:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()
        for member in self.members:
            member.process.kill()
            member.process.wait()

    def start(self, lane: str, *, restart: bool = True, **config: Any) -> Member:
        """One more worker of a lane."""
        full = {**self._common, "lane": lane, **config}
        member = Member(full, self._spawn(full), wanted=restart)
        with self._lock:
            self.members.append(member)
        return member

    def kill(self, member: Member | None = None) -> Member:
        """kill -9 of a member, by default one at random."""
        with self._lock:
            victim = member or random.choice(self.members)
            victim.process.send_signal(signal.SIGKILL)
        return victim

    def stop(self, member: Member, timeout_s: float = 40.0) -> int:
        """SIGTERM, and no restart; the exit code."""
        with self._lock:
            member.wanted = False
        member.process.send_signal(signal.SIGTERM)
        return member.process.wait(timeout_s)

    def exit_code(self, member: Member, timeout_s: float) -> int:
        """The exit code of a member that ends by itself (started with ``restart=False``)."""
        return member.process.wait(timeout_s)

    def log(self, lane: str) -> str:
        """What the workers of a lane wrote."""
        return (self._folder / f"{lane}.log").read_text("utf-8", "replace")

    def _spawn(self, config: dict[str, Any]) -> subprocess.Popen[bytes]:
        with (self._folder / f"{config['lane']}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", self._module, json.dumps(config)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )

    def _supervise(self) -> None:
        while not self._ended.is_set():
            with self._lock:
                for member in self.members:
                    if member.wanted and member.process.poll() is not None:
                        member.exits.append(member.process.returncode)
                        member.process = self._spawn(member.config)
            time.sleep(POLL_S)
