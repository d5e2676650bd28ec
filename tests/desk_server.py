"""A desk under a real uvicorn over an index of a test's own. Kafka is a list of decisions unless one is given."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import uvicorn

from desk.app import create_app
from desk.deps import DeskDeps, OutboxSink
from desk.filetypes import AttachmentRules
from desk.oidc import OidcRules
from huiyao.desk import concept_names, phone_calls
from huiyao.districts import load_district
from huiyao.rules import bulletin_head, bulletin_rules, case_rules, instruction_rules
from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.home import Home
from producers.fakes import FakeSink, FixedClock
from producers.health import SourceHealth
from producers.reports import IntakeSettings, ReportIntake
from schemas.base import Event
from schemas.bulletin import Bulletin
from schemas.connections import ElasticsearchConnection
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable
from streams.elastic.client import connect
from streams.elastic.writer import ElasticWriter
from tests.duty_desk import duty
from tests.index_events import NOON, records

KEY = "desk-test-key"
HEADERS = {"Authorization": f"Bearer {KEY}"}
LOOPBACK = "127.0.0.1"
PATIENCE_S = 30.0
ANSWER_S = 60.0  # a first PDF reads the fonts: on a busy machine longer than the five seconds httpx gives


@dataclass
class Decisions:
    """Keeps decisions and issues; while ``away`` it refuses as Kafka would."""

    sent: list[Decision] = field(default_factory=list)
    issues: list[Bulletin] = field(default_factory=list)
    away: bool = False

    def send(self, event: Decision | Bulletin) -> None:
        if self.away:
            raise BrokerUnavailable("away")
        if isinstance(event, Bulletin):
            self.issues.append(event)
        else:
            self.sent.append(event)


@dataclass
class RunningDesk:
    """Where it answers, and what stands behind it."""

    base: str
    connection: ElasticsearchConnection
    decisions: Any
    clock: FixedClock
    first_password: Path

    def index(self, *events: Event) -> None:
        """Put events into the index, visible when this returns. From any thread, in a loop or not."""
        apart(write(self.connection, events))


def apart(work: Any) -> None:
    """Run a coroutine in a thread and loop of its own: playwright and pytest have theirs here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


async def write(connection: ElasticsearchConnection, events: Iterable[Event]) -> None:
    """Index events; all must be taken."""
    writer = ElasticWriter(connection, refresh=True)
    try:
        await writer.prepare("zhanggong", NOON)
        assert await writer.apply(records(events)) == []
    finally:
        await writer.close()


async def remove(connection: ElasticsearchConnection) -> None:
    """Delete the indices of a test."""
    client = connect(connection)
    try:
        for name in await client.indices.get(index=f"{connection.prefix}*", features="aliases"):
            await client.indices.delete(index=name)
    finally:
        await client.close()


@contextmanager
def running_desk(
    connection: ElasticsearchConnection,
    folder: Path,
    *,
    decisions: OutboxSink | None = None,
    sources: Sequence[SourceHealth] = (),
    clock: FixedClock | None = None,
    sink: FakeSink | None = None,
    oidc: Callable[[str], OidcRules] | None = None,
) -> Iterator[RunningDesk]:
    """Start it on a free port; stop it at the end. ``oidc``: a provider's rules for the desk's address."""
    made, now = decisions or Decisions(), clock or FixedClock(NOON)
    deps = _deps(connection, folder, made, sources, now, sink or FakeSink(NOON))
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        if oidc is not None:
            deps = replace(deps, oidc=oidc(f"http://{LOOPBACK}:{listener.getsockname()[1]}"))
        app = create_app(deps)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        _wait_started(server)
        try:
            yield RunningDesk(
                f"http://{LOOPBACK}:{listener.getsockname()[1]}", connection, made, now, deps.first_password_file
            )
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def _wait_started(server: uvicorn.Server) -> None:
    end = time.monotonic() + PATIENCE_S
    while not server.started:
        assert time.monotonic() < end, "the desk did not start"
        time.sleep(0.02)


def _deps(
    connection: ElasticsearchConnection,
    folder: Path,
    decisions: OutboxSink,
    sources: Sequence[SourceHealth],
    clock: FixedClock,
    sink: FakeSink,
) -> DeskDeps:
    district = load_district(load_settings().district_dir)
    key_file = folder / "api.key"
    key_file.write_text(KEY, "utf-8")
    return DeskDeps(
        district=district.id,
        district_name=district.name,
        district_level=Home.from_tables(district.tables).level,
        register=district.register,
        intake=ReportIntake(sink, district.register.resolve, clock, IntakeSettings(district=district.id)),
        judge=build_judge(load_settings()),
        decisions=decisions,
        client=connect(connection),
        elasticsearch=connection,
        clock=clock,
        database=folder / "desk.sqlite3",
        api_key_file=key_file,
        first_password_file=folder / "admin.password",
        attachments=AttachmentRules(folder / "attachments"),
        bulletins=bulletin_rules(district),
        bulletin_head=bulletin_head(district),
        instruction_rules=instruction_rules(district),
        broker_ready=lambda: True,
        source_health=lambda: sources,
        rule_names=concept_names(district),
        phone_call=phone_calls(load_settings()),
        event_types=("山体滑坡", "火灾"),
        duty=duty(district),
        answerable=case_rules(district),
        dead_letters=lambda: 2,
        duty_phone="0000-1234567",
    )
