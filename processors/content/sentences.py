"""What the words of a single sentence say of its claims: a linear model over character n-grams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from processors.category.batch import Coded
from processors.category.ngrams import Grams, NgramTable, heads_by_ngrams, weigh
from processors.late import late
from processors.phrases import Ints

Matrix = npt.NDArray[np.float32]
_CLAUSE_END = late(r"[，,：:。！？!?；;\n]+")


class SentenceGrams(NamedTuple):
    """The known n-grams of sentences laid end to end: where each sentence begins, and ``grams`` order by order."""

    starts: Ints
    grams: Sequence[Grams]


class SentenceModel:
    """Log-odds of each of ``CLAIMS`` for sentences. Trained by ``training.content``."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """``arrays``: ``slots``, ``checks`` (the known n-grams), ``weights`` (n-grams x claims), ``bias``."""
        self._table = NgramTable(np.array(arrays["slots"]), np.array(arrays["checks"]))
        self._weights: Matrix = np.array(arrays["weights"], dtype=np.float32)
        self._columns = heads_by_ngrams(self._weights)
        self._bias: Matrix = np.array(arrays["bias"], dtype=np.float32)

    def scores(self, sentences: Sequence[str]) -> Matrix:
        """Sentences x claims: the weights of the known n-grams over the root of their number, and the bias."""
        return self.weighed(sentences, self.grams(sentences))

    def grams(self, sentences: Sequence[str]) -> SentenceGrams:
        """The known n-grams of some sentences, to be read more than once."""
        coded = Coded(sentences)
        return SentenceGrams(coded.starts, self._table.find(coded))

    def weighed(self, sentences: Sequence[str], known: SentenceGrams) -> Matrix:
        """As ``scores``, of sentences whose n-grams are known."""
        return weigh(known.grams, self._columns, len(sentences)) + self._bias

    def clause(self, sentence: str, claim: int, known: SentenceGrams | None = None, row: int = 0) -> tuple[int, int]:
        """Start and end of the clause whose words speak most for a claim (its number in ``CLAIMS``).

        ``known``: the n-grams of several sentences, of which this is the one at ``row``.
        """
        known = known or self.grams([sentence])
        ends = [match.end() for match in _CLAUSE_END.finditer(sentence)]
        if not ends or ends[-1] < len(sentence):
            ends.append(len(sentence))
        best = int(self._spoken(known, row, claim, np.array(ends)).argmax())
        start, end = (ends[best - 1] if best else 0), ends[best]
        inner = sentence[start:end]
        kept = _CLAUSE_END.sub("", inner).strip() or inner
        first = start + inner.index(kept) if kept in inner else start
        return first, first + len(kept) if kept in inner else end

    def _spoken(self, known: SentenceGrams, row: int, claim: int, ends: Ints) -> Matrix:
        """What the n-grams of a sentence say for a claim, by clause (``ends``: where each ends)."""
        mine = [slice(grams.bounds[row], grams.bounds[row + 1]) for grams in known.grams]
        places = [grams.positions[part] for grams, part in zip(known.grams, mine, strict=True)]
        features = [grams.features[part] for grams, part in zip(known.grams, mine, strict=True)]
        where = np.searchsorted(ends, np.concatenate(places) - known.starts[row], side="right")
        spoken = np.zeros(len(ends), dtype=np.float32)
        np.add.at(spoken, np.minimum(where, len(ends) - 1), self._columns[claim][np.concatenate(features)])
        return spoken
