"""Behind every panel of the dashboards stands a search that real Elasticsearch answers with data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.kibana.panels import DASHBOARDS, VIEWS, Panel, fields, query
from deploy.testing import Running
from huiyao.districts import load_district
from huiyao.settings import load_settings
from schemas.connections import ElasticsearchConnection
from tests.desk_day.events import events
from tests.desk_server import apart, remove, write

pytestmark = pytest.mark.integration
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard.panels]


@pytest.fixture(scope="module")
def day(engines: Running) -> Iterator[ElasticsearchConnection]:
    """The invented day of the desk's tests in an index of its own."""
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    names = {one.id: one.short_name for one in load_district(load_settings().district_dir).register}
    apart(write(connection, events(names)))
    yield connection
    apart(remove(connection))


def ask(day: ElasticsearchConnection, alias: str, path: str, body: dict[str, Any] | None = None) -> Any:
    url = f"{day.url}/{day.alias(alias)}/{path}"
    answer = httpx.request("POST" if body else "GET", url, json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("view", VIEWS, ids=lambda one: one.alias)
def test_the_time_of_a_data_view_is_a_date(day: ElasticsearchConnection, view: Any) -> None:
    known = ask(day, view.alias, f"_field_caps?fields={view.time_field}")["fields"]
    assert set(known[view.time_field]) == {"date"}


@pytest.mark.parametrize("panel", PANELS, ids=lambda one: one.id)
def test_a_panel_finds_its_fields_and_data(day: ElasticsearchConnection, panel: Panel) -> None:
    for name in fields(panel):
        known = ask(day, panel.alias, f"_field_caps?fields={name}")["fields"].get(name, {})
        assert known, f"{panel.id}: {panel.alias} has no field {name}"
        assert all(kind["aggregatable"] for kind in known.values()), name
    found = ask(day, panel.alias, "_search", query(panel))
    assert found["hits"]["total"]["value"] > 0, panel.id
    depth, at = len(panel.splits), found.get("aggregations", {})
    for _ in range(depth):
        assert at["split"]["buckets"], f"{panel.id}: nothing to show"
        at = at["split"]["buckets"][0]
    if panel.measure.kind != "count":
        value = at["measure"].get("value", at["measure"].get("values"))
        assert value not in (None, {}), panel.id
