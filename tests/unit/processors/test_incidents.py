"""Which items make, join and change an incident; figures, level, stage and alert version follow from the sources."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from processors.incidents import IncidentRules, decide
from schemas.assessment import AssessedItem
from schemas.incident import Incident
from schemas.vocab import Level, Stage
from tests.items import at, figures, item, slide

RULES = IncidentRules()


def play(*items: AssessedItem) -> dict[str, Incident]:
    """The incidents after the items, in this order."""
    state: dict[str, Incident] = {}
    for one in items:
        state |= {changed.incident: changed for changed in decide(state, one, one.received_at, RULES)}
    return state


def only(state: dict[str, Incident]) -> Incident:
    (incident,) = state.values()
    return incident


def first(id: str = "r1", **changes: Any) -> AssessedItem:
    given = {"kind": "first", "emergency": slide(level="IV"), "facts": figures(deaths=0, injured=3), **changes}
    return item(id, **given)


def test_a_first_report_opens_a_signed_incident() -> None:
    incident = only(play(first()))
    assert (incident.stage, incident.signed, incident.level, incident.version, incident.alert_version) == (
        Stage.FIRST, True, Level.IV, 1, 1,
    )  # fmt: skip
    assert (incident.place, incident.event_type, incident.facts.injured) == ("沙石镇", "山体滑坡", 3)
    assert incident.opened_at == incident.changed_at == at(1)


@pytest.mark.parametrize("lane", ["media", "opinion"])
def test_media_or_a_post_alone_is_provisional_and_unsigned(lane: str) -> None:
    incident = only(play(item("m1", lane=lane, source="某网", emergency=slide(), facts=figures())))
    assert (incident.stage, incident.signed) == (Stage.PROVISIONAL, False)


def test_a_report_signs_the_incident_that_a_post_opened() -> None:
    state = play(item("p1", lane="opinion", source="论坛", emergency=slide(), facts=figures()), first(received=at(20)))
    incident = only(state)
    assert (incident.stage, incident.signed, incident.alert_version) == (Stage.FIRST, True, 2)
    assert [one.lane for one in incident.sources] == ["opinion", "report"]


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param({"emergency": {}}, id="no emergency"),
        pytest.param({"emergency": slide(in_district=False)}, id="elsewhere"),
        pytest.param({"emergency": {"warning": True, "event_type": "山体滑坡"}}, id="a warning"),
    ],
)
def test_no_incident_is_made_of(quiet: dict[str, Any]) -> None:
    assert play(item("x", facts=figures(), **quiet)) == {}


def test_where_the_place_cannot_be_decided_an_incident_is_opened() -> None:
    assert only(play(first(emergency=slide(in_district=None)))).in_district is None


def test_a_replay_and_an_overtaken_version_change_nothing() -> None:
    old = first()
    new = first(updated=at(40), facts=figures(deaths=0, injured=5))
    state = play(old, new)
    assert decide(state, new, new.received_at, RULES) == []
    assert decide(state, old, old.received_at, RULES) == []
    assert only(state).facts.injured == 5


def test_a_correction_keeps_the_first_receipt() -> None:
    incident = only(play(first(), first(updated=at(40))))
    assert [one.received_at for one in incident.sources] == [at(1)]


def test_the_latest_signed_figure_wins_and_the_change_is_written_down() -> None:
    follow = item(
        "r2", kind="followup", published=at(60), facts=figures(deaths=1, injured=2), emergency=slide(level="IV")
    )
    incident = only(play(first(), follow))
    assert (incident.facts.deaths, incident.facts.injured, incident.stage) == (1, 2, Stage.FOLLOW_UP)
    assert [(one.figure, one.before, one.after, one.contradiction) for one in incident.changes] == [
        ("deaths", 0, 1, False), ("injured", 3, 2, False),
    ]  # fmt: skip
    assert incident.alert_version == 2


def test_what_a_follow_up_does_not_state_it_does_not_erase() -> None:
    follow = item("r2", kind="followup", published=at(60), facts=figures(), emergency=slide())
    assert only(play(first(), follow)).facts.injured == 3


def test_media_against_a_signed_report_is_a_contradiction_not_a_change() -> None:
    press = item(
        "m1", lane="media", source="某报", published=at(30), emergency=slide(level="III"), facts=figures(deaths=4)
    )
    incident = only(play(first(), press))
    assert (incident.facts.deaths, incident.level, incident.alert_version) == (0, Level.IV, 1)
    (change,) = incident.changes
    assert (change.figure, change.before, change.after, change.contradiction) == ("deaths", 0, 4, True)
    assert incident.version == 2


def test_the_highest_level_stands() -> None:
    follow = item("r2", kind="followup", published=at(60), facts=figures(deaths=3), emergency=slide(level="III"))
    later = item("r3", kind="followup", published=at(90), facts=figures(), emergency=slide(level=None))
    incident = only(play(first(), follow, later))
    assert incident.level is Level.III


def test_a_follow_up_without_news_raises_no_further_alert() -> None:
    follow = item("r2", kind="followup", published=at(60), facts=figures(), emergency=slide())
    again = item("r3", kind="followup", published=at(80), facts=figures(injured=3), emergency=slide())
    states = [only(play(first(), follow)), only(play(first(), follow, again))]
    assert [one.alert_version for one in states] == [2, 2]
    assert [one.version for one in states] == [2, 3]


def test_a_final_report_closes_and_a_corrected_casualty_opens_again() -> None:
    final = item("r2", kind="final", published=at(600), facts=figures(deaths=0, injured=3))
    state = play(first(), final)
    assert (only(state).stage, only(state).closed) == (Stage.FINAL, True)
    quiet = item("r3", kind="followup", published=at(700), facts=figures(injured=3))
    assert only(play(first(), final, quiet)).closed
    worse = item(
        "r4", kind="followup", published=at(800), facts=figures(deaths=1), emergency={"event_type": "山体滑坡"}
    )
    assert (only(play(first(), final, worse)).stage, only(play(first(), final, worse)).closed) == (
        Stage.FOLLOW_UP,
        False,
    )


def test_an_explicit_incident_links_whatever_the_text_says() -> None:
    bare = item("r2", kind="followup", incident="SL-1", published=at(2000), title="续报", facts={}, emergency={})
    assert len(only(play(first(incident="SL-1"), bare)).sources) == 2
    by_our_id = item("r3", source="U044", kind="final", incident=only(play(first())).incident, published=at(90))
    assert only(play(first(), by_our_id)).closed


def test_the_same_label_of_another_sender_is_another_incident() -> None:
    other = first("r9", source="U044", incident="1", facts={**figures(injured=1), "places": ["水南镇"]})
    assert len(play(first(incident="1"), other)) == 2


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        pytest.param({}, True, id="type, place and hour agree"),
        pytest.param({"places": ["沙石镇新圩村"]}, True, id="a place within the place"),
        pytest.param({"places": ["水南镇"]}, False, id="another place"),
        pytest.param({"event_time": {"start": at(90).isoformat(), "precision": "hour"}}, True, id="two hours apart"),
        pytest.param({"event_time": {"start": at(91).isoformat(), "precision": "minute"}}, False, id="a minute more"),
        pytest.param({"event_time": {"start": at(-480).isoformat(), "precision": "day"}}, True, id="the same day"),
        pytest.param({"event_time": {"start": at(-1440).isoformat(), "precision": "day"}}, False, id="the day before"),
        pytest.param({"event_time": None}, True, id="no onset, soon after"),
        pytest.param({"injured": 16}, False, id="16 injured against 3: more than five times and ten"),
        pytest.param({"injured": 15}, True, id="15 injured against 3: five times"),
    ],
)
def test_two_senders_speak_of_the_same_event(changes: dict[str, Any], same: bool) -> None:
    other = item("r2", source="U044", kind="first", emergency=slide(), facts=figures(**changes), received=at(95))
    assert len(play(first(), other)) == (1 if same else 2)


def test_another_type_at_the_same_place_is_another_incident() -> None:
    fire = item("r2", source="U044", emergency=slide(event_type="火灾", event_class="事故灾难"), facts=figures())
    assert len(play(first(), fire)) == 2


def test_the_doubt_about_numbers_is_carried() -> None:
    finding = {"check": "number_mismatch", "message": "标题称3人，正文称2人"}
    assert only(play(first(findings=[finding]))).sources[0].doubts == ("标题称3人，正文称2人",)


def test_figures_and_level_do_not_depend_on_the_order_of_arrival() -> None:
    items = [
        first(),
        item("r2", kind="followup", published=at(60), facts=figures(deaths=1), emergency=slide(level="IV")),
        item(
            "m1", lane="media", source="某报", published=at(30), facts=figures(deaths=4), emergency=slide(level="III")
        ),
        item("p1", lane="opinion", source="论坛", published=at(5), facts=figures(trapped=2), emergency=slide()),
    ]
    ends = [only(play(*order)) for order in itertools.permutations(items)]
    seen = {(one.facts.model_dump_json(exclude={"places"}), one.level, one.stage, one.signed) for one in ends}
    assert len(seen) == 1
    assert (ends[0].facts.deaths, ends[0].facts.trapped, ends[0].level) == (1, 2, Level.IV)


def test_the_id_is_the_same_on_every_run() -> None:
    assert only(play(first())).incident == only(play(first())).incident
    assert only(play(first())).incident != only(play(first("r7"))).incident
