"""Roles by lane, and ``run_worker``: what ``huiyao worker --lanes …`` calls."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from processors.alerting.rules import AlertRules
from processors.duty.reminding import ReminderRules
from processors.incidents import IncidentRules
from processors.ledger import LedgerRules
from schemas.connections import KafkaConnection
from schemas.errors import SettingsError
from schemas.ports import Channel, Clock, Switchboard
from schemas.topics import (
    ALERTS,
    ASSESSED,
    BULLETINS,
    CASES,
    DECISIONS,
    DELIVERIES,
    INCIDENTS,
    LEDGER,
    MEDIA,
    OPINION,
    PLANS,
    POINTS,
    RECEIPTS,
    REMINDER_ATTEMPTS,
    REMINDERS,
    REPORTS,
    SIGNALS,
    STORIES,
    TopicSpec,
)
from streams.deadletters import Seal, Undertaker
from streams.metrics import MetricsOptions, WorkerMetrics
from streams.options import BACKGROUND, BULK, URGENT, RuntimeOptions
from streams.outbox import Outbox
from streams.pipeline import Pipeline
from streams.ports import IndexWriter, Judge, StateReader, StoryMatcher
from streams.records import Handler, names
from streams.restore import read_to_end
from streams.roles.alerts import AlertSettings, AlertsHandler
from streams.roles.assess import AssessHandler
from streams.roles.cases import CaseRules, CasesHandler
from streams.roles.incidents import IncidentsHandler
from streams.roles.index import IndexHandler
from streams.roles.ledger import LedgerHandler
from streams.roles.points import PointRules, PointsHandler
from streams.roles.reminders import RemindersHandler
from streams.roles.stories import StoriesHandler
from streams.roles.together import Together
from streams.topics_admin import ensure_topics
from streams.worker import EXIT_FAILED, StreamWorker

log = structlog.get_logger("streams.app")
T = TypeVar("T")

LAST_WAIT_S = 2.0
COLLECT_AFTER = (50_000, 20, 50)
"""Python looks for cycles after so many new objects, not after 700: a batch makes tens of thousands and no cycles, and
looking took a sixth of the judge's time (measured)."""

STORY_WINDOW = timedelta(days=30)
"""How far back the story matcher remembers every item (as ``StoryRules.window``)."""
STORY_MEMORY = timedelta(days=365)
"""How far back it remembers emergencies (as ``StoryRules.memory``)."""


@dataclass(frozen=True)
class WorkerDeps:
    """All that a worker needs; a role takes what it uses and says by name what is missing.

    ``seal`` encrypts the original bytes of dead letters into text (None: plain base64).
    """

    connection: KafkaConnection
    clock: Clock
    judge: Judge | None = None
    matcher: StoryMatcher | None = None
    writer: IndexWriter | None = None
    channels: Sequence[Channel] = ()
    incident_rules: IncidentRules = field(default_factory=IncidentRules)
    ledger_rules: LedgerRules | None = None
    case_rules: CaseRules = field(default_factory=CaseRules)
    reminder_rules: ReminderRules | None = None
    point_rules: PointRules | None = None
    alerts: AlertSettings = field(default_factory=AlertSettings)
    alert_rules: AlertRules | None = None
    """None: every alert to every channel, and nobody in person."""
    switchboard: Switchboard | None = None
    story_window: timedelta = STORY_WINDOW
    story_memory: timedelta = STORY_MEMORY
    seal: Seal | None = None
    metrics: MetricsOptions = field(default_factory=MetricsOptions)
    options: RuntimeOptions | None = None
    """None: those of the role."""
    create_topics: bool = True
    ready_file: Path | None = None
    """Made when the partitions are assigned and the state is there, for whoever waits for the worker."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its app id's last part, what it reads, and how its handler is made."""

    name: str
    topics: tuple[TopicSpec, ...]
    build: Callable[[WorkerDeps, StateReader, Outbox], Handler]
    options: RuntimeOptions


def _assess(name: str) -> Callable[[WorkerDeps, StateReader, Outbox], Handler]:
    return lambda deps, _reader, _outbox: AssessHandler(name, _need(deps.judge, "judge", name), deps.clock)


def _incidents(deps: WorkerDeps, reader: StateReader, _outbox: Outbox) -> Handler:
    return IncidentsHandler(reader, deps.incident_rules)


def _stories(deps: WorkerDeps, reader: StateReader, _outbox: Outbox) -> Handler:
    matcher = _need(deps.matcher, "matcher", "stories")
    return StoriesHandler(matcher, reader, window=deps.story_window, memory=deps.story_memory)


def _ledger(deps: WorkerDeps, reader: StateReader, _outbox: Outbox) -> Handler:
    return LedgerHandler(reader, deps.clock, _need(deps.ledger_rules, "ledger_rules", "ledger"))


def _cases(deps: WorkerDeps, reader: StateReader, _outbox: Outbox) -> Handler:
    district = _need(deps.ledger_rules, "ledger_rules", "cases").district
    return CasesHandler(reader, deps.clock, district, deps.case_rules)


def _alerts(deps: WorkerDeps, reader: StateReader, outbox: Outbox) -> Handler:
    return AlertsHandler(reader, outbox, deps.clock, deps.channels, deps.alerts, deps.alert_rules, deps.switchboard)


def _duty(deps: WorkerDeps, reader: StateReader, outbox: Outbox) -> Handler:
    rules = _need(deps.reminder_rules, "reminder_rules", "duty")
    reminders = RemindersHandler(reader, outbox, deps.clock, rules, deps.alerts, deps.switchboard)
    scoring = _need(deps.point_rules, "point_rules", "duty")
    return Together("duty", [reminders, PointsHandler(reader, deps.clock, rules.ledger.district, scoring)])


def _index(deps: WorkerDeps, _reader: StateReader, _outbox: Outbox) -> Handler:
    return IndexHandler(_need(deps.writer, "writer", "index"))


INDEXED = (
    ASSESSED, STORIES, INCIDENTS, ALERTS, PLANS, DELIVERIES, LEDGER, DECISIONS, BULLETINS, CASES, POINTS, REMINDERS,
    REMINDER_ATTEMPTS,
)  # fmt: skip
"""What the index shows; the same as streams.elastic.events reads for a rebuild."""

LANES: Mapping[str, Role] = {
    "reports": Role("assess-reports", (REPORTS,), _assess("assess-reports"), URGENT),
    "media": Role("assess-media", (MEDIA,), _assess("assess-media"), BACKGROUND),
    "opinion": Role("assess-opinion", (OPINION,), _assess("assess-opinion"), BACKGROUND),
    "incidents": Role("incidents", (SIGNALS, DECISIONS), _incidents, URGENT),
    "stories": Role("stories", (SIGNALS,), _stories, BACKGROUND),
    "cases": Role("cases", (INCIDENTS, LEDGER, DECISIONS), _cases, BACKGROUND),
    "ledger": Role("ledger", (SIGNALS, DECISIONS), _ledger, BACKGROUND),
    "duty": Role("duty", (LEDGER, DECISIONS, CASES, BULLETINS, RECEIPTS), _duty, BACKGROUND),
    "alerts": Role("alerts", (INCIDENTS, DECISIONS, RECEIPTS), _alerts, URGENT),
    "index": Role("index", INDEXED, _index, BULK),
}
"""Lane names of the command line, in the order in which an item meets them."""


def run_worker(lane: str, deps: WorkerDeps) -> int:
    """Run one role in the foreground until SIGTERM; the exit code is not zero where it must be started again."""
    if lane not in LANES:
        raise SettingsError(f"no lane {lane!r}", hint=f"one of {', '.join(LANES)}")
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    code = asyncio.run(_until_signalled(LANES[lane], deps))
    _leave(code)
    return code


def _leave(code: int) -> None:
    """End the process even where a thread of Faust's consumer hangs: a supervisor waits for it."""
    threads = [one for one in threading.enumerate() if one is not threading.current_thread() and not one.daemon]
    for thread in threads:
        thread.join(LAST_WAIT_S)
    if any(thread.is_alive() for thread in threads):
        log.error("threads hang, leaving without them", threads=[thread.name for thread in threads])
        os._exit(code or EXIT_FAILED)


async def _until_signalled(role: Role, deps: WorkerDeps) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return await work(role, deps, stopping)


async def work(role: Role, deps: WorkerDeps, stopping: asyncio.Event) -> int:
    """The same inside a running loop, until ``stopping`` is set."""
    if deps.create_topics:
        await ensure_topics(deps.connection)
    options = deps.options or role.options
    metrics = WorkerMetrics(role.name, deps.metrics)
    metrics.serve()
    outbox = Outbox(deps.connection, timeout_s=options.send_timeout_s)
    handler = role.build(deps, partial(read_to_end, deps.connection), outbox)
    undertaker = Undertaker(deps.clock, deps.seal)
    pipeline = Pipeline(handler, outbox, undertaker, options=options, metrics=metrics)
    worker = StreamWorker(
        role.name,
        names(role.topics),
        handler,
        pipeline,
        outbox,
        deps.connection,
        options=options,
        metrics=metrics,
        stopping=stopping,
        on_ready=partial(_mark_ready, deps.ready_file),
    )
    try:
        return await worker.run()
    finally:
        for one in (deps.writer, deps.switchboard, *deps.channels):
            close = getattr(one, "close", None)
            if close is not None:
                await close()


def _mark_ready(file: Path | None) -> None:
    gc.freeze()  # what was read back lives as long as the worker
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def _need(value: T | None, what: str, role: str) -> T:
    if value is None:
        raise SettingsError(f"role {role} needs {what}")
    return value
