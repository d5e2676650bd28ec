"""Which day is what, who must report on it by when, who is reminded, and how often it was in time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from huiyao.districts import load_district
from huiyao.rules import ledger_rules
from processors.duty.calendar import Calendar
from processors.duty.rates import rates
from processors.duty.register import DutyBook, DutyRule, Member
from processors.duty.reminders import reminders, silent, waiting
from processors.ledger import LedgerRules, applied, decide, opened
from processors.tables import parse_table
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.errors import DistrictError
from schemas.vocab import DayKind, LedgerState
from tests.items import at, item

MEMBERS = {
    "U1": Member("U1", "甲局", "gov", "一类"),
    "U2": Member("U2", "乙镇", "town", "镇街"),
    "U3": Member("U3", "丙会", "mass", "三类"),
}
CALENDAR = "from\tuntil\tkind\tname\tsource\n"
DUTIES = "rule\twho\tdays\tcutoff\trequired\tremind\tfrom\tuntil\tsource\n"


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2026-11-20", DayKind.WORKDAY, ""),
        ("2026-11-21", DayKind.WEEKEND, ""),
        ("2026-10-01", DayKind.HOLIDAY, "国庆节"),
        ("2026-10-10", DayKind.WORKDAY, "国庆节调休上班"),
        ("2026-02-17", DayKind.HOLIDAY, "春节"),
    ],
)
def test_national_days(day: str, kind: DayKind, name: str) -> None:
    found = Calendar().day(day)
    assert (found.kind, found.name) == (kind, name)


def test_a_year_not_yet_published_falls_back_to_the_week_and_says_so() -> None:
    assert (Calendar.known(2026), Calendar.known(2099)) == (True, False)
    assert Calendar().day("2099-10-01").kind is DayKind.WORKDAY
    assert Calendar().day("2099-10-03").kind is DayKind.WEEKEND


def test_local_exceptions_go_first() -> None:
    rows = "2026-11-20\t2026-11-21\tholiday\t区庆\tSYN\n"
    calendar = Calendar.from_table(parse_table("calendar.tsv", CALENDAR + rows))
    assert [calendar.day(f"2026-11-{n}").name for n in (19, 20, 21, 22)] == ["", "区庆", "区庆", ""]


@pytest.mark.parametrize(
    "row", ["2026-13-01\t\tholiday\tx\tS", "2026-11-20\t2026-11-19\tholiday\tx\tS", "2026-11-20\t\tx\tx\tS"]
)
def test_a_bad_day_is_named_with_its_line(row: str) -> None:
    with pytest.raises(DistrictError, match=r"calendar\.tsv:2"):
        Calendar.from_table(parse_table("calendar.tsv", CALENDAR + row + "\n"))


def book(*rules: DutyRule) -> DutyBook:
    return DutyBook(MEMBERS, rules)


def test_the_cutoff_by_department_class_and_kind_of_day() -> None:
    found = book(
        DutyRule("all", "*", cutoff=time(17, 30)),
        DutyRule("free", "*", days=frozenset({DayKind.WEEKEND, DayKind.HOLIDAY}), cutoff=time(16, 30)),
        DutyRule("towns", "class:镇街", cutoff=time(16, 0)),
        DutyRule("one", "U3", days=frozenset({DayKind.WEEKEND}), required="N"),
    )
    by_day = {day: [f"{found.duty(one, day).cutoff:%H:%M}" for one in MEMBERS] for day in ("2026-11-20", "2026-11-21")}
    assert by_day == {"2026-11-20": ["17:30", "16:00", "17:30"], "2026-11-21": ["16:30", "16:00", "16:30"]}
    assert [found.duty("U3", day).required for day in ("2026-11-20", "2026-11-21")] == ["Y", "N"]


def test_a_rule_holds_from_its_first_to_its_last_day() -> None:
    found = book(
        DutyRule("old", "*", cutoff=time(18, 0)),
        DutyRule("new", "*", cutoff=time(17, 0), since="2026-11-20", until="2026-11-21"),
    )
    days = ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]
    assert [found.duty("U1", day).rule for day in days] == ["old", "new", "new", "old"]


@pytest.mark.parametrize(
    "row",
    [
        "r\tU9\t\t17:30\tY\t\t\t\tS",
        "r\t*\tsunday\t17:30\tY\t\t\t\tS",
        "r\t*\t\t25:00\tY\t\t\t\tS",
        "r\t*\t\t17:30\tX\t\t\t\tS",
        "r\t*\t\t17:30\tY\tsoon\t\t\tS",
    ],
)
def test_a_bad_duty_is_named_with_its_line(row: str) -> None:
    with pytest.raises(DistrictError, match=r"duties\.tsv:2"):
        DutyBook.from_tables([], parse_table("duties.tsv", DUTIES + row + "\n"), None)


def change(id: str, who: str, hours: int = 0, **details: object) -> Decision:
    given = {"decision_id": id, "district": "testqu", "subject_type": "department", "subject_id": who, "by": "科长"}
    return Decision.model_validate({**given, "action": "set_duty", "at": at(60 * hours), "details": details})


def test_the_class_of_a_department_has_a_history() -> None:
    found = book().with_decisions([change("d", "U3", appraisal_class="二类", **{"from": "2026-12-01"})])
    assert [found.class_of("U3", day) for day in ("2026-11-30", "2026-12-01")] == ["三类", "二类"]


def test_decisions_in_any_order_and_as_of_any_moment() -> None:
    first, second = change("a", "*", 0, cutoff="16:00"), change("b", "*", 1, cutoff="15:00")
    assert book().with_decisions([first, second, first]).duty("U1", "2026-11-21") == book().with_decisions(
        [second, first]
    ).duty("U1", "2026-11-21")
    then = book().with_decisions([first, second], as_of=at(30))
    assert f"{then.duty('U1', '2026-11-21').cutoff:%H:%M}" == "16:00"


def test_the_districts_own_tables_load() -> None:
    rules = ledger_rules(load_district(Path(__file__).parents[4] / "districts" / "zhanggong"))
    assert len(rules.book.members) == 66
    assert {rules.book.duty(one, "2026-11-20").required for one in rules.book.members} == {"Y"}
    assert "U001" not in rules.book.members


RULES = LedgerRules(
    "testqu", {one.id: one.name for one in MEMBERS.values()}, given=book(DutyRule("all", "*", remind=(60, 15)))
)
CUTOFF = datetime(2026, 11, 20, 17, 30, tzinfo=CHINA)


def test_reminders_come_in_steps_and_then_the_silent_are_listed() -> None:
    state = opened((), (), RULES)
    sent = item("a", source="U1")
    state = applied(state, sent, decide(state, sent, sent.received_at, RULES), RULES)
    moments = {minutes: CUTOFF - timedelta(minutes=minutes) for minutes in (90, 59, 30, 14, -1)}
    steps = {
        minutes: [(one.department, one.step) for one in reminders(state, now, RULES)]
        for minutes, now in moments.items()
    }
    assert steps == {
        90: [], 59: [("U2", 60), ("U3", 60)], 30: [("U2", 60), ("U3", 60)], 14: [("U2", 15), ("U3", 15)], -1: [],
    }  # fmt: skip
    assert [one.department for one in silent(state, moments[-1], RULES)] == ["U2", "U3"]
    assert silent(state, moments[14], RULES) == []
    assert [one.minutes for one in waiting(state, moments[-1], RULES)] == [-1, -1]


def test_rates_by_department_and_class() -> None:
    state = opened((), (), RULES)
    for n, kind in enumerate(["zero", None, "late"]):
        day = at(days=n)
        received = day + timedelta(hours=11) if kind == "late" else day
        one = item(f"a{n}", source="U1", kind="zero" if kind == "zero" else None, published=day, received=received)
        state = applied(state, one, decide(state, one, received, RULES), RULES)
    now = CUTOFF + timedelta(days=2, hours=1)
    state = applied(state, None, decide(state, None, now, RULES), RULES)
    found = rates(state.entries.values(), "2026-11", RULES.book)
    assert (found.by_department["U1"].due, found.by_department["U1"].on_time) == (3, 2)
    assert found.by_department["U1"].states[LedgerState.LATE] == 1
    assert found.by_class["镇街"].share == 0.0
    assert found.by_class["一类"].share == pytest.approx(2 / 3)
    assert (found.total.due, found.total.on_time) == (9, 2)
    assert rates(state.entries.values(), "2026-12", RULES.book).total.share is None
