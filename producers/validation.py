"""What may be wrong with a submission, in both languages, naming what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from producers.times import EARLIEST
from schemas.errors import FieldError, InvalidItem, ItemTooLarge
from schemas.item import TEXT_LIMIT, Item, Submission
from schemas.vocab import Lane

TIME_FIELDS = ("published_at", "updated_at", "known_at", "phoned_at")
IGNORED_FIELDS = ("received_at",)
"""Arrival is the broker's word: a sender's value is dropped unread (CONTRACT.md)."""

_MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("is missing; add it", "缺少此字段，请补充"),
    "extra_forbidden": (
        "is not a field of a report; remove it or correct its name",
        "非报送字段，请删除或改名",
    ),
    "string_type": ("must be text", "应为文字"),
    "string_unicode": ("contains broken characters; send UTF-8", "含有无效字符，请用 UTF-8 编码"),
    "enum": ("is not one of the allowed values: {expected}", "取值不对，应为：{expected}"),
    "too_long": ("is not given by senders; attach files on the desk's form", "附件请在“报送”页面添加"),
    "string_too_long": ("has more than {max_length} characters; shorten it", "超过 {max_length} 字，请缩短"),
}
_BAD_TIME = (
    "is not a time; write it like 2026-11-20T08:30:00+08:00",
    "不是有效时间，请写成 2026-11-20T08:30:00+08:00",
)


class NotJson(InvalidItem):
    """The bytes are not one JSON object (syntax, before any field is looked at)."""

    status = 400


def read_json(data: bytes) -> Mapping[str, Any]:
    """One JSON object. Raises NotJson."""
    try:
        value = from_json(data)
    except ValueError as error:
        detail = str(error).partition(" at line")
        where = f"at line{detail[2]}" if detail[1] else ""
        raise NotJson([FieldError("", f"not JSON {where}".strip(), "不是有效的 JSON，请检查格式")]) from None
    if not isinstance(value, dict):
        raise NotJson([FieldError("", "must be one JSON object", "应为一个 JSON 对象")])
    return value


def validate(payload: Mapping[str, Any], *, now: datetime, future: timedelta) -> Submission:
    """A report as submitted. ``future``: how far ahead of ``now`` a time may lie. Raises InvalidItem, ItemTooLarge."""
    fields = {name: value for name, value in payload.items() if name not in IGNORED_FIELDS}
    errors = _times_as_text(fields)
    try:
        item = Submission.model_validate(fields)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_context=True, include_input=False)
        found = errors + [_translate(e) for e in listed if e["loc"][:1] not in {(known.field,) for known in errors}]
        raise _too_large_or_invalid(fields, found) from None
    errors += [found for found in _sense(item, now, future) if found.field not in {known.field for known in errors}]
    if errors:
        raise InvalidItem(errors)
    return item


def _times_as_text(fields: Mapping[str, Any]) -> list[FieldError]:
    """A number, or digits alone, would be read as seconds since 1970: 20261120 is not what a clerk means by it."""
    return [
        FieldError(name, *_BAD_TIME)
        for name in TIME_FIELDS
        if isinstance(value := fields.get(name), (int, float))
        or (isinstance(value, str) and value.strip().lstrip("+-").replace(".", "").isdigit())
    ]


def _translate(error: ErrorDetails) -> FieldError:
    path = ".".join(str(part) for part in error["loc"])
    kind, context = error["type"], error.get("ctx") or {}
    if kind.startswith(("datetime", "date", "timezone")):
        return FieldError(path, *_BAD_TIME)
    english, chinese = _MESSAGES.get(kind, (error["msg"], "内容不符合要求，请检查"))
    return FieldError(path, english.format_map(context), chinese.format_map(context))


def _too_large_or_invalid(fields: Mapping[str, Any], errors: list[FieldError]) -> InvalidItem:
    text = fields.get("text")
    return ItemTooLarge(errors) if isinstance(text, str) and len(text) > TEXT_LIMIT else InvalidItem(errors)


def _sense(item: Item, now: datetime, future: timedelta) -> list[FieldError]:
    errors = []
    if item.lane is not Lane.REPORT:
        errors.append(FieldError("lane", "must be report here", "此处只接收部门报送，应为 report"))
    if not (item.title.strip() or item.text.strip()):
        errors.append(FieldError("text", "is empty; write the report", "正文为空，请填写"))
    for name in TIME_FIELDS:
        value: datetime | None = getattr(item, name)
        if value is not None and value > now + future:
            errors.append(FieldError(name, "lies in the future; correct it", "时间在将来，请更正"))
        elif value is not None and value < EARLIEST:
            errors.append(FieldError(name, "is before the year 2000; correct it", "时间早于2000年，请更正"))
    if item.updated_at is not None and item.updated_at < item.published_at:
        errors.append(FieldError("updated_at", "is before published_at; correct it", "更正时间早于报送时间，请更正"))
    return errors
