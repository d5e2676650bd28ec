"""What this room needs to know, as plain data handed in by the front door; nothing here reads the environment.

Messages name the settings as the front door calls them (``engines.kafka_port`` and so on).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import site_cache_dir, user_cache_dir

MAVEN_CENTRAL = "https://repo1.maven.org/maven2"
LOOPBACK = "127.0.0.1"
# Java's quick compiler only: Elasticsearch serves after half the time (11 s for 23 s, measured on two cores) and is
# slower under long load. For tests and short demonstrations.
QUICK_START = ("-XX:TieredStopAtLevel=1",)


def default_cache_dir() -> Path:
    """Cache of fetched files: the user's own, or for root the machine's.

    Root's home is closed to the account that Elasticsearch has to run as, so root caches where others can read.
    """
    return Path(site_cache_dir("huiyao") if os.geteuid() == 0 else user_cache_dir("huiyao"))


@dataclass(frozen=True, slots=True)
class ArtifactConfig:
    """Where engine files come from and where they are kept.

    ``repository``: base URL of a Maven repository (a mirror inside a closed network will do).
    ``timeout``: seconds without a byte before a download counts as cut.
    """

    repository: str = MAVEN_CENTRAL
    cache_dir: Path = field(default_factory=default_cache_dir)
    timeout: float = 60.0
    offline: bool = False


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """``heap_mb``: Java heap. 19292 and 19293 stay clear of a Kafka that may already run on 9092.

    ``jvm_options``: more options for Java, :data:`QUICK_START` for one.
    """

    port: int = 19292
    controller_port: int = 19293
    heap_mb: int = 512
    jvm_options: tuple[str, ...] = ()
    start_timeout: float = 120.0
    stop_timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class ElasticsearchConfig:
    """``run_as``: account to drop to when started by root (name or number); empty picks one that exists.

    ``stage_dir``: where root keeps data (and, if need be, Java) when the data directory lies below a closed home.
    ``nice``: 0 to 19, how far it steps back from the processor for the others once it is ready.
    """

    port: int = 19392
    heap_mb: int = 512
    jvm_options: tuple[str, ...] = ()
    run_as: str = ""
    stage_dir: Path = Path("/var/lib/huiyao")
    start_timeout: float = 180.0
    stop_timeout: float = 45.0
    nice: int = 0


@dataclass(frozen=True, slots=True)
class DeployConfig:
    """Everything of one installation. ``die_with_parent``: engines end when the process that started them does."""

    data_dir: Path
    artifacts: ArtifactConfig = field(default_factory=ArtifactConfig)
    kafka: KafkaConfig = field(default_factory=KafkaConfig)
    elasticsearch: ElasticsearchConfig = field(default_factory=ElasticsearchConfig)
    die_with_parent: bool = False
