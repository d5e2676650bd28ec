"""Is a real event going on or just over (LABELS.md "Emergency"), a warning, or the end of one; of what kind; and why.

Rules find triggers, evidence and the contexts that take them back, sentence by sentence; a linear model over them and
over character n-grams decides, so that colloquial reports without any trigger word are found too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from processors.category.features import BLOCKERS, EVIDENCE, Features
from processors.category.linear import Basis
from processors.document import Document
from processors.emergency.model import EmergencyModel
from processors.emergency.rules import EmergencyRules
from processors.emergency.types import TypeChooser
from processors.facts.types import EventType, EventTypes
from processors.phrases import Ints
from processors.reader.model import Readings
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Reason
from schemas.vocab import EventClass, Kind

EVEN = 0.5
WORTH_A_REASON = 0.2
"""From this probability on the spans are named: below it nobody asks why an item is no emergency."""
NEVER = 0.01
"""Probability left to a report that by its kind is none."""


EVENT_SCORE = 0.02
"""From this probability on an item's figures and onset are read as those of an event; fewer than 1 in 50 are missed."""


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

    @property
    def tells_of_event(self) -> bool:
        """Whether facts of a harmful event are worth reading: far below what raises an alarm."""
        return self.is_emergency or self.closed or self.warning or self.score >= EVENT_SCORE


class States(NamedTuple):
    """Columns over a batch: probability of an emergency, and what each item therefore is."""

    chance: npt.NDArray[np.float64]
    is_emergency: npt.NDArray[np.bool_]
    warned: npt.NDArray[np.bool_]
    closed: npt.NDArray[np.bool_]
    doubtful: npt.NDArray[np.bool_]


class EmergencyState(NamedTuple):
    """The same for one item."""

    chance: float
    is_emergency: bool
    warned: bool
    closed: bool
    doubtful: bool


class EmergencyJudge:
    """Judges a batch of items of one district."""

    def __init__(self, features: Features, types: EventTypes, model: EmergencyModel) -> None:
        self._features, self._model = features, model
        lexicon = features.lexicon
        known = {kind.name: kind for kind in types}
        known |= {name: kind for name in lexicon.events if (kind := types.get(name)) is not None}
        self._chooser = TypeChooser(model.types, known, lexicon.events)
        self._rules = {lexicon.index[name]: f"context.{name}" for name in BLOCKERS if name in lexicon.index}
        self._rules |= {lexicon.index[name]: f"evidence.{name}" for name in EVIDENCE if name in lexicon.index}
        self._rules |= {lexicon.index[name]: f"event.{name}" for name in lexicon.concepts if name.startswith("ev_")}
        self._telling = np.isin(np.arange(len(lexicon.concepts)), list(self._rules))
        self._sensitive = features.names.index("with:sensitive")
        self._weights = EmergencyRules(features.names)

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder, model: EmergencyModel) -> Self:
        """From the district's lexicons and event types."""
        return cls(Features.from_tables(tables, builder), EventTypes.from_tables(tables), model)

    def judge_many(
        self, docs: Sequence[Document], scans: Sequence[Scan], readings: Readings | None = None
    ) -> list[EmergencyResult]:
        """One result a document, in order. ``readings``: what the second reader says of each."""
        if not docs:
            return []
        basis = self._model.basis(self._features, docs, scans)
        scores = self._model.scores(basis, self._features.names)
        evidence = basis.evidence
        chances = self._model.probabilities(scores + self._weights.added(evidence.matrix))
        if readings is not None:
            chances = readings.on_odds(chances, self._weights.long_over(evidence.matrix))
        states = self._states(chances, docs)
        happened = np.flatnonzero(states.is_emergency | states.warned | states.closed)
        types = self._chooser.choose(basis, self._features.names, evidence.votes, happened, readings)
        typed = dict(zip(happened.tolist(), types, strict=False))
        doubted = states.chance >= WORTH_A_REASON
        why = self._why(np.flatnonzero(doubted | states.warned | states.closed), basis)
        sensitive = (evidence.matrix[:, self._sensitive] > 0) & states.is_emergency
        columns = (*(column.tolist() for column in states), sensitive.tolist())
        return [
            self._result(row, EmergencyState(*own), touching, typed.get(row), why.get(row, ()), basis)
            for row, (*own, touching) in enumerate(zip(*columns, strict=True))
        ]

    def _states(self, chances: npt.NDArray[np.float64], docs: Sequence[Document]) -> States:
        """What each item is; its kind decides where it says so."""
        chance, warning, closing = chances.T.copy()
        kinds = [document.item.kind for document in docs]
        zero = np.array([kind is Kind.ZERO for kind in kinds])
        final = np.array([kind is Kind.FINAL for kind in kinds])
        quiet = np.minimum(chance, NEVER)
        chance, warning, closing = (np.where(zero, quiet, column) for column in (chance, warning, closing))
        closed = final | ((closing >= EVEN) & (closing > chance))
        chance = np.where(closed, np.minimum(chance, NEVER), chance)
        is_emergency = chance >= self._model.threshold
        low, high = self._model.doubt
        warned = (warning >= EVEN) & ~is_emergency & ~closed
        return States(chance, is_emergency, warned, closed, (low <= chance) & (chance < high))

    def explain(self, document: Document, scan: Scan) -> list[str]:
        """Lines that tell what decided."""
        result = self.judge_many([document], [scan])[0]
        lines = [f"突发事件概率 {result.score:.2f}（{self._model.threshold:.2f} 起报警）：{self._verdict(result)}"]
        lines += [f"突发依据：“{reason.text}”（{reason.rule}）" for reason in result.reasons]
        assert result.basis is not None
        if result.event_type:
            types = self._chooser.explain(result.basis, self._features.names, result.basis.evidence.votes)
            lines.append(f"事件类型：{'、'.join(types)}")
        weights = self._model.explain(result.basis, self._features.names, "emergency")[:8]
        return [*lines, *(f"突发特征：{self._features.spoken(weight.name)} {weight.value:+.2f}" for weight in weights)]

    def _verdict(self, result: EmergencyResult) -> str:
        if result.is_emergency:
            return f"突发事件（{result.event_type}）"
        if result.closed:
            return f"已处置完毕的事件（{result.event_type}）"
        return "预警" if result.warning else "不是突发事件"

    def _result(
        self,
        row: int,
        state: EmergencyState,
        sensitive: bool,
        known: EventType | None,
        reasons: tuple[Reason, ...],
        basis: Basis,
    ) -> EmergencyResult:
        return EmergencyResult(
            is_emergency=state.is_emergency,
            warning=state.warned,
            score=round(state.chance, 4),
            doubtful=state.doubtful,
            sensitive=sensitive,
            closed=state.closed,
            event_class=known.event_class if known else None,
            event_type=known.name if known else None,
            reasons=reasons,
            basis=basis,
            row=row,
        )

    def _why(self, rows: Ints, basis: Basis) -> dict[int, tuple[Reason, ...]]:
        """Trigger, evidence and context of the liveliest sentence of some documents: one of each, in text order."""
        evidence = basis.evidence
        hits, batch = evidence.hits, evidence.batch
        asked = np.zeros(len(batch), dtype=np.bool_)
        asked[rows] = True
        own = np.flatnonzero(asked[hits.document])
        sentence = batch.sentence[hits.start[own]]
        order = np.lexsort((hits.start[own], sentence, -evidence.live[sentence], hits.document[own]))
        own, sentence = own[order], sentence[order]
        bounds = np.flatnonzero(np.diff(hits.document[own], prepend=-1))
        best = np.repeat(sentence[bounds], np.diff(bounds, append=len(own)))
        own = own[(sentence == best) & self._telling[hits.concept[own]]]
        found: dict[int, dict[str, int]] = {}
        for row, concept, index in zip(hits.document[own].tolist(), hits.concept[own].tolist(), own, strict=True):
            found.setdefault(row, {}).setdefault(self._rules[concept], int(index))
        return {row: evidence.finder.reasons(row, named.items()) for row, named in found.items()}
