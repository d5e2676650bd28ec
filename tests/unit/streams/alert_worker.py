"""The alerts role over topics in memory, with a clock to move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from processors.alerting.rules import AlertRules
from schemas.alert import Alert, Delivery, Plan
from schemas.base import Event
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.topics import ALERTS, DECISIONS, DELIVERIES, INCIDENTS, PLANS, TopicSpec
from streams.reading import to_bytes
from streams.records import Assignment, Output, Record, Result
from streams.roles.alerts import AlertSettings, AlertsHandler
from streams.testing import MovableClock, RecordingChannel, RecordingSwitchboard
from tests.items import at
from tests.unit.processors.alert_town import rules

EVERYTHING = Assignment({spec.name: frozenset(range(6)) for spec in (INCIDENTS, DECISIONS)})
FAST = AlertSettings(pause_s=0.0, most_pause_s=0.0, tries=3, send_timeout_s=30.0, release_s=0.05, receipts_s=0.01)


@dataclass
class Log:
    """Topics in memory: what the reader reads and the sender writes."""

    outputs: list[Output] = field(default_factory=list)
    asked: dict[str, datetime | None] = field(default_factory=dict)
    """From when on each topic was read last."""

    async def send(self, outputs: Sequence[Output]) -> None:
        self.outputs += outputs

    async def read(
        self, spec: TopicSpec, *, partitions: Collection[int] | None = None, since: datetime | None = None
    ) -> AsyncIterator[bytes]:
        self.asked[spec.name] = since
        for output in list(self.outputs):
            if output.spec is spec:
                yield output.value

    def deliveries(self) -> list[Delivery]:
        return [Delivery.model_validate_json(one.value) for one in self.outputs if one.spec is DELIVERIES]

    def plans(self) -> list[Plan]:
        return [Plan.model_validate_json(one.value) for one in self.outputs if one.spec is PLANS]

    def alerts(self) -> list[Alert]:
        return [Alert.model_validate_json(one.value) for one in self.outputs if one.spec is ALERTS]


class Worker:
    """One life of the worker; ``again`` is the next."""

    def __init__(self, log: Log | None = None, *, town: AlertRules | None = None, minute: float = 3) -> None:
        self.log, self.clock = log or Log(), MovableClock(fixed=at(minute))
        self.channel, self.board = RecordingChannel("log"), RecordingSwitchboard()
        self.town = town or rules()
        self.handler = AlertsHandler(self.log.read, self.log, self.clock, [self.channel], FAST, self.town, self.board)

    async def start(self) -> Worker:
        await self.handler.restore(EVERYTHING)
        return self

    async def again(self, minute: float) -> Worker:
        await self.handler.release()
        following = await Worker(self.log, town=self.town, minute=minute).start()
        await rest()
        return following

    async def take(self, *events: Event) -> Result:
        """Handle and acknowledge; attempts run until they rest."""
        result = await self.handler.handle(records(*events))
        await self.settle(result)
        return result

    async def tick(self, minute: float) -> None:
        self.clock.fixed = at(minute)
        await self.settle(await self.handler.tick())

    async def settle(self, result: Result) -> None:
        await self.log.send(result.outputs)
        if result.done is not None:
            result.done()
        await rest()

    def said(self) -> list[str]:
        """Who was told why, since the last look."""
        found = [f"{who}:{purpose}" for who, purpose, _, _ in self.board.said]
        self.board.said.clear()
        return found


async def rest() -> None:
    """Let tasks go on until they wait for something."""
    for _ in range(30):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def records(*events: Event) -> list[Record]:
    return [
        Record(DECISIONS.name if isinstance(one, Decision) else INCIDENTS.name, 0, n, b"k", to_bytes(one), at(2))
        for n, one in enumerate(events)
    ]


def incident(number: int = 1, version: int = 1, level: str | None = "III", **changes: Any) -> Incident:
    """A state of an incident that a department reported."""
    values: dict[str, Any] = {
        "incident": f"i{number}", "district": "d", "version": version, "alert_version": version, "stage": "first",
        "title": f"第{number}村山体滑坡", "event_type": "山体滑坡", "event_class": "自然灾害", "level": level,
        "in_district": True, "signed": True, "place": f"第{number}村", "opened_at": at(1), "changed_at": at(1),
        "cause_event": f"x{number}:{version}",
        "sources": [{"item_id": f"x{number}", "version": version, "lane": "report", "kind": "first", "source": "U031",
                     "received_at": at(1), "published_at": at(0)}],
    }  # fmt: skip
    return Incident.model_validate(values | changes)
