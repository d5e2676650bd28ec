"""Every point follows from one event by the table of its day; appeals and corrections are entries of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyao.districts import load_district
from processors.duty.commissioned import Outcome, commissions
from processors.duty.corrections import check_score
from processors.duty.notice import Notice, notice
from processors.duty.point import Point
from processors.duty.points import Record, points
from processors.duty.register import DutyBook, Member
from processors.duty.scoring import COLUMNS, Scoring
from processors.tables import parse_table
from publishers.notice import notice_file, render_notice
from schemas.base import CHINA
from schemas.bulletin import Bulletin
from schemas.case import Case
from schemas.decision import Decision
from schemas.errors import DistrictError, InvalidItem
from schemas.ledger import LedgerEntry
from tests.items import at

TABLES = load_district(Path(__file__).parents[4] / "districts" / "zhanggong").tables
SCORING = Scoring.from_tables(TABLES)
BOOK = DutyBook(
    {
        "U1": Member("U1", "甲局", "gov", "一类"),
        "U2": Member("U2", "乙局", "gov", "一类"),
        "U3": Member("U3", "丙镇", "town", "镇街"),
    },
    (),
)
NAMES = {"甲局": "U1", "乙局": "U2", "丙镇": "U3"}
END = at(days=40)


def entry(department: str, state: str, day: int = 20, *, late_by: str | None = None, **more: Any) -> LedgerEntry:
    moment = datetime(2026, 11, day, 9, 0, tzinfo=CHINA)
    versions = [{"version": 1, "published_at": moment, "received_at": moment, "late_by": late_by}]
    report = {"item_id": f"{department}-{day}", "version": 1, "received_at": moment, "versions": versions}
    given = {
        "department": department, "day": f"2026-11-{day:02}", "district": "testqu", "state": state, "revision": 1,
        "cutoff": moment.replace(hour=17, minute=30), "changed_at": moment, "day_kind": "workday",
        "first_at": None if state == "missing" else moment, "reports": [] if state == "missing" else [report], **more,
    }  # fmt: skip
    return LedgerEntry.model_validate(given)


def bulletin(name: str, *pieces: tuple[str, ...], day: int = 20, draft: bool = False) -> Bulletin:
    """Pieces are an item and its contributors."""
    moment = datetime(2026, 11, day, 18, 0, tzinfo=CHINA)
    entries = [
        {"item_ids": [item], "title": f"稿{item}", "text": "文", "contributors": units} for item, *units in pieces
    ]
    return Bulletin.model_validate(
        {"name": name, "title": "刊物", "date": f"2026-11-{day:02}", "district": "testqu", "head": {"office": "区委办"},
         "sections": [{"name": "区内动态", "entries": entries}], "covers_from": moment, "covers_to": moment,
         "made_at": moment, "draft": draft}
    )  # fmt: skip


def decision(action: str, kind: str, subject: str, *, id: str = "d", days: float = 0, **more: Any) -> Decision:
    reason = more.pop("reason", "")
    given = {"decision_id": id, "district": "testqu", "subject_type": kind, "subject_id": subject, "reason": reason}
    return Decision.model_validate({**given, "action": action, "by": "科长", "at": at(days=days), "details": more})


def found(now: datetime = END, **record: Any) -> list[tuple[str, str, Decimal]]:
    given = points(Record(**record, resolve=NAMES.get), now, SCORING)
    return [(one.department, one.key, one.points) for one in given]


# -- each kind of event -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(entry("U1", "missing"), [("zero_report.missing", "-1")], id="missing"),
        pytest.param(entry("U1", "zero"), [("zero_report.on_time", "0.2")], id="zero"),
        pytest.param(entry("U1", "zero", day_kind="weekend"), [], id="zero on a weekend"),
        pytest.param(entry("U1", "late"), [("late_迟报", "-2")], id="late on the day"),
        pytest.param(entry("U1", "late", late_by="emergency_now"), [("late_emergency", "-10")], id="once, not twice"),
        pytest.param(entry("U1", "reported", late_by="major_3h"), [("late_major", "-5")], id="a late major event"),
        pytest.param(entry("U1", "reported"), [], id="reported"),
        pytest.param(entry("U1", "excused"), [], id="excused"),
    ],
)
def test_the_ledger(given: LedgerEntry, expected: list[tuple[str, str]]) -> None:
    assert [(key, str(value)) for _, key, value in found(entries=[given])] == expected


def test_zero_reports_earn_on_four_days_a_month() -> None:
    days = [entry("U1", "zero", day) for day in range(2, 9)]
    assert sum(value for _, _, value in found(entries=days)) == Decimal("0.8")


def test_nothing_before_the_cutoff() -> None:
    assert found(entries=[entry("U1", "missing")], now=at()) == []


def test_adoption_is_shared_and_counted_once_a_title() -> None:
    issues = [bulletin("huiyao", ("a", "甲局"), ("b", "甲局", "丙镇")), bulletin("huiyao", ("a", "甲局"), day=21)]
    assert sorted(found(bulletins=issues)) == [
        ("U1", "adopt.daily_汇要", Decimal(1)),
        ("U1", "adopt.daily_汇要", Decimal(2)),
        ("U3", "adopt.daily_汇要", Decimal(1)),
    ]


def test_a_second_title_earns_the_difference() -> None:
    issues = [bulletin("huiyao", ("a", "甲局")), bulletin("xinxi", ("a", "甲局"), day=28)]
    assert [value for _, _, value in found(bulletins=issues)] == [Decimal(2), Decimal(3)]


def test_drafts_and_strangers_earn_nothing() -> None:
    assert found(bulletins=[bulletin("huiyao", ("a", "甲局"), draft=True), bulletin("huiyao", ("b", "某报"))]) == []


def case(state: str, verdict: str | None) -> Case:
    return Case.model_validate(
        {"case_id": "c", "district": "testqu", "kind": "nothing_reported", "department": "U3", "day": "2026-11-20",
         "incident": "i", "state": state, "verdict": verdict, "opened_at": at(), "changed_at": at(),
         "decided_at": at(days=1) if verdict else None}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "verdict", "value"),
    [("upheld", "omitted", [-10]), ("upheld", "false", [-20]), ("upheld", "concealed", [-30]),
     ("second_person", None, []), ("unfounded", None, []), ("open", None, [])],
)  # fmt: skip
def test_only_what_two_people_found(state: str, verdict: str | None, value: list[int]) -> None:
    assert [one for _, _, one in found(cases=[case(state, verdict)])] == value


def test_instructions_and_the_second_on_the_same_item() -> None:
    acts = [
        decision("instruct", "item", "x", id=str(n), days=n, department="U1", level="district" if n < 2 else "city")
        for n in range(3)
    ]
    assert [value for _, _, value in found(decisions=acts)] == [Decimal(10), Decimal("5.0"), Decimal("10.0")]


def test_what_people_enter_by_the_table() -> None:
    given = decision("score", "points", "U1", key="adopt.city_市委办", reason="市委办采用")
    assert found(decisions=[given]) == [("U1", "adopt.city_市委办", Decimal(10))]
    assert found(decisions=[given, decision("undo", "points", "U1", id="e", days=1, decision_id="d")]) == []


# -- commissioned items -----------------------------------------------------------------------------------------------

ASKED = decision(
    "request", "request", "q1", topic="秋粮", departments=["U1", "U2", "U3"], deadline=at(days=3).isoformat()
)


def test_what_became_of_a_commissioned_item() -> None:
    acts = [
        ASKED,
        decision("answer", "request", "q1", id="a1", days=2, department="U1", item_id="x"),
        decision("answer", "request", "q1", id="a2", days=4, department="U2", item_id="y"),
    ]
    assert [one.outcome for one in commissions(acts, at(days=1))] == [Outcome.WAITING] * 3
    ends = [(one.department, one.outcome, one.item_id) for one in commissions([*reversed(acts), *acts], at(days=5))]
    assert ends == [("U1", Outcome.DONE, "x"), ("U2", Outcome.LATE, "y"), ("U3", Outcome.MISSED, None)]
    assert sorted((unit, str(value)) for unit, _, value in found(decisions=acts, now=at(days=5))) == [
        ("U1", "2"), ("U2", "-2"), ("U3", "-2"),
    ]  # fmt: skip


def test_a_withdrawn_request_costs_nothing() -> None:
    acts = [ASKED, decision("close", "request", "q1", id="c", days=1)]
    assert {one.outcome for one in commissions(acts, at(days=9))} == {Outcome.WITHDRAWN}
    assert found(decisions=acts) == []


# -- appeals and corrections ------------------------------------------------------------------------------------------

MISSING = [entry("U1", "missing")]
CUTOFF = MISSING[0].cutoff


def the_deduction(now: datetime = END, *decisions: Decision) -> Point:
    return next(one for one in points(Record(MISSING, decisions=decisions), now, SCORING) if one.corrects is None)


def test_a_deduction_stands_when_the_window_has_passed() -> None:
    window = timedelta(days=5)
    assert not the_deduction().stands(CUTOFF + window)
    assert the_deduction().stands(CUTOFF + window + timedelta(seconds=1))


def test_an_appeal_holds_it_back_until_it_is_decided() -> None:
    appeal = decision("appeal", "points", the_deduction().entry_id, id="a", days=2)
    assert not the_deduction(END, appeal).stands(END)
    refused = decision("return", "points", appeal.subject_id, id="r", days=9)
    assert the_deduction(END, appeal, refused).stands(END)


def test_an_accepted_appeal_is_a_new_entry_and_the_old_one_stays() -> None:
    appeal = decision("appeal", "points", the_deduction().entry_id, id="a", days=2)
    accepted = decision("accept", "points", appeal.subject_id, id="r", days=9, reason="系统故障")
    old, new = points(Record(MISSING, decisions=[accepted, appeal]), END, SCORING)
    assert (old.points, new.points, new.corrects, new.ref) == (-1, 1, old.entry_id, "decision:r")
    assert sum(one.points for one in (old, new) if one.stands(END)) == 0


def test_an_appeal_after_the_window_changes_nothing() -> None:
    late = decision("appeal", "points", the_deduction().entry_id, id="a", days=6)
    assert the_deduction(END, late).stands(END)


def test_a_correction_is_a_new_entry() -> None:
    fix = decision(
        "score", "points", "U1", id="f", days=10, reason="登记有误", corrects=the_deduction().entry_id, points="0.5"
    )
    old, new = points(Record(MISSING, decisions=[fix]), END, SCORING)
    assert (old.points, new.points, new.why) == (-1, Decimal("0.5"), "更正：登记有误")


def test_a_day_excused_afterwards_keeps_its_deduction_and_gets_it_back() -> None:
    excused = entry("U1", "excused", reports=[], first_at=None, decision_id="x")
    late = decision("excuse", "department", "U1", id="x", days=3, day="2026-11-20")
    before = decision("excuse", "department", "U1", id="x", days=-1, day="2026-11-20")
    found = points(Record([excused], decisions=[late]), END, SCORING)
    assert [(one.points, one.corrects is not None) for one in found] == [(-1, False), (1, True)]
    assert found[0].entry_id == the_deduction().entry_id == found[1].corrects
    assert points(Record([excused], decisions=[before]), END, SCORING) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (decision("score", "points", "U1", key="bonus"), "details.key"),
        (decision("score", "points", "U1", corrects="x", points=1, reason="r"), "details.corrects"),
        (decision("appeal", "points", "x"), "subject_id"),
        (decision("appeal", "points", "ID", days=6), "at"),
        (decision("score", "points", "U1", corrects="ID", points=1), "reason"),
        (decision("score", "points", "U1", corrects="ID", points="many", reason="r"), "details.points"),
        (decision("score", "points", "U1", corrects="ID", points="NaN", reason="r"), "details.points"),
        (decision("score", "points", "U1", corrects="ID", points="-Infinity", reason="r"), "details.points"),
        (decision("score", "points", "U1", corrects="ID", points="1E+999999", reason="r"), "details.points"),
        (decision("score", "points", "U1", corrects="ID", points="1E-999999", reason="r"), "details.points"),
    ],
)
def test_what_people_enter_is_checked(wrong: Decision, field: str) -> None:
    known = {"ID": the_deduction()}
    with pytest.raises(InvalidItem) as caught:
        check_score(wrong, SCORING, known)
    assert [one.field for one in caught.value.errors] == [field]


# -- the table --------------------------------------------------------------------------------------------------------


def scoring(*extra: str) -> Scoring:
    rows = ["\t".join(["key", "value", "meaning", "from", "source"])]
    rows += ["\t".join([row["key"], row["value"], "", row.get("from"), "SYN"]) for row in TABLES["scoring_default"]]
    return Scoring.from_tables(
        {"scoring_default": parse_table("scoring_default.tsv", "\n".join([*rows, *extra]) + "\n")}
    )


def test_a_past_day_keeps_the_value_of_its_day() -> None:
    table = scoring("zero_report.missing\t-3\t\t2026-12-01\tSYN")
    assert [table.value("zero_report.missing", day) for day in ("2026-11-30", "2026-12-01")] == [-1, -3]
    assert table.version != SCORING.version
    assert COLUMNS[0] == "key"


@pytest.mark.parametrize("row", ["late_major\tmany\t\t\tS", "late_major\t1\t\tsoon\tS", "new_key\t1\t\t2026-12-01\tS"])
def test_a_bad_row_stops_the_start(row: str) -> None:
    with pytest.raises(DistrictError, match=r"scoring_default\.tsv"):
        scoring(row)


# -- the same record, the same points ---------------------------------------------------------------------------------

ENTRIES = [entry(unit, state, day) for unit in ("U1", "U3") for state, day in
           (("missing", 18), ("zero", 19), ("late", 20), ("zero", 23))]  # fmt: skip
ACTS = [
    ASKED,
    decision("answer", "request", "q1", id="a1", days=2, department="U1", item_id="x"),
    decision("instruct", "item", "x", id="i1", days=1, department="U1", level="district"),
    decision("instruct", "item", "x", id="i2", days=2, department="U1", level="district"),
    decision("appeal", "points", "nothing", id="p", days=1),
    decision("undo", "item", "x", id="u", days=3, decision_id="i2"),
]


@settings(max_examples=100, deadline=None)
@given(st.permutations(ENTRIES), st.permutations(ACTS), st.integers(0, 5))
def test_any_order_and_repetition(entries: list[LedgerEntry], acts: list[Decision], again: int) -> None:
    plain = points(Record(ENTRIES, decisions=ACTS), END, SCORING)
    mixed = points(Record([*entries, *entries[:again]], decisions=[*acts, *acts[:again]]), END, SCORING)
    assert mixed == plain
    assert len({one.entry_id for one in plain}) == len(plain)
    assert all(one.ref for one in plain)


# -- the notice -------------------------------------------------------------------------------------------------------


def made(now: datetime = END) -> Notice:
    record = Record(
        [*ENTRIES, entry("U2", "reported", 19)],
        [case("upheld", "omitted")],
        [bulletin("huiyao", ("a", "甲局"), ("b", "乙局"))],
        ACTS,
        NAMES.get,
    )
    return notice(record, "2026-11", now, BOOK, SCORING, title="信息报送情况通报")


def test_classes_are_ranked_apart_and_equals_share_a_rank() -> None:
    ranks = {name: [(line.name, line.rank, line.month) for line in lines] for name, lines in made().by_class}
    assert list(ranks) == ["镇街", "一类"]
    assert ranks["一类"][0][:2] == ("甲局", 1)
    assert ranks["镇街"][0][:2] == ("丙镇", 1)
    total = {line.department: line.month for _, lines in made().by_class for line in lines}
    assert total["U1"] == Decimal("2") + 10 + 2 - 1 - 2 + Decimal("0.4")
    assert total["U3"] == Decimal("0.4") - 1 - 2 - 10 - 2


def test_what_is_within_the_window_is_shown_apart() -> None:
    early = next(line for _, lines in made(at(days=4)).by_class for line in lines if line.department == "U3")
    assert (early.confirmed, early.pending < 0) == (0, True)
    late = next(line for _, lines in made().by_class for line in lines if line.department == "U3")
    assert (late.confirmed, late.pending) == (1, 0)


def test_the_document_names_what_it_must_and_nothing_dangerous() -> None:
    page = render_notice(made(), "区委办公室 <内部>")
    for words in (
        "2026年11月",
        "甲局",
        "经两人认定为漏报",
        "秋粮",
        "未完成",
        "同类排名",
        SCORING.version,
        "&lt;内部&gt;",
    ):
        assert words in page
    assert "<script" not in page
    assert notice_file(made()) == "tongbao-2026-11.html"


def test_a_month_without_anything_still_makes_a_notice() -> None:
    empty = notice(Record(), "2026-10", END, BOOK, SCORING, title="通报")
    page = render_notice(empty, "区委办公室")
    assert "本月无约稿" in page
    assert "无已生效的迟报扣分" in page
