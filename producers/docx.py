"""Reports from a Word document: one report, or a table of reports.

The form of one report: its first lines name the fields, one a line, in any order, then comes the body:

    单位：区应急局
    标题：关于沙石镇山体滑坡的报告
    时间：2026年11月20日 8时30分
    类型：首报
    （正文……）

A table whose first row names 单位, 正文 and 时间 is read as one report a row instead. Text boxes are not read as text
(a note says so), but a secrecy mark is looked for everywhere: body, text boxes, headers and footers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from docx import Document

from producers import columns
from producers.packages import MAX_UNPACKED, check_package
from producers.rows import MAX_ROWS, Row, refused, too_many
from producers.secrecy import secrecy_mark
from schemas.errors import FieldError, InvalidItem

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FIELD = re.compile(r"^([^：:\s]{1,10})\s*[：:]\s*(.*)$", re.DOTALL)
_ENDS = tuple("。！？；：，、.!?;:,")
LONGEST_TITLE = 60
"""Characters of a first line that may be a title; longer ones are a paragraph."""
_NOTE = "文本框中的文字未读取，请将其移入正文"


def read_docx(data: bytes) -> Iterator[Row]:
    """The reports of a document. ``line`` is the paragraph's or the table row's number. Raises InvalidItem."""
    paragraphs, tables, note = _opened(data, MAX_UNPACKED)
    table = next((table for table in tables if table and columns.header(table[0])), None)
    if table is not None:
        yield from _rows(table, note)
    else:
        yield _one(paragraphs, tables, note)


def read_letter(data: bytes, unpacked: int = MAX_UNPACKED) -> tuple[dict[str, str], str]:
    """(fields of a form, a note) from a document written in any way: lines that name fields, a first line that looks
    like a title, and the rest as text. Raises InvalidItem."""
    paragraphs, tables, note = _opened(data, unpacked)
    raw = _named_lines(paragraphs, tables)
    if not raw.get("title"):
        first, _, rest = raw["text"].partition("\n")
        if rest.strip() and len(first) <= LONGEST_TITLE and not first.rstrip().endswith(_ENDS):
            raw |= {"title": first.strip(), "text": rest.strip()}
    return raw, note


def _opened(data: bytes, unpacked: int) -> tuple[list[str], list[list[list[str]]], str]:
    """(paragraphs, tables, note)"""
    check_package(data, unpacked)
    try:
        document = Document(BytesIO(data))
        paragraphs = [_text(paragraph._p) for paragraph in document.paragraphs]
        tables = [_grid(table) for table in document.tables]
        everything = "\n".join(_everywhere(document))
        boxes = any(True for _ in document.element.iter(f"{_W}txbxContent"))
    except Exception as error:  # python-docx raises whatever its XML gives
        raise InvalidItem([FieldError("file", "is not a readable document", "文档无法读取")]) from error
    if secrecy_mark("", everything):
        raise InvalidItem([FieldError("file", "carries a secrecy mark; nothing was stored", _CLASSIFIED)])
    return paragraphs, tables, _NOTE if boxes else ""


def _grid(table: Any) -> list[list[str]]:
    """Cells as they stand in the file; ``row.cells`` would repeat one as often as its span says."""
    return [[_text(cell) for cell in row.tc_lst] for row in table._tbl.tr_lst[: MAX_ROWS + 2]]


def _one(paragraphs: list[str], tables: list[list[list[str]]], note: str) -> Row:
    raw = _named_lines(paragraphs, tables)
    if not {"source", "published_at"} <= raw.keys():
        return refused(1, "file", "must begin with the lines 单位： and 时间：", "文档开头须有“单位：”“时间：”各一行")
    payload, errors = columns.fields(raw)
    return Row(1, None, tuple(errors), note) if errors else Row(1, payload, note=note)


def _named_lines(paragraphs: list[str], tables: list[list[list[str]]]) -> dict[str, str]:
    """Fields by the lines that name them; what comes after these, and tables, as ``text``."""
    raw: dict[str, str] = {}
    rest = list(paragraphs)
    while rest:
        match = _FIELD.match(rest[0].strip())
        field = columns.field_of(match[1]) if match else None
        if rest[0].strip() and (match is None or field is None or field in raw):
            break
        if match and field:
            raw[field] = match[2]
            if field == "text":
                raw[field] = "\n".join([match[2], *rest[1:]]).strip()
                rest = []
        rest = rest[1:]
    if "text" not in raw:
        grid = ["\n".join(" ".join(row) for row in table) for table in tables]
        raw["text"] = "\n".join(line for line in (*rest, *grid) if line.strip())
    return raw


def _rows(table: list[list[str]], note: str) -> Iterator[Row]:
    names = columns.header(table[0]) or []
    for number, cells in enumerate(table[1:], 2):
        if number > MAX_ROWS + 1:
            yield too_many(number)
            return
        raw = columns.named(names, cells)
        if not any(value.strip() for value in raw.values()):
            continue
        payload, errors = columns.fields(raw)
        yield Row(number, None, tuple(errors), note) if errors else Row(number, payload, note=note)


def _everywhere(document: Any) -> Iterator[str]:
    """Every paragraph of the package's XML parts, text boxes, headers and footers included."""
    for part in document.part.package.iter_parts():
        element = getattr(part, "element", None)
        for paragraph in element.iter(f"{_W}p") if element is not None else ():
            yield _text(paragraph)


def _text(element: Any) -> str:
    """The text of a paragraph or cell without that of text boxes inside it."""
    parts: list[str] = []
    for node in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}p"):
        if any(True for _ in _ancestors(node, element)):
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}tab":
            parts.append(" ")
        elif parts:
            parts.append("\n")
    return "".join(parts)


def _ancestors(node: Any, limit: Any) -> Iterator[Any]:
    """Text boxes between a node and the element that is read."""
    while node is not limit and node is not None:
        if node.tag == f"{_W}txbxContent":
            yield node
        node = node.getparent()


_CLASSIFIED = "文件带有密级标志，内容未保存，请通过涉密渠道报送"
