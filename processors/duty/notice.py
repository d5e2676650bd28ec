"""The monthly notice (通报): totals, ranking by class, who was silent, late and confirmed cases, 约稿, the table. Pure.

Only what stands at the time of the notice counts; deductions within their appeal window are shown apart. Classes are
ranked apart, since quantity alone must not win (SPEC 4.3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from processors.duty.commissioned import Commission, commissions
from processors.duty.point import Point
from processors.duty.points import INSTRUCTED, Record, points
from processors.duty.rates import Rate, rates
from processors.duty.register import DutyBook
from processors.duty.scoring import Scoring
from schemas.base import local_day
from schemas.case import Case, CaseState
from schemas.ledger import LedgerEntry
from schemas.vocab import Kind

ADOPT, CITY, PROVINCE = "adopt.", "adopt.city", ("adopt.province", "adopt.central")
CLASSES = ("镇街", "一类", "二类", "三类")
"""The order in which classes are printed; others follow."""


@dataclass(frozen=True, slots=True)
class Line:
    """One department in the table. Points as exact decimals; counts are of the month."""

    department: str
    name: str
    appraisal_class: str
    received: int
    received_year: int
    adopted: int
    adopted_points: Decimal
    city: Decimal
    province: Decimal
    instructed: Decimal
    rate: Rate
    late: int
    confirmed: int
    deducted: Decimal
    pending: Decimal
    month: Decimal
    year: Decimal
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of a month, as of ``made_at``."""

    title: str
    month: str
    made_at: datetime
    version: str
    received: int
    adopted: int
    on_time: Rate
    by_class: tuple[tuple[str, tuple[Line, ...]], ...]
    nothing_sent: tuple[str, ...]
    nothing_adopted: tuple[str, ...]
    late: tuple[Point, ...]
    cases: tuple[Case, ...]
    commissioned: tuple[Commission, ...]
    entries: tuple[Point, ...]
    names: dict[str, str] = field(default_factory=dict)


def notice(record: Record, month: str, now: datetime, book: DutyBook, scoring: Scoring, *, title: str) -> Notice:
    """The notice of ``YYYY-MM`` from everything known at ``now``."""
    year = [one for one in points(record, now, scoring) if one.day[:4] == month[:4] and one.day[:7] <= month]
    entries = [one for one in _latest(record.entries) if one.day[:4] == month[:4] and one.day[:7] <= month]
    own = [one for one in year if one.day.startswith(month)]
    counted = rates(entries, month, book)
    by_department = counted.by_department
    lines = [_line(name, month, now, year, entries, book, by_department.get(name, Rate())) for name in book.members]
    asked = [one for one in commissions(record.decisions, now) if local_day(one.deadline).startswith(month)]
    upheld = [one for one in _newest(record.cases) if _in_month(one, month)]
    return Notice(
        title=title,
        month=month,
        made_at=now,
        version=scoring.version,
        received=sum(one.received for one in lines),
        adopted=sum(one.adopted for one in lines),
        on_time=counted.total,
        by_class=_ranked(lines),
        nothing_sent=tuple(one.name for one in lines if not one.received and one.rate.due),
        nothing_adopted=tuple(one.name for one in lines if one.received and not one.adopted),
        late=tuple(one for one in own if one.key.startswith("late") and one.stands(now)),
        cases=tuple(upheld),
        commissioned=tuple(asked),
        entries=tuple(own),
        names={key: member.name for key, member in book.members.items()},
    )


def _latest(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    known = {(one.department, one.day): one for one in sorted(entries, key=lambda one: one.revision)}
    return list(known.values())


def _newest(cases: Iterable[Case]) -> list[Case]:
    known = {one.case_id: one for one in sorted(cases, key=lambda one: one.revision)}
    return sorted(known.values(), key=lambda one: (one.day, one.case_id))


def _in_month(case: Case, month: str) -> bool:
    return case.state is CaseState.UPHELD and case.decided_at is not None and local_day(case.decided_at)[:7] == month


def _line(
    department: str,
    month: str,
    now: datetime,
    year: Sequence[Point],
    entries: Sequence[LedgerEntry],
    book: DutyBook,
    rate: Rate,
) -> Line:
    theirs = [one for one in year if one.department == department]
    own = [one for one in theirs if one.day.startswith(month)]
    standing = [one for one in own if one.stands(now)]
    sent = Counter(one.day[:7] for one in entries if one.department == department for report in one.reports
                   if report.kind != Kind.ZERO)  # fmt: skip
    adopted = [one for one in standing if one.key.startswith(ADOPT)]
    return Line(
        department=department,
        name=book.members[department].name,
        appraisal_class=book.class_of(department, f"{month}-28"),
        received=sent[month],
        received_year=sent.total(),
        adopted=len({one.ref for one in adopted}),
        adopted_points=_sum(one for one in adopted if not one.key.startswith((CITY, *PROVINCE))),
        city=_sum(one for one in adopted if one.key.startswith(CITY)),
        province=_sum(one for one in adopted if one.key.startswith(PROVINCE)),
        instructed=_sum(one for one in standing if one.key.startswith(INSTRUCTED)),
        rate=rate,
        late=sum(one.key.startswith("late") for one in standing),
        confirmed=sum(one.ref.startswith("case:") for one in standing),
        deducted=_sum(one for one in standing if one.points < 0),
        pending=_sum(one for one in own if not one.stands(now)),
        month=_sum(standing),
        year=_sum(one for one in theirs if one.stands(now)),
    )


def _sum(found: Iterable[Point]) -> Decimal:
    return sum((one.points for one in found), Decimal(0))


def _ranked(lines: Sequence[Line]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Each class apart, by points; equals share a rank and are printed by number of the department."""
    classes = sorted({one.appraisal_class for one in lines}, key=lambda name: (name not in CLASSES, _place(name), name))
    ranked = []
    for name in classes:
        own = [one for one in lines if one.appraisal_class == name]
        members = sorted(own, key=lambda one: (-one.month, one.department))
        ahead = {one.department: 1 + sum(other.month > one.month for other in members) for one in members}
        ranked.append((name, tuple(replace(one, rank=ahead[one.department]) for one in members)))
    return tuple(ranked)


def _place(name: str) -> int:
    return CLASSES.index(name) if name in CLASSES else 0
