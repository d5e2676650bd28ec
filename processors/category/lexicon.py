"""The concept lexicon: thousands of phrases and patterns grouped under some hundred concepts, found in a whole batch.

Both come from the shared scan of the batch: literals as arrays (a loop over a hundred hits an item in Python would cost
more than the whole judgement may), patterns one by one, behind their anchors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from processors.category.batch import Batch
from processors.phrases import Ints
from processors.scan import BatchScan, Scan, ScannerBuilder, prepare
from processors.tables import Row, Tables, table
from schemas.errors import DistrictError

TAG = "concept"
STRONG, MIDDLE = 4, 3
"""Weights of emergency triggers from which they count as strong and as middling (lex_emergency.tsv)."""
VOTE = "vote"
"""Kind of a trigger that tells the type of an event and says nothing of whether there is one."""
NEEDED = (
    "drill_sure", "harmless", "hn_drill_override", "num_crowd", "num_moved", "plot", "response", "now", "clock_time",
    "request", "appeal", "close", "question", "duration", "shirk", "problem_official", "hazard", "hypo", "past",
)  # fmt: skip
"""Further concepts that rules name."""
MASKED = ("ev_strong", "ev_middle", "ev_weak", "harm", "happen", "num_dead", "num_hurt")
"""Concepts that a masking span (metaphor, idiom, name of an office) takes away."""


class Hits(NamedTuple):
    """Concepts found: document, concept, span in ``batch.joined``, event type (-1: none) and weight."""

    document: Ints
    concept: Ints
    start: Ints
    end: Ints
    event: Ints
    weight: Ints


class _Entry(NamedTuple):
    """``reach``: characters before and after within which a number must stand; None where none is needed."""

    concept: str
    event: str = ""
    weight: int = 1
    reach: tuple[int, int] | None = None


class Lexicon:
    """Phrases and patterns by concept, compiled."""

    def __init__(self, literals: dict[str, list[_Entry]], patterns: Sequence[_Entry]) -> None:
        entries = [entry for group in literals.values() for entry in group] + list(patterns)
        self.concepts = tuple(sorted({entry.concept for entry in entries}))
        self.events = tuple(sorted({entry.event for entry in entries if entry.event}))
        self.index = {name: number for number, name in enumerate(self.concepts)}
        self._event_index = {name: number for number, name in enumerate(self.events)} | {"": -1}
        groups = list(literals.values())
        self._first = np.cumsum([0, *map(len, groups)])
        self._codes = np.array([self._code(entry) for group in groups for entry in group], dtype=np.int64)
        reaches = [entry.reach or (-1, -1) for group in groups for entry in group]
        self._reach = np.array(reaches, dtype=np.int64)
        self._pattern_codes = {entry: self._code(entry) for entry in patterns}
        self._maskable = np.isin(np.arange(len(self.concepts)), [self.index[name] for name in MASKED])
        self._mask = self.index["mask"]

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """From lex_concepts, lex_categories, lex_emergency and hard_negatives; patterns go to ``builder``."""
        literals: dict[str, list[_Entry]] = {}
        patterns: dict[_Entry, None] = {}
        for row, entry, kind, cues in _rows(tables):
            if kind in ("literal", "near"):
                entry = entry._replace(reach=_reach(row)) if kind == "near" else entry
                for cue in cues:
                    group = literals.setdefault(cue, [])
                    if entry not in group:
                        group.append(entry)
            elif kind == "regex":
                anchors = row.parts("anchors")
                if not anchors:
                    raise row.error("a pattern needs anchors: literals one of which every match contains")
                builder.pattern(TAG, row.pattern(_PATTERN_COLUMN[row.file]), anchors, entry, sentence=True)
                patterns[entry] = None
            else:
                raise row.error(f"kind: '{kind}' is not one of literal, near, regex")
        known = {entry.concept for group in (*literals.values(), patterns) for entry in group}
        missing = [name for name in (*MASKED, *NEEDED) if name not in known]
        if missing:
            raise DistrictError("lex_concepts.tsv", 1, f"no row for: {', '.join(missing)}")
        builder.grouped(TAG, list(literals))
        return cls(literals, list(patterns))

    def _code(self, entry: _Entry) -> tuple[int, int, int]:
        return self.index[entry.concept], self._event_index[entry.event], entry.weight

    def find(self, batch: Batch, scans: Sequence[Scan], found: BatchScan) -> Hits:
        """All hits of the batch; hits of events and harm inside a masking span are left out."""
        matches = found.grouped[TAG]
        phrase, first = matches.phrase, self._first
        many = first[phrase + 1] - first[phrase]
        repeated = np.repeat(np.arange(len(phrase)), many)
        offset = np.arange(len(repeated)) - np.repeat(np.cumsum(many) - many, many)
        entry = first[phrase[repeated]] + offset
        spans = np.stack([matches.start, matches.end], axis=1)[repeated]
        kept = _with_number(batch, spans, self._reach[entry])
        codes, spans = self._codes[entry[kept]], spans[kept]
        if extra := list(self._pattern_hits(batch, scans)):
            more = np.array(extra, dtype=np.int64)
            codes, spans = np.concatenate([codes, more[:, :3]]), np.concatenate([spans, more[:, 3:]])
        hits = Hits(
            batch.owner[spans[:, 0]].astype(np.int64), codes[:, 0], spans[:, 0], spans[:, 1], codes[:, 1], codes[:, 2]
        )
        return self._unmask(batch, hits)

    def _pattern_hits(self, batch: Batch, scans: Sequence[Scan]) -> Iterator[tuple[int, int, int, int, int]]:
        prepare(scans, TAG)
        for begin, scan in zip(batch.starts.tolist(), scans, strict=True):
            for start, end, entry in scan.hits(TAG):
                yield (*self._pattern_codes[entry], begin + start, begin + end)

    def _unmask(self, batch: Batch, hits: Hits) -> Hits:
        masks = hits.concept == self._mask
        if not masks.any():
            return hits
        covered: npt.NDArray[np.int32] = np.zeros(len(batch.codes) + 1, dtype=np.int32)
        np.add.at(covered, hits.start[masks], 1)
        np.add.at(covered, hits.end[masks], -1)
        hidden = np.cumsum(covered)[hits.start] > 0
        keep = ~(hidden & self._maskable[hits.concept])
        return Hits(*(column[keep] for column in hits))


def _with_number(batch: Batch, spans: Ints, reach: Ints) -> npt.NDArray[np.bool_]:
    """Which hits need no number, or have one within reach in their own text."""
    numbers = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(batch.numeric)])
    start, end = spans[:, 0], spans[:, 1]
    document = batch.owner[start]
    first, last = batch.starts[document], (batch.starts + batch.sizes)[document]
    before = numbers[start] - numbers[np.maximum(start - reach[:, 0], first)]
    after = numbers[np.minimum(end + reach[:, 1], last)] - numbers[end]
    return np.asarray((reach[:, 0] < 0) | (before + after > 0))


def _reach(row: Row) -> tuple[int, int]:
    try:
        before, after = (int(part) for part in row["anchors"].split(","))
    except ValueError:
        raise row.error("anchors of kind near: characters before and after, as in 10,4") from None
    return before, after


_PATTERN_COLUMN = {
    "lex_concepts.tsv": "cues",
    "lex_categories.tsv": "cue",
    "lex_emergency.tsv": "trigger",
    "hard_negatives.tsv": "pattern",
}
_CATEGORY_CONCEPTS = {
    "领导思路": "lc_leader",
    "工作动态": "lc_work",
    "典型经验": "lc_practice",
    "问题建议": "lc_problem",
    "急情要事": "lc_urgent",
    "分析预测": "lc_analysis",
}


def _rows(tables: Tables) -> Iterator[tuple[Row, _Entry, str, tuple[str, ...]]]:
    for row in table(tables, "lex_concepts", ["concept", "kind", "cues", "anchors", "source"]):
        if row["kind"] != "source":
            yield row, _Entry(row["concept"]), row["kind"], row.parts("cues")
        if row["concept"] == "metaphor":
            yield row, _Entry("mask"), row["kind"], row.parts("cues")
    for row in table(tables, "lex_categories", ["category", "cue", "kind", "where", "anchors", "weight", "source"]):
        if row["category"] not in _CATEGORY_CONCEPTS:
            raise row.error(f"unknown category '{row['category']}'")
        name = _CATEGORY_CONCEPTS[row["category"]] + ("_title" if row["where"] == "title" else "")
        yield row, _Entry(name), row["kind"], (row["cue"],)
    for row in table(tables, "lex_emergency", ["event_type", "trigger", "kind", "anchors", "weight", "source"]):
        weight = int(row.number("weight") or 0)
        name = "ev_strong" if weight >= STRONG else "ev_middle" if weight >= MIDDLE else "ev_weak"
        kind, name = ("literal", "ev_weak") if row["kind"] == VOTE else (row["kind"], name)
        yield row, _Entry(name, row["event_type"], weight), kind, (row["trigger"],)
    for row in table(tables, "hard_negatives", ["kind", "pattern", "effect", "anchors", "source"]):
        if row["effect"] != "route_out":  # place is judged elsewhere
            yield row, _Entry(_context(row)), "regex", ()


def _context(row: Row) -> str:
    if row["effect"] == "mask":
        return "mask"
    kind = re.match("[a-z]+", row["kind"])
    if kind is None:
        raise row.error("kind must begin with an English word")
    return f"hn_{kind.group()}_override" if row["effect"].startswith("override") else f"hn_{kind.group()}"
