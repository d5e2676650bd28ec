"""Written rules: the table of typos and the rules on words, titles, numbers (GB/T 15835) and punctuation (GB/T 15834).

Typos and anchors are phrases of the shared scan; a regular expression runs only in texts that hold one of its anchors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick_rs

from processors.late import late
from processors.phrases import PhraseTable, code_points
from processors.tables import Row
from processors.wording.finding import Genre, WordingFinding
from processors.wording.runs import long_texts
from schemas.vocab import Check

# How far an exception of the typo table may reach from the wrong form.
EXCEPTION_REACH = 8
# Preferred spellings (GF 1001-2001) are advice, not errors; only severity "error" is reported.
ERROR = "error"
# Stands for an anchor in rules on length, which no literal announces (``runs``).
LONG = "(long)"
# Findings this long are about length itself and say nothing of what stands inside.
LONG_SPAN = 60
# A rule that needs more context than its span names the span with this group.
SPAN_GROUP = "s"


Seen = tuple[int, int, int]
"""A phrase of the tables in a text: its number, start and end."""


@dataclass(frozen=True, slots=True)
class _Typo:
    wrong: str
    right: str
    unless: re.Pattern[str] | None
    rule: str


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    check: Check
    official_only: bool
    regex: re.Pattern[str]
    suggestion: str
    message: str


@dataclass(frozen=True)
class WordingRules:
    """Compiled tables; immutable. ``phrases``: typos and anchors, by whose number ``typos`` and ``anchored`` (the
    rules of an anchor) are listed. ``long``: rules on length; ``names``: phrases that are right by definition
    (gazetteer, departments)."""

    typos: tuple[tuple[_Typo, ...], ...]
    rules: tuple[_Rule, ...]
    anchored: tuple[tuple[int, ...], ...]
    long: frozenset[int]
    phrases: tuple[str, ...]
    names: ahocorasick_rs.AhoCorasick | None

    @classmethod
    def compile(cls, typos: Iterable[Row], rules: Iterable[Row], names: Iterable[str] = ()) -> WordingRules:
        """Rows of typos.tsv and text_rules.tsv. Raises DistrictError with file and line for a bad row."""
        found = [_typo(row) for row in typos if row["severity"] == ERROR]
        made = [(row, _rule(row)) for row in rules if _enabled(row)]
        phrases = sorted({t.wrong for t in found} | {a for row, _ in made for a in _anchors(row)} - {LONG})
        by_wrong: dict[str, list[_Typo]] = {}
        for typo in found:
            by_wrong.setdefault(typo.wrong, []).append(typo)
        by_anchor: dict[str, list[int]] = {}
        for number, (row, _) in enumerate(made):
            for anchor in _anchors(row):
                by_anchor.setdefault(anchor, []).append(number)
        known = sorted({name for name in names if len(name) > 1})
        return cls(
            tuple(tuple(by_wrong.get(p, ())) for p in phrases),
            tuple(rule for _, rule in made),
            tuple(tuple(by_anchor.get(p, ())) for p in phrases),
            frozenset(by_anchor.get(LONG, ())),
            tuple(phrases),
            ahocorasick_rs.AhoCorasick(known) if known else None,
        )

    @cached_property
    def table(self) -> PhraseTable:
        """Finds the phrases in a text that nobody has scanned."""
        return PhraseTable(self.phrases)

    def find(self, text: str, genre: Genre) -> list[WordingFinding]:
        """Findings of one text."""
        return self.find_many([text], genre)[0]

    def find_many(
        self, texts: Sequence[str], genre: Genre, seen: Sequence[Sequence[Seen]] | None = None
    ) -> list[list[WordingFinding]]:
        """Findings of the tables in each text, typos first, in order of place. Opinion posts: typos only. ``seen``:
        the phrases in each text in order of their ends, where the shared scan has found them.

        Rule by rule over all texts: a rule stays in the cache while it runs.
        """
        found: list[list[WordingFinding]] = []
        due: dict[int, list[int]] = {}
        long = long_texts(texts).tolist() if genre is not Genre.OPINION else [False] * len(texts)
        for place, text in enumerate(texts):
            typos, rules = self._look_up(text, self._seen(text) if seen is None else seen[place])
            found.append(typos)
            for number in rules | self.long if long[place] else rules:
                due.setdefault(number, []).append(place)
        if genre is Genre.OPINION:
            return found
        broken: dict[int, list[WordingFinding]] = {}
        for number in sorted(due):
            rule = self.rules[number]
            if rule.official_only and genre is not Genre.OFFICIAL:
                continue
            for place in due[number]:
                if findings := list(_rule_findings(rule, texts[place])):
                    told = broken.setdefault(place, [])
                    told += findings if number in self.long else _untold(findings, found[place] + told)
        for place, findings in broken.items():
            found[place] += sorted(findings, key=lambda f: f.start)
        return found

    def _seen(self, text: str) -> list[Seen]:
        phrases, starts, ends = self.table.find(code_points(text))
        return list(zip(phrases.tolist(), starts.tolist(), ends.tolist(), strict=True))

    def _look_up(self, text: str, seen: Sequence[Seen]) -> tuple[list[WordingFinding], set[int]]:
        """Typos, and the numbers of the rules whose anchors stand in a text."""
        typos: list[WordingFinding] = []
        due: set[int] = set()
        for index, start, end in seen:
            for typo in self.typos[index]:
                if finding := _typo_finding(typo, text, start, end):
                    typos.append(finding)
            due.update(self.anchored[index])
        return typos, due

    def protected(self, text: str) -> list[tuple[int, int]]:
        """Spans of known names in ``text``."""
        if self.names is None:
            return []
        return [(start, end) for _, start, end in self.names.find_matches_as_indexes(text, overlapping=True)]


def _typo(row: Row) -> _Typo:
    if not row["wrong"] or row["wrong"] == row["right"]:
        raise row.error("wrong and right must differ and not be empty")
    unless = row.pattern("unless_regex") if row.get("unless_regex") else None
    return _Typo(row["wrong"], row["right"], unless, f"typos:{row.line}")


def _enabled(row: Row) -> bool:
    state, _, reason = row["enabled"].partition(":")
    if state not in ("yes", "no") or (state == "no" and not reason.strip()):
        raise row.error("enabled: must be 'yes', or 'no: ' and the reason")
    return state == "yes"


def _anchors(row: Row) -> tuple[str, ...]:
    anchors = row.parts("anchors")
    if not anchors:
        raise row.error("anchors: a rule needs a literal that every match contains")
    return anchors


def _rule(row: Row) -> _Rule:
    try:
        check = Check(row["check"])
    except ValueError:
        raise row.error(f"check: '{row['check']}' is not a check") from None
    if row["genre"] not in ("all", "official"):
        raise row.error("genre: must be 'all' or 'official'")
    regex = late(row["regex"], lambda: _compiled(row))
    return _Rule(row["id"], check, row["genre"] == "official", regex, row.get("suggestion"), row["message"])


def _compiled(row: Row) -> re.Pattern[str]:
    """The pattern of a row, whose template may name no group that it lacks (``re`` reads it before it looks)."""
    regex = row.compiled("regex")
    try:
        regex.sub(row.get("suggestion"), "")
    except (re.error, IndexError) as error:
        raise row.error(f"suggestion: {error}") from None
    return regex


def _typo_finding(typo: _Typo, text: str, start: int, end: int) -> WordingFinding | None:
    if typo.unless is not None:
        low = max(0, start - EXCEPTION_REACH)
        around = text[low : end + EXCEPTION_REACH]
        if any(m.start() + low < end and m.end() + low > start for m in typo.unless.finditer(around)):
            return None
    message = f"“{typo.wrong}”应为“{typo.right}”"
    return WordingFinding(Check.TYPO, start, end, typo.wrong, message, typo.right, typo.rule)


def _untold(findings: Sequence[WordingFinding], told: Sequence[WordingFinding]) -> list[WordingFinding]:
    """Those that name a fault which no earlier row of the tables has named: one fault, one finding."""
    return [
        one
        for one in findings
        if not any(
            other.check is one.check
            and other.start < one.end
            and one.start < other.end
            and other.end - other.start < LONG_SPAN
            for other in told
        )
    ]


def _rule_findings(rule: _Rule, text: str) -> Iterator[WordingFinding]:
    named = SPAN_GROUP in rule.regex.groupindex
    for match in rule.regex.finditer(text):
        part = SPAN_GROUP if named and match[SPAN_GROUP] is not None else 0
        suggestion = match.expand(rule.suggestion) if rule.suggestion else None
        start, end = match.span(part)
        yield WordingFinding(rule.check, start, end, match[part], rule.message, suggestion, rule.id)
