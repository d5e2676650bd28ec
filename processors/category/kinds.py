"""Kinds of reports that decide the clock: summaries of many events have none, major events have three hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from processors.document import Document
from processors.late import late
from processors.scan import Hit, Scan, ScannerBuilder
from processors.tables import Row, Tables, table
from schemas.assessment import Reason
from schemas.errors import DistrictError
from schemas.vocab import Lane

GROUPS = ("rank", "visit", "denied", "signing", "summary")
MAJOR_SIGNING = 100_000
"""万元: signings from 1,000 million yuan are major (LABELS.md "Timeliness")."""
REACH = 60
"""Characters within which the amount of a signing stands after the word."""
ENTRIES = 3
"""From this many dated entries on a text is a list of events."""

_AMOUNT = late(r"(\d+(?:\.\d+)?)余?(亿|万)(?=元|人民币|$|[，。；、])")
_ENTRY = late(r"(?:^|\n)\s*(?:\d{1,2}[.、．]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]{1,2}、)?\s*\d{1,2}月\d{1,2}日")
_IN_WAN = {"亿": 10_000.0, "万": 1.0}


class KindJudge:
    """Tells summaries and major events."""

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """From lex_kinds.tsv."""
        rows = table(tables, "lex_kinds", ["group", "kind", "cues", "anchors", "source"])
        for row in rows:
            _register(row, builder)
        missing = set(GROUPS) - {row["group"] for row in rows}
        if missing:
            raise DistrictError(rows.file, 1, f"no row for: {', '.join(sorted(missing))}")
        return cls()

    def is_summary(self, doc: Document, scan: Scan) -> bool:
        """Whether the text sums up or lists many events."""
        if scan.has("kind:summary"):
            return True
        return doc.norm.count("\n") >= ENTRIES - 1 and len(_ENTRY.findall(doc.norm)) >= ENTRIES

    def is_major(self, doc: Document, scan: Scan) -> Reason | None:
        """The words that make a report one of a major event, None where none do. Other lanes have no clock."""
        if doc.item.lane is not Lane.REPORT:
            return None
        return next(self._visits(doc, scan), None) or next(self._signings(doc, scan), None)

    def _visits(self, doc: Document, scan: Scan) -> Iterator[Reason]:
        """A leader of city, province or ministry who visits or inspects, named in one sentence with it."""
        visits = scan.hits("kind:visit")
        for rank in _ordered(scan.hits("kind:rank")) if visits else ():
            start, end = doc.sentence_at(rank.start)
            if _district_before(doc.norm, rank.start) or _inside(scan.hits("kind:denied"), start, end):
                continue
            if _inside(visits, start, end):
                yield doc.reason("major.visit", rank.start, rank.end)

    def _signings(self, doc: Document, scan: Scan) -> Iterator[Reason]:
        for hit in _ordered(scan.hits("kind:signing")):
            start, end = doc.sentence_at(hit.start)
            for amount in _AMOUNT.finditer(doc.norm, start, min(end, hit.end + REACH)):
                if float(amount[1]) * _IN_WAN[amount[2]] >= MAJOR_SIGNING:
                    yield doc.reason("major.signing", amount.start(), amount.end())


def _register(row: Row, builder: ScannerBuilder) -> None:
    if row["group"] not in GROUPS:
        raise row.error(f"group: '{row['group']}' is not one of {', '.join(GROUPS)}")
    tag = f"kind:{row['group']}"
    if row["kind"] == "regex":
        if not row.parts("anchors"):
            raise row.error("a pattern needs anchors: literals one of which every match contains")
        builder.pattern(tag, row.pattern("cues"), row.parts("anchors"))
    else:
        for cue in row.parts("cues"):
            builder.literal(tag, cue)


def _inside(hits: Sequence[Hit], start: int, end: int) -> bool:
    return any(start <= hit.start < end for hit in hits)


def _district_before(text: str, position: int) -> bool:
    """区市场…: the rank belongs to a longer name of a district office."""
    return position > 0 and text[position - 1] in "区县城"


def _ordered(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: hit.start)
