"""The duty ledger: what a department did on a day, and by which rule. Pure.

``decide(state, event, now, rules)`` gives the entries that an item, a decision on a department or the clock (event
None) changes. Every entry is computed again from all versions of the day's reports and the rules of that day, so the
same events in any order, any number of times and over any restart give the same entries. Because versions and
decisions keep their times, the ledger of any moment can be told (``as_of``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from processors.duty.register import Duty, DutyBook, Member, rule_of
from schemas.assessment import AssessedItem
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.ledger import LedgerEntry, LedgerReport, ReportVersion
from schemas.vocab import Kind, Lane, LedgerState, TimelinessVerdict

ACTIONS = frozenset({"excuse", "set_duty", "undo"})
"""Decisions on departments that the ledger follows."""
SUBJECT = "department"
_MINUTE = timedelta(minutes=1)


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


def key_of(department: str, day: str) -> str:
    """The key of an entry on ``duty.ledger``."""
    return f"{department}:{day}"


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
    had = _versions(known, before) if known is not None and before is not None else ()
    versions = _united(had, _version(item))
    if known is not None and versions == had:
        return []
    day = day_of(versions)
    target = state.entries.get(key_of(item.source, day)) or _blank(item.source, day, book, rules)
    changed = [_judged(target, _put(target.reports, item.item_id, versions, target.cutoff), book, now)]
    if before is not None and before.day != day:
        rest = tuple(one for one in before.reports if one.item_id != item.item_id)
        changed.append(_judged(before, rest, book, now))
    return changed


def _version(item: AssessedItem) -> ReportVersion:
    timeliness = item.assessment.timeliness
    return ReportVersion(
        version=item.version,
        kind=item.input.kind.value if item.input.kind else None,
        published_at=item.input.published_at,
        received_at=item.received_at,
        late_by=timeliness.rule if timeliness.verdict is TimelinessVerdict.LATE else None,
    )


def _versions(report: LedgerReport, entry: LedgerEntry) -> tuple[ReportVersion, ...]:
    """Its versions; of a report written before versions were kept the one that counted, on the day where it stands."""
    if report.versions:
        return report.versions
    one = ReportVersion(
        version=report.version, kind=report.kind, published_at=entry.cutoff, received_at=report.received_at
    )
    return (one,)


def _united(known: tuple[ReportVersion, ...], new: ReportVersion) -> tuple[ReportVersion, ...]:
    """A set by version; of two receipts of one version the earlier stands."""
    same = next((one for one in known if one.version == new.version), None)
    if same is not None:
        new = min(same, new, key=lambda one: (one.received_at, one.kind or "", one.published_at))
    return tuple(sorted([*(one for one in known if one.version != new.version), new], key=lambda one: one.version))


def day_of(versions: tuple[ReportVersion, ...]) -> str:
    """The day a report counts for: that of its newest version's publication.

    A sender's clock that runs ahead of the receipt does not make it tomorrow's.
    """
    newest = versions[-1]
    return min(newest.published_at, newest.received_at).astimezone(CHINA).date().isoformat()


def _put(
    reports: tuple[LedgerReport, ...], item_id: str, versions: tuple[ReportVersion, ...], cutoff: datetime
) -> tuple[LedgerReport, ...]:
    others = [one for one in reports if one.item_id != item_id]
    return tuple(sorted([*others, _report(item_id, versions, cutoff)], key=_by_receipt))


def _report(item_id: str, versions: tuple[ReportVersion, ...], cutoff: datetime) -> LedgerReport:
    newest, received = versions[-1], min(one.received_at for one in versions)
    return LedgerReport(
        item_id=item_id,
        version=newest.version,
        kind=newest.kind,
        received_at=received,
        late=received > cutoff,
        versions=versions,
    )


def _by_receipt(report: LedgerReport) -> tuple[datetime, str]:
    return report.received_at, report.item_id


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
        new = _judged(entry, entry.reports, book, now)
        if _content(new) != _content(entry):
            changed.append(new)
    if own is not None and own.required == "E" and own.since == own.until and own.who in book.members:
        blank = _blank(own.who, own.since, book, rules)
        if key_of(own.who, own.since) not in state.entries:
            changed.append(_judged(blank, (), book, now))
    return changed


def _content(entry: LedgerEntry) -> LedgerEntry:
    return entry.model_copy(update={"revision": 0, "changed_at": entry.cutoff})


def _missing(state: Ledger, now: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """Departments without a report whose cut-off has passed at ``now``, and those excused whose day has.

    Looks at today, and at earlier days only from the first day the ledger knows on: an empty ledger begins today.
    """
    book = state.book or rules.book
    today = now.astimezone(CHINA).date()
    known = min((entry.day for entry in state.entries.values()), default=today.isoformat())
    days = [(today - timedelta(days=back)).isoformat() for back in range(rules.look_back, -1, -1)]
    found = []
    for day in [day for day in days if day >= known]:
        for department in book.members:
            entry = state.entries.get(key_of(department, day))
            if entry is not None and entry.state is not LedgerState.PENDING:
                continue
            duty = book.duty(department, day)
            if duty.required != "N" and duty.cutoff < now:
                found.append(_judged(entry or _blank(department, day, book, rules), (), book, now))
    return found


# -- one entry --------------------------------------------------------------------------------------------------------


def _blank(department: str, day: str, book: DutyBook, rules: LedgerRules) -> LedgerEntry:
    cutoff = book.duty(department, day).cutoff
    return LedgerEntry(
        department=department,
        department_name=book.members[department].name,
        day=day,
        district=rules.district,
        state=LedgerState.PENDING,
        revision=0,
        cutoff=cutoff,
        changed_at=cutoff,
    )


def _judged(old: LedgerEntry, reports: tuple[LedgerReport, ...], book: DutyBook, now: datetime) -> LedgerEntry:
    """The next revision. A late event does not put the entry back to before its cut-off."""
    now = max(now, old.changed_at) if old.revision else now
    found = _found(reports, book.duty(old.department, old.day), now)
    return old.model_copy(update={**found, "revision": old.revision + 1, "changed_at": now})


def _found(reports: tuple[LedgerReport, ...], duty: Duty, now: datetime) -> dict[str, Any]:
    """What follows from a day's reports under its duty as seen at ``now``."""
    cutoff = duty.cutoff
    if any(one.late is not (one.received_at > cutoff) for one in reports):
        reports = tuple(one.model_copy(update={"late": one.received_at > cutoff}) for one in reports)
    state, rule, explanation = verdict(reports, duty, now)
    return {
        "state": state,
        "rule": rule,
        "explanation": explanation,
        "reports": reports,
        "first_at": reports[0].received_at if reports else None,
        "cutoff": cutoff,
        "day_kind": duty.day_kind,
        "duty": duty.rule,
        "decision_id": duty.decision_id if state is LedgerState.EXCUSED else None,
    }


def verdict(reports: tuple[LedgerReport, ...], duty: Duty, now: datetime) -> tuple[LedgerState, str, str]:
    """State, rule and words for a day's reports (by receipt) under its duty, as seen at ``now``."""
    if duty.required == "E":
        return LedgerState.EXCUSED, "excused", duty.why
    if not reports:
        return _nothing(duty, now)
    first = reports[0]
    at = _clock(first.received_at, with_day=True)
    if first.late and duty.required == "Y":
        over = (first.received_at - duty.cutoff) // _MINUTE
        words = f"首件{at}收到，迟于{_clock(duty.cutoff)}" + (f"（{over}分钟）" if over else "")
        return LedgerState.LATE, "after_cutoff", words
    if all(one.kind == Kind.ZERO for one in reports):
        return LedgerState.ZERO, "zero_report", f"{at}收到零报告"
    if first.kind == Kind.ZERO:
        return LedgerState.AMENDED, "zero_then_report", f"{at}先报零报告，后又报送信息"
    return LedgerState.REPORTED, "reported", f"首件{at}收到，共{len(reports)}件"


def _nothing(duty: Duty, now: datetime) -> tuple[LedgerState, str, str]:
    if duty.required == "N":
        return LedgerState.EXCUSED, "no_duty", "当日没有报送要求"
    until = _clock(duty.cutoff)
    if now <= duty.cutoff:
        return LedgerState.PENDING, "before_cutoff", f"{until}前应报，尚未报送"
    return LedgerState.MISSING, "no_report", f"{until}前未报送，也无零报告"


def _clock(moment: datetime, *, with_day: bool = False) -> str:
    """``17:30`` or ``11-20 17:30``; formatted by hand, since a year of entries is told at once."""
    local = moment.astimezone(CHINA)
    time_of_day = f"{local.hour:02}:{local.minute:02}"
    return f"{local.month:02}-{local.day:02} {time_of_day}" if with_day else time_of_day


# -- any moment -------------------------------------------------------------------------------------------------------


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
            known = _known_by(one, _versions(one, entry), moment)
            if known is not None and (day := day_of(known.versions)) in wanted:
                reports.setdefault(key_of(entry.department, day), []).append(known)
    blanks = [_blank(name, min(wanted), book, rules) for name in book.members] if wanted else []
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
    return report if known == report.versions else _report(report.item_id, known, report.received_at)


def _seen(
    blank: LedgerEntry, day: str, moment: datetime, reports: list[LedgerReport], book: DutyBook
) -> LedgerEntry | None:
    duty = book.duty(blank.department, day)
    if not reports and duty.required == "N":
        return None
    reports.sort(key=_by_receipt)
    return blank.model_copy(update={**_found(tuple(reports), duty, moment), "day": day, "changed_at": moment})
