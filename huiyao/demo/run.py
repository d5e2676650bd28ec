"""Play the sample day: real engines, real workers, collectors and desk; then count whether everything adds up."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy import commands
from deploy.testing import free_ports
from huiyao.clock import VirtualClock
from huiyao.demo.day import Moment, SampleDay, load_day
from huiyao.demo.site import alert_receiver, site
from huiyao.demo.summary import Tally, account, print_summary, write_bulletins
from huiyao.logs import configure_logs
from huiyao.secrets import api_key_file, first_password_file
from huiyao.services import child_environment, command
from huiyao.settings import Settings, load_settings
from huiyao.wiring import build_sink, clock_of, district_of, media_collector, opinion_collector
from producers.kafka import KafkaSink
from producers.visit import Visit
from schemas.errors import HuiyaoError

BEFORE_DAWN = timedelta(minutes=30)
"""The virtual clock starts this long before the first event of the day."""
NEXT_MORNING = timedelta(hours=7, minutes=30)
"""And ends when the editor opens the desk."""
SETTLE_S = 120.0
POLL_S = 0.5
REQUEST_TIMEOUT_S = 30.0
REPEATED, CREATED = 200, 201


@dataclass
class Play:
    """What the player keeps while it plays."""

    settings: Settings
    clock: VirtualClock
    client: httpx.Client
    tally: Tally = field(default_factory=Tally)
    unexpected: list[str] = field(default_factory=list)


def run_demo(data_dir: Path, out: Path, *, stop: bool) -> int:
    """The whole demo; 0 only where all adds up. Without ``stop`` everything stays up until Ctrl-C."""
    configure_logs("WARNING", service="demo")
    began = time.monotonic()
    day = _day_of(load_settings())
    _forget_last_day(data_dir)
    with ExitStack() as stack:
        received: list[dict[str, Any]] = []
        asked: list[str] = []
        holder: dict[str, Callable[[], datetime]] = {}
        web = stack.enter_context(site(day.pages, lambda: holder["now"](), asked))
        hook = stack.enter_context(alert_receiver(received))
        settings = _settings(data_dir, day, web.base, hook.base)
        clock = clock_of(settings)
        if not isinstance(clock, VirtualClock):
            raise HuiyaoError("the sample day needs a virtual clock", hint="unset HUIYAO_CLOCK__START or give a time")
        holder["now"] = clock.now
        status = _start(settings)
        stack.callback(commands.down, settings.data_dir)
        client = stack.enter_context(httpx.Client(base_url=status["desk"], timeout=REQUEST_TIMEOUT_S, trust_env=False))
        client.headers["Authorization"] = f"Bearer {api_key_file(settings.data_dir).read_text().strip()}"
        play = Play(settings, clock, client)
        _play(play, day)
        ok = _finish(play, day, received, asked, out, began)
        if not stop:
            _wait_for_interrupt(status)
    return 0 if ok else 1


def _day_of(settings: Settings) -> SampleDay:
    return load_day(settings.district_dir / "sample-day")


def _forget_last_day(data_dir: Path) -> None:
    """A demo begins on an empty instance: the same ids of yesterday's demo would all be folded."""
    import shutil

    if commands.status(data_dir)["ready"]:
        raise HuiyaoError(f"a demo already runs in {data_dir}", hint=f"huiyao down --data-dir {data_dir}")
    commands.down(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)


def _settings(data_dir: Path, day: SampleDay, web: str, hook: str) -> Settings:
    base = load_settings(data_dir=str(data_dir.absolute()))
    sources = _sources(day.sources, data_dir.absolute() / "sources", web)
    start = base.clock.start or day.moments[0].at - BEFORE_DAWN
    ports = _ports(base)
    return load_settings(
        data_dir=str(data_dir.absolute()),
        clock={"start": start.isoformat()},
        collect={"allow_private_hosts": ["*"], "sources_dir": str(sources)},
        alerts={"webhooks": [{"url": f"{hook}/alerts"}]},
        **ports,
    )


def _ports(base: Settings) -> dict[str, Any]:
    """The set ports, or free ones where a set one is taken: a demo must not fail over another instance."""
    import socket

    def taken(port: int) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return True
            return False

    engines = base.engines
    wanted = [engines.kafka_port, engines.kafka_controller_port, engines.elasticsearch_port, base.desk.port]
    if not any(taken(port) for port in wanted):
        return {}
    kafka, controller, elastic, desk = free_ports(4)
    return {
        "engines": {"kafka_port": kafka, "kafka_controller_port": controller, "elasticsearch_port": elastic},
        "desk": {"port": desk},
    }


def _sources(template: Path, target: Path, web: str) -> Path:
    """The source definitions with the loopback site's address."""
    for file in template.rglob("*.yml"):
        copy = target / file.relative_to(template)
        copy.parent.mkdir(parents=True, exist_ok=True)
        host = web.removeprefix("http://").split(":")[0]
        copy.write_text(file.read_text("utf-8").replace("{base}", web).replace("{host}", host), "utf-8")
    return target


def _start(settings: Settings) -> dict[str, Any]:
    return commands.up_detached(
        command("up", "--only", "engines,workers,desk"),
        settings.data_dir,
        env=child_environment(settings),
        report=lambda line: print(line, file=sys.stderr),
    )


def _play(play: Play, day: SampleDay) -> None:
    sink = build_sink(play.settings)
    try:
        for moment in day.moments:
            _reach(play.clock, moment.at)
            _submit(play, moment)
            _poison(play, moment)
            if moment.feeds:
                polls = asyncio.run(_poll(play.settings, sink))
                play.tally.collected += sum(poll.health.sent for poll in polls)
            if moment.forum:
                crawls = asyncio.run(_crawl(play.settings, sink))
                play.tally.collected += sum(crawl.health.sent for crawl in crawls)
                play.unexpected += [f"{c.health.source}: {c.health.reason}" for c in crawls if not c.ok]
        last = day.moments[-1].at
        _reach(play.clock, last.replace(hour=0, minute=0) + timedelta(days=1) + NEXT_MORNING)
    finally:
        sink.close()


async def _poll(settings: Settings, sink: KafkaSink) -> list[Visit]:
    async with media_collector(settings, sink) as collector:
        return await collector.poll_once()


async def _crawl(settings: Settings, sink: KafkaSink) -> list[Visit]:
    async with opinion_collector(settings, sink) as collector:
        return await collector.crawl_once()


def _reach(clock: VirtualClock, moment: datetime) -> None:
    if clock.now() < moment:
        clock.jump(moment)


def _submit(play: Play, moment: Moment) -> None:
    for report in moment.reports:
        response = play.client.post("/api/v1/reports", json=report)
        play.tally.submitted += 1
        if response.status_code == CREATED:
            play.tally.accepted += 1
        elif response.status_code == REPEATED:
            play.tally.repeated += 1
        else:
            play.unexpected.append(f"report at {moment.at:%H:%M}: HTTP {response.status_code} {response.text[:200]}")
            play.tally.refused += 1
    for line in moment.refused:
        response = play.client.post("/api/v1/reports", json=line["report"])
        play.tally.submitted += 1
        play.tally.refused += 1
        if response.status_code != line["status"]:
            play.unexpected.append(f"{line.get('note', '')}: HTTP {response.status_code}, not {line['status']}")


def _poison(play: Play, moment: Moment) -> None:
    if not moment.poison:
        return
    from kafka import KafkaProducer

    from producers.kafka import KafkaSettings, producer_config

    connection = play.settings.kafka_connection()
    producer = KafkaProducer(**producer_config(connection, KafkaSettings(client_id="demo-poison")))
    try:
        for poison in moment.poison:
            sent = producer.send(connection.topic(poison.topic), key=poison.key, value=poison.value)
            sent.get(timeout=REQUEST_TIMEOUT_S)
            play.tally.poison += 1
    finally:
        producer.close()


def _finish(
    play: Play, day: SampleDay, received: list[dict[str, Any]], asked: list[str], out: Path, began: float
) -> bool:
    deadline = time.monotonic() + SETTLE_S
    while True:
        summary = account(play.settings, play.tally, received)
        if summary.settled or time.monotonic() > deadline:
            break
        time.sleep(POLL_S)
    if any(path.startswith("/private") for path in asked):
        play.unexpected.append("the collector asked for a page that robots.txt disallows")
    day_played: date = day.moments[0].at.date()
    bulletins = write_bulletins(play.settings, day_played, out)
    play.unexpected += [f"{name}: no entry" for name, count in bulletins.items() if not count]
    ok = summary.adds_up and not play.unexpected
    record = summary.record() | {
        "bulletins": bulletins,
        "unexpected": play.unexpected,
        "seconds": round(time.monotonic() - began, 1),
        "ok": ok,
        "district": district_of(play.settings).id,
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "summary.json").write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print_summary(record)
    return ok


def _wait_for_interrupt(status: dict[str, Any]) -> None:
    once = first_password_file(Path(status["data_dir"])).read_text("utf-8").strip()
    print(
        f"\n打开 {status['desk']} ，账号 admin，一次性密码 {once}（或用密钥 {status['api_key_file']} ），按 Ctrl-C 结束"
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
