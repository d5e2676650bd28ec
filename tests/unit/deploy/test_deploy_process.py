"""Processes known by more than their number."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import logs, process
from deploy.errors import PortTaken
from deploy.process import Launch, ProcessId, exit_reason, group_members, require_free_port, spawn
from schemas.errors import EngineError


def test_a_number_that_now_belongs_to_another_process_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    stale = ProcessId(sleeper.pid, "00000000:1")
    assert not stale.alive()
    assert process.stop(stale, 0.0)
    process.kill(stale)
    assert sleeper.poll() is None


def test_a_process_is_recognised_and_stopped(sleeper: subprocess.Popen[bytes]) -> None:
    known = ProcessId.of(sleeper.pid)
    assert known is not None
    assert known.alive()
    assert process.stop(known, 60.0, sleeper)
    assert sleeper.returncode == -signal.SIGTERM
    assert not known.alive()


def test_a_zombie_is_not_alive(python) -> None:
    child = subprocess.Popen(python("pass"))
    known = ProcessId.of(child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert known is None or not known.alive()
    child.wait()


def test_what_ignores_sigterm_is_killed_with_its_children(python, until, tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(600)'])\n"
        "print('up', flush=True)\ntime.sleep(600)\n"
    )
    child = spawn(Launch(python(code), {}, tmp_path / "log"))
    until(lambda: "up" in logs.tail(tmp_path / "log"))
    known = ProcessId.of(child.pid)
    assert known is not None
    assert len(group_members(child.pid)) == 2
    assert not process.stop(known, 0.2, child)
    assert child.returncode == -signal.SIGKILL
    assert group_members(child.pid) == []


def test_a_stop_waits_for_the_children_too(python, until, tmp_path: Path) -> None:
    grandchild = (
        "import signal, sys, time\n"
        "def end(*_): time.sleep(0.5); open(sys.argv[1], 'w').close(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(600)\n"
    )
    mark = tmp_path / "finished"
    code = (
        "import signal, subprocess, sys, time\n"
        f"c = subprocess.Popen([sys.executable, '-I', '-S', '-c', {grandchild!r}, {str(mark)!r}])\n"
        "def end(*_): c.terminate(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\ntime.sleep(600)\n"
    )
    child = spawn(Launch(python(code), {}, tmp_path / "log"))
    until(lambda: "up" in logs.tail(tmp_path / "log"))
    known = ProcessId.of(child.pid)
    assert known is not None
    assert process.stop(known, 60.0, child)
    assert mark.exists()


def test_a_paused_process_can_be_stopped(sleeper: subprocess.Popen[bytes]) -> None:
    known = ProcessId.of(sleeper.pid)
    assert known is not None
    known.signal_group(signal.SIGSTOP)
    assert process.stop(known, 60.0, sleeper)


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            require_free_port("127.0.0.1", port, "engines.kafka_port")
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert "engines.kafka_port" in caught.value.hint
    require_free_port("127.0.0.1", port, "engines.kafka_port")


def test_a_child_dies_with_its_parent(python, until, tmp_path: Path) -> None:
    parent_code = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(process.__file__).parents[1])!r})\n"
        "from pathlib import Path\nfrom deploy.process import Launch, spawn\n"
        "child = spawn(Launch(['/bin/sleep', '600'], {}, Path(sys.argv[1]), die_with_parent=True))\n"
        "print(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    import sys

    command = [sys.executable, "-c", parent_code, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        until(lambda: Path(f"/proc/{pid}/comm").read_text().strip() == "sleep", "the launcher became sleep")
        known = ProcessId.of(pid)
        assert known is not None
        parent.kill()
        parent.wait()
    until(lambda: not known.alive(), "the child's end")


@pytest.mark.skipif(sys.platform != "linux", reason="threads and sessions as Linux has them")
def test_a_process_steps_back_with_its_threads_and_its_whole_session(python, until, tmp_path: Path) -> None:
    """The session's own niceness is what counts between processes that each lead a session."""
    code = (
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "print('up', flush=True)\ntime.sleep(600)\n"
    )
    child = spawn(Launch(python(code), {}, tmp_path / "log"))
    until(lambda: "up" in logs.tail(tmp_path / "log"))
    known = ProcessId.of(child.pid)
    assert known is not None
    process.step_back(known, 19)
    tasks = [int(task.name) for task in Path(f"/proc/{child.pid}/task").iterdir()]
    assert [os.getpriority(os.PRIO_PROCESS, task) for task in tasks] == [19, 19]
    session = Path(f"/proc/{child.pid}/autogroup")
    if session.exists():  # else the process's own niceness is what counts
        assert session.read_text().split()[-1] == "19"
    process.kill(known, child)
    process.step_back(known, 19)  # gone: nothing to do, and nobody else's process is touched


def test_a_missing_program_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no-such-program"):
        spawn(Launch(["/no-such-program"], {}, tmp_path / "log"))


@pytest.mark.parametrize(
    ("code", "words"), [(0, "退出码 0"), (3, "退出码 3"), (-9, "信号 SIGKILL"), (-200, "信号 200")]
)
def test_the_reason_of_an_end_is_readable(code: int, words: str) -> None:
    assert exit_reason(code) == words


def test_the_tail_of_a_log_is_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert logs.tail(log) == ""
    log.write_bytes(b"".join(b"line %d \xe6\xb1\x87\n" % n for n in range(20_000)) + b"\xff half")
    assert logs.tail(log, lines=2) == "line 19999 汇\n\ufffd half"


def test_a_log_that_grows_is_emptied_under_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_KEPT_BYTES", 100)
    log = tmp_path / "log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a" * 101)
        logs.rotate(log)
        writer.write(b"b")
    assert log.read_bytes() == b"b"
    assert (tmp_path / "log.1").read_bytes() == b"a" * 101
