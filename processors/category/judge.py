"""Which of the six categories of information an item is, or 其他: calibrated shares, abstention, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from processors.category.features import GROUPS, Features
from processors.category.linear import Basis
from processors.category.model import CategoryModel
from processors.category.rules import not_urgent
from processors.document import Document
from processors.emergency.judge import EmergencyResult
from processors.reader.model import Readings
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Reason
from schemas.vocab import Category, Kind

REASONS = 3
"""Words named for a category."""
CERTAIN = 0.97
"""Share of a category that a rule decides."""
PLACES = 6

Shares = npt.NDArray[np.float64]
_ALL = tuple(Category)
_URGENT, _OTHER = _ALL.index(Category.URGENT), _ALL.index(Category.OTHER)


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """Verdict of one item: shares of the seven categories sum to 1; ``abstained``: a person should decide."""

    category: Category
    scores: dict[Category, float]
    abstained: bool = False
    reasons: tuple[Reason, ...] = ()


class CategoryJudge:
    """Judges a batch of items of one district."""

    def __init__(self, features: Features, model: CategoryModel) -> None:
        self._features, self._model = features, model
        self._rules = [f"category.{concept}" for concept in features.lexicon.concepts]
        self._not_urgent = not_urgent(features.names)

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder, model: CategoryModel) -> Self:
        """From the district's lexicons."""
        return cls(Features.from_tables(tables, builder), model)

    def judge_many(
        self,
        docs: Sequence[Document],
        scans: Sequence[Scan],
        emergencies: Sequence[EmergencyResult] | None = None,
        readings: Readings | None = None,
    ) -> list[CategoryResult]:
        """One result a document, in order; with the results of the emergency judge for the same batch both agree.
        ``readings``: what the second reader says of each."""
        if not docs:
            return []
        basis = _shared(emergencies, len(docs)) or self._model.basis(self._features, docs, scans)
        shares = self._model.probabilities(self._model.scores(basis, self._features.names))
        if readings is not None:
            shares = readings.on_shares(shares)
        shares = self._without_harm(shares, basis, emergencies)
        _agree(shares, docs, emergencies)
        chosen = shares.argmax(axis=1)
        return self._results(shares, chosen, self._reasons(basis, chosen))

    def explain(self, document: Document, scan: Scan) -> list[str]:
        """Lines that tell what decided."""
        basis = self._model.basis(self._features, [document], [scan])
        result = self.judge_many([document], [scan])[0]
        ranked = sorted(result.scores.items(), key=lambda pair: -pair[1])
        lines = [f"类别：{'、'.join(f'{name} {share:.2f}' for name, share in ranked[:3])}"]
        lines += [f"类别依据：“{reason.text}”（{reason.rule}）" for reason in result.reasons]
        weights = self._model.explain(basis, self._features.names, result.category)[:8]
        return [*lines, *(f"类别特征：{self._features.spoken(weight.name)} {weight.value:+.2f}" for weight in weights)]

    def _without_harm(self, shares: Shares, basis: Basis, emergencies: Sequence[EmergencyResult] | None) -> Shares:
        """Shares after the rules for items that tell neither of an emergency nor of the end of one."""
        added = self._not_urgent.added(basis.evidence.matrix).astype(np.float64)
        if emergencies is not None:
            added[[one.is_emergency or one.closed for one in emergencies]] = 0.0
        weighed = shares * np.exp(added)
        return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))

    def _results(
        self, shares: Shares, chosen: npt.NDArray[np.int64], reasons: Sequence[tuple[Reason, ...]]
    ) -> list[CategoryResult]:
        """Results with rounded shares that sum to 1."""
        enough, lead = self._model.sure
        rows = np.arange(len(shares))
        rounded = np.round(shares, PLACES)
        rounded[rows, chosen] += 1 - rounded.sum(axis=1)
        rounded = np.round(rounded, PLACES)
        second, first = np.sort(rounded, axis=1)[:, -2:].T
        abstained = ((first < enough) | (first - second < lead)).tolist()
        return [
            CategoryResult(_ALL[one], dict(zip(_ALL, row, strict=True)), unsure, why)
            for one, row, unsure, why in zip(chosen.tolist(), rounded.tolist(), abstained, reasons, strict=True)
        ]

    def _reasons(self, basis: Basis, chosen: npt.NDArray[np.int64]) -> list[tuple[Reason, ...]]:
        """The words of the concepts that spoke most for the chosen category."""
        size, number = len(basis.evidence.batch), len(self._rules)
        width = GROUPS * number
        weights = self._model.weights(self._features.names)[:width, chosen].T
        spoke = (basis.evidence.matrix[:, :width] * weights).reshape(size, GROUPS, number).sum(axis=1)
        top = _largest(spoke, REASONS)
        rows = np.repeat(np.arange(size), REASONS)
        finder = basis.evidence.finder
        found = finder.first(rows, top.ravel())
        found[spoke[rows, top.ravel()] <= 0] = -1
        named, indices = top.ravel().tolist(), found.tolist()
        return [
            finder.reasons(row, [(self._rules[named[at]], indices[at]) for at in _three(row) if indices[at] >= 0])
            for row in range(size)
        ]


def _three(row: int) -> range:
    return range(row * REASONS, (row + 1) * REASONS)


def _largest(values: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
    """Columns of the ``count`` largest values of each row, the largest first."""
    some = np.argpartition(-values, count, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(values, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def _shared(emergencies: Sequence[EmergencyResult] | None, size: int) -> Basis | None:
    """What the emergency judge computed for this very batch."""
    basis = emergencies[0].basis if emergencies else None
    if basis is None or len(basis.evidence.batch) != size:
        return None
    return basis


def _agree(shares: Shares, docs: Sequence[Document], emergencies: Sequence[EmergencyResult] | None) -> None:
    """Kind and emergency decide where they are known: a zero report is 其他, an emergency or its end 急情要事."""
    zero = np.array([document.item.kind is Kind.ZERO for document in docs])
    _lift(shares, np.flatnonzero(zero), _OTHER, np.full(len(docs), CERTAIN))
    if emergencies is not None:
        urgent = np.array([one.is_emergency or one.closed for one in emergencies]) & ~zero
        chances = np.clip([one.score for one in emergencies], 0.6, CERTAIN)
        _lift(shares, np.flatnonzero(urgent), _URGENT, chances)


def _lift(shares: Shares, rows: npt.NDArray[np.int64], column: int, least: npt.NDArray[np.float64]) -> None:
    """Raise one share of some rows to at least ``least``, the others in proportion."""
    low = (shares[rows, column] < least[rows]) | (shares[rows].argmax(axis=1) != column)
    rows = rows[low]
    rest = 1 - shares[rows, column]
    scale = np.divide(1 - least[rows], rest, out=np.zeros(len(rows)), where=rest > 0)
    shares[rows] *= scale[:, None]
    shares[rows, column] = least[rows]
