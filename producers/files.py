"""Reports from files: JSONL, CSV, XLSX, DOCX. One row, one report; a bad row is told and the rest goes on."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import load_workbook

from producers import columns
from producers.docx import read_docx
from producers.packages import check_package
from producers.reports import Receipt, ReportIntake
from producers.rows import MAX_ROWS, Row, refused, too_many
from producers.secrecy import secrecy_mark
from producers.validation import read_json
from producers.web.decode import decode
from schemas.errors import FieldError, InvalidItem
from schemas.item import TEXT_LIMIT
from schemas.topics import INPUT_LIMIT

__all__ = ["MAX_FILE", "Outcome", "Row", "read_file", "read_jsonl", "submit_file"]

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file as sent (not of JSONL, which is read line by line)."""
MAX_COLUMNS = 60
_HEADER_ROWS = 10
"""Rows in which the header may stand; above it there is often a title line."""


class NoHeader(InvalidItem):
    """A table without a row of names that are ours."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: a receipt or the errors. ``line`` counts from 1; ``note`` is worth telling."""

    line: int
    receipt: Receipt | None
    errors: tuple[FieldError, ...] = ()
    note: str = ""


def submit_file(intake: ReportIntake, path: Path, stdin: BinaryIO | None = None) -> Iterator[Outcome]:
    """Submit every row of a file, or of ``stdin`` (JSONL) where the path is ``-``.

    Raises BrokerUnavailable in the middle: rows with a receipt are safe, and sending the file again folds them.
    """
    rows = read_jsonl(stdin) if stdin is not None and str(path) == "-" else read_file(path)
    for row in rows:
        if row.payload is None:
            yield Outcome(row.line, None, row.errors, row.note)
            continue
        try:
            yield Outcome(row.line, intake.submit(row.payload), note=row.note)
        except InvalidItem as error:
            yield Outcome(row.line, None, error.errors, row.note)


def read_file(path: Path) -> Iterator[Row]:
    """Rows of a file by its ending. A file that cannot be read at all is one bad row (line 0)."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".jsonl", ".ndjson", ".json"):
            with path.open("rb") as file:
                yield from read_jsonl(file)
            return
        reader = _READERS.get(suffix)
        if reader is None:
            raise InvalidItem([FieldError("file", f"{suffix or path.name} is not read; use {_KNOWN}", _UNKNOWN_KIND)])
        yield from reader(_content(path))
    except InvalidItem as error:
        yield Row(0, None, error.errors)
    except OSError as error:
        yield refused(0, "file", f"cannot be read: {error.strerror}", "文件无法读取")


def read_jsonl(file: BinaryIO) -> Iterator[Row]:
    """Rows of JSON Lines; physical lines count from 1, empty ones are passed over."""
    number = 0
    while line := file.readline(INPUT_LIMIT + 1):
        number += 1
        if len(line) > INPUT_LIMIT:
            while line and not line.endswith(b"\n"):
                line = file.readline(INPUT_LIMIT)
            yield refused(number, "", f"the line has more than {INPUT_LIMIT} bytes", "该行过长")
            continue
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        try:
            yield Row(number, read_json(text))
        except InvalidItem as error:
            yield Row(number, None, error.errors)


def read_csv(data: bytes) -> Iterator[Row]:
    """Rows of a CSV file in utf-8, utf-16 or gb18030 (what a Chinese Excel saves); comma, tab or semicolon."""
    csv.field_size_limit(2 * TEXT_LIMIT)  # the module's own limit is 131,072 characters
    decoded = decode(data)
    if not decoded.readable:
        raise InvalidItem([FieldError("file", "its characters are not readable; save it as UTF-8", _NOT_READABLE)])
    head = decoded.text.partition("\n")[0]
    delimiter = max(",\t;，", key=head.count)
    reader = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter)
    last = 0

    def numbered() -> Iterator[tuple[int, list[object]]]:
        nonlocal last
        for cells in reader:
            first, last = last + 1, reader.line_num  # a quoted cell may span lines; the row is where it starts
            yield first, list(cells)

    try:
        yield from _table(numbered())
    except csv.Error as error:
        yield refused(last + 1, "", f"not CSV: {error}", "CSV 格式错误，其后各行未读取")


def read_xlsx(data: bytes) -> Iterator[Row]:
    """Rows of the first sheet that has a header. Formulas are never evaluated: a row with one is told."""
    check_package(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its XML gives
        raise InvalidItem([FieldError("file", "is not a readable workbook", "工作簿无法读取")]) from error
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # the stated size may lie
            try:
                yield from list(_table(_cells(sheet)))
            except NoHeader:
                continue
            return
        raise NoHeader([_NO_HEADER])
    finally:
        book.close()


def _cells(sheet: Any) -> Iterator[tuple[int, list[object]]]:
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, max_row=MAX_ROWS + _HEADER_ROWS + 1), 1):
            yield number, [_FORMULA if cell.data_type == "f" else cell.value for cell in row]
    except InvalidItem:
        raise
    except Exception as error:  # damage in the middle of the sheet shows only now
        raise InvalidItem([FieldError("file", "is damaged; its rows cannot be read", "工作表已损坏")]) from error


class _Formula:
    """Stands for a cell with a formula."""

    def __str__(self) -> str:
        return ""


_FORMULA = _Formula()


def _table(rows: Iterable[tuple[int, list[object]]]) -> Iterator[Row]:
    """Reports from numbered rows of cells: a header within the first rows, then one report a row. Raises NoHeader."""
    names: list[str | None] | None = None
    taken = 0
    for place, (number, cells) in enumerate(rows):
        if names is None:
            _no_mark_above(cells)
            names = columns.header(cells)
            if names is None and place >= _HEADER_ROWS:
                break
        elif any(str(cell or "").strip() or cell is _FORMULA for cell in cells):
            taken += 1
            if taken > MAX_ROWS:
                yield too_many(number)
                return
            yield _row(number, names, cells)
    if names is None:
        raise NoHeader([_NO_HEADER])


def _row(number: int, names: list[str | None], cells: list[object]) -> Row:
    raw = columns.named(names, cells)
    if any(secrecy_mark("", str(cell or "")) for cell in cells):  # also in a column that is not ours
        return refused(number, "", "carries a secrecy mark; it was not stored", _ROW_CLASSIFIED)
    formulas = [name for name, cell in raw.items() if cell is _FORMULA]
    payload, errors = columns.fields({name: cell for name, cell in raw.items() if cell is not _FORMULA})
    errors += [FieldError(name, "is a formula; paste its value", "单元格是公式，请粘贴为数值") for name in formulas]
    return Row(number, None, tuple(errors)) if errors else Row(number, payload)


def _no_mark_above(cells: list[object]) -> None:
    if any(secrecy_mark(str(cell or ""), "") for cell in cells):
        raise InvalidItem([FieldError("file", "carries a secrecy mark; nothing was stored", _FILE_CLASSIFIED)])


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise InvalidItem([FieldError("file", f"has more than {MAX_FILE} bytes; split it", "文件过大，请拆分后报送")])
    return path.read_bytes()


_READERS: Mapping[str, Callable[[bytes], Iterator[Row]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".docx": read_docx,
}
_KNOWN = ".jsonl, .csv, .xlsx or .docx"
_UNKNOWN_KIND = "不支持此类文件，请用 .jsonl、.csv、.xlsx 或 .docx"
_NOT_READABLE = "文件字符无法识别，请另存为 UTF-8"
_ROW_CLASSIFIED = "带有密级标志，未保存，请通过涉密渠道报送"
_FILE_CLASSIFIED = "文件带有密级标志，内容未保存，请通过涉密渠道报送"
_NO_HEADER = FieldError(
    "file",
    "has no header row naming source, text and time (单位, 正文, 时间)",
    "未找到表头，表头须含“单位”“正文”“时间”三列",
)
