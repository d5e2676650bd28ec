"""Saved objects for Kibana from 8.9 on. ``python -m deploy.kibana.generate`` writes ``huiyao.ndjson``.

Import it in Kibana under Stack Management, Saved Objects. Data views, aggregation-based visualizations and dashboards:
the kinds whose format 8.9 and later read and migrate. Every id begins with ``huiyao-``: an import overwrites what has
the same id, and a Kibana may be shared with others.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.kibana.panels import DASHBOARDS, VIEWS, Dashboard, DataView, Order, Panel, Split, order

FILE = Path(__file__).parent / "huiyao.ndjson"
COLUMNS = 48
MEASURE_ID = "1"
"""The measure of a panel among its aggregations; the buckets are ordered by it."""
SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
FILTER_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.filter[{}].meta.index"
WRITTEN_FOR = {"index-pattern": "8.0.0", "visualization": "8.5.0", "dashboard": "8.9.0"}
"""The version of each kind's format (typeMigrationVersion). Kibana migrates from there, and refuses what is newer than
it knows: the highest of these is the oldest Kibana that takes the file."""
Saved = dict[str, Any]


def view_id(alias: str) -> str:
    """The id of an alias's data view."""
    return f"huiyao-view-{alias}"


def panel_id(panel: Panel) -> str:
    """The id of a panel's visualization."""
    return f"huiyao-{panel.id}"


def objects() -> Iterator[Saved]:
    """All saved objects, those that others point to first."""
    for view in VIEWS:
        yield _view(view)
    seen: set[str] = set()
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            assert panel.id not in seen, panel.id
            seen.add(panel.id)
            yield _visualization(panel)
        yield _dashboard(dashboard)


def text() -> str:
    """The file: one object a line."""
    return "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in objects())


def _saved(kind: str, identifier: str, attributes: Saved, references: list[Saved]) -> Saved:
    return {
        "type": kind,
        "id": identifier,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": WRITTEN_FOR[kind],
        "managed": False,
    }


def _view(view: DataView) -> Saved:
    attributes = {"title": view.alias, "name": view.title, "timeFieldName": view.time_field}
    return _saved("index-pattern", view_id(view.alias), attributes, [])


def _visualization(panel: Panel) -> Saved:
    state = {"title": panel.title, "type": _type(panel), "aggs": _aggregations(panel), "params": _parameters(panel)}
    source = {
        "query": {"query": "", "language": "kuery"},
        "filter": [_filter(number, *pair) for number, pair in enumerate(panel.filters.items())],
        "indexRefName": SOURCE,
    }
    attributes = {
        "title": panel.title,
        "description": "",
        "version": 1,
        "uiStateJSON": "{}",
        "visState": _packed(state),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _packed(source)},
    }
    names = [SOURCE, *(FILTER_SOURCE.format(number) for number in range(len(panel.filters)))]
    references = [{"name": name, "type": "index-pattern", "id": view_id(panel.alias)} for name in names]
    return _saved("visualization", panel_id(panel), attributes, references)


def _filter(number: int, field: str, value: Any) -> Saved:
    return {
        "meta": {
            "alias": None,
            "disabled": False,
            "negate": False,
            "key": field,
            "type": "phrase",
            "params": {"query": value},
            "indexRefName": FILTER_SOURCE.format(number),
        },
        "query": {"match_phrase": {field: value}},
        "$state": {"store": "appState"},
    }


def _type(panel: Panel) -> str:
    return {"metric": "metric", "pie": "pie", "bars": "histogram", "lines": "line", "table": "table"}[panel.form]


def _aggregations(panel: Panel) -> list[Saved]:
    measure = panel.measure
    parameters: Saved = {"customLabel": measure.label} | ({"field": measure.field} if measure.field else {})
    found = [{"id": MEASURE_ID, "enabled": True, "type": measure.kind, "schema": "metric", "params": parameters}]
    for number, split in enumerate(panel.splits):
        bucket = _split(split, order(panel))
        found.append({"id": str(number + 2), "enabled": True, "schema": _schema(panel, number), **bucket})
    return found


def _split(split: Split, ordered: Order) -> Saved:
    if split.interval:
        unit = {"hour": "h", "day": "d"}[split.interval]
        parameters = {"field": split.field, "interval": unit, "min_doc_count": 1, "customLabel": split.label}
        return {
            "type": "date_histogram",
            "params": parameters | {"useNormalizedEsInterval": True, "drop_partials": False},
        }
    by, way = ("_key", "asc") if ordered == "key" else (MEASURE_ID, "desc")
    parameters = {"field": split.field, "size": split.size, "order": way, "orderBy": by}
    return {
        "type": "terms",
        "params": parameters | {"customLabel": split.label, "otherBucket": False, "missingBucket": False},
    }


def _schema(panel: Panel, number: int) -> str:
    if panel.form == "table":
        return "bucket"
    return "segment" if number == 0 else "group"


def _parameters(panel: Panel) -> Saved:
    if panel.form == "metric":
        style = {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 48}
        metric = {"percentageMode": False, "useRanges": False, "colorSchema": "Green to Red", "metricColorMode": "None",
                  "colorsRange": [{"from": 0, "to": 10_000}], "labels": {"show": True}, "invertColors": False,
                  "style": style}  # fmt: skip
        return {"addTooltip": True, "addLegend": False, "type": "metric", "metric": metric}
    if panel.form == "table":
        return {"perPage": 10, "showPartialRows": False, "showMetricsAtAllLevels": False, "showTotal": False}
    if panel.form == "pie":
        return {"type": "pie", "addTooltip": True, "legendPosition": "right", "isDonut": True, "labels": {"show": True}}
    return _axes(panel)


def _axes(panel: Panel) -> Saved:
    kind = "histogram" if panel.form == "bars" else "line"
    category = {"id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": True,
                "scale": {"type": "linear"}, "labels": {"show": True, "filter": True, "truncate": 100},
                "title": {}}  # fmt: skip
    value = {"id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left", "show": True,
             "scale": {"type": "linear", "mode": "normal"}, "labels": {"show": True},
             "title": {"text": panel.measure.label}}  # fmt: skip
    series = {"show": True, "type": kind, "mode": "stacked" if kind == "histogram" else "normal",
              "data": {"label": panel.measure.label, "id": "1"}, "valueAxis": "ValueAxis-1",
              "drawLinesBetweenPoints": True, "showCircles": True, "lineWidth": 2}  # fmt: skip
    return {
        "type": kind,
        "grid": {"categoryLines": False},
        "categoryAxes": [category],
        "valueAxes": [value],
        "seriesParams": [series],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
    }


def _dashboard(dashboard: Dashboard) -> Saved:
    panels: list[Saved] = []
    references: list[Saved] = []
    for number, (panel, place) in enumerate(zip(dashboard.panels, _places(dashboard), strict=True), start=1):
        index = str(number)
        panels.append(
            {
                "version": "8.9.0",
                "type": "visualization",
                "gridData": place | {"i": index},
                "panelIndex": index,
                "embeddableConfig": {"enhancements": {}},
                "panelRefName": f"panel_{index}",
            }
        )
        references.append({"name": f"{index}:panel_{index}", "type": "visualization", "id": panel_id(panel)})
    attributes = {
        "title": dashboard.title,
        "description": dashboard.description,
        "version": 1,
        "timeRestore": True,
        "timeFrom": "now-7d",
        "timeTo": "now",
        "optionsJSON": _packed({"useMargins": True, "hidePanelTitles": False}),
        "panelsJSON": _packed(panels),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _packed({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
    }
    return _saved("dashboard", dashboard.id, attributes, references)


def _places(dashboard: Dashboard) -> Iterator[dict[str, int]]:
    """Where each panel stands: rows of 48 columns, a new row where the next one does not fit."""
    x = y = row = 0
    for panel in dashboard.panels:
        if x + panel.width > COLUMNS:
            x, y, row = 0, y + row, 0
        yield {"x": x, "y": y, "w": panel.width, "h": panel.height}
        x, row = x + panel.width, max(row, panel.height)


def _packed(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    """Write the file."""
    FILE.write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
