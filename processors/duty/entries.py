"""One entry of the duty ledger: versions of reports, and the state that follows from them and the day's duty. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from processors.duty.register import Duty, DutyBook
from schemas.assessment import AssessedItem
from schemas.base import CHINA
from schemas.ledger import LedgerEntry, LedgerReport, ReportVersion
from schemas.vocab import Kind, LedgerState, TimelinessVerdict

_MINUTE = timedelta(minutes=1)


def key_of(department: str, day: str) -> str:
    """The key of an entry on ``duty.ledger``."""
    return f"{department}:{day}"


def version_of(item: AssessedItem) -> ReportVersion:
    timeliness = item.assessment.timeliness
    return ReportVersion(
        version=item.version,
        kind=item.input.kind.value if item.input.kind else None,
        published_at=item.input.published_at,
        received_at=item.received_at,
        late_by=timeliness.rule if timeliness.verdict is TimelinessVerdict.LATE else None,
    )


def versions_of(report: LedgerReport, entry: LedgerEntry) -> tuple[ReportVersion, ...]:
    """Its versions; of a report written before versions were kept the one that counted, on the day where it stands."""
    if report.versions:
        return report.versions
    one = ReportVersion(
        version=report.version, kind=report.kind, published_at=entry.cutoff, received_at=report.received_at
    )
    return (one,)


def united(known: tuple[ReportVersion, ...], new: ReportVersion) -> tuple[ReportVersion, ...]:
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


def put(
    reports: tuple[LedgerReport, ...], item_id: str, versions: tuple[ReportVersion, ...], cutoff: datetime
) -> tuple[LedgerReport, ...]:
    others = [one for one in reports if one.item_id != item_id]
    return tuple(sorted([*others, report_of(item_id, versions, cutoff)], key=by_receipt))


def report_of(item_id: str, versions: tuple[ReportVersion, ...], cutoff: datetime) -> LedgerReport:
    newest, received = versions[-1], min(one.received_at for one in versions)
    return LedgerReport(
        item_id=item_id,
        version=newest.version,
        kind=newest.kind,
        received_at=received,
        late=received > cutoff,
        versions=versions,
    )


def by_receipt(report: LedgerReport) -> tuple[datetime, str]:
    return report.received_at, report.item_id


def blank(department: str, day: str, book: DutyBook, district: str) -> LedgerEntry:
    """An entry before anything is known."""
    cutoff = book.duty(department, day).cutoff
    return LedgerEntry(
        department=department,
        department_name=book.members[department].name,
        day=day,
        district=district,
        state=LedgerState.PENDING,
        revision=0,
        cutoff=cutoff,
        changed_at=cutoff,
    )


def judged(old: LedgerEntry, reports: tuple[LedgerReport, ...], book: DutyBook, now: datetime) -> LedgerEntry:
    """The next revision. A late event does not put the entry back to before its cut-off."""
    now = max(now, old.changed_at) if old.revision else now
    found = found_from(reports, book.duty(old.department, old.day), now)
    return old.model_copy(update={**found, "revision": old.revision + 1, "changed_at": now})


def found_from(reports: tuple[LedgerReport, ...], duty: Duty, now: datetime) -> dict[str, Any]:
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
