"""A morning through all roles on real engines: reports in, incident, alert, ledger, stories and documents out."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.testing import Running
from processors.departments import Department
from processors.duty.omissions import CaseRules
from processors.ledger import LedgerRules
from schemas.alert import Alert, AlertReason, Delivery, Outcome
from schemas.assessment import AssessedItem
from schemas.base import Event, local_day
from schemas.case import Case, CaseState
from schemas.connections import KafkaConnection
from schemas.deadletter import DeadLetter
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.ledger import LedgerEntry
from schemas.story import StoryAssigned
from schemas.topics import (
    ALERTS,
    ASSESSED,
    CASES,
    DEADLETTER,
    DECISIONS,
    DELIVERIES,
    INCIDENTS,
    LEDGER,
    MEDIA,
    REPORTS,
    SIGNALS,
    STORIES,
    TopicSpec,
)  # fmt: skip
from schemas.vocab import Lane, LedgerState, Stage
from streams.app import LANES, WorkerDeps, work
from streams.options import RuntimeOptions
from streams.ports import IndexFailure, IndexRecord
from streams.restore import read_to_end
from streams.roles.alerts import AlertSettings
from streams.roles.assess import SIGNAL_CHARACTERS
from streams.testing import DISTRICT, SCRIPT, LoneMatcher, MovableClock, RecordingChannel, ScriptedJudge
from streams.topics_admin import drifted, ensure_topics

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

FIRE = {"is_emergency": True, "event_class": "事故灾难", "event_type": "火灾", "in_district": True}
PATIENCE_S = 90.0


class KeepingWriter:
    """Stands for the index: keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[IndexRecord] = []

    async def apply(self, records: list[IndexRecord]) -> list[IndexFailure]:
        self.records += records
        return []

    async def close(self) -> None:
        return None

    def topics(self) -> set[str]:
        return {one.topic for one in self.records}


class Town:
    """One instance: a prefix of its own, a clock to move, workers as tasks."""

    def __init__(self, engines: Running) -> None:
        self.kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"day-{uuid.uuid4().hex[:6]}.")
        self.clock, self.channel, self.writer = MovableClock(), RecordingChannel(), KeepingWriter()
        rules = LedgerRules(DISTRICT, {"U031": "沙石镇", "U044": "应急管理局"})
        self.deps = WorkerDeps(
            connection=self.kafka, clock=self.clock, judge=ScriptedJudge(), matcher=LoneMatcher(), writer=self.writer,
            channels=[self.channel], ledger_rules=rules, alerts=AlertSettings(pause_s=0.05),
            options=RuntimeOptions(session_timeout_s=6.0, heartbeat_s=1.5), create_topics=False,
        )  # fmt: skip

    @asynccontextmanager
    async def workers(self, *lanes: str) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        tasks = [asyncio.create_task(work(LANES[lane], self.deps, stopping)) for lane in lanes]
        try:
            yield
        finally:
            stopping.set()
            assert await asyncio.gather(*tasks) == [0] * len(tasks)

    async def send(self, spec: TopicSpec, *values: bytes) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        await producer.start()
        for value in values:
            await producer.send_and_wait(self.kafka.topic(spec.name), value, key=b"k")
        await producer.stop()

    async def events(self, spec: TopicSpec, model: type[Event]) -> list[Any]:
        return [model.model_validate_json(value) async for value in read_to_end(self.kafka, spec)]

    async def until(self, spec: TopicSpec, model: type[Event], enough: Callable[[list[Any]], bool]) -> list[Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not enough(found := await self.events(spec, model)):
            assert time.monotonic() < deadline, f"{spec.name}: {found}"
            await asyncio.sleep(0.2)
        return found


@pytest.fixture
async def town(engines: Running) -> Town:
    made = Town(engines)
    await ensure_topics(made.kafka)
    return made


def raw(number: int, town: Town, *, lane: str = "report", script: dict[str, Any] | None = None, **fields: Any) -> bytes:
    text = "今日无事。" * 100 + (SCRIPT + json.dumps(script) if script else "")
    published = (town.clock.now() - timedelta(minutes=1)).isoformat()
    item = {"id": f"n{number}", "lane": lane, "source": "U031", "text": text, "title": "沙石镇一处厂房起火"}
    return json.dumps({**item, "published_at": published, **fields, "no_such_field": 1}).encode()


async def test_topics_are_as_they_should_be(town: Town) -> None:
    assert await drifted(town.kafka) == []
    assert await ensure_topics(town.kafka) == []


async def test_a_morning(town: Town) -> None:
    """From the first word on the net to the signed report and its correction, past a cut-off, and after a restart."""
    now = town.clock.now().replace(hour=9, minute=0)
    town.clock.shift = now - town.clock.now()
    facts = {"places": ["沙石镇"], "injured": 1}
    post = raw(1, town, lane="media", source="某报", script={"emergency": FIRE, "facts": facts})
    report = raw(2, town, kind="first", script={"emergency": {**FIRE, "level": "IV"}, "facts": {**facts, "deaths": 0}})
    worse = raw(
        3, town, kind="followup", script={"emergency": {**FIRE, "level": "III"}, "facts": {**facts, "deaths": 3}}
    )
    lanes = ("reports", "media", "incidents", "stories", "ledger", "alerts", "index")
    async with town.workers(*lanes):
        await town.send(MEDIA, post, raw(9, town, lane="report"), b"\xff{")
        await town.until(INCIDENTS, Incident, lambda found: len(found) >= 1)
        await town.send(REPORTS, report)
        await town.until(INCIDENTS, Incident, lambda found: len(found) >= 2)
        await town.send(REPORTS, worse, report)
        await town.until(DELIVERIES, Delivery, lambda found: len(found) >= 3)
        town.clock.shift += timedelta(hours=9)
        entries = await town.until(LEDGER, LedgerEntry, lambda found: any(one.department == "U044" for one in found))
        await town.until(STORIES, StoryAssigned, lambda found: len(found) >= 4)
    incidents = await town.events(INCIDENTS, Incident)
    assert len({one.incident for one in incidents}) == 1
    assert [one.stage for one in incidents] == [Stage.PROVISIONAL, Stage.FIRST, Stage.FOLLOW_UP]
    alerts = await town.events(ALERTS, Alert)
    assert [one.reason for one in alerts] == [AlertReason.NEW, AlertReason.LEVEL_CHANGED, AlertReason.LEVEL_CHANGED]
    assert [(one.alert_version, repeated) for one, repeated in town.channel.sent] == [
        (1, False),
        (2, False),
        (3, False),
    ]
    by_department = {one.department: one.state for one in entries}
    assert by_department == {"U031": LedgerState.REPORTED, "U044": LedgerState.MISSING}
    letters = await town.events(DEADLETTER, DeadLetter)
    assert sorted(one.reason.split(":")[0] for one in letters) == ["lane", "record"]
    signals = await town.events(SIGNALS, AssessedItem)
    short = [one for one in signals if one.input.lane is Lane.MEDIA]
    assert {len(one.input.text) for one in short} == {SIGNAL_CHARACTERS}
    assert all(len(one.input.text) > SIGNAL_CHARACTERS for one in await town.events(ASSESSED, AssessedItem))
    assert {
        ASSESSED.name,
        STORIES.name,
        INCIDENTS.name,
        ALERTS.name,
        DELIVERIES.name,
        LEDGER.name,
    } <= town.writer.topics()
    await _nothing_is_said_again_after_a_restart(town, report, worse)


async def _nothing_is_said_again_after_a_restart(town: Town, *replays: bytes) -> None:
    before = {spec: len(await town.events(spec, Event)) for spec in (INCIDENTS, ALERTS, DELIVERIES, LEDGER)}
    async with town.workers("reports", "incidents", "ledger", "alerts"):
        await town.send(REPORTS, *replays, raw(4, town, kind="zero"))
        await town.until(LEDGER, LedgerEntry, lambda found: any(len(one.reports) == 3 for one in found))
        await asyncio.sleep(1.0)
    after = {spec: len(await town.events(spec, Event)) for spec in before}
    assert {spec.name: after[spec] - before[spec] for spec in before} == {
        INCIDENTS.name: 0, ALERTS.name: 0, DELIVERIES.name: 0, LEDGER.name: 1,
    }  # fmt: skip


def decided(town: Town, kind: str, subject: str, action: str, by: str = "值班长", **details: Any) -> bytes:
    given = {"decision_id": uuid.uuid4().hex, "district": DISTRICT, "subject_type": kind, "subject_id": subject}
    made = {**given, "action": action, "by": by, "at": town.clock.now(), "details": details}
    return Decision.model_validate(made).model_dump_json().encode()


async def test_what_people_decide_reaches_incidents_ledger_and_cases(town: Town) -> None:
    """A call before any text, an excused department, and a case that two people decide, over a restart."""
    noon = town.clock.now().replace(hour=12, minute=0)
    town.clock.shift = noon - town.clock.now()
    town.deps = replace(town.deps, case_rules=CaseRules((Department("U031", "town", "沙石镇政府", "沙石镇", "镇街"),)))
    press = raw(1, town, lane="media", source="某报", script={"emergency": FIRE, "facts": {"places": ["沙石镇"]}})
    lanes = ("media", "incidents", "ledger", "cases")
    async with town.workers(*lanes):
        call = {"department": "U044", "title": "水南镇仓库起火", "event_type": "火灾", "event_class": "事故灾难"}
        await town.send(DECISIONS, decided(town, "incident", "call-1", "phone", **call, facts={"places": ["水南镇"]}))
        await town.send(MEDIA, press)
        await town.send(DECISIONS, decided(town, "department", f"U044:{local_day(town.clock.now())}", "excuse"))
        await town.until(INCIDENTS, Incident, lambda found: len(found) >= 2)
        await town.until(LEDGER, LedgerEntry, lambda found: any(one.state is LedgerState.EXCUSED for one in found))
        town.clock.shift += timedelta(hours=7)
        opened = await town.until(CASES, Case, lambda found: len(found) >= 1)
    (incident,) = [one for one in await town.events(INCIDENTS, Incident) if one.incident == "call-1"]
    assert (incident.stage, incident.signed, incident.place) == (Stage.PHONED, True, "水南镇")
    (case,) = [one for one in opened if one.department == "U031"]
    async with town.workers(*lanes):
        verdict = {"verdict": "omitted"}
        await town.send(
            DECISIONS,
            decided(town, "case", case.case_id, "explain", "办公室"),
            decided(town, "case", case.case_id, "confirm", "甲", **verdict),
            decided(town, "case", case.case_id, "confirm", "乙", **verdict),
            decided(town, "incident", "nobody", "close"),
        )
        await town.until(CASES, Case, lambda found: found[-1].state is CaseState.UPHELD)
        letters = await town.until(DEADLETTER, DeadLetter, lambda found: len(found) >= 1)
    assert [(one.stage, one.reason) for one in letters] == [("incidents", "subject_id: not known: nobody")]
    final = {one.department: one.state for one in await town.events(LEDGER, LedgerEntry)}
    assert final == {"U044": LedgerState.EXCUSED, "U031": LedgerState.MISSING}


async def test_a_failing_channel_is_tried_again_and_each_attempt_is_on_record(town: Town) -> None:
    town.channel.failures = 2
    async with town.workers("reports", "incidents", "alerts"):
        await town.send(
            REPORTS, raw(1, town, kind="first", script={"emergency": FIRE, "facts": {"places": ["沙石镇"]}})
        )
        found = await town.until(DELIVERIES, Delivery, lambda found: any(d.outcome is Outcome.DELIVERED for d in found))
    assert [(one.tries, one.outcome) for one in found] == [
        (1, Outcome.FAILED), (2, Outcome.FAILED), (3, Outcome.DELIVERED),
    ]  # fmt: skip


async def test_old_news_is_recorded_and_not_sent(town: Town) -> None:
    old = (town.clock.now() - timedelta(days=40)).isoformat()
    script = {"emergency": FIRE, "facts": {"places": ["沙石镇"]}}
    async with town.workers("media", "incidents", "alerts"):
        await town.send(MEDIA, raw(1, town, lane="media", source="某报", script=script, published_at=old))
        (delivery,) = await town.until(DELIVERIES, Delivery, lambda found: len(found) >= 1)
    assert delivery.outcome is Outcome.NOT_SENT
    assert town.channel.sent == []
