"""An assessment in words: what was read, how time was counted, what is doubtful and by which rule."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.assessment import Assessment, EventTime, Facts, Finding
from schemas.base import CHINA
from schemas.vocab import PiiKind, Precision

FIGURES = (
    ("deaths", "死亡", "人"),
    ("injured", "受伤", "人"),
    ("serious_injuries", "重伤", "人"),
    ("missing", "失踪", "人"),
    ("trapped", "被困", "人"),
    ("evacuated", "转移", "人"),
    ("direct_loss", "直接损失", "万元"),
    ("participants", "参与", "人"),
    ("magnitude", "震级", "级"),
    ("households", "户数", "户"),
    ("cases", "病例", "例"),
)
_PRECISIONS = {
    Precision.MINUTE: "分",
    Precision.HOUR: "时",
    Precision.PERIOD: "一段时间",
    Precision.DAY: "日",
    Precision.MONTH: "月",
}
_KINDS = {
    PiiKind.PHONE: "电话",
    PiiKind.ID_CARD: "身份证号",
    PiiKind.BANK_CARD: "银行卡号",
    PiiKind.PLATE: "车牌",
    PiiKind.EMAIL: "邮箱",
    PiiKind.ACCOUNT: "账号",
    PiiKind.ADDRESS: "住址",
    PiiKind.NAME: "姓名",
    PiiKind.HEALTH: "健康状况",
    PiiKind.OTHER: "其他",
}
_SHOWN = {
    Precision.MINUTE: "%Y-%m-%d %H:%M",
    Precision.HOUR: "%Y-%m-%d %H时",
    Precision.MONTH: "%Y-%m",
}


def tell(said: Assessment) -> list[str]:
    """Lines for a clerk: facts, level, time limit, doubts with their rules, personal data."""
    emergency = said.emergency
    lines = [*_facts(said.facts)]
    lines.append(f"定级：{emergency.level or '未定'} {emergency.level_rule or ''}".rstrip())
    lines.append(f"时限：{said.timeliness.explanation or said.timeliness.verdict}")
    lines += [_finding(finding) for finding in said.findings]
    if said.pii:
        kinds = sorted({_KINDS[one.kind] for one in said.pii})
        lines.append(f"个人信息：{len(said.pii)}处，入库前遮盖（{'、'.join(kinds)}）")
    return lines


def _facts(facts: Facts) -> Iterator[str]:
    yield f"事发时间：{_time(facts.event_time) if facts.event_time else '未写明'}"
    if facts.places:
        yield f"地点：{'、'.join(facts.places)}"
    figures = [f"{name}{getattr(facts, key):g}{unit}" for key, name, unit in FIGURES if getattr(facts, key) is not None]
    if figures:
        yield f"数字：{'，'.join(figures)}"


def _time(event_time: EventTime) -> str:
    local = event_time.start.astimezone(CHINA)
    shown = local.strftime(_SHOWN.get(event_time.precision, "%Y-%m-%d"))
    return f"{shown}（精确到{_PRECISIONS[event_time.precision]}）"


def _finding(finding: Finding) -> str:
    rule = f"［规则 {finding.rule}］" if finding.rule else ""
    quoted = f"“{finding.text}” " if finding.text and f"“{finding.text}”" not in finding.message else ""
    return f"{finding.check.label}：{quoted}{finding.message}{rule}"
