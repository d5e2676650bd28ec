"""Instructions (批示): a fold of decisions, deadlines in working days, reminders once each, what may be done when."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.templates.generate import MAPPINGS
from huiyao.districts import load_district
from processors.duty.calendar import Calendar
from processors.duty.points import Record, points
from processors.duty.scoring import Scoring
from processors.fold import Document, Projection, fold, join
from processors.fold_parts import decided
from processors.instructions.model import ERASED, Instruction, State, told
from processors.instructions.reminders import due, moments, next_reminder, words
from processors.instructions.report import special_report
from processors.instructions.rules import InstructionRules, read_rules
from processors.instructions.steps import check_order, check_step, masked, possible, topic_of
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.errors import DistrictError, InvalidItem
from schemas.vocab import Lane

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
FILE = {
    "usual": "d3", "phrases": ["请核实。"], "remind_before_h": [4, 24],
    "deadline": [{"key": "today", "name": "今日", "days": 0}, {"key": "d3", "name": "3日", "days": 3}],
}  # fmt: skip
RULES = read_rules(FILE, Calendar())
DEADLINE = datetime(2026, 11, 25, 17, 30, tzinfo=CHINA)
NUMBERS = iter(range(10_000))


def act(action: str, at: datetime, *, by: str = "某人", id: str = "", reason: str = "", **details: Any) -> Decision:
    return Decision.model_validate(
        {"decision_id": id or f"x{next(NUMBERS)}", "district": "testqu", "subject_type": "instruction",
         "subject_id": "n1", "action": action, "by": by, "at": at, "reason": reason, "details": details}
    )  # fmt: skip


def given_one(at: datetime = FRIDAY, deadline: Any = DEADLINE, **more: Any) -> Decision:
    details = {
        "item_id": "i1",
        "owner": "U1",
        "credited": "U2",
        "level": "district",
        "topic": "滑坡",
        "text": "请核实。",
    }
    due_at = deadline.isoformat() if isinstance(deadline, datetime) else deadline
    return act("instruct", at, by="ld", **(details | {"deadline": due_at} | more))


def after(hours: float) -> datetime:
    return FRIDAY + timedelta(hours=hours)


def instruction(*acts: Decision) -> Instruction:
    made = told("n1", [decided(one) for one in acts])
    assert made is not None
    return made


# -- the fold ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ([], "issued"),
        ([("acknowledge", {})], "noted"),
        ([("answer", {})], "noted"),
        ([("answer", {"final": True})], "answered"),
        ([("answer", {"final": True}), ("check", {"satisfied": True})], "checked"),
        ([("answer", {"final": True}), ("check", {"satisfied": False})], "returned"),
        ([("check", {"satisfied": False})], "issued"),
        ([("answer", {"final": True}), ("check", {"satisfied": False}), ("answer", {"final": True})], "answered"),
        ([("close", {}), ("answer", {"final": True})], "closed"),
        ([("withdraw", {}), ("acknowledge", {})], "withdrawn"),
        ([("close", {}), ("undo", {})], "issued"),
        ([("remind", {"step": "person"}), ("score", {})], "issued"),
    ],
)
def test_the_state_is_what_the_steps_come_to(acts: list[tuple[str, dict[str, Any]]], state: str) -> None:
    steps = [act(action, after(n + 1), **details) for n, (action, details) in enumerate(acts)]
    assert instruction(given_one(), *steps).state.value == state


def test_an_answer_stands_from_its_first_time_until_it_is_sent_back() -> None:
    early, late = act("answer", after(20), final=True), act("answer", after(200), final=True)
    assert instruction(given_one(), early, late).answered_at == after(20)
    returned = act("check", after(30), satisfied=False, deadline=after(100).isoformat())
    again = instruction(given_one(), early, returned, late)
    assert (again.deadline, again.answered_at, again.late) == (after(100), after(200), True)
    assert not instruction(given_one(), early).late


def test_overdue_is_after_the_deadline_and_only_while_an_answer_is_owed() -> None:
    one = instruction(given_one())
    assert not one.overdue(DEADLINE)
    assert one.overdue(DEADLINE + timedelta(seconds=1))
    for action, details in (("answer", {"final": True}), ("close", {}), ("withdraw", {})):
        assert not instruction(given_one(), act(action, after(1), **details)).overdue(DEADLINE + timedelta(days=9))
    assert instruction(given_one(), act("answer", after(1))).overdue(DEADLINE + timedelta(days=9))


@pytest.mark.parametrize("change", [{"owner": ""}, {"text": 3}, {"deadline": "bald"}, {"deadline": None}])
def test_what_cannot_be_read_is_no_instruction(change: dict[str, Any]) -> None:
    assert told("n1", [decided(given_one(**change))]) is None


ACTIONS = st.sampled_from(
    ["instruct", "acknowledge", "answer", "check", "remind", "close", "withdraw", "undo", "accept", "erase"]
)
LOOSE = st.dictionaries(
    st.sampled_from(["final", "satisfied", "deadline", "owner", "text", "decision_id", "step", "level"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["x1", "U1", DEADLINE.isoformat(), "x"])),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    steps = draw(st.lists(st.tuples(ACTIONS, st.integers(0, 9), LOOSE), max_size=7))
    begun = [given_one(at=FRIDAY, id="begin")] if draw(st.booleans()) else []
    return [*begun, *(act(action, after(at), id=f"x{n}", **more) for n, (action, at, more) in enumerate(steps))]


def folded(decisions: list[Decision]) -> Document | None:
    document: Document | None = None
    for one in decisions:
        document = fold(document, one)
    return document


def test_the_topic_goes_with_the_item_for_good_and_the_words_stay() -> None:
    gone, back = act("erase", after(2)), act("undo", after(3), decision_id="")
    history = [given_one(id="begin", topic="某某反映噪声"), act("answer", after(1), reason="已整改"), gone, back]
    document = folded(history)
    assert document is not None
    assert "某某反映噪声" not in str(document)
    assert (document["topic"], document["text"]) == (ERASED, "请核实。")
    assert folded(history[::-1]) == document
    shown = instruction(*history[:3])
    assert (shown.topic, len(shown.steps), shown.revision) == (ERASED, 1, 2)


@settings(deadline=None, max_examples=150)
@given(histories(), st.data())
def test_any_order_and_repetition_gives_the_same_document(history: list[Decision], data: st.DataObject) -> None:
    if not history:
        return
    again = data.draw(st.permutations([*history, *data.draw(st.lists(st.sampled_from(history), max_size=3))]))
    document = folded(history)
    assert document == folded(again)
    cut = data.draw(st.integers(1, len(history)))
    left, right = folded(history[:cut]), folded(history[cut:])
    assert document == (left if right is None else join(Projection.INSTRUCTIONS, left, right))
    assert document is not None
    assert set(document) <= set(MAPPINGS["instructions"])
    assert document["complete"] == ("state" in document)


# -- deadlines and reminders ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "at", "deadline"),
    [
        ("today", FRIDAY, "2026-11-20T17:30:00+08:00"),
        ("today", FRIDAY.replace(hour=18), "2026-11-23T17:30:00+08:00"),
        ("today", FRIDAY + timedelta(days=1), "2026-11-23T17:30:00+08:00"),
        ("d3", FRIDAY, "2026-11-25T17:30:00+08:00"),
        ("d3", datetime(2026, 9, 30, 9, tzinfo=CHINA), "2026-10-10T17:30:00+08:00"),  # 国庆, 10 October is worked
    ],
)
def test_presets_count_working_days(key: str, at: datetime, deadline: str) -> None:
    found = RULES.deadline(key, at)
    assert found is not None
    assert found.isoformat() == deadline
    assert RULES.deadline("unknown", at) is None


def test_on_a_day_off_no_preset_says_today_and_they_go_by_time() -> None:
    path = Path(__file__).parents[3] / "districts" / "zhanggong" / "instructions.toml"
    rules = read_rules(tomllib.loads(path.read_text("utf-8")), Calendar())
    assert [name for _, name, _ in rules.presets(FRIDAY)][:2] == ["今日下班前", "下一工作日中午前"]
    for moment in (FRIDAY + timedelta(days=1), FRIDAY.replace(hour=18)):
        shown = rules.presets(moment)
        assert [name for _, name, _ in shown][:2] == ["下一工作日中午前", "下一工作日下班前"]
        assert [due for *_, due in shown] == sorted(due for *_, due in shown)


def test_overdue_is_told_in_working_days() -> None:
    assert RULES.working_days(FRIDAY, FRIDAY + timedelta(days=3)) == 1
    assert RULES.working_days(FRIDAY, FRIDAY) == 0


def test_a_lead_on_a_day_off_is_moved_to_the_working_day_before() -> None:
    one = instruction(given_one(FRIDAY, datetime(2026, 11, 23, 17, 30, tzinfo=CHINA)))
    assert [(moment.isoformat(), step) for moment, step in moments(one, RULES)] == [
        ("2026-11-20T17:30:00+08:00", "before_24h"),
        ("2026-11-23T13:30:00+08:00", "before_4h"),
        ("2026-11-23T17:30:00+08:00", "overdue"),
    ]


def reminded(history: list[Decision], now: datetime) -> list[str]:
    """Decide at ``now`` as the desk does, and keep what was decided."""
    found = due([instruction(*history)], now, RULES)
    for one in found:
        history.append(act("remind", now, by="system", id=one.decision_id, step=one.key))
    return [one.step for one in found]


def test_each_reminder_is_decided_once_and_a_day_away_ends_in_the_latest() -> None:
    history = [given_one()]
    assert reminded(history, FRIDAY) == []
    day_before = datetime(2026, 11, 24, 17, 30, tzinfo=CHINA)
    assert reminded(history, day_before) == ["before_24h"]
    assert reminded(history, day_before + timedelta(hours=1)) == []
    assert next_reminder(instruction(*history), day_before, RULES) == DEADLINE - timedelta(hours=4)
    # The desk was away over the second lead and the deadline: one reminder, not two.
    assert reminded(history, DEADLINE + timedelta(hours=2)) == ["overdue"]
    assert reminded(history, DEADLINE + timedelta(days=2)) == []
    assert next_reminder(instruction(*history), DEADLINE + timedelta(days=2), RULES) is None


def test_the_deadline_is_inclusive_and_a_new_one_begins_anew() -> None:
    history = [given_one(), act("answer", after(1), final=True)]
    assert reminded(history, DEADLINE + timedelta(days=1)) == []
    later = DEADLINE + timedelta(days=7)
    history.append(act("check", DEADLINE + timedelta(days=1), satisfied=False, deadline=later.isoformat()))
    assert reminded(history, later) == ["before_4h"]
    assert reminded(history, later + timedelta(seconds=1)) == ["overdue"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 24 * 12), max_size=20))
def test_whenever_the_clock_looks_nothing_is_reminded_twice(hours: list[int]) -> None:
    history, steps = [given_one()], []
    for at in sorted(hours):
        steps += reminded(history, after(at))
    assert len(steps) == len(set(steps))
    assert steps == sorted(steps, key=["before_24h", "before_4h", "overdue"].index)


def test_reminders_say_what_they_are() -> None:
    assert words("before_4h@x") == "距办理时限不足4小时，请按时反馈"
    assert "已过" in words("overdue@x")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"usual": "never"}, "none of the deadlines"),
        ({"deadline": []}, "deadline"),
        ({"remind_before_h": [0]}, "remind_before_h.0"),
        ({"deadline": [FILE["deadline"][0]] * 2, "usual": "today"}, "given twice"),  # type: ignore[index]
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_file_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DistrictError, match=said):
        read_rules(FILE | change, Calendar())


# -- what may be done -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "step", "words_", "details", "field"),
    [
        ([], "explode", "x", {}, "action"),
        ([], "answer", " ", {}, "reason"),
        ([], "check", "", {"satisfied": True}, "action"),
        ([], "close", "", {}, "reason"),
        ([], "withdraw", "", {}, "reason"),
        ([("answer", {"final": True})], "check", "", {}, "satisfied"),
        ([("answer", {"final": True})], "check", "", {"satisfied": False}, "reason"),
        ([("answer", {"final": True})], "remind", "", {}, "action"),
        ([("acknowledge", {})], "acknowledge", "", {}, "action"),
        ([], "answer", "长" * 2001, {}, "reason"),
        ([("withdraw", {})], "answer", "x", {}, "action"),
    ],
)
def test_steps_that_make_no_sense_are_refused_by_field(
    acts: list[tuple[str, dict[str, Any]]], step: str, words_: str, details: dict[str, Any], field: str
) -> None:
    one = instruction(given_one(), *(act(action, after(1), **more) for action, more in acts))
    with pytest.raises(InvalidItem) as refused:
        check_step(one, step, words_, details, after(2))
    assert [error.field for error in refused.value.errors] == [field]


def test_sending_back_after_the_deadline_needs_a_new_one() -> None:
    one = instruction(given_one(), act("answer", after(1), final=True))
    late = DEADLINE + timedelta(hours=1)
    check_step(one, "check", "不实", {"satisfied": False}, after(2))
    with pytest.raises(InvalidItem, match="deadline"):
        check_step(one, "check", "不实", {"satisfied": False}, late)
    check_step(one, "check", "不实", {"satisfied": False, "deadline": late + timedelta(days=1)}, late)
    never = datetime.fromisoformat("9999-12-31T23:59-12:00")  # every list that shows it would fail
    with pytest.raises(InvalidItem, match="deadline"):
        check_step(one, "check", "不实", {"satisfied": False, "deadline": never}, late)


def test_what_is_possible_follows_the_state() -> None:
    assert possible(instruction(given_one())) == ["acknowledge", "answer", "remind", "close", "withdraw"]
    assert possible(instruction(given_one(), act("answer", after(1), final=True))) == [
        "answer", "check", "close", "withdraw",
    ]  # fmt: skip
    assert possible(instruction(given_one(), act("close", after(1)))) == []


def test_an_order_names_what_it_lacks() -> None:
    with pytest.raises(InvalidItem) as refused:
        check_order(None, " ", None, FRIDAY)
    assert [error.field for error in refused.value.errors] == ["owner", "text", "deadline"]
    with pytest.raises(InvalidItem):
        check_order("U1", "请核实。", FRIDAY, FRIDAY)
    check_order("U1", "请核实。", after(1), FRIDAY)


def test_the_owner_reads_no_complaints_words_and_no_numbers() -> None:
    post = {
        "lane": "opinion", "title": "我叫王小明，被城管打了", "text": "电话13812345678",
        "facts": {"places": ["沙石镇"]}, "opinion": {"theme": "城市管理"}, "emergency": {},
    }  # fmt: skip
    lanes = (Lane.OPINION,)
    assert topic_of(post, lanes) == "沙石镇城市管理"
    assert topic_of({"lane": "opinion"}, lanes) == "群众反映事项"
    report = {"lane": "report", "title": "信访人：王小明，13812345678反映噪声", "text": ""}
    shown = topic_of(report, lanes)
    assert "13812345678" not in shown
    assert "王小明" not in shown
    assert "噪声" in shown
    assert masked("请联系13812345678。\r\n速办 ") == "请联系***********。\n速办"


# -- points and the special report ------------------------------------------------------------------------------------


def test_an_instruction_counts_for_the_department_whose_report_it_is_on() -> None:
    scoring = Scoring.from_tables(load_district(Path(__file__).parents[3] / "districts" / "zhanggong").tables)
    given_, withdrawn = given_one(), act("withdraw", after(3), by="ld", reason="误批")

    def found(*decisions: Decision) -> list[tuple[str, Decimal]]:
        return [(one.department, one.points) for one in points(Record(decisions=decisions), after(99), scoring)]

    assert found(given_) == [("U2", Decimal(10))]
    assert found(given_one(credited="")) == []
    assert found(given_, withdrawn) == [("U2", Decimal(10)), ("U2", Decimal(-10))]
    assert sum(value for _, value in found(given_, withdrawn)) == 0


def test_the_special_report_counts_and_lists_the_overdue_first() -> None:
    def named(identifier: str, *acts: Decision) -> Instruction:
        made = told(identifier, [decided(one) for one in acts])
        assert made is not None
        return made

    ones = [
        named("a", given_one(), act("answer", after(1), final=True, reason="已整改"), act("close", after(2))),
        named("b", given_one(owner="U9")),
        named("c", given_one(), act("withdraw", after(1), reason="误批")),
        named("d", given_one(deadline=DEADLINE + timedelta(days=30)), act("acknowledge", after(1))),
    ]
    made = special_report(ones, FRIDAY.date(), FRIDAY.date(), DEADLINE + timedelta(days=1), RULES)
    assert (made.total, made.closed, made.overdue, made.on_time, made.answered) == (3, 1, 1, 1, 1)
    assert made.due == 2  # what is not due yet is neither on time nor late
    assert [one.instruction.id for one in made.listed] == ["b", "d", "a"]
    assert [(line.owner, line.total, line.overdue) for line in made.owners] == [("U9", 1, 1), ("U1", 2, 0)]
    assert made.listed[0].over_days == 1
    assert special_report(ones, DEADLINE.date(), DEADLINE.date(), DEADLINE, RULES).total == 0


def test_the_districts_own_file_is_good() -> None:
    path = Path(__file__).parents[3] / "districts" / "zhanggong" / "instructions.toml"
    rules = read_rules(tomllib.loads(path.read_text("utf-8")), Calendar())
    assert isinstance(rules, InstructionRules)
    assert rules.deadline(rules.file.usual, FRIDAY) == DEADLINE
    assert State.ISSUED.label
