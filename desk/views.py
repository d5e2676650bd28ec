"""How documents are shown: filters and names for the templates, and marks in texts. Everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from schemas.alert import Outcome
from schemas.base import CHINA
from schemas.vocab import Category, Check, Kind, Lane, LedgerState, Level, Stage

FIGURES = {
    "deaths": "死亡",
    "missing": "失踪",
    "trapped": "被困",
    "injured": "受伤",
    "serious_injuries": "其中重伤",
    "evacuated": "转移",
    "participants": "聚集",
    "households": "影响户数",
    "direct_loss": "直接损失（万元）",
    "magnitude": "震级",
    "area_forest": "受害森林（公顷）",
}
_OUTCOMES = {Outcome.DELIVERED: "已送达", Outcome.FAILED: "未送达", Outcome.UNKNOWN: "是否送达不明"}


def clock(value: str | None) -> str:
    """11月20日 14:52"""
    if not value:
        return ""
    moment = datetime.fromisoformat(value).astimezone(CHINA)
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def figures(facts: Mapping[str, Any] | None) -> str:
    """The stated figures in a line; what was not stated is left out."""
    stated = [(name, (facts or {}).get(key)) for key, name in FIGURES.items()]
    return "，".join(f"{name}{number:g}" for name, number in stated if number is not None)


def safe_url(url: str) -> str:
    """Only web addresses become links: a javascript: address of a feed leads nowhere."""
    return url if url.startswith(("http://", "https://")) else "#"


def marked(text: str, spans: Sequence[tuple[int, int, str, str]]) -> Markup:
    """The text, escaped, with (start, end, class, title) marked; overlapping spans after the first are left out."""
    parts: list[Markup] = []
    last = 0
    for start, end, kind, title in sorted(spans):
        if start < last or end > len(text) or start >= end:
            continue
        parts += [escape(text[last:start])]
        parts += [Markup('<mark class="{}" title="{}">{}</mark>').format(kind, title, text[start:end])]
        last = end
    return Markup("").join([*parts, escape(text[last:])])


def spans_of(item: Mapping[str, Any], field: str) -> list[tuple[int, int, str, str]]:
    """What is marked in a field: findings first, then why it is an emergency, then why the category."""
    found = [
        (f["start"], f["end"], "finding", f"{Check(f['check']).label}：{f['message']}")
        for f in item.get("findings") or []
        if f["field"] == field
    ]
    emergency = (item.get("emergency") or {}).get("reasons") or []
    found += [(r["start"], r["end"], "emergency", r["rule"]) for r in emergency if r["field"] == field]
    found += [(r["start"], r["end"], "category", r["rule"]) for r in item.get("reasons") or [] if r["field"] == field]
    return found


def environment() -> Environment:
    """The templates with their filters and names."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clock": clock,
        "figures": figures,
        "figure_name": lambda key: FIGURES.get(key, key),
        "safe_url": safe_url,
    }
    made.globals |= {
        "lane_names": {one.value: one.label for one in Lane},
        "kind_names": {one.value: one.label for one in Kind},
        "level_names": {one.value: one.label for one in Level},
        "stage_names": {one.value: one.label for one in Stage},
        "state_names": {one.value: one.label for one in LedgerState},
        "check_names": {one.value: one.label for one in Check},
        "outcome_names": {one.value: name for one, name in _OUTCOMES.items()},
        "verdict_names": {"on_time": "按时", "late": "迟报", "not_applicable": "不计时限"},
        "categories": [one.value for one in Category],
    }
    return made
