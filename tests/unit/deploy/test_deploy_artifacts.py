"""The cache of engine files."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy import artifacts
from deploy.artifacts import ArtifactStore, unpack, write_atomically
from deploy.config import ArtifactConfig
from deploy.download import Digest
from deploy.errors import DownloadError
from deploy.lock import FileLock, locked
from deploy.progress import LINE_EVERY_S, Lines

POM = """<project><modelVersion>4.0.0</modelVersion><groupId>g.h</groupId><artifactId>{name}</artifactId>
<version>1.0</version><dependencies>{deps}</dependencies></project>"""
DEPENDENCY = "<dependency><groupId>g.h</groupId><artifactId>lib</artifactId><version>1.0</version></dependency>"


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        script = zipfile.ZipInfo("engine-1/bin/run")
        script.external_attr = 0o100755 << 16
        bundle.writestr(script, "#!/bin/sh\n")
        bundle.writestr("engine-1/config/jvm.options", "-Xmx1g\n")
    return buffer.getvalue()


def _store(repository, tmp_path: Path, *, offline: bool = False) -> ArtifactStore:
    return ArtifactStore(ArtifactConfig(repository.url, tmp_path / "cache", timeout=10, offline=offline))


@pytest.fixture
def kafka_like(repository, monkeypatch: pytest.MonkeyPatch):
    """A repository with a jar that needs another, in the place of Kafka."""
    for name, deps in (("app", DEPENDENCY), ("lib", "")):
        base = f"/g/h/{name}/1.0/{name}-1.0"
        repository.add(f"{base}.pom", POM.format(name=name, deps=deps).encode(), "sha1")
        repository.add(f"{base}.jar", f"jar of {name}".encode(), "sha1")
    monkeypatch.setattr(artifacts, "KAFKA_COORDINATES", ("g.h:app:1.0!",))
    return repository


def test_jars_and_what_they_depend_on_are_fetched_once(kafka_like, tmp_path: Path) -> None:
    jars = _store(kafka_like, tmp_path).kafka_classpath()
    assert sorted(jar.name for jar in jars) == ["app-1.0.jar", "lib-1.0.jar"]
    asked = len(kafka_like.seen)
    assert _store(kafka_like, tmp_path, offline=True).kafka_classpath() == jars
    assert len(kafka_like.seen) == asked


@pytest.mark.parametrize("damage", ["missing", "short", "manifest"])
def test_a_damaged_cache_is_noticed_and_made_good(kafka_like, tmp_path: Path, damage: str) -> None:
    store = _store(kafka_like, tmp_path)
    jar = next(jar for jar in store.kafka_classpath() if jar.name == "lib-1.0.jar")
    if damage == "manifest":
        next((tmp_path / "cache").glob("classpath-*.json")).write_text("{half", encoding="utf-8")
    else:
        jar.unlink()
        if damage == "short":
            jar.write_bytes(b"jar")
    assert {path.read_bytes() for path in store.kafka_classpath()} == {b"jar of app", b"jar of lib"}


def test_two_at_once_fetch_everything_once(kafka_like, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _n: _store(kafka_like, tmp_path).kafka_classpath(), range(2))
    assert first == second
    asked = [path for path, _range in kafka_like.seen if path.endswith(".jar")]
    assert len(asked) == len(set(asked)) == 2


def test_offline_without_a_cache_says_where_it_should_be(kafka_like, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="离线"):
        _store(kafka_like, tmp_path, offline=True).kafka_classpath()
    assert kafka_like.seen == []


def test_a_tampered_dependency_stops_the_resolution(kafka_like, tmp_path: Path) -> None:
    kafka_like.files["/g/h/lib/1.0/lib-1.0.jar"] = b"something else"
    with pytest.raises(DownloadError, match=r"lib-1\.0\.jar.*校验和不符"):
        _store(kafka_like, tmp_path).kafka_classpath()
    assert not list((tmp_path / "cache").glob("classpath-*.json"))


def test_elasticsearch_is_verified_against_the_pin_and_unpacked(
    repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    name = f"elasticsearch-{artifacts.ELASTICSEARCH_VERSION}"
    path = f"/org/elasticsearch/distribution/integ-test-zip/elasticsearch/{artifacts.ELASTICSEARCH_VERSION}/{name}.zip"
    content = _zip()  # made once: a zip carries the second in which it was made
    repository.files[path] = content
    with pytest.raises(DownloadError, match="sha512 校验和不符"):
        _store(repository, tmp_path).elasticsearch_home()
    digest = Digest("sha512", hashlib.sha512(content).hexdigest())
    monkeypatch.setattr(artifacts, "PINNED", {f"{name}.zip": digest})
    home = _store(repository, tmp_path).elasticsearch_home()
    assert (home / "bin" / "run").stat().st_mode & 0o111 == 0o111
    assert (home / "config" / "jvm.options").read_text() == "-Xmx1g\n"
    assert not list((tmp_path / "cache").rglob("*.zip"))


def test_unpacking_starts_over_after_a_crash(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_zip())
    leftover = tmp_path / "home.unpacking" / "engine-1" / "old"
    leftover.mkdir(parents=True)
    unpack(tmp_path / "a.zip", tmp_path / "home")
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["bin", "config"]
    assert not (tmp_path / "home.unpacking").exists()


def test_a_lock_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import fcntl, os, sys, time\n"
        f"fd = os.open({str(tmp_path / 'lock')!r}, os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(fd, fcntl.LOCK_EX)\nprint('held', flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        lock = FileLock(tmp_path / "lock")
        assert not lock.acquire(wait=False)
        holder.kill()
        holder.wait()
        assert lock.acquire(wait=True)
        lock.release()


def test_a_lock_keeps_out_another_object_of_the_same_process(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"):
        assert not FileLock(tmp_path / "lock").acquire(wait=False)
    second = FileLock(tmp_path / "lock")
    assert second.acquire(wait=False)
    second.release()


def test_an_atomic_write_leaves_no_scratch_file(tmp_path: Path) -> None:
    for text in ("[1]", "[2]"):
        write_atomically(tmp_path / "x.json", text)
    assert json.loads((tmp_path / "x.json").read_text()) == [2]
    assert len(list(tmp_path.iterdir())) == 1


def test_progress_away_from_a_terminal_is_a_line_now_and_then() -> None:
    out, now = io.StringIO(), 0.0
    lines = Lines(out, "es.zip", 10_000_000, 0, clock=lambda: now)
    for _ in range(10):
        lines.advance(500_000)
    assert out.getvalue().count("\n") == 1
    now = LINE_EVERY_S
    lines.advance(500_000)
    assert out.getvalue().splitlines()[-1] == "下载 es.zip  5.5/10.0 MB"
