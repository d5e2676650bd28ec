"""Kafka and Elasticsearch go away, come back and answer wrongly: nothing is lost, nothing is twice in the index."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.alert import Alert, Delivery, Outcome
from schemas.topics import ALERTS, ASSESSED, DELIVERIES
from tests.chaos.conftest import FULL
from tests.chaos.plant import Plant, item_of
from tests.chaos.proxy import AFTER, FaultProxy
from tests.chaos.test_chaos_workers import endless, ready

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1200)]

MakePlant = Callable[..., Plant]
AWAY_S = 20.0 if FULL else 4.0


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_kafka_restarts_under_load(plant: MakePlant, how: str) -> None:
    run = plant(f"kafka-{how}", indexed=False)
    with run.fleet() as fleet:
        fleet.start("reports")
        ready(fleet, "reports")
        load = run.load(endless(time.monotonic() + AWAY_S + 6.0), rate=50)
        time.sleep(2.0)
        getattr(run.engines.kafka_engine, how)()
        time.sleep(AWAY_S / 2)
        run.engines.kafka_engine.restart()
        back = time.monotonic()
        load.join()
        run.wait(120, since=back)


def test_elasticsearch_is_away_and_answers_wrongly(plant: MakePlant) -> None:
    """Stopped for a while; then 503, 429, 400, and time-outs after the request was applied."""
    count = 6 if FULL else 2
    with FaultProxy(_address(plant)) as proxy:
        run = plant("elastic", elasticsearch=proxy.url)
        with run.fleet(index_timeout_s=2.0) as fleet:
            fleet.start("reports")
            worker = fleet.start("index")
            ready(fleet, "index")
            run.produce(item_of(n) for n in range(100))
            run.wait(60)
            run.engines.elasticsearch_engine.stop()
            run.produce(item_of(n) for n in range(100, 300))
            time.sleep(AWAY_S)
            run.engines.elasticsearch_engine.restart()
            run.wait(90, since=time.monotonic())
            number = 300
            for fault in (503, 429, AFTER, 400):
                load = run.load([item_of(n) for n in range(number, number + 200)], rate=100)
                proxy.during(fault, count)
                load.join()
                number += 200
                print(f"fault={fault}", end=" ")
                run.wait(90, since=time.monotonic())
            run.produce_raw(ASSESSED.name, [b'{"item": 7}'])
            run.wait(60)
        assert worker.exits == [], fleet.log("index")[-3000:]
    (letter,) = run.letters_by_key().values()
    assert letter.stage == "index"


def _address(plant: MakePlant) -> str:
    return str(plant("address", indexed=False, topics=[]).engines.elasticsearch)


def sent(path: Path) -> list[dict[str, Any]]:
    """What the channel of the alert worker handed over."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def emergency(number: int, level: str | None) -> dict[str, Any]:
    """A first report of a fire of its own place."""
    verdict = {
        "is_emergency": True,
        "event_class": "事故灾难",
        "event_type": "火灾",
        "in_district": True,
        "level": level,
    }
    published = {"published_at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())}
    return item_of(
        number, kind="first", script={"emergency": verdict, "facts": {"places": [f"第{number}村"]}}, **published
    )


def test_a_kill_between_the_send_of_an_alert_and_its_record(plant: MakePlant, tmp_path: Path) -> None:
    """Levels I, II and undecided come again, marked; III and IV are recorded as unknown and do not."""
    run = plant("alerts", indexed=False)
    path = tmp_path / "sent.jsonl"
    with run.fleet(alerts=str(path)) as fleet:
        for lane in ("reports", "incidents"):
            fleet.start(lane)
        alerts = fleet.start("alerts", hang_s=600.0, alert_settings={"send_timeout_s": 900.0}, restart=False)
        levels = ["I", "II", "III", "IV", None]
        run.produce(emergency(n, level) for n, level in enumerate(levels))
        deadline = time.monotonic() + 60
        while len(sent(path)) < len(levels):
            assert time.monotonic() < deadline, fleet.log("alerts")[-3000:]
            time.sleep(0.1)
        assert run.events(DELIVERIES, Delivery) == []
        fleet.kill(alerts)
        killed = time.monotonic()
        fleet.start("alerts")
        while len(run.events(DELIVERIES, Delivery)) < len(levels):
            assert time.monotonic() < killed + 60, fleet.log("alerts")[-3000:]
            time.sleep(0.2)
        print(f"alerts recovery_s={time.monotonic() - killed:.1f}")
        time.sleep(2.0)
    raised = run.events(ALERTS, Alert)
    outcomes = {one.alert_id: one for one in run.events(DELIVERIES, Delivery)}
    by_level = {alert.level: outcomes[alert.alert_id] for alert in raised}
    assert len(raised) == len(levels)
    assert {level: (one.outcome, one.repeated) for level, one in by_level.items()} == {
        "I": (Outcome.DELIVERED, True), "II": (Outcome.DELIVERED, True), None: (Outcome.DELIVERED, True),
        "III": (Outcome.UNKNOWN, False), "IV": (Outcome.UNKNOWN, False),
    }  # fmt: skip
    again = [one for one in sent(path) if one["repeated"]]
    assert sorted(str(one["level"]) for one in again) == ["I", "II", "None"]
    assert len(sent(path)) == len(levels) + len(again)
