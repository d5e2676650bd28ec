"""Proofreading of whole items: titles and texts of a batch in one call for each genre, as findings of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from processors.assemble import assemble
from processors.document import Document
from processors.scan import Scan, ScannerBuilder, gathered
from processors.wording.finding import Genre, WordingFinding
from processors.wording.judge import Speller, judge_wording
from processors.wording.model import WordingModel
from processors.wording.rules import Seen, WordingRules
from schemas.assessment import Finding, InputField
from schemas.vocab import Kind, Lane

GENRE_OF_LANE = {Lane.REPORT: Genre.OFFICIAL, Lane.MEDIA: Genre.NEWS, Lane.OPINION: Genre.OPINION}
TAG = "wording"


class _Part(NamedTuple):
    """A title or text to be read, and the phrases of the tables in it."""

    document: int
    field: InputField
    text: str
    seen: list[Seen]


class ProofReader:
    """The wording model, the spelling reader and the district's written rules."""

    def __init__(
        self, model: WordingModel, rules: WordingRules, builder: ScannerBuilder, speller: Speller | None = None
    ) -> None:
        """``builder``: of the scanner whose scans ``judge_many`` is given. Without a ``speller`` the model is alone."""
        self._model, self._rules, self._speller = model, rules, speller
        builder.grouped(TAG, rules.phrases)

    def judge_many(self, documents: Sequence[Document], scans: Sequence[Scan]) -> list[list[Finding]]:
        """Findings of each document; zero reports have a fixed form and are left alone."""
        found: list[list[Finding]] = [[] for _ in documents]
        work: dict[Genre, list[_Part]] = {}
        for index, (document, seen) in enumerate(zip(documents, _seen(scans), strict=True)):
            item = document.item
            if item.kind is Kind.ZERO:
                continue
            parts, shift, norm = work.setdefault(GENRE_OF_LANE[item.lane], []), document.shift, document.norm
            inside = [(phrase, start - shift, end - shift) for phrase, start, end in seen if start >= shift]
            parts.append(_Part(index, "text", norm[shift:], inside))
            if item.title:
                parts.append(_Part(index, "title", norm[: len(item.title)], seen[: len(seen) - len(inside)]))
        for genre, parts in work.items():
            texts, seen_in = [part.text for part in parts], [part.seen for part in parts]
            judged = judge_wording(texts, self._model, self._rules, genre=genre, seen=seen_in, speller=self._speller)
            for (index, field, _, _), findings in zip(parts, judged, strict=True):
                found[index] += [_finding(documents[index], field, finding) for finding in findings]
        return found


def _seen(scans: Sequence[Scan]) -> list[list[Seen]]:
    """The phrases of the tables in each document, in order of their ends."""
    if not scans:
        return []
    batch, rows = gathered(scans)
    phrases, starts, ends = batch.grouped[TAG]
    owner = batch.texts.owner[starts]
    begin = batch.texts.starts[owner]
    seen: list[list[Seen]] = [[] for _ in batch.texts.sizes]
    columns = owner, phrases, starts - begin, ends - begin
    for row, phrase, start, end in zip(*(column.tolist() for column in columns), strict=True):
        seen[row].append((phrase, start, end))
    return [seen[row] for row in rows.tolist()]


def _finding(document: Document, field: InputField, finding: WordingFinding) -> Finding:
    as_given = document.item.title if field == "title" else document.item.text
    return assemble(
        Finding,
        {
            "check": finding.check,
            "field": field,
            "start": finding.start,
            "end": finding.end,
            "text": as_given[finding.start : finding.end],
            "message": finding.message,
            "suggestion": finding.suggestion,
            "rule": finding.rule,
        },
    )
