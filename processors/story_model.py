"""How likely two items tell of one event, from a row of evidence: boosted trees that learned from the gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from processors.story_evidence import NAMES
from processors.story_weights import Weights

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairModel:
    """``trees`` trees whose answers are added to log-odds; made by ``training.stories``.

    Each array is trees x nodes. A node asks whether the number ``asked`` of the evidence is at most ``bound`` and goes
    on to ``low`` or ``high``; a leaf leads to itself and is worth ``value``. ``start``: log-odds before any tree;
    ``depth``: questions of the deepest tree; ``join``: chance from which two items are one story.
    """

    asked: Numbers
    bound: Floats
    low: Numbers
    high: Numbers
    value: Floats
    start: float
    depth: int
    join: float
    weights: Weights = field(default_factory=Weights)
    """What characters and pairs of them are worth."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> PairModel:
        """From the files of ``models/stories``. Raises ValueError if they are for other evidence than this code's."""
        names = tuple(str(name) for name in arrays["names"].tolist())
        if names != NAMES:
            raise ValueError("models/stories was made for other evidence: run `make train`")
        start, depth, join = arrays["settings"].tolist()
        asked, low, high = (np.asarray(arrays[name], dtype=np.int64) for name in ("asked", "low", "high"))
        bound, value = (np.asarray(arrays[name], dtype=np.float64) for name in ("bound", "value"))
        return cls(asked, bound, low, high, value, float(start), int(depth), float(join), _weights(arrays))

    def chances(self, rows: Sequence[Sequence[float]]) -> Floats:
        """One chance (0 to 1) for each row of evidence; a row's chance does not depend on the others."""
        given = np.asarray(rows, dtype=np.float64)
        trees = np.arange(len(self.asked))
        row = np.arange(len(given))[:, None]
        at = np.zeros((len(given), len(trees)), dtype=np.int64)
        for _ in range(self.depth):
            small = given[row, self.asked[trees, at]] <= self.bound[trees, at]
            at = np.where(small, self.low[trees, at], self.high[trees, at])
        odds = self.start + self.value[trees, at].sum(axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def _weights(arrays: Mapping[str, npt.NDArray[Any]]) -> Weights:
    signs, worth = arrays["signs"].tolist(), arrays["worth"].astype(np.float64).round(4).tolist()
    return Weights(dict(zip(signs, worth, strict=True)))
