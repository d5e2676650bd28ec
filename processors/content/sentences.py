"""What the words of a single sentence say of its claims: a linear model over character n-grams."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from processors.category.batch import Coded
from processors.category.ngrams import NgramTable, weigh

Matrix = npt.NDArray[np.float32]
_CLAUSE_END = re.compile(r"[，,：:。！？!?；;\n]+")


class SentenceModel:
    """Log-odds of each of ``CLAIMS`` for sentences. Trained by ``training.content``."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """``arrays``: ``slots``, ``checks`` (the known n-grams), ``weights`` (n-grams x claims), ``bias``."""
        self._table = NgramTable(np.array(arrays["slots"]), np.array(arrays["checks"]))
        self._weights: Matrix = np.array(arrays["weights"], dtype=np.float32)
        self._columns: Matrix = np.pad(self._weights.T, ((0, 0), (0, 1)))
        self._bias: Matrix = np.array(arrays["bias"], dtype=np.float32)

    def scores(self, sentences: Sequence[str]) -> Matrix:
        """Sentences x claims: the weights of the known n-grams over the root of their number, and the bias."""
        return weigh(self._table.find(Coded(sentences)), self._columns, len(sentences)) + self._bias

    def clause(self, sentence: str, claim: int) -> tuple[int, int]:
        """Start and end of the clause whose words speak most for a claim (its number in ``CLAIMS``)."""
        ends = [match.end() for match in _CLAUSE_END.finditer(sentence)]
        if not ends or ends[-1] < len(sentence):
            ends.append(len(sentence))
        spoken = np.zeros(len(ends), dtype=np.float32)
        for grams in self._table.find(Coded([sentence])):
            where = np.minimum(np.searchsorted(ends, grams.positions, side="right"), len(ends) - 1)
            np.add.at(spoken, where, self._columns[claim][grams.features])
        best = int(spoken.argmax())
        start, end = (ends[best - 1] if best else 0), ends[best]
        inner = sentence[start:end]
        kept = _CLAUSE_END.sub("", inner).strip() or inner
        first = start + inner.index(kept) if kept in inner else start
        return first, first + len(kept) if kept in inner else end
