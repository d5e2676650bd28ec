"""kill -9 of a real alert worker between a send and its record: real Kafka, a gateway on loopback, real processes."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.testing import Running
from schemas.alert import Delivery, Outcome, Plan
from schemas.connections import KafkaConnection
from schemas.incident import Incident
from schemas.topics import DELIVERIES, INCIDENTS, PLANS
from streams.restore import read_to_end
from streams.testing import MovableClock
from streams.topics_admin import ensure_topics
from tests.chaos.fleet import Fleet
from tests.loopback import Gateway, gateway, said
from tests.unit.streams.alert_worker import incident

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
PATIENCE_S = 120.0
LEVELS = {1: "I", 2: "II", 3: None, 4: "III", 5: "IV"}
DUTY, LEADER = "1001", "1009"
FIRST = {(DUTY, number) for number in LEVELS} | {(LEADER, number) for number in (1, 2, 3, 4)}
"""Everybody concerned: leaders hear of IV only as a digest of others."""
AGAIN = {(who, number) for who in (DUTY, LEADER) for number in (1, 2, 3)}


def reported(number: int) -> Incident:
    """A department's first report of a moment ago."""
    now = MovableClock().now()
    source = {"item_id": f"x{number}", "version": 1, "lane": "report", "kind": "first", "source": "U031",
              "received_at": now, "published_at": now}  # fmt: skip
    return incident(number, 1, LEVELS[number], sources=[source], opened_at=now, changed_at=now)


def told(server: Gateway, since: int = 0) -> list[tuple[str, int, bool, str]]:
    """(to whom, of which incident, marked 重复, id of the message) as the gateway heard it."""
    found = []
    for one in server.heard[since:]:
        body = one.json()
        number = next(number for number in LEVELS if f"第{number}村" in body["text"])
        found.append((body["to"], number, "重复" in body["text"], body["id"]))
    return found


async def until(enough: Callable[[], bool], why: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not enough():
        assert time.monotonic() < deadline, why()
        await asyncio.sleep(0.1)


async def events(kafka: KafkaConnection, spec: Any, model: Any) -> list[Any]:
    return [model.model_validate_json(value) async for value in read_to_end(kafka, spec)]


def kill(fleet: Fleet, ready: Path) -> None:
    """kill -9; the supervisor starts it again."""
    ready.unlink()
    fleet.kill()


async def restarted(fleet: Fleet, ready: Path, server: Gateway) -> None:
    """Killed, and the next life's state is there."""
    kill(fleet, ready)
    await until(ready.exists, lambda: (fleet.log("alerts")[-2000:], told(server)))


async def test_a_kill_between_send_and_record(engines: Running, tmp_path: Path) -> None:
    kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"kill-{uuid.uuid4().hex[:6]}.")
    await ensure_topics(kafka)
    ready = tmp_path / "ready"
    async with gateway(None) as server:
        common = {
            "kafka": kafka.bootstrap,
            "prefix": kafka.prefix,
            "gateway": f"{server.base}/send",
            "ready": str(ready),
        }
        with Fleet(tmp_path, common, "tests.chaos.notice_main") as fleet:
            fleet.start("alerts")
            await until(ready.exists, lambda: fleet.log("alerts")[-2000:])
            producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
            await producer.start()
            for number in LEVELS:
                one = reported(number)
                await producer.send_and_wait(
                    kafka.topic(INCIDENTS.name), one.model_dump_json().encode(), key=one.incident.encode()
                )
            await producer.stop()

            # The gateway has every message and answers none: sent, and no record of it.
            await until(lambda: len(server.heard) >= len(FIRST), lambda: (told(server), fleet.log("alerts")[-2000:]))
            first = told(server)
            assert {(who, number) for who, number, _, _ in first} == FIRST
            assert not any(repeated for _, _, repeated, _ in first)
            assert await events(kafka, DELIVERIES, Delivery) == []
            assert {one.incident for one in await events(kafka, PLANS, Plan)} == {f"i{number}" for number in LEVELS}

            server.answers[:] = [said({"code": 0, "id": "7"})]
            await restarted(fleet, ready, server)
            await until(
                lambda: len(server.heard) >= len(FIRST) + len(AGAIN), lambda: (told(server), fleet.log("alerts"))
            )
            ids = {(who, number): name for who, number, _, name in first}
            again = told(server, since=len(FIRST))
            assert {(who, number) for who, number, _, _ in again} == AGAIN
            assert all(repeated for _, _, repeated, _ in again), "a second copy says so"
            assert all(ids[who, number] == name for who, number, _, name in again), "under the same id"

            # And once more, now that every end is on record: nothing is said again.
            await asyncio.sleep(1)
            await restarted(fleet, ready, server)
            await asyncio.sleep(2)
            assert Counter((who, number) for who, number, _, _ in told(server)) == Counter([*FIRST, *AGAIN])

    ends = Counter(
        (one.recipient, one.incident, one.outcome, one.repeated) for one in await events(kafka, DELIVERIES, Delivery)
    )
    expected = {
        ("duty" if who == DUTY else "leader", f"i{number}", Outcome.DELIVERED, True): 1 for who, number in AGAIN
    }
    expected |= {("duty", f"i{number}", Outcome.UNKNOWN, False): 1 for number in (4, 5)}
    expected |= {("leader", "i4", Outcome.UNKNOWN, False): 1}
    assert ends == Counter(expected), "III and IV are unknown, for the duty officer to ask"
