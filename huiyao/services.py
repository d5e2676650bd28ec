"""What ``huiyao up`` runs: the engines where none are set, and our own processes, one for each lane."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deploy.config import ArtifactConfig, DeployConfig, ElasticsearchConfig, KafkaConfig
from deploy.plan import Plan
from deploy.service import Restart, Service, file_ready, http_ready
from deploy.state import Addresses
from huiyao.secrets import api_key_file
from huiyao.settings import CHILD_VARIABLE, Settings
from schemas.errors import SettingsError

LANES = ("reports", "media", "opinion", "incidents", "stories", "ledger", "cases", "duty", "alerts", "index")
URGENT = frozenset({"reports", "incidents", "alerts"})
"""The way of an emergency from a report to the channels; the other lanes step back for it (ADR 068)."""
PARTS = ("engines", "workers", "producers", "desk")
SETTINGS_FILE = "run/settings.json"


def plan(settings: Settings, parts: Sequence[str] = PARTS) -> Plan:
    """The plan for the supervisor. ``parts``: which of engines, workers, producers, desk to run."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise SettingsError(f"--only: unknown part {unknown[0]!r}", hint=f"one or more of {', '.join(PARTS)}")
    config = deploy_config(settings)
    kafka, elastic = settings.kafka_connection(), settings.elasticsearch_connection()
    addresses = Addresses(
        kafka=kafka.bootstrap,
        elasticsearch=elastic.url,
        desk=f"http://{settings.desk.host}:{settings.desk.port}" if "desk" in parts else "",
        topic_prefix=kafka.prefix,
        api_key_file=str(api_key_file(settings.data_dir)) if "desk" in parts else "",
    )
    engines = [] if "engines" not in parts else local_engines(settings)
    return Plan(
        config=config,
        services=services(settings, parts),
        addresses=addresses,
        engines=engines,
        before_services=lambda: prepare_engines(settings),
    )


def local_engines(settings: Settings) -> list[str]:
    """The engines to start here: those whose address is not set."""
    names = [("elasticsearch", settings.elasticsearch), ("kafka", settings.kafka)]
    return [name for name, elsewhere in names if elsewhere is None]


def deploy_config(settings: Settings) -> DeployConfig:
    """The engines' own settings."""
    engines = settings.engines
    artifacts = ArtifactConfig(repository=engines.maven_repository)
    if engines.cache_dir is not None:
        artifacts = replace(artifacts, cache_dir=engines.cache_dir)
    return DeployConfig(
        data_dir=settings.data_dir.absolute(),
        artifacts=artifacts,
        kafka=KafkaConfig(
            port=engines.kafka_port,
            controller_port=engines.kafka_controller_port,
            heap_mb=engines.kafka_heap_mb,
            start_timeout=engines.start_timeout_s,
        ),
        elasticsearch=ElasticsearchConfig(
            port=engines.elasticsearch_port,
            heap_mb=engines.elasticsearch_heap_mb,
            run_as=engines.run_as,
            stage_dir=engines.stage_dir,
            start_timeout=engines.start_timeout_s,
            nice=settings.priorities.elasticsearch,
        ),
    )


def services(settings: Settings, parts: Sequence[str]) -> list[Service]:
    """Our own processes."""
    environment = child_environment(settings)
    found: list[Service] = []
    if "workers" in parts:
        found += [_worker(settings, lane, environment) for lane in LANES]
    if "producers" in parts:
        for name, arguments in (("feeds", ["feeds", "poll"]), ("opinion", ["opinion", "crawl"])):
            collector = _service(name, "producer", arguments, environment)
            found.append(replace(collector, nice=settings.priorities.background))
    if "desk" in parts:
        ready = http_ready(f"http://{settings.desk.host}:{settings.desk.port}/api/v1/healthz")
        found.append(replace(_service("desk", "desk", ["desk"], environment), ready_check=ready))
    return found


def child_environment(settings: Settings) -> dict[str, str]:
    """The settings for child processes, so that they see exactly what the parent saw."""
    path = settings.data_dir.absolute() / SETTINGS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(settings.for_children(), file, ensure_ascii=False)
    temporary.replace(path)
    return {CHILD_VARIABLE: str(path), "PYTHONUNBUFFERED": "1"}


def command(*arguments: str) -> list[str]:
    """Our own command line, run by the interpreter that runs us."""
    return [sys.executable, "-m", "huiyao", *arguments]


def worker_ready_file(data_dir: Path, lane: str) -> Path:
    """Made by a worker when its partitions are assigned and its state is restored."""
    return data_dir.absolute() / "run" / "ready" / lane


def prepare_engines(settings: Settings) -> None:
    """Topics and index templates, before our own processes start; and no stale ready files."""
    import asyncio

    from elasticsearch import AsyncElasticsearch

    from huiyao.wiring import clock_of, district_of
    from streams.elastic.client import connect
    from streams.elastic.layout import Layout
    from streams.topics_admin import ensure_topics

    shutil.rmtree(settings.data_dir.absolute() / "run" / "ready", ignore_errors=True)

    async def prepare() -> None:
        await ensure_topics(settings.kafka_connection())
        connection = settings.elasticsearch_connection()
        client: AsyncElasticsearch = connect(connection)
        try:
            await Layout(client, connection).prepare(district_of(settings).id, clock_of(settings).now())
        finally:
            await client.close()

    asyncio.run(prepare())


def _worker(settings: Settings, lane: str, environment: Mapping[str, str]) -> Service:
    service = _service(f"worker-{lane}", "worker", ["worker", "--lanes", lane], environment)
    nice = 0 if lane in URGENT else settings.priorities.background
    return replace(service, ready_check=file_ready(worker_ready_file(settings.data_dir, lane)), nice=nice)


def _service(name: str, role: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Service:
    return Service(
        name=name,
        role=role,
        command=command(*arguments),
        env=environment,
        restart=Restart(),
        start_timeout=120.0,
        stop_timeout=25.0,
    )
