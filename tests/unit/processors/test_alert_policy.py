"""Who says go: signed reports, machine flags, confirmations, the clock on them, and the chain of duty."""

from __future__ import annotations

from typing import Any

import pytest

from processors.alerting import alert_id
from processors.alerting.rules import read_rules
from schemas.errors import DistrictError
from schemas.subscription import Shift
from tests.items import at
from tests.unit.processors.alert_town import CHAIN, Shell, alert, decision, flagged, rules


def test_a_signed_first_report_reaches_duty_and_leaders_at_once() -> None:
    shell = Shell(rules())
    assert shell.take(alert(), 0) == ["@log:first", "duty:first", "leader:first"]
    assert shell.notices[1].channels == ("sms", "mail")


@pytest.mark.parametrize(
    ("changes", "leader"),
    [
        pytest.param({"level": "I"}, True, id="I"),
        pytest.param({"level": None}, True, id="undecided counts as urgent"),
        pytest.param({"level": "IV"}, False, id="IV is below what leaders are told"),
    ],
)
def test_the_levels_for_leaders_are_data(changes: dict[str, Any], leader: bool) -> None:
    assert ("leader:first" in Shell(rules()).take(alert(**changes), 0)) is leader
    assert "leader:first" not in Shell(rules(policy={"leaders_at_once": []})).take(alert(**changes), 0)


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(flagged(), id="the press"),
        pytest.param(flagged(lanes=["opinion"]), id="a post"),
        pytest.param(flagged(level="I"), id="even level I"),
        pytest.param(alert(kinds=["normal"]), id="an emergency in an ordinary report"),
    ],
)
def test_what_a_machine_flagged_reaches_leaders_after_a_confirmation(machine: Any) -> None:
    shell = Shell(rules())
    assert shell.take(machine, 0) == ["@log:first", "duty:first"]
    assert shell.why("leader") == "unconfirmed"
    assert shell.take(decision("acknowledge", 1), 1) == []
    assert shell.take(decision("confirm", 2), 2) == ["leader:confirmed"]
    assert shell.take(decision("confirm", 3), 3) == []


def test_a_rejected_flag_stays_where_it_is_until_a_department_signs() -> None:
    shell = Shell(rules())
    shell.take(flagged(), 0)
    assert shell.take(decision("reject", 1), 1) == []
    assert shell.take(flagged(2, 2, reason="level_changed", level="II"), 2) == ["@log:update"]
    assert shell.why("duty") == "rejected"
    assert [shell.tick(minute) for minute in (6, 12, 30, 60)] == [[]] * 4
    signed = alert(3, 70, reason="stage_changed")
    assert shell.take(signed, 70) == ["@log:update", "duty:update", "leader:first"]


def test_a_confirmation_that_was_taken_back_is_none() -> None:
    shell = Shell(rules())
    shell.take(flagged(), 0)
    for event in (decision("confirm", 1), decision("undo", 1.5)):
        shell.board.add(event)
    assert shell.take(flagged(2, 3, level="II", reason="level_changed"), 3) == ["@log:update", "duty:update"]
    assert shell.why("leader") == "unconfirmed"


def test_who_was_told_of_what_turns_out_to_be_nothing_hears_of_that_once() -> None:
    shell = Shell(rules())
    shell.take(flagged(), 0)
    assert shell.take(decision("confirm", 1), 1) == ["leader:confirmed"]
    assert shell.take(decision("reject", 2), 2) == ["leader:withdrawn"]
    assert shell.take(decision("reject", 3), 3) == []
    assert shell.restart(4) == []


def test_nobody_answers() -> None:
    """Reminders every five minutes; the deputy after five, the head after fifteen; then it ends."""
    shell = Shell(rules(policy={"most_repeats": 4}))
    shell.take(alert(level="IV"), 0)
    said = {minute: shell.tick(minute) for minute in range(1, 61)}
    assert {minute: told for minute, told in said.items() if told} == {
        5: ["duty:reminder", "deputy:escalation"],
        10: ["duty:reminder", "deputy:reminder"],
        15: ["duty:reminder", "deputy:reminder", "head:escalation"],
        20: ["duty:reminder", "deputy:reminder", "head:reminder"],
        25: ["deputy:reminder", "head:reminder"],
        30: ["head:reminder"],
        35: ["head:reminder"],
    }


def test_an_answer_ends_reminders_and_escalation() -> None:
    shell = Shell(rules())
    shell.take(alert(), 0)
    assert shell.tick(5) == ["duty:reminder", "deputy:escalation"]
    assert shell.take(decision("acknowledge", 6), 6) == []
    assert [shell.tick(minute) for minute in range(7, 40)] == [[]] * 33
    worse = alert(2, 40, level="II", reason="level_changed")
    assert shell.take(worse, 40) == ["@log:update", "duty:update", "deputy:update", "leader:update"]
    assert "duty:reminder" in shell.tick(45), "a higher level asks again"


def test_a_seen_flag_goes_on_up_the_chain_until_somebody_says_yes_or_no() -> None:
    shell = Shell(rules())
    shell.take(flagged(), 0)
    shell.take(decision("acknowledge", 1), 1)
    said = {minute: shell.tick(minute) for minute in range(2, 40)}
    assert {minute: told for minute, told in said.items() if told} == {
        10: ["deputy:escalation"],
        20: ["head:escalation"],
    }


def test_an_undone_acknowledgement_is_none() -> None:
    shell = Shell(rules())
    shell.take(alert(), 0)
    shell.take(decision("acknowledge", 1), 1)
    assert shell.take(decision("undo", 6), 6) == ["duty:reminder", "deputy:escalation"]


def test_the_next_shift_hears_of_what_nobody_answered_and_only_of_that() -> None:
    shifts = (Shift(chain=CHAIN, hours="08:00-20:00"), Shift(chain=(("night",),), hours="20:00-08:00"))
    shell = Shell(rules(shifts=shifts, policy={"most_repeats": 0}))
    shell.take(alert(level="IV"), 0)
    shell.take(alert(level="IV", incident="i2", places=["水东镇"]), 0)
    shell.take(decision("acknowledge", 1), 1)
    evening = 12 * 60
    assert rules(shifts=shifts).chain(at(evening)) == (("night",),)
    assert shell.restart(evening) == ["night:first"]
    assert shell.notices[-1].covers[0].alert_id == alert_id("i2", 1)


def test_a_date_stands_above_a_weekday_and_that_above_the_rest() -> None:
    shifts = (
        Shift(chain=(("duty",),)),
        Shift(chain=(("deputy",),), days=(5,)),
        Shift(chain=(("head",),), dates=("2026-11-20",)),
    )
    town = rules(shifts=shifts)
    assert [town.chain(at(days=days)) for days in (0, 7, 1)] == [(("head",),), (("deputy",),), (("duty",),)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"policy": {"repeat_every": 0}}, "policy.repeat_every"),
        ({"policy": {"leaders": ["x"]}}, "nobody is called 'x'"),
        ({"person": [{"id": "a", "name": "甲"}, {"id": "a", "name": "乙"}]}, "'a' is given twice"),
        ({"person": [{"id": "a", "name": "甲"}]}, "no shift"),
        ({"subscription": [{"who": "a", "channel": "sms", "hours": "8-20"}]}, "subscription.0.hours"),
        ({"silence": [{"ends_at": "2026-12-01T00:00:00", "reason": "演练"}]}, "names nothing"),
        ({"polcy": {}}, "polcy"),
    ],
)
def test_wrong_rules_stop_the_start_by_name(content: dict[str, Any], says: str) -> None:
    with pytest.raises(DistrictError, match=says):
        read_rules(content)
