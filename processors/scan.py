"""One pass over many phrases: every lexicon of the district in a single table, over a whole batch of texts.

Judges register literals and patterns under a tag. A pattern runs only where one of its anchor literals was seen: a pass
over thousands of phrases costs less than one regular expression (DESIGN.md "Speed of the parts").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

import numpy as np

from processors.phrases import Ints, Matches, PhraseTable, Points, code_points

GAP = 2
"""Zero codes after each text of a batch: one less than the longest n-gram, so that nothing reaches into the next."""


SENTENCE_END = "。"


class Hit(NamedTuple):
    """A phrase or pattern found: span in code points, and what was registered with it."""

    start: int
    end: int
    data: Any


class _Pattern(NamedTuple):
    number: int
    tag: str
    regex: re.Pattern[str]
    data: Any
    sentence: bool


_Due = dict[str, list[tuple[_Pattern, list[int]]]]
"""Patterns that may match a text, by tag, each with the places of its anchors."""


class TextBatch:
    """Texts one behind the other: ``joined``, its code ``points``, where each text begins (``starts``), its length
    (``sizes``), and the ``owner`` (number of the text) of each position."""

    def __init__(self, texts: Sequence[str]) -> None:
        gap = "\0" * GAP
        self.joined = gap.join(texts) + gap
        self.points: Points = code_points(self.joined)
        self.sizes: Ints = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self.starts: Ints = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.sizes + GAP)[:-1]])
        self.owner = np.repeat(np.arange(len(texts), dtype=np.int32), self.sizes + GAP)


class BatchScan:
    """What a batch of texts contains; ``grouped`` hits are kept as arrays for those who judge batches."""

    def __init__(self, texts: TextBatch, grouped: dict[str, Matches]) -> None:
        self.texts, self.grouped = texts, grouped


class Scan:
    """What one text contains, by tag; hits in order of their end, literals before patterns.

    Objects are made and patterns run when their tag is first asked for: not every text is asked everything.
    """

    __slots__ = ("_columns", "_due", "_hits", "_places", "batch", "row", "scanner", "text")

    def __init__(self, text: str, scanner: Scanner, batch: BatchScan, row: int, due: _Due) -> None:
        self.text, self.scanner, self.batch, self.row, self._due = text, scanner, batch, row, due
        self._hits: dict[str, list[Hit]] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._columns: tuple[list[int], list[int], list[Any]] = ([], [], [])

    def hits(self, tag: str) -> Sequence[Hit]:
        """Hits of a tag."""
        found = self._hits.get(tag)
        if found is None:
            found = self._hits[tag] = self._collect(tag)
        return found

    def has(self, tag: str) -> bool:
        """Whether anything of the tag was found."""
        return tag in self._places or (tag in self._due and bool(self.hits(tag)))

    def count(self, tag: str) -> int:
        """How many literals of the tag were found; no objects are made, no patterns run."""
        first, last = self._places.get(tag, (0, 0))
        return last - first

    def _collect(self, tag: str) -> list[Hit]:
        found = self._literals(tag)
        for pattern, anchors in self._due.get(tag, ()):
            self._run(pattern, anchors, found)
        return found

    def _literals(self, tag: str) -> list[Hit]:
        if tag not in self._places:
            return []
        first, last = self._places[tag]
        starts, ends, data = self._columns
        made = map(tuple.__new__, repeat(Hit), zip(starts[first:last], ends[first:last], data[first:last], strict=True))
        return list(made)

    def _run(self, pattern: _Pattern, anchors: Sequence[int], found: list[Hit]) -> None:
        for first, last in self._windows(anchors) if pattern.sentence else ((0, len(self.text)),):
            for match in pattern.regex.finditer(self.text, first, last):
                found.append(Hit(match.start(), match.end(), pattern.data))

    def _windows(self, anchors: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The sentences in which the anchors stand, each once."""
        text, last = self.text, -1
        for anchor in anchors:
            if anchor > last:
                first, last = text.rfind(SENTENCE_END, 0, anchor) + 1, text.find(SENTENCE_END, anchor)
                last = last if last >= 0 else len(text)
                yield first, last


class ScannerBuilder:
    """Collects what all judges look for; ``build`` makes the table once."""

    def __init__(self) -> None:
        self._literals: dict[str, list[tuple[str, Any]]] = {}
        self._grouped: dict[str, Sequence[str]] = {}
        self._anchors: dict[str, list[int]] = {}
        self._patterns: list[_Pattern] = []
        self._always: list[int] = []

    def literal(self, tag: str, phrase: str, data: Any = None) -> None:
        """Look for a phrase (overlaps with others are all reported)."""
        if phrase:
            self._literals.setdefault(phrase, []).append((tag, data))

    def grouped(self, tag: str, phrases: Sequence[str]) -> None:
        """Look for different phrases of which a batch's arrays are wanted (``BatchScan.grouped``), by their number."""
        self._grouped[tag] = phrases

    def pattern(
        self, tag: str, regex: re.Pattern[str], anchors: Sequence[str], data: Any = None, *, sentence: bool = False
    ) -> None:
        """Look for a regular expression where one of ``anchors`` occurs; without anchors it always runs.

        ``sentence``: only up to the full stops (。) around an anchor, which costs a tenth; end signs do not see them.
        """
        index = len(self._patterns)
        self._patterns.append(_Pattern(index, tag, regex, data, sentence and bool(anchors)))
        if not anchors:
            self._always.append(index)
        for anchor in anchors:
            self._anchors.setdefault(anchor, []).append(index)

    def build(self) -> Scanner:
        """The scanner; the builder can be thrown away."""
        every = dict.fromkeys(chain(self._literals, self._anchors, *self._grouped.values()))
        every.pop("", None)
        number = dict(zip(every, range(len(every)), strict=True))
        return Scanner(number, self._literals, self._anchors, self._grouped, tuple(self._patterns), tuple(self._always))


class _Fan:
    """From numbers to lists of numbers: ``spread`` repeats each match once for each number of its phrase."""

    def __init__(self, sizes: Ints, values: Ints) -> None:
        """``sizes``: how many of the ``values``, which stand phrase by phrase, belong to each phrase."""
        self._first: Ints = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=self._first[1:])
        self._values = values

    def spread(self, phrases: Ints) -> tuple[Ints, Ints]:
        """Index of the match, and value."""
        many = self._first[phrases + 1] - self._first[phrases]
        which = np.repeat(np.arange(len(phrases)), many)
        offset = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
        return which, self._values[self._first[phrases[which]] + offset]


class Scanner:
    """Finds all registered phrases and patterns in texts."""

    def __init__(
        self,
        number: dict[str, int],
        literals: dict[str, list[tuple[str, Any]]],
        anchors: dict[str, list[int]],
        grouped: dict[str, Sequence[str]],
        patterns: tuple[_Pattern, ...],
        always: tuple[int, ...],
    ) -> None:
        """``number``: all phrases and the number of each, those of ``literals`` first and in their order."""
        self._table = PhraseTable(list(number))
        entries = list(chain.from_iterable(literals.values()))
        self._tags = tuple(sorted({tag for tag, _ in entries}))
        place = {tag: at for at, tag in enumerate(self._tags)}
        self._entry_tag: Ints = np.array([place[tag] for tag, _ in entries], dtype=np.int64)
        self._entry_data = [data for _, data in entries]
        sizes = np.zeros(len(number), dtype=np.int64)
        sizes[: len(literals)] = [*map(len, literals.values())]
        self._literals = _Fan(sizes, np.arange(len(entries)))
        self._anchors = _anchor_fan(anchors, number)
        self._grouped = {tag: _numbers(group, number) for tag, group in grouped.items()}
        self._patterns, self._always = patterns, always

    def scan(self, text: str) -> Scan:
        """All hits in ``text`` (a document's ``norm``)."""
        return self.scan_many([text])[0]

    def scan_many(self, texts: Sequence[str]) -> list[Scan]:
        """All hits in each text."""
        if not texts:
            return []
        batch = TextBatch(texts)
        matches = self._table.find(batch.points)
        owner = batch.owner[matches.start].astype(np.int64)
        shared = BatchScan(batch, {tag: _of_group(matches, own) for tag, own in self._grouped.items()})
        due = self._due(matches, owner, batch.starts)
        scans = [Scan(text, self, shared, row, next(due)) for row, text in enumerate(texts)]
        self._share_out(scans, batch, matches, owner)
        return scans

    def _due(self, matches: Matches, owner: Ints, begins: Ints) -> Iterator[_Due]:
        """The patterns whose anchors stand in each text, in the order of registration."""
        which, pattern = self._anchors.spread(matches.phrase)
        wanted: list[dict[int, list[int]]] = [{number: [] for number in self._always} for _ in begins]
        document = owner[which]
        places = (matches.start[which] - begins[document]).tolist()
        for text, number, place in zip(document.tolist(), pattern.tolist(), places, strict=True):
            wanted[text].setdefault(number, []).append(place)
        for numbers in wanted:
            due: _Due = {}
            for number in sorted(numbers):
                due.setdefault(self._patterns[number].tag, []).append((self._patterns[number], numbers[number]))
            yield due

    def _share_out(self, scans: Sequence[Scan], batch: TextBatch, matches: Matches, owner: Ints) -> None:
        """Give each scan the columns of the batch's hits and where its own stand in them, by tag."""
        which, entry = self._literals.spread(matches.phrase)
        if not len(which):
            return
        tags = len(self._tags)
        group = owner[which] * tags + self._entry_tag[entry]
        order = np.argsort(group, kind="stable")
        group, which, entry = group[order], which[order], entry[order]
        begin = batch.starts[owner[which]]
        data = self._entry_data
        columns = (
            (matches.start[which] - begin).tolist(),
            (matches.end[which] - begin).tolist(),
            [data[number] for number in entry.tolist()],
        )
        for scan in scans:
            scan._columns = columns
        bounds = np.flatnonzero(np.diff(group, prepend=-1))
        places = zip(bounds.tolist(), [*bounds[1:].tolist(), len(group)], strict=True)
        for number, place in zip(group[bounds].tolist(), places, strict=True):
            scans[number // tags]._places[self._tags[number % tags]] = place


def _anchor_fan(anchors: dict[str, list[int]], number: dict[str, int]) -> _Fan:
    """From the number of a phrase to the patterns that it calls for."""
    known = sorted((number[anchor], patterns) for anchor, patterns in anchors.items() if anchor)
    sizes = np.zeros(len(number), dtype=np.int64)
    sizes[[at for at, _ in known]] = [len(patterns) for _, patterns in known]
    return _Fan(sizes, np.array([one for _, patterns in known for one in patterns], dtype=np.int64))


def _numbers(group: Sequence[str], number: dict[str, int]) -> Ints:
    """For each phrase of the table its number in a group, -1 where it is none of it."""
    own = np.full(len(number), -1, dtype=np.int64)
    at = np.array([number.get(phrase, -1) for phrase in group], dtype=np.int64)
    places = np.flatnonzero(at >= 0)
    own[at[places]] = places
    return own


def _of_group(matches: Matches, numbers: Ints) -> Matches:
    own = numbers[matches.phrase]
    kept = np.flatnonzero(own >= 0)
    return Matches(own[kept], matches.start[kept], matches.end[kept])


def prepare(scans: Sequence[Scan], tag: str) -> None:
    """Find the hits of a tag in many texts now, pattern by pattern: each stays in the cache while it runs."""
    waiting: dict[int, list[tuple[Scan, _Pattern, list[int]]]] = {}
    for scan in scans:
        if tag not in scan._hits:
            scan._hits[tag] = scan._literals(tag)
            for pattern, anchors in scan._due.get(tag, ()):
                waiting.setdefault(pattern.number, []).append((scan, pattern, anchors))
    for number in sorted(waiting):
        for scan, pattern, anchors in waiting[number]:
            scan._run(pattern, anchors, scan._hits[tag])


def gathered(scans: Sequence[Scan]) -> tuple[BatchScan, Ints]:
    """The scan of the batch that ``scans`` are some of, and the row of each; made anew where they are not."""
    batch, rows = scans[0].batch, [scan.row for scan in scans]
    if len(set(rows)) == len(rows) and all(scan.batch is batch for scan in scans):
        return batch, np.array(rows, dtype=np.int64)
    return scans[0].scanner.scan_many([scan.text for scan in scans])[0].batch, np.arange(len(scans))


def together(scans: Sequence[Scan]) -> BatchScan:
    """The scan of the batch that ``scans`` are, made anew where they were not scanned together."""
    batch = scans[0].batch
    whole = len(scans) == len(batch.texts.sizes)
    if whole and all(scan.batch is batch and scan.row == row for row, scan in enumerate(scans)):
        return batch
    return scans[0].scanner.scan_many([scan.text for scan in scans])[0].batch
