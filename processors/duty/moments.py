"""The duty ledger of any moment: what it would have said, from what was known by then alone. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import lru_cache

from processors.duty.entries import blank, by_receipt, day_of, found_from, key_of, report_of, versions_of
from processors.duty.register import DutyBook
from processors.ledger import Ledger, LedgerRules
from schemas.ledger import LedgerEntry, LedgerReport, ReportVersion


def as_of(state: Ledger, day: str, moment: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """What the ledger of a day would have said at ``moment``: see ``recomputed``."""
    return recomputed(state, [day], moment, rules)


def recomputed(state: Ledger, days: Collection[str], moment: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """The ledger of days as of ``moment``, from reports, versions and decisions known by then alone.

    One entry for each day and department with a duty on it, ``pending`` before its cut-off; ``revision`` is 0.
    """
    book = rules.book.with_decisions(state.decisions.values(), as_of=moment)
    wanted = set(days)
    reach = {shifted(day, by) for day in wanted for by in range(-rules.look_back, rules.look_back + 1)}
    reports: dict[str, list[LedgerReport]] = {}
    for entry in state.entries.values():
        if entry.day not in reach:
            continue  # a correction does not move a report further (ours, no source)
        for one in entry.reports:
            known = _known_by(one, versions_of(one, entry), moment)
            if known is not None and (day := day_of(known.versions)) in wanted:
                reports.setdefault(key_of(entry.department, day), []).append(known)
    blanks = [blank(name, min(wanted), book, rules.district) for name in book.members] if wanted else []
    seen = (
        _seen(blank, day, moment, reports.get(key_of(blank.department, day), []), book)
        for day in sorted(wanted)
        for blank in blanks
    )
    return [found for found in seen if found is not None]


@lru_cache(maxsize=4096)
def shifted(day: str, by: int) -> str:
    """The day ``by`` days later."""
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


def _known_by(report: LedgerReport, versions: tuple[ReportVersion, ...], moment: datetime) -> LedgerReport | None:
    """The report as it was known at ``moment``; the same object where nothing came later."""
    known = tuple(one for one in versions if one.received_at <= moment)
    if not known:
        return None
    return report if known == report.versions else report_of(report.item_id, known, report.received_at)


def _seen(
    blank: LedgerEntry, day: str, moment: datetime, reports: list[LedgerReport], book: DutyBook
) -> LedgerEntry | None:
    duty = book.duty(blank.department, day)
    if not reports and duty.required == "N":
        return None
    reports.sort(key=by_receipt)
    return blank.model_copy(update={**found_from(tuple(reports), duty, moment), "day": day, "changed_at": moment})
