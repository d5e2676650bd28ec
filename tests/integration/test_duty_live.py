"""The duty worker on real Kafka with a real gateway on loopback: a reminder, its pushed receipt, points, a restart."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.testing import Running
from processors.ledger import decide, opened
from publishers.channels.gateway import HttpGateway
from publishers.channels.specs import read_channel
from publishers.switchboard import Switchboard
from schemas.base import Event
from schemas.connections import KafkaConnection
from schemas.point import PointEntry
from schemas.ports import Receipt
from schemas.reminder import PushedReceipt, Reminder, ReminderAttempt
from schemas.topics import LEDGER, POINTS, RECEIPTS, REMINDER_ATTEMPTS, REMINDERS, TopicSpec
from streams.app import LANES, WorkerDeps, work
from streams.options import RuntimeOptions
from streams.restore import read_to_end
from streams.roles.alerts import AlertSettings
from streams.roles.points import PointRules
from streams.testing import MovableClock
from streams.topics_admin import ensure_topics
from tests.items import item
from tests.loopback import Gateway, gateway, said
from tests.unit.processors.alert_town import rules as alert_rules
from tests.unit.streams.test_streams_duty import LEDGER_RULES, RULES, UNITS, clock, scoring

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
PATIENCE_S = 60.0
SPEC = {
    "kind": "sms", "name": "sms", "body": {"to": "{address}", "text": "{short}"},
    "answer": {"path": "code", "equals": ["0"], "reference": "id"},
}  # fmt: skip
CONTACTS = {"联络员:U2": {"sms": "2002"}, "duty": {"sms": "1001"}}


class Office:
    """One instance with a prefix of its own; the worker runs as a task."""

    def __init__(self, kafka: KafkaConnection, server: Gateway) -> None:
        self.kafka, self.server, self.clock = kafka, server, MovableClock(fixed=clock("15:00"))

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        spec, _ = read_channel({**SPEC, "url": f"{self.server.base}/send"}, lambda _: None)
        deps = WorkerDeps(
            connection=self.kafka, clock=self.clock, reminder_rules=RULES, point_rules=PointRules(scoring(), UNITS),
            switchboard=Switchboard([HttpGateway(spec)], CONTACTS, alert_rules()),
            alerts=AlertSettings(pause_s=0.05), create_topics=False,
            options=RuntimeOptions(session_timeout_s=6.0, heartbeat_s=1.5),
        )  # fmt: skip
        stopping = asyncio.Event()
        task = asyncio.create_task(work(LANES["duty"], deps, stopping))
        try:
            yield
        finally:
            stopping.set()
            assert await task == 0

    async def send(self, spec: TopicSpec, *events: Event) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        await producer.start()
        for event in events:
            await producer.send_and_wait(self.kafka.topic(spec.name), event.model_dump_json().encode(), key=b"k")
        await producer.stop()

    async def events(self, spec: TopicSpec) -> list[Any]:
        return [spec.model.model_validate_json(value) async for value in read_to_end(self.kafka, spec)]

    async def until(self, spec: TopicSpec, enough: Callable[[list[Any]], bool]) -> list[Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not enough(found := await self.events(spec)):
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.3)
        return found


async def test_a_day_of_the_duty_worker(engines: Running) -> None:
    kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"duty-{uuid.uuid4().hex[:6]}.")
    await ensure_topics(kafka)
    report = item("r1", source="U1", kind="zero", published=clock("10:00"), received=clock("10:00"))
    entries = decide(opened((), (), LEDGER_RULES), report, report.received_at, LEDGER_RULES)
    async with gateway(said({"code": 0, "id": "77"})) as server:
        office = Office(kafka, server)
        await office.send(LEDGER, *entries)
        async with office.worker():
            office.clock.fixed = clock("16:40")
            sent: list[ReminderAttempt] = await office.until(REMINDER_ATTEMPTS, lambda found: len(found) == 1)
            assert [one.json() for one in server.heard] == [
                {
                    "to": "2002",
                    "text": "【报送提醒】乙镇今日信息尚未收到，请于17:30前报送；无情况请零报告。已报送的请忽略",
                }
            ]
            assert (sent[0].outcome, sent[0].reference, sent[0].recipient) == ("delivered", "77", "联络员:U2")
            assert "2002" not in sent[0].model_dump_json(exclude={"at", "delivery_id", "alert_id", "notice_id"})
            await office.send(RECEIPTS, PushedReceipt.of(Receipt("sms", "77", True, "DELIVRD"), clock("16:41")))
            ended = await office.until(REMINDER_ATTEMPTS, lambda found: len(found) == 2)
            assert {one.outcome for one in ended} == {"delivered", "received"}
        async with office.worker():  # nothing again after a restart; the list of the silent, once
            office.clock.fixed = clock("17:40")
            missing = decide(opened(entries, (), LEDGER_RULES), None, clock("17:31"), LEDGER_RULES)
            await office.send(LEDGER, *missing)
            made: list[PointEntry] = await office.until(POINTS, lambda found: len(found) >= 2)
            await office.until(REMINDER_ATTEMPTS, lambda found: len(found) == 3)
        assert {(one.department, one.points) for one in made} == {("U1", 0.2), ("U2", -1.0)}
        assert [one.json()["to"] for one in server.heard] == ["2002", "1001"]
        planned: list[Reminder] = await office.events(REMINDERS)
    assert sorted(one.kind.value for one in planned) == ["before", "silent"]
