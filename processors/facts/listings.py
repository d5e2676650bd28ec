"""Numbers of set forms that must fit one another: votes and voters, a plan and its share done, rows and their total."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isclose

from processors.document import Document
from processors.facts.mismatch import mismatch
from processors.facts.numerals import NUMBER, value
from processors.facts.quantities import UNIT
from processors.late import late
from schemas.assessment import Finding

_CALM = r"[^，。；\d一二两三四五六七八九十百千]"
_VOTES = late(
    rf"(?P<t>{NUMBER})[名位个户人]{_CALM}{{0,10}}[，,](?P<a>{NUMBER})票(?:赞成|同意)[、，](?P<b>{NUMBER})票(?:反对|弃权)"
    rf"(?:[、，](?P<c>{NUMBER})票(?:反对|弃权))?"
)
_REST = late(
    rf"(?P<t>{NUMBER})(?P<u>人|名)，其中(?P<a>{NUMBER})(?:人|名)[^。；]{{2,70}}；(?P<span>(?:另外|其余|其他|剩余|剩下)(?P<b>{NUMBER})(?:人|名))"
)
_OTHERS = late(r"；(?:另外|其余|其他|剩余|剩下)")
"""What every match of _REST has."""
_WAYS = late(
    rf"(?P<span>(?P<t>{NUMBER})(?P<u>{UNIT})){_CALM}{{0,10}}，(?:价格)?(?:上涨|上升|增长)的?有?(?P<a>{NUMBER})(?P=u)[、，]"
    rf"(?:持平|不变)的?有?(?P<b>{NUMBER})(?P=u)[、，](?:下降|下跌|回落)的?有?(?P<c>{NUMBER})(?P=u)"
)
_PLAN = late(
    rf"计划{_CALM}{{0,8}}(?P<t>{NUMBER})(?P<u>{UNIT})[，、](?:实际|目前|已){_CALM}{{0,6}}(?P<p>{NUMBER})(?P=u)，"
    r"(?P<span>完成率(?:只有|仅为?|为|达到?|是)?(?P<r>\d+(?:\.\d+)?)%)"
)
_CELL = late(r"(?P<n>\d+(?:\.\d+)?)(?P<u>[一-龥]{0,2})")
_GAP = late(r"[^ \t　|]+")
_TOTAL_ROW = late(r"(?:合|总|小)计[ \t　|]")
ROWS = 2
"""Rows that a table needs above its total."""


def check(document: Document) -> Iterator[Finding]:
    """All contradictions of these forms in the text."""
    text = document.norm
    if "票赞成" in text or "票同意" in text:
        yield from _sums(document, _VOTES, "表决票数")
    if "其中" in text and _OTHERS.search(text):
        yield from _sums(document, _REST, "两部分", exact=True)
    if "持平" in text or "不变" in text:
        yield from _sums(document, _WAYS, "升、平、降", exact=True)
    if "完成率" in text:
        yield from _plans(document)
    if "\n" in text and "计" in text and _TOTAL_ROW.search(text):
        yield from _tables(document)


def _sums(document: Document, pattern: re.Pattern[str], name: str, *, exact: bool = False) -> Iterator[Finding]:
    for match in pattern.finditer(document.norm, document.shift):
        groups = match.groupdict()
        total = value(groups["t"])
        parts = [value(groups[key]) for key in "abc" if groups.get(key)]
        if total is None or any(part is None for part in parts):
            continue
        added = sum(part or 0.0 for part in parts)
        if added > total or (exact and added != total):
            span = "span" if "span" in groups else 0
            message = f"{name}相加为{added:g}，与所写{total:g}不符"
            yield mismatch(document, match.start(span), match.end(span), message, "facts.sum")


def _plans(document: Document) -> Iterator[Finding]:
    """计划6.2公里，实际2.4公里，完成率28.7%."""
    for match in _PLAN.finditer(document.norm, document.shift):
        total, done = value(match["t"]), value(match["p"])
        if (
            total
            and done is not None
            and abs(done / total * 100 - float(match["r"])) > (0.11 if "." in match["r"] else 1.01)
        ):
            message = f"{done:g}÷{total:g}＝{done / total * 100:.1f}%，与所写{match['r']}%不符"
            yield mismatch(document, match.start("span"), match.end("span"), message, "facts.rate")


def _tables(document: Document) -> Iterator[Finding]:
    """Lines of cells with a last line 合计: each column of numbers must add up to it."""
    rows: list[list[re.Match[str]]] = []
    start = document.shift
    for line in document.norm[start:].split("\n"):
        cells = list(_GAP.finditer(document.norm, start, start + len(line)))
        if _TOTAL_ROW.match(line):
            yield from _columns(document, [row for row in rows if len(row) == len(cells)], cells)
            rows = []
        elif len(cells) > 1:
            rows.append(cells)
        start += len(line) + 1


def _columns(document: Document, rows: list[list[re.Match[str]]], total: list[re.Match[str]]) -> Iterator[Finding]:
    for index, cell in enumerate(total):
        wanted = _CELL.fullmatch(cell[0])
        column = [found for row in rows if (found := _CELL.fullmatch(row[index][0])) is not None]
        if wanted is None or len(column) < ROWS or any(found["u"] != wanted["u"] for found in column):
            continue
        added = sum(float(found["n"]) for found in column)
        if not isclose(added, float(wanted["n"]), abs_tol=0.06):
            message = f"各行相加为{added:g}{wanted['u']}，与合计{cell[0]}不符"
            yield mismatch(document, cell.start(), cell.end(), message, "facts.sum")
