"""Candidates for omissions: what was said on both sides, two people, never a verdict of the machine."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huiyao.districts import load_district
from huiyao.rules import case_rules, incident_rules, ledger_rules
from processors import ledger
from processors.duty.cases import decided
from processors.duty.omissions import decide, request_for_explanation, responsible
from processors.incidents import decide as incident_decide
from schemas.assessment import AssessedItem
from schemas.case import Case, CaseKind, CaseState, CaseVerdict
from schemas.decision import Decision
from schemas.errors import InvalidItem
from schemas.incident import Incident
from schemas.ledger import LedgerEntry
from tests.items import at, figures, item, slide

FOLDER = load_district(Path(__file__).parents[4] / "districts" / "zhanggong")
RULES, DUTY, INCIDENT = case_rules(FOLDER), ledger_rules(FOLDER), incident_rules(FOLDER)
TOWN = "U064"
LATER = at(180)


def world(*items: AssessedItem) -> tuple[list[Incident], dict[str, LedgerEntry]]:
    incidents: dict[str, Incident] = {}
    state = ledger.opened((), (), DUTY)
    for one in items:
        incidents |= {c.incident: c for c in incident_decide(incidents, one, one.received_at, INCIDENT)}
        one = one.model_copy(update={"district": DUTY.district})
        state = ledger.applied(state, one, ledger.decide(state, one, one.received_at, DUTY), DUTY)
    return list(incidents.values()), dict(state.entries)


def look(*items: AssessedItem, now: datetime = LATER, known: dict[str, Case] | None = None) -> list[Case]:
    incidents, entries = world(*items)
    return decide(known or {}, incidents, entries, now, RULES)


def press(id: str = "m1", **facts: Any) -> AssessedItem:
    given = figures(**{"injured": 3, **facts})
    return item(id, lane="media", source="某报", published=at(5), emergency=slide(level="IV"), facts=given)


def zero(minutes: float = 60) -> AssessedItem:
    return item("z", source=TOWN, kind="zero", published=at(minutes), title="零报告")


def report(injured: int = 3, minutes: float = 20, **more: Any) -> AssessedItem:
    given = {"kind": "first", "emergency": slide(level="IV"), "facts": figures(injured=injured), **more}
    return item("r1", source=TOWN, published=at(minutes), **given)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ([], CaseKind.NOTHING_REPORTED),
        ([zero(60)], CaseKind.ZERO_CONTRADICTED),
        ([zero(-60)], CaseKind.NOTHING_REPORTED),
        ([report(2)], CaseKind.SMALLER_FIGURES),
    ],
    ids=["nothing", "zero after it", "zero before it", "fewer injured"],
)
def test_what_does_not_fit_is_laid_side_by_side(said: list[AssessedItem], kind: CaseKind) -> None:
    (case,) = look(press(), *said)
    assert (case.kind, case.department, case.day, case.state) == (kind, TOWN, "2026-11-20", CaseState.OPEN)
    assert [one.source for one in case.outside] == ["某报"]
    assert case.outside[0].figures == {"injured": 3}
    assert len(case.department_said) == (1 if kind is CaseKind.SMALLER_FIGURES else 0)
    assert case.verdict is None


def test_the_gap_is_told_in_words() -> None:
    (case,) = look(press(), report(2))
    assert case.gaps == ("受伤：单位报2，其他渠道称3",)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([report(3)], id="the same figures"),
        pytest.param([report(4)], id="more than the press"),
        pytest.param([item("r9", source="U034", kind="first", published=at(20), emergency=slide(), facts=figures())],
                     id="another department reported it"),
    ],
)  # fmt: skip
def test_where_it_fits_there_is_no_case(said: list[AssessedItem]) -> None:
    assert look(press(), *said) == []


def test_a_zero_report_after_it_is_a_candidate_though_another_reported() -> None:
    other = item("r9", source="U034", kind="first", published=at(20), emergency=slide(), facts=figures())
    assert [one.kind for one in look(press(), other, zero())] == [CaseKind.ZERO_CONTRADICTED]


def test_nothing_before_the_written_deadline() -> None:
    assert RULES.grace == timedelta(minutes=60)
    assert look(press(), now=at(65)) == []
    assert len(look(press(), now=at(67))) == 1


def test_nobody_answers_for_what_may_be_elsewhere() -> None:
    unknown = item("m", lane="media", source="某报", emergency=slide(in_district=None), facts=figures())
    assert look(unknown) == []


def test_where_no_town_is_named_the_bureaus_of_the_type_answer() -> None:
    bare = item("m", lane="media", source="某报", emergency=slide(), facts=figures(places=[]))
    (incident,) = world(bare)[0]
    assert {one.id for one in responsible(incident, RULES)} == {"U023", "U034"}


def test_the_same_again_changes_nothing_and_news_is_a_revision() -> None:
    (case,) = look(press())
    known = {case.case_id: case}
    assert look(press(), known=known, now=at(400)) == []
    (more,) = look(press(), press("m2", injured=5), known=known)
    assert (more.case_id, more.revision, len(more.outside), more.opened_at) == (case.case_id, 2, 2, case.opened_at)


def test_a_report_that_catches_up_settles_the_case_and_a_correction_opens_it_again() -> None:
    (case,) = look(press(), report(2))
    known = {case.case_id: case}
    (settled,) = look(press(), report(2, updated=at(90), facts=figures(injured=3)), known=known)
    assert settled.state is CaseState.SETTLED
    (again,) = look(
        press(), press("m2", deaths=1), report(0, facts=figures(injured=3, deaths=0)), known={case.case_id: settled}
    )
    assert (again.state, again.revision) == (CaseState.OPEN, 3)


(OPEN,) = look(press())


def decision(action: str, by: str, id: str, minutes: float = 200, **details: Any) -> Decision:
    given = {"decision_id": id, "district": "testqu", "subject_type": "case", "subject_id": OPEN.case_id}
    return Decision.model_validate({**given, "action": action, "by": by, "at": at(minutes), "details": details})


def judge(*decisions: Decision, case: Case = OPEN) -> Case:
    for one in decisions:
        case = decided({case.case_id: case}, one) or case
    return case


EXPLAINED = decision("explain", "办公室", "e", 190)


def test_two_different_people_are_needed() -> None:
    first = decision("confirm", "甲", "1", verdict="omitted")
    assert judge(EXPLAINED).state is CaseState.EXPLAINED
    assert judge(EXPLAINED, first).state is CaseState.SECOND_PERSON
    assert judge(EXPLAINED, first, decision("confirm", "甲", "2", verdict="omitted")).state is CaseState.SECOND_PERSON
    assert judge(EXPLAINED, first, decision("confirm", "乙", "3", verdict="concealed")).state is CaseState.SECOND_PERSON
    upheld = judge(EXPLAINED, first, decision("confirm", "乙", "3", 210, verdict="omitted"))
    assert (upheld.state, upheld.verdict, upheld.decided_at) == (CaseState.UPHELD, CaseVerdict.OMITTED, at(210))


def test_the_department_is_heard_first_unless_it_stays_silent() -> None:
    with pytest.raises(InvalidItem, match="not explained"):
        judge(decision("confirm", "甲", "1", verdict="omitted"))
    late = decision("confirm", "甲", "1", 180 + 5 * 24 * 60, verdict="omitted")
    assert judge(late).state is CaseState.SECOND_PERSON


def test_a_rejection_stands_and_an_undo_takes_it_back() -> None:
    rejected = judge(EXPLAINED, decision("reject", "甲", "1"))
    assert rejected.state is CaseState.UNFOUNDED
    assert judge(decision("undo", "乙", "2", 220, decision_id="1"), case=rejected).state is CaseState.EXPLAINED


def test_acts_in_any_order_and_repeated_give_the_same() -> None:
    acts = [decision("confirm", "甲", "1", 201, verdict="false"), decision("confirm", "乙", "2", 202, verdict="false")]
    one, other = judge(EXPLAINED, *acts, *acts), judge(EXPLAINED, *reversed(acts))
    assert (one.state, one.verdict, one.acts) == (other.state, other.verdict, other.acts)


def test_a_decided_case_is_not_touched_by_the_machine() -> None:
    rejected = judge(decision("reject", "甲", "1"))
    assert look(press(), press("m2", deaths=9), known={OPEN.case_id: rejected}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        decision("confirm", "甲", "1", verdict="guilty"),
        decision("undo", "甲", "1", decision_id="nothing"),
        decision("reject", "甲", "1").model_copy(update={"subject_id": "nobody"}),
    ],
)
def test_what_cannot_be_done_is_refused(wrong: Decision) -> None:
    cases = {OPEN.case_id: judge(EXPLAINED)}
    with pytest.raises(InvalidItem):
        decided(cases, wrong)


def test_the_department_is_asked_without_a_word_of_guilt() -> None:
    (case,) = look(press(), zero())
    text = request_for_explanation(case)
    assert text == "请沙石镇核实11月20日沙石镇山体滑坡，并书面说明掌握和报送情况。如已报送，请注明报送时间。"
    assert not any(word in text for word in ("漏报", "瞒报", "谎报", "某报", "涉嫌", "疑似"))


def test_time_alone_changes_no_open_case() -> None:
    known = {OPEN.case_id: OPEN}
    assert look(press(), known=known, now=at(180) + timedelta(days=29)) == []
