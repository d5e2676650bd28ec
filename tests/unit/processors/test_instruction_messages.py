"""Reminders of instructions as messages: the last one that holds, one a day, nothing old and nothing answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from processors.alerting.resuming import Resume
from processors.duty.reminding import LIAISON, ReminderRules, State, decide, forget, resume, words
from processors.instructions.model import BY_CLOCK
from processors.instructions.telling import TOLD_WITHIN
from processors.ledger import LedgerRules
from schemas.alert import Delivery, Outcome, Purpose
from schemas.decision import Decision
from schemas.reminder import Reminder, ReminderKind
from tests.unit.processors.alert_town import rules as alert_rules
from tests.unit.processors.test_instructions import DEADLINE, act, given_one

LEDGER = LedgerRules("testqu", {"U1": "甲局", "U2": "乙镇"}, look_back=0)
RULES = ReminderRules(LEDGER, alert_rules(), channels=("sms", "mail"), hours="07:00-22:00")
OVERDUE = f"overdue@{DEADLINE.isoformat()}"
EIGHT = DEADLINE.replace(hour=8, minute=0)


def reminded(at: datetime, step: str = OVERDUE, by: str = BY_CLOCK, **more: Any) -> Decision:
    return act("remind", at, by=by, step=step, **more)


def state_of(*decisions: Decision) -> State:
    state = State()
    for one in decisions:
        state = decide(state, one, DEADLINE - timedelta(days=30), RULES).state
    return state


def said(state: State, now: datetime) -> tuple[State, list[Reminder]]:
    found = decide(state, None, now, RULES)
    return found.state, [one for one in found.reminders if one.kind is ReminderKind.INSTRUCTION]


def test_the_owners_liaison_is_told_what_and_until_when() -> None:
    now = DEADLINE + timedelta(minutes=1)
    _, [made] = said(state_of(given_one(), reminded(now)), now)
    [notice] = made.notices
    assert (notice.recipient, notice.purpose, notice.channels) == (
        f"{LIAISON}U1", Purpose.INSTRUCTION_DUE, ("sms", "mail"),
    )  # fmt: skip
    assert made.text == "贵单位承办的批示件“滑坡”时限11月25日17:30，已过办理时限，请立即反馈。请登录系统办理。"
    assert (made.subject, made.departments, made.cutoff) == ("instruction:n1", ("U1",), DEADLINE)
    assert "请核实" not in made.model_dump_json(), "the leader's words stay in the system"
    assert words(made, repeated=False).sms("", 2).startswith("【批示催办】贵单位承办的批示件“滑坡”")
    assert words(made, repeated=True).title == "【重复】【批示催办】甲局有批示件待反馈"


def test_a_persons_reminder_is_told_without_their_words() -> None:
    now = EIGHT
    _, [made] = said(state_of(given_one(), reminded(now, "person", "督查员", reason="张三家的事请快办")), now)
    assert "请尽快反馈" in made.text
    assert "张三" not in made.model_dump_json()


def test_one_a_day_and_the_next_on_the_next_day() -> None:
    state, first = said(state_of(given_one(), reminded(EIGHT, "before_24h@x")), EIGHT)
    assert len(first) == 1
    state = decide(state, reminded(EIGHT + timedelta(hours=2), "person", "督查员"), EIGHT, RULES).state
    for hours in (2, 5, 13):
        state, again = said(state, EIGHT + timedelta(hours=hours))
        assert again == []
    state, second = said(state, EIGHT + timedelta(hours=25))
    assert [one.day for one in second] == ["2026-11-26"]
    assert second[0].reminder_id != first[0].reminder_id
    assert said(forget(state, EIGHT + timedelta(hours=26)), EIGHT + timedelta(hours=26))[1] == []


def test_nothing_by_night_and_in_the_morning_what_the_night_brought() -> None:
    night = DEADLINE.replace(hour=23, minute=0)
    state = state_of(given_one(), reminded(night))
    assert said(state, night)[1] == []
    assert len(said(state, night + timedelta(hours=8, minutes=1))[1]) == 1


def test_what_is_a_day_old_is_no_news() -> None:
    state = state_of(given_one(), reminded(EIGHT))
    assert said(state, EIGHT + TOLD_WITHIN)[1] == []
    assert said(state, EIGHT - timedelta(minutes=1))[1] == [], "nor what is to come"
    assert len(said(state, EIGHT + TOLD_WITHIN - timedelta(minutes=1))[1]) == 1


@pytest.mark.parametrize(
    "later",
    [
        [act("answer", EIGHT, by="甲局", reason="已办", final=True)],
        [act("withdraw", EIGHT, by="ld", reason="不办了")],
        [act("close", EIGHT, by="督查员", reason="已了解")],
        [act("undo", EIGHT, by="ld", decision="r1")],
    ],
)
def test_who_owes_nothing_any_more_is_not_told(later: Sequence[Decision]) -> None:
    before = EIGHT - timedelta(minutes=5)
    known = [given_one(), reminded(before, id="r1")]
    assert len(said(state_of(*known), EIGHT)[1]) == 1
    assert said(state_of(*known, *later), EIGHT)[1] == []


def test_progress_is_no_answer() -> None:
    known = [given_one(), reminded(EIGHT), act("answer", EIGHT, by="甲局", reason="正在办", final=False)]
    assert len(said(state_of(*known), EIGHT)[1]) == 1


def test_order_and_repeats_change_nothing() -> None:
    known = [given_one(), reminded(EIGHT, "before_24h@x"), reminded(EIGHT + timedelta(hours=1), "person", "督查员")]
    wanted = said(state_of(*known), EIGHT + timedelta(hours=2))[1]
    for seed in range(6):
        mixed = [*known, *known]
        Random(seed).shuffle(mixed)
        assert said(state_of(*mixed), EIGHT + timedelta(hours=2))[1] == wanted


def test_other_districts_and_other_subjects_are_none_of_it() -> None:
    foreign = [one.model_copy(update={"district": "other"}) for one in (given_one(), reminded(EIGHT))]
    items = [one.model_copy(update={"subject_type": "item"}) for one in (given_one(), reminded(EIGHT))]
    assert said(state_of(*foreign, *items), EIGHT)[1] == []


def test_after_a_restart_only_what_surely_failed_goes_on_and_only_for_a_day() -> None:
    _, [made] = said(state_of(given_one(), reminded(EIGHT)), EIGHT)
    [notice] = made.notices
    failed = Delivery(
        delivery_id="x", alert_id=made.reminder_id, incident=made.subject, channel="sms", outcome=Outcome.FAILED,
        tries=1, at=EIGHT, notice_id=notice.notice_id,
    )  # fmt: skip
    soon, late = EIGHT + timedelta(hours=1), EIGHT + TOLD_WITHIN
    assert resume(made, notice, [], soon, 3, timedelta(0)) is Resume.RECORD_UNKNOWN
    assert resume(made, notice, [failed], soon, 3, timedelta(0)) is Resume.SEND_REPEATED
    assert resume(made, notice, [failed], late, 3, timedelta(0)) is Resume.RECORD_NOT_SENT
