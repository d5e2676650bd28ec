"""Filing from Word, Excel and pasted cells: looked over first, told by row and field, filed as the page stands."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient
from openpyxl import Workbook

from desk.accounts import Account, Role
from desk.imports import MOST_ROWS
from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from producers import packages, sheets
from producers.sheets import Cells
from schemas.base import CHINA
from schemas.errors import InvalidItem
from tests.unit.desk.conftest import KEY, Harness
from tests.unit.desk.test_attachments import with_part

GOOD = "Luzhu-shan-4417"
TOWN = "U064"


@pytest.fixture(scope="module")
def judge() -> Any:
    return build_judge(load_settings())


@pytest.fixture
def reporter(desk: Harness) -> TestClient:
    people = desk.client.app.state.desk.people  # type: ignore[attr-defined]
    people.change_password("rep", people.create(Account("rep", Role.REPORTER, "", TOWN), by="admin"), GOOD)
    desk.client.post("/login", data={"name": "rep", "password": GOOD})
    return desk.client


def letter(*lines: str) -> bytes:
    document, file = Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(file)
    return file.getvalue()


def table(*rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


def sent(client: TestClient, name: str, data: bytes) -> Any:
    return client.post("/report/file", files={"file": (name, data)})


def form_of(page: str, **changes: dict[int, str]) -> dict[str, list[str]]:
    """The fields of the preview as a browser would send them, with some rewritten by place."""
    fields: dict[str, list[str]] = {"take": [], "line": []}
    for row in page.split('<fieldset class="card">')[1:]:
        body = row.split("</fieldset>")[0]
        take = re.search(r'name="take" value="(\d+)"( checked)?', body)
        assert take
        if take[2]:
            fields["take"].append(take[1])
        for name, value in re.findall(
            r'<input(?: type="hidden")? name="(\w+)"(?: maxlength="\d+")? value="([^"]*)"', body
        ):
            fields.setdefault(name, []).append(value)
        chosen = re.search(r'<option value="(\w*)" selected', body.split('name="kind"')[1])
        fields.setdefault("kind", []).append(chosen[1] if chosen else "")
        fields.setdefault("text", []).append(re.findall(r"<textarea[^>]*>([^<]*)</textarea>", body)[0])
    for name, values in changes.items():
        for place, value in values.items():
            fields[name][place] = value
    return fields


def one_part_as_sheets(data: bytes, count: int, cells: int) -> bytes:
    """A workbook whose one part, a row of so many cells, is named as so many sheets."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in given.namelist():
            part = given.read(name)
            if name == "xl/workbook.xml":
                [entry] = re.findall(rb"<sheet [^>]*/>", part)
                entries = [re.sub(rb'name="[^"]*"', b'name="s%d"' % number, entry) for number in range(count)]
                part = part.replace(entry, b"".join(entries))
            if name == "xl/worksheets/sheet1.xml":
                row = b'<sheetData><row r="1">' + b'<c t="n"><v>1</v></c>' * cells + b"</row></sheetData>"
                part = re.sub(rb"<sheetData>.*</sheetData>", row, part, flags=re.DOTALL)
            archive.writestr(name, part)
    return made.getvalue()


def test_a_part_that_is_named_as_many_sheets_is_read_once(
    reporter: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counted(sheet: Any, most: int) -> Iterator[Cells]:
        read.append(most)
        return cells_of(sheet, most)

    cells_of = sheets._cells
    monkeypatch.setattr(sheets, "_cells", counted)
    page = sent(reporter, "周报.xlsx", one_part_as_sheets(table(HEAD), count=100, cells=20))
    assert (page.status_code, len(read)) == (422, 1)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/other.xml"])
def test_a_workbook_of_very_many_sheets_is_not_opened(
    reporter: TestClient, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def opened(*_: Any, **__: Any) -> Any:
        raise AssertionError("opened")

    data = io.BytesIO(table(HEAD))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a second part of the same name
        archive.writestr(part, "<workbook><sheets>" + '<x:sheet name="s" r:id="rId1"/>' * (packages.MAX_SHEETS + 1))
    monkeypatch.setattr(sheets, "load_workbook", opened)
    for size in (7, 64 * 1024):
        monkeypatch.setattr(packages, "PIECE", size)
        page = sent(reporter, "周报.xlsx", data.getvalue())
        assert (page.status_code, "工作表过多" in page.text) == (422, True)


def test_sheet_views_and_data_are_no_sheets() -> None:
    book = Workbook()
    for _ in range(packages.MAX_SHEETS - 1):
        book.create_sheet()
    data = io.BytesIO()
    book.save(data)
    packages.check_sheets(data.getvalue())
    book.create_sheet()
    more = io.BytesIO()
    book.save(more)
    with pytest.raises(InvalidItem, match="sheets"):
        packages.check_sheets(more.getvalue())


HEAD: list[object] = ["序号", "标题", "正文", "类型"]


def test_a_document_fills_the_form_and_files_nothing(desk: Harness, reporter: TestClient) -> None:
    page = sent(reporter, "信息.docx", letter("沙石镇开展巡查", "今日上午，沙石镇开展地灾点巡查。", "未发现异常。"))
    assert page.status_code == 200
    assert 'name="title" maxlength="200" value="沙石镇开展巡查"' in page.text
    assert "今日上午，沙石镇开展地灾点巡查。\n未发现异常。</textarea>" in page.text
    assert "已从文件填入" in page.text
    named = sent(
        reporter, "信息.docx", letter("标题：甲", "类型：首报", "单位：区水利局", "正文在这里，没有时间。")
    ).text
    assert 'value="甲"' in named
    assert '<option value="first" selected' in named
    assert ">正文在这里，没有时间。</textarea>" in named
    assert desk.sink.parcels == []


def test_numbers_that_are_none_are_passed_over(reporter: TestClient) -> None:
    fields = form_of(sent(reporter, "周报.xlsx", table(HEAD, [1, "巡查", "今日巡查，未发现异常。", ""])).text)
    for name in ("line", "take"):
        done = reporter.post("/report/rows", data=fields | {"take": [], name: ["9" * 4_400]})
        assert (done.status_code, "已报送" in done.text) == (200, False)


def test_rows_are_looked_over_and_then_filed(desk: Harness, reporter: TestClient) -> None:
    rows = table(
        ["沙石镇一周信息"], HEAD,
        [1, "巡查", "今日上午，沙石镇开展地灾点巡查，未发现异常。", ""],
        [2, "滑坡", "今天上午9时，沙石镇龙埠村发生山体滑坡，3人受伤，转移群众56人。", "首报"],
    )  # fmt: skip
    page = sent(reporter, "周报.xlsx", rows)
    assert page.status_code == 200
    assert desk.sink.parcels == []
    for words in ("第3行", "第4行", "急情要事", "突发事件", "待报送 2 件"):
        assert words in page.text
    done = reporter.post("/report/rows", data=form_of(page.text, title={0: "巡查情况"}))
    assert (done.status_code, "已报送 2 件" in done.text) == (200, True)
    assert [(one.item.source, one.item.title, one.item.kind) for one in desk.sink.parcels] == [
        (TOWN, "巡查情况", None),
        (TOWN, "滑坡", "first"),
    ]
    assert "先前已收到" in reporter.post("/report/rows", data=form_of(page.text)).text
    assert len(desk.sink.parcels) == 3  # the row as it first stood, which was not filed before


def test_faults_are_told_by_row_and_field_and_mended_on_the_page(desk: Harness, reporter: TestClient) -> None:
    rows = table(
        [*HEAD, "获悉时间", "单位"],
        [1, "一", "今日上午，沙石镇开展巡查，未发现异常。", "加急", "", ""],
        [2, "二", "今日下午，沙石镇开展巡查，未发现异常。", "", "昨天", ""],
        [3, "三", "=A1", "", "", ""],
        [4, "四", "今日晚上，沙石镇开展巡查，未发现异常。", "", "", "区水利局"],
        [6, "六", "今日夜里，沙石镇开展巡查，未发现异常。", "", "", ""],
    )
    page = sent(reporter, "a.xlsx", rows).text
    for words in (
        "第2行 类型：没有这种类型，应为普通、零报告、首报", "第3行 获悉时间：不是有效时间", "第4行 正文：单元格是公式",
        "第5行 单位：只能以本单位名义报送",
    ):  # fmt: skip
        assert words in page, words
    form = form_of(page)
    assert form["take"] == ["4"]
    form["take"] = ["0", "1", "3", "4"]
    done = reporter.post("/report/rows", data=form)
    assert done.status_code == 422
    assert [one.item.title for one in desk.sink.parcels] == ["一", "二", "六"]
    assert "第5行 单位" in done.text
    assert "已报送 3 件" in done.text


def test_a_time_is_shown_as_people_write_it_and_can_be_mended(desk: Harness, reporter: TestClient) -> None:
    head = ["标题", "内容", "时间"]
    page = sent(
        reporter,
        "周报.xlsx",
        table(head, ["一", "今日开会。", "2026年11月20日8时5分"], ["二", "今日巡查。", "昨天下午"]),
    ).text
    assert 'name="published_at" maxlength="40" value="2026-11-20 08:05"' in page
    assert "第3行 时间：不是有效时间" in page
    mended = form_of(page, published_at={1: "2026年11月20日9时"}) | {"take": ["0", "1"]}
    assert "已报送 2 件" in reporter.post("/report/rows", data=mended).text
    assert [f"{parcel.item.published_at:%H:%M}" for parcel in desk.sink.parcels] == ["08:05", "09:00"]  # type: ignore[union-attr]


def test_an_old_office_file_is_told_what_to_do(reporter: TestClient) -> None:
    page = sent(reporter, "旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert (page.status_code, "请另存为 .docx 或 .xlsx" in page.text) == (422, True)


def test_what_was_filed_comes_back_to_be_corrected(reporter: TestClient) -> None:
    text = "今日沙石镇开会，<b>三人</b>参加。"
    receipt = reporter.post("/report", data={"title": "开会", "text": text}).text
    assert "改好再报" in receipt
    page = reporter.post("/report/again", data={"title": "开会", "text": text, "source": "U001"}).text
    assert "今日沙石镇开会，&lt;b&gt;三人&lt;/b&gt;参加。</textarea>" in page
    assert 'value="开会"' in page
    assert "改好再报" not in reporter.post("/report/zero").text


def test_seconds_of_a_time_survive_the_look_at_it(desk: Harness, reporter: TestClient) -> None:
    """The time is the report's version: the same file sent by ``huiyao report send`` is the same report."""
    cell = datetime.fromisoformat("2026-11-20T09:15:42")
    rows: list[list[object]] = [["标题", "正文", "时间"], ["一", "沙石镇开会。", cell],
                                ["二", "沙石镇巡查。", "2026-11-20 09:30"]]  # fmt: skip
    page = sent(reporter, "a.xlsx", table(*rows)).text
    assert 'value="2026-11-20 09:15:42"' in page
    assert 'value="2026-11-20 09:30"' in page
    reporter.post("/report/rows", data=form_of(page))
    times = [one.item.published_at.astimezone(CHINA).isoformat() for one in desk.sink.parcels]
    assert times == ["2026-11-20T09:15:42+08:00", "2026-11-20T09:30:00+08:00"]


def test_a_letter_fills_when_it_was_known_and_phoned_in(reporter: TestClient) -> None:
    lines = ("标题：关于滑坡的报告", "获悉时间：2026年11月20日8时5分30秒", "电话报告时间：不详", "沙石镇一处边坡滑塌。")
    page = sent(reporter, "a.docx", letter(*lines)).text
    assert 'name="known_at" value="2026-11-20T08:05:30"' in page
    assert 'name="phoned_at" value=""' in page


def test_pasted_cells_are_rows_too(desk: Harness, reporter: TestClient) -> None:
    cells = '标题\t正文\n甲\t"第一行，沙石镇巡查。\n第二行。"\n乙\t沙石镇开会。\n'
    page = reporter.post("/report/file", data={"cells": cells})
    assert "待报送 2 件" in page.text
    reporter.post("/report/rows", data=form_of(page.text))
    assert [one.item.text for one in desk.sink.parcels] == ["第一行，沙石镇巡查。\n第二行。", "沙石镇开会。"]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"PK\x03\x04 not a workbook", "损坏"),
        ("a.docx", b"hello", "不是可以收的格式"),
        ("a.xlsx", table(["没有", "表头"], [1, 2]), "表头须含“正文”"),
        ("a.xlsx", table(HEAD), "表头下面没有内容"),
        ("a.xlsx", with_part(table(HEAD), "xl/vbaProject.bin"), "宏"),
        ("a.docx", with_part(letter("一"), "word/media/x", bytes(101 * 1024 * 1024)), "过大"),
        ("a.docx", letter("机密★1年", "纪要"), "密级标志"),
        ("a.xlsx", table(HEAD, [1, "一", "机密★1年", ""], [2, "二", "开会。", ""]), "密级标志"),
        ("a.pdf", b"%PDF-1.7", "不是可以收的格式"),
    ],
)
def test_what_cannot_be_read_is_said(desk: Harness, reporter: TestClient, name: str, data: bytes, says: str) -> None:
    answer = sent(reporter, name, data)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert desk.sink.parcels == []


def test_a_form_takes_no_more_rows_than_a_person_looks_over(desk: Harness, reporter: TestClient) -> None:
    many = table(HEAD, *([n, "", f"沙石镇第{n}次开会。", ""] for n in range(MOST_ROWS + 2)))
    page = sent(reporter, "a.xlsx", many).text
    assert f"超过 {MOST_ROWS} 条，其余未读取" in page
    assert reporter.post("/report/file").status_code == 422


def test_when_kafka_goes_away_the_rows_stay(desk: Harness, reporter: TestClient) -> None:
    page = sent(reporter, "a.xlsx", table(HEAD, [1, "甲", "沙石镇开会。", ""]))
    desk.sink.down = True
    away = reporter.post("/report/rows", data=form_of(page.text))
    assert (away.status_code, "沙石镇开会。" in away.text) == (503, True)
    desk.sink.down = False
    assert "已报送 1 件" in reporter.post("/report/rows", data=form_of(away.text) | {"take": ["0"]}).text


def test_an_editor_says_whose_rows_they_are(desk: Harness) -> None:
    desk.client.post("/login", data={"key": KEY})
    page = sent(desk.client, "a.xlsx", table(["单位", "正文"], ["区水利局", "巡查未发现异常。"], ["", "开会。"]))
    assert "第3行 单位：缺少此字段" in page.text
    assert page.text.count('<select name="source">') == 2
    assert "selected>区水利局</option>" in page.text
