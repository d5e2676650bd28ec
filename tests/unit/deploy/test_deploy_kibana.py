"""Kibana's saved objects: whole, pointing at each other, on the grid, and those of the code."""

from __future__ import annotations

import json

import pytest

from deploy.kibana.generate import COLUMNS, FILE, objects, text
from deploy.kibana.panels import DASHBOARDS, VIEWS

ALL = list(objects())
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard.panels]


def test_the_file_is_what_the_code_makes() -> None:
    assert FILE.read_text("utf-8") == text(), "run: python -m deploy.kibana.generate"


def test_every_reference_points_at_an_object_of_the_file() -> None:
    there = {(one["type"], one["id"]) for one in ALL}
    asked = {(reference["type"], reference["id"]) for one in ALL for reference in one["references"]}
    assert asked <= there
    assert len(there) == len(ALL)


def test_names_of_references_are_those_that_the_states_use() -> None:
    for one in ALL:
        names = {reference["name"] for reference in one["references"]}
        packed = json.dumps(one["attributes"])
        if one["type"] == "dashboard":
            panels = json.loads(one["attributes"]["panelsJSON"])
            assert names == {f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in panels}
        else:
            assert all(name in packed for name in names)


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.id)
def test_panels_do_not_overlap(dashboard: object) -> None:
    [saved] = [one for one in ALL if one["id"] == dashboard.id]  # type: ignore[attr-defined]
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(saved["attributes"]["panelsJSON"]):
        place = panel["gridData"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells


def test_every_panel_stands_on_a_data_view_with_a_time() -> None:
    views = {view.alias: view.time_field for view in VIEWS}
    assert all(views.get(panel.alias) for panel in PANELS)


def test_every_id_is_ours_alone() -> None:
    assert all(one["id"].startswith("huiyao-") for one in ALL)  # an import overwrites what has the same id


def test_buckets_are_ordered_by_what_kibana_can_order_by() -> None:
    for one in ALL:
        if one["type"] != "visualization":
            continue
        measure, *buckets = json.loads(one["attributes"]["visState"])["aggs"]
        asked = {bucket["params"]["orderBy"] for bucket in buckets if bucket["type"] == "terms"}
        assert asked <= ({"_key"} if measure["type"] == "percentiles" else {measure["id"]}), one["id"]
