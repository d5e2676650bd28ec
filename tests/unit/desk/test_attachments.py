"""Files that come with reports: taken by their bytes, named and kept safely, and nothing typed is lost."""

from __future__ import annotations

import hashlib
import io
import stat
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient
from openpyxl import Workbook
from PIL import Image

from desk import filetypes
from desk.attachments import MOST_WAITING, Attachments, Held
from desk.database import Database
from desk.filetypes import MEDIA_TYPES, AttachmentRules, clean_name, kind_of
from desk.pictures import without_metadata
from producers import packages
from schemas.errors import InvalidItem
from tests.unit.desk.conftest import KEY, Harness


def png(colour: str = "navy") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(file, "PNG")
    return file.getvalue()


PNG = png()
KEPT = without_metadata("甲", "png", PNG, 1000)
PDF = b"%PDF-1.7\n" + b"page" * 20
TEXT = "今日上午，我局对章江堤防开展巡查，未发现异常。"


def docx(*lines: str) -> bytes:
    document, file = Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(file)
    return file.getvalue()


def xlsx(*cells: str) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.active.append(list(cells))  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, content: bytes = b"x", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", method) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def three_parts(size: int) -> bytes:
    """Each small enough, and together too much to look through."""
    data = docx("一")
    for number in range(3):
        data = with_part(data, f"word/part{number}.xml", bytes(size))
    return data


@pytest.fixture
def rules(tmp_path: Path) -> AttachmentRules:
    return AttachmentRules(tmp_path / "files", most=2, each_bytes=100_000, total_bytes=150_000)


@pytest.fixture
def store(address: Path | str, rules: AttachmentRules) -> Attachments:
    return Attachments(Database(address), rules)


def test_a_part_of_nothing_but_angle_brackets_is_read_in_one_pass(rules: AttachmentRules) -> None:
    # Looked at from each bracket to the end, this would hold the whole desk for days.
    data = with_part(docx("一切正常。"), "word/extra.xml", b"<" * 5_000_000)
    assert kind_of("说明.docx", data, rules) == "docx"


@pytest.mark.parametrize("ends", [b"</w:p>", b"</si>", b"</is>"])
def test_a_mark_is_found_wherever_a_part_is_cut(rules: AttachmentRules, ends: bytes, monkeypatch: Any) -> None:
    line = b"<w:t>%s</w:t>" + ends
    part = b"".join([line % "一切正常。".encode() * 9, line % "机密★1年".encode(), line % "一切正常。".encode()])
    for size in range(1, 40):
        monkeypatch.setattr(packages, "PIECE", size)
        with pytest.raises(InvalidItem, match="secrecy mark"):
            kind_of("说明.docx", with_part(docx("一切正常。"), "word/extra.xml", part), rules)


def test_what_is_a_mark_in_the_head_only_is_none_where_a_piece_begins(
    rules: AttachmentRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "PIECE", 64)
    head = "机密 关于召开会议的通知"
    assert kind_of("说明.docx", docx(*["一切正常。"] * 8, head), rules) == "docx"
    with pytest.raises(InvalidItem, match="secrecy mark"):
        kind_of("说明.docx", docx(*["一切正常。"] * 3, head), rules)


def test_of_two_parts_with_one_name_both_are_read(rules: AttachmentRules) -> None:
    part = "<w:p><w:t>机密★1年</w:t></w:p>".encode()
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = with_part(with_part(docx("一"), "word/extra.xml", part), "word/extra.xml", b"<w:p></w:p>")
    with pytest.raises(InvalidItem, match="secrecy mark"):
        kind_of("说明.docx", data, rules)


def test_damage_behind_the_beginning_of_a_part_is_named(rules: AttachmentRules) -> None:
    lines = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(800)]
    data = docx(*lines)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = archive.getinfo("word/document.xml")
    at = part.header_offset + part.compress_size // 2
    with pytest.raises(InvalidItem, match="damaged"):
        kind_of("说明.docx", data[:at] + bytes(64) + data[at + 64 :], rules)


def test_one_scan_holds_a_piece_and_not_the_part(rules: AttachmentRules) -> None:
    part = b"<w:p><w:t>" + b"x" * 80 + b"</w:t></w:p>"
    data = with_part(docx("一"), "word/extra.xml", part * (filetypes.PART // len(part)))
    tracemalloc.start()
    assert kind_of("说明.docx", data, rules) == "docx"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < filetypes.PART // 2


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("现场.png", PNG, "png"),
        ("setup.exe", PNG, "png"),  # what it says it is does not count
        ("报告.pdf", PDF, "pdf"),
        ("照片.jpeg", b"\xff\xd8\xff\xe0rest", "jpg"),
        ("说明.docx", docx("一切正常。"), "docx"),
        ("表.xlsx", xlsx("一", "二"), "xlsx"),
    ],
)
def test_a_file_is_what_its_bytes_are(rules: AttachmentRules, name: str, data: bytes, kind: str) -> None:
    assert kind_of(name, data, rules) == kind


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("现场.png", b"MZ\x90\x00", "格式"),
        ("现场.png", b"<svg onload=alert(1)>", "格式"),
        ("a.pdf", b"\n%PDF-1.7", "格式"),
        ("空.pdf", b"", "格式"),
        ("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "格式"),
        ("大.png", PNG + bytes(100_000), "超过"),
        ("宏.docx", with_part(docx("一"), "word/vbaProject.bin"), "宏"),
        ("宏.xlsx", with_part(xlsx("一"), "xl/macrosheets/sheet1.xml"), "宏"),
        ("压缩.zip", with_part(with_part(b"", "a.txt"), "b.txt"), "格式"),
        ("炸弹.docx", with_part(docx("一"), "word/media/a.bin", bytes(101 * 1024 * 1024)), "过大"),
        ("实体.docx", with_part(docx("一"), "word/a.xml", b"<!DOCTYPE a>"), "结构异常"),
        ("厚.docx", with_part(docx("一"), "word/a.xml", bytes(16 * 1024 * 1024 + 1)), "过大"),
        ("架.docx", with_part(docx("一"), "word/_rels/a.rels", bytes(4 * 1024 * 1024 + 1)), "过大"),
        ("字.docx", three_parts(12 * 1024 * 1024), "文字过多"),
        ("压.docx", with_part(docx("一"), "word/a.xml", method=zipfile.ZIP_LZMA), "损坏"),
        ("坏.docx", docx("一")[:-30], "损坏"),
        ("密.docx", docx("机密★1年", "会议纪要"), "密级标志"),
        ("密.xlsx", xlsx("机密★1年", "会议"), "密级标志"),
        ("机密★1年 纪要.pdf", PDF, "密级标志"),
    ],
)
def test_what_is_not_taken_is_refused_by_name(rules: AttachmentRules, name: str, data: bytes, says: str) -> None:
    if name[0] in "炸厚架字":
        rules = AttachmentRules(rules.folder)
    with pytest.raises(InvalidItem) as refused:
        kind_of(name, data, rules)
    [error] = refused.value.errors
    assert error.field == "files"
    assert says in error.message_zh
    assert name.rpartition(".")[0] in error.message_zh


def test_only_the_kinds_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(InvalidItem):
        kind_of("a.png", PNG, AttachmentRules(tmp_path, kinds=("pdf",)))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\报告.doc", "报告.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ('x"\r\n: y<b>.pdf', "x_ y_b_.pdf"),
        ("....", "附件.pdf"),
        ("", "附件.pdf"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
        ("联系人13907978899.pdf", "联系人" + "＊" * 11 + ".pdf"),
        ("20261120巡查.pdf", "20261120巡查.pdf"),
    ],
)
def test_names_are_safe_and_tell_nobodys_number(name: str, clean: str) -> None:
    assert clean_name(name, "pdf") == clean


def test_a_file_is_kept_once_readable_by_the_owner_and_goes_with_its_last_report(store: Attachments) -> None:
    one, two = store.keep("甲.png", PNG, "liu"), store.keep("乙.png", PNG, "wang")
    sha256 = hashlib.sha256(KEPT).hexdigest()
    assert (one.attachment.sha256, one.attachment.name, one.attachment.size) == (sha256, "甲.png", len(KEPT))
    path = store.path(sha256)
    assert path is not None
    assert path.read_bytes() == KEPT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for number, held in enumerate((one, two)):
        with store.filed(f"item{number}", [held]):
            pass
    store.forget("item0")
    assert path.exists()
    store.forget("item1")
    assert not path.exists()
    assert store.path(sha256) is None


def test_a_file_waits_for_its_report_and_only_for_its_uploader(store: Attachments) -> None:
    held = store.keep("甲.png", PNG, "liu")
    assert store.held([held.id, "unknown", held.id], "liu") == [held]
    assert store.held([held.id], "wang") == []
    with pytest.raises(OSError, match=r"away; waiting: \[\]"), store.filed("item", [held]):
        raise OSError(f"away; waiting: {store.held([held.id], 'liu')}")
    assert store.held([held.id], "liu") == [held]
    store.sweep(datetime.now(UTC))
    assert store.held([held.id], "liu") == [held]
    store.sweep(datetime.now(UTC) + timedelta(days=2))
    assert store.held([held.id], "liu") == []
    assert store.path(held.attachment.sha256) is None


def test_a_form_sent_twice_at_once_does_not_lose_the_files_of_the_one_that_arrived(store: Attachments) -> None:
    held = store.keep("甲.png", PNG, "liu")
    with store.filed("item", [held]), pytest.raises(OSError, match="away"), store.filed("item", [held]):
        raise OSError("away")
    store.sweep(datetime.now(UTC) + timedelta(days=2))
    assert store.path(held.attachment.sha256) is not None


def test_nobody_fills_the_disk_with_what_is_never_filed(store: Attachments) -> None:
    for number in range(MOST_WAITING):
        store.keep("甲.pdf", PDF + str(number).encode(), "liu")
    with pytest.raises(InvalidItem, match="not filed"):
        store.keep("甲.pdf", PDF, "liu")
    store.keep("甲.pdf", PDF, "wang")


def test_a_disk_that_is_full_is_said_and_leaves_nothing(store: Attachments, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desk.attachments.os.fsync", full)
    with pytest.raises(InvalidItem, match="cannot be stored"):
        store.keep("甲.png", PNG, "liu")
    assert [file for file in store.rules.folder.rglob("*") if file.is_file()] == []


def test_how_many_and_how_large_together(store: Attachments) -> None:
    held = [store.keep("甲.png", PNG, "liu") for _ in range(3)]
    store.check_together(held[:2])
    with pytest.raises(InvalidItem):
        store.check_together(held)
    large = Held("x", held[0].attachment.model_copy(update={"size": 150_001}))
    with pytest.raises(InvalidItem):
        store.check_together([large])


# -- the form ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def editor(desk: Harness) -> TestClient:
    desk.client.post("/login", data={"key": KEY})
    return desk.client


FORM = {"source": "U028", "title": "巡查", "text": TEXT}


def test_a_report_takes_its_files_along(desk: Harness, editor: TestClient) -> None:
    files = [("files", ("../现场.exe", PNG)), ("files", ("说明.pdf", PDF))]
    receipt = editor.post("/report", data=FORM, files=files)
    assert receipt.status_code == 200
    assert "现场.png、说明.pdf" in receipt.text
    [parcel] = desk.sink.parcels
    assert [(one.name, one.media_type) for one in parcel.item.attachments or ()] == [
        ("现场.png", MEDIA_TYPES["png"]),
        ("说明.pdf", MEDIA_TYPES["pdf"]),
    ]
    assert "先前已收到" in editor.post("/report", data=FORM, files=files).text
    assert len(desk.sink.parcels) == 1
    assert editor.post("/report", data=FORM | {"title": "另一件"}).status_code == 200
    assert desk.sink.parcels[-1].item.attachments is None


def test_one_bad_file_costs_neither_the_words_nor_the_good_files(desk: Harness, editor: TestClient) -> None:
    files = [("files", ("现场.png", PNG)), ("files", ("坏.exe", b"MZ"))]
    refused = editor.post("/report", data=FORM, files=files)
    assert refused.status_code == 422
    assert desk.sink.parcels == []
    for words in ("“坏”不是可以收的格式", "现场.png", TEXT, "巡查"):
        assert words in refused.text
    held = refused.text.split('name="held" value="')[1].split('"')[0]
    desk.sink.down = True
    away = editor.post("/report", data=FORM | {"held": held})
    assert (away.status_code, held in away.text) == (503, True)
    desk.sink.down = False
    assert "现场.png" in editor.post("/report", data=FORM | {"held": held}).text
    assert [one.name for one in desk.sink.parcels[0].item.attachments or ()] == ["现场.png"]


def test_too_many_and_too_much(desk: Harness, editor: TestClient) -> None:
    many = editor.post("/report", data=FORM, files=[("files", (f"{n}.png", PNG)) for n in range(4)])
    assert (many.status_code, "最多3个" in many.text) == (422, True)
    huge = editor.post("/report", data=FORM, files=[("files", ("a.png", PNG + bytes(60_000)))])
    assert huge.status_code == 413
    assert desk.sink.parcels == []


def test_a_sender_cannot_say_what_is_attached(desk: Harness) -> None:
    listed = [{"name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64}]
    body = {"lane": "report", "source": "区水利局", "text": TEXT, "published_at": "2026-11-20T11:00:00+08:00"}
    refused = desk.post(body | {"attachments": listed})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "attachments")
