"""Cases: incidents, the ledger, decisions and the clock -> ``duty.cases``. One worker for a district, as the ledger.

Candidates only: what two people find is what the case says (processors.duty.cases).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from pydantic import ValidationError

from processors.duty.cases import decided
from processors.duty.omissions import CaseRules
from processors.duty.omissions import decide as candidates
from processors.ledger import key_of
from schemas.base import Event
from schemas.case import Case
from schemas.decision import Decision
from schemas.errors import InvalidItem
from schemas.incident import Incident
from schemas.ledger import LedgerEntry
from schemas.ports import Clock
from schemas.topics import CASES, DECISIONS, INCIDENTS, LEDGER, TopicSpec
from streams.kafka import partition_of
from streams.ports import StateReader
from streams.reading import read, to_bytes
from streams.records import Assignment, Dead, Output, Record, Result

__all__ = ["CaseRules", "CasesHandler"]

E = TypeVar("E", bound=Event)
log = structlog.get_logger("streams.cases")

MEMORY = timedelta(days=60)
"""Ledger and incidents kept in memory: twice as far back as candidates are looked for."""
TICK_S = 20.0


@dataclass
class _Known:
    """What the role has read; ``due`` are incidents to be looked at again."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    entries: dict[str, LedgerEntry] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)

    def copy(self) -> _Known:
        return replace(self, incidents=dict(self.incidents), entries=dict(self.entries), cases=dict(self.cases))

    def take(self, event: Incident | LedgerEntry | Case) -> None:
        """Keep the newest state of each."""
        if isinstance(event, Incident):
            if event.version >= getattr(self.incidents.get(event.incident), "version", 0):
                self.incidents[event.incident] = event
        elif isinstance(event, Case):
            if event.revision >= getattr(self.cases.get(event.case_id), "revision", 0):
                self.cases[event.case_id] = event
        else:
            key = key_of(event.department, event.day)
            if event.revision >= getattr(self.entries.get(key), "revision", 0):
                self.entries[key] = event


class CasesHandler:
    """Keeps the cases of one district; the timer runs where the district's partition is."""

    name = "cases"
    tick_s: float | None = TICK_S

    def __init__(self, reader: StateReader, clock: Clock, district: str, rules: CaseRules) -> None:
        self._reader, self._clock, self._district, self._rules = reader, clock, district, rules
        self._known = _Known()
        self._owner = False

    async def restore(self, assignment: Assignment) -> None:
        """Read incidents, ledger and cases to their ends."""
        known, since = _Known(), datetime.now(UTC) - MEMORY
        async for incident in self._events(INCIDENTS, Incident, since):
            known.take(incident)
        async for entry in self._events(LEDGER, LedgerEntry, since):
            known.take(entry)
        async for case in self._events(CASES, Case, None):
            known.take(case)
        self._known = known
        own = partition_of(self._district.encode(), INCIDENTS.partitions)
        self._owner = assignment.owns(INCIDENTS.name, own)
        log.info("cases restored", cases=len(known.cases), incidents=len(known.incidents), owner=self._owner)

    async def _events(self, spec: TopicSpec, model: type[E], since: datetime | None) -> AsyncIterator[E]:
        async for value in self._reader(spec, since=since):
            try:
                event = model.model_validate_json(value)
            except ValidationError:
                continue  # not ours to read; the index role makes it a dead letter
            if getattr(event, "district", None) == self._district:
                yield event

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Take in incidents and entries; carry out decisions on cases. Candidates are looked for by the timer."""
        known = self._known.copy()
        changed: list[Case] = []
        dead: list[Dead] = []
        for record in batch:
            found = self._one(record, known)
            if isinstance(found, Dead):
                dead.append(found)
            elif found is not None:
                known.take(found)
                changed.append(found)
        return self._result(changed, dead, known)

    async def tick(self) -> Result:
        """Open, renew and settle candidates, where the district is ours."""
        if not self._owner:
            return Result()
        known = self._known
        changed = candidates(known.cases, known.incidents.values(), known.entries, self._clock.now(), self._rules)
        new = known.copy() if changed else known
        for one in changed:
            new.take(one)
        return self._result(changed, (), new)

    async def release(self) -> None:
        """Nothing runs beside the batches."""

    def _one(self, record: Record, known: _Known) -> Case | Dead | None:
        if record.topic == DECISIONS.name:
            decision = read(record, Decision, self.name)
            return decision if isinstance(decision, Dead) else self._decided(record, decision, known)
        event: Incident | LedgerEntry | Dead
        if record.topic == LEDGER.name:
            event = read(record, LedgerEntry, self.name)
        else:
            event = read(record, Incident, self.name)
        if isinstance(event, Dead):
            return None  # the index role makes it a dead letter; one is enough
        if event.district == self._district:
            known.take(event)
        return None

    def _decided(self, record: Record, decision: Decision, known: _Known) -> Case | Dead | None:
        if decision.district != self._district:
            return None
        try:
            return decided(known.cases, decision)
        except InvalidItem as error:
            return Dead(record, self.name, str(error))

    def _result(self, changed: Sequence[Case], dead: Sequence[Dead], new: _Known) -> Result:
        for one in changed:
            log.info("case", case_id=one.case_id, kind=one.kind, state=one.state, department=one.department)

        def done() -> None:
            self._known = new

        return Result([Output(CASES, one.case_id.encode(), to_bytes(one)) for one in changed], dead, done)
