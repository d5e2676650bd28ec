"""Reports from files: JSONL, CSV, XLSX, DOCX. One row, one report; a bad row is told and the rest goes on."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from producers.docx import read_docx
from producers.reports import Receipt, ReportIntake
from producers.rows import Row, refused
from producers.sheets import read_sheet, read_table
from producers.validation import read_json
from producers.web.decode import decode
from schemas.errors import FieldError, InvalidItem
from schemas.item import TEXT_LIMIT
from schemas.topics import INPUT_LIMIT

__all__ = ["MAX_FILE", "Outcome", "Row", "read_file", "read_jsonl", "submit_file"]

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file as sent (not of JSONL, which is read line by line)."""


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
        yield from read_table(numbered())
    except csv.Error as error:
        yield refused(last + 1, "", f"not CSV: {error}", "CSV 格式错误，其后各行未读取")


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise InvalidItem([FieldError("file", f"has more than {MAX_FILE} bytes; split it", "文件过大，请拆分后报送")])
    return path.read_bytes()


_READERS: Mapping[str, Callable[[bytes], Iterator[Row]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".xlsx": read_sheet,
    ".xlsm": read_sheet,
    ".docx": read_docx,
}
_KNOWN = ".jsonl, .csv, .xlsx or .docx"
_UNKNOWN_KIND = "不支持此类文件，请用 .jsonl、.csv、.xlsx 或 .docx"
_NOT_READABLE = "文件字符无法识别，请另存为 UTF-8"
