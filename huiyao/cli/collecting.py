"""``huiyao report send``, ``huiyao feeds poll`` and ``huiyao opinion crawl``."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from huiyao.cli.common import instance_settings
from huiyao.logs import configure_logs
from huiyao.wiring import build_intake, build_judge, build_media, build_opinion, build_sink
from producers.files import read_reports
from schemas.errors import BrokerUnavailable, InvalidItem


def run_send(files: Sequence[str], data_dir: Path | None) -> int:
    """One receipt a report on stdout; 1 where any was refused. Kafka away: stops, tells where to go on."""
    settings = instance_settings(data_dir)
    configure_logs("WARNING", service="report")
    sink = build_sink(settings)
    intake = build_intake(settings, sink, build_judge(settings))
    ok = True
    try:
        for row in read_reports(files, sys.stdin.buffer):
            ok = _send(intake.submit, row) and ok
    except BrokerUnavailable as error:
        print(f"huiyao: {error}", file=sys.stderr)
        return 1
    finally:
        sink.close()
    return 0 if ok else 1


def _send(submit: Callable[[Any], Any], row: Any) -> bool:
    if row.error:
        print(f"{row.place}: {row.error}", file=sys.stderr)
        return False
    try:
        print(submit(row.payload).model_dump_json(), flush=True)
    except InvalidItem as error:
        for field in error.errors:
            print(f"{row.place}: {field.field}: {field.message_zh} ({field.message})", file=sys.stderr)
        return False
    except BrokerUnavailable as error:
        raise BrokerUnavailable(f"{row.place}: not accepted, nor what follows: {error}") from error
    return True


def run_feeds(data_dir: Path | None, *, once: bool) -> int:
    """Collect feeds; with ``once``, 1 where any failed."""
    settings = instance_settings(data_dir)
    configure_logs(settings.log_level, service="feeds")
    sink = build_sink(settings)
    try:
        collector = build_media(settings, sink)
        return _collect(collector.poll_once, collector.run, once=once)
    finally:
        sink.close()


def run_opinion(data_dir: Path | None, *, once: bool) -> int:
    """Collect public posts; with ``once``, 1 where any site failed."""
    settings = instance_settings(data_dir)
    configure_logs(settings.log_level, service="opinion")
    sink = build_sink(settings)
    try:
        collector = build_opinion(settings, sink)
        return _collect(collector.crawl_once, collector.run, once=once)
    finally:
        sink.close()


def _collect(
    collect_once: Callable[[], Coroutine[Any, Any, Sequence[Any]]],
    run: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
    *,
    once: bool,
) -> int:
    if not once:
        asyncio.run(_until_stopped(run))
        return 0
    results = asyncio.run(collect_once())
    for result in results:
        health = result.health
        print(f"{health.source}: {health.state}, seen {health.seen}, sent {health.sent} {health.reason}".rstrip())
        for finding in result.findings:
            print(f"  {finding}", file=sys.stderr)
    return 0 if all(result.ok for result in results) else 1


async def _until_stopped(run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)
