"""``huiyao report send``, ``huiyao feeds poll`` and ``huiyao opinion crawl``."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyao.cli.common import instance_settings
from huiyao.logs import configure_logs
from huiyao.wiring import build_intake, build_judge, build_sink, media_collector, opinion_collector
from producers.files import Outcome, submit_file
from producers.media.collector import MediaCollector
from schemas.errors import BrokerUnavailable

if TYPE_CHECKING:
    from huiyao.settings import Settings
    from producers.kafka import KafkaSink

    Opened = Callable[[Settings, KafkaSink], AbstractAsyncContextManager[Any]]
    """Makes a collector of the settings."""


def run_send(files: Sequence[str], data_dir: Path | None) -> int:
    """One receipt a report on stdout; 1 where any was refused. Kafka away: stops, tells where to go on."""
    settings = instance_settings(data_dir)
    configure_logs("ERROR", service="report")
    sink = build_sink(settings)
    intake = build_intake(settings, sink, build_judge(settings))
    ok = True
    try:
        for file in files:
            last = 0
            try:
                for outcome in submit_file(intake, Path(file), sys.stdin.buffer):
                    last = outcome.line
                    ok = _tell(file, outcome) and ok
            except BrokerUnavailable as error:
                raise BrokerUnavailable(
                    f"{file}: nothing after line {last} was accepted: {error}", hint="send the same file again"
                ) from error
    finally:
        sink.close()
    return 0 if ok else 1


def _tell(file: str, outcome: Outcome) -> bool:
    place = f"{file}:{outcome.line}"
    if outcome.note:
        print(f"{place}: {outcome.note}", file=sys.stderr)
    for error in outcome.errors:
        print(f"{place}: {error.field}: {error.message_zh} ({error.message})", file=sys.stderr)
    if outcome.receipt is not None:
        print(outcome.receipt.model_dump_json(), flush=True)
    return outcome.receipt is not None


def run_feeds(data_dir: Path | None, *, once: bool) -> int:
    """Collect feeds; with ``once``, 1 where any failed."""
    return _run(data_dir, "feeds", media_collector, once=once)


def run_opinion(data_dir: Path | None, *, once: bool) -> int:
    """Collect public posts; with ``once``, 1 where any site failed."""
    return _run(data_dir, "opinion", opinion_collector, once=once)


def _run(data_dir: Path | None, service: str, collector: Opened, *, once: bool) -> int:
    settings = instance_settings(data_dir)
    configure_logs(settings.log_level, service=service)
    sink = build_sink(settings)
    try:
        return asyncio.run(_collect(collector(settings, sink), once=once))
    finally:
        sink.close()


async def _collect(opened: AbstractAsyncContextManager[Any], *, once: bool) -> int:
    async with opened as collector:
        if not once:
            await collector.run(_stop_signal())
            return 0
        media = isinstance(collector, MediaCollector)
        results = await (collector.poll_once() if media else collector.crawl_once())
    for result in results:
        health = result.health
        print(f"{health.source}: {health.state}, seen {health.seen}, sent {health.sent} {health.reason}".rstrip())
        for finding in result.findings:
            print(f"  {finding}", file=sys.stderr)
    return 0 if all(result.ok for result in results) else 1


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
