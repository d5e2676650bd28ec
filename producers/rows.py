"""A row of a file: a payload that may be submitted, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import FieldError

MAX_ROWS = 10_000
"""Reports in one file; all of the district's departments send fewer in a year of months."""


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` is the physical line or row from 1 (0: the file). Without a payload there are errors; ``read`` holds
    the fields that could be read all the same, for a person to mend the others."""

    line: int
    payload: Mapping[str, Any] | None
    errors: tuple[FieldError, ...] = ()
    note: str = ""
    read: Mapping[str, Any] = field(default_factory=dict)


def refused(line: int, field: str, english: str, chinese: str) -> Row:
    """A row that cannot be submitted."""
    return Row(line, None, (FieldError(field, english, chinese),))


def too_many(line: int, most: int = MAX_ROWS) -> Row:
    """The row after which nothing more is read."""
    return refused(line, "file", f"has more than {most} reports; split it", f"超过 {most} 条，其余未读取")
