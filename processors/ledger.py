"""The duty ledger: what a department did on a day, and by which rule. Pure.

``decide(state, event, now, rules)`` gives the entries that an item, a decision on a department or the clock (event
None) changes. Every entry is computed again from all versions of the day's reports and the rules of that day, so the
same events in any order, any number of times and over any restart give the same entries. Because versions and
decisions keep their times, the ledger of any moment can be told (processors.duty.moments).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from processors.duty.entries import blank, day_of, judged, key_of, put, united, version_of, versions_of
from processors.duty.register import DutyBook, Member, rule_of
from schemas.assessment import AssessedItem
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.vocab import Lane, LedgerState

__all__ = ["ACTIONS", "Event", "Ledger", "LedgerRules", "applied", "decide", "extend", "key_of", "opened"]

ACTIONS = frozenset({"excuse", "set_duty", "undo"})
"""Decisions on departments that the ledger follows."""
SUBJECT = "department"


@dataclass(frozen=True)
class LedgerRules:
    """Who must report by when. ``departments``: id to name of those that may have a duty; ``cutoff``: where no rule is.

    ``look_back``: days whose missing reports are still marked after an outage (ours, no source).
    """

    district: str
    departments: Mapping[str, str]
    cutoff: time = time(17, 30)
    look_back: int = 7
    given: DutyBook | None = None
    _made: list[DutyBook] = field(default_factory=list, compare=False, repr=False)

    @property
    def book(self) -> DutyBook:
        """The district's rules; without any, everybody must report until the cut-off."""
        if self.given is not None:
            return self.given
        if not self._made:
            members = {key: Member(key, name) for key, name in self.departments.items()}
            self._made.append(DutyBook(members, (), cutoff=self.cutoff))
        return self._made[0]


@dataclass(frozen=True)
class Ledger:
    """What the ledger knows: entries by ``department:day``, the key each report stands under, decisions, their book."""

    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    book: DutyBook | None = None


Event = AssessedItem | Decision | None


def opened(entries: Iterable[LedgerEntry], decisions: Iterable[Decision], rules: LedgerRules) -> Ledger:
    """The ledger as it was left: the highest revision of each entry, and every decision on departments."""
    kept: dict[str, LedgerEntry] = {}
    for one in entries:
        key = key_of(one.department, one.day)
        if one.district == rules.district and (key not in kept or one.revision >= kept[key].revision):
            kept[key] = one
    homes = {report.item_id: key for key, one in kept.items() for report in one.reports}
    known = {one.decision_id: one for one in decisions if _is_ours(one, rules)}
    return Ledger(kept, homes, known, rules.book.with_decisions(known.values()) if known else rules.book)


def applied(state: Ledger, event: Event, entries: Iterable[LedgerEntry], rules: LedgerRules) -> Ledger:
    """The ledger after an event whose entries are safe. Copies; ``extend`` is the same in place for one owner."""
    new = Ledger(dict(state.entries), dict(state.homes), dict(state.decisions), state.book)
    return extend(new, event, entries, rules)


def extend(state: Ledger, event: Event, entries: Iterable[LedgerEntry], rules: LedgerRules) -> Ledger:
    """``applied`` without the copy: the mappings of ``state`` are dicts of the caller's own and change."""
    assert isinstance(state.entries, dict)
    assert isinstance(state.homes, dict)
    for one in entries:
        key = key_of(one.department, one.day)
        state.entries[key] = one
        state.homes.update({report.item_id: key for report in one.reports})
    if isinstance(event, Decision) and _is_ours(event, rules) and event.decision_id not in state.decisions:
        known = {**state.decisions, event.decision_id: event}
        return replace(state, decisions=known, book=rules.book.with_decisions(known.values()))
    return state


def decide(state: Ledger, event: Event, now: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """The entries that change. [] for what is not the ledger's business, and for what it already knows.

    Raises InvalidItem for a decision on a department that cannot be carried out.
    """
    if event is None:
        return _missing(state, now, rules)
    if isinstance(event, Decision):
        return _by_decision(state, event, now, rules)
    return _by_item(state, event, now, rules)


# -- reports ----------------------------------------------------------------------------------------------------------


def _by_item(state: Ledger, item: AssessedItem, now: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    book = state.book or rules.book
    if item.input.lane is not Lane.REPORT or item.district != rules.district or item.source not in book.members:
        return []
    home = state.homes.get(item.item_id)
    before = state.entries.get(home) if home else None
    known = next((one for one in before.reports if one.item_id == item.item_id), None) if before else None
    had = versions_of(known, before) if known is not None and before is not None else ()
    versions = united(had, version_of(item))
    if known is not None and versions == had:
        return []
    day = day_of(versions)
    target = state.entries.get(key_of(item.source, day)) or blank(item.source, day, book, rules.district)
    changed = [judged(target, put(target.reports, item.item_id, versions, target.cutoff), book, now)]
    if before is not None and before.day != day:
        rest = tuple(one for one in before.reports if one.item_id != item.item_id)
        changed.append(judged(before, rest, book, now))
    return changed


# -- decisions and the clock ------------------------------------------------------------------------------------------


def _is_ours(decision: Decision, rules: LedgerRules) -> bool:
    mine = decision.subject_type == SUBJECT and decision.action in ACTIONS
    return mine and decision.district == rules.district


def _by_decision(state: Ledger, decision: Decision, now: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """Entries that the changed rules judge otherwise, and a new one for a single day that is excused beforehand.

    Also for a decision known already: a restart reads it before the worker has carried it out.
    """
    if not _is_ours(decision, rules):
        return []
    own = rule_of(decision, rules.book.members) if decision.action != "undo" else None
    book = rules.book.with_decisions([*state.decisions.values(), decision])
    changed = []
    for entry in state.entries.values():
        new = judged(entry, entry.reports, book, now)
        if _content(new) != _content(entry):
            changed.append(new)
    single = own is not None and own.required == "E" and own.since == own.until and own.who in book.members
    if own is not None and single and key_of(own.who, own.since) not in state.entries:
        changed.append(judged(blank(own.who, own.since, book, rules.district), (), book, now))
    return changed


def _content(entry: LedgerEntry) -> LedgerEntry:
    return entry.model_copy(update={"revision": 0, "changed_at": entry.cutoff})


def _seen(entry: LedgerEntry) -> str | None:
    """The day on which the ledger was at work, as an entry shows it; None where it shows none.

    A report of last week that comes today, and an excuse for last week, do not say that the ledger was there last week.
    """
    if entry.reports:
        return max(entry.day, min(one.received_at for one in entry.reports).astimezone(CHINA).date().isoformat())
    return entry.day if entry.state is LedgerState.MISSING else None


def _missing(state: Ledger, now: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """Departments without a report whose cut-off has passed at ``now``, and those excused whose day has.

    Looks at today, and at earlier days only from the first day the ledger saw on: an empty ledger begins today.
    """
    book = state.book or rules.book
    today = now.astimezone(CHINA).date()
    known = min((day for entry in state.entries.values() if (day := _seen(entry))), default=today.isoformat())
    days = [(today - timedelta(days=back)).isoformat() for back in range(rules.look_back, -1, -1)]
    found = []
    for day in [day for day in days if day >= known]:
        for department in book.members:
            entry = state.entries.get(key_of(department, day))
            if entry is not None and entry.state is not LedgerState.PENDING:
                continue
            duty = book.duty(department, day)
            if duty.required != "N" and duty.cutoff < now:
                found.append(judged(entry or blank(department, day, book, rules.district), (), book, now))
    return found
