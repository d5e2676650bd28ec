"""Documents as DOCX with real styles, for offices that edit and print in WPS or Word; same words as HTML and PDF.

Sizes and margins are those of the PDF (GB/T 9704-2012, formats.tsv). Fonts are named, not embedded: an office has 仿宋.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from docx import Document
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from publishers.charts import describe
from publishers.document import Paragraph, Role, Table, paragraphs
from publishers.docx_styles import (
    CELL,
    CELL_SIZE,
    CENTER,
    NAMES,
    PAGE_NUMBER,
    RED,
    RIGHT,
    TEXT_WIDTH,
    declare_styles,
    east_asian,
)
from publishers.pdf import chart_png
from schemas.bulletin import Bulletin

_NOT_XML = re.compile(r"[\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]")
_TWIP = Pt(1) // 20
"""Word keeps widths in these."""


def render_docx(bulletin: Bulletin, *, fonts: Sequence[Path] = ()) -> bytes:
    """The DOCX file; ``fonts``: folders of fonts for the charts, as in :func:`publishers.pdf.render_pdf`."""
    about = About(f"{bulletin.title} {bulletin.date}", bulletin.head.office, bulletin.made_at)
    return docx_of(paragraphs(bulletin), about, fonts=fonts)


class About(NamedTuple):
    """Title, office and time of a document's properties."""

    title: str
    author: str
    made_at: datetime


def docx_of(given: Sequence[Paragraph], about: About, *, fonts: Sequence[Path] = ()) -> bytes:
    """Any document's paragraphs with the same styles."""
    document = Document()
    _page(document)
    declare_styles(document)
    for one in given:
        _add(document, one, fonts)
        if one.table is not None:
            _table(document, one.table)
    _properties(document, about)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28 - 5)  # the page number stands 7 mm below the text, GB/T 9704-2012 7.5
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], RIGHT)
    _number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)


def _number(paragraph: Any, side: Any) -> None:
    """— 3 — on the outer side, one character in."""
    paragraph.alignment = side
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(PAGE_NUMBER)
    parts = [paragraph.add_run("— "), paragraph.add_run(), paragraph.add_run(" —")]
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "1"), ("end", "")):
        parts[1]._r.append(_field_part(kind, text))
    for run in parts:
        run.font.size, run.font.name = Pt(PAGE_NUMBER), "Times New Roman"
        east_asian(run._r.get_or_add_rPr(), "宋体")


def _field_part(kind: str, text: str) -> Any:
    """A field in parts and not w:fldSimple: the run's size holds for what it shows."""
    if kind in ("", "text"):
        made = OxmlElement("w:t" if kind else "w:instrText")
        made.text = text
        return made
    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    return made


def _add(document: Any, paragraph: Paragraph, fonts: Sequence[Path]) -> None:
    made = document.add_paragraph(style=NAMES[paragraph.role])
    special = partial(_chart, fonts=fonts) if paragraph.role is Role.CHART else _SPECIAL.get(paragraph.role, _plain)
    special(made, paragraph)


def _plain(made: Any, paragraph: Paragraph) -> None:
    made.add_run(_clean(paragraph.text))
    if paragraph.level:
        made.add_run(f"　{paragraph.level}").font.color.rgb = RED


def _aside(made: Any, paragraph: Paragraph) -> None:
    made.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    made.add_run(_clean(paragraph.text))
    if paragraph.aside:
        made.add_run("\t" + _clean(paragraph.aside))


def _office(made: Any, paragraph: Paragraph) -> None:
    _aside(made, paragraph)
    _border(made, "bottom", "C00000", 16)


def _recipients(made: Any, paragraph: Paragraph) -> None:
    _plain(made, paragraph)
    _border(made, "top", "000000", 8)


def _signed(made: Any, paragraph: Paragraph) -> None:
    _plain(made, paragraph)
    _border(made, "bottom", "000000", 8)


def _chart(made: Any, paragraph: Paragraph, *, fonts: Sequence[Path]) -> None:
    made.add_run(_clean(paragraph.text))
    if paragraph.chart is not None:
        made.add_run().add_break()
        picture = made.add_run().add_picture(io.BytesIO(chart_png(paragraph.chart, fonts=fonts)), width=TEXT_WIDTH)
        picture._inline.docPr.set("descr", describe(paragraph.chart))


_SPECIAL: Mapping[Role, Callable[[Any, Paragraph], None]] = {
    Role.MARK: _aside,
    Role.OFFICE: _office,
    Role.RECIPIENTS: _recipients,
    Role.SIGNED: _signed,
}


def _border(made: Any, side: str, colour: str, eighths: int) -> None:
    borders = OxmlElement("w:pBdr")
    edge = OxmlElement(f"w:{side}")
    for name, value in {"val": "single", "sz": str(eighths), "space": "4", "color": colour}.items():
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)
    made._p.get_or_add_pPr().append(borders)


def _clean(text: str) -> str:
    """XML takes no control characters, surrogates and U+FFFE, U+FFFF; python-docx would raise for them."""
    return _NOT_XML.sub("", text)


def _table(document: Any, table: Table) -> None:
    """The first column as wide as its names, the others share the rest; the head comes again on every page."""
    made = document.add_table(rows=0, cols=len(table.head), style="Table Grid")
    made.autofit, made.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    widths = _widths(table)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate((table.head, *table.rows)):
        added = made.add_row()
        _row(added, head=number == 0)
        for place, (cell, words, width) in enumerate(zip(added.cells, row, widths, strict=True)):
            cell.width, cell.vertical_alignment = width, WD_ALIGN_VERTICAL.CENTER
            paragraph = cell.paragraphs[0]
            paragraph.style = document.styles[CELL]
            if place:
                paragraph.alignment = CENTER
            paragraph.add_run(_clean(words)).font.bold = number == 0


def _widths(table: Table) -> list[int]:
    longest = max((len(row[0]) for row in (table.head, *table.rows)), default=0)
    others = len(table.head) - 1
    first = min(Pt(CELL_SIZE * longest) + Mm(4), TEXT_WIDTH // 3) if others else TEXT_WIDTH
    widths = [first, *[(TEXT_WIDTH - first) // max(others, 1)] * others]
    return [width // _TWIP * _TWIP for width in widths]


def _row(row: Any, *, head: bool) -> None:
    for name in ("w:cantSplit", *(["w:tblHeader"] if head else [])):
        row._tr.get_or_add_trPr().append(OxmlElement(name))


def _properties(document: Any, about: About) -> None:
    kept = document.core_properties
    kept.title, kept.author = about.title, about.author
    kept.created = kept.modified = about.made_at.replace(tzinfo=None)
    kept.comments, kept.last_modified_by = "", about.author
