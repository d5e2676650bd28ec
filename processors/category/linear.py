"""A trained linear model: character n-grams and features of an item to one score a head. Plain arrays at run time;
scikit-learn is needed only for training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from processors.category.features import Evidence, Features
from processors.category.form import Matrix
from processors.category.ngrams import Grams, NgramTable, heads_by_ngrams, weigh
from processors.document import Document
from processors.scan import Scan
from schemas.errors import SettingsError

ARRAYS = ("slots", "checks", "gram_weights", "dense_names", "dense_weights", "bias", "heads", "settings", "vocabulary")
Arrays = Mapping[str, npt.NDArray[Any]]


ALONE = 1 << 18
"""Products in one matrix multiplication up to which OpenBLAS keeps to one thread. With more, a batch of a millisecond
wakes threads that spin on the cores of other workers and wait for each other."""


def product(matrix: Matrix, weights: Matrix) -> Matrix:
    """``matrix @ weights`` in pieces that one thread computes."""
    step = max(ALONE // max(weights.size, 1), 1)
    pieces = [matrix[first : first + step] @ weights for first in range(0, len(matrix), step)]
    return np.concatenate(pieces) if pieces else matrix @ weights


class Weight(NamedTuple):
    """What one n-gram or feature adds to a head's score."""

    name: str
    value: float


class Basis(NamedTuple):
    """What judgement of a batch rests on: features, and the known n-grams of a vocabulary.

    Made once and read by every model of that vocabulary.
    """

    evidence: Evidence
    grams: Sequence[Grams]
    vocabulary: str


class LinearModel:
    """Scores of the heads for a batch; ``settings`` are temperature and thresholds of the subclass."""

    HEADS: ClassVar[tuple[str, ...]] = ()
    """The heads that the subclass knows by name; empty: whatever training gave."""

    def __init__(self, arrays: Arrays) -> None:
        missing = [name for name in ARRAYS if name not in arrays]
        if missing:
            raise SettingsError(f"the model lacks: {', '.join(missing)}", hint="run `python -m training.category`")
        self.heads = tuple(str(name) for name in arrays["heads"])
        if self.HEADS and self.heads != self.HEADS:
            raise SettingsError(f"the model decides {self.heads}, not {self.HEADS}", hint="train it anew")
        self.vocabulary = str(arrays["vocabulary"])
        self._table = NgramTable(np.array(arrays["slots"]), np.array(arrays["checks"]))
        self._grams = heads_by_ngrams(arrays["gram_weights"])
        weights = np.array(arrays["dense_weights"])
        self._dense = {str(name): row for name, row in zip(arrays["dense_names"].tolist(), weights, strict=True)}
        self._bias = np.array(arrays["bias"], dtype=np.float32)
        self.settings = np.array(arrays["settings"], dtype=np.float64)
        self._aligned: tuple[tuple[str, ...], Matrix] | None = None

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """From the arrays of a model folder (names in ``ARRAYS``). Raises SettingsError where one is missing."""
        return cls(arrays)

    def basis(self, features: Features, documents: Sequence[Document], scans: Sequence[Scan]) -> Basis:
        """Features and n-grams of a batch of at least one document."""
        evidence = features.compute(documents, scans)
        return Basis(evidence, self._table.find(evidence.batch), self.vocabulary)

    def scores(self, basis: Basis, names: tuple[str, ...]) -> Matrix:
        """Documents by heads, log-odds. ``names``: the columns of the features; ``basis`` of the same vocabulary."""
        if basis.vocabulary != self.vocabulary:
            raise SettingsError("category and emergency models were trained apart", hint="train both anew")
        return (
            product(basis.evidence.matrix, self.weights(names))
            + self._bias
            + weigh(basis.grams, self._grams, len(basis.evidence.batch))
        )

    def weights(self, names: tuple[str, ...]) -> Matrix:
        """Features by heads, in the district's order: a concept that training did not know weighs nothing."""
        if self._aligned is None or self._aligned[0] is not names:
            none = np.zeros(len(self.heads), dtype=np.float32)
            self._aligned = names, np.stack([self._dense.get(name, none) for name in names]).astype(np.float32)
        return self._aligned[1]

    def explain(self, basis: Basis, names: tuple[str, ...], head: str) -> list[Weight]:
        """What spoke for and against a head in a batch of one document, strongest first."""
        column = self.heads.index(head)
        values = basis.evidence.matrix[0] * self.weights(names)[:, column]
        weights = [Weight(name, float(value)) for name, value in zip(names, values, strict=True) if value]
        texts = self._table.texts(basis.evidence.batch)
        said = Counter(feature for grams in basis.grams for feature in grams.features.tolist())
        scale = max(said.total(), 1) ** -0.5
        for feature, times in said.items():
            weights.append(Weight(f"“{texts[feature]}”", float(self._grams[column][feature] * times * scale)))
        return sorted(weights, key=lambda weight: -abs(weight.value))
