"""Who is to be reminded before the cut-off, and who was silent after it. Pure: lists, sending is others' work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from processors.ledger import Ledger, LedgerRules, key_of
from schemas.base import local_day
from schemas.vocab import LedgerState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A department without a report. ``minutes``: until the cut-off, negative after it.

    ``step`` is the reminder due now (minutes before the cut-off), null between and after them: who has been sent
    (department, day, step) is not sent it again.
    """

    department: str
    name: str
    day: str
    cutoff: datetime
    minutes: int
    step: int | None


def waiting(state: Ledger, now: datetime, rules: LedgerRules) -> list[Waiting]:
    """Today's departments that have not reported, the most urgent first; after the cut-off: the silent."""
    book, day = state.book or rules.book, local_day(now)
    found = []
    for name, member in book.members.items():
        duty = book.duty(name, day)
        entry = state.entries.get(key_of(name, day))
        reported = entry is not None and entry.state not in (LedgerState.PENDING, LedgerState.MISSING)
        if duty.required != "Y" or reported:
            continue
        minutes = int((duty.cutoff - now).total_seconds() // 60)
        due = [step for step in duty.remind if 0 <= minutes < step]
        found.append(Waiting(name, member.name, day, duty.cutoff, minutes, min(due, default=None)))
    return sorted(found, key=lambda one: (one.cutoff, one.department))


def reminders(state: Ledger, now: datetime, rules: LedgerRules) -> list[Waiting]:
    """Those whose reminder is due now."""
    return [one for one in waiting(state, now, rules) if one.step is not None]


def silent(state: Ledger, now: datetime, rules: LedgerRules) -> list[Waiting]:
    """Those whose cut-off has passed."""
    return [one for one in waiting(state, now, rules) if one.cutoff < now]
