"""Deadlines of an incident: the department's own, the district's towards the city, and the next report due. Pure.

``incident_clocks.tsv`` names for each clock the row of ``deadlines.tsv`` it rests on, its start and what meets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.incident_sum import voices
from processors.tables import Row, Tables, table
from schemas.incident import Incident, IncidentClock
from schemas.vocab import EventClass, Lane, Level, Precision, Side

TABLE, BASIS = "incident_clocks", "deadlines"
COLUMNS = ("rule", "deadline", "side", "name", "classes", "levels", "start", "minutes", "met_by", "source")
UNDECIDED = "undecided"
"""As a level in the table: the figures do not decide one."""
_STARTS = ("occurred", "known", "last_report")
_MET_BY = ("phone", "written", "next", "city", "public")
_ENDS_OF_DAY = {Precision.DAY, Precision.PERIOD}


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One clock: for which incidents it runs, from what, how long, and what meets it."""

    rule: str
    side: Side
    name: str
    classes: frozenset[EventClass]
    levels: frozenset[Level | None]
    start: str
    limit: timedelta
    met_by: str
    source: str

    def applies(self, incident: Incident) -> bool:
        """No class or level listed means all."""
        right_class = not self.classes or incident.event_class in self.classes
        return right_class and (not self.levels or incident.level in self.levels)


def load_incident_clocks(tables: Tables) -> tuple[ClockRule, ...]:
    """From the district's table. Raises DistrictError with the line of a bad row."""
    known = {row["id"] for row in table(tables, BASIS, ["id"])}
    return tuple(_rule(row, known) for row in table(tables, TABLE, COLUMNS))


def _rule(row: Row, known: set[str]) -> ClockRule:
    minutes = row.number("minutes")
    if row["deadline"] not in known:
        raise row.error(f"deadline: '{row['deadline']}' is not in {BASIS}.tsv")
    if minutes is None or row["start"] not in _STARTS or row["met_by"] not in _MET_BY:
        raise row.error(f"minutes: a number; start: {', '.join(_STARTS)}; met_by: {', '.join(_MET_BY)}")
    try:
        classes = frozenset(EventClass(name) for name in row.parts("classes"))
        levels = frozenset(None if name == UNDECIDED else Level(name) for name in row.parts("levels"))
        side = Side(row["side"])
    except ValueError as error:
        raise row.error(str(error)) from None
    limit = timedelta(minutes=minutes)
    source = f"{row['deadline']}/{row['source']}"
    return ClockRule(row["rule"], side, row["name"], classes, levels, row["start"], limit, row["met_by"], source)


def with_clocks(incident: Incident, rules: Sequence[ClockRule]) -> Incident:
    """The incident with its deadlines; none for one that is elsewhere, refuted, merged, or a machine's word alone."""
    if incident.merged_into or incident.rejected or incident.in_district is False or not incident.signed:
        return incident.model_copy(update={"clocks": (), "next_due": None})
    found = [clock for rule in rules if rule.applies(incident) and (clock := _clock(incident, rule))]
    due = min((one.deadline for one in found if one.started == "last_report"), default=None)
    return incident.model_copy(update={"clocks": tuple(found), "next_due": due})


def _clock(incident: Incident, rule: ClockRule) -> IncidentClock | None:
    if rule.met_by == "next" and incident.closed:
        return None
    start = _start(incident, rule.start)
    if start is None:
        return None
    return IncidentClock(
        rule=rule.rule,
        side=rule.side,
        name=rule.name,
        started=rule.start,
        started_at=start,
        deadline=start + rule.limit,
        met_at=_met(incident, rule.met_by),
        source=rule.source,
    )


def _start(incident: Incident, start: str) -> datetime | None:
    signed = [one.received_at for one in voices(incident) if one.lane is Lane.REPORT]
    if start == "known":
        return min(signed, default=None)
    if start == "last_report":
        return max(signed, default=None)
    onset = incident.facts.event_time
    if onset is None or onset.precision is Precision.MONTH:
        return None
    # Where only the day is known the reporter has the benefit of the doubt, as in processors.timeliness.
    late = onset.precision in _ENDS_OF_DAY
    return onset.start + timedelta(days=1) if late else onset.start


def _met(incident: Incident, by: str) -> datetime | None:
    written = [one for one in incident.sources if one.lane is Lane.REPORT]
    if by == "written":
        return min((one.received_at for one in written), default=None)
    if by == "phone":
        calls = [call.called_at for call in incident.calls]
        calls += [one.phoned_at for one in written if one.phoned_at is not None]
        # A written report in time needs no call beside it.
        return min([*calls, *(one.received_at for one in written)], default=None)
    acts = [one for one in incident.acts if one.action == "report_up" and not one.undone]
    return min((one.at for one in acts if one.side is not None and one.side.value == by), default=None)


def shown(clock: IncidentClock, now: datetime) -> str:
    """The clock in words at ``now``: met in time or late, or how long is left or over."""
    if clock.met_at is not None:
        late = clock.met_at > clock.deadline
        return f"已完成，超时{_minutes(clock.met_at - clock.deadline)}" if late else "已按时完成"
    over = now > clock.deadline
    return f"已超时{_minutes(now - clock.deadline)}" if over else f"还剩{_minutes(clock.deadline - now)}"


def _minutes(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{hours}小时{minutes}分钟" if hours else f"{minutes}分钟"
