"""The supervisor with real small processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy import commands
from deploy.config import DeployConfig
from deploy.errors import EngineNotReady, SupervisorError
from deploy.plan import Plan
from deploy.process import ProcessId
from deploy.service import Restart, Service, When, file_ready
from deploy.state import Addresses, read_state, state_file
from deploy.supervisor import Supervisor
from deploy.units import Phase, Watch

SLEEP = "import time; time.sleep(600)"
QUICK = Restart(first_s=0.05, cap_s=0.1)
ROOT = Path(__file__).resolve().parents[3]


def _plan(data_dir: Path, *services: Service) -> Plan:
    addresses = Addresses("k:1", "http://e", "http://d", "p-", "/key")
    return Plan(DeployConfig(data_dir), services, addresses, engines=())


def _service(name: str, code: str, role: str = "worker", restart: Restart = QUICK, **more: object) -> Service:
    return Service(name, role, [sys.executable, "-I", "-S", "-c", code], restart=restart, **more)


@contextmanager
def _running(plan: Plan, report: Callable[[str], None] = lambda _line: None) -> Iterator[Supervisor]:
    supervisor = Supervisor(plan, report)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            supervisor.run()
        except BaseException as exc:
            raised.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        thread.join()
    assert not raised, raised


def _unit(data_dir: Path, name: str) -> dict[str, object]:
    return next((unit for unit in commands.status(data_dir)["units"] if unit["name"] == name), {})


def test_status_is_what_the_contract_says(tmp_path: Path, until) -> None:
    assert commands.status(tmp_path)["ready"] is False
    assert not commands.down(tmp_path)
    with _running(_plan(tmp_path, _service("w", SLEEP), _service("d", SLEEP, "desk"))):
        until(lambda: commands.status(tmp_path)["ready"])
        status = commands.status(tmp_path)
        assert {key: status[key] for key in ("kafka", "elasticsearch", "desk", "topic_prefix", "api_key_file")} == {
            "kafka": "k:1",
            "elasticsearch": "http://e",
            "desk": "http://d",
            "topic_prefix": "p-",
            "api_key_file": "/key",
        }
        assert status["data_dir"] == str(tmp_path)
        assert list(status["pids"]) == ["kafka", "elasticsearch", "worker", "producer", "desk"]
        (worker,) = status["pids"]["worker"]
        assert ProcessId.of(worker) is not None
        assert json.loads(json.dumps(status)) == status
    assert ProcessId.of(worker) is None
    assert commands.status(tmp_path)["pids"]["worker"] == []
    assert not state_file(tmp_path).exists()


def test_what_dies_is_restarted_and_the_reason_noted(tmp_path: Path, until, caplog) -> None:
    lines: list[str] = []
    code = "import time; print('working on it', flush=True); time.sleep(600)"
    with _running(_plan(tmp_path, _service("w", code), _service("calm", SLEEP)), lines.append):
        until(lambda: commands.status(tmp_path)["ready"])
        calm = _unit(tmp_path, "calm")["pid"]
        first = _unit(tmp_path, "w")["pid"]
        until(lambda: "working" in (tmp_path / "logs" / "w.log").read_text())
        ProcessId.of(first).signal(signal.SIGKILL)
        until(lambda: _unit(tmp_path, "w")["restarts"] == 1 and commands.status(tmp_path)["ready"])
        again = _unit(tmp_path, "w")
        assert again["pid"] != first
        assert again["last_exit"] == "信号 SIGKILL"
        assert _unit(tmp_path, "calm")["pid"] == calm
    assert any("w died: 信号 SIGKILL" in text and "working on it" in text for text in caplog.messages)
    assert any(line.startswith("w 中断（信号 SIGKILL）") for line in lines)


def test_who_has_to_steps_back_once_ready_and_again_after_a_restart(tmp_path: Path, until) -> None:
    mark = tmp_path / "mark"
    background = _service("b", SLEEP, nice=5, ready_check=file_ready(mark))
    base = os.nice(0)

    def niceness(name: str) -> int:
        return os.getpriority(os.PRIO_PROCESS, int(str(_unit(tmp_path, name)["pid"])))

    with _running(_plan(tmp_path, _service("urgent", SLEEP), background)):
        until(lambda: _unit(tmp_path, "b").get("pid"))
        assert niceness("b") == base, "a start must not take three times as long"
        mark.touch()
        until(lambda: commands.status(tmp_path)["ready"])
        assert (niceness("urgent"), niceness("b")) == (base, min(base + 5, 19))
        ProcessId.of(_unit(tmp_path, "b")["pid"]).signal(signal.SIGKILL)
        until(lambda: _unit(tmp_path, "b")["restarts"] == 1 and commands.status(tmp_path)["ready"])
        until(lambda: niceness("b") == min(base + 5, 19))


def test_what_keeps_dying_waits_longer_each_time(tmp_path: Path, until, caplog) -> None:
    mark = tmp_path / "mark"
    code = f"import os, sys\nif os.path.exists({str(mark)!r}): sys.exit(4)\nimport time; time.sleep(600)"
    restart = Restart(first_s=0.05, cap_s=0.2)
    with _running(_plan(tmp_path, _service("w", code, restart=restart))):
        until(lambda: commands.status(tmp_path)["ready"])
        mark.touch()
        ProcessId.of(_unit(tmp_path, "w")["pid"]).signal(signal.SIGTERM)
        until(lambda: _unit(tmp_path, "w")["restarts"] >= 4)
        mark.unlink()
        until(lambda: commands.status(tmp_path)["ready"])
    delays = [text.split("again in ")[1].split(" s")[0] for text in caplog.messages if " died: " in text]
    assert delays[:4] == ["0.1", "0.1", "0.2", "0.2"]


def test_one_data_directory_has_one_supervisor(tmp_path: Path, until) -> None:
    with _running(_plan(tmp_path, _service("w", SLEEP))):
        until(lambda: commands.status(tmp_path)["ready"])
        pid = _unit(tmp_path, "w")["pid"]
        with pytest.raises(SupervisorError, match="已在运行"):
            Supervisor(_plan(tmp_path, _service("w", SLEEP))).run()
        assert commands.status(tmp_path)["ready"]
        assert _unit(tmp_path, "w")["pid"] == pid


def test_a_first_start_that_fails_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    bad = _service("bad", "print('no such topic', flush=True); raise SystemExit(3)", ready_check=lambda: False)
    never = _service("never", f"open({str(tmp_path / 'ran')!r}, 'w')")
    seen: list[int] = []

    def noted() -> bool:
        seen.extend(unit.pid for unit in read_state(tmp_path).units if unit.pid)
        return True

    good = _service("good", SLEEP, ready_check=noted)
    with pytest.raises(EngineNotReady, match=r"bad 启动失败（退出码 3）\nno such topic"):
        Supervisor(_plan(tmp_path, good, bad, never)).run()
    assert seen
    assert all(ProcessId.of(pid) is None for pid in seen)
    assert not (tmp_path / "ran").exists()
    assert not state_file(tmp_path).exists()


def test_a_service_that_never_gets_ready_ends_the_first_start(tmp_path: Path) -> None:
    slow = _service("slow", SLEEP, ready_check=lambda: False, start_timeout=0.3)
    with pytest.raises(EngineNotReady, match="slow 在 0 秒内没有就绪"):
        Supervisor(_plan(tmp_path, slow)).run()


def test_services_start_in_order_and_stop_in_reverse(tmp_path: Path, until) -> None:
    order = tmp_path / "order"

    def code(name: str) -> str:
        return (
            "import signal, sys, time\n"
            f"def note(word): open({str(order)!r}, 'a').write(word + ' {name}\\n')\n"
            "signal.signal(signal.SIGTERM, lambda *_: (note('stop'), sys.exit()))\n"
            f"note('start'); open({str(tmp_path / name)!r}, 'w').close(); time.sleep(600)\n"
        )

    services = [_service(name, code(name), ready_check=file_ready(tmp_path / name)) for name in ("a", "b", "c")]
    with _running(_plan(tmp_path, *services)):
        until(lambda: commands.status(tmp_path)["ready"])
    assert order.read_text().split("\n")[:-1] == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


def test_what_may_end_is_not_restarted(tmp_path: Path, until) -> None:
    once = _service("once", "pass", "producer", Restart(when=When.ON_FAILURE, first_s=0.05))
    with _running(_plan(tmp_path, once, _service("w", SLEEP))):
        until(lambda: _unit(tmp_path, "once").get("phase") == "done" and commands.status(tmp_path)["ready"])
        assert _unit(tmp_path, "once")["restarts"] == 0


def test_before_services_runs_once_before_the_first_service(tmp_path: Path, until) -> None:
    calls: list[bool] = []
    plan = _plan(tmp_path, _service("w", SLEEP))
    with _running(replace(plan, before_services=lambda: calls.append((tmp_path / "logs" / "w.log").exists()))):
        until(lambda: commands.status(tmp_path)["ready"])
    assert calls == [False]


SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from deploy import commands
from deploy.config import DeployConfig
from deploy.plan import Plan
from deploy.service import Service
from schemas.errors import HuiyaoError
service = Service("w", "worker", [sys.executable, "-I", "-S", "-c", {code!r}], start_timeout=20,
                  ready_check=lambda: Path({ready!r}).exists())
print("starting", flush=True)
try:
    commands.up(Plan(DeployConfig(Path({data!r})), [service], engines=()), lambda line: print(line, flush=True))
except HuiyaoError as exc:
    raise SystemExit(f"error: {{exc}}")
"""


def _script(data_dir: Path, code: str = SLEEP) -> list[str]:
    text = SCRIPT.format(root=str(ROOT), code=code, data=str(data_dir), ready=str(data_dir))
    return [sys.executable, "-c", text]


@contextmanager
def _script_running(data_dir: Path, until: Callable[..., None]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(_script(data_dir), stdout=subprocess.DEVNULL)
    try:
        until(lambda: commands.status(data_dir)["ready"])
        yield child
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(tmp_path: Path, until, number: signal.Signals) -> None:
    with _script_running(tmp_path, until) as child:
        (worker,) = commands.status(tmp_path)["pids"]["worker"]
        child.send_signal(number)
        assert child.wait() == 0
    assert ProcessId.of(worker) is None
    assert not state_file(tmp_path).exists()


def test_down_from_another_process(tmp_path: Path, until) -> None:
    with _script_running(tmp_path, until) as child:
        (worker,) = commands.status(tmp_path)["pids"]["worker"]
        assert commands.down(tmp_path)
        assert child.wait() == 0
    assert ProcessId.of(worker) is None
    assert not commands.down(tmp_path)


def test_after_a_killed_supervisor_status_tells_and_down_cleans_up(tmp_path: Path, until) -> None:
    with _script_running(tmp_path, until) as child:
        child.kill()
        child.wait()
    status = commands.status(tmp_path)
    (worker,) = status["pids"]["worker"]
    assert not status["ready"]
    assert status["supervisor"] is None
    assert commands.down(tmp_path)
    assert ProcessId.of(worker) is None


def test_after_a_killed_supervisor_the_next_start_stops_the_orphans(tmp_path: Path, until) -> None:
    with _script_running(tmp_path, until) as child:
        child.kill()
        child.wait()
    (orphan,) = commands.status(tmp_path)["pids"]["worker"]
    with _running(_plan(tmp_path, _service("w", SLEEP))):
        until(lambda: commands.status(tmp_path)["ready"])
        assert ProcessId.of(orphan) is None
        assert commands.status(tmp_path)["pids"]["worker"] != [orphan]


def test_detached_returns_when_ready_and_passes_the_output_on(tmp_path: Path) -> None:
    lines: list[str] = []
    status = commands.up_detached(_script(tmp_path), tmp_path, report=lines.append)
    try:
        assert status["ready"]
        assert lines[0] == "starting"
    finally:
        assert commands.down(tmp_path)


def test_detached_returns_with_the_error(tmp_path: Path) -> None:
    failing = _script(tmp_path, "print('bad key', flush=True); raise SystemExit(5)")
    failing[-1] = failing[-1].replace("exists())", "exists() and False)")
    with pytest.raises(SupervisorError, match="退出码 5") as caught:
        commands.up_detached(failing, tmp_path)
    assert "bad key" in str(caught.value)
    assert commands.status(tmp_path)["ready"] is False


def test_damaged_state_is_no_state(tmp_path: Path) -> None:
    state_file(tmp_path).parent.mkdir()
    state_file(tmp_path).write_text('{"supervisor": {"pid": 1}', encoding="utf-8")
    assert commands.status(tmp_path)["ready"] is False


def test_back_off_doubles_to_a_cap_and_is_forgotten_after_calm() -> None:
    restart = Restart(first_s=1, cap_s=60, calm_s=120)
    assert [restart.delay(n) for n in (1, 2, 3, 6, 7, 8, 10_000)] == [1, 2, 4, 32, 60, 60, 60]
    assert restart.failures_after(5, ran_s=119.9) == 6
    assert restart.failures_after(5, ran_s=120.0) == 1


def test_time_spent_starting_is_not_calm() -> None:
    class Named:
        name, restart = "x", Restart(calm_s=10)

    watch = Watch(Named(), failures=3)
    watch.started(0.0)
    watch.failed("退出码 1", 100.0)
    assert (watch.phase, watch.failures) == (Phase.BACKOFF, 4)
    watch.started(200.0)
    watch.became_ready()
    watch.failed("退出码 1", 211.0)
    assert watch.failures == 1
