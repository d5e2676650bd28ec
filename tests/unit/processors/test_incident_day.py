"""The sample day through judgement and incidents: each event is one incident, whatever its posts left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.districts import load_district
from huiyao.judges import story_window
from huiyao.rules import incident_rules
from huiyao.settings import load_settings
from processors.incidents import decide
from schemas.assessment import AssessedItem
from schemas.incident import Incident
from schemas.vocab import Lane, Stage
from tests.sample_play import signals

FOLDER = load_district(Path(__file__).parents[3] / "districts" / "zhanggong")
RULES = incident_rules(FOLDER)
STORIES = story_window(FOLDER, load_settings().models_dir)


@pytest.fixture(scope="module")
def day() -> list[AssessedItem]:
    return signals()


def play(items: list[AssessedItem]) -> dict[str, Incident]:
    state: dict[str, Incident] = {}
    for one in items:
        state |= {changed.incident: changed for changed in decide(state, one, one.received_at, RULES)}
    return state


def the_slide(state: dict[str, Incident]) -> Incident:
    (found,) = [one for one in state.values() if one.event_type == "山体滑坡"]
    return found


def test_one_landslide_is_one_incident(day: list[AssessedItem]) -> None:
    state = play(day)
    slide = the_slide(state)
    assert (slide.stage, slide.closed, slide.signed) == (Stage.FINAL, True, True)
    assert (slide.facts.deaths, slide.facts.injured) == (1, 5)
    spoken = {one.incident for one in state.values() for source in one.sources if "樟树坳" in source.title}
    assert spoken == {slide.incident}
    assert {one.lane for one in slide.sources} == set(Lane)


def test_different_accidents_stay_apart(day: list[AssessedItem]) -> None:
    roads = [one for one in play(day).values() if one.event_type == "道路交通事故" and one.signed]
    assert {one.place for one in roads} == {"水西镇", "水东镇"}


def test_what_is_left_without_a_department_is_marked_doubtful(day: list[AssessedItem]) -> None:
    # Both tell of the landslide (its injured at the hospital; its figures) and name neither place nor kind of event:
    # a person joins them.
    told_without_a_place = {"市立医院门口来了", "官方消息出来了，"}
    open_ = [one for one in play(day).values() if not one.signed and one.merged_into is None]
    doubted = {one.input.title[:8] for one in day if one.assessment.emergency.doubtful}
    false_alarms = {one.title[:8] for one in open_} - told_without_a_place
    assert false_alarms <= doubted
    assert len(false_alarms) <= 1  # of 79 media items and posts


def test_posts_that_arrive_last_join_as_well(day: list[AssessedItem]) -> None:
    late = [one for one in day if one.input.lane is not Lane.OPINION]
    late += [one for one in day if one.input.lane is Lane.OPINION]
    assert {source.item_id for source in the_slide(play(late)).sources} == {
        source.item_id for source in the_slide(play(day)).sources
    }


def test_reports_that_arrive_last_fold_the_provisional_ones(day: list[AssessedItem]) -> None:
    early = [one for one in day if one.input.lane is not Lane.REPORT]
    early += [one for one in day if one.input.lane is Lane.REPORT]
    state = play(early)
    slide = the_slide({key: one for key, one in state.items() if one.merged_into is None})
    merged = [one for one in state.values() if one.merged_into is not None]
    assert {one.merged_into for one in merged} <= {slide.incident}
    assert {one.incident for one in slide.merged} == {one.incident for one in merged}
    assert (slide.facts.deaths, slide.facts.injured, slide.stage) == (1, 5, Stage.FINAL)


def test_the_day_again_changes_nothing(day: list[AssessedItem]) -> None:
    state = play(day)
    for one in day:
        assert decide(state, one, one.received_at, RULES) == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_check_that_ends_when_a_contract_is_signed_nearby_is_another_matter(
    day: list[AssessedItem], *, turned: bool
) -> None:
    both = [one for one in day if one.input.title.startswith(("区应急局开展危化品", "我区与一家新能源企业签约"))]
    window = STORIES()
    assert len({window.assign(one).story for one in (both[::-1] if turned else both)}) == len(both) == 2
