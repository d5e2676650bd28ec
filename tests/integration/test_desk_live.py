"""What moves: server-sent events after indexing, and acknowledgements on their way through Kafka to the index."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.testing import Running
from huiyao.outbox import KafkaOutbox
from schemas.alert import Alert, AlertReason
from schemas.connections import ElasticsearchConnection, KafkaConnection
from schemas.decision import Decision
from schemas.topics import DECISIONS
from schemas.vocab import Level, Stage
from streams.topics_admin import ensure_topics
from tests.desk_server import ANSWER_S, HEADERS, RunningDesk, remove, running_desk, write
from tests.index_events import DISTRICT, after, assessed, incident

pytestmark = pytest.mark.integration
Event = tuple[str, str, Any]
"""(event, id, data)"""


@pytest.fixture
async def elastic(engines: Running) -> AsyncIterator[ElasticsearchConnection]:
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    await write(connection, [])
    yield connection
    await remove(connection)


@pytest.fixture
async def desk(elastic: ElasticsearchConnection, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    with running_desk(elastic, tmp_path) as running:
        yield running


def alert(number: int) -> Alert:
    return Alert(
        alert_id=f"a{number}", incident="i1", alert_version=number, district=DISTRICT, level=Level.IV,
        stage=Stage.FIRST, reason=AlertReason.NEW, title=f"预警\n{number}", text="三人受伤", raised_at=after(number),
    )  # fmt: skip


@asynccontextmanager
async def listening(desk: RunningDesk, last: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of a stream, as a browser would take them apart."""
    headers = HEADERS | ({"Last-Event-ID": last} if last else {})
    stream = httpx.AsyncClient(timeout=60).stream("GET", f"{desk.base}/api/v1/events", headers=headers)
    async with stream as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield taken_apart(answer.aiter_lines())


async def taken_apart(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "event" in fields:
            yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
        fields = {}


async def until(events: AsyncIterator[Event], wanted: Callable[[Event], bool]) -> list[Event]:
    """Events up to and with the wanted one."""
    seen = []
    async for event in events:
        seen.append(event)
        if wanted(event):
            return seen
    raise AssertionError(f"the stream ended: {seen}")


def is_alert(name: str) -> Callable[[Event], bool]:
    return lambda event: event[:2] == ("alert", name)


async def test_an_alert_is_told_once_after_it_is_indexed_and_counts_follow(desk: RunningDesk) -> None:
    await write(desk.connection, [alert(1)])
    async with listening(desk) as events:
        (first,) = await until(events, lambda event: event[0] == "counts")
        assert (first[2]["items"], first[2]["open_alerts"]) == (0, 1)  # and nothing of a1, which the page shows
        await write(desk.connection, [alert(2), assessed(1), incident(1, 1)])
        seen = await until(events, lambda event: event[0] == "counts" and event[2]["items"] == 1)
        await write(desk.connection, [alert(3)])
        seen += await until(events, is_alert("a3"))
    assert [event[1] for event in seen if event[0] == "alert"] == ["a2", "a3"]
    told = next(event[2] for event in seen if event[0] == "alert")
    assert (told["title"], told["acknowledgement_pending"]) == ("预警\n2", False)
    counts = [event[2] for event in seen if event[0] == "counts"][-1]
    assert (counts["by_lane"], counts["open_incidents"]) == ({"report": 1}, 1)


async def test_after_a_break_one_hears_what_one_missed_in_order(desk: RunningDesk) -> None:
    await write(desk.connection, [alert(number) for number in range(1, 5)])
    async with listening(desk, last="a2") as events:
        missed = await until(events, lambda event: event[0] == "counts")
        assert [event[1] for event in missed[:-1]] == ["a3", "a4"]
        await write(desk.connection, [alert(5)])
        assert [event[1] for event in await until(events, is_alert("a5")) if event[0] == "alert"] == ["a5"]
    async with listening(desk, last="unknown") as events:
        assert [event[0] for event in await until(events, lambda event: event[0] == "counts")] == ["counts"]


async def test_more_missed_alerts_than_a_page_holds(desk: RunningDesk) -> None:
    await write(desk.connection, [alert(number) for number in range(1, 260)])
    async with listening(desk, last="a1") as events:
        missed = await until(events, lambda event: event[0] == "counts")
    assert [event[1] for event in missed[:-1]] == [f"a{number}" for number in range(2, 260)]


async def test_the_index_away_is_told_once_and_counts_come_again(engines: Running, tmp_path: Path) -> None:
    """Without a single index the alias is not there; making it is the index coming back."""
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path) as desk:
        async with listening(desk, last="a1") as events:
            assert (await anext(events))[0] == "unavailable"
            await write(connection, [alert(1), alert(2)])
            seen = await until(events, is_alert("a2"))
            if "counts" not in {event[0] for event in seen}:
                seen += await until(events, lambda event: event[0] == "counts")
    # Between the making of two aliases it may be away a second time, never every second.
    assert sum(event[0] == "unavailable" for event in seen) <= 1
    await remove(connection)


async def test_an_acknowledgement_goes_through_kafka_and_is_shown_as_pending_until_the_index_knows(
    engines: Running, elastic: ElasticsearchConnection, tmp_path: Path
) -> None:
    kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"t{uuid4().hex[:10]}.")
    await ensure_topics(kafka)
    await write(elastic, [alert(1), alert(2)])
    with running_desk(elastic, tmp_path, decisions=KafkaOutbox(kafka)) as desk:
        async with httpx.AsyncClient(base_url=f"{desk.base}/api/v1", headers=HEADERS, timeout=ANSWER_S) as client:
            answers = [await client.post("/alerts/a1/ack") for _ in range(2)]
            assert [answer.status_code for answer in answers] == [202, 202]
            assert answers[0].json()["decision_id"] == answers[1].json()["decision_id"]
            assert await states(client) == {"a1": (False, True), "a2": (False, False)}
            decision = await first_decision(kafka)
            # Kafka has it and the index does not: still on its way.
            assert await states(client) == {"a1": (False, True), "a2": (False, False)}
            await write(elastic, [decision])
            assert await states(client) == {"a1": (True, False), "a2": (False, False)}
            assert (await client.post("/alerts/nothing/ack")).status_code == 404
    assert (decision.subject_id, decision.action, decision.by) == ("a1", "acknowledge", "first")


async def states(client: httpx.AsyncClient) -> dict[str, tuple[bool, bool]]:
    """(acknowledged, pending) by alert."""
    page = (await client.get("/alerts")).json()
    return {one["alert_id"]: (one["acknowledged"], one["acknowledgement_pending"]) for one in page["items"]}


async def first_decision(kafka: KafkaConnection) -> Decision:
    """What the desk put on the topic."""
    topic = kafka.topic(DECISIONS.name)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()
    assert record.key == b"alert:a1"
    return Decision.model_validate_json(record.value)
