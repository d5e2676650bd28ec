"""Bulletins as DOCX with real styles, for offices that edit and print in WPS or Word; same words as HTML and PDF.

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
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from publishers.charts import describe
from publishers.document import Paragraph, Role, paragraphs
from publishers.pdf import chart_png
from schemas.bulletin import Bulletin

_NOT_XML = re.compile(r"[\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]")
RED = RGBColor(0xC0, 0x00, 0x00)
TEXT_WIDTH = Mm(156)
LINE = Pt(28.8)
"""Fixed line pitch: 22 lines in 225 mm; offices set 28 to 29 pt (formats.tsv)."""


class Look(NamedTuple):
    """Font, size in pt, and what else a style has."""

    font: str = "仿宋"
    size: float = 16
    align: Any = None
    red: bool = False
    bold: bool = False
    indent: float = 0
    heading: int = 0
    fixed: bool = True


LOOKS: Mapping[Role, Look] = {
    Role.MARK: Look("黑体"),
    Role.TITLE: Look("方正小标宋简体", 44, WD_ALIGN_PARAGRAPH.CENTER, red=True, bold=True, fixed=False),
    Role.ISSUE: Look(align=WD_ALIGN_PARAGRAPH.CENTER),
    Role.OFFICE: Look(),
    Role.NOTICE: Look("楷体", 14, red=True),
    Role.CONTENTS: Look("黑体", align=WD_ALIGN_PARAGRAPH.CENTER, red=True),
    Role.CONTENTS_ENTRY: Look(),
    Role.SECTION: Look("黑体", 18, red=True, heading=1),
    Role.CHART: Look("黑体", 12, fixed=False),
    Role.HEADING: Look(bold=True, heading=2),
    Role.BODY: Look(indent=32),
    Role.NOTE: Look("楷体", 14),
    Role.SOURCE: Look(align=WD_ALIGN_PARAGRAPH.RIGHT),
    Role.EMPTY: Look(),
    Role.RECIPIENTS: Look(size=14),
    Role.SIGNED: Look(size=14),
}
NAMES: Mapping[Role, str] = {
    Role.MARK: "密级与标记", Role.TITLE: "刊名", Role.ISSUE: "期号", Role.OFFICE: "编印单位", Role.NOTICE: "勘误与撤回",
    Role.CONTENTS: "要目标题", Role.CONTENTS_ENTRY: "要目", Role.SECTION: "栏目", Role.CHART: "图题",
    Role.HEADING: "信息标题", Role.BODY: "信息正文", Role.NOTE: "核校意见", Role.SOURCE: "供稿单位",
    Role.EMPTY: "空栏", Role.RECIPIENTS: "报送范围", Role.SIGNED: "签发",
}  # fmt: skip


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
    for role, look in LOOKS.items():
        _style(document, NAMES[role], look)
    for one in given:
        _add(document, one, fonts)
    _properties(document, about)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer.add_run("— ")
    _field(footer, "PAGE")
    footer.add_run(" —")


def _field(paragraph: Any, code: str) -> None:
    element = OxmlElement("w:fldSimple")
    element.set(qn("w:instr"), code)
    paragraph._p.append(element)


def _style(document: Any, name: str, look: Look) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[f"Heading {look.heading}" if look.heading else "Normal"]
    style.font.name, style.font.size, style.font.bold = "Times New Roman", Pt(look.size), look.bold
    style.font.italic = False
    style.font.color.rgb = RED if look.red else RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), look.font)
    shape = style.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    if look.align is not None:
        shape.alignment = look.align
    if look.indent:
        shape.first_line_indent = Pt(look.indent)
    if look.fixed:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE


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


def _properties(document: Any, about: About) -> None:
    kept = document.core_properties
    kept.title, kept.author = about.title, about.author
    kept.created = kept.modified = about.made_at.replace(tzinfo=None)
    kept.comments, kept.last_modified_by = "", about.author
