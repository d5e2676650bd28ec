"""Points: every entry follows from one event, by the table of its day. Pure.

Nothing is stored: the entries are a fold of ledger, cases, issued bulletins and decisions, so that they can be told
again at any time and each names the event it rests on. A deduction is final when the appeal window has passed without
an appeal; an appeal that people accept, and every other correction, is a new entry beside the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from processors.duty.commissioned import Outcome, commissions
from processors.duty.corrections import appeals, correction
from processors.duty.point import Point, point
from processors.duty.scoring import ZERO_CAP, Scoring
from processors.fold_parts import in_force
from processors.instructions.model import ERASE
from schemas.base import local_day
from schemas.bulletin import Bulletin
from schemas.case import Case, CaseState, CaseVerdict
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.vocab import BulletinName, DayKind, LedgerState, TimelinessRule

ADOPTED = {
    BulletinName.HUIYAO: "adopt.daily_汇要",
    BulletinName.XINXI: "adopt.semi_monthly_章贡信息",
    BulletinName.YUQING: "adopt.yuqing_今日重要舆情",
}
LATE = {
    TimelinessRule.SAME_DAY: "late_迟报",
    TimelinessRule.MAJOR_3H: "late_major",
    TimelinessRule.EMERGENCY_NOW: "late_emergency",
}
FOUND = {
    CaseVerdict.OMITTED: "omitted_漏报",
    CaseVerdict.FALSE: "false_谎报",
    CaseVerdict.CONCEALED: "concealed_瞒报",
    CaseVerdict.LATE: "late_迟报",
}
INSTRUCTED = "instruction."
SHARE = "comprehensive_综合采用_factor"
ZERO_ON_TIME, ZERO_MISSING = "zero_report.on_time", "zero_report.missing"


@dataclass(frozen=True)
class Record:
    """All that points follow from. ``resolve``: a contributor's name in a bulletin to its department."""

    entries: Sequence[LedgerEntry] = ()
    cases: Sequence[Case] = ()
    bulletins: Sequence[Bulletin] = ()
    decisions: Sequence[Decision] = ()
    resolve: Callable[[str], str | None] = field(default=lambda name: name)


def points(record: Record, now: datetime, scoring: Scoring) -> list[Point]:
    """Every entry as of ``now``, by time; the same record in any order and with repeats gives the same."""
    decisions = _holding(record.decisions, now)
    found: dict[str, Point] = {}
    for one in (
        *_ledger(record.entries, now, scoring),
        *_excused_afterwards(record.entries, decisions, scoring),
        *_cases(record.cases, now, scoring),
        *_adopted(record.bulletins, record.resolve, now, scoring),
        *_requests(decisions, now, scoring),
        *_given(decisions, scoring),
    ):
        found.setdefault(one.entry_id, one)
    corrected = appeals(found, decisions, scoring)
    return sorted(corrected, key=lambda one: (one.at, one.entry_id))


# -- what departments did ---------------------------------------------------------------------------------------------


def _ledger(entries: Iterable[LedgerEntry], now: datetime, scoring: Scoring) -> Iterator[Point]:
    zeros: dict[tuple[str, str], int] = {}
    known = {(one.department, one.day): one for one in sorted(entries, key=lambda one: one.revision)}
    for one in sorted(known.values(), key=lambda one: (one.day, one.department)):
        if one.cutoff > now or one.state is LedgerState.EXCUSED:
            continue
        ref = f"ledger:{one.department}:{one.day}"
        late = list(_late_items(one, scoring))
        yield from late
        if one.state is LedgerState.MISSING:
            yield point(scoring, one.department, one.cutoff, ZERO_MISSING, ref, f"{one.day}缺报", day=one.day)
        elif one.state is LedgerState.LATE and not late and one.first_at is not None:
            yield point(scoring, one.department, one.first_at, "late_迟报", ref, one.explanation, day=one.day)
        elif one.state is LedgerState.ZERO and one.day_kind in (None, DayKind.WORKDAY) and one.first_at is not None:
            month = (one.department, one.day[:7])
            zeros[month] = zeros.get(month, 0) + 1
            if zeros[month] <= ZERO_CAP:
                yield point(
                    scoring, one.department, one.first_at, ZERO_ON_TIME, ref, f"{one.day}按时零报告", day=one.day
                )


def _excused_afterwards(
    entries: Iterable[LedgerEntry], decisions: Sequence[Decision], scoring: Scoring
) -> Iterator[Point]:
    """A day that was excused after its cut-off: the deduction it had stays, and an entry beside it takes it back."""
    known = {one.decision_id: one for one in decisions}
    latest = {(one.department, one.day): one for one in sorted(entries, key=lambda one: one.revision)}
    for one in latest.values():
        excuse = known.get(one.decision_id or "")
        if one.state is not LedgerState.EXCUSED or excuse is None or excuse.at <= one.cutoff:
            continue
        late = bool(one.reports) and one.reports[0].late
        if one.reports and not late:
            continue
        key, at = ("late_迟报", one.reports[0].received_at) if late else (ZERO_MISSING, one.cutoff)
        words = f"{one.day}{'迟报' if late else '缺报'}"
        had = point(scoring, one.department, at, key, f"ledger:{one.department}:{one.day}", words, day=one.day)
        yield had
        yield correction(had, excuse, -had.points, f"事后准予免报：{one.day}", scoring)


def _late_items(entry: LedgerEntry, scoring: Scoring) -> Iterator[Point]:
    """Reports of the day that missed their own deadline, by the rule of timeliness of the earliest receipt."""
    for report in entry.reports:
        first = min(report.versions, key=lambda one: (one.received_at, one.version), default=None)
        key = LATE.get(first.late_by) if first is not None and first.late_by is not None else None
        if key is not None and first is not None:
            why = f"{entry.day}报送的一件信息超过时限"
            yield point(scoring, entry.department, first.received_at, key, f"item:{report.item_id}", why, day=entry.day)


def _cases(cases: Iterable[Case], now: datetime, scoring: Scoring) -> Iterator[Point]:
    known = {one.case_id: one for one in sorted(cases, key=lambda one: one.revision)}
    for one in known.values():
        if one.state is CaseState.UPHELD and one.verdict is not None and one.decided_at and one.decided_at <= now:
            why = f"经两人认定为{one.verdict.label}：{one.day}{one.place or ''}{one.event_type or ''}"
            yield point(scoring, one.department, one.decided_at, FOUND[one.verdict], f"case:{one.case_id}", why)


# -- what became of their items ---------------------------------------------------------------------------------------


def _adopted(
    bulletins: Iterable[Bulletin], resolve: Callable[[str], str | None], now: datetime, scoring: Scoring
) -> Iterator[Point]:
    """Units that share a piece share its points. An item that runs in a second title earns what that is worth more."""
    best: dict[tuple[str, str], Decimal] = {}
    for bulletin in _issued(bulletins, now):
        key = ADOPTED[bulletin.name]
        for entry in (entry for section in bulletin.sections for entry in section.entries):
            units = list(dict.fromkeys(unit for name in entry.contributors if (unit := resolve(name))))
            for unit in units:
                factor = scoring.value(SHARE, bulletin.date) if len(units) > 1 else Decimal(1)
                ref = f"bulletin:{bulletin.name.value}:{bulletin.date}:{','.join(sorted(entry.item_ids))}"
                full = point(scoring, unit, bulletin.made_at, key, ref, f"《{bulletin.title}》采用：{entry.title}",
                              factor=factor, day=bulletin.date)  # fmt: skip
                had = max((best.get((unit, item), Decimal(0)) for item in entry.item_ids), default=Decimal(0))
                best.update({(unit, item): max(had, full.points) for item in entry.item_ids})
                if full.points > had:
                    yield replace(full, points=full.points - had)


def _issued(bulletins: Iterable[Bulletin], now: datetime) -> list[Bulletin]:
    """Of each issue what was issued last."""
    issued = [one for one in bulletins if not one.draft and one.made_at <= now]
    latest = {(one.name, one.date): one for one in sorted(issued, key=lambda one: one.made_at)}
    return sorted(latest.values(), key=lambda one: (one.made_at, one.name.value))


def _requests(decisions: Sequence[Decision], now: datetime, scoring: Scoring) -> Iterator[Point]:
    keys = {
        Outcome.DONE: "request_约稿.done",
        Outcome.LATE: "request_约稿.missed",
        Outcome.MISSED: "request_约稿.missed",
    }
    for one in commissions(decisions, now):
        key = keys.get(one.outcome)
        if key is not None:
            at = one.answered_at if one.outcome is Outcome.DONE and one.answered_at else one.deadline
            ref = f"request:{one.request}:{one.department}"
            yield point(scoring, one.department, at, key, ref, f"约稿“{one.topic}”{one.outcome.label}")


# -- what people gave -------------------------------------------------------------------------------------------------


def _holding(decisions: Iterable[Decision], now: datetime) -> list[Decision]:
    """Decisions by time, each once, without those undone (an undo names its target among those of its subject); an
    erasure is undone by nothing."""
    known = {one.decision_id: one for one in decisions if one.at <= now}
    by_subject: dict[tuple[str, str], list[Decision]] = {}
    for one in sorted(known.values(), key=lambda one: (one.at, one.decision_id)):
        by_subject.setdefault((one.subject_type, one.subject_id), []).append(one)
    found: list[Decision] = []
    for listed in by_subject.values():
        kept = [one for one in listed if one.action != ERASE]
        plain = [{"decision_id": one.decision_id, "action": one.action, "details": one.details} for one in kept]
        names = {one["decision_id"] for one in in_force(plain)}
        found += [one for one in listed if one.decision_id in names or one.action == ERASE]
    return sorted(found, key=lambda one: (one.at, one.decision_id))


def _given(decisions: Sequence[Decision], scoring: Scoring) -> Iterator[Point]:
    """Instructions (批示) and ``score`` on a department."""
    withdrawn = {one.subject_id: one for one in decisions if _on_instruction(one) and one.action == "withdraw"}
    instructed: dict[tuple[str, str], int] = {}
    for one in decisions:
        ref = f"decision:{one.decision_id}"
        if one.action == "instruct":
            item, department = _instructed(one)
            key = f"{INSTRUCTED}{one.details.get('level')}"
            if not department or key not in scoring.keys:
                continue
            before = instructed[item, department] = instructed.get((item, department), -1) + 1
            again = scoring.value(f"{INSTRUCTED}repeat_factor", local_day(one.at)) if before else Decimal(1)
            given = point(scoring, department, one.at, key, ref, f"领导批示（{one.by}登记）", factor=again)
            yield given
            if _on_instruction(one) and one.subject_id in withdrawn:
                yield correction(given, withdrawn[one.subject_id], -given.points, "批示撤回", scoring)
        elif one.action == "score" and one.subject_type == "points" and not one.details.get("corrects"):
            key = str(one.details.get("key"))
            if key in scoring.keys:
                why = one.reason or f"{one.by}登记"
                yield point(scoring, one.subject_id, one.at, key, ref, why, factor=Decimal(1))


def _on_instruction(decision: Decision) -> bool:
    return decision.subject_type == "instruction"


def _instructed(decision: Decision) -> tuple[str, str]:
    """(item, the department whose report it is): on the item itself as registered by hand, or an instruction's own."""
    if decision.subject_type == "item":
        return decision.subject_id, str(decision.details.get("department") or "")
    if _on_instruction(decision):
        return str(decision.details.get("item_id") or ""), str(decision.details.get("credited") or "")
    return "", ""
