"""Proofreading of whole items: titles and texts of a batch in one call for each genre, as findings of the contract."""

from __future__ import annotations

from collections.abc import Sequence

from processors.document import Document
from processors.wording.finding import Genre, WordingFinding
from processors.wording.judge import judge_wording
from processors.wording.model import WordingModel
from processors.wording.rules import WordingRules
from schemas.assessment import Finding, InputField
from schemas.vocab import Kind, Lane

GENRE_OF_LANE = {Lane.REPORT: Genre.OFFICIAL, Lane.MEDIA: Genre.NEWS, Lane.OPINION: Genre.OPINION}
_Place = tuple[int, InputField]


class ProofReader:
    """The wording model and the district's written rules."""

    def __init__(self, model: WordingModel, rules: WordingRules) -> None:
        self._model, self._rules = model, rules

    def judge_many(self, documents: Sequence[Document]) -> list[list[Finding]]:
        """Findings of each document; zero reports have a fixed form and are left alone."""
        found: list[list[Finding]] = [[] for _ in documents]
        work: dict[Genre, list[tuple[_Place, str]]] = {}
        for index, document in enumerate(documents):
            item = document.item
            if item.kind is Kind.ZERO:
                continue
            parts = work.setdefault(GENRE_OF_LANE[item.lane], [])
            parts.append(((index, "text"), document.norm[document.shift :]))
            if item.title:
                parts.append(((index, "title"), document.norm[: len(item.title)]))
        for genre, parts in work.items():
            judged = judge_wording([text for _, text in parts], self._model, self._rules, genre=genre)
            for ((index, field), _), findings in zip(parts, judged, strict=True):
                found[index] += [_finding(documents[index], field, finding) for finding in findings]
        return found


def _finding(document: Document, field: InputField, finding: WordingFinding) -> Finding:
    as_given = document.item.title if field == "title" else document.item.text
    return Finding(
        check=finding.check,
        field=field,
        start=finding.start,
        end=finding.end,
        text=as_given[finding.start : finding.end],
        message=finding.message,
        suggestion=finding.suggestion,
        rule=finding.rule,
    )
