"""Who must report by when: rows of duties.tsv and people's decisions, each with the days from which and until it holds.

A day is always judged by the rules of that day: a later row or decision begins on a day of its own and changes nothing
before it. Of several rules for a department and day the narrowest counts (department, then class or kind, then all), of
equals the one that begins later, and decisions stand above rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from processors.departments import Department
from processors.duty.calendar import Calendar
from processors.fold_parts import in_force
from processors.tables import Row, Table
from schemas.base import CHINA, local_day
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import DayKind

COLUMNS = ("rule", "who", "days", "cutoff", "required", "remind", "from", "until", "source")
EVER, NEVER = "0000-01-01", "9999-12-31"
REMIND = (60, 15)
"""Minutes before the cut-off at which who has not reported is reminded (ours, no source)."""
Required = Literal["Y", "N", "E"]
"""Must report; need not; is excused (the ledger says so)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A department as the ledger needs it; nothing of its people."""

    id: str
    name: str
    kind: str = ""
    appraisal_class: str = ""


@dataclass(frozen=True, slots=True)
class DutyRule:
    """One rule. ``who``: ``*``, a department, ``class:…`` or ``kind:…``; ``days`` empty: every kind of day."""

    rule: str
    who: str
    days: frozenset[DayKind] = frozenset()
    cutoff: time | None = None
    required: Required = "Y"
    remind: tuple[int, ...] = REMIND
    since: str = EVER
    until: str = NEVER
    decided: bool = False
    why: str = ""
    appraisal_class: str = ""

    def width(self) -> int:
        """0 for all, 1 for a class or kind, 2 for one department."""
        return 0 if self.who == "*" else 1 if ":" in self.who else 2

    def concerns(self, member: Member) -> bool:
        """Whether it is written for a department."""
        return self.who in ("*", member.id, f"class:{member.appraisal_class}", f"kind:{member.kind}")

    def holds(self, day: str, kind: DayKind) -> bool:
        """Whether it holds on a day of this kind."""
        return self.since <= day <= self.until and (not self.days or kind in self.days)


@dataclass(frozen=True, slots=True)
class Duty:
    """What holds for one department on one day."""

    rule: str
    day_kind: DayKind
    cutoff: datetime
    required: Required
    remind: tuple[int, ...] = REMIND
    why: str = ""
    decision_id: str | None = None


@dataclass(frozen=True)
class DutyBook:
    """All rules of a district. Immutable; ``with_decisions`` gives another one."""

    members: Mapping[str, Member]
    rules: tuple[DutyRule, ...]
    calendar: Calendar = field(default_factory=Calendar)
    cutoff: time = time(17, 30)
    _found: dict[tuple[int, str], Duty] = field(default_factory=dict, compare=False, repr=False)
    """Duties already looked up, by set of rules and day; a memory, the answer is always the same."""
    _sets: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    _rules: list[tuple[DutyRule, ...]] = field(default_factory=list, compare=False, repr=False)

    def duty(self, department: str, day: str) -> Duty:
        """The duty of a department on a day; without any rule it must report until the district's cut-off."""
        number = self._sets.get(department)
        if number is None:
            number = self._sets[department] = self._number(self.members[department])
        found = self._found.get((number, day))
        if found is None:
            found = self._found[number, day] = self._judge(self._rules[number], day)
        return found

    def _number(self, member: Member) -> int:
        """Departments for which the same rules are written share what follows from them."""
        own = tuple(rule for rule in self.rules if rule.concerns(member))
        if own not in self._rules:
            self._rules.append(own)
        return self._rules.index(own)

    def _judge(self, rules: tuple[DutyRule, ...], day: str) -> Duty:
        kind = self.calendar.day(day).kind
        holding = [rule for rule in rules if rule.holds(day, kind)]
        ordered = sorted(holding, key=lambda rule: (rule.decided, rule.width(), rule.since, rule.rule))
        cutoff = next((rule.cutoff for rule in reversed(ordered) if rule.cutoff is not None), self.cutoff)
        last = ordered[-1] if ordered else DutyRule("default", "*")
        return Duty(
            rule=last.rule,
            day_kind=kind,
            cutoff=datetime.combine(date.fromisoformat(day), cutoff, tzinfo=CHINA),
            required=last.required,
            remind=last.remind,
            why=last.why,
            decision_id=last.rule if last.decided else None,
        )

    def class_of(self, department: str, day: str) -> str:
        """The appraisal class of a department on a day; decisions may have changed it."""
        member = self.members[department]
        holding = [
            one for one in self.rules if one.appraisal_class and one.concerns(member) and one.since <= day <= one.until
        ]
        last = max(holding, key=lambda one: (one.since, one.rule), default=None)
        return last.appraisal_class if last else member.appraisal_class

    def with_decisions(self, decisions: Iterable[Decision], *, as_of: datetime | None = None) -> DutyBook:
        """The book with what people changed, as far as it was decided by ``as_of``; in any order, repeats count once.

        An undone decision is as if it had not been. A decision that cannot be read changes nothing (it was refused).
        """
        known = {one.decision_id: one for one in decisions if as_of is None or one.at <= as_of}
        ordered = sorted(known.values(), key=lambda one: (one.at, one.decision_id))
        rules = []
        for one in _holding(ordered):
            try:
                rules.append(rule_of(one, self.members))
            except InvalidItem:
                continue
        base = tuple(rule for rule in self.rules if not rule.decided)
        return DutyBook(self.members, (*base, *rules), self.calendar, self.cutoff)

    @classmethod
    def from_tables(
        cls, register: Iterable[Department], duties: Table, calendar: Table | None, cutoff: time = time(17, 30)
    ) -> DutyBook:
        """From departments.tsv (parsed), duties.tsv and calendar.tsv. Raises DistrictError with the line."""
        duties.require(COLUMNS)
        members = {one.id: Member(one.id, one.short_name, one.kind, one.appraisal_class) for one in register}
        rules = tuple(_row(row, members) for row in duties)
        return cls(members, rules, Calendar.from_table(calendar) if calendar else Calendar(), cutoff)


def _holding(decisions: Sequence[Decision]) -> list[Decision]:
    """Without those undone; an undo names its target, or takes back the one before it."""
    by_id = {one.decision_id: one for one in decisions}
    plain = [{"decision_id": one.decision_id, "action": one.action, "details": one.details} for one in decisions]
    return [by_id[one["decision_id"]] for one in in_force(plain) if one["action"] in ("excuse", "set_duty")]


def rule_of(decision: Decision, members: Mapping[str, Member]) -> DutyRule:
    """The rule that a decision on a department sets. Raises InvalidItem with the field that is wrong.

    ``excuse``: ``department:day``, or ``details.day``, or ``details.from`` and ``until``, or the decision's day.
    ``set_duty``: ``details`` with any of cutoff, required (Y, N), days, appraisal_class, from, until. It begins on the
    day of the decision at the earliest, unless ``details.retroactive`` is true and a reason is given.
    """
    who, _, day = decision.subject_id.partition(":")
    if who in ("class", "kind"):
        who, day = decision.subject_id, ""
    elif who != "*" and who not in members:
        raise _wrong("subject_id", f"unknown department {who}", f"名录中没有{who}")
    details = decision.details
    own = local_day(decision.at)
    since = day or str(details.get("day") or details.get("from") or own)
    until = day or str(details.get("day") or details.get("until") or (since if decision.action == "excuse" else NEVER))
    _check_days(since, until)
    if decision.action == "excuse":
        why = _why(decision)
        return DutyRule(decision.decision_id, who, required="E", since=since, until=until, decided=True, why=why)
    if since < own and not (details.get("retroactive") is True and decision.reason):
        raise _wrong("details.from", "begins before the decision", "规则不溯及既往；确需追溯须注明理由")
    return DutyRule(
        decision.decision_id,
        who,
        days=_kinds(details.get("days")),
        cutoff=_cutoff(details.get("cutoff")),
        required="N" if details.get("required") == "N" else "Y",
        since=since,
        until=until,
        decided=True,
        why=_why(decision),
        appraisal_class=str(details.get("appraisal_class") or ""),
    )


def _why(decision: Decision) -> str:
    words = "准予免报" if decision.action == "excuse" else "调整报送要求"
    return f"{decision.by}{words}" + (f"：{decision.reason}" if decision.reason else "")


def _check_days(since: str, until: str) -> None:
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        raise _wrong("details.from", f"not a day: {since}, {until}", "日期写作 2026-11-20") from None
    if last < first:
        raise _wrong("details.until", "ends before it begins", "止期早于起期")


def _kinds(given: object) -> frozenset[DayKind]:
    try:
        return frozenset(DayKind(str(one)) for one in (given if isinstance(given, list) else []))
    except ValueError as error:
        raise _wrong("details.days", str(error), "日子类别：workday、weekend、holiday") from None


def _cutoff(given: object) -> time | None:
    try:
        return time.fromisoformat(str(given)) if given else None
    except ValueError as error:
        raise _wrong("details.cutoff", str(error), "截止时间写作 17:30") from None


def _wrong(field: str, message: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError(field, message, chinese)])


def _row(row: Row, members: Mapping[str, Member]) -> DutyRule:
    who = row["who"]
    if who != "*" and ":" not in who and who not in members:
        raise row.error(f"who: '{who}' is no department, class:… or kind:…")
    if row["required"] not in ("Y", "N", "E"):
        raise row.error("required: Y (must report), N (need not) or E (excused)")
    try:
        days = frozenset(DayKind(name) for name in row.parts("days"))
        cutoff = time.fromisoformat(row["cutoff"]) if row["cutoff"] else None
        remind = tuple(int(part) for part in row.parts("remind")) or REMIND
        since, until = row.get("from") or EVER, row.get("until") or NEVER
        for day in {since, until} - {EVER}:
            date.fromisoformat(day)
    except ValueError as error:
        raise row.error(str(error)) from None
    why = f"名录规则{row['rule']}免报" if row["required"] == "E" else ""
    required: Required = "Y" if row["required"] == "Y" else "N" if row["required"] == "N" else "E"
    return DutyRule(row["rule"], who, days, cutoff, required, remind, since, until, why=why)
