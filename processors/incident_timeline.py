"""The course of an incident, told from its present state alone: after a replay it is as complete as before. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.base import CHINA
from schemas.incident import FigureChange, Incident, IncidentAct, IncidentSource
from schemas.vocab import Kind, Lane

FIGURE_NAMES = {
    "deaths": "死亡", "injured": "受伤", "missing": "失联", "trapped": "被困", "serious_injuries": "重伤",
    "evacuated": "转移", "direct_loss": "直接损失", "participants": "参与", "magnitude": "震级", "households": "受灾户",
    "cases": "病例", "area_forest": "过火面积", "hours": "持续时间",
}  # fmt: skip
_ACTS = {
    "confirm": "核实属实", "reject": "核实不属实", "close": "办结", "reopen": "重新打开", "merge": "并入其他事件",
    "split": "拆出", "report_up": "上报", "undo": "撤销前一决定",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when it was known, what sort of thing it is, who, and what in words; ``ref`` is item or decision."""

    at: datetime
    what: str
    who: str
    text: str
    ref: str


def timeline(incident: Incident) -> list[Entry]:
    """Calls, items, figures that moved or contradict, merges and people's decisions, by time."""
    found = [*_onset(incident), *_calls(incident), *map(_item, incident.sources)]
    found += [_figure(one, incident) for one in incident.changes]
    found += [_act(one) for one in incident.acts]
    found += [
        Entry(one.at, "merged", "系统", f"并入一起待核实事件，含{len(one.item_ids)}条信息", one.incident)
        for one in incident.merged
        if one.decision_id is None
    ]
    return sorted(found, key=lambda entry: (entry.at, _WHAT.index(entry.what), entry.ref))


_WHAT = ("onset", "call", "item", "figure", "contradiction", "merged", "act")


def _onset(incident: Incident) -> Iterator[Entry]:
    onset = incident.facts.event_time
    if onset is not None:
        yield Entry(onset.start.astimezone(CHINA), "onset", "", "事发", incident.incident)


def _calls(incident: Incident) -> Iterator[Entry]:
    for call in incident.calls:
        yield Entry(call.called_at, "call", call.department, f"电话报告：{call.title}", call.call_id)


def _item(source: IncidentSource) -> Entry:
    name = source.kind.label if source.kind else source.lane.label
    if source.kind is Kind.FOLLOW_UP and source.number:
        name = f"续报（第{source.number}次）"
    missing = f"（缺：{'、'.join(source.missing_elements)}）" if source.missing_elements else ""
    doubts = f"（疑点：{'；'.join(source.doubts)}）" if source.doubts else ""
    unsigned = "" if source.lane is Lane.REPORT else "（未经部门核实）"
    return Entry(
        source.received_at, "item", source.source, f"{name}：{source.title}{unsigned}{missing}{doubts}", source.item_id
    )


def _figure(change: FigureChange, incident: Incident) -> Entry:
    received = {one.item_id: one.received_at for one in incident.sources}
    at = change.at or received.get(change.item_id) or incident.changed_at
    name = FIGURE_NAMES.get(change.figure, change.figure)
    before, after = ("未报" if value is None else f"{value:g}" for value in (change.before, change.after))
    if change.contradiction:
        return Entry(at, "contradiction", "", f"{name}说法不一：现为{before}，另一来源称{after}", change.item_id)
    return Entry(at, "figure", "", f"{name}由{before}改为{after}", change.item_id)


def _act(act: IncidentAct) -> Entry:
    words = _ACTS.get(act.action, act.action)
    if act.side is not None:
        words = f"{words}（{act.side.label}）"
    reason = f"：{act.reason}" if act.reason else ""
    undone = "（已撤销）" if act.undone else ""
    return Entry(act.at, "act", act.by, f"{words}{reason}{undone}", act.decision_id)
