"""Runs the engines and our processes of one data directory, and brings back what dies.

    Supervisor(Plan(config, services, addresses)).run()     # until Ctrl-C, SIGTERM or `deploy.commands.down`

One data directory has one supervisor: a lock that the kernel drops with its holder. Whoever takes the lock after a
``kill -9`` finds the old processes in ``run/state.json`` and stops them before starting its own.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from deploy import process
from deploy.errors import SLOW, EngineNotReady, SupervisorError
from deploy.lock import FileLock
from deploy.logs import rotate
from deploy.plan import Plan, engine_units, service_unit, with_engines
from deploy.process import ProcessId, exit_reason
from deploy.state import RunState, UnitState, read_state, run_dir, state_file, write_state
from deploy.units import Phase, Unit, Watch
from schemas.errors import EngineError

logger = logging.getLogger(__name__)

TICK_S = 0.2
ROTATE_EVERY_S = 60.0
TAIL_LINES = 30
ORPHAN_STOP_S = 20.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Starts, watches, stops. ``report`` gets a line in Chinese for whatever a person at the terminal should see."""

    def __init__(self, plan: Plan, report: Callable[[str], None] = lambda _line: None) -> None:
        self._plan, self._report = plan, report
        self._data_dir = plan.config.data_dir.absolute()
        self._lock = FileLock(run_dir(self._data_dir) / "supervisor.lock")
        self._engines = engine_units(plan)
        self._services = [service_unit(plan, service) for service in plan.services]
        units: list[Unit] = [*self._engines, *self._services]
        self._watches = [Watch(unit) for unit in units]
        self._addresses = with_engines(plan.addresses, self._engines)
        self._stopping = threading.Event()
        self._interruptible = False
        self._all_ready = False

    def run(self) -> None:
        """Start everything in order, keep it running until told to stop, stop in reverse order.

        Raises :class:`SupervisorError` where another supervisor is at work, EngineError where the first start fails.
        """
        if not self._lock.acquire(wait=False):
            raise SupervisorError(f"数据目录 {self._data_dir} 已在运行", hint="用 huiyao status 查看，huiyao down 停止")
        try:
            with self._signals():
                self._run_to_the_end()
        finally:
            self._lock.release()

    def stop(self) -> None:
        """Ask ``run`` to end; from any thread."""
        self._stopping.set()

    def _run_to_the_end(self) -> None:
        try:
            self._stop_orphans()
            self._start_all()
            self._watch()
        except _Interrupted:
            logger.info("stopped while preparing")
        finally:
            self._stop_all()

    def _start_all(self) -> None:
        engines, services = self._watches[: len(self._engines)], self._watches[len(self._engines) :]
        for watch in engines:  # they come up side by side
            self._first_start(watch)
        for watch in engines:
            self._await_ready(watch)
        if self._plan.before_services and not self._stopping.is_set():
            self._plan.before_services()
        for watch in services:
            self._first_start(watch)
            self._await_ready(watch)
        if not self._stopping.is_set():
            self._all_ready = True
            self._note()

    def _first_start(self, watch: Watch) -> None:
        if self._stopping.is_set():
            return
        self._interruptible = True
        watch.unit.prepare()
        self._interruptible = False
        watch.unit.spawn()
        watch.started(time.monotonic())
        self._note()

    def _await_ready(self, watch: Watch) -> None:
        """Wait for the first start; what fails now was never right, so it is an error and not a restart."""
        while watch.phase is Phase.STARTING and not self._stopping.wait(TICK_S):
            if watch.unit.ready() and watch.unit.exit_code() is None:
                watch.became_ready()
                watch.unit.step_back()
                self._report(f"{watch.unit.name} 就绪")
            elif (code := watch.unit.exit_code()) is not None:
                if code == 0 and not watch.unit.restart.wanted(code):
                    watch.phase = Phase.DONE
                    continue
                raise EngineNotReady(
                    f"{watch.unit.name} 启动失败（{exit_reason(code)}）",
                    tail=watch.unit.tail(),
                    hint=str(watch.unit.log),
                )
            elif watch.overdue(time.monotonic()):
                raise EngineNotReady(
                    f"{watch.unit.name} 在 {watch.unit.start_timeout:.0f} 秒内没有就绪",
                    tail=watch.unit.tail(),
                    hint=SLOW,
                )
        self._note()

    def _watch(self) -> None:
        rotate_at = time.monotonic() + ROTATE_EVERY_S
        while not self._stopping.wait(TICK_S):
            now = time.monotonic()
            changed = [self._tick(watch, now) for watch in self._watches]
            if any(changed):
                self._note()
            if now >= rotate_at:
                rotate_at = now + ROTATE_EVERY_S
                for watch in self._watches:
                    rotate(watch.unit.log)

    def _tick(self, watch: Watch, now: float) -> bool:
        """Look at one unit and do what is due; whether anything changed."""
        unit, before = watch.unit, watch.phase
        if watch.phase is Phase.BACKOFF and now >= watch.retry_at:
            self._again(watch, now)
        elif watch.phase in (Phase.STARTING, Phase.READY):
            code = unit.exit_code()
            if code is not None:
                self._ended(watch, code, now)
            elif watch.overdue(now):
                self._failed(watch, f"{unit.start_timeout:.0f} 秒内没有就绪", now)
            elif watch.phase is Phase.STARTING and unit.ready():
                watch.became_ready()
                unit.step_back()
                self._report(f"{unit.name} 恢复")
        return watch.phase is not before

    def _ended(self, watch: Watch, code: int, now: float) -> None:
        if watch.unit.restart.wanted(code):
            self._failed(watch, exit_reason(code), now)
            return
        watch.phase, watch.last_exit = Phase.DONE, exit_reason(code)
        watch.unit.stop()
        logger.info("%s ended: %s", watch.unit.name, watch.last_exit)

    def _failed(self, watch: Watch, reason: str, now: float) -> None:
        tail = "\n".join(watch.unit.tail().splitlines()[-TAIL_LINES:])
        watch.unit.stop()  # what is left of its group
        delay = watch.failed(reason, now)
        logger.error("%s died: %s; again in %.1f s; end of its log:\n%s", watch.unit.name, reason, delay, tail)
        self._report(f"{watch.unit.name} 中断（{reason}），{delay:.0f} 秒后重启，日志 {watch.unit.log}")

    def _again(self, watch: Watch, now: float) -> None:
        watch.restarts += 1
        try:
            watch.unit.spawn()
        except EngineError as exc:
            delay = watch.failed(str(exc), now)
            logger.error("%s could not be started: %s; again in %.1f s", watch.unit.name, exc, delay)
        else:
            watch.started(now)

    def _stop_all(self) -> None:
        """In reverse order, each within its own deadline."""
        for watch in reversed(self._watches):
            if watch.phase is Phase.WAITING:
                continue
            self._report(f"停止 {watch.unit.name}")
            if not watch.unit.stop():
                logger.warning("%s did not stop in time and was killed", watch.unit.name)
        for unit in self._engines:
            unit.engine.disown()
        state_file(self._data_dir).unlink(missing_ok=True)

    def _stop_orphans(self) -> None:
        state = read_state(self._data_dir)
        for unit in reversed(state.units if state else ()):
            orphan = unit.process()
            if orphan and orphan.alive():
                self._report(f"停止上次遗留的 {unit.name}（pid {unit.pid}）")
                process.stop(orphan, ORPHAN_STOP_S)

    def _note(self) -> None:
        """Write the state down."""
        ours = ProcessId.of(os.getpid())
        if ours is None:
            raise SupervisorError("无法读取本进程的信息")
        units = tuple(_unit_state(watch) for watch in self._watches)
        fine = all(watch.phase in (Phase.READY, Phase.DONE) for watch in self._watches)
        write_state(self._data_dir, RunState(ours, self._all_ready and fine, self._addresses, units))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C, SIGTERM and a closed terminal ask for an orderly stop."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handler(_number: int, _frame: FrameType | None) -> None:
            self._stopping.set()
            if self._interruptible:  # a first download takes a minute; nothing runs yet that could be left behind
                self._interruptible = False
                raise _Interrupted

        before = {number: signal.signal(number, handler) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, former in before.items():
                signal.signal(number, former)


class _Interrupted(BaseException):
    """Raised by a signal where giving up at once leaves nothing behind."""


def _unit_state(watch: Watch) -> UnitState:
    unit, running = watch.unit, watch.unit.process()
    pid, born = (running.pid, running.born) if running else (0, "")
    return UnitState(unit.name, unit.role, watch.phase, pid, born, str(unit.log), watch.restarts, watch.last_exit)
