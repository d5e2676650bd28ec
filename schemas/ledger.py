"""The duty ledger: one state for each department and day."""

from __future__ import annotations

from schemas.base import Event, Time
from schemas.vocab import DayKind, LedgerState, TimelinessRule


class ReportVersion(Event):
    """One version of a report as it arrived; together they tell what was known at any moment."""

    version: int
    kind: str | None = None
    published_at: Time
    received_at: Time
    late_by: TimelinessRule | None = None
    """The rule of timeliness that the version missed (CONTRACT ``timeliness``); the earliest receipt decides."""


class LedgerReport(Event):
    """One report counted on the day. ``version`` and ``kind`` are the newest, ``received_at`` the earliest receipt."""

    item_id: str
    version: int
    kind: str | None = None
    received_at: Time
    late: bool = False
    versions: tuple[ReportVersion, ...] = ()


class LedgerEntry(Event):
    """Value of ``duty.ledger`` (key: ``department:day``): the state and the rule that gave it.

    The highest ``revision`` is the truth. ``first_at`` is the earliest receipt that counts for the day.
    """

    department: str
    department_name: str = ""
    day: str
    district: str
    state: LedgerState
    revision: int
    rule: str = ""
    explanation: str = ""
    cutoff: Time
    first_at: Time | None = None
    reports: tuple[LedgerReport, ...] = ()
    changed_at: Time
    day_kind: DayKind | None = None
    duty: str = ""
    """The rule of the day that was applied: a row of duties.tsv, or the decision that set it."""
    decision_id: str | None = None
    """The decision that excused the department."""
