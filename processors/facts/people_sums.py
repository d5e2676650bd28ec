"""Figures of people that contradict one another inside one item: a sum and its parts, those aboard, a later count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from processors.document import Document
from processors.facts import title_figures
from processors.facts.casualties import Casualties
from processors.facts.mismatch import mismatch
from processors.facts.numerals import NUMBER, value
from processors.facts.statements import Statements
from processors.late import late
from schemas.assessment import Finding
from schemas.vocab import Kind

_CASUALTY_TOTAL = late(
    rf"(?<![无没])(?P<span>(?:合计|共计?|总计|累计|共造成|造成)?伤亡(?:人数)?(?:共|达|为)?(?P<n>{NUMBER})人|"
    rf"(?<![无没有])(?P<n2>{NUMBER})人伤亡)"
)
_TOGETHER = late(rf"伤亡(?:人数)?[共达为]?{NUMBER}人|人伤亡")
"""What every match of _CASUALTY_TOTAL has."""
_UPON = r"上(?:共|一共)?(?:有|载有|坐着|坐了|载)?(?:乘客|司乘人员)?"
_ABOARD = late(rf"(?P<span>(?:实载|载有|搭载|乘坐|车{_UPON}|船{_UPON}|机{_UPON}|艇{_UPON})(?P<n>{NUMBER})(?:名|人))")
_LATER = late(r"更正|核实|核定|修正|应为|误|订正|下调|重新|减少为")


def check(document: Document, statements: Statements, figures: Casualties) -> Iterator[Finding]:
    """Contradictions between figures of people: title and text, sum and parts, those aboard, a count that falls."""
    if not statements.found:
        return
    yield from _casualty_sum(document, figures)
    yield from _aboard(document, figures)
    yield from _falling(document, statements)
    yield from _fates(document, figures)
    if document.shift:
        yield from title_figures.check(document, statements, figures)


def _casualty_sum(document: Document, figures: Casualties) -> Iterator[Finding]:
    if figures.deaths is None or figures.injured is None or not _TOGETHER.search(document.norm, document.shift):
        return
    for match in _CASUALTY_TOTAL.finditer(document.norm, document.shift):
        total = value(match["n"] or match["n2"])
        if total is not None and total < max(figures.deaths, figures.injured):
            continue  # of one place among several
        if total is not None and total != figures.deaths + figures.injured:
            message = f"死亡{figures.deaths}人、受伤{figures.injured}人，合计应为{figures.deaths + figures.injured}人"
            yield mismatch(document, match.start("span"), match.end("span"), message, "facts.sum")
            return


def _aboard(document: Document, figures: Casualties) -> Iterator[Finding]:
    if "载" not in document.norm and "上" not in document.norm:
        return
    hurt = (figures.deaths or 0) + (figures.injured or 0) + (figures.missing or 0)
    if hurt <= 2:
        return
    found = list(_ABOARD.finditer(document.norm, document.shift))
    if len(found) != 1 or re.search(
        r"路人|行人|另一[辆艘]|两车|相撞|对向|追尾|救援|其中[客货轿][^，。]{0,3}\d", document.norm
    ):
        return
    number = value(found[0]["n"])
    if number is not None and 2 < number < hurt:
        message = f"伤亡失联合计{hurt}人，多于所载{number:g}人"
        yield mismatch(document, found[0].start("span"), found[0].end("span"), message, "facts.sum")


_IN_DANGER = late(
    rf"(?P<n>{NUMBER})(?:名|位|个)?(?:[一-龥]{{0,6}}?人?)(?:被困|被埋|落水|遇险)|(?:被困|被埋|落水|遇险)(?P<n2>{NUMBER})(?:人|名)"
)
_DANGER = late(r"被困|被埋|落水|遇险")
_SAVED = late(
    rf"(?:救出|获救|升井|脱险|脱困|生还)(?P<n>{NUMBER})(?:人|名)|(?P<n2>{NUMBER})(?:人|名|位)[一-龥]{{0,3}}?(?:获救|被救|升井|脱险|脱困|生还)"
)
_STILL = late(
    rf"(?:仍有|还有|尚有|剩余|其余|剩下)(?P<n>{NUMBER})(?:人|名|位)[一-龥]{{0,4}}?(?:被困|被埋|失联|失踪|下落不明)"
)


def _fates(document: Document, figures: Casualties) -> Iterator[Finding]:
    """12人被困，救出8人，仍有5人被困: those saved and those left must not be more than those in danger."""
    text = document.norm
    word = _DANGER.search(text, document.shift)
    if word is None:
        return
    begin, close = document.sentence_at(word.start())
    first = _IN_DANGER.search(text, begin, close)
    found = list(_SAVED.finditer(text, document.shift)) if first is not None else []
    if first is None or len(found) != 1:
        return
    saved = found[0]
    still = _STILL.search(text, saved.end())
    whole, rescued = value(first["n"] or first["n2"]), value(saved["n"] or saved["n2"])
    if whole is None or rescued is None or not first.start() < saved.start() < close:
        return
    left = value(still["n"]) if still else figures.missing
    end = still.end() if still else saved.end()
    if not left or re.search(r"约|余|近|多", text[first.start() : end]):
        return
    dead = 0 if still else figures.deaths or 0
    if rescued + left + dead > whole:
        message = f"获救{rescued:g}人、其余{left + dead:g}人，合计多于{whole:g}人"
        yield mismatch(document, first.start(), end, message, "facts.sum")


def _falling(document: Document, statements: Statements) -> Iterator[Finding]:
    """A later count of the dead that is lower than an earlier one, without a word of correction."""
    if _LATER.search(document.norm) or document.item.kind is Kind.FINAL:
        return
    counts = [
        f for f in statements.of("deaths") if f.figure and not (f.part or f.other or f.implied or f.nominal or f.detail)
    ]
    for earlier, later in pairwise(counts):
        before = document.norm[max(later.start - 20, document.sentence_at(later.start)[0]) : later.start]
        if later.sentence == earlier.sentence or (later.figure or 0) >= (earlier.figure or 0):
            continue
        if re.search(r"截[至止]|目前|共造成|已造成|累计", before):
            message = f"前文死亡{earlier.figure}人，此处为{later.figure}人，数字减少而未说明更正"
            yield mismatch(document, later.start, later.end, message, "facts.falling")
            return
