"""How long batches wait, who is woken, and what the runtime sets for a worker's process."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from huiyao import services
from schemas.connections import KafkaConnection
from streams import app
from streams.app import LANES, WorkerDeps, run_worker
from streams.deadletters import Undertaker
from streams.metrics import WorkerMetrics
from streams.options import BACKGROUND, URGENT, RuntimeOptions
from streams.outbox import Outbox
from streams.pipeline import Pipeline
from streams.records import StatelessHandler, Waking
from streams.testing import MovableClock
from streams.worker import StreamWorker

NOWHERE = KafkaConnection(bootstrap="127.0.0.1:1")


def test_the_way_of_an_emergency_waits_for_no_company_and_has_small_batches() -> None:
    hurried = {name for name, role in LANES.items() if role.options == URGENT}
    assert hurried == services.URGENT
    slowest = max(URGENT.batch_linger_s, URGENT.busy_linger_s)
    others = [role.options for name, role in LANES.items() if name not in hurried]
    assert all(slowest < one.batch_linger_s <= one.busy_linger_s for one in others)
    assert all(URGENT.batch_count < one.batch_count for one in others)


def test_a_background_lane_waits_for_company_only_while_records_come_fast() -> None:
    waits = [BACKGROUND.linger_s(before) for before in (0, 1, BACKGROUND.busy_from, 200)]
    assert waits == [BACKGROUND.batch_linger_s] * 2 + [BACKGROUND.busy_linger_s] * 2


class Alarm(StatelessHandler):
    """A role with a timer that would go off in an hour."""

    name = "alarm"
    tick_s = 3_600.0

    def __init__(self) -> None:
        self.on_due: Any = lambda: None


async def test_a_role_that_is_due_wakes_its_worker() -> None:
    handler, metrics, options = Alarm(), WorkerMetrics("alarm"), RuntimeOptions()
    assert isinstance(handler, Waking)
    outbox = Outbox(NOWHERE)
    pipeline = Pipeline(handler, outbox, Undertaker(MovableClock(), None), options=options, metrics=metrics)
    worker = StreamWorker(
        "alarm", ["t"], handler, pipeline, outbox, NOWHERE, options=options, metrics=metrics, stopping=asyncio.Event()
    )
    patience = worker._until_tick()
    assert patience is not None
    assert patience > 3_000
    waiting = asyncio.create_task(worker._intake.take(max_count=1, max_bytes=1, linger_s=0, patience_s=patience))
    await asyncio.sleep(0)
    handler.on_due()
    async with asyncio.timeout(5):
        assert await waiting == []
    assert worker._until_tick() == 0.0


def test_a_workers_process_looks_for_cycles_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()

    def not_run(coroutine: Any) -> int:
        coroutine.close()
        return 0

    monkeypatch.setattr(app.asyncio, "run", not_run)
    monkeypatch.setattr(app, "_leave", lambda _code: None)
    try:
        assert run_worker("stories", WorkerDeps(NOWHERE, MovableClock())) == 0
        assert gc.get_threshold() == app.COLLECT_AFTER
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
