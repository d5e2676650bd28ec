"""Styles of the DOCX: what GB/T 9704-2012 and formats.tsv say of every role, in the words of Word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from publishers.document import Role

RED, BLACK, BROWN = RGBColor(0xC0, 0x00, 0x00), RGBColor(0, 0, 0), RGBColor(0x7A, 0x4B, 0x00)
TEXT_WIDTH = Mm(156)
LINE = Pt(28.8)
"""Fixed line pitch: 22 lines in 225 mm; offices set 28 to 29 pt (formats.tsv)."""
TEXT, CLOSER = 16, -0.25
"""3号, in pt. 28 of them do not fit 156 mm, so each stands a little closer to the next (formats.tsv: 28 in a line)."""
PAGE_NUMBER, CELL_SIZE = 14, 7
CENTER, RIGHT, BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


class Look(NamedTuple):
    """Font, sizes in pt, and what else a style has.

    ``tracking``: between two characters; ``indent``: characters that the first line is set in, negative the others;
    ``above``: mm; ``fixed``: lines as high as LINE, whatever stands in them.
    """

    font: str = "仿宋"
    size: float = TEXT
    align: Any = None
    colour: RGBColor = BLACK
    bold: bool = False
    indent: int = 0
    heading: int = 0
    fixed: bool = True
    tracking: float = 0
    above: float = 0


LOOKS: Mapping[Role, Look] = {
    Role.MARK: Look("黑体"),
    Role.TITLE: Look("方正小标宋简体", 44, CENTER, RED, bold=True, fixed=False, tracking=12.3, above=6),
    Role.SUBJECT: Look("方正小标宋简体", 22, CENTER, RED, bold=True, fixed=False, above=6),
    Role.ISSUE: Look(align=CENTER),
    Role.OFFICE: Look(),
    Role.NOTICE: Look("楷体", 14, colour=RED),
    Role.CONTENTS: Look("黑体", align=CENTER, colour=RED),
    Role.CONTENTS_ENTRY: Look(indent=-2),
    Role.SECTION: Look("黑体", 18, colour=RED, heading=1, above=3),
    Role.CHART: Look("黑体", 12, fixed=False),
    Role.TABLE: Look("黑体", 12),
    Role.HEADING: Look(bold=True, heading=2),
    Role.BODY: Look(align=BOTH, indent=2),
    Role.NOTE: Look("楷体", 14, colour=BROWN),
    Role.SOURCE: Look(align=RIGHT),
    Role.EMPTY: Look(),
    Role.RECIPIENTS: Look(size=14, above=4),
    Role.SIGNED: Look(size=14),
}
CELL = "表格"
"""The style of what stands in tables."""
NAMES: Mapping[Role, str] = {
    Role.MARK: "密级与标记", Role.TITLE: "刊名", Role.SUBJECT: "文件标题", Role.ISSUE: "期号", Role.OFFICE: "编印单位",
    Role.NOTICE: "勘误与撤回", Role.CONTENTS: "要目标题", Role.CONTENTS_ENTRY: "要目", Role.SECTION: "栏目",
    Role.CHART: "图题", Role.TABLE: "表题", Role.HEADING: "信息标题", Role.BODY: "信息正文", Role.NOTE: "核校意见",
    Role.SOURCE: "供稿单位", Role.EMPTY: "空栏", Role.RECIPIENTS: "报送范围", Role.SIGNED: "签发",
}  # fmt: skip


def declare_styles(document: Any) -> None:
    """Chinese as the language, and a style of its own for every role and for tables."""
    _language(document)
    for role, look in LOOKS.items():
        _style(document, NAMES[role], look)
    _style(document, CELL, Look("宋体", CELL_SIZE, fixed=False))


def _language(document: Any) -> None:
    """Chinese: else commas and stops are set in the middle of their square, as in Taiwan, and every word is underlined
    as misspelt."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        defaults.append(language)
    language.set(qn("w:eastAsia"), "zh-CN")


def east_asian(properties: Any, font: str) -> None:
    """The font of Chinese characters, and of what may belong to either script: “ ” … —."""
    fonts = properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def _style(document: Any, name: str, look: Look) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[f"Heading {look.heading}" if look.heading else "Normal"]
    style.font.name, style.font.size, style.font.bold = "Times New Roman", Pt(look.size), look.bold
    style.font.italic = False
    style.font.color.rgb = look.colour
    properties = style.element.get_or_add_rPr()
    east_asian(properties, look.font)
    tracking = look.tracking or (CLOSER if look.size == TEXT else 0)
    if tracking:
        _spacing(properties, tracking)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Mm(look.above), Pt(0)
    if look.align is not None:
        shape.alignment = look.align
    if look.indent:
        _indent(shape, style.element.get_or_add_pPr(), look)
    if look.fixed:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE


def _spacing(properties: Any, points: float) -> None:
    """Between characters, in twentieths of a point; where the schema wants it (before w:sz)."""
    made = OxmlElement("w:spacing")
    made.set(qn("w:val"), str(round(points * 20)))
    properties.insert_element_before(made, *_AFTER_SPACING)


_AFTER_SPACING = ("w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:effect", "w:lang")


def _indent(shape: Any, properties: Any, look: Look) -> None:
    """In characters, as Word's dialogue has it, and in points for programs that do not know these."""
    width = Pt(abs(look.indent) * (look.size + CLOSER))
    if look.indent < 0:
        shape.left_indent = width
    shape.first_line_indent = width if look.indent > 0 else -width
    words = (
        {"firstLineChars": look.indent}
        if look.indent > 0
        else {"leftChars": -look.indent, "hangingChars": -look.indent}
    )
    for name, count in words.items():
        properties.ind.set(qn(f"w:{name}"), str(count * 100))
