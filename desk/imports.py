"""Reports from a file or from pasted cells, for the reporter's form: a document fills it, a table becomes rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from desk.filetypes import AttachmentRules, kind_of
from producers.columns import SHOWN
from producers.docx import read_letter
from producers.rows import Row
from producers.sheets import read_pasted, read_sheet
from producers.times import parse_time
from schemas.base import CHINA
from schemas.errors import FieldError, InvalidItem

FILE_BYTES = 8 * 1024 * 1024
UNPACKED = 32 * 1024 * 1024
"""A form reads for one person who waits; larger files go through ``huiyao report send``."""
MOST_ROWS = 50
ROW_FIELDS = (
    "source",
    "kind",
    "title",
    "text",
    "published_at",
    "known_at",
    "phoned_at",
    "incident",
    "id",
    "updated_at",
)
"""What a row of the preview carries."""
NEEDED = frozenset({"text"})
"""Columns that a table must have here: the account says whose reports they are, the clock of when."""
_RULES = AttachmentRules(Path(), each_bytes=FILE_BYTES, kinds=("docx", "xlsx"))


@dataclass(frozen=True, slots=True)
class Sent:
    """One row as the preview shows it: ``line`` of the table, the fields as text, and what is wrong by field."""

    line: int
    given: Mapping[str, str]
    errors: tuple[FieldError, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What is wrong, by row and field: 第3行 类型：取值不对."""
        return tuple(worded(self.line, one) for one in self.errors)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds: fields of one report, or rows."""

    letter: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Sent, ...] = ()
    note: str = ""


def worded(line: int, error: FieldError) -> str:
    """An error by row and field."""
    name = SHOWN.get(error.field, "")
    return f"第{line}行{f' {name}' if name else ''}：{error.message_zh}" if line else error.message_zh


def from_file(name: str, data: bytes) -> Imported:
    """A .docx or .xlsx, told by its bytes. Raises InvalidItem."""
    if kind_of(name, data, _RULES) == "docx":
        letter, note = read_letter(data, UNPACKED)
        return Imported(letter=letter, note=note)
    return Imported(rows=_listed(read_sheet(data, NEEDED, most=MOST_ROWS, unpacked=UNPACKED)))


def from_pasted(text: str) -> Imported:
    """Cells copied from a spreadsheet, header first. Raises InvalidItem."""
    return Imported(rows=_listed(read_pasted(text, NEEDED, most=MOST_ROWS)))


def _listed(rows: Iterable[Row]) -> tuple[Sent, ...]:
    found = tuple(_sent(row) for row in rows)
    if not found:
        raise InvalidItem([FieldError("file", "has no rows below its header", "表头下面没有内容")])
    return found


def _sent(row: Row) -> Sent:
    given = {name: str(row.read.get(name) or "") for name in ROW_FIELDS}
    given["published_at"] = local_time(given["published_at"], " ") or given["published_at"]
    return Sent(row.line, given, row.errors)


def local_time(given: str, between: str = "T") -> str:
    """A time as people here write it, to be mended in a form; "" for what is none.

    To the second where it has seconds: the time is a report's version, so a file looked over here and the same file
    sent by ``huiyao report send`` are the same report.
    """
    moment = parse_time(given)
    if moment is None:
        return ""
    there = moment.astimezone(CHINA).replace(tzinfo=None)
    exact = there.second or there.microsecond
    return there.isoformat(between, "auto" if exact else "minutes")
