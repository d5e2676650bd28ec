"""Incidents: ``items.signals`` (by district) -> ``incidents.changed``. One partition owns a district's incidents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import ValidationError

from processors.incidents import IncidentRules, decide
from schemas.assessment import AssessedItem
from schemas.incident import Incident
from schemas.topics import INCIDENTS, SIGNALS
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
        log.info("incidents restored", incidents=sum(map(len, districts.values())))

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Decide item by item on a copy, which becomes the state when all outputs are acknowledged."""
        changed: Districts = {}
        outputs: list[Output] = []
        dead: list[Dead] = []
        for record in batch:
            item = read(record, AssessedItem, self.name)
            if isinstance(item, Dead):
                dead.append(item)
                continue
            state = {**self._districts.get(item.district, {}), **changed.get(item.district, {})}
            for incident in decide(state, item, item.received_at, self._rules):
                keep(changed, incident)
                outputs.append(Output(INCIDENTS, incident.incident.encode(), to_bytes(incident)))
                _log(incident, item)

        def done() -> None:
            for incidents in changed.values():
                for incident in incidents.values():
                    keep(self._districts, incident)

        return Result(outputs, dead, done)


def keep(districts: Districts, incident: Incident) -> None:
    """Remember an incident unless a newer version is known."""
    incidents = districts.setdefault(incident.district, {})
    known = incidents.get(incident.incident)
    if known is None or incident.version >= known.version:
        incidents[incident.incident] = incident


def _log(incident: Incident, item: AssessedItem) -> None:
    log.info(
        "incident",
        incident=incident.incident,
        version=incident.version,
        alert_version=incident.alert_version,
        stage=incident.stage.value,
        level=incident.level,
        item_id=item.item_id,
    )
