"""(e) The ledger of 500 departments and 366 days recomputed from its reports, decisions and rules; the goal is 10 s."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from processors.duty.moments import recomputed
from processors.duty.register import DutyBook, DutyRule, Member
from processors.ledger import Ledger, LedgerRules, applied, decide, opened
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.ledger import LedgerEntry, LedgerReport, ReportVersion
from schemas.vocab import DayKind, LedgerState

DEPARTMENTS, DAYS, GOAL_S = 500, 366, 10.0
FIRST = date(2025, 12, 1)


def run(departments: int = DEPARTMENTS, days: int = DAYS) -> float:
    """Seconds of processor time of one whole recomputation; prints it beside the number of entries."""
    rules, state = _year(departments, days)
    every = [(FIRST + timedelta(days=n)).isoformat() for n in range(days)]
    moment = datetime.combine(FIRST + timedelta(days=days), datetime.min.time(), tzinfo=CHINA)
    started = time.process_time()
    found = recomputed(state, every, moment, rules)
    seconds = time.process_time() - started
    states = {kind.value: sum(one.state is kind for one in found) for kind in LedgerState}
    assert len(found) == departments * days
    print(
        f"ledger: {len(found)} entries recomputed in {seconds:.2f} s of processor time (goal {GOAL_S:.0f} s); {states}"
    )
    judged = opened(found, state.decisions.values(), rules)
    started = time.process_time()
    changed = decide(judged, _excuse(), moment, rules)
    print(f"a span excused afterwards: {time.process_time() - started:.2f} s, {len(changed)} entries changed")
    return seconds


def _excuse() -> Decision:
    return Decision.model_validate(
        {"decision_id": "late", "district": "bench", "subject_type": "department", "subject_id": "D0007",
         "action": "excuse", "by": "bench", "at": datetime(2026, 11, 30, tzinfo=CHINA),
         "details": {"from": "2026-03-01", "until": "2026-03-31"}}
    )  # fmt: skip


def _year(departments: int, days: int) -> tuple[LedgerRules, Ledger]:
    """A year in which one in 20 is silent, one in 15 late, one in 3 sends two reports, one in 9 corrects one."""
    names = {f"D{n:04}": Member(f"D{n:04}", f"单位{n}", "gov", "一类") for n in range(departments)}
    weekend = DutyRule("weekend", "*", days=frozenset({DayKind.WEEKEND, DayKind.HOLIDAY}), cutoff=None)
    rules = LedgerRules("bench", {key: one.name for key, one in names.items()}, given=DutyBook(names, (weekend,)))
    entries = [
        _entry(name, n, FIRST + timedelta(days=d), d)
        for n, name in enumerate(names)
        for d in range(days)
        if (n * 7 + d) % 20
    ]
    state = opened(entries, (), rules)
    excuse = _excuse().model_copy(update={"decision_id": "early", "subject_id": "D0003"})
    return rules, applied(state, excuse, (), rules)


def _entry(department: str, number: int, day: date, count: int) -> LedgerEntry:
    noon = datetime.combine(day, datetime.min.time(), tzinfo=CHINA) + timedelta(hours=12)
    received = noon + timedelta(hours=6 if (number + count) % 15 == 0 else 1)
    reports = tuple(
        _report(f"{department}-{day}-{n}", noon, received, corrected=(number + count) % 9 == 0)
        for n in range(2 if (number + count) % 3 == 0 else 1)
    )
    return LedgerEntry(
        department=department, department_name=department, day=day.isoformat(), district="bench",
        state=LedgerState.REPORTED, revision=1, cutoff=noon + timedelta(hours=5.5), first_at=received,
        reports=reports, changed_at=received,
    )  # fmt: skip


def _report(item_id: str, published: datetime, received: datetime, *, corrected: bool) -> LedgerReport:
    versions = [ReportVersion(version=1, kind="normal", published_at=published, received_at=received)]
    if corrected:
        later = received + timedelta(hours=2)
        versions.append(ReportVersion(version=2, kind="normal", published_at=published, received_at=later))
    return LedgerReport(
        item_id=item_id, version=versions[-1].version, kind="normal", received_at=received, versions=tuple(versions)
    )
