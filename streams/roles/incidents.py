"""Incidents: ``items.signals`` (by district) and ``decisions.made`` -> ``incidents.changed``.

One partition owns a district's incidents. Decisions are keyed by their subject, so one worker runs for a district (as
for the ledger): a decision that reaches a worker without the incident is a dead letter, which can be replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import ValidationError

from processors.incidents import IncidentRules, decide
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
        """Decide one by one on a copy, which becomes the state when all outputs are acknowledged."""
        changed: Districts = {}
        outputs: list[Output] = []
        dead: list[Dead] = []
        for record in batch:
            found = self._decide(record, changed)
            if isinstance(found, Dead):
                dead.append(found)
                continue
            for incident in found:
                keep(changed, incident)
                outputs.append(Output(INCIDENTS, incident.incident.encode(), to_bytes(incident)))
                _log(incident)

        def done() -> None:
            for incidents in changed.values():
                for incident in incidents.values():
                    keep(self._districts, incident)

        return Result(outputs, dead, done)

    def _decide(self, record: Record, changed: Districts) -> list[Incident] | Dead:
        event: Decision | AssessedItem | Dead
        if record.topic == DECISIONS.name:
            event = read(record, Decision, self.name)
        else:
            event = read(record, AssessedItem, self.name)
        if isinstance(event, Dead):
            return event
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
