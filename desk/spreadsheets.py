"""Tables as files for a spreadsheet, CSV and XLSX with the same cells; none of them is read as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | float
Form = Literal["csv", "xlsx"]
BOM = "\ufeff"
CELL_LIMIT = 32_767
"""UTF-16 units that Excel takes in a cell; a file with more of them is repaired, and what is cut then is not said."""
CUT = "……（超过 Excel 单元格长度，全文见系统）"
WIDEST, NARROWEST = 60, 10
"""Characters of a column."""
SHARE = "0.0%"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Sheet:
    """``title`` names the sheet; ``shares``: columns whose numbers are parts of one."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    shares: Collection[str] = ()


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a mark, so that Excel knows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([[harmless(cell) for cell in row] for row in sheet.rows])
    return (BOM + out.getvalue()).encode()


def as_xlsx(sheet: Sheet) -> bytes:
    """A workbook of one sheet: numbers are numbers, everything else is text.

    The apostrophe stays as in the CSV: a workbook is saved as CSV as easily as it is opened.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "汇要"
    made = book.create_sheet(sheet.title)
    made.freeze_panes = "A2"
    rows = [list(row) for row in sheet.rows]
    for number, name in enumerate(sheet.columns):
        widths = [_width(row[number]) for row in rows[:100]]
        made.column_dimensions[get_column_letter(number + 1)].width = min(
            WIDEST, max([NARROWEST, _width(name), *widths])
        )
    made.append([_cell(made, name, head=True) for name in sheet.columns])
    shares = [name in sheet.shares for name in sheet.columns]
    for row in rows:
        made.append([_cell(made, cell, share=share) for cell, share in zip(row, shares, strict=True)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell, *, head: bool = False, share: bool = False) -> Any:
    if not isinstance(value, str):
        made = WriteOnlyCell(sheet, value=value)
        if share:
            made.number_format = SHARE
        return made
    made = WriteOnlyCell(sheet, value=_fitting(str(harmless(value))))
    made.data_type = "s"  # openpyxl takes a text that begins with = for a formula
    made.alignment = Alignment(vertical="top", wrap_text="\n" in value)
    if head:
        made.font = Font(bold=True)
    return made


def _fitting(text: str) -> str:
    """Without signs that XML has no place for; cut where Excel would, and saying so."""
    plain = ILLEGAL_CHARACTERS_RE.sub("", text)
    units = plain.encode("utf-16-le", "replace")
    if len(units) <= 2 * CELL_LIMIT:
        return units.decode("utf-16-le")
    return units[: 2 * (CELL_LIMIT - len(CUT))].decode("utf-16-le", "ignore") + CUT


def _width(cell: Cell) -> int:
    """In characters of a Latin letter's width; a sign of Chinese takes two."""
    line = str(cell).partition("\n")[0]
    return sum(1 if sign < "⺀" else 2 for sign in line[:WIDEST]) + 2


@dataclass(frozen=True, slots=True)
class Written:
    """How a table becomes a file."""

    write: Callable[[Sheet], bytes]
    media_type: str


FORMS: Mapping[str, Written] = {
    "csv": Written(as_csv, "text/csv; charset=utf-8"),
    "xlsx": Written(as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
