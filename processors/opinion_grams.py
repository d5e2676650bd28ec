"""What character n-grams say of tone and theme: voices and subjects show in turns of phrase that no table lists.

The n-grams are those of the category model; where the emergency judge has looked them up already, they are not looked
up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from processors.category.batch import Batch
from processors.category.linear import Basis
from processors.category.ngrams import Grams, NgramTable, heads_by_ngrams, weigh
from processors.document import Document
from processors.phrases import Ints

Matrix = npt.NDArray[np.float32]
Arrays = Mapping[str, npt.NDArray[Any]]


class OpinionGrams:
    """Weights of the n-grams for the tones, no theme and the themes."""

    def __init__(self, arrays: Arrays, weights: Matrix) -> None:
        """``arrays``: ``slots``, ``checks``, ``vocabulary`` of the model; ``weights``: n-grams by columns."""
        self._table = NgramTable(np.array(arrays["slots"]), np.array(arrays["checks"]))
        self._vocabulary = str(arrays["vocabulary"])
        self._weights = weights
        self._columns = heads_by_ngrams(self._weights)

    def scores(self, documents: Sequence[Document], events: Sequence[object]) -> Matrix:
        """Documents by columns: the weights of the known n-grams over the root of their number.

        ``events``: results of the emergency judge for one batch that holds these documents, or whatever else is known.
        """
        rows, basis = [getattr(event, "row", 0) for event in events], getattr(events[0], "basis", None)
        if not all(getattr(event, "basis", None) is basis for event in events):
            basis = None
        if isinstance(basis, Basis):  # its batch serves any vocabulary, its n-grams only their own
            batch = basis.evidence.batch
            grams = basis.grams if basis.vocabulary == self._vocabulary else self._table.find(batch)
            return weigh(grams, self._columns, len(batch))[rows]
        return weigh(self._table.find(Batch(documents)), self._columns, len(documents))

    def said(self, documents: Sequence[Document]) -> list[Ints]:
        """The known n-grams of each document, each as often as it is said."""
        grams = self._table.find(Batch(documents))
        return [_of(grams, row) for row in range(len(documents))]

    def explain(self, document: Document, column: int, count: int = 3) -> list[tuple[str, float]]:
        """The n-grams that spoke most for a column, with what each added."""
        texts = self._table.texts(batch := Batch([document]))
        said = _of(self._table.find(batch), 0)
        weights = self._weights[:, column] / np.sqrt(max(len(said), 1))
        added = {feature: float(weights[feature]) * int((said == feature).sum()) for feature in set(said.tolist())}
        return [
            (texts[one], added[one]) for one in sorted(added, key=lambda one: -added[one])[:count] if added[one] > 0
        ]


def _of(grams: Sequence[Grams], row: int) -> Ints:
    return np.concatenate([one.features[one.bounds[row] : one.bounds[row + 1]] for one in grams])
