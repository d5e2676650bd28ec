"""Workers die, stall, meet poison, come and go: every acknowledged item ends in the index or in a dead letter, once."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.assessment import AssessedItem
from schemas.topics import ALL, ASSESSED, DEADLETTER, INPUT_LIMIT, REPORTS
from tests.chaos.conftest import FULL
from tests.chaos.fleet import Fleet
from tests.chaos.plant import Plant, identity_of, item_of

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1200)]

MakePlant = Callable[..., Plant]
KILLS = 20 if FULL else 3
SEED = 20261120
SLOW_S = 6.0


def ready(fleet: Fleet, lane: str, times: int = 1, timeout_s: float = 60.0) -> None:
    """Wait until a worker of the lane has its partitions."""
    deadline = time.monotonic() + timeout_s
    while fleet.log(lane).count("state ready") < times:
        assert time.monotonic() < deadline, fleet.log(lane)[-3000:]
        time.sleep(0.1)


def endless(stop_at: float, start: int = 0) -> Iterator[dict[str, Any]]:
    """Items until a moment; every 50th is an emergency."""
    number = start
    while time.monotonic() < stop_at:
        script = {"emergency": {"is_emergency": True, "event_type": "火灾"}} if number % 50 == 0 else None
        yield item_of(number, script=script)
        number += 1


MOVING = {
    "received_at", "version_received_at", "day", "origin", "first_digest", "version_digest", "story_record",
    "incident_links",
}  # fmt: skip
"""Fields that depend on when and where the record stood (digests are over all fields)."""


def differences(found: dict[str, dict[str, Any]], expected: dict[str, dict[str, Any]]) -> list[str]:
    """What differs between two indices, apart from MOVING."""
    lines = [f"only in one: {key}" for key in sorted(found.keys() ^ expected.keys())]
    for key in found.keys() & expected.keys():
        names = sorted((found[key].keys() | expected[key].keys()) - MOVING)
        pairs = [(name, found[key].get(name), expected[key].get(name)) for name in names]
        lines += [f"{key}.{name}: {a!r}, undisturbed {b!r}" for name, a, b in pairs if a != b]
    return lines


def test_kills_under_load_and_the_index_of_an_undisturbed_run(plant: MakePlant) -> None:
    chance = random.Random(SEED)
    run = plant("kills")
    seconds = 6.0 * KILLS
    with run.fleet() as fleet:
        workers = [fleet.start("reports"), fleet.start("index")]
        for lane in ("reports", "index"):
            ready(fleet, lane)
        load = run.load(endless(time.monotonic() + seconds), rate=60)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.5, 4.0))
            victim = fleet.kill(chance.choice(workers))
            lane = victim.config["lane"]
            ready(fleet, lane, times=fleet.log(lane).count("state ready") + 1)
        load.join()
        run.wait(120, since=time.monotonic())
        killed = sum(len(worker.exits) for worker in workers)
    assert killed == KILLS
    calm = plant("calm")
    calm.produce(run.acknowledged.values())
    with calm.fleet() as fleet:
        fleet.start("reports")
        fleet.start("index")
        calm.wait(120)
    assert differences(run.documents(), calm.documents()) == []


def slow_head(run: Plant) -> str:
    """One item that takes its time at the head of its partition, and many that do not; its id."""
    head = item_of(0, script={"sleep_s": SLOW_S})
    run.produce([head, *(item_of(n) for n in range(1, 200))])
    return identity_of(head)


def test_slow_head_with_a_fast_rest_and_a_kill(plant: MakePlant) -> None:
    run = plant("slow", indexed=False)
    head = slow_head(run)
    with run.fleet() as fleet:
        worker = fleet.start("reports")
        ready(fleet, "reports")
        time.sleep(3.0)
        assert head not in run.settled().indexed, "the head was judged before the kill"
        fleet.kill(worker)
        run.wait(60, since=time.monotonic())


def test_plain_faust_loses_the_slow_head(plant: MakePlant, tmp_path: Path) -> None:
    run = plant("plain", indexed=False)
    head = slow_head(run)
    with Fleet(tmp_path, run.common, "tests.chaos.plain_main") as fleet:
        worker = fleet.start("plain")
        ready(fleet, "plain")
        while len(run.settled().indexed) < 199:
            time.sleep(0.2)
        time.sleep(1.5)  # the commit interval, three times
        fleet.kill(worker)
        ready(fleet, "plain", times=2)
        time.sleep(SLOW_S + 8.0)  # the dead member's session, and the head once more if it came again
        indexed = run.settled().indexed
    lost = len(run.acknowledged) - len(indexed)
    print(f"plain Faust: produced={len(run.acknowledged)} indexed={len(indexed)} missing={lost}")
    assert head not in indexed, "plain Faust kept the head: the slow-head test does not bite"


def test_poison_replays_duplicates_and_stale_versions(plant: MakePlant) -> None:
    """1 % of the records fail in the judge, some cannot be read, one is as large as a record may be."""
    run = plant("poison")
    plain = [item_of(n) for n in range(600)]
    failing = [item_of(n, script={"raise": "no verdict"}) for n in range(1000, 1006)]
    refused = [item_of(n, script={"invalid": "not an item"}) for n in range(2000, 2003)]
    newer = [{**item_of(n), "title": "更正", "updated_at": "2026-11-21T09:00:00+08:00"} for n in range(50)]
    run.produce([*plain[:300], *failing, *refused, *plain[300:], *newer, *plain[:100], *failing])
    largest = b'{"lane": "report", "text": "' + b"x" * (INPUT_LIMIT - 5_000) + b'"'
    unreadable = [b"{", b"\xff\xfe\x00", largest]
    run.produce_raw(REPORTS.name, unreadable)
    with run.fleet() as fleet:
        fleet.start("reports")
        fleet.start("index")
        run.wait(90)
        time.sleep(1.0)
        documents = run.documents()
    assert sorted(one["title"] for one in documents.values()).count("更正") == 50
    letters = run.letters_by_key()
    assert {identity_of(one) for one in (*failing, *refused)} <= set(letters)
    assert {letters[identity_of(one)].reason for one in failing} == {"RuntimeError: no verdict"}
    assert len(letters) == len(failing) + len(refused) + len(unreadable)


def test_a_storm_of_workers_joining_and_leaving(plant: MakePlant) -> None:
    chance = random.Random(SEED)
    run = plant("storm", indexed=False)
    with run.fleet() as fleet:
        steady = fleet.start("reports")
        ready(fleet, "reports")
        load = run.load(endless(time.monotonic() + (60.0 if FULL else 22.0)), rate=80)
        while load.is_alive():
            guest = fleet.start("reports")
            time.sleep(chance.uniform(4.0, 8.0))
            if chance.random() < 0.5:
                assert fleet.stop(guest) in (0, -signal.SIGTERM), fleet.log("reports")[-3000:]
            else:
                guest.wanted = False
                fleet.kill(guest)
        run.wait(60, since=time.monotonic())
        assert steady.exits == []


def test_a_dead_letter_topic_that_takes_nothing_stops_the_worker(plant: MakePlant) -> None:
    """Nothing is committed: once the topic takes letters again, the poison and all behind it are there."""
    run = plant("refusing", indexed=False, topics=[spec for spec in ALL if spec is not DEADLETTER])
    tiny = DEADLETTER.__class__(DEADLETTER.name, DEADLETTER.key, DEADLETTER.model, partitions=1, limit=-60_000)
    run.ensure([tiny])
    run.produce([item_of(1), item_of(2, script={"raise": "no verdict " + "x" * 8000}), item_of(3)])
    with run.fleet() as fleet:
        worker = fleet.start("reports", restart=False)
        assert fleet.exit_code(worker, 60) == 1
        assert "takes nothing" in fleet.log("reports")
        run.widen(DEADLETTER)
        fleet.start("reports")
        run.wait(60)


def test_a_clock_that_is_a_day_off_changes_only_the_times(plant: MakePlant) -> None:
    run = plant("clock", indexed=False)
    run.produce(item_of(n) for n in range(50))
    with run.fleet(shift_s=-86_400) as fleet:
        fleet.start("reports")
        run.wait(60)
    (day,) = {one.day for one in run.events(ASSESSED, AssessedItem)}
    assert day == run.today(days=-1)
