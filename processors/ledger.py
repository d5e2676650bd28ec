"""The duty ledger: what a department did on a day, and by which rule. Pure.

Every entry is computed again from the day's reports, so the same reports in any order give the same entry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from schemas.assessment import AssessedItem
from schemas.base import CHINA, local_day
from schemas.decision import Decision
from schemas.ledger import LedgerEntry, LedgerReport
from schemas.vocab import Kind, Lane, LedgerState


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """Who must report by when. ``departments``: id to name of those that report; ``cutoff``: local time of every day.

    ``look_back``: days whose missing reports are still marked after an outage (ours, no source).
    """

    district: str
    departments: Mapping[str, str]
    cutoff: time = time(17, 30)
    look_back: int = 7
    excuses: Collection[str] = field(default=("excuse",))

    def cutoff_of(self, day: str) -> datetime:
        """The moment after which a report of ``day`` is late."""
        return datetime.combine(date.fromisoformat(day), self.cutoff, tzinfo=CHINA)


State = Mapping[str, LedgerEntry]
"""Entries by ``department:day``."""


def key_of(department: str, day: str) -> str:
    """The key of an entry on ``duty.ledger``."""
    return f"{department}:{day}"


def decide(state: State, item: AssessedItem, rules: LedgerRules) -> list[LedgerEntry]:
    """The entry that a report changes; [] for other lanes, other districts, unknown departments and replays."""
    if item.input.lane is not Lane.REPORT or item.district != rules.district or item.source not in rules.departments:
        return []
    day = local_day(item.input.published_at)
    old = state.get(key_of(item.source, day)) or _blank(item.source, day, rules)
    reports = _with(old.reports, item, rules.cutoff_of(day))
    if reports == old.reports:
        return []
    return [_judged(old, reports, rules, item.received_at)]


def excuse(state: State, decision: Decision, rules: LedgerRules) -> list[LedgerEntry]:
    """A person excused a department for a day: ``department:day``, or ``details.day``, or the decision's day."""
    if decision.action not in rules.excuses or decision.subject_type != "department":
        return []
    department, _, day = decision.subject_id.partition(":")
    if decision.district != rules.district or department not in rules.departments:
        return []
    day = day or str(decision.details.get("day") or local_day(decision.at))
    old = state.get(key_of(department, day)) or _blank(department, day, rules)
    if old.state is LedgerState.EXCUSED:
        return []
    note = f"{decision.by}准予免报" + (f"：{decision.reason}" if decision.reason else "")
    update = {"state": LedgerState.EXCUSED, "rule": "excused", "explanation": note}
    return [old.model_copy(update={**update, "revision": old.revision + 1, "changed_at": decision.at})]


def missing(state: State, now: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """Departments without a report whose cut-off has passed at ``now``.

    Looks at today, and at earlier days only from the first day the ledger knows on: an empty ledger begins today.
    """
    today = now.astimezone(CHINA).date()
    known = min((entry.day for entry in state.values()), default=today.isoformat())
    days = [(today - timedelta(days=back)).isoformat() for back in range(rules.look_back, -1, -1)]
    due = [day for day in days if day >= known and rules.cutoff_of(day) < now]
    absent = [(name, day) for day in due for name in rules.departments if key_of(name, day) not in state]
    return [_judged(_blank(name, day, rules), (), rules, now) for name, day in absent]


def _blank(department: str, day: str, rules: LedgerRules) -> LedgerEntry:
    return LedgerEntry(
        department=department,
        department_name=rules.departments[department],
        day=day,
        district=rules.district,
        state=LedgerState.MISSING,
        revision=0,
        cutoff=rules.cutoff_of(day),
        changed_at=rules.cutoff_of(day),
    )


def _with(reports: tuple[LedgerReport, ...], item: AssessedItem, cutoff: datetime) -> tuple[LedgerReport, ...]:
    """The day's reports with this one: the highest version stays, and the earliest receipt."""
    old = next((one for one in reports if one.item_id == item.item_id), None)
    received = item.received_at if old is None else min(old.received_at, item.received_at)
    kind = item.input.kind.value if item.input.kind else None
    version = item.version
    if old is not None and old.version >= item.version:
        kind, version = old.kind, old.version
    new = LedgerReport(item_id=item.item_id, version=version, kind=kind, received_at=received, late=received > cutoff)
    others = [one for one in reports if one.item_id != item.item_id]
    return tuple(sorted([*others, new], key=lambda one: (one.received_at, one.item_id)))


def _judged(
    old: LedgerEntry, reports: tuple[LedgerReport, ...], rules: LedgerRules, changed_at: datetime
) -> LedgerEntry:
    state, rule, explanation = _verdict(old, reports, rules)
    return old.model_copy(
        update={
            "state": state,
            "rule": rule,
            "explanation": explanation,
            "reports": reports,
            "first_at": reports[0].received_at if reports else None,
            "revision": old.revision + 1,
            "changed_at": changed_at,
        }
    )


def _verdict(old: LedgerEntry, reports: tuple[LedgerReport, ...], rules: LedgerRules) -> tuple[LedgerState, str, str]:
    until = f"{rules.cutoff:%H:%M}"
    if old.state is LedgerState.EXCUSED:
        return old.state, old.rule, old.explanation
    if not reports:
        return LedgerState.MISSING, "no_report", f"{until}前未报送，也无零报告"
    first = reports[0]
    at = f"{first.received_at.astimezone(CHINA):%m-%d %H:%M}"
    if first.late:
        return LedgerState.LATE, "after_cutoff", f"首件{at}收到，迟于{until}"
    if all(one.kind == Kind.ZERO for one in reports):
        return LedgerState.ZERO, "zero_report", f"{at}收到零报告"
    if first.kind == Kind.ZERO:
        return LedgerState.AMENDED, "zero_then_report", f"{at}先报零报告，后又报送信息"
    return LedgerState.REPORTED, "reported", f"首件{at}收到，共{len(reports)}件"
