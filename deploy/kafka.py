"""Apache Kafka as one process (KRaft: broker and controller in one), on the loopback interface."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from deploy.artifacts import ArtifactStore, java_home, write_atomically
from deploy.config import LOOPBACK, KafkaConfig
from deploy.engine import Engine
from deploy.errors import EngineNotReady
from deploy.logs import tail
from deploy.process import Launch

logger = logging.getLogger(__name__)

# A report of 10 MB with its attachments' text, once more in base64 inside a dead letter, and room for the envelope.
MESSAGE_MAX_BYTES = 24 * 1024 * 1024
# Offsets outlive the longest holiday (and a machine that is off for it), so that a worker goes on where it was.
OFFSETS_RETENTION_MINUTES = 90 * 24 * 60
FORMAT_TIMEOUT_S = 120.0
READY_TIMEOUT_S = 3.0
# Kafka 4.1 unmaps files through sun.misc.Unsafe, of which Java 24 and later warn on every start (JEP 498).
QUIET_UNSAFE = "--sun-misc-unsafe-memory-access=allow"
# ApiVersions, version 0, correlation 1, no client id: the smallest question that only a working broker answers.
# https://kafka.apache.org/protocol#The_Messages_ApiVersions
API_VERSIONS = struct.pack(">hhih", 18, 0, 1, -1)

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=BROKER://{host}:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
message.max.bytes={message_max}
replica.fetch.max.bytes={message_max}
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
offsets.retention.minutes={offsets_retention}
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""

# Console for what goes wrong (it ends in error messages), a rolling file for the rest.
LOG4J = """\
rootLogger.level=INFO
rootLogger.appenderRef.file.ref=FILE
rootLogger.appenderRef.console.ref=CONSOLE
appender.console.type=Console
appender.console.name=CONSOLE
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
appender.console.filter.threshold.type=ThresholdFilter
appender.console.filter.threshold.level=WARN
appender.file.type=RollingFile
appender.file.name=FILE
appender.file.fileName={logs}/kafka.log
appender.file.filePattern={logs}/kafka.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=5
"""


def cluster_id() -> str:
    """A new id of a cluster: 16 random bytes in base64 for addresses. As Kafka's own it never begins with a hyphen,
    which its tool would take for an option; one random id in 64 does."""
    while (made := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return made


class Kafka(Engine):
    """One broker; its log is the system's record, so nothing here ever deletes data."""

    name = "Kafka"

    def __init__(
        self, folder: Path, config: KafkaConfig, store: ArtifactStore, *, die_with_parent: bool = False
    ) -> None:
        super().__init__(folder, start_timeout=config.start_timeout, stop_timeout=config.stop_timeout)
        self._config, self._store, self._die = config, store, die_with_parent
        self._classpath: list[Path] = []

    @property
    def address(self) -> str:
        """``host:port`` for ``bootstrap.servers``."""
        return f"{LOOPBACK}:{self._config.port}"

    def ports(self) -> list[tuple[int, str]]:
        """The broker's and the controller's port."""
        return [
            (self._config.port, "engines.kafka_port"),
            (self._config.controller_port, "engines.kafka_controller_port"),
        ]

    def prepare(self) -> None:
        """Fetch the jars, write the configuration, format the storage once."""
        self._classpath = self._store.kafka_classpath()
        self._logs.mkdir(parents=True, exist_ok=True)
        write_atomically(self._properties, self._render())
        write_atomically(self._log4j, LOG4J.format(logs=self._logs))
        if not self._formatted():
            self._format()

    def launch(self) -> Launch:
        """``kafka.Kafka`` with our heap."""
        config = self._config
        heap = [f"-Xmx{config.heap_mb}m", f"-Xms{min(config.heap_mb, 256)}m"]
        options = [*heap, "-XX:+ExitOnOutOfMemoryError", QUIET_UNSAFE, *config.jvm_options]
        command = self._java(options, "kafka.Kafka", str(self._properties))
        return Launch(command, {}, self.log, die_with_parent=self._die, cwd=self.folder)

    def ready(self) -> bool:
        """Whether the broker answers a request; in KRaft it listens only once it is a member of the cluster."""
        with (
            contextlib.suppress(OSError, struct.error),
            socket.create_connection((LOOPBACK, self._config.port), timeout=READY_TIMEOUT_S) as connection,
        ):
            connection.sendall(struct.pack(">i", len(API_VERSIONS)) + API_VERSIONS)
            _size, correlation, error = struct.unpack(">iih", connection.recv(10, socket.MSG_WAITALL))
            return bool(correlation == 1 and error == 0)
        return False

    def tail(self) -> str:
        """Console, and the server's own log where the console is silent."""
        return tail(self.log) or tail(self._logs / "kafka.log")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _logs(self) -> Path:
        return self.folder / "logs"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _log4j(self) -> Path:
        return self.folder / "log4j2.properties"

    @property
    def _format_mark(self) -> Path:
        return self.folder / "formatted.json"

    def _render(self) -> str:
        return PROPERTIES.format(
            host=LOOPBACK,
            port=self._config.port,
            controller_port=self._config.controller_port,
            data=self._data,
            message_max=MESSAGE_MAX_BYTES,
            offsets_retention=OFFSETS_RETENTION_MINUTES,
        )

    def _java(self, options: list[str], main: str, *arguments: str) -> list[str]:
        classpath = os.pathsep.join(map(str, self._classpath))
        logging_option = f"-Dlog4j2.configurationFile={self._log4j.as_uri()}"
        java = str(java_home() / "bin" / "java")
        return [java, *options, logging_option, "-cp", classpath, main, *arguments]

    def _formatted(self) -> bool:
        """Formatting is finished only with our mark, written after it; meta.properties may come from half of one."""
        return self._format_mark.exists() and (self._data / "meta.properties").exists()

    def _format(self) -> None:
        self._set_aside()
        cluster = cluster_id()
        tool = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties))
        command = self._java(["-Xmx256m", "-XX:TieredStopAtLevel=1"], *tool)
        run = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S, check=False)
        if run.returncode:
            raise EngineNotReady("Kafka 存储格式化失败", tail=(run.stdout + run.stderr)[-3000:])
        write_atomically(self._format_mark, json.dumps({"cluster_id": cluster}))

    def _set_aside(self) -> None:
        """Move what an interrupted format left out of the way; moved, not deleted, in case someone's mark was lost."""
        if not self._data.exists():
            return
        aside = self._data.with_name(f"data.unfinished-{uuid.uuid4().hex[:8]}")
        self._data.replace(aside)
        logger.warning("Kafka storage without a format mark was moved to %s", aside)
