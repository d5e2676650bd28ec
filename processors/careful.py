"""The fast judges first; where they are unsure, the second reader's word weighs too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from processors.category.judge import CategoryJudge, CategoryResult
from processors.document import Document
from processors.emergency.judge import EmergencyJudge, EmergencyResult
from processors.reader.model import ReaderSettings, Readings, SecondReader, are_posts
from processors.scan import Scan
from schemas.vocab import Kind


@dataclass(frozen=True, slots=True)
class FirstVerdicts:
    """Emergency and category of a batch, in order; ``readings`` has a row for each number in ``asked``."""

    emergencies: list[EmergencyResult]
    categories: list[CategoryResult]
    asked: tuple[int, ...] = ()
    readings: Readings | None = None


class CarefulJudge:
    """Category and emergency of items of one district."""

    def __init__(self, emergency: EmergencyJudge, category: CategoryJudge, reader: SecondReader | None = None) -> None:
        """Without a reader the fast judges decide alone."""
        self._emergency, self._category, self._reader = emergency, category, reader

    def judge_many(self, docs: Sequence[Document], scans: Sequence[Scan]) -> FirstVerdicts:
        """The verdicts of a batch; a document's verdict does not depend on its neighbours."""
        emergencies = self._emergency.judge_many(docs, scans)
        categories = self._category.judge_many(docs, scans, emergencies)
        reader = self._reader
        if reader is None or not (rows := _unsure(reader.settings, docs, emergencies, categories)):
            return FirstVerdicts(emergencies, categories)
        own, own_scans = [docs[row] for row in rows], [scans[row] for row in rows]
        readings = reader.read([document.item for document in own])
        again = self._emergency.judge_many(own, own_scans, readings)
        chosen = self._category.judge_many(own, own_scans, again, readings)
        for at, row in enumerate(rows):
            first = emergencies[row]
            emergencies[row] = replace(again[at], basis=first.basis, row=first.row)
            categories[row] = chosen[at]
        return FirstVerdicts(emergencies, categories, rows, readings)

    def explain(self, document: Document, scan: Scan) -> list[str]:
        """Lines that tell what decided, the fast judges first."""
        lines = [*self._category.explain(document, scan), *self._emergency.explain(document, scan)]
        found = self.judge_many([document], [scan])
        read = found.readings
        if read is None:
            return lines
        category, emergency = found.categories[0], found.emergencies[0]
        said = list(category.scores)[int(read.category[0].argmax())]
        chance = 1 / (1 + np.exp(-read.emergency[0, 0]))
        return [
            *lines,
            f"第二判读（前面拿不准才问，权重{read.weight[0]:.2f}）："
            f"{said} {np.exp(read.category[0].max()):.2f}，突发事件 {chance:.2f}",
            f"合并后：{category.category} {max(category.scores.values()):.2f}，突发事件 {emergency.score:.2f}",
        ]


def _unsure(
    rule: ReaderSettings,
    docs: Sequence[Document],
    emergencies: Sequence[EmergencyResult],
    categories: Sequence[CategoryResult],
) -> tuple[int, ...]:
    """Numbers of the documents that the reader is asked about; a zero report is what it says it is."""
    shares = np.array([max(one.scores.values()) for one in categories])
    posts = are_posts([document.item for document in docs])
    doubted = rule.doubts(shares, np.array([one.score for one in emergencies]), posts)
    told = np.array([document.item.kind is not Kind.ZERO for document in docs], dtype=np.bool_)
    return tuple(np.flatnonzero(doubted & told).tolist())
