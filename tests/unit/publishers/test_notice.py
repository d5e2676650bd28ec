"""The monthly notice: one list of paragraphs, three outputs with the same words; and doors for pushed receipts."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from publishers.channels.doors import MOST, doors
from publishers.document import Paragraph
from publishers.notice import FORMATS, notice_file, notice_paragraphs
from schemas.errors import InvalidItem
from schemas.ports import Receipt
from tests.unit.processors.duty.test_duty_points import made

OFFICE = "区委办公室"


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def cells(one: Paragraph) -> list[str]:
    return [] if one.table is None else [*one.table.head, *(cell for row in one.table.rows for cell in row)]


def rendered(form: str) -> bytes:
    return FORMATS[form].render(made(), OFFICE, ())


def words() -> str:
    return squeezed("".join(one.text + one.aside + "".join(cells(one)) for one in notice_paragraphs(made(), OFFICE)))


def test_html_has_the_words_of_the_model_in_order() -> None:
    tree = LexborHTMLParser(rendered("html").decode())
    for node in tree.css("style, title"):
        node.decompose()
    assert tree.body is not None
    assert squeezed(tree.body.text()) == words()


def test_docx_has_the_words_of_the_model_in_order() -> None:
    document = Document(io.BytesIO(rendered("docx")))
    found = ""
    for element in document.element.body.iterchildren():
        if element.tag.endswith(("}p", "}tbl")):
            found += "".join(node.text or "" for node in element.iter() if node.tag.endswith("}t"))
    assert squeezed(found) == words()
    assert document.paragraphs[1].style.name == "文件标题"


def test_tables_of_the_docx_fit_the_page_and_repeat_their_head() -> None:
    document = Document(io.BytesIO(rendered("docx")))
    section = document.sections[0]
    for table in document.tables:
        widths = [cell.width for cell in table.rows[0].cells]
        assert sum(widths) <= section.page_width - section.left_margin - section.right_margin
        assert min(widths) > 0
        heads = [bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows]
        assert heads == [True] + [False] * (len(heads) - 1)
        assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)


def test_pdf_has_every_paragraph_and_cell() -> None:
    reader = PdfReader(io.BytesIO(rendered("pdf")))
    found = squeezed("".join(page.extract_text() for page in reader.pages))
    for one in notice_paragraphs(made(), OFFICE):
        assert squeezed(one.text) in found, one.text
        assert all(squeezed(cell) in found for cell in cells(one))


def test_the_file_names_the_month_and_the_form() -> None:
    assert [notice_file(made(), form) for form in FORMATS] == [f"tongbao-2026-11.{form}" for form in FORMATS]


# -- doors ------------------------------------------------------------------------------------------------------------

SPEC: dict[str, Any] = {
    "kind": "sms", "name": "sms", "url": "https://gw.example/${sms.key}", "body": {},
    "receipts": {"items": "reports", "reference": "id", "state": "stat", "arrived": ["OK"], "failed": ["NO"]},
}  # fmt: skip
SECRETS = {"sms.push": "s3cret"}


def test_a_door_is_there_where_a_gateway_has_receipts_and_a_secret() -> None:
    mail = {"kind": "mail", "name": "mail", "host": "h", "sender": "a@b"}
    silent = {**SPEC, "name": "other", "receipts": None}
    found = doors([SPEC, mail, silent], {**SECRETS, "mail.push": "x", "other.push": "y"}.get)
    assert list(found) == ["sms"]
    assert (found["sms"].opens("s3cret"), found["sms"].opens(""), found["sms"].opens("s3cre秘")) == (True, False, False)
    assert doors([SPEC], {}.get) == {}


@pytest.mark.parametrize(
    "body",
    [
        b'{"reports": [{"id": "7", "stat": "OK"}]}',
        b'[{"id": 7, "stat": "OK"}]',
        b'{"id": "7", "stat": "OK"}',
        b"id=7&stat=OK",
    ],
)
def test_a_receipt_is_read_from_a_list_alone_or_as_a_form(body: bytes) -> None:
    ((_, found),) = doors([SPEC], SECRETS.get)["sms"].read(body)
    assert found == Receipt("sms", "7", True, "OK")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"\xff\xfe", "body"),
        (b"hello", "body"),
        (b"", "body"),
        (b"7", "0.id"),
        (b'{"reports": [{"stat": "OK"}]}', "reports.0.id"),
        (b'{"reports": [{"id": {"a": 1}, "stat": "OK"}]}', "reports.0.id"),
        (b"[" + b",".join([b"{}"] * (MOST + 1)) + b"]", "body"),
    ],
)
def test_what_is_no_receipt_is_refused_by_its_place(body: bytes, field: str) -> None:
    with pytest.raises(InvalidItem) as refused:
        doors([SPEC], SECRETS.get)["sms"].read(body)
    assert [one.field for one in refused.value.errors] == [field]


def test_a_state_between_is_no_end() -> None:
    ((_, found),) = doors([SPEC], SECRETS.get)["sms"].read(b'{"id": "7", "stat": "SENT"}')
    assert found is None
