"""Deadlines of an incident, what its reports lack, and its course told from its last state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huiyao.districts import load_district
from huiyao.rules import incident_rules
from processors.incident_clocks import COLUMNS, load_incident_clocks, shown
from processors.incident_timeline import timeline
from processors.incidents import decide
from processors.tables import parse_table
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.errors import DistrictError
from schemas.incident import Incident, IncidentClock
from tests.items import at, figures, item, slide

FOLDER = load_district(Path(__file__).parents[3] / "districts" / "zhanggong")
RULES = incident_rules(FOLDER)


def play(*steps: AssessedItem | Decision) -> dict[str, Incident]:
    state: dict[str, Incident] = {}
    for step in steps:
        now = step.at if isinstance(step, Decision) else step.received_at
        state |= {one.incident: one for one in decide(state, step, now, RULES)}
    return state


def only(*steps: AssessedItem | Decision) -> Incident:
    (incident,) = play(*steps).values()
    return incident


def first(level: str | None = "IV", **changes: Any) -> AssessedItem:
    return item("r1", **{"kind": "first", "emergency": slide(level=level), "facts": figures(injured=3), **changes})


def clock(incident: Incident, rule: str) -> IncidentClock:
    return next(one for one in incident.clocks if one.rule == rule)


@pytest.mark.parametrize(("level", "minutes"), [("I", 30), ("II", 60), ("III", 120), (None, 120), ("IV", 1440)])
def test_the_next_report_is_due_by_level(level: str | None, minutes: int) -> None:
    assert only(first(level)).next_due == at(1 + minutes)


def test_each_report_moves_the_next_and_the_final_ends_it() -> None:
    follow = item("r2", kind="followup", published=at(30), facts=figures(injured=4), emergency=slide(level="IV"))
    assert only(first(), follow).next_due == at(31 + 1440)
    final = item("r3", kind="final", published=at(60), facts=figures(injured=4))
    assert only(first(), follow, final).next_due is None


def test_both_sides_run_side_by_side() -> None:
    incident = only(first("III"))
    assert {(one.rule, one.side.value) for one in incident.clocks} == {
        ("phone", "department"), ("written", "department"), ("major", "department"), ("next_III", "department"),
        ("city_phone", "city"), ("city_written", "city"), ("city_law", "city"), ("city_disaster", "city"),
    }  # fmt: skip
    assert clock(incident, "city_law").deadline == at(-30 + 120)
    assert clock(incident, "city_phone").deadline == at(1 + 30)
    assert clock(incident, "city_law").source == "D10/W02"


def test_a_person_reports_to_the_city_and_the_clock_stands() -> None:
    incident = only(first("III")).incident
    given = {"decision_id": "d", "district": "testqu", "subject_type": "incident", "subject_id": incident}
    told = Decision.model_validate(
        {**given, "action": "report_up", "by": "值班长", "at": at(45), "details": {"side": "city"}}
    )
    after = only(first("III"), told)
    assert clock(after, "city_law").met_at == at(45)
    assert shown(clock(after, "city_law"), at(300)) == "已按时完成"
    assert shown(clock(after, "city_phone"), at(300)) == "已完成，超时14分钟"


def test_the_clock_in_words() -> None:
    incident = only(first("III"))
    assert shown(clock(incident, "next_III"), at(31)) == "还剩1小时30分钟"
    assert shown(clock(incident, "next_III"), at(130)) == "已超时9分钟"
    assert shown(clock(incident, "phone"), at(130)) == "已完成，超时1分钟"


def test_an_onset_known_to_the_day_gives_the_benefit_of_the_doubt() -> None:
    onset = {"start": at(-480).isoformat(), "precision": "day"}
    incident = only(first("III", facts=figures(injured=3, event_time=onset)))
    assert clock(incident, "written").started_at == at(-480, days=1)


def test_a_machines_word_alone_starts_no_clock_of_a_department() -> None:
    post = item("p", lane="opinion", source="论坛", emergency=slide(level="I"), facts=figures())
    assert (only(post).clocks, only(post).next_due) == ((), None)


def test_what_the_stage_requires_and_the_report_lacks() -> None:
    (source,) = only(first(text="8时接村干部来电，沙石镇发生滑坡，3人受伤。")).sources
    assert {"影响范围", "领导到位情况", "报告单位与签发人"} <= set(source.missing_elements)
    assert "伤亡及损失" not in source.missing_elements
    follow = item("r2", kind="followup", published=at(30), text="续报一：截至8时20分，3人受伤。", facts=figures())
    second = only(first(), follow).sources[1]
    assert (second.number, "下步措施" in second.missing_elements) == (1, True)
    assert "序号" not in second.missing_elements


def test_media_owe_no_elements() -> None:
    press = item("m", lane="media", source="某报", emergency=slide(), facts=figures())
    assert only(press).sources[0].missing_elements == ()


def test_the_course_is_told_from_the_last_state_alone() -> None:
    post = item("p", lane="opinion", source="论坛", published=at(-10), emergency=slide(), facts=figures(), title="垮了")
    follow = item("r2", kind="followup", published=at(30), facts=figures(injured=4), emergency=slide(level="IV"))
    press = item("m", lane="media", source="某报", published=at(40), emergency=slide(), facts=figures(injured=9))
    state = play(post, first(), follow, press)
    (incident,) = state.values()
    read_back = Incident.model_validate_json(incident.model_dump_json())
    told = [(one.what, one.text.split("（")[0]) for one in timeline(read_back)]
    assert told == [
        ("onset", "事发"),
        ("item", "网络舆情：垮了"),
        ("item", "首报：沙石镇一处山体滑坡"),
        ("figure", "受伤由未报改为3"),
        ("item", "续报"),
        ("figure", "受伤由3改为4"),
        ("item", "媒体：沙石镇一处山体滑坡"),
        ("contradiction", "受伤说法不一：现为4，另一来源称9"),
    ]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("x\tD99\tcity\tn\t\t\tknown\t30\tcity\tSYN", "not in deadlines"),
        ("x\tD10\tcity\tn\t\t\tknown\t\tcity\tSYN", "minutes"),
        ("x\tD10\tmoon\tn\t\t\tknown\t30\tcity\tSYN", "moon"),
        ("x\tD10\tcity\tn\t\tV\tknown\t30\tcity\tSYN", "V"),
    ],
)
def test_a_bad_row_is_named_with_its_line(row: str, cause: str) -> None:
    text = "\t".join(COLUMNS) + f"\n{row}\n"
    tables = {**FOLDER.tables, "incident_clocks": parse_table("incident_clocks.tsv", text)}
    with pytest.raises(DistrictError, match=rf"incident_clocks\.tsv:2: .*{cause}"):
        load_incident_clocks(tables)
