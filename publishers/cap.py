"""Alerts as CAP 1.2 documents (OASIS Common Alerting Protocol) and an Atom feed of them (RFC 4287).

Documents are of one state: a later state is an ``Update`` that refers to those before it; the all-clear is an
``Update`` with ``AllClear``, since ``Cancel`` would say that the earlier message was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

from schemas.alert import Alert, AlertReason
from schemas.base import CHINA
from schemas.vocab import EventClass, Level

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"
VALID = timedelta(hours=24)
"""How long a document is of use where nothing newer comes; as long as news is news (``alerts.stale_after_h``)."""
_SEVERITY = {Level.I: "Extreme", Level.II: "Severe", Level.III: "Moderate", Level.IV: "Minor"}
_CATEGORY = {
    EventClass.NATURAL: "Geo", EventClass.ACCIDENT: "Safety", EventClass.HEALTH: "Health",
    EventClass.SECURITY: "Security",
}  # fmt: skip
_BY_WORD = {
    "Fire": "火", "Transport": "交通 航空", "Infra": "停电 停水 通信", "Env": "污染", "CBRNE": "核 危险化学",
    "Met": "暴雨 台风 风雹 雨雪 雷击 高温 干旱 洪 内涝",
}  # fmt: skip
"""Words of event types (event_types.tsv), first match."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_ID = re.compile(r"[\s,<&]")


def document(alert: Alert, before: Sequence[Alert] = (), *, sender_name: str, exercise: bool = False) -> bytes:
    """The CAP document of one alert, elements in the schema's order. ``before``: earlier alerts of the incident."""
    root = ET.Element(f"{{{CAP}}}alert")
    earlier = [one for one in before if one.alert_version < alert.alert_version]
    _add(root, "identifier", identifier(alert))
    _add(root, "sender", sender(alert))
    _add(root, "sent", moment(alert.raised_at))
    _add(root, "status", "Exercise" if exercise else "Actual")
    _add(root, "msgType", "Update" if earlier else "Alert")
    _add(root, "scope", "Restricted")
    _add(root, "restriction", "内部资料，注意保存")
    if alert.doubts:
        _add(root, "note", "；".join(alert.doubts))
    if earlier:
        _add(root, "references", " ".join(f"{sender(o)},{identifier(o)},{moment(o.raised_at)}" for o in earlier))
    _add(root, "incidents", _NOT_ID.sub("", alert.incident))
    _info(root, alert, sender_name)
    ET.register_namespace("", CAP)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def feed(alerts: Sequence[Alert], *, base: str, title: str, updated: datetime) -> bytes:
    """An Atom feed; each entry points to its document under ``base``. ``updated``: for a feed without entries."""
    root = ET.Element(f"{{{ATOM}}}feed")
    newest = max((one.raised_at for one in alerts), default=updated)
    for name, text in (("id", f"{base}/cap.atom"), ("title", title), ("updated", moment(newest))):
        _add(root, name, text, ATOM)
    _add(_add(root, "author", None, ATOM), "name", title, ATOM)
    ET.SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}/cap.atom"})
    for one in alerts:
        entry = _add(root, "entry", None, ATOM)
        for name, text in (
            ("id", f"urn:huiyao:{sender(one)}:{identifier(one)}"), ("title", one.title),
            ("updated", moment(one.raised_at)), ("published", moment(one.raised_at)), ("summary", one.text),
        ):  # fmt: skip
            _add(entry, name, text, ATOM)
        ET.SubElement(
            entry, f"{{{ATOM}}}link", {"rel": "alternate", "type": CAP_TYPE, "href": f"{base}/cap/{one.alert_id}"}
        )
    ET.register_namespace("", ATOM)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def identifier(alert: Alert) -> str:
    """Unique for the sender; no white space, comma, ``<`` or ``&`` (CAP 1.2, 3.2.1)."""
    return _NOT_ID.sub("", alert.alert_id)


def sender(alert: Alert) -> str:
    """Who the document is from."""
    return _NOT_ID.sub("", f"huiyao.{alert.district}")


def moment(value: datetime) -> str:
    """``2026-11-20T08:00:00+08:00``: whole seconds and an offset, never Z (CAP 1.2, 3.3.2)."""
    return value.astimezone(CHINA).replace(microsecond=0).isoformat()


def category(alert: Alert) -> str:
    """The nearest of CAP's categories."""
    words = alert.event_type or ""
    found = next((name for name, parts in _BY_WORD.items() if any(one in words for one in parts.split())), None)
    return found or _CATEGORY.get(alert.event_class or EventClass.ACCIDENT, "Other")


def _info(root: ET.Element, alert: Alert, sender_name: str) -> None:
    info = _add(root, "info", None)
    over = alert.reason is AlertReason.ALL_CLEAR
    _add(info, "language", "zh-CN")
    _add(info, "category", category(alert))
    _add(info, "event", alert.event_type or (alert.event_class.value if alert.event_class else "突发事件"))
    _add(info, "responseType", "AllClear" if over else "Assess")
    _add(info, "urgency", "Past" if over else "Immediate")
    _add(info, "severity", _SEVERITY[alert.level] if alert.level else "Unknown")
    _add(info, "certainty", "Observed" if alert.signed else "Possible")
    _add(info, "effective", moment(alert.raised_at))
    _add(info, "expires", moment(alert.raised_at + VALID))
    _add(info, "senderName", sender_name)
    _add(info, "headline", alert.title)
    _add(info, "description", alert.text)
    for name, value in (
        ("stage", alert.stage.label),
        ("reason", alert.reason.value),
        ("version", str(alert.alert_version)),
    ):
        parameter = _add(info, "parameter", None)
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    _add(_add(info, "area", None), "areaDesc", "、".join(alert.places) or "地点待核实")


def _add(parent: ET.Element, name: str, text: str | None, namespace: str = CAP) -> ET.Element:
    made = ET.SubElement(parent, f"{{{namespace}}}{name}")
    if text is not None:
        made.text = _NOT_XML.sub("", text)
    return made
