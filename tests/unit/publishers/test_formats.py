"""One bulletin, three outputs: the same words in the same order, whatever the words are."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from publishers.document import CONTENTS, Role, issue_line, notices, paragraphs
from publishers.docx import render_docx
from publishers.formats import FORMATS
from publishers.html import render_html
from publishers.pdf import chart_png, render_pdf
from schemas.bulletin import Bulletin, BulletinEntry, BulletinSection
from tests.unit.publishers.bulletin_samples import CHARTS, NASTY, full_bulletin

PAGE_NUMBER = re.compile(r"—\s*\d+\s*—")
A4 = (595, 842)


def squeezed(text: str) -> str:
    """Without blanks and list numbers: line breaks are each format's own affair."""
    return re.sub(r"\s+", "", text)


def words_of(bulletin: Bulletin) -> str:
    return squeezed("".join(one.text + one.level + one.aside for one in paragraphs(bulletin)))


def pdf_words(bulletin: Bulletin) -> str:
    reader = PdfReader(io.BytesIO(render_pdf(bulletin)))
    return squeezed(PAGE_NUMBER.sub("", "\n".join(page.extract_text() for page in reader.pages)))


def docx_words(bulletin: Bulletin) -> str:
    return squeezed("".join(one.text for one in Document(io.BytesIO(render_docx(bulletin))).paragraphs))


def html_words(bulletin: Bulletin) -> str:
    tree = LexborHTMLParser(render_html(bulletin))
    for node in tree.css("style, title, svg"):
        node.decompose()
    body = tree.body
    assert body is not None
    return squeezed(body.text())


def test_docx_has_the_words_of_the_model_in_order() -> None:
    bulletin = full_bulletin()
    assert docx_words(bulletin) == words_of(bulletin)


def test_html_has_the_words_of_the_model_in_order() -> None:
    bulletin = full_bulletin()
    wanted = words_of(bulletin)
    for number in range(1, 3):  # the page numbers its list by itself
        wanted = wanted.replace(f"{number}．", "", 1)
    assert html_words(bulletin) == wanted


def test_pdf_has_every_paragraph_in_order() -> None:
    bulletin = full_bulletin(charts=())
    found, at = pdf_words(bulletin), 0
    for one in paragraphs(bulletin):
        place = found.find(squeezed(one.text), at)
        assert place >= 0, (one.role, one.text, found[at : at + 80])
        at = place if one.role in (Role.MARK, Role.OFFICE) else place + len(squeezed(one.text))


@pytest.mark.parametrize("words", [html_words, docx_words, pdf_words], ids=["html", "docx", "pdf"])
def test_an_erratum_says_first_what_it_corrects(words: Callable[[Bulletin], str]) -> None:
    bulletin = full_bulletin(charts=(), version=2, reason="人数有误", changes=("标题“甲”改为“乙”", "删去“丙”"))
    found = words(bulletin)
    first, second, third = (squeezed(line) for line in notices(bulletin))
    assert first == "【勘误】本期第2次印发，以本版为准：人数有误"
    assert found.index(first) < found.index(second) < found.index(third) < found.index(squeezed(CONTENTS))
    assert squeezed(issue_line(bulletin)) in found


@pytest.mark.parametrize("words", [html_words, docx_words, pdf_words], ids=["html", "docx", "pdf"])
def test_a_withdrawn_issue_says_so_and_nothing_else(words: Callable[[Bulletin], str]) -> None:
    bulletin = full_bulletin(charts=(), sections=(), version=2, reason="事实有误", withdrawn=True)
    found = words(bulletin)
    assert "本期已撤回。事实有误" in found
    assert squeezed(CONTENTS) not in found


@pytest.mark.parametrize("words", [html_words, docx_words, pdf_words], ids=["html", "docx", "pdf"])
def test_words_that_look_like_code_stay_words(words: object) -> None:
    assert squeezed(NASTY) in words(full_bulletin(charts=()))  # type: ignore[operator]


def test_the_pdf_is_a4_and_says_what_it_is() -> None:
    reader = PdfReader(io.BytesIO(render_pdf(full_bulletin())))
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == A4
    assert reader.metadata is not None
    assert reader.metadata.title == "今日重要舆情 2026-11-05"
    assert len(reader.pages) >= 2


def test_a_line_holds_twenty_eight_characters_and_a_page_twenty_two_lines() -> None:
    entry = BulletinEntry(item_ids=("i",), title="长文", text="汇" * 28 * 60)
    bulletin = full_bulletin(charts=(), sections=(BulletinSection(name="栏目", entries=(entry,)),))
    pages = PdfReader(io.BytesIO(render_pdf(bulletin))).pages
    lines = [line.strip() for line in pages[1].extract_text().splitlines() if set(line.strip()) == {"汇"}]
    assert {len(line) for line in lines} == {28}
    assert len(lines) == 22


def test_charts_are_in_all_three() -> None:
    bulletin = full_bulletin()
    assert render_html(bulletin).count("<svg") == len(CHARTS)
    archive = zipfile.ZipFile(io.BytesIO(render_docx(bulletin)))
    assert len([name for name in archive.namelist() if name.startswith("word/media/")]) == len(CHARTS)
    drawn = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(bulletin))).pages)
    assert "物业" in drawn
    assert chart_png(CHARTS[0]).startswith(b"\x89PNG")


def test_docx_has_real_styles() -> None:
    styles = {one.style.name for one in Document(io.BytesIO(render_docx(full_bulletin()))).paragraphs if one.style}
    assert {"刊名", "栏目", "信息标题", "信息正文", "供稿单位", "签发"} <= styles


def test_docx_is_laid_out_as_the_pdf() -> None:
    """What GB/T 9704-2012 asks and Word does only when it is told: lines of 28 characters, page numbers outside."""
    document = Document(io.BytesIO(render_docx(full_bulletin())))
    section, body = document.sections[0], document.styles["信息正文"]
    width = (section.page_width - section.left_margin - section.right_margin) / 12_700
    run, indent = body.element.rPr, body.element.pPr.ind
    pitch = body.font.size.pt + int(run.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert 28 * pitch <= width < 29 * pitch
    assert (indent.get(qn("w:firstLineChars")), indent.firstLine.pt) == ("200", 2 * pitch)
    assert body.paragraph_format.alignment is WD_ALIGN_PARAGRAPH.JUSTIFY
    tags = [child.tag for child in run]  # in the order of the schema, or Word calls the file damaged
    assert tags.index(qn("w:color")) < tags.index(qn("w:spacing")) < tags.index(qn("w:sz"))
    assert document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").get(qn("w:eastAsia")) == "zh-CN"
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        number = footer.paragraphs[0]
        assert (number.alignment, {one.font.size.pt for one in number.runs}) == (side, {14})
        assert [one.text for one in number._p.iter(qn("w:instrText"))] == ["PAGE"]


def test_control_characters_do_not_stop_any_format() -> None:
    entry = BulletinEntry(item_ids=("i",), title="标题\x0b一", text="正文\x00内容")
    bulletin = full_bulletin(sections=(BulletinSection(name="栏目", entries=(entry,)),))
    assert all(made.render(bulletin, ()) for made in FORMATS.values())


def test_signs_that_xml_refuses_are_left_out_of_the_docx() -> None:
    bulletin = full_bulletin(charts=())
    entry = BulletinEntry(item_ids=("i9",), title="甲\ufffe乙\x01丙\uffff𠮷", text="正文\ufffe\x0b完", contributors=())
    section = bulletin.sections[0].model_copy(update={"entries": (entry,)})
    words = docx_words(bulletin.model_copy(update={"sections": (section,)}))
    assert "甲乙丙𠮷" in words
    assert "正文" in words
