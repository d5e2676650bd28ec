"""People confirm, reject, close, reopen, merge, split and phone in; a repeat changes nothing, an undo takes back."""

from __future__ import annotations

from typing import Any

import pytest

from processors.incidents import IncidentRules, decide
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.errors import InvalidItem
from schemas.incident import Incident
from schemas.vocab import Level, Stage
from tests.items import at, figures, item, slide

RULES = IncidentRules()
Step = AssessedItem | Decision


def play(*steps: Step, state: dict[str, Incident] | None = None) -> dict[str, Incident]:
    found = dict(state or {})
    for step in steps:
        now = step.at if isinstance(step, Decision) else step.received_at
        found |= {one.incident: one for one in decide(found, step, now, RULES)}
    return found


def decision(action: str, subject: str, minutes: float = 30, id: str = "d1", **details: Any) -> Decision:
    given = {"decision_id": id, "district": "testqu", "subject_type": "incident", "subject_id": subject}
    return Decision.model_validate({**given, "action": action, "by": "值班长", "at": at(minutes), "details": details})


def post(id: str = "p1", **changes: Any) -> AssessedItem:
    given = {"lane": "opinion", "source": "论坛", "emergency": slide(), "facts": figures(), **changes}
    return item(id, **given)


def first(id: str = "r1", **changes: Any) -> AssessedItem:
    return item(id, **{"kind": "first", "emergency": slide(level="IV"), "facts": figures(injured=3), **changes})


def only(state: dict[str, Incident]) -> Incident:
    (incident,) = state.values()
    return incident


POSTED = only(play(post()))
OPENED = only(play(first()))


def test_a_person_confirms_what_a_machine_flagged() -> None:
    incident = only(play(post(), decision("confirm", POSTED.incident)))
    assert (incident.confirmed_by, incident.confirmed_at, incident.alert_version) == ("值班长", at(30), 1)
    assert not incident.signed


def test_a_repeated_decision_changes_nothing() -> None:
    once = play(post(), decision("confirm", POSTED.incident))
    assert decide(once, decision("confirm", POSTED.incident), at(30), RULES) == []


def test_a_rejected_one_stays_quiet_until_a_department_reports() -> None:
    state = play(post(), decision("reject", POSTED.incident), post("p2", published=at(35)))
    rejected = only(state)
    assert (rejected.rejected, rejected.closed, rejected.alert_version, len(rejected.sources)) == (True, True, 1, 2)
    signed = only(play(first(published=at(40)), state=state))
    assert (signed.rejected, signed.closed, signed.stage) == (False, False, Stage.FIRST)


def test_close_and_reopen() -> None:
    closed = play(first(), decision("close", OPENED.incident))
    assert (only(closed).closed, only(closed).alert_version) == (True, 2)
    opened = play(decision("reopen", OPENED.incident, 40, "d2"), state=closed)
    assert not only(opened).closed
    final = item("r2", kind="final", published=at(50), facts=figures(injured=3))
    assert only(play(final, state=opened)).closed


def test_a_final_report_is_reopened_by_a_person() -> None:
    final = item("r2", kind="final", published=at(20), facts=figures(injured=3))
    assert not only(play(first(), final, decision("reopen", OPENED.incident))).closed


def test_an_undo_takes_the_decision_back() -> None:
    state = play(
        first(), decision("close", OPENED.incident), decision("undo", OPENED.incident, 40, "d2", decision_id="d1")
    )
    incident = only(state)
    assert not incident.closed
    assert [(one.action, one.undone) for one in incident.acts] == [("close", True), ("undo", False)]


def elsewhere(id: str = "r9", **changes: Any) -> AssessedItem:
    return first(id, source="U044", facts={**figures(injured=1), "places": ["水南镇"]}, **changes)


def test_people_merge_two_and_each_says_so() -> None:
    other = only(play(elsewhere())).incident
    state = play(first(), elsewhere(), decision("merge", OPENED.incident, incidents=[other]))
    stays, gone = state[OPENED.incident], state[other]
    assert {one.item_id for one in stays.sources} == {first().item_id, elsewhere().item_id}
    assert [(one.incident, one.decision_id) for one in stays.merged] == [(other, "d1")]
    assert (gone.merged_into, gone.closed, gone.sources) == (OPENED.incident, True, ())
    follow = item("r10", source="U044", kind="followup", published=at(50), incident=other, facts=figures(injured=2))
    assert set(play(follow, state=state)) == {OPENED.incident, other}
    assert len(play(follow, state=state)[OPENED.incident].sources) == 3


def test_one_incident_is_not_merged_into_two() -> None:
    """The second of two decisions made at once is a dead letter and no merge of nothing."""
    third = first("r8", source="U045", facts={**figures(injured=2), "places": ["水东镇"]})
    other, last = (only(play(one)).incident for one in (elsewhere(), third))
    state = play(first(), elsewhere(), third, decision("merge", OPENED.incident, incidents=[other]))
    with pytest.raises(InvalidItem, match="merged already"):
        play(decision("merge", last, 31, "d2", incidents=[other]), state=state)
    with pytest.raises(InvalidItem, match="merged already"):
        play(decision("merge", other, 31, "d2", incidents=[last]), state=state)
    assert len(play(decision("merge", OPENED.incident, 31, "d2", incidents=[last]), state=state)) == 3


def test_an_undone_merge_gives_both_back() -> None:
    other = only(play(elsewhere())).incident
    state = play(first(), elsewhere(), decision("merge", OPENED.incident, incidents=[other]))
    state = play(decision("undo", OPENED.incident, 40, "d2", decision_id="d1"), state=state)
    assert [len(state[one].sources) for one in (OPENED.incident, other)] == [1, 1]
    assert (state[other].merged_into, state[other].closed, state[other].stage) == (None, False, Stage.FIRST)
    assert state[other].facts.injured == 1
    assert state[other].version > 2


def test_people_split_and_machines_do_not_join_again() -> None:
    both = play(first(), post("p1", published=at(5)))
    assert len(only(both).sources) == 2
    split = decision("split", OPENED.incident, item_ids=[post("p1", published=at(5)).item_id])
    state = play(split, state=both)
    assert sorted(len(one.sources) for one in state.values()) == [1, 1]
    (new,) = state.keys() - {OPENED.incident}
    assert state[OPENED.incident].apart == (new,)
    follow = item("r2", kind="followup", published=at(60), facts=figures(injured=4), emergency=slide(level="IV"))
    later = play(follow, state=state)
    assert later[new].merged_into is None
    assert len(later[OPENED.incident].sources) == 2


def test_an_undone_split_joins_again() -> None:
    both = play(first(), post("p1", published=at(5)))
    split = decision("split", OPENED.incident, item_ids=[post("p1", published=at(5)).item_id])
    state = play(split, decision("undo", OPENED.incident, 40, "d2", decision_id="d1"), state=both)
    assert len(state[OPENED.incident].sources) == 2
    (new,) = state.keys() - {OPENED.incident}
    assert state[new].merged_into == OPENED.incident


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(decision("confirm", "nobody"), id="unknown incident"),
        pytest.param(decision("merge", OPENED.incident, incidents=["nobody"]), id="unknown other"),
        pytest.param(decision("merge", OPENED.incident), id="no other named"),
        pytest.param(decision("split", OPENED.incident, item_ids=[first().item_id]), id="all sources"),
        pytest.param(decision("split", OPENED.incident, item_ids=["nothing"]), id="unknown item"),
        pytest.param(decision("undo", OPENED.incident, decision_id="nothing"), id="unknown decision"),
        pytest.param(decision("report_up", OPENED.incident), id="to whom"),
        pytest.param(decision("phone", "call-1", title="电话"), id="a call of nobody"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_field(wrong: Decision) -> None:
    with pytest.raises(InvalidItem):
        play(first(), wrong)


def call(**details: Any) -> Decision:
    given = {"department": "U031", "title": "沙石镇龙埠村山体滑坡", "event_type": "山体滑坡", "event_class": "自然灾害"}
    return decision("phone", "call-1", 0, "c1", **{**given, "called_at": at(-5).isoformat(), **details})


def test_a_call_opens_a_signed_incident_before_any_text() -> None:
    incident = only(play(call(facts=figures(injured=2), level="IV")))
    assert (incident.stage, incident.signed, incident.level) == (Stage.PHONED, True, Level.IV)
    assert (incident.facts.injured, incident.place, incident.version, incident.alert_version) == (2, "沙石镇", 1, 1)
    assert decide(play(call()), call(), at(), RULES) == []


def test_the_written_report_joins_the_call() -> None:
    state = play(call(facts=figures(injured=2)), first(published=at(10)))
    incident = only(state)
    assert (incident.stage, len(incident.calls), len(incident.sources)) == (Stage.FIRST, 1, 1)
    assert incident.facts.injured == 3
    assert [(one.figure, one.before, one.after) for one in incident.changes] == [("injured", 2, 3)]


def test_a_second_call_adds_to_the_incident() -> None:
    again = decision("phone", "call-1", 15, "c2", department="U031", title="又有人受伤", facts=figures(injured=4))
    incident = only(play(call(facts=figures(injured=2)), again))
    assert (len(incident.calls), incident.facts.injured, incident.alert_version) == (2, 4, 2)


def test_decisions_on_other_things_are_not_ours() -> None:
    other = decision("close", OPENED.incident).model_copy(update={"subject_type": "alert"})
    assert decide({}, other, at(), RULES) == []
    assert decide({}, decision("acknowledge", "x"), at(), RULES) == []
