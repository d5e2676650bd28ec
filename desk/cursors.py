"""Cursors of lists: the sort values of the last document of a page, as an opaque word."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.errors import FieldError, InvalidItem


def make_cursor(values: Sequence[Any]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def may_lack(key: Mapping[str, Any]) -> bool:
    """Of a sort key: whether documents without the field are sorted too; their value is null."""
    return any(isinstance(how, Mapping) and "missing" in how for how in key.values())


def read_cursor(cursor: str, nullable: Sequence[bool]) -> list[Any]:
    """The sort values of a cursor, one for each of ``nullable``, null only where that says so. Raises InvalidItem."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != len(nullable):
        raise wrong_cursor()
    fits = [
        isinstance(value, int | str) or (value is None and free) for value, free in zip(values, nullable, strict=True)
    ]
    if not all(fits):
        raise wrong_cursor()
    return values


def wrong_cursor() -> InvalidItem:
    """What is said of a cursor that is none, or of another list."""
    return InvalidItem(
        [FieldError("cursor", "not a cursor of this list; leave it out to begin", "翻页标记无效，请从第一页开始")]
    )
