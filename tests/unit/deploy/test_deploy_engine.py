"""What Kafka and Elasticsearch have in common, on a process that starts in milliseconds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from deploy.config import KafkaConfig
from deploy.engine import Engine
from deploy.errors import EngineInUse, EngineNotReady, PortTaken
from deploy.kafka import Kafka
from deploy.process import Launch, ProcessId, spawn
from deploy.testing import free_ports

SERVES = "import sys, time\nopen(sys.argv[1], 'w').close()\ntime.sleep(600)"
DIES = "print('cannot bind the moon', flush=True)\nraise SystemExit(7)"
HANGS = "print('thinking', flush=True)\nimport time\ntime.sleep(600)"


class SmallEngine(Engine):
    """An engine whose process is a few lines of Python."""

    name = "Small"

    def __init__(self, folder: Path, code: str = SERVES, port: int | None = None, start_timeout: float = 60) -> None:
        super().__init__(folder, start_timeout=start_timeout, stop_timeout=30)
        self.code, self.port = code, port

    @property
    def address(self) -> str:
        return "nowhere"

    def ports(self) -> list[tuple[int, str]]:
        return [(self.port, "engines.small_port")] if self.port else []

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "up").unlink(missing_ok=True)

    def launch(self) -> Launch:
        return Launch([sys.executable, "-I", "-S", "-c", self.code, str(self.folder / "up")], {}, self.log)

    def ready(self) -> bool:
        return (self.folder / "up").exists()


def test_an_engine_starts_restarts_and_stops(tmp_path: Path) -> None:
    engine = SmallEngine(tmp_path / "e")
    engine.start()
    first = engine.process()
    engine.restart()
    second = engine.process()
    assert first != second
    assert engine.alive()
    engine.stop()
    assert not engine.alive()
    assert not engine.pid_file.exists()


def test_kill_pause_and_resume_work_on_the_same_folder(tmp_path: Path, until) -> None:
    engine = SmallEngine(tmp_path / "e")
    engine.start()
    pid = engine.process().pid
    engine.pause()
    until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", "the pause")
    engine.resume()
    engine.kill()
    assert not engine.alive()
    engine.restart()
    assert engine.alive()
    engine.stop()


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    first, second = SmallEngine(tmp_path / "e"), SmallEngine(tmp_path / "e")
    first.start()
    with pytest.raises(EngineInUse, match="huiyao down"):
        second.start()
    second.stop()
    assert first.alive()
    first.stop()
    second.start()
    second.stop()


def test_what_a_crashed_owner_left_running_is_stopped(tmp_path: Path) -> None:
    crashed = SmallEngine(tmp_path / "e")
    crashed.prepare()
    orphan = spawn(crashed.launch())
    known = ProcessId.of(orphan.pid)
    assert known is not None
    crashed.pid_file.write_text(json.dumps({"pid": known.pid, "born": known.born}))
    engine = SmallEngine(tmp_path / "e")
    engine.start()
    assert not known.alive()
    assert orphan.wait() != 0
    assert engine.process() != known
    engine.stop()


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', '{"pid": "x", "born": 1}', "[]"])
def test_a_damaged_pid_file_is_no_process(tmp_path: Path, text: str) -> None:
    engine = SmallEngine(tmp_path / "e")
    engine.prepare()
    engine.pid_file.write_text(text)
    assert engine.process() is None
    engine.start()
    engine.stop()


def test_a_stale_pid_of_someone_else_is_not_touched(tmp_path: Path, sleeper) -> None:
    engine = SmallEngine(tmp_path / "e")
    engine.prepare()
    engine.pid_file.write_text(json.dumps({"pid": sleeper.pid, "born": "other:1"}))
    engine.start()
    engine.stop()
    assert sleeper.poll() is None


def test_an_engine_that_dies_shows_the_end_of_its_log(tmp_path: Path) -> None:
    engine = SmallEngine(tmp_path / "e", DIES)
    with pytest.raises(EngineNotReady, match="退出码 7") as caught:
        engine.start()
    assert "cannot bind the moon" in caught.value.tail
    engine.stop()


def test_an_engine_that_hangs_is_stopped_at_its_deadline(tmp_path: Path, until) -> None:
    engine = SmallEngine(tmp_path / "e", HANGS, start_timeout=0.0)
    engine.own()
    engine.prepare()
    engine.spawn()
    until(lambda: "thinking" in engine.tail())
    known = engine.process()
    with pytest.raises(EngineNotReady, match="没有就绪") as caught:
        engine.wait_ready()
    assert "thinking" in caught.value.tail
    assert known is not None
    assert not known.alive()


def test_a_taken_port_stops_the_start_before_the_process(tmp_path: Path) -> None:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        engine = SmallEngine(tmp_path / "e", port=holder.getsockname()[1])
        with pytest.raises(PortTaken, match=r"engines\.small_port"):
            engine.start()
    assert not engine.pid_file.exists()
    engine.stop()


def test_kafka_refuses_by_the_name_of_its_setting(tmp_path: Path) -> None:
    class NoFiles:
        def kafka_classpath(self) -> list[Path]:
            return [Path("/nothing.jar")]

    broker, controller = free_ports(2)
    kafka = Kafka(tmp_path / "kafka", KafkaConfig(port=broker, controller_port=controller), NoFiles())
    assert kafka.ports() == [(broker, "engines.kafka_port"), (controller, "engines.kafka_controller_port")]
    assert not kafka.ready()
    assert kafka.address == f"127.0.0.1:{broker}"
