"""Where a report's alert spends its time: the broker's own time stamps of each hop, and what each process used."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.state import read_state
from schemas.connections import KafkaConnection
from schemas.topics import ALERTS, INCIDENTS, PLANS, REPORTS, SIGNALS, TopicSpec

HOPS = ("reports.submitted", "items.signals", "incidents.changed", "alerts.raised", "alerts.planned", "first", "last")
"""``first`` and ``last``: the first and the last subscriber's webhook."""
POLL_MS = 1_000
REPORT_MARK = b'"lane":"report"'
"""Nearly all signals are of posts; only those that may be of a report are read."""


async def hops(kafka: KafkaConnection, accepted: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Item id -> hop -> moment (seconds) at which the hop's first record on the item was appended."""
    found: dict[str, dict[str, float]] = {one: {} for one in accepted}
    item_of: dict[str, list[str]] = {}

    def note(hop: str, items: Sequence[str], at: float) -> None:
        for one in items:
            if one in found:
                found[one].setdefault(hop, at)

    for at, key, _ in await _records(kafka, REPORTS):
        note(REPORTS.name, [key], at)
    for at, _, value in await _records(kafka, SIGNALS):
        if REPORT_MARK in value:
            note(SIGNALS.name, [json.loads(value)["item_id"]], at)
    for at, _, value in await _records(kafka, INCIDENTS):
        if REPORT_MARK in value:
            note(INCIDENTS.name, [one["item_id"] for one in json.loads(value)["sources"]], at)
    for at, _, value in await _records(kafka, ALERTS):
        alert = json.loads(value)
        item_of[alert["alert_id"]] = alert["item_ids"]
        note(ALERTS.name, alert["item_ids"], at)
    for at, _, value in await _records(kafka, PLANS):
        note(PLANS.name, item_of.get(json.loads(value)["alert_id"], []), at)
    return found


def print_hops(accepted: Mapping[str, float], found: Mapping[str, Mapping[str, float]]) -> None:
    """The median and the worst of each hop, in milliseconds after the one before it."""
    before = dict(accepted)
    for hop in HOPS:
        steps = sorted(1000 * (at[hop] - before[one]) for one, at in found.items() if hop in at and one in before)
        if steps:
            print(f"  {hop}: +{steps[len(steps) // 2]:.0f} ms median, +{steps[-1]:.0f} ms at worst, n={len(steps)}")
        before |= {one: at[hop] for one, at in found.items() if hop in at}


def cpu_seconds(data_dir: Path) -> dict[str, float]:
    """What each unit of the supervisor has used so far."""
    state = read_state(data_dir)
    used = {}
    for unit in state.units if state else ():
        times = psutil.Process(unit.pid).cpu_times()
        used[unit.name] = float(times.user + times.system)
    return used


async def _records(kafka: KafkaConnection, spec: TopicSpec) -> list[tuple[float, str, bytes]]:
    """(appended at, key, value), oldest first."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        wanted = [TopicPartition(kafka.topic(spec.name), number) for number in range(spec.partitions)]
        consumer.assign(wanted)
        ends = await consumer.end_offsets(wanted)
        found: list[tuple[float, str, bytes]] = []
        open_ = [one for one in wanted if ends[one]]
        while open_:
            for records in (await consumer.getmany(*open_, timeout_ms=POLL_MS)).values():
                found += [(one.timestamp / 1000, (one.key or b"").decode(), one.value) for one in records]
            open_ = [one for one in open_ if await consumer.position(one) < ends[one]]
        return sorted(found, key=lambda one: one[0])
    finally:
        await consumer.stop()
