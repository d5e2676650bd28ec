"""Tables of reports: a header within the first rows, then one report a row. Sheets, CSV and pasted cells end here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import load_workbook

from producers import columns
from producers.packages import MAX_UNPACKED, check_package, check_sheets
from producers.rows import MAX_ROWS, Row, refused, too_many
from producers.secrecy import secrecy_mark
from schemas.errors import FieldError, InvalidItem
from schemas.item import TEXT_LIMIT

MAX_COLUMNS = 60
HEADER_ROWS = 10
"""Rows in which the header may stand; above it there is often a title line."""
Cells = tuple[int, list[object]]
"""(row number from 1, its cells)"""


class NoHeader(InvalidItem):
    """A table without a row of names that are ours."""


def read_sheet(
    data: bytes,
    needed: frozenset[str] = columns.NEEDED,
    *,
    most: int | None = None,
    unpacked: int = MAX_UNPACKED,
) -> Iterator[Row]:
    """Rows of the first sheet that has a header with the ``needed`` fields; formulas are told, never evaluated.

    ``most``: rows read; ``unpacked``: bytes that the file may unpack to. Raises InvalidItem.
    """
    check_package(data, unpacked)
    check_sheets(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its XML gives
        raise InvalidItem([FieldError("file", "is not a readable workbook", "工作簿无法读取")]) from error
    try:
        # A workbook may name one part as many sheets: each part is read once.
        for sheet in {getattr(sheet, "_worksheet_path", sheet.title): sheet for sheet in book.worksheets}.values():
            sheet.reset_dimensions()  # the stated size may lie
            try:
                yield from list(read_table(_cells(sheet, most or MAX_ROWS), needed, most))
            except NoHeader:
                continue
            return
        raise NoHeader([no_header(needed)])
    finally:
        book.close()


def read_pasted(text: str, needed: frozenset[str], *, most: int) -> Iterator[Row]:
    """Rows of cells as a spreadsheet puts them on the clipboard: tabs between, line ends inside of quotes."""
    csv.field_size_limit(2 * TEXT_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    try:
        rows = [(number, list[object](cells)) for number, cells in enumerate(reader, 1)]
    except csv.Error as error:
        raise InvalidItem([FieldError("file", f"not cells: {error}", "粘贴的内容不是表格，请从表格里复制")]) from error
    yield from read_table(rows, needed, most)


def _cells(sheet: Any, most: int) -> Iterator[Cells]:
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, max_row=most + HEADER_ROWS + 1), 1):
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


def read_table(
    rows: Iterable[Cells], needed: frozenset[str] = columns.NEEDED, most: int | None = None
) -> Iterator[Row]:
    """Reports from numbered rows of cells. Raises NoHeader."""
    names: list[str | None] | None = None
    taken = 0
    for place, (number, cells) in enumerate(rows):
        if names is None:
            _no_mark_above(cells)
            names = columns.header(cells, needed)
            if names is None and place >= HEADER_ROWS:
                break
        elif any(str(cell or "").strip() or cell is _FORMULA for cell in cells):
            taken += 1
            if taken > (most or MAX_ROWS):
                yield too_many(number, most or MAX_ROWS)
                return
            yield _row(number, names, cells)
    if names is None:
        raise NoHeader([no_header(needed)])


def _row(number: int, names: list[str | None], cells: list[object]) -> Row:
    raw = columns.named(names, cells)
    if any(secrecy_mark("", str(cell or "")) for cell in cells):  # also in a column that is not ours
        return refused(number, "", "carries a secrecy mark; it was not stored", _ROW_CLASSIFIED)
    formulas = [name for name, cell in raw.items() if cell is _FORMULA]
    payload, errors = columns.fields({name: cell for name, cell in raw.items() if cell is not _FORMULA})
    errors += [FieldError(name, "is a formula; paste its value", "单元格是公式，请粘贴为数值") for name in formulas]
    return Row(number, None if errors else payload, tuple(errors), read=payload)


def _no_mark_above(cells: list[object]) -> None:
    if any(secrecy_mark(str(cell or ""), "") for cell in cells):
        raise InvalidItem([FieldError("file", "carries a secrecy mark; nothing was stored", _FILE_CLASSIFIED)])


def no_header(needed: frozenset[str]) -> FieldError:
    """No row names the columns that are needed."""
    words = "".join(f"“{columns.SHOWN[name]}”" for name in columns.SHOWN if name in needed)
    english = ", ".join(name for name in columns.SHOWN if name in needed)
    return FieldError("file", f"has no header row naming {english}", f"未找到表头，表头须含{words}")


_ROW_CLASSIFIED = "带有密级标志，未保存，请通过涉密渠道报送"
_FILE_CLASSIFIED = "文件带有密级标志，内容未保存，请通过涉密渠道报送"
