"""Of which type an event is: a linear model over the whole text and the votes of the lexicon's triggers together.

Votes know the words, the model knows what goes with what: a car in a river is no flood. Neither decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from processors.category.form import Matrix
from processors.category.linear import Arrays, Basis, LinearModel, product
from processors.facts.types import EventType
from processors.reader.model import Readings

PREFIX = "type_"
OWN = ("heads", "gram_weights", "dense_weights", "bias", "grams")
"""Arrays of the type model, with ``PREFIX``; the others it shares with the emergency model. ``grams``: the n-grams of
the vocabulary that weigh much for types, in the order of ``gram_weights``; the rest is left out."""
VOTES = 2.0
"""What the logarithm of a type's share of the votes weighs beside the model's log-probability (by cross-validation)."""
QUIET = 0.5
"""Votes that every type has: silence of the lexicon is no proof."""
UNSEEN = -7.0
"""Log-probability of a type that training saw no event of."""
READ = 1.0
"""What the second reader's log-share of a type weighs (held-out events: see ADR 073)."""


class TypeModel(LinearModel):
    """Scores of the event types; its heads are the types that training saw."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        grams = np.asarray(arrays["grams"])
        self._of_grams: Matrix = np.array(arrays["gram_weights"], dtype=np.float32)
        self._row = np.full(len(arrays["checks"]), -1, dtype=np.int64)
        self._row[grams] = np.arange(len(grams))

    @classmethod
    def beside(cls, arrays: Arrays) -> Self:
        """From the arrays of the emergency model's folder."""
        return cls({**arrays, **{name: arrays[PREFIX + name] for name in OWN if PREFIX + name in arrays}})

    def logarithms(self, basis: Basis, names: tuple[str, ...], rows: npt.NDArray[np.int64]) -> Matrix:
        """Log-probabilities of the heads for some documents of a batch."""
        scores = product(basis.evidence.matrix[rows], self.weights(names)) + self._bias
        parts = [one.features[one.bounds[row] : one.bounds[row + 1]] for row in rows.tolist() for one in basis.grams]
        owner = np.repeat(np.arange(len(rows)), np.array(list(map(len, parts))).reshape(len(rows), -1).sum(axis=1))
        heavy = self._row.take(np.concatenate(parts))
        heavy, owner_of_heavy = heavy[heavy >= 0], owner[heavy >= 0]
        if len(heavy):
            starts = np.flatnonzero(np.diff(owner_of_heavy, prepend=-1))
            said = np.sqrt(np.bincount(owner, minlength=len(rows)))[owner_of_heavy[starts], None]
            scores[owner_of_heavy[starts]] += np.add.reduceat(self._of_grams.take(heavy, axis=0), starts, axis=0) / said
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), dtype=np.float32)


class TypeChooser:
    """Chooses among the types of a district."""

    def __init__(
        self, model: TypeModel, types: Mapping[str, EventType], events: Sequence[str], weight: float = VOTES
    ) -> None:
        """``events``: the types for which the lexicon's triggers vote, in the order of the votes, of ``weight``."""
        self._weight = weight
        names = [name for name in dict.fromkeys([*events, *model.heads]) if name in types]
        self._model, self._types = model, [types[name] for name in names]
        self._of_votes = _columns(names, events)
        self._of_heads = _columns(names, model.heads)

    def choose(
        self,
        basis: Basis,
        names: tuple[str, ...],
        votes: Matrix,
        rows: npt.NDArray[np.int64],
        readings: Readings | None = None,
    ) -> list[EventType]:
        """The type of each of some documents; ``votes`` and ``readings``: of the whole batch."""
        if not len(rows) or not self._types:
            return []
        told, voted = self._parts(basis, names, votes, rows)
        scores = told + self._weight * voted
        if readings is not None:
            columns = _columns([one.name for one in self._types], readings.names)
            scores += READ * _spread(readings.types[rows].astype(np.float32), columns, UNSEEN)
        return [self._types[best] for best in scores.argmax(axis=1).tolist()]

    def explain(self, basis: Basis, names: tuple[str, ...], votes: Matrix, count: int = 3) -> list[str]:
        """The best types of the first document: what the votes and the model give each, as shares."""
        if not self._types:
            return []
        told, voted = (part[0] for part in self._parts(basis, names, votes, np.zeros(1, dtype=np.int64)))
        best = np.argsort(-(told + self._weight * voted))[:count]
        return [f"{self._types[at].name}（触发词 {np.exp(voted[at]):.2f}，全文 {np.exp(told[at]):.2f}）" for at in best]

    def _parts(
        self, basis: Basis, names: tuple[str, ...], votes: Matrix, rows: npt.NDArray[np.int64]
    ) -> tuple[Matrix, Matrix]:
        """Log-probabilities by the model, and logarithms of the shares of the votes."""
        told = _spread(self._model.logarithms(basis, names, rows), self._of_heads, UNSEEN)
        voted = _spread(votes[rows], self._of_votes, 0.0) + QUIET
        return told, np.log(voted / voted.sum(axis=1, keepdims=True))


def _columns(names: Sequence[str], known: Sequence[str]) -> npt.NDArray[np.int64]:
    """For each name its place in ``known``, -1 where it has none."""
    place = {name: number for number, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in names], dtype=np.int64)


def _spread(values: Matrix, columns: npt.NDArray[np.int64], missing: float) -> Matrix:
    return np.where(columns >= 0, values[:, columns], np.float32(missing))
