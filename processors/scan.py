"""One pass over many phrases: every lexicon of the district in a single Aho-Corasick automaton.

Judges register literals and patterns under a tag. A pattern runs only where one of its anchor literals was seen: an
Aho-Corasick pass over thousands of phrases costs what one regular expression costs (DESIGN.md "Speed of the parts").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import ahocorasick_rs


class Hit(NamedTuple):
    """A phrase or pattern found: span in code points, and what was registered with it."""

    start: int
    end: int
    data: Any


class _Pattern(NamedTuple):
    tag: str
    regex: re.Pattern[str]
    data: Any


class Scan:
    """What one text contains, by tag; hits in order of their end, literals before patterns.

    Patterns run when their tag is first asked for: not every text is asked everything.
    """

    __slots__ = ("_due", "_hits", "text")

    def __init__(self, text: str, hits: dict[str, list[Hit]], due: dict[str, list[_Pattern]]) -> None:
        self.text = text
        self._hits, self._due = hits, due

    def hits(self, tag: str) -> Sequence[Hit]:
        """Hits of a tag."""
        if tag in self._due:
            self._run(tag)
        return self._hits.get(tag, ())

    def has(self, tag: str) -> bool:
        """Whether anything of the tag was found."""
        if tag in self._due:
            self._run(tag)
        return tag in self._hits

    def _run(self, tag: str) -> None:
        text = self.text
        found = [
            Hit(match.start(), match.end(), pattern.data)
            for pattern in self._due.pop(tag)
            for match in pattern.regex.finditer(text)
        ]
        if found:
            self._hits.setdefault(tag, []).extend(found)


class ScannerBuilder:
    """Collects what all judges look for; ``build`` makes the automaton once."""

    def __init__(self) -> None:
        self._literals: dict[str, list[tuple[str, Any]]] = {}
        self._anchors: dict[str, list[int]] = {}
        self._patterns: list[_Pattern] = []
        self._always: list[int] = []

    def literal(self, tag: str, phrase: str, data: Any = None) -> None:
        """Look for a phrase (overlaps with others are all reported)."""
        if phrase:
            self._literals.setdefault(phrase, []).append((tag, data))

    def pattern(self, tag: str, regex: re.Pattern[str], anchors: Sequence[str], data: Any = None) -> None:
        """Look for a regular expression where one of ``anchors`` occurs; without anchors it always runs."""
        index = len(self._patterns)
        self._patterns.append(_Pattern(tag, regex, data))
        if not anchors:
            self._always.append(index)
        for anchor in anchors:
            self._anchors.setdefault(anchor, []).append(index)

    def build(self) -> Scanner:
        """The scanner; the builder can be thrown away."""
        phrases = sorted(self._literals.keys() | self._anchors.keys())
        return Scanner(
            phrases,
            [tuple(self._literals.get(phrase, ())) for phrase in phrases],
            [tuple(self._anchors.get(phrase, ())) for phrase in phrases],
            tuple(self._patterns),
            tuple(self._always),
        )


class Scanner:
    """Finds all registered phrases and patterns in a text."""

    def __init__(
        self,
        phrases: Sequence[str],
        literals: Sequence[tuple[tuple[str, Any], ...]],
        anchors: Sequence[tuple[int, ...]],
        patterns: tuple[_Pattern, ...],
        always: tuple[int, ...],
    ) -> None:
        self._automaton = ahocorasick_rs.AhoCorasick(list(phrases))
        self._phrases = tuple(zip(literals, anchors, strict=True))
        self._patterns, self._always = patterns, always

    def scan(self, text: str) -> Scan:
        """All hits in ``text`` (a document's ``norm``)."""
        hits: dict[str, list[Hit]] = {}
        wanted: set[int] = set(self._always)
        phrases, make = self._phrases, tuple.__new__  # Hit(...) is a Python call; dozens of hits in every text
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            literals, anchors = phrases[index]
            for tag, data in literals:
                hit = make(Hit, (start, end, data))
                if tag in hits:
                    hits[tag].append(hit)
                else:
                    hits[tag] = [hit]
            if anchors:
                wanted.update(anchors)
        due: dict[str, list[_Pattern]] = {}
        for index in sorted(wanted):
            pattern = self._patterns[index]
            due.setdefault(pattern.tag, []).append(pattern)
        return Scan(text, hits, due)
