"""Is a real event going on or just over (LABELS.md "Emergency"), a warning, or the end of one; of what kind; and why.

Rules find triggers, evidence and the contexts that take them back, sentence by sentence; a linear model over them and
over character n-grams decides, so that colloquial reports without any trigger word are found too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from processors.category.evidence import Finder
from processors.category.features import BLOCKERS, EVIDENCE, Features
from processors.category.linear import Basis
from processors.document import Document
from processors.emergency.model import EmergencyModel
from processors.emergency.rules import adjust
from processors.facts.types import EventType, EventTypes
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Reason
from schemas.vocab import EventClass, Kind

EVEN = 0.5
WORTH_A_REASON = 0.2
"""From this probability on the spans are named: below it nobody asks why an item is no emergency."""
FALLBACK = "其他事故灾难"
"""Type of an emergency no trigger of which is known."""
NEVER = 0.01
"""Probability left to a report that by its kind is none."""


@dataclass(frozen=True, slots=True)
class EmergencyResult:
    """Verdict of one item. ``score`` is the probability of an emergency; ``closed``: the end of an event, whose class
    and type stay. ``basis`` and ``row`` are what the category judge goes on from."""

    is_emergency: bool = False
    warning: bool = False
    score: float = 0.0
    doubtful: bool = False
    sensitive: bool = False
    closed: bool = False
    event_class: EventClass | None = None
    event_type: str | None = None
    reasons: tuple[Reason, ...] = ()
    basis: Basis | None = field(default=None, repr=False, compare=False)
    row: int = field(default=0, repr=False, compare=False)


class EmergencyJudge:
    """Judges a batch of items of one district."""

    def __init__(self, features: Features, types: EventTypes, model: EmergencyModel) -> None:
        self._features, self._model = features, model
        lexicon = features.lexicon
        self._types: tuple[EventType | None, ...] = tuple(types.get(name) for name in lexicon.events)
        self._fallback = types.get(FALLBACK)
        self._rules = {lexicon.index[name]: f"event.{name}" for name in lexicon.concepts if name.startswith("ev_")}
        self._rules |= {lexicon.index[name]: f"evidence.{name}" for name in EVIDENCE if name in lexicon.index}
        self._contexts = {lexicon.index[name]: f"context.{name}" for name in BLOCKERS if name in lexicon.index}
        self._sensitive = features.names.index("with:sensitive")

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder, model: EmergencyModel) -> Self:
        """From the district's lexicons and event types."""
        return cls(Features.from_tables(tables, builder), EventTypes.from_tables(tables), model)

    def judge_many(self, docs: Sequence[Document], scans: Sequence[Scan]) -> list[EmergencyResult]:
        """One result a document, in order."""
        if not docs:
            return []
        basis = self._model.basis(self._features, docs, scans)
        scores = self._model.scores(basis, self._features.names)
        chances = self._model.probabilities(adjust(scores, basis.evidence.matrix, self._features.names))
        votes = basis.evidence.votes
        finder = basis.evidence.finder
        sensitive = basis.evidence.matrix[:, self._sensitive] > 0
        return [
            self._decide(document, row, chances[row], votes[row], bool(sensitive[row]), basis, finder)
            for row, document in enumerate(docs)
        ]

    def explain(self, document: Document, scan: Scan) -> list[str]:
        """Lines that tell what decided."""
        result = self.judge_many([document], [scan])[0]
        lines = [f"突发事件概率 {result.score:.2f}（{self._model.threshold:.2f} 起报警）：{self._verdict(result)}"]
        lines += [f"突发依据：“{reason.text}”（{reason.rule}）" for reason in result.reasons]
        assert result.basis is not None
        weights = self._model.explain(result.basis, self._features.names, "emergency")[:8]
        return [*lines, *(f"突发特征：{self._features.spoken(weight.name)} {weight.value:+.2f}" for weight in weights)]

    def _verdict(self, result: EmergencyResult) -> str:
        if result.is_emergency:
            return f"突发事件（{result.event_type}）"
        if result.closed:
            return f"已处置完毕的事件（{result.event_type}）"
        return "预警" if result.warning else "不是突发事件"

    def _decide(
        self,
        document: Document,
        row: int,
        chances: npt.NDArray[np.float64],
        votes: npt.NDArray[np.float32],
        sensitive: bool,
        basis: Basis,
        finder: Finder,
    ) -> EmergencyResult:
        chance, warning, closing = chances.tolist()
        kind = document.item.kind
        if kind is Kind.ZERO:
            chance = warning = closing = min(chance, NEVER)
        closed = kind is Kind.FINAL or (closing >= EVEN and closing > chance)
        if closed:
            chance = min(chance, NEVER)
        is_emergency = chance >= self._model.threshold
        warned = warning >= EVEN and not is_emergency and not closed
        low, high = self._model.doubt
        known = self._type(votes) if is_emergency or closed or warned else None
        reasons: tuple[Reason, ...] = ()
        if chance >= WORTH_A_REASON or closed or warned:
            reasons = finder.reasons(row, self._why(finder, row, basis))
        return EmergencyResult(
            is_emergency=is_emergency,
            warning=warned,
            score=round(chance, 4),
            doubtful=low <= chance < high,
            sensitive=is_emergency and sensitive,
            closed=closed,
            event_class=known.event_class if known else None,
            event_type=known.name if known else None,
            reasons=reasons,
            basis=basis,
            row=row,
        )

    def _type(self, votes: npt.NDArray[np.float32]) -> EventType | None:
        best = int(votes.argmax())
        return (self._types[best] if votes[best] > 0 else None) or self._fallback

    def _why(self, finder: Finder, row: int, basis: Basis) -> Iterator[tuple[str, int]]:
        """Trigger, evidence and context of the liveliest sentence that names an event: one of each, in text order."""
        hits, batch = basis.evidence.hits, basis.evidence.batch
        own = finder.of(row)
        if not len(own):
            return
        sentences = batch.sentence[hits.start[own]]
        best = sentences[basis.evidence.live[sentences].argmax()]
        found: dict[str, int] = {}
        for index in own[sentences == best].tolist():
            concept = int(hits.concept[index])
            rule = self._rules.get(concept) or self._contexts.get(concept)
            if rule:
                found.setdefault(rule, index)
        yield from sorted(found.items(), key=lambda pair: (int(hits.start[pair[1]]), pair[0]))
