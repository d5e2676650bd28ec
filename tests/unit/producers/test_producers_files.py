"""Reports from files: a bad row is told with its number, the rest goes on."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from producers import files, packages, rows, sheets
from producers.fakes import FakeSink, FixedClock
from producers.files import Outcome, read_csv, read_file, read_jsonl, submit_file
from producers.reports import IntakeSettings, ReportIntake
from producers.sheets import read_sheet
from schemas.errors import BrokerUnavailable, InvalidItem

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HEAD = ["单位", "标题", "正文", "时间", "类型"]
GOOD = ["区应急局", "沙石镇滑坡", "转移56人", "2026-11-20 8:30", "首报"]


class Department(NamedTuple):
    id: str


def submit(path: Path, sink: FakeSink, stdin: bytes | None = None) -> list[Outcome]:
    intake = ReportIntake(
        sink, lambda name: Department("U034") if name == "区应急局" else None, FixedClock(NOW), IntakeSettings("z")
    )
    return list(submit_file(intake, path, io.BytesIO(stdin) if stdin is not None else None))


def summary(outcomes: Iterable[Outcome]) -> list[tuple[int, str]]:
    return [(o.line, o.errors[0].field if o.errors else "ok") for o in outcomes]


def line(**changes: Any) -> str:
    return json.dumps(
        {"lane": "report", "source": "区应急局", "text": "正文", "published_at": "2026-11-20T08:30:00+08:00"} | changes,
        ensure_ascii=False,
    )


def workbook(path: Path, *table: list[Any]) -> Path:
    book = Workbook()
    for row in table:
        book.active.append(row)
    book.save(path)
    return path


def test_jsonl(tmp_path: Path, sink: FakeSink) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(("\ufeff" + "\n".join([line(), "", "{", line(text="第二条"), line(kind="x"), "5"])).encode())
    assert summary(submit(path, sink)) == [(1, "ok"), (3, ""), (4, "ok"), (5, "kind"), (6, "")]
    assert len(sink.parcels) == 2


def test_stdin(sink: FakeSink) -> None:
    assert summary(submit(Path("-"), sink, (line() + "\n" + line(source="某局")).encode())) == [
        (1, "ok"),
        (2, "source"),
    ]


def test_an_overlong_line_is_skipped_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "INPUT_LIMIT", 300)
    found = list(read_jsonl(io.BytesIO(b"x" * 1000 + b"\n" + line().encode() + b"\n")))
    assert [(row.line, row.payload is None) for row in found] == [(1, True), (2, False)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv(tmp_path: Path, sink: FakeSink, encoding: str, delimiter: str) -> None:
    text = "\r\n".join(
        delimiter.join(row)
        for row in (HEAD, GOOD, [*GOOD[:3], "昨天", "首报"], [""] * 5, [*GOOD[:2], '"转移\n57人"', *GOOD[3:]], GOOD[:1])
    )
    path = tmp_path / "r.csv"
    path.write_bytes(text.encode(encoding))
    outcomes = submit(path, sink)
    assert summary(outcomes) == [(2, "ok"), (3, "published_at"), (5, "ok"), (7, "published_at")]
    assert sink.parcels[0].item.kind == "first"
    assert sink.parcels[1].item.text == "转移\n57人"


def test_english_headers_and_unknown_columns(tmp_path: Path, sink: FakeSink) -> None:
    path = tmp_path / "r.csv"
    path.write_text("source,text,published_at,备注,序号\n区应急局,正文,2026-11-20,随便,1\n")
    assert summary(submit(path, sink)) == [(2, "ok")]
    assert sink.parcels[0].item.id is None


def test_a_file_without_header_is_told() -> None:
    with pytest.raises(InvalidItem, match="no header row"):
        list(read_csv("甲,乙\n1,2\n".encode()))


def test_xlsx(tmp_path: Path, sink: FakeSink) -> None:
    path = workbook(
        tmp_path / "r.xlsx",
        ["章贡区信息报送表"],
        HEAD,
        GOOD,
        [],
        ["区应急局", "甲", "乙", datetime(2026, 11, 20, 8, 30, tzinfo=UTC).replace(tzinfo=None), None],
        ["区应急局", "甲", '=HYPERLINK("http://x","y")', "2026-11-20 8:30", None],
        ["某局", "甲", "乙", "2026-11-20 8:30", None],
        ["区应急局", "甲", "机密★1年", "2026-11-20 8:30", None],
        ["区应急局", 12, 34.0, "2026-11-20 8:30", "零报告"],
    )
    outcomes = submit(path, sink)
    assert summary(outcomes) == [(3, "ok"), (5, "ok"), (6, "text"), (7, "source"), (8, ""), (9, "ok")]
    assert (sink.parcels[-1].item.text, sink.parcels[-1].item.kind) == ("34", "zero")


def test_a_formula_is_never_evaluated_nor_its_cached_value_taken(tmp_path: Path) -> None:
    path = workbook(tmp_path / "r.xlsx", HEAD, [*GOOD[:2], "=1+1", *GOOD[3:]])
    [row] = read_sheet(path.read_bytes())
    assert row.payload is None
    assert row.errors[0].message_zh == "单元格是公式，请粘贴为数值"


def test_a_mark_above_the_table_refuses_the_file(tmp_path: Path, sink: FakeSink) -> None:
    path = workbook(tmp_path / "r.xlsx", ["机密★1年"], HEAD, GOOD)
    assert summary(submit(path, sink)) == [(0, "file")]
    assert sink.parcels == []


def test_more_rows_than_the_limit_are_told(tmp_path: Path, sink: FakeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    path = tmp_path / "r.csv"
    path.write_text("\n".join(",".join(row) for row in (HEAD, GOOD, GOOD, GOOD, GOOD)))
    assert summary(submit(path, sink)) == [(2, "ok"), (3, "ok"), (4, "file")]


def document(path: Path, *paragraphs: str) -> Path:
    made = Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(str(path))
    return path


HEAD_LINES = ("单位：区应急局", "标题：沙石镇滑坡", "时间：2026年11月20日8时30分", "类型：首报")


def test_docx_one_report(tmp_path: Path, sink: FakeSink) -> None:
    path = document(tmp_path / "r.docx", *HEAD_LINES, "", "第一段。", "时间：第二段不是字段。")
    assert summary(submit(path, sink)) == [(1, "ok")]
    item = sink.parcels[0].item
    assert (item.title, item.kind) == ("沙石镇滑坡", "first")
    assert item.text == "第一段。\n时间：第二段不是字段。"
    assert item.published_at == datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


def test_docx_without_its_head_is_told(tmp_path: Path, sink: FakeSink) -> None:
    assert summary(submit(document(tmp_path / "r.docx", "只有正文。"), sink)) == [(1, "file")]


def test_docx_table(tmp_path: Path, sink: FakeSink) -> None:
    made = Document()
    made.add_paragraph("信息汇总")
    table = made.add_table(0, 5)
    for row in (HEAD, GOOD, [*GOOD[:3], "昨天", ""], [""] * 5, GOOD):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    made.save(str(tmp_path / "r.docx"))
    assert summary(submit(tmp_path / "r.docx", sink)) == [(2, "ok"), (3, "published_at"), (5, "ok")]


def with_box(path: Path, text: str) -> Path:
    made = Document()
    for paragraph in (*HEAD_LINES, "正文。"):
        made.add_paragraph(paragraph)
    box = parse_xml(
        f'<w:r {nsdecls("w")}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    made.paragraphs[-1]._p.append(box)
    made.save(str(path))
    return path


def test_text_boxes_are_left_out_with_a_note(tmp_path: Path, sink: FakeSink) -> None:
    [outcome] = submit(with_box(tmp_path / "r.docx", "框中文字"), sink)
    assert "文本框" in outcome.note
    assert sink.parcels[0].item.text == "正文。"


def test_a_mark_in_a_text_box_or_header_refuses_the_document(tmp_path: Path, sink: FakeSink) -> None:
    made = Document()
    for paragraph in (*HEAD_LINES, "正文。"):
        made.add_paragraph(paragraph)
    made.sections[0].header.paragraphs[0].text = "秘密★3年"
    made.save(str(tmp_path / "h.docx"))
    for path in (with_box(tmp_path / "b.docx", "机密★"), tmp_path / "h.docx"):
        assert summary(submit(path, sink)) == [(0, "file")]
    assert sink.parcels == []


def archive(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return target.getvalue()


def test_a_zip_bomb_is_refused_without_unpacking(tmp_path: Path, sink: FakeSink) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(archive({"xl/worksheets/sheet1.xml": bytes(packages.MAX_UNPACKED + 1)}))
    tracemalloc.start()
    outcomes = submit(path, sink)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert summary(outcomes) == [(0, "file")]
    assert peak < 10_000_000


@pytest.mark.parametrize("suffix", [".xlsx", ".docx"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        archive({}),
        archive({"word/document.xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
        archive({"word/document.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        archive({"xl/workbook.xml": '<!DOCTYPE x><x/>'.encode("utf-16")}),
        archive({f"p{n}.xml": b"" for n in range(packages.MAX_PARTS + 1)}),
    ],
)  # fmt: skip
def test_what_is_no_office_file_is_one_bad_row(tmp_path: Path, sink: FakeSink, suffix: str, data: bytes) -> None:
    path = tmp_path / f"r{suffix}"
    path.write_bytes(data)
    assert summary(submit(path, sink)) == [(0, "file")]


def test_a_sheet_of_gaps_and_spans_costs_little(tmp_path: Path, sink: FakeSink) -> None:
    """One cell in the last row of the sheet, and one Word cell that says it spans a million columns."""
    book = Workbook()
    for column, name in enumerate(HEAD, 1):
        book.active.cell(1, column, name)
    book.active.cell(1_048_576, 16_384, "x")
    book.save(tmp_path / "r.xlsx")
    assert submit(tmp_path / "r.xlsx", sink) == []
    made = Document()
    table = made.add_table(2, 5)
    for row, texts in zip(table.rows, (HEAD, GOOD), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.rows[1].cells[0]._tc.get_or_add_tcPr().append(parse_xml(f'<w:gridSpan {nsdecls("w")} w:val="1000000"/>'))
    made.save(str(tmp_path / "r.docx"))
    assert summary(submit(tmp_path / "r.docx", sink)) == [(2, "ok")]


@pytest.mark.parametrize("name", ["r.doc", "r.pdf", "r"])
def test_unknown_endings_and_missing_files_are_told(tmp_path: Path, sink: FakeSink, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert summary(submit(tmp_path / name, sink)) == [(0, "file")]
    assert summary(submit(tmp_path / "none.csv", sink)) == [(0, "file")]


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 10)
    (tmp_path / "r.csv").write_bytes(b"x" * 11)
    [row] = read_file(tmp_path / "r.csv")
    assert "more than 10 bytes" in row.errors[0].message


def test_a_broker_that_goes_away_stops_the_file_and_sending_again_folds(tmp_path: Path, sink: FakeSink) -> None:
    path = tmp_path / "r.csv"
    path.write_text("\n".join(",".join(row) for row in (HEAD, GOOD, [*GOOD[:2], "另一条", *GOOD[3:]])))
    sink.down = True
    with pytest.raises(BrokerUnavailable):
        submit(path, sink)
    sink.down = False
    submit(path, sink)
    submit(path, sink)
    assert len({parcel.item_id for parcel in sink.parcels}) == 2


@given(st.binary(max_size=300))
def test_any_csv_is_rows_or_a_fault(data: bytes) -> None:
    head = (",".join(HEAD) + "\n").encode()
    for body in (data, head + data):
        try:
            found = list(read_csv(body))
        except InvalidItem:
            continue
        assert all(row.payload is not None or row.errors for row in found)
        assert len(found) <= rows.MAX_ROWS + 1
