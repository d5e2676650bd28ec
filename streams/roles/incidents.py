"""Incidents: ``items.signals`` (by district) and ``decisions.made`` -> ``incidents.changed``.

One partition owns a district's incidents. Decisions are keyed by their subject, so one worker runs for a district (as
for the ledger): a decision that reaches a worker without the incident is a dead letter, which can be replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import ValidationError

from processors.incidents import IncidentRules, concerns, decide
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.errors import InvalidItem
from schemas.incident import Incident
from schemas.topics import DECISIONS, INCIDENTS, SIGNALS
from streams.kafka import partition_of
from streams.ports import StateReader
from streams.reading import read, to_bytes
from streams.records import Assignment, Dead, Output, Record, Result, StatelessHandler

log = structlog.get_logger("streams.incidents")

MEMORY = timedelta(days=90)
"""How far back incidents are remembered: the 30 days in which a final report may be corrected, with room to spare."""

Districts = dict[str, dict[str, Incident]]


class IncidentsHandler(StatelessHandler):
    """Keeps the incidents of the districts it owns; every state is an event, so a restart reads them back."""

    name = "incidents"

    def __init__(self, reader: StateReader, rules: IncidentRules) -> None:
        self._reader, self._rules = reader, rules
        self._districts: Districts = {}
        self._items: set[str] = set()
        """Items of all incidents that were ever kept: a new version of one is for ``decide``, whatever it says now."""

    async def restore(self, assignment: Assignment) -> None:
        """Read ``incidents.changed`` to its end; of each incident the highest version is the truth."""
        districts: Districts = {}
        async for value in self._reader(INCIDENTS, since=datetime.now(UTC) - MEMORY):
            try:
                incident = Incident.model_validate_json(value)
            except ValidationError:
                continue  # not ours to read; the index role makes it a dead letter
            if assignment.owns(SIGNALS.name, partition_of(incident.district.encode(), SIGNALS.partitions)):
                keep(districts, incident)
        self._districts = districts
        self._items = {one for known in districts.values() for incident in known.values() for one in _items(incident)}
        log.info("incidents restored", incidents=sum(map(len, districts.values())))

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Decide one by one on a copy, which becomes the state when all outputs are acknowledged."""
        changed: Districts = {}
        items = set[str]()
        outputs: list[Output] = []
        dead: list[Dead] = []
        for record in batch:
            found = self._decide(record, changed, items)
            if isinstance(found, Dead):
                dead.append(found)
                continue
            for incident in found:
                keep(changed, incident)
                items.update(_items(incident))
                outputs.append(Output(INCIDENTS, incident.incident.encode(), to_bytes(incident)))
                _log(incident)

        def done() -> None:
            for incidents in changed.values():
                for incident in incidents.values():
                    keep(self._districts, incident)
            self._items |= items

        return Result(outputs, dead, done)

    def _decide(self, record: Record, changed: Districts, items: Set[str]) -> list[Incident] | Dead:
        event: Decision | AssessedItem | Dead
        if record.topic == DECISIONS.name:
            event = read(record, Decision, self.name)
        else:
            event = read(record, AssessedItem, self.name)
        if isinstance(event, Dead):
            return event
        if isinstance(event, AssessedItem) and not (
            concerns(event) or event.item_id in self._items or event.item_id in items
        ):
            return []  # nearly every post; to look through all incidents for it would hold up the emergency behind it
        state = {**self._districts.get(event.district, {}), **changed.get(event.district, {})}
        now = event.at if isinstance(event, Decision) else event.received_at
        try:
            return decide(state, event, now, self._rules)
        except InvalidItem as error:
            return Dead(record, self.name, str(error))


def keep(districts: Districts, incident: Incident) -> None:
    """Remember an incident unless a newer version is known."""
    incidents = districts.setdefault(incident.district, {})
    known = incidents.get(incident.incident)
    if known is None or incident.version >= known.version:
        incidents[incident.incident] = incident


def _items(incident: Incident) -> Iterator[str]:
    return (one.item_id for one in incident.sources)


def _log(incident: Incident) -> None:
    log.info(
        "incident",
        incident=incident.incident,
        version=incident.version,
        alert_version=incident.alert_version,
        stage=incident.stage.value,
        level=incident.level,
        cause=incident.cause_event,
        merged_into=incident.merged_into,
    )
