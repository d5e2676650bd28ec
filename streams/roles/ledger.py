"""Ledger: reports among ``items.signals``, decisions on departments, and the clock -> ``duty.ledger``.

Departments without a report are marked by a timer once the cut-off has passed. One district has one ledger worker (a
second one waits for its partitions): decisions are keyed by department and must meet the reports' state.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from pydantic import ValidationError

from processors import ledger
from schemas.assessment import AssessedItem
from schemas.base import Event
from schemas.decision import Decision
from schemas.errors import InvalidItem
from schemas.ledger import LedgerEntry
from schemas.ports import Clock
from schemas.topics import DECISIONS, LEDGER, SIGNALS, TopicSpec
from streams.kafka import partition_of
from streams.ports import StateReader
from streams.reading import read, to_bytes
from streams.records import Assignment, Dead, Output, Record, Result

E = TypeVar("E", bound=Event)

log = structlog.get_logger("streams.ledger")

MEMORY = timedelta(days=400)
"""How far back entries are kept in memory: a year of appraisal, with room for corrections (ours, no source)."""
TICK_S = 2.0


class LedgerHandler:
    """Keeps the entries of one district; the timer runs where the district's partition is."""

    name = "ledger"
    tick_s: float | None = TICK_S

    def __init__(self, reader: StateReader, clock: Clock, rules: ledger.LedgerRules) -> None:
        self._reader, self._clock, self._rules = reader, clock, rules
        self._ledger = ledger.opened((), (), rules)
        self._owner = False

    async def restore(self, assignment: Assignment) -> None:
        """Read ``duty.ledger`` and the decisions on departments to their ends."""
        entries = [one async for one in self._events(LEDGER, LedgerEntry, since=datetime.now(UTC) - MEMORY)]
        decisions = [one async for one in self._events(DECISIONS, Decision)]
        self._ledger = ledger.opened(entries, decisions, self._rules)
        own = partition_of(self._rules.district.encode(), SIGNALS.partitions)
        self._owner = assignment.owns(SIGNALS.name, own)
        log.info("ledger restored", entries=len(self._ledger.entries), owner=self._owner)

    async def _events(self, spec: TopicSpec, model: type[E], since: datetime | None = None) -> AsyncIterator[E]:
        async for value in self._reader(spec, since=since):
            try:
                yield model.model_validate_json(value)
            except ValidationError:
                continue  # not ours to read; the index role makes it a dead letter

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Entries that the batch changes; several changes of one entry are several revisions."""
        known = self._ledger
        work = replace(known, entries=dict(known.entries), homes=dict(known.homes))
        entries: list[LedgerEntry] = []
        dead: list[Dead] = []
        for record in batch:
            event = self._read(record)
            found = event if isinstance(event, Dead) else self._decide(record, work, event)
            if isinstance(found, Dead):
                dead.append(found)
                continue
            assert not isinstance(event, Dead)
            work = ledger.extend(work, event, found, self._rules)
            entries += found
        return self._result(entries, dead, work)

    async def tick(self) -> Result:
        """Mark who is missing, where the district is ours."""
        if not self._owner:
            return Result()
        entries = ledger.decide(self._ledger, None, self._clock.now(), self._rules)
        return self._result(entries, (), ledger.applied(self._ledger, None, entries, self._rules) if entries else None)

    async def release(self) -> None:
        """Nothing runs beside the batches."""

    def _read(self, record: Record) -> AssessedItem | Decision | Dead:
        if record.topic == DECISIONS.name:
            return read(record, Decision, self.name)
        return read(record, AssessedItem, self.name)

    def _decide(self, record: Record, state: ledger.Ledger, event: AssessedItem | Decision) -> list[LedgerEntry] | Dead:
        now = event.at if isinstance(event, Decision) else event.received_at
        try:
            return ledger.decide(state, event, now, self._rules)
        except InvalidItem as error:
            return Dead(record, self.name, str(error))

    def _result(self, entries: Sequence[LedgerEntry], dead: Sequence[Dead], new: ledger.Ledger | None) -> Result:
        for entry in entries:
            log.info("ledger", department=entry.department, day=entry.day, state=entry.state, rule=entry.rule)

        def done() -> None:
            if new is not None:
                self._ledger = new

        return Result([_output(entry) for entry in entries], dead, done)


def _output(entry: LedgerEntry) -> Output:
    return Output(LEDGER, ledger.key_of(entry.department, entry.day).encode(), to_bytes(entry))
