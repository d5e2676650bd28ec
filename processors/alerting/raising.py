"""Whether a change of an incident must reach people at all, and the alert that says it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.alert import Alert, AlertReason
from schemas.ids import digest
from schemas.incident import FigureChange, Incident, IncidentSource
from schemas.vocab import Category

STALE_AFTER = timedelta(hours=24)
"""Older news is recorded and not sent (district.toml ``alerts.stale_after_h``)."""
FIGURE_NAMES = {
    "deaths": "死亡", "injured": "受伤", "missing": "失联", "trapped": "被困", "serious_injuries": "重伤",
    "evacuated": "转移", "direct_loss": "直接损失", "participants": "参与", "magnitude": "震级", "households": "受灾户",
    "cases": "病例", "area_forest": "过火面积", "hours": "持续时间",
}  # fmt: skip
_UNITS = {
    "direct_loss": "万元", "magnitude": "级", "households": "户", "cases": "例", "area_forest": "公顷", "hours": "小时",
}  # fmt: skip
_IN_HEAD = ("deaths", "injured", "missing", "trapped", "evacuated")
TITLE_LIMIT = 60


class Verdict(StrEnum):
    """What to do with one state of an incident, and why."""

    SEND = "send"
    ALREADY_RAISED = "already_raised"
    NOTHING_NEW = "nothing_new"
    ELSEWHERE = "elsewhere"
    STALE = "stale"
    """Recorded, not sent: a backfill is no news."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict, and the alert where there is one (``SEND`` and ``STALE``)."""

    verdict: Verdict
    alert: Alert | None = None
    detail: str = ""


Raised = Mapping[str, Sequence[Alert]]
"""Alerts raised so far, by incident."""


def raise_alert(raised: Raised, incident: Incident, now: datetime, stale_after: timedelta = STALE_AFTER) -> Ruling:
    """Each (incident, alert_version) once. ``now``: the instance's clock at the record's own time."""
    before = raised.get(incident.incident, ())
    if any(alert.alert_version == incident.alert_version for alert in before):
        return Ruling(Verdict.ALREADY_RAISED)
    if any(alert.alert_version > incident.alert_version for alert in before):
        return Ruling(Verdict.NOTHING_NEW)
    if incident.in_district is False:
        return Ruling(Verdict.ELSEWHERE)
    alert = compose(incident, max(before, key=lambda one: one.alert_version, default=None), now)
    age = now - news_time(incident)
    if age > stale_after:
        return Ruling(Verdict.STALE, alert, f"消息时间距今{age.days}天{age.seconds // 3600}小时，只记录不发送")
    return Ruling(Verdict.SEND, alert)


def news_time(incident: Incident) -> datetime:
    """When what changed the incident was news: the earlier of its publication and the change."""
    source = _cause(incident)
    if source is None or source.published_at is None:
        return incident.changed_at
    return min(incident.changed_at, source.published_at)


def compose(incident: Incident, last: Alert | None, now: datetime) -> Alert:
    """The alert of one state; its id is the same for every replay."""
    source = _cause(incident)
    return Alert(
        alert_id=alert_id(incident.incident, incident.alert_version),
        incident=incident.incident,
        alert_version=incident.alert_version,
        district=incident.district,
        level=incident.level,
        stage=incident.stage,
        reason=reason(incident, last),
        title=_title(incident),
        text=_text(incident),
        doubts=_doubts(incident),
        item_ids=tuple(one.item_id for one in incident.sources),
        signed=incident.signed,
        raised_at=now,
        item_received_at=source.received_at if source else None,
        news_at=news_time(incident),
        lanes=tuple(dict.fromkeys(one.lane for one in incident.sources)),
        kinds=tuple(dict.fromkeys(one.kind for one in incident.sources if one.kind is not None)),
        category=Category.URGENT,
        event_class=incident.event_class,
        event_type=incident.event_type,
        places=incident.facts.places or ((incident.place,) if incident.place else ()),
        sources=tuple(dict.fromkeys(one.source for one in incident.sources)),
    )


def alert_id(incident: str, version: int) -> str:
    """Deterministic over incident and alert version."""
    return digest("alert", incident, str(version))


def reason(incident: Incident, last: Alert | None) -> AlertReason:
    """The weightiest change since the last alert of the incident."""
    if incident.closed:  # by its final report, by a person, or because it went into another
        return AlertReason.ALL_CLEAR
    if last is None:
        return AlertReason.NEW
    if last.level != incident.level:
        return AlertReason.LEVEL_CHANGED
    if last.stage is not incident.stage:
        return AlertReason.STAGE_CHANGED
    return AlertReason.FIGURES_CHANGED


def _cause(incident: Incident) -> IncidentSource | None:
    return next((one for one in incident.sources if incident.cause_event.startswith(one.item_id)), None)


def _title(incident: Incident) -> str:
    level = incident.level.label if incident.level else "级别待定"
    return f"【{incident.stage.label}·{level}】{incident.title[:TITLE_LIMIT]}"


def _text(incident: Incident) -> str:
    if incident.merged_into:
        return "与另一条是同一事件，已并入；不再单独提醒。"
    parts = [incident.event_type or (incident.event_class.value if incident.event_class else "突发事件")]
    if incident.place:
        parts.append(incident.place)
    figures = [_figure(name, getattr(incident.facts, name)) for name in _IN_HEAD]
    parts.append("、".join(one for one in figures if one) or "伤亡情况未报")
    parts += [_change(one) for one in incident.changes if incident.cause_event.startswith(one.item_id)]
    if not incident.signed:
        parts.append("来自媒体或网络，未经部门核实")
    return "；".join(parts) + "。"


def _figure(name: str, value: float | None) -> str:
    return "" if value is None else f"{FIGURE_NAMES[name]}{value:g}{_UNITS.get(name, '人')}"


def _change(change: FigureChange) -> str:
    before, after = ("未报" if value is None else f"{value:g}" for value in (change.before, change.after))
    name = FIGURE_NAMES.get(change.figure, change.figure)
    if change.contradiction:
        return f"{name}数说法不一：现为{before}，另一来源称{after}"
    return f"{name}由{before}改为{after}"


def _doubts(incident: Incident) -> tuple[str, ...]:
    said = [doubt for source in incident.sources for doubt in source.doubts]
    said += [_change(one) for one in incident.changes if one.contradiction]
    return tuple(dict.fromkeys(said))
