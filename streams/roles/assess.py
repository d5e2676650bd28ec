"""Assess: an input topic's items -> ``items.assessed`` and, shortened and keyed by district, ``items.signals``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from schemas.assessment import AssessedItem, Origin
from schemas.errors import InvalidItem
from schemas.item import Item
from schemas.ports import Clock
from schemas.topics import ASSESSED, LANE_BY_INPUT, SIGNALS
from schemas.vocab import Kind, Lane
from streams.ports import AssessInput, Judge
from streams.reading import read, to_bytes
from streams.records import Dead, Output, Record, Result, StatelessHandler

log = structlog.get_logger("streams.assess")

SIGNAL_CHARACTERS = 300
"""Enough of the text for a title line and matching; the whole stands in ``items.assessed``."""
EMERGENCY_CHARACTERS = 8_000
"""Of a department's emergency report, so that what its stage requires is looked for in all of it (ours, no source)."""


class AssessHandler(StatelessHandler):
    """Judges the items of one lane."""

    def __init__(self, name: str, judge: Judge, clock: Clock) -> None:
        self.name, self._judge, self._clock = name, judge, clock

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Two outputs for each item; unreadable or invalid ones are dead letters."""
        dead: list[Dead] = []
        readable: list[tuple[Record, AssessInput]] = []
        for record in batch:
            judged = self._input(record)
            if isinstance(judged, Dead):
                dead.append(judged)
            else:
                readable.append((record, judged))
        outputs: list[Output] = []
        # A thread, so that fetching, commits and signals go on while a batch is judged.
        verdicts = await asyncio.to_thread(self._judge.assess, [judged for _, judged in readable]) if readable else ()
        for (record, _), verdict in zip(readable, verdicts, strict=True):
            if isinstance(verdict, InvalidItem):
                dead.append(Dead(record, self.name, str(verdict)))
            else:
                outputs += outputs_of(verdict)
                _log(verdict)
        return Result(outputs, dead)

    def _input(self, record: Record) -> AssessInput | Dead:
        item = read(record, Item, self.name)
        if isinstance(item, Dead):
            return item
        expected: Lane = LANE_BY_INPUT[record.topic]
        if item.lane is not expected:
            return Dead(record, self.name, f"lane: {item.lane} on the topic of {expected}")
        origin = Origin(topic=record.topic, partition=record.partition, offset=record.offset)
        return AssessInput(item, self._clock.at(record.at), origin)


def outputs_of(assessed: AssessedItem) -> list[Output]:
    """The item for the index and the signal for the agents that keep state."""
    return [
        Output(ASSESSED, assessed.item_id.encode(), to_bytes(assessed)),
        Output(SIGNALS, assessed.district.encode(), to_bytes(signal_of(assessed))),
    ]


def signal_of(assessed: AssessedItem) -> AssessedItem:
    """The same with its text cut: emergency reports of departments are kept long enough to look for what they lack."""
    given = assessed.input
    urgent = assessed.assessment.emergency.is_emergency or given.kind in (Kind.FIRST, Kind.FOLLOW_UP, Kind.FINAL)
    limit = EMERGENCY_CHARACTERS if urgent and given.lane is Lane.REPORT else SIGNAL_CHARACTERS
    short = given.model_copy(update={"text": given.text[:limit]})
    return assessed.model_copy(update={"input": short})


def _log(assessed: AssessedItem) -> None:
    emergency = assessed.assessment.emergency
    level = log.info if emergency.is_emergency else log.debug
    level(
        "assessed",
        item_id=assessed.item_id,
        lane=assessed.input.lane.value,
        category=assessed.assessment.category.value,
        emergency=emergency.is_emergency,
        level=emergency.level,
        timeliness=assessed.assessment.timeliness.verdict.value,
    )
