"""What the dashboards show, as data: one definition gives Kibana's saved object and the query that the test runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Form = Literal["metric", "pie", "bars", "lines", "table"]
Order = Literal["measure", "key"]
Filters = Mapping[str, Any]
"""Field to value; a value of True or False is a flag."""
MOST_BUCKETS = 20


@dataclass(frozen=True, slots=True)
class Split:
    """How documents are told apart: by time (``interval``, a calendar unit) or by the terms of a field."""

    field: str
    label: str
    interval: Literal["", "hour", "day"] = ""
    size: int = MOST_BUCKETS


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted; ``count`` counts documents and has no field."""

    kind: Literal["count", "avg", "max", "percentiles", "sum"] = "count"
    field: str = ""
    label: str = "条数"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a dashboard over one alias. ``width`` and ``height`` in Kibana's grid of 48 columns."""

    id: str
    title: str
    alias: str
    form: Form
    splits: tuple[Split, ...] = ()
    measure: Measure = field(default_factory=Measure)
    filters: Filters = field(default_factory=dict)
    width: int = 24
    height: int = 14


@dataclass(frozen=True, slots=True)
class DataView:
    """An alias as Kibana knows it."""

    alias: str
    title: str
    time_field: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Panels from left to right and down."""

    id: str
    title: str
    description: str
    panels: tuple[Panel, ...]


VIEWS = (
    DataView("items", "汇要 信息", "received_at"),
    DataView("incidents", "汇要 突发事件", "opened_at"),
    DataView("alerts", "汇要 预警", "raised_at"),
    DataView("duty", "汇要 报送台账", "cutoff"),
    DataView("bulletins", "汇要 刊物", "made_at"),
)

_HOURLY = Split("received_at", "收到时间", interval="hour")
_LANE = Split("lane", "来源")
_CATEGORY = Split("category", "类别")
_LATE: Filters = {"timeliness.verdict": "late"}
_POSTS: Filters = {"lane": "opinion"}

INFORMATION = Dashboard(
    "huiyao-information",
    "汇要 信息总览",
    "各渠道信息的数量、类别、突发事件和核校意见",
    (
        Panel("items-total", "信息总数", "items", "metric", width=12, height=8),
        Panel(
            "items-emergencies", "突发事件信息", "items", "metric",
            filters={"emergency.is_emergency": True}, width=12, height=8,
        ),
        Panel("items-unsure", "类别存疑", "items", "metric", filters={"abstained": True}, width=12, height=8),
        Panel("items-late", "迟报", "items", "metric", filters=_LATE, width=12, height=8),
        Panel("items-hourly", "每小时信息数量", "items", "bars", (_HOURLY, _LANE), width=48),
        Panel("items-category", "类别分布", "items", "pie", (_CATEGORY,)),
        Panel("items-lane-category", "来源与类别", "items", "bars", (_CATEGORY, _LANE)),
        Panel("items-departments", "各单位报送件数", "items", "table", (Split("source_name", "单位"),),
              filters={"lane": "report"}),
        Panel("items-findings", "核校意见种类", "items", "table", (Split("findings.check", "核校意见"),)),
        Panel("items-types", "突发事件类型", "items", "bars",
              (Split("emergency.event_type", "类型"), Split("emergency.level", "级别"))),
        Panel("items-places", "涉及地点", "items", "table", (Split("facts.places", "地点"),)),
    ),
)  # fmt: skip

OPINION = Dashboard(
    "huiyao-opinion",
    "汇要 网络舆情",
    "舆情数量、主题、倾向和热点；只统计信息，不统计人",
    (
        Panel("opinion-total", "舆情条数", "items", "metric", filters=_POSTS, width=16, height=8),
        Panel("opinion-negative", "负面条数", "items", "metric",
              filters={**_POSTS, "opinion.sentiment": "neg"}, width=16, height=8),
        Panel("opinion-sensitivity", "最高敏感度", "items", "metric",
              measure=Measure("max", "opinion.sensitivity", "敏感度"), filters=_POSTS, width=16, height=8),
        Panel("opinion-hourly", "每小时舆情数量", "items", "lines", (_HOURLY,), filters=_POSTS, width=48),
        Panel("opinion-themes", "主题与倾向", "items", "bars",
              (Split("opinion.theme", "主题"), Split("opinion.sentiment", "倾向")), filters=_POSTS),
        Panel("opinion-tones", "倾向分布", "items", "pie", (Split("opinion.sentiment", "倾向"),), filters=_POSTS),
        Panel("opinion-sites", "来源网站", "items", "table", (Split("source_name", "来源"),), filters=_POSTS),
        Panel("opinion-stories", "热点（同一事件的条数）", "items", "table",
              (Split("story", "事件"), _LANE), filters=_POSTS),
    ),
)  # fmt: skip

DUTY = Dashboard(
    "huiyao-duty",
    "汇要 值班与运行",
    "报送台账、突发事件、预警送达和处理时延",
    (
        Panel("duty-states", "报送状态", "duty", "pie", (Split("state", "状态"),)),
        Panel("duty-departments", "各单位报送状态", "duty", "table",
              (Split("department_name", "单位"), Split("state", "状态"))),
        Panel("incidents-open", "未办结事件", "incidents", "metric", filters={"closed": False}, width=12, height=8),
        Panel("incidents-level", "事件级别", "incidents", "pie", (Split("level", "级别"),), width=18),
        Panel("incidents-stage", "事件阶段", "incidents", "bars", (Split("stage", "阶段"),), width=18),
        Panel("alerts-open", "未签收预警", "alerts", "metric", filters={"acknowledged": False}, width=12, height=8),
        Panel("alerts-delivery", "预警送达", "alerts", "pie", (Split("delivery_state", "送达"),), width=18),
        Panel("alerts-channels", "各渠道送达结果", "alerts", "table",
              (Split("deliveries.channel", "渠道"), Split("deliveries.outcome", "结果")), width=18),
        Panel("timeliness-rules", "时效", "items", "bars",
              (Split("timeliness.rule", "规则"), Split("timeliness.verdict", "结论")), filters={"lane": "report"}),
        Panel("timeliness-elapsed", "报送用时（秒，百分位）", "items", "table",
              (Split("timeliness.rule", "规则"),),
              measure=Measure("percentiles", "timeliness.elapsed_s", "用时"), filters={"lane": "report"}),
        Panel("pipeline-rules", "研判规则版本", "items", "table", (Split("rules_version", "版本"),)),
        Panel("pipeline-status", "信息处理状态", "items", "pie", (Split("status", "状态"),)),
    ),
)  # fmt: skip

DASHBOARDS = (INFORMATION, OPINION, DUTY)


def order(panel: Panel) -> Order:
    """What its buckets are ordered by: percentiles are several numbers, by which Elasticsearch orders nothing."""
    return "key" if panel.measure.kind == "percentiles" else "measure"


def query(panel: Panel) -> dict[str, Any]:
    """The search behind a panel as Kibana asks it: aggregations in the order of the splits, the measure in each."""
    measure = panel.measure
    measured = {} if measure.kind == "count" else {"measure": {measure.kind: {"field": measure.field}}}
    by = {"_key": "asc"} if order(panel) == "key" else {"measure" if measured else "_count": "desc"}
    inner: dict[str, Any] = measured
    for split in reversed(panel.splits):
        own: dict[str, Any] = {"terms": {"field": split.field, "size": split.size, "order": by}}
        if split.interval:
            own = {"date_histogram": {"field": split.field, "calendar_interval": split.interval, "min_doc_count": 1}}
        inner = measured | {"split": own | ({"aggs": inner} if inner else {})}
    body: dict[str, Any] = {"size": 0, "track_total_hits": True}
    body["query"] = {"bool": {"filter": [{"term": {name: value}} for name, value in panel.filters.items()]}}
    return body | ({"aggs": inner} if inner else {})


def fields(panel: Panel) -> set[str]:
    """Every field that a panel names."""
    named = {split.field for split in panel.splits} | set(panel.filters)
    return named | ({panel.measure.field} if panel.measure.field else set())
