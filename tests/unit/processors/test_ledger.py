"""One state for each department and day, with the rule that gave it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from processors.duty.moments import as_of
from processors.ledger import Ledger, LedgerRules, applied, decide, key_of, opened
from schemas.assessment import AssessedItem
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.errors import InvalidItem
from schemas.ledger import LedgerEntry
from schemas.vocab import LedgerState
from tests.items import at, item

RULES = LedgerRules("testqu", {"U031": "沙石镇", "U044": "应急管理局"})
CUTOFF = datetime(2026, 11, 20, 17, 30, tzinfo=CHINA)
DAY = "2026-11-20"
Step = AssessedItem | Decision | datetime
"""An item, a decision, or the clock."""


def play(*steps: Step, state: Ledger | None = None, rules: LedgerRules = RULES) -> Ledger:
    state = state or opened((), (), rules)
    for step in steps:
        event = None if isinstance(step, datetime) else step
        now = step if isinstance(step, datetime) else step.at if isinstance(step, Decision) else step.received_at
        state = applied(state, event, decide(state, event, now, rules), rules)
    return state


def entry(state: Ledger, department: str = "U031", day: str = DAY) -> LedgerEntry:
    return state.entries[key_of(department, day)]


def decision(
    action: str, subject: str, at: datetime = CUTOFF, id: str = "d", reason: str = "", **details: Any
) -> Decision:
    given = {"decision_id": id, "district": "testqu", "subject_type": "department", "subject_id": subject}
    return Decision.model_validate(
        {**given, "action": action, "by": "值班长", "at": at, "reason": reason, "details": details}
    )


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
    state = play(item("a", published=at(days=-1), received=at()))
    assert (entry(state, day="2026-11-19").state, list(state.entries)) == (LedgerState.LATE, ["U031:2026-11-19"])


def test_a_replay_changes_nothing_and_a_correction_is_noted() -> None:
    state = play(item("a"))
    assert decide(state, item("a"), at(1), RULES) == []
    again = item("a", updated=CUTOFF + timedelta(hours=2))
    (corrected,) = decide(state, again, again.received_at, RULES)
    assert (corrected.revision, corrected.state, corrected.first_at) == (2, LedgerState.REPORTED, at(1))
    state = play(again, state=state)
    assert decide(state, item("a"), at(1), RULES) == []


def test_a_second_submission_of_the_same_version_keeps_the_first_receipt() -> None:
    late = item("a", received=CUTOFF + timedelta(hours=1))
    assert entry(play(late)).state is LedgerState.LATE
    for order in ((late, item("a")), (item("a"), late)):
        assert (entry(play(*order)).state, len(entry(play(*order)).reports)) == (LedgerState.REPORTED, 1)


def test_others_are_not_counted() -> None:
    assert play(item("m", lane="media"), item("x", source="U999")).entries == {}


def test_missing_only_after_the_cutoff() -> None:
    assert decide(Ledger(), None, CUTOFF, RULES) == []
    found = decide(Ledger(), None, CUTOFF + timedelta(seconds=1), RULES)
    assert [(one.department, one.day, one.state) for one in found] == [
        ("U031", DAY, LedgerState.MISSING), ("U044", DAY, LedgerState.MISSING),
    ]  # fmt: skip


def test_who_reported_is_not_missing_and_marking_twice_changes_nothing() -> None:
    after = CUTOFF + timedelta(minutes=1)
    state = play(item("a"), after)
    assert (entry(state).state, entry(state, "U044").state) == (LedgerState.REPORTED, LedgerState.MISSING)
    assert decide(state, None, after, RULES) == []


def test_days_of_an_outage_are_marked_once_but_not_the_time_before_the_ledger() -> None:
    later = CUTOFF + timedelta(days=2, hours=1)
    state = play(item("a"))
    found = decide(state, None, later, RULES)
    assert {one.day for one in found} == {"2026-11-20", "2026-11-21", "2026-11-22"}
    assert len(found) == 5
    assert decide(play(later, state=state), None, later, RULES) == []


def test_an_old_report_does_not_say_that_the_ledger_was_there_then() -> None:
    """The first report of a new office may be one of last week: nobody was asked to report in between."""
    morning = CUTOFF - timedelta(hours=6)
    old = item("old", published=CUTOFF - timedelta(days=8), received=morning)
    excused = decision("excuse", "U044", morning, reason="演练", day="2026-11-17")
    state = play(old, excused, CUTOFF + timedelta(minutes=1))
    missing = {key for key, one in state.entries.items() if one.state is LedgerState.MISSING}
    assert missing == {key_of("U031", DAY), key_of("U044", DAY)}


def test_a_missing_day_becomes_late_when_the_report_comes() -> None:
    changed = entry(play(CUTOFF + timedelta(minutes=1), item("a", received=CUTOFF + timedelta(hours=1))))
    assert (changed.state, changed.revision) == (LedgerState.LATE, 2)
    assert changed.explanation == "首件11-20 18:30收到，迟于17:30（60分钟）"


def test_an_excuse_stands_and_is_recognised_when_repeated() -> None:
    excuse = decision("excuse", "U031", reason="停电", day=DAY)
    state = play(excuse)
    assert (entry(state).state, entry(state).explanation) == (LedgerState.EXCUSED, "值班长准予免报：停电")
    assert entry(state).decision_id == "d"
    assert decide(state, excuse, CUTOFF, RULES) == []
    late = item("a", received=CUTOFF + timedelta(hours=1))
    assert entry(play(late, state=state)).state is LedgerState.EXCUSED
    assert len(entry(play(late, state=state)).reports) == 1


def test_an_excuse_for_a_span_covers_days_to_come_and_is_taken_back() -> None:
    span = decision("excuse", "U031", reason="机构搬迁", **{"from": DAY, "until": "2026-11-21"})
    evenings = [CUTOFF + timedelta(days=n, minutes=1) for n in range(3)]
    state = play(span, *evenings)
    states = [entry(state, day=f"2026-11-{n}").state for n in (20, 21, 22)]
    assert states == [LedgerState.EXCUSED, LedgerState.EXCUSED, LedgerState.MISSING]
    back = decision("undo", "U031", at=evenings[-1], id="e", decision_id="d")
    assert entry(play(back, state=state), day="2026-11-21").state is LedgerState.MISSING


def test_a_past_day_is_judged_by_that_days_rules() -> None:
    earlier = decision("set_duty", "*", at=CUTOFF, cutoff="16:00", **{"from": "2026-11-21"})
    afternoon = [item(f"a{n}", published=at(days=n), received=at(60 * 8.5, days=n)) for n in (0, 1)]
    for order in ((earlier, *afternoon), (*afternoon, earlier)):
        state = play(*order)
        assert [entry(state, day=f"2026-11-{n}").state for n in (20, 21)] == [LedgerState.REPORTED, LedgerState.LATE]


def test_a_day_without_a_duty_is_never_missing() -> None:
    free = decision("set_duty", "U031", at=at(-60), required="N")
    state = play(free, CUTOFF + timedelta(minutes=1))
    assert list(state.entries) == [key_of("U044", DAY)]
    late = item("a", received=CUTOFF + timedelta(hours=1))
    assert entry(play(late, state=state)).state is LedgerState.REPORTED
    absent = play(CUTOFF + timedelta(minutes=1))
    back = decision("set_duty", "U031", required="N", reason="当日停电", retroactive=True)
    assert (entry(absent).state, entry(play(back, state=absent)).rule) == (LedgerState.MISSING, "no_duty")


def test_a_rule_does_not_reach_back_without_a_reason() -> None:
    with pytest.raises(InvalidItem, match=r"details\.from"):
        play(decision("set_duty", "*", cutoff="16:00", **{"from": "2026-11-19"}))
    back = decision("set_duty", "*", reason="原定有误", cutoff="16:00", retroactive=True, **{"from": "2026-11-19"})
    late = item("a", received=at(60 * 8.5))
    assert entry(play(late, back)).state is LedgerState.LATE


@pytest.mark.parametrize(
    "wrong",
    [
        decision("excuse", "U999"),
        decision("excuse", "U031", day="tomorrow"),
        decision("excuse", "U031", **{"from": DAY, "until": "2026-11-19"}),
        decision("set_duty", "U031", cutoff="half past"),
        decision("set_duty", "U031", days=["sunday"]),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_refused(wrong: Decision) -> None:
    with pytest.raises(InvalidItem):
        play(wrong)


def test_across_midnight_a_report_counts_for_the_day_it_was_written() -> None:
    written = datetime(2026, 11, 20, 23, 58, tzinfo=CHINA)
    state = play(item("a", published=written, received=written + timedelta(minutes=5)))
    assert (entry(state).state, list(state.entries)) == (LedgerState.LATE, [key_of("U031", DAY)])


def test_a_senders_clock_that_runs_ahead_does_not_report_for_tomorrow() -> None:
    ahead = item("a", published=at(days=1), received=at(5))
    assert entry(play(ahead)).state is LedgerState.REPORTED


def test_a_correction_may_move_a_report_to_its_day() -> None:
    first = item("a", published=at(), received=at(5))
    moved = item("a", published=at(days=-1), updated=at(30), received=at(31))
    for order in ((first, moved), (moved, first)):
        state = play(*order, CUTOFF + timedelta(minutes=1))
        assert entry(state).state is LedgerState.MISSING
        assert entry(state, day="2026-11-19").state is LedgerState.LATE
    assert entry(play(first, moved)).state is LedgerState.PENDING


def test_a_backfill_of_an_old_day_is_late_there() -> None:
    old = item("a", published=at(days=-30), received=at())
    assert entry(play(old), day="2026-10-21").state is LedgerState.LATE


@pytest.mark.parametrize(
    ("moment", "state", "known"),
    [
        (at(30), LedgerState.PENDING, 0),
        (at(65), LedgerState.ZERO, 1),
        (at(125), LedgerState.AMENDED, 2),
    ],
)
def test_what_was_known_at_a_moment(moment: datetime, state: LedgerState, known: int) -> None:
    zero, news = item("z", kind="zero", published=at(60)), item("a", published=at(120))
    late_excuse = decision("excuse", "U044", at=CUTOFF + timedelta(hours=2), day=DAY)
    whole = play(zero, news, CUTOFF + timedelta(minutes=1), late_excuse)
    seen = {one.department: one for one in as_of(whole, DAY, moment, RULES)}
    assert (seen["U031"].state, len(seen["U031"].reports)) == (state, known)
    assert seen["U044"].state is LedgerState.PENDING


def test_as_of_knows_decisions_only_from_when_they_were_made() -> None:
    excuse = decision("excuse", "U044", at=CUTOFF + timedelta(hours=2), day=DAY)
    state = play(item("a"), CUTOFF + timedelta(minutes=1), excuse)
    before, after = (as_of(state, DAY, CUTOFF + timedelta(hours=h), RULES) for h in (1, 3))
    assert [one.state for one in before] == [LedgerState.REPORTED, LedgerState.MISSING]
    assert [one.state for one in after] == [LedgerState.REPORTED, LedgerState.EXCUSED]


def test_as_of_sees_the_kind_a_report_had_then() -> None:
    zero = item("z", kind="zero")
    corrected = item("z", updated=at(60), received=at(61))
    state = play(zero, corrected)
    assert [as_of(state, DAY, at(n), RULES)[0].state for n in (30, 90)] == [LedgerState.ZERO, LedgerState.REPORTED]


def test_the_present_is_the_ledger_itself() -> None:
    state = play(item("a"), item("b", source="U044", received=CUTOFF + timedelta(hours=1)), CUTOFF + timedelta(hours=2))
    now = as_of(state, DAY, CUTOFF + timedelta(hours=3), RULES)
    own = [entry(state, one.department) for one in now]
    assert [(one.state, one.reports, one.explanation) for one in now] == [
        (one.state, one.reports, one.explanation) for one in own
    ]


def test_a_ledger_written_before_versions_were_kept_goes_on() -> None:
    old = entry(play(item("a")))
    (report,) = old.reports
    plain = old.model_copy(update={"reports": (report.model_copy(update={"versions": ()}),)})
    state = opened([plain], (), RULES)
    (again,) = decide(state, item("a"), at(1), RULES)
    assert (again.state, again.revision, len(again.reports)) == (LedgerState.REPORTED, 2, 1)
    assert decide(play(item("a"), state=state), item("a"), at(1), RULES) == []
    changed = play(item("b", published=at(60)), state=state)
    assert len(entry(changed).reports) == 2
    assert as_of(state, DAY, at(30), RULES)[0].state is LedgerState.REPORTED


def test_any_order_of_reports_gives_the_same_entry() -> None:
    items = [item("z", kind="zero"), item("a", published=at(60)), item("b", received=CUTOFF + timedelta(hours=1))]
    ends = [entry(play(*order)) for order in itertools.permutations(items)]
    assert len({(one.state, one.first_at, one.reports) for one in ends}) == 1
