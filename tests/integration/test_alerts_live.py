"""Who says go, on real Kafka, with a real short-message gateway on loopback: flag, confirmation, answer, restart."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.testing import Running
from processors.alerting.rules import AlertRules
from publishers.channels.gateway import HttpGateway
from publishers.channels.log import LogChannel
from publishers.channels.specs import read_channel
from publishers.switchboard import Switchboard
from schemas.alert import Alert, Delivery, Outcome
from schemas.base import Event
from schemas.connections import KafkaConnection
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.topics import ALERTS, DECISIONS, DELIVERIES, INCIDENTS, TopicSpec
from streams.app import LANES, WorkerDeps, work
from streams.options import RuntimeOptions
from streams.restore import read_to_end
from streams.roles.alerts import AlertSettings
from streams.testing import MovableClock, RecordingChannel
from streams.topics_admin import ensure_topics
from tests.loopback import Gateway, gateway, said
from tests.unit.processors.alert_town import rules
from tests.unit.streams.alert_worker import incident

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
PATIENCE_S = 60.0
SPEC = {
    "kind": "sms", "name": "sms", "body": {"to": "{address}", "text": "{short}"},
    "answer": {"path": "code", "equals": ["0"], "reference": "id"},
}  # fmt: skip
CONTACTS = {who: {"sms": number} for who, number in (("duty", "1001"), ("deputy", "1002"), ("leader", "1009"))}


@dataclass
class Office:
    """One instance with a prefix of its own: the alert worker as a task, a gateway that takes messages."""

    kafka: KafkaConnection
    server: Gateway
    town: AlertRules = field(default_factory=lambda: rules(broadcast=("recorder",)))
    clock: MovableClock = field(default_factory=MovableClock)
    channel: RecordingChannel = field(default_factory=RecordingChannel)

    def deps(self) -> WorkerDeps:
        spec, _ = read_channel({**SPEC, "url": f"{self.server.base}/send"}, lambda _: None)
        board = Switchboard([LogChannel(), HttpGateway(spec)], CONTACTS, self.town, link=lambda *_: "http://d/a/x")
        return WorkerDeps(
            connection=self.kafka, clock=self.clock, channels=[self.channel], alert_rules=self.town, switchboard=board,
            alerts=AlertSettings(pause_s=0.05, tick_s=0.2), create_topics=False,
            options=RuntimeOptions(session_timeout_s=6.0, heartbeat_s=1.5),
        )  # fmt: skip

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        task = asyncio.create_task(work(LANES["alerts"], self.deps(), stopping))
        try:
            yield
        finally:
            stopping.set()
            assert await task == 0

    async def send(self, spec: TopicSpec, key: str, event: Event) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        await producer.start()
        await producer.send_and_wait(self.kafka.topic(spec.name), event.model_dump_json().encode(), key=key.encode())
        await producer.stop()

    async def events(self, spec: TopicSpec, model: type[Event]) -> list[Any]:
        return [model.model_validate_json(value) async for value in read_to_end(self.kafka, spec)]

    async def until(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not enough():
            assert time.monotonic() < deadline, [one.json() for one in self.server.heard]
            await asyncio.sleep(0.1)

    def told(self) -> list[str]:
        return [one.json()["to"] for one in self.server.heard]

    def flag(self) -> Incident:
        """The press speaks of a slide a minute ago."""
        now = self.clock.now()
        source = {
            "item_id": "x1", "version": 1, "lane": "media", "source": "某报", "received_at": now, "published_at": now,
        }  # fmt: skip
        changes = {"signed": False, "stage": "provisional", "sources": [source], "opened_at": now, "changed_at": now}
        return incident(level="III", **changes)

    async def decide(self, action: str, alert_id: str) -> None:
        decision = Decision(
            decision_id=uuid.uuid4().hex, district="d", subject_type="alert", subject_id=alert_id, by="值班员",
            action=action, at=self.clock.now(),
        )  # fmt: skip
        await self.send(DECISIONS, f"alert:{alert_id}", decision)


async def test_a_flag_a_confirmation_and_a_restart(engines: Running) -> None:
    kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"live-{uuid.uuid4().hex[:6]}.")
    await ensure_topics(kafka)
    async with gateway(said({"code": 0, "id": "7"})) as server:
        office = Office(kafka, server)
        async with office.worker():
            await office.send(INCIDENTS, "i1", office.flag())
            await office.until(lambda: office.told() == ["1001"])
            assert "未经核实" in server.heard[0].json()["text"]
            (alert,) = await office.events(ALERTS, Alert)
            office.clock.shift += timedelta(minutes=6)
            await office.until(lambda: sorted(office.told()) == ["1001", "1001", "1002"])
        async with office.worker():
            await office.decide("confirm", alert.alert_id)
            await office.until(lambda: office.told()[3:] == ["1009"])
        assert "【已核实】" in server.heard[3].json()["text"]
        office.clock.shift += timedelta(hours=3)
        async with office.worker():
            await asyncio.sleep(1.5)
        assert len(office.told()) == 4, "nothing again after the answer and two restarts"
    deliveries: list[Delivery] = await office.events(DELIVERIES, Delivery)
    assert {one.outcome for one in deliveries} == {Outcome.DELIVERED}
    assert [one.recipient for one in deliveries if one.recipient] != []
    assert [one.purpose for one in deliveries if one.recipient == "leader"] == ["confirmed"]
    assert not any(
        "100" in one.model_dump_json(exclude={"at", "delivery_id", "alert_id", "notice_id"}) for one in deliveries
    )
