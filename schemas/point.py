"""Points as the index has them: what followed from the record when it was last looked at."""

from __future__ import annotations

from schemas.base import Event, Time


class PointEntry(Event):
    """Value of ``duty.points`` (key: entry id); the highest ``revision`` is the truth.

    The record (ledger, cases, bulletins, decisions) is what counts: entries are computed from it and written here so
    that they can be shown (processors.duty.points). ``exact`` is the decimal as text, ``points`` the same as a number.
    ``withdrawn``: it follows no longer, since a report moved to another day. Whether a deduction stands is seen from
    ``final_at`` and ``appealed``.
    """

    entry_id: str
    district: str
    department: str
    department_name: str = ""
    day: str
    month: str
    key: str
    points: float
    exact: str
    ref: str
    why: str
    at: Time
    final_at: Time
    version: str
    corrects: str | None = None
    appealed: str | None = None
    withdrawn: bool = False
    revision: int = 1
    changed_at: Time
