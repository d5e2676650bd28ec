"""Who has a duty and has not reported: before the cut-off, and after it. Pure lists; ``reminding`` decides messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.ledger import Ledger, LedgerRules, key_of
from schemas.base import local_day
from schemas.vocab import LedgerState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A department without a report. ``minutes``: until the cut-off, negative after it.

    ``step`` is the lead time under way (minutes before the cut-off), at which a message is due, null before the first
    and from the cut-off on; ``lead`` the earliest one.
    """

    department: str
    name: str
    day: str
    cutoff: datetime
    minutes: int
    step: int | None
    lead: int = 0


def waiting(state: Ledger, now: datetime, rules: LedgerRules, *, day: str | None = None) -> list[Waiting]:
    """A day's departments that have a duty and have not reported, the most urgent first; today's where none is given.

    After the cut-off: the silent.
    """
    book, day = state.book or rules.book, day or local_day(now)
    found = []
    for name, member in book.members.items():
        duty = book.duty(name, day)
        entry = state.entries.get(key_of(name, day))
        reported = entry is not None and entry.state not in (LedgerState.PENDING, LedgerState.MISSING)
        if duty.required != "Y" or reported:
            continue
        minutes = int((duty.cutoff - now).total_seconds() // 60)
        due = [step for step in duty.remind if duty.cutoff - timedelta(minutes=step) <= now < duty.cutoff]
        lead = max(duty.remind, default=0)
        found.append(Waiting(name, member.name, day, duty.cutoff, minutes, min(due, default=None), lead))
    return sorted(found, key=lambda one: (one.cutoff, one.department))


def reminders(state: Ledger, now: datetime, rules: LedgerRules) -> list[Waiting]:
    """Those whose reminder is due now."""
    return [one for one in waiting(state, now, rules) if one.step is not None]


def silent(state: Ledger, now: datetime, rules: LedgerRules) -> list[Waiting]:
    """Those whose cut-off has passed."""
    return [one for one in waiting(state, now, rules) if one.cutoff < now]
