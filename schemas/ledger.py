"""The duty ledger: one state for each department and day."""

from __future__ import annotations

from schemas.base import Event, Time
from schemas.vocab import LedgerState


class LedgerReport(Event):
    """One report counted on the day."""

    item_id: str
    version: int
    kind: str | None = None
    received_at: Time
    late: bool = False


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
