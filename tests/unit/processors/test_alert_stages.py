"""Routing, grouping, deduplication, inhibition, silences, hours, digests, rates: each holds for a named reason."""

from __future__ import annotations

from typing import Any

import pytest

from processors.alerting.holding import next_clock
from schemas.subscription import Subscription, within
from tests.items import at
from tests.unit.processors.alert_town import Shell, alert, decision, flagged, rules

WHO = "值守→hook"


def want(**changes: Any) -> Subscription:
    return Subscription.model_validate({"who": "值守", "channel": "hook", **changes})


def told(shell: Shell, event: Any, minute: float) -> list[str]:
    """What the subscriber is told."""
    return [one.split(":")[1] for one in shell.take(event, minute) if one.startswith(WHO)]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"levels": ["III", "undecided"]}, True),
        ({"levels": ["I"]}, False),
        ({"lanes": ["media"]}, False),
        ({"categories": ["急情要事"]}, True),
        ({"categories": ["工作动态"]}, False),
        ({"places": ["水东镇", "沙石"]}, True),
        ({"places": ["水东镇"]}, False),
        ({"themes": ["滑坡"]}, True),
        ({"themes": ["自然灾害"]}, True),
        ({"themes": ["火灾"]}, False),
        ({"themes": ["滑坡"], "levels": ["I"]}, False),
    ],
)
def test_a_subscription_asks_for_what_it_names(wanted: dict[str, Any], fits: bool) -> None:
    assert told(Shell(rules(want(**wanted))), alert(), 0) == (["first"] if fits else [])


def test_a_person_with_several_reasons_to_hear_is_told_once() -> None:
    town = rules(want(who="duty", channel="mail"), want(who="leader", channel="hook"), want(), want())
    assert Shell(town).take(alert(), 0) == ["@log:first", "duty:first", "leader:first", f"{WHO}:first"]


def test_a_leader_who_subscribed_still_waits_for_the_confirmation() -> None:
    shell = Shell(rules(want(who="leader", channel="hook"), policy={"leaders_at_once": ["III"]}))
    assert shell.take(flagged(), 0) == ["@log:first", "duty:first"]


def test_a_subscription_by_rest_counts_from_its_decision_and_ends_with_its_end() -> None:
    shell = Shell(rules())
    asked = decision("subscribe", 0, "s1", subject_type="subscription",
                     details={"subscription": {"who": "值守", "channel": "hook"}})  # fmt: skip
    assert shell.take(asked, 0) == []
    assert told(shell, alert(minute=1), 1) == ["first"]
    shell.take(decision("unsubscribe", 2, "s1", subject_type="subscription"), 2)
    assert told(shell, alert(2, 3, reason="level_changed", level="II"), 3) == []


def test_figures_within_ten_minutes_go_together() -> None:
    shell = Shell(rules(want()))
    assert told(shell, alert(), 0) == ["first"]
    assert told(shell, alert(2, 3, reason="figures_changed"), 3) == []
    assert shell.why(WHO) == "grouped"
    assert told(shell, alert(3, 6, reason="figures_changed"), 6) == []
    assert f"{WHO}:update" in shell.tick(10)
    assert shell.notices[-1].covers[0].alert_version == 3
    assert f"{WHO}:update" not in shell.tick(30)


def test_the_same_alert_twice_is_told_once() -> None:
    shell = Shell(rules(want()))
    assert told(shell, alert(), 0) == ["first"]
    assert shell.take(alert(), 1) == []
    assert shell.take(alert(minute=2), 2) == []


def test_a_higher_alert_of_the_same_kind_and_place_holds_back_the_lower() -> None:
    shell = Shell(rules(want()))
    shell.take(alert(level="I", incident="big"), 0)
    assert told(shell, alert(incident="small", minute=1, level="IV"), 1) == []
    assert shell.why(WHO) == "inhibited"
    assert told(shell, alert(incident="elsewhere", minute=1, level="IV", places=["水东镇"]), 1) == ["first"]
    assert told(shell, alert(incident="other", minute=1, level="IV", event_type="火灾"), 1) == ["first"]
    assert told(shell, alert(incident="undecided", minute=1, level=None), 1) == ["first"]
    over = alert(2, 2, incident="big", level="I", reason="all_clear", stage="final")
    assert "first" in told(shell, over, 2), "what was part of it stands alone now"


def test_a_silence_ends_and_what_it_held_is_told_then() -> None:
    asked = {"places": ["沙石镇"], "ends_at": at(30).isoformat(), "reason": "演练"}
    shell = Shell(rules(want(), policy={"most_repeats": 0, "escalate_after": []}))
    shell.take(decision("silence", 0, "q1", subject_type="silence", details={"silence": asked}), 0)
    assert shell.take(alert(minute=1), 1) == ["@log:first"]
    assert {one.verdict.value for one in shell.held} == {"silenced"}
    assert told(shell, alert(incident="i2", minute=1, places=["水东镇"], title="水东镇滑坡"), 1) == ["first"]
    assert shell.tick(29) == []
    assert shell.tick(30) == ["duty:first", "leader:first", f"{WHO}:first"]


def test_a_silence_that_is_lifted_ends_at_once() -> None:
    asked = {"themes": ["滑坡"], "ends_at": at(600).isoformat(), "reason": "演练"}
    shell = Shell(rules(want()))
    shell.take(decision("silence", 0, "q1", subject_type="silence", details={"silence": asked}), 0)
    assert told(shell, alert(minute=1), 1) == []
    assert told(shell, decision("unsilence", 2, "q1", subject_type="silence"), 2) == ["first"]


@pytest.mark.parametrize(
    ("named", "quiet"),
    [({"places": ["沙石镇"]}, False), ({"levels": ["I"]}, True), ({"incident": "i1"}, True), ({"who": [WHO]}, False)],
)
def test_a_silence_keeps_level_one_quiet_only_by_name(named: dict[str, Any], quiet: bool) -> None:
    asked = {**named, "ends_at": at(600).isoformat(), "reason": "演练"}
    shell = Shell(rules(want()))
    shell.take(decision("silence", 0, "q1", subject_type="silence", details={"silence": asked}), 0)
    assert told(shell, alert(level="I", minute=1), 1) == ([] if quiet else ["first"])


def test_outside_the_hours_asked_for_only_what_is_urgent() -> None:
    shell = Shell(rules(want(hours="09:00-18:00")))
    assert told(shell, alert(), 0) == []
    assert shell.why(WHO) == "outside_hours"
    assert told(shell, alert(incident="i2", level="II", places=["水东镇"]), 0) == ["first"]
    assert told(shell, alert(incident="i3", level=None), 0) == ["first"]
    assert f"{WHO}:first" in shell.tick(60)


def test_a_digest_gathers_until_its_time() -> None:
    shell = Shell(rules(want(mode="digest"), policy={"merge_over": 1, "escalate_after": [], "most_repeats": 0}))
    for number in range(3):
        assert told(shell, alert(incident=f"i{number}", minute=number, places=[f"第{number}村"]), number) == []
    assert shell.why(WHO) == "digest"
    assert told(shell, alert(incident="i9", level="I", minute=4, places=["别处"]), 4) == ["first"]
    assert shell.tick(29) == []
    assert shell.tick(30) == [f"{WHO}:first"]
    assert [one.incident for one in shell.notices[-1].covers] == ["i0", "i1", "i2"]


def test_rates_never_hold_back_one_and_two() -> None:
    shell = Shell(rules(want(), policy={"rate_per_hour": 2, "never_held": [], "inhibit": False}))
    said = [told(shell, alert(incident=f"i{n}", minute=n, level="IV"), n) for n in range(4)]
    assert said == [["first"], ["first"], [], []]
    assert shell.why(WHO) == "rate_limited"
    for number, level in enumerate(("I", "II")):
        assert told(shell, alert(incident=f"u{number}", minute=5, level=level), 5) == ["first"]
    assert [f"{WHO}:first" in shell.tick(minute) for minute in (59, 66)] == [False, True]


def test_the_all_clear_goes_to_those_who_heard_of_it() -> None:
    shell = Shell(rules(want(levels=["III"]), policy={"leaders_at_once": ["I"]}))
    shell.take(alert(), 0)
    clear = alert(2, 60, reason="all_clear", stage="final")
    assert shell.take(clear, 60) == ["@log:all_clear", "duty:all_clear", f"{WHO}:all_clear"]
    assert [shell.tick(minute) for minute in (70, 80, 200)] == [[]] * 3
    late = Shell(rules(want()))
    assert late.take(clear.model_copy(update={"incident": "x"}), 60)[0] == "@log:all_clear"
    assert f"{WHO}:all_clear" not in [f"{one.recipient}:{one.purpose.value}" for one in late.notices]


def test_a_day_without_the_worker_ends_in_one_message() -> None:
    shell = Shell(rules(want()))
    for number in range(20):
        shell.take(alert(incident=f"i{number}", minute=number, places=[f"第{number}村"]), number)
    before = len(shell.notices)
    again = shell.restart(23 * 60)
    assert sorted(set(again)) == sorted(again), "one message to one person for one purpose"
    assert set(again) == {"duty:reminder", "deputy:escalation", "head:escalation"}
    assert len(shell.notices[before].covers) == 20
    assert shell.restart(23 * 60) == []
    assert shell.restart(3 * 24 * 60) == []


def test_old_news_is_told_to_nobody() -> None:
    shell = Shell(rules(want()))
    assert shell.take(alert(news_at=at(days=-2)), 0) == []
    assert shell.restart(1) == []
    late = Shell(rules(want()))
    assert late.take(alert(incident="late"), 25 * 60) == []


def test_hours_past_midnight() -> None:
    assert within("20:00-08:00", at(-1))
    assert not within("20:00-08:00", at())
    assert within("00:00-00:00", at())
    assert next_clock(at(), ["08:00", "17:30"]) == at(9.5 * 60)
    assert next_clock(at(10 * 60), ["08:00"]) == at(days=1)
