"""Workbooks: nothing in them is a formula, whatever somebody wrote; numbers are numbers; what does not fit is said."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from desk.spreadsheets import CELL_LIMIT, CUT, Cell, Sheet, as_xlsx

FORMULAS = [
    "=1+1", '=HYPERLINK("http://x","点")', "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1",
    "{=1}",
]  # fmt: skip


def opened(*rows: list[Cell], columns: list[str] | None = None, shares: tuple[str, ...] = ()) -> Any:
    columns = columns or [f"列{number}" for number in range(len(rows[0]))]
    return load_workbook(io.BytesIO(as_xlsx(Sheet("表", columns, rows, shares)))).active


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text: str) -> None:
    data = as_xlsx(Sheet("表", [text], [[text]]))
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    for cell in (sheet["A1"], sheet["A2"]):
        assert (cell.data_type, cell.hyperlink) == ("s", None)
        assert str(cell.value)[0] in "'{"
        assert str(cell.value).endswith(text.strip()[-1])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [name for name in archive.namelist() if b"<f>" in archive.read(name) or "external" in name] == []


def test_numbers_stay_numbers_and_shares_are_shown_as_such() -> None:
    sheet = opened(["区应急局", 3, 0.5], columns=["单位", "件数", "按时率"], shares=("按时率",))
    assert [(cell.value, cell.data_type, cell.number_format) for cell in sheet[2]] == [
        ("区应急局", "s", "General"), (3, "n", "General"), (0.5, "n", "0.0%"),
    ]  # fmt: skip
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"


def test_signs_without_a_place_in_xml_do_not_cost_the_file() -> None:
    assert opened(["沙\x00石\x0b镇\ud800", "<b>&</b>\n二"])["A2"].value == "沙石镇?"
    assert opened(["<b>&</b>\n二"])["A2"].value == "<b>&</b>\n二"


@pytest.mark.parametrize("sign", ["长", "😀"])
def test_what_excel_has_no_room_for_is_cut_and_said(sign: str) -> None:
    def units(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    fits = sign * (CELL_LIMIT // units(sign))
    assert opened([fits])["A2"].value == fits
    cut = str(opened([fits + sign])["A2"].value)
    assert cut.endswith(CUT)
    assert CELL_LIMIT - 1 <= units(cut) <= CELL_LIMIT
