"""Ledger: reports among ``items.signals``, excuses among ``decisions.made``, and the clock -> ``duty.ledger``.

Departments without a report are marked by a timer once the cut-off has passed. One district has one ledger worker (a
second one waits for its partitions): excuses are keyed by department and must meet the reports' state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import ValidationError

from processors import ledger
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.ports import Clock
from schemas.topics import DECISIONS, LEDGER, SIGNALS
from streams.kafka import partition_of
from streams.ports import StateReader
from streams.reading import read, to_bytes
from streams.records import Assignment, Dead, Output, Record, Result

log = structlog.get_logger("streams.ledger")

MEMORY = timedelta(days=60)
"""How far back entries are kept in memory: corrections of last month still find theirs (ours, no source)."""
TICK_S = 2.0


class LedgerHandler:
    """Keeps the entries of one district; the timer runs where the district's partition is."""

    name = "ledger"
    tick_s: float | None = TICK_S

    def __init__(self, reader: StateReader, clock: Clock, rules: ledger.LedgerRules) -> None:
        self._reader, self._clock, self._rules = reader, clock, rules
        self._entries: dict[str, LedgerEntry] = {}
        self._owner = False

    async def restore(self, assignment: Assignment) -> None:
        """Read ``duty.ledger`` to its end; the highest revision of an entry is the truth."""
        entries: dict[str, LedgerEntry] = {}
        async for value in self._reader(LEDGER, since=datetime.now(UTC) - MEMORY):
            try:
                entry = LedgerEntry.model_validate_json(value)
            except ValidationError:
                continue  # not ours to read; the index role makes it a dead letter
            if entry.district == self._rules.district:
                _keep(entries, entry)
        self._entries = entries
        own = partition_of(self._rules.district.encode(), SIGNALS.partitions)
        self._owner = assignment.owns(SIGNALS.name, own)
        log.info("ledger restored", entries=len(entries), owner=self._owner)

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Entries that the batch changes; several changes of one entry are several revisions."""
        changed: dict[str, LedgerEntry] = {}
        entries: list[LedgerEntry] = []
        dead: list[Dead] = []
        for record in batch:
            found = self._decide(record, {**self._entries, **changed})
            if isinstance(found, Dead):
                dead.append(found)
                continue
            for entry in found:
                _keep(changed, entry)
                entries.append(entry)
        return self._result(entries, dead)

    async def tick(self) -> Result:
        """Mark who is missing, where the district is ours."""
        if not self._owner:
            return Result()
        return self._result(ledger.missing(self._entries, self._clock.now(), self._rules), ())

    async def release(self) -> None:
        """Nothing runs beside the batches."""

    def _decide(self, record: Record, state: ledger.State) -> list[LedgerEntry] | Dead:
        if record.topic == DECISIONS.name:
            decision = read(record, Decision, self.name)
            return decision if isinstance(decision, Dead) else ledger.excuse(state, decision, self._rules)
        item = read(record, AssessedItem, self.name)
        return item if isinstance(item, Dead) else ledger.decide(state, item, self._rules)

    def _result(self, entries: Sequence[LedgerEntry], dead: Sequence[Dead]) -> Result:
        for entry in entries:
            log.info("ledger", department=entry.department, day=entry.day, state=entry.state, rule=entry.rule)
        return Result([_output(entry) for entry in entries], dead, lambda: _keep_all(self._entries, entries))


def _output(entry: LedgerEntry) -> Output:
    return Output(LEDGER, ledger.key_of(entry.department, entry.day).encode(), to_bytes(entry))


def _keep(entries: dict[str, LedgerEntry], entry: LedgerEntry) -> None:
    key = ledger.key_of(entry.department, entry.day)
    if key not in entries or entry.revision >= entries[key].revision:
        entries[key] = entry


def _keep_all(entries: dict[str, LedgerEntry], new: Iterable[LedgerEntry]) -> None:
    for entry in new:
        _keep(entries, entry)
