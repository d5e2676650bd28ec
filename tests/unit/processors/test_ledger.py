"""One state for each department and day, with the rule that gave it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from processors.ledger import LedgerRules, decide, excuse, key_of, missing
from schemas.assessment import AssessedItem
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.vocab import LedgerState
from tests.items import at, item

RULES = LedgerRules("testqu", {"U031": "沙石镇", "U044": "应急管理局"})
CUTOFF = datetime(2026, 11, 20, 17, 30, tzinfo=CHINA)
DAY = "2026-11-20"


def play(*items: AssessedItem, state: dict[str, LedgerEntry] | None = None) -> dict[str, LedgerEntry]:
    entries = dict(state or {})
    for one in items:
        entries |= {key_of(entry.department, entry.day): entry for entry in decide(entries, one, RULES)}
    return entries


def entry(entries: dict[str, LedgerEntry], department: str = "U031", day: str = DAY) -> LedgerEntry:
    return entries[key_of(department, day)]


def test_a_report_and_a_zero_report() -> None:
    assert entry(play(item("a"))).state is LedgerState.REPORTED
    assert entry(play(item("z", kind="zero"))).state is LedgerState.ZERO
    assert entry(play(item("a"))).first_at == at(1)


def test_a_zero_report_and_then_news_is_amended() -> None:
    assert entry(play(item("z", kind="zero"), item("a", published=at(60)))).state is LedgerState.AMENDED


def test_the_cutoff_is_inclusive() -> None:
    assert entry(play(item("a", received=CUTOFF))).state is LedgerState.REPORTED
    late = entry(play(item("a", received=CUTOFF + timedelta(seconds=1))))
    assert (late.state, late.rule, late.reports[0].late) == (LedgerState.LATE, "after_cutoff", True)


def test_the_earliest_receipt_counts() -> None:
    early, late = item("a"), item("b", received=CUTOFF + timedelta(hours=1))
    assert entry(play(late)).state is LedgerState.LATE
    assert entry(play(late, early)).state is LedgerState.REPORTED


def test_the_day_is_that_of_publication() -> None:
    entries = play(item("a", published=at(days=-1), received=at()))
    assert (entry(entries, day="2026-11-19").state, list(entries)) == (LedgerState.LATE, ["U031:2026-11-19"])


def test_a_replay_changes_nothing_and_a_correction_is_noted() -> None:
    entries = play(item("a"))
    assert decide(entries, item("a"), RULES) == []
    (corrected,) = decide(entries, item("a", updated=CUTOFF + timedelta(hours=2)), RULES)
    assert (corrected.revision, corrected.state, corrected.first_at) == (2, LedgerState.REPORTED, at(1))
    again = play(item("a"), state={key_of("U031", DAY): corrected})
    assert entry(again).reports[0].version == corrected.reports[0].version


def test_others_are_not_counted() -> None:
    assert play(item("m", lane="media"), item("x", source="U999")) == {}


def test_missing_only_after_the_cutoff() -> None:
    assert missing({}, CUTOFF, RULES) == []
    found = missing({}, CUTOFF + timedelta(seconds=1), RULES)
    assert [(one.department, one.day, one.state) for one in found] == [
        ("U031", DAY, LedgerState.MISSING), ("U044", DAY, LedgerState.MISSING),
    ]  # fmt: skip


def test_who_reported_is_not_missing_and_marking_twice_changes_nothing() -> None:
    entries = play(item("a"))
    after = CUTOFF + timedelta(minutes=1)
    (absent,) = missing(entries, after, RULES)
    assert absent.department == "U044"
    assert missing({**entries, "U044:2026-11-20": absent}, after, RULES) == []


def test_days_of_an_outage_are_marked_but_not_the_time_before_the_ledger() -> None:
    found = missing(play(item("a")), CUTOFF + timedelta(days=2, hours=1), RULES)
    assert {one.day for one in found} == {"2026-11-20", "2026-11-21", "2026-11-22"}
    assert len(found) == 5


def test_a_missing_day_becomes_late_when_the_report_comes() -> None:
    absent = {key_of(one.department, one.day): one for one in missing({}, CUTOFF + timedelta(minutes=1), RULES)}
    changed = entry(play(item("a", received=CUTOFF + timedelta(hours=1)), state=absent))
    assert (changed.state, changed.revision) == (LedgerState.LATE, 2)


def test_an_excuse_stands_and_is_recognised_when_repeated() -> None:
    decision = Decision.model_validate(
        {"decision_id": "d", "district": "testqu", "subject_type": "department", "subject_id": "U031",
         "action": "excuse", "by": "值班长", "at": CUTOFF, "reason": "停电", "details": {"day": DAY}}
    )  # fmt: skip
    (excused,) = excuse({}, decision, RULES)
    assert (excused.state, excused.explanation) == (LedgerState.EXCUSED, "值班长准予免报：停电")
    state = {key_of("U031", DAY): excused}
    assert excuse(state, decision, RULES) == []
    assert entry(play(item("a", received=CUTOFF + timedelta(hours=1)), state=state)).state is LedgerState.EXCUSED


def test_any_order_of_reports_gives_the_same_entry() -> None:
    items = [item("z", kind="zero"), item("a", published=at(60)), item("b", received=CUTOFF + timedelta(hours=1))]
    ends = [entry(play(*order)) for order in itertools.permutations(items)]
    assert len({(one.state, one.first_at, one.reports) for one in ends}) == 1
