"""The duty ledger: what a department did on a day, and by which rule. Pure.

``decide(state, event, now, rules)`` gives the entries that an item, a decision on a department or the clock (event
None) changes. Every entry is computed again from all versions of the day's reports and the rules of that day, so the
same events in any order, any number of times and over any restart give the same entries. Because versions and
decisions keep their times, the ledger of any moment can be told (``as_of``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from processors.duty.register import Duty, DutyBook, Member, rule_of
from schemas.assessment import AssessedItem
from schemas.base import CHINA, local_day
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
    return local_day(min(newest.published_at, newest.received_at))


def _put(
    reports: tuple[LedgerReport, ...], item_id: str, versions: tuple[ReportVersion, ...], cutoff: datetime
) -> tuple[LedgerReport, ...]:
    received = min(one.received_at for one in versions)
    new = LedgerReport(
        item_id=item_id,
        version=versions[-1].version,
        kind=versions[-1].kind,
        received_at=received,
        late=received > cutoff,
        versions=versions,
    )
    others = [one for one in reports if one.item_id != item_id]
    return tuple(sorted([*others, new], key=lambda one: (one.received_at, one.item_id)))


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
    duty = book.duty(old.department, old.day)
    now = max(now, old.changed_at) if old.revision else now
    reports = tuple(
        one if one.late is (one.received_at > duty.cutoff) else one.model_copy(update={"late": not one.late})
        for one in reports
    )
    state, rule, explanation = verdict(reports, duty, now)
    return old.model_copy(
        update={
            "state": state,
            "rule": rule,
            "explanation": explanation,
            "reports": reports,
            "first_at": reports[0].received_at if reports else None,
            "cutoff": duty.cutoff,
            "day_kind": duty.day_kind,
            "duty": duty.rule,
            "decision_id": duty.decision_id if state is LedgerState.EXCUSED else None,
            "revision": old.revision + 1,
            "changed_at": now,
        }
    )


def verdict(reports: tuple[LedgerReport, ...], duty: Duty, now: datetime) -> tuple[LedgerState, str, str]:
    """State, rule and words for a day's reports (by receipt) under its duty, as seen at ``now``."""
    until = f"{duty.cutoff:%H:%M}"
    if duty.required == "E":
        return LedgerState.EXCUSED, "excused", duty.why
    if not reports:
        if duty.required == "N":
            return LedgerState.EXCUSED, "no_duty", "当日没有报送要求"
        if now <= duty.cutoff:
            return LedgerState.PENDING, "before_cutoff", f"{until}前应报，尚未报送"
        return LedgerState.MISSING, "no_report", f"{until}前未报送，也无零报告"
    first = reports[0]
    at = f"{first.received_at.astimezone(CHINA):%m-%d %H:%M}"
    if first.late and duty.required == "Y":
        over = (first.received_at - duty.cutoff) // _MINUTE
        return LedgerState.LATE, "after_cutoff", f"首件{at}收到，迟于{until}" + (f"（{over}分钟）" if over else "")
    if all(one.kind == Kind.ZERO for one in reports):
        return LedgerState.ZERO, "zero_report", f"{at}收到零报告"
    if first.kind == Kind.ZERO:
        return LedgerState.AMENDED, "zero_then_report", f"{at}先报零报告，后又报送信息"
    return LedgerState.REPORTED, "reported", f"首件{at}收到，共{len(reports)}件"


# -- any moment -------------------------------------------------------------------------------------------------------


def as_of(state: Ledger, day: str, moment: datetime, rules: LedgerRules) -> list[LedgerEntry]:
    """What the ledger of a day would have said at ``moment``: only reports, versions and decisions known by then.

    One entry for each department with a duty on that day, ``pending`` before its cut-off; ``revision`` is 0.
    """
    book = rules.book.with_decisions(state.decisions.values(), as_of=moment)
    reports: dict[str, list[tuple[str, tuple[ReportVersion, ...]]]] = {}
    first = date.fromisoformat(day)
    for entry in state.entries.values():
        if abs((date.fromisoformat(entry.day) - first).days) > rules.look_back:
            continue  # a correction does not move a report further (ours, no source)
        for one in entry.reports:
            known = tuple(v for v in _versions(one, entry) if v.received_at <= moment)
            if known and day_of(known) == day:
                reports.setdefault(entry.department, []).append((one.item_id, known))
    return [found for name in book.members if (found := _seen(name, day, moment, reports.get(name, ()), book, rules))]


def _seen(
    department: str,
    day: str,
    moment: datetime,
    reports: Iterable[tuple[str, tuple[ReportVersion, ...]]],
    book: DutyBook,
    rules: LedgerRules,
) -> LedgerEntry | None:
    entry = _blank(department, day, book, rules)
    given: tuple[LedgerReport, ...] = ()
    for item_id, versions in reports:
        given = _put(given, item_id, versions, entry.cutoff)
    if not given and book.duty(department, day).required == "N":
        return None
    return _judged(entry, given, book, moment).model_copy(update={"revision": 0})
