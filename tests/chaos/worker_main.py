"""One worker process of a chaos test: ``python -m tests.chaos.worker_main '{"lane": "reports", …}'``."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from schemas.alert import Alert
from schemas.connections import ElasticsearchConnection, KafkaConnection
from streams.app import LANES, WorkerDeps, run_worker
from streams.ports import IndexWriter
from streams.roles.alerts import AlertSettings
from streams.testing import LoneMatcher, MovableClock, ScriptedJudge


class FileChannel:
    """Appends each alert to a file, then hangs where told to: the moment between a send and its record."""

    name = "file"

    def __init__(self, path: Path, hang_s: float) -> None:
        self._path, self._hang_s = path, hang_s

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """One line for each alert handed over."""
        import asyncio

        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"alert_id": alert.alert_id, "level": alert.level, "repeated": repeated}) + "\n")
        await asyncio.sleep(self._hang_s)
        return "written"


def writer_of(config: dict[str, Any]) -> IndexWriter | None:
    """The real writer where the lane needs one."""
    if config["lane"] != "index":
        return None
    from streams.elastic.writer import ElasticWriter

    connection = ElasticsearchConnection(
        url=config["elasticsearch"], prefix=config["index_prefix"], timeout_s=config.get("index_timeout_s", 20.0)
    )
    return ElasticWriter(connection)


def main() -> int:
    """Build the dependencies from the configuration and run until killed."""
    config = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    channels = [FileChannel(Path(config["alerts"]), config.get("hang_s", 0.0))] if "alerts" in config else []
    deps = WorkerDeps(
        connection=KafkaConnection(bootstrap=config["kafka"], prefix=config["prefix"]),
        clock=MovableClock(shift=timedelta(seconds=config.get("shift_s", 0))),
        judge=ScriptedJudge(),
        matcher=LoneMatcher(),
        writer=writer_of(config),
        channels=channels,
        alerts=AlertSettings(**config.get("alert_settings", {})),
        options=replace(
            LANES[config["lane"]].options, **{"session_timeout_s": 6.0, "heartbeat_s": 1.5, **config.get("options", {})}
        ),
        create_topics=False,
    )
    return run_worker(config["lane"], deps)


if __name__ == "__main__":
    sys.exit(main())
