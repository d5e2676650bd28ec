"""Entries that say 缺报 of days before the ledger was at work: versions before 2026-11-30 wrote them where the first
report of a new office was one of an earlier day. Finds them; people take them back by a decision. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from schemas.base import local_day
from schemas.ledger import LedgerEntry
from schemas.vocab import LedgerState


def began(entries: Iterable[LedgerEntry]) -> str | None:
    """The first day on which the ledger was at work, as far as its entries tell: when one was written, or when a
    report came; None for an empty ledger.

    A day may be later than the true one where every entry of the first days was changed since: a person looks at
    what :func:`invented` finds before anything is taken back.
    """
    seen = [one for entry in entries for one in (entry.changed_at, *(report.received_at for report in entry.reports))]
    return local_day(min(seen)) if seen else None


def invented(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Entries of days before :func:`began` on which a department is said to have been missing, by day and department.

    Nobody was asked on these days, whoever is named.
    """
    known = list(entries)
    first = began(known)
    found = [one for one in known if one.state is LedgerState.MISSING and first is not None and one.day < first]
    return sorted(found, key=lambda one: (one.day, one.department))


def span(found: Iterable[LedgerEntry], first: str) -> tuple[str, str]:
    """(first day, last day) on which no duty is to hold: from the earliest of these entries to the day before the
    ledger was at work."""
    return min(one.day for one in found), (date.fromisoformat(first) - timedelta(days=1)).isoformat()
