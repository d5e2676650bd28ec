"""Handing records over without tasks: the same results, errors and cancellations as Faust's own way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from faust.types import TP

from schemas.connections import KafkaConnection
from streams import faustapp
from streams.faustconsumer import Consumer, Transport
from streams.options import RuntimeOptions

ONE, TWO = TP("signals", 0), TP("signals", 1)


@pytest.fixture
async def consumer(tmp_path: Any) -> AsyncIterator[Consumer]:
    """The consumer of an application that is not started."""
    app = faustapp.build_app(KafkaConnection(bootstrap="127.0.0.1:1"), "role", RuntimeOptions(), tmp_path)
    assert isinstance(app.transport, Transport)
    found = app.consumer
    assert type(found) is Consumer
    yield found
    found._thread.thread_loop.close()  # made for a thread that was never started


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What tasks are made of."""
    found: list[Any] = []
    real = asyncio.ensure_future

    def counting(one: Any, **more: Any) -> Any:
        found.append(one)
        return real(one, **more)

    monkeypatch.setattr(asyncio, "ensure_future", counting)
    return found


async def handed_over(consumer: Consumer, handing: Coroutine[Any, Any, Any]) -> Any:
    return await consumer.wait_first(handing, consumer.suspend_flow.wait())


async def says(what: str) -> str:
    return what


async def fails(first_wait: float | None = None) -> None:
    if first_wait is not None:
        await asyncio.sleep(first_wait)
    raise ValueError("no room")


async def test_what_does_not_wait_is_handed_over_without_a_task(consumer: Consumer, made: list[Any]) -> None:
    result = await handed_over(consumer, says("done"))
    assert (result.results, result.stopped) == (["done"], False)
    assert made == []


async def test_what_has_to_wait_goes_on_where_it_stood(consumer: Consumer) -> None:
    room, steps = asyncio.Event(), []

    async def handing() -> str:
        steps.append("begun")
        await room.wait()
        steps.append("room")
        await asyncio.sleep(0)
        return "done"

    waiting = asyncio.create_task(handed_over(consumer, handing()))
    await asyncio.sleep(0)
    assert steps == ["begun"]
    room.set()
    async with asyncio.timeout(5):
        assert (await waiting).results == ["done"]
    assert steps == ["begun", "room"]


@pytest.mark.parametrize("first_wait", [None, 0.0])
async def test_a_failure_is_a_failure_at_once_and_later(consumer: Consumer, first_wait: float | None) -> None:
    with pytest.raises(ValueError, match="no room"):
        await handed_over(consumer, fails(first_wait))


@pytest.mark.parametrize(
    ("full", "active", "asked", "slept"),
    [(set(), {ONE, TWO}, [1.0], []), ({ONE}, {TWO}, [0.02], []), ({ONE, TWO}, set(), [], [0.02])],
)
async def test_nothing_stands_still_for_a_second_because_a_buffer_was_full(
    consumer: Consumer,
    monkeypatch: pytest.MonkeyPatch,
    full: set[TP],
    active: set[TP],
    asked: list[float],
    slept: list[float],
) -> None:
    timeouts: list[float] = []
    sleeps: list[float] = []

    async def getmany(active_partitions: Any, timeout: float) -> dict[TP, Any]:  # noqa: ASYNC109 - Faust's own
        timeouts.append(timeout)
        return {}

    async def sleep(seconds: float) -> None:
        sleeps.append(seconds)

    monkeypatch.setattr(consumer, "_getmany", getmany)
    monkeypatch.setattr(consumer, "sleep", sleep)
    consumer._active_partitions, consumer._buffered_partitions = set(active), set(full)
    records, _ = await consumer._wait_next_records(1.0)
    assert (records, timeouts, sleeps) == ({}, asked, slept)


async def test_a_suspended_flow_and_a_cancellation_end_the_waiting(consumer: Consumer) -> None:
    ends: list[str] = []

    async def handing() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    suspended = asyncio.create_task(handed_over(consumer, handing()))
    await asyncio.sleep(0)
    consumer.suspend_flow.set()
    async with asyncio.timeout(5):
        await suspended
    await asyncio.sleep(0)
    assert ends == ["cancelled"]
    consumer.suspend_flow.clear()
    cancelled = asyncio.create_task(handed_over(consumer, handing()))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    await asyncio.sleep(0)
    assert ends == ["cancelled", "cancelled"]
