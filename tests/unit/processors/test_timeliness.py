"""Timeliness: each rule with its edge, inclusive deadlines, and what is not judged."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.tables import parse_table
from processors.timeliness import judge_timeliness, load_clocks
from schemas.assessment import Emergency, EventTime
from schemas.errors import DistrictError
from schemas.item import Item

EMERGENCY = Emergency(is_emergency=True, event_class="事故灾难", level="III")
QUIET = Emergency()


def time(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+08:00")


def report(**fields: object) -> Item:
    return Item.model_validate(
        {"lane": "report", "source": "U034", "text": "…", "published_at": "2026-11-20T09:00:00"} | fields
    )


def at(text: str, precision: str = "minute") -> EventTime:
    return EventTime(start=time(text), precision=precision)


@pytest.mark.parametrize(
    ("received", "phoned", "verdict"),
    [
        ("20T08:30:00", None, "on_time"),  # inclusive
        ("20T08:30:01", None, "late"),
        ("20T09:00:00", "20T08:30:00", "on_time"),
        ("20T09:00:01", "20T08:10:00", "late"),
        ("20T08:40:00", "20T08:31:00", "late"),  # text in time, but the call was not
    ],
)
def test_emergency_now(received: str, phoned: str | None, verdict: str) -> None:
    item = report(phoned_at=f"2026-11-{phoned}" if phoned else None)
    judged = judge_timeliness(item, time(received), at("20T08:00:00"), EMERGENCY, major=False)
    assert (judged.rule, judged.verdict) == ("emergency_now", verdict)
    assert judged.explanation.startswith("事发11月20日08:00")


def test_emergency_with_a_date_only_is_late_after_half_an_hour_of_the_next_day() -> None:
    day = at("20T00:00:00", "day")
    assert judge_timeliness(report(), time("21T00:30:00"), day, EMERGENCY, major=False).verdict == "on_time"
    assert judge_timeliness(report(), time("21T00:30:01"), day, EMERGENCY, major=False).verdict == "late"


def test_major_event_has_three_hours_and_others_the_day() -> None:
    began = at("20T10:00:00", "hour")
    assert judge_timeliness(report(), time("20T13:00:00"), began, QUIET, major=True).verdict == "on_time"
    assert judge_timeliness(report(), time("20T13:00:01"), began, QUIET, major=True).verdict == "late"
    same_day = judge_timeliness(report(), time("21T00:00:00"), began, QUIET, major=False)
    assert (same_day.rule, same_day.verdict, same_day.deadline) == ("same_day", "on_time", time("21T00:00:00"))
    assert judge_timeliness(report(), time("21T00:00:01"), began, QUIET, major=False).verdict == "late"


@pytest.mark.parametrize(
    "item",
    [
        report(kind="followup"),
        report(kind="final"),
        report(kind="zero"),
        report(lane="media"),
    ],
)
def test_not_judged(item: Item) -> None:
    judged = judge_timeliness(item, time("25T00:00:00"), at("20T08:00:00"), EMERGENCY, major=False)
    assert (judged.verdict, judged.rule, judged.deadline) == ("not_applicable", "none", None)


def test_unknown_time_and_summaries_are_not_judged() -> None:
    assert judge_timeliness(report(), time("20T08:00:00"), None, EMERGENCY, major=False).rule == "none"
    summary = judge_timeliness(report(), time("25T08:00:00"), at("20T08:00:00"), QUIET, major=False, summary=True)
    assert summary.rule == "none"


def test_statutory_clocks_run_beside_the_house_rule() -> None:
    head = "rule\tname\tclasses\tlevels\tstart\tminutes\tsource"
    text = f"{head}\nD10\t市\t\tI|II|III\toccurred\t120\tW02\nD11\t部门\t事故灾难\t\tknown\t60\tS04"
    clocks = load_clocks(parse_table("clocks.tsv", text))
    item = report(known_at="2026-11-20T08:05:00")
    judged = judge_timeliness(item, time("20T09:10:00"), at("20T08:00:00"), EMERGENCY, major=False, clocks=clocks)
    assert [(clock.rule, clock.verdict) for clock in judged.clocks] == [("D10", "on_time"), ("D11", "late")]


def test_a_bad_clock_names_its_line() -> None:
    text = "rule\tname\tclasses\tlevels\tstart\tminutes\tsource\nD10\t市\t\tV\toccurred\t120\tW02"
    with pytest.raises(DistrictError, match=r"clocks\.tsv:2"):
        load_clocks(parse_table("clocks.tsv", text))


def test_work_of_several_days_is_summed_up_and_has_no_clock() -> None:
    span = at("18T00:00:00", "period")
    assert judge_timeliness(report(), time("20T09:00:00"), span, QUIET, major=False).verdict == "not_applicable"
    assert judge_timeliness(report(), time("19T09:00:00"), span, QUIET, major=False).verdict == "late"
    assert judge_timeliness(report(), time("20T09:00:00"), span, QUIET, major=True).rule == "major_3h"
    assert judge_timeliness(report(), time("20T09:00:00"), span, EMERGENCY, major=False).rule == "emergency_now"
