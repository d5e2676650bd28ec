"""Names of columns and words of values as departments write them in files, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from producers.times import parse_time
from producers.validation import TIME_FIELDS
from schemas.errors import FieldError
from schemas.vocab import Kind, Lane

_NAMES = {
    "id": "编号 信息编号",
    "source": "单位 部门 报送单位 报送部门 来源",
    "title": "标题 题目 信息标题",
    "text": "正文 内容 信息内容 信息正文",
    "published_at": "时间 报送时间 发布时间 上报时间 日期",
    "updated_at": "更正时间 更新时间 修改时间",
    "known_at": "获悉时间 知悉时间 接报时间",
    "phoned_at": "电话报告时间 电话时间",
    "kind": "类型 类别 报送类型 报告类型",
    "incident": "事件 事件编号 关联事件",
    "url": "链接 网址",
}
FIELD_BY_NAME = {name: field for field, names in _NAMES.items() for name in (field, *names.split())}
"""Every name a column may have. 序号 is none: lists start at 1 each time, so it is no id."""
SHOWN = {
    "source": "单位", "title": "标题", "text": "正文", "published_at": "时间", "kind": "类型", "incident": "事件编号",
    "known_at": "获悉时间", "phoned_at": "电话报告时间", "updated_at": "更正时间", "id": "编号", "url": "链接",
}  # fmt: skip
"""What the fields are called to people."""
NEEDED = frozenset({"source", "text", "published_at"})
"""Fields that a table must have where nobody else says whose reports they are and of when."""
_KINDS = {kind.value: kind.value for kind in Kind} | {kind.label: kind.value for kind in Kind}
_KINDS |= {"普通信息": "normal", "一般": "normal", "初报": "first", "终结报告": "final", "结报": "final"}


def field_of(name: object) -> str | None:
    """The field that a column's name means; None for a column that is not ours."""
    text = str(name or "").strip().strip("：:＊*").strip().lower()
    return FIELD_BY_NAME.get(text)


def header(cells: Sequence[object], needed: frozenset[str] = NEEDED) -> list[str | None] | None:
    """The fields of a header row, or None where the row is no header: it must name the ``needed`` ones."""
    found = [field_of(cell) for cell in cells]
    return found if needed <= set(found) else None


def named(names: Sequence[str | None], cells: Sequence[Any]) -> dict[str, Any]:
    """Cells by field; where two columns mean the same field the first that is filled counts."""
    raw: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if name is not None and (raw.get(name) is None or raw[name] == ""):
            raw[name] = cell
    return raw


def fields(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldError]]:
    """A submission's fields from cells: empty cells are left out, times and kinds are read."""
    payload: dict[str, Any] = {"lane": Lane.REPORT.value, "text": ""}
    errors = []
    for field, value in raw.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if field in TIME_FIELDS:
            moment = parse_time(value)
            payload[field] = moment.isoformat() if moment else None
            if moment is None:
                errors.append(FieldError(field, "is not a time; write it like 2026-11-20 08:30", _NOT_A_TIME))
        elif field == "kind":
            payload[field] = _KINDS.get(str(value).strip(), str(value))
        else:
            payload[field] = _text(value)
    return payload, errors


_NOT_A_TIME = "不是有效时间，请写成 2026-11-20 08:30 或 2026年11月20日8时30分"


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a spreadsheet keeps the number 12 as 12.0
    return value.isoformat() if isinstance(value, (datetime, date)) else str(value).strip()
