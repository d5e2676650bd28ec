"""Points: the ledger, cases, issued bulletins and decisions -> ``duty.points``, for the index to show.

Computed anew from the whole record whenever something came, and now and then because time alone changes them; only
what differs from what was written is written. One worker for a district, as the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

import structlog
from pydantic import ValidationError

from processors.duty.point import Point
from processors.duty.points import Record as Evidence
from processors.duty.points import points
from processors.duty.published import changed
from processors.duty.scoring import Scoring
from processors.ledger import key_of
from schemas.base import Event, local_day
from schemas.bulletin import Bulletin
from schemas.case import Case
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.point import PointEntry
from schemas.ports import Clock
from schemas.topics import BULLETINS, CASES, DECISIONS, LEDGER, POINTS, TopicSpec
from streams.ports import StateReader
from streams.reading import to_bytes
from streams.records import Assignment, Output, Record, Result

E = TypeVar("E", bound=Event)
log = structlog.get_logger("streams.points")
MEMORY = timedelta(days=400)
"""As the ledger's: a year of appraisal, with room for corrections."""
TICK_S = 15.0
AT_LEAST_EVERY_S = 600.0
"""A request becomes missed by the clock alone."""
_MODELS: Mapping[str, type[LedgerEntry] | type[Case] | type[Bulletin] | type[Decision]] = {
    LEDGER.name: LedgerEntry, CASES.name: Case, BULLETINS.name: Bulletin, DECISIONS.name: Decision,
}  # fmt: skip
_SUBJECTS = frozenset({"item", "points", "request", "department", "instruction"})
_ACTIONS = frozenset(
    {
        "instruct", "withdraw", "score", "appeal", "accept", "return", "request", "answer", "close", "excuse",
        "set_duty", "undo", "erase",
    }
)  # fmt: skip


@dataclass(frozen=True)
class PointRules:
    """The table of points, the departments' names by id, and whose name in a bulletin is whose."""

    scoring: Scoring
    names: Mapping[str, str] = field(default_factory=dict)
    resolve: Callable[[str], str | None] = field(default=lambda name: name)


@dataclass(frozen=True)
class _Known:
    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)
    bulletins: Mapping[str, Bulletin] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    def with_all(self, events: Sequence[Event]) -> _Known:
        """The newest state of each."""
        entries, cases = dict(self.entries), dict(self.cases)
        bulletins, decisions = dict(self.bulletins), dict(self.decisions)
        for event in events:
            match event:
                case LedgerEntry():
                    key = key_of(event.department, event.day)
                    if key not in entries or event.revision >= entries[key].revision:
                        entries[key] = event
                case Case():
                    if event.case_id not in cases or event.revision >= cases[event.case_id].revision:
                        cases[event.case_id] = event
                case Bulletin():
                    bulletins[f"{event.name}:{event.date}:{event.made_at.isoformat()}"] = _without_text(event)
                case Decision():
                    if event.subject_type in _SUBJECTS and event.action in _ACTIONS:
                        decisions[event.decision_id] = event
        return _Known(entries, cases, bulletins, decisions)


class PointsHandler:
    """Keeps the record of one district and tells the index what points follow from it."""

    name = "points"
    tick_s: float | None = TICK_S

    def __init__(
        self, reader: StateReader, clock: Clock, district: str, rules: PointRules, now: Callable[[], float] = monotonic
    ) -> None:
        self._reader, self._clock, self._district, self._rules, self._now = reader, clock, district, rules, now
        self._known, self._written = _Known(), dict[str, PointEntry]()
        self._found: Mapping[str, Point] = {}
        self._owner, self._news, self._looked = False, True, 0.0

    async def restore(self, assignment: Assignment) -> None:
        """Read the record, and what was written of it, to their ends."""
        since = datetime.now(UTC) - MEMORY
        found: list[Event] = []
        for spec in (LEDGER, CASES, BULLETINS, DECISIONS):
            found += [one async for one in self._events(spec, _MODELS[spec.name], since if spec is LEDGER else None)]
        self._known = _Known().with_all(found)
        self._written, self._found = {}, {}
        async for one in self._events(POINTS, PointEntry, None):
            if one.entry_id not in self._written or one.revision >= self._written[one.entry_id].revision:
                self._written[one.entry_id] = one
        self._owner, self._news = assignment.owns(BULLETINS.name, 0), True
        log.info("points restored", entries=len(self._known.entries), written=len(self._written), owner=self._owner)

    async def _events(self, spec: TopicSpec, model: type[E], since: datetime | None) -> AsyncIterator[E]:
        async for value in self._reader(spec, since=since):
            event = _read(model, value)
            if event is not None and getattr(event, "district", None) == self._district:
                yield event

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Take the record in; the timer computes."""
        found: list[Event] = []
        for record in batch:
            model = _MODELS.get(record.topic)
            event = _read(model, record.value) if model is not None else None
            if event is not None and getattr(event, "district", None) == self._district:
                found.append(event)
        if not found:
            return Result()
        known = self._known.with_all(found)

        def done() -> None:
            self._known, self._news = known, True

        return Result((), (), done)

    async def tick(self) -> Result:
        """Compute where something came, or where much time has passed."""
        moment = self._now()
        if not self._owner or not (self._news or moment - self._looked >= AT_LEAST_EVERY_S):
            return Result()
        now, known = self._clock.now(), self._known
        evidence = Evidence(
            list(known.entries.values()), list(known.cases.values()), list(known.bulletins.values()),
            list(known.decisions.values()), self._rules.resolve,
        )  # fmt: skip
        # A year of a district takes a second or two; beside the loop, so that the group's heartbeat goes on.
        found = await asyncio.to_thread(points, evidence, now, self._rules.scoring)
        news = await asyncio.to_thread(
            changed, self._written, found, now, district=self._district, names=self._rules.names,
            since=local_day(now - MEMORY + timedelta(days=10)), before=self._found,
        )  # fmt: skip
        outputs = [Output(POINTS, one.entry_id.encode(), to_bytes(one)) for one in news]

        def done() -> None:
            self._written = {**self._written, **{one.entry_id: one for one in news}}
            self._found = {one.entry_id: one for one in found}
            self._news, self._looked = self._known is not known, moment

        return Result(outputs, (), done)

    async def release(self) -> None:
        """Nothing runs beside the batches."""


def _read(model: type[E], value: bytes) -> E | None:
    try:
        return model.model_validate_json(value)
    except ValidationError:
        return None  # the index role makes it a dead letter


def _without_text(bulletin: Bulletin) -> Bulletin:
    """Who is in it is what counts; a year of texts would fill the memory."""
    sections = tuple(
        section.model_copy(
            update={"entries": tuple(entry.model_copy(update={"text": ""}) for entry in section.entries)}
        )
        for section in bulletin.sections
    )
    return bulletin.model_copy(update={"sections": sections, "charts": ()})
