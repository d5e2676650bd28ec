"""Character n-grams of a whole batch in one vectorised pass: which known n-grams stand in which text.

N-grams are hashed to slots; a check of further hash bits tells the few known n-grams from the many unknown ones that
share their slot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from processors.category.batch import Batch, Coded
from processors.phrases import Ints
from processors.scan import GAP

ORDERS = (1, 2, GAP + 1)
"""Lengths of n-grams in characters."""
SLOT_BITS = 18
"""2^18 slots of two bytes stay in the cache; some 15,000 known n-grams take 6 %, and the check settles the rest."""

_BLOCK = 16_384
"""Characters read together: the arrays of a block stay in the processor's cache, those of a batch would not."""
BEYOND = 1 << 31
"""A feature greater than all: clipped, it is the column of zeros (``heads_by_ngrams``)."""
_CODES = 1 << 16
"""Codes of characters (``Batch.codes``)."""
_NONE = -1
_MULTIPLY, _SPREAD, _MIX = np.uint32(0x01000193), np.uint32(0x9E3779B1), np.uint32(0x2C1B3C6D)
_CHECK_SHIFT, _FOLD_SHIFT, _SLOT_SHIFT = np.uint32(5), np.uint32(15), np.uint32(32 - SLOT_BITS)


class NgramHashes(NamedTuple):
    """The n-grams of one order that begin at each position of a batch, the gaps between its texts too: their hash."""

    order: int
    hashes: npt.NDArray[np.uint32]

    @property
    def slots(self) -> npt.NDArray[np.uint32]:
        """Slot of each n-gram."""
        return self.hashes >> _SLOT_SHIFT

    @property
    def checks(self) -> npt.NDArray[np.uint16]:
        """Further bits that tell n-grams of one slot apart."""
        return (self.hashes >> _CHECK_SHIFT).astype(np.uint16)


class Grams(NamedTuple):
    """The known n-grams of one order: ``positions`` in the batch, ``features``; those of document ``d`` are
    ``bounds[d]`` to ``bounds[d + 1]``. An n-gram counts as often as it is said. ``closed``: the features and one number
    behind them that stands for none (``BEYOND``)."""

    order: int
    positions: Ints
    features: Ints
    bounds: Ints
    closed: Ints


def hash_ngrams(batch: Batch | Coded) -> Iterator[NgramHashes]:
    """Hashes of the n-grams of each of ``ORDERS``, order by order.

    What begins in the gap behind a text (code 0) sees the next text already: leave it out.
    """
    for order, rolling in _rolling(batch.codes):
        yield NgramHashes(order, _scattered(rolling, order))


def _rolling(codes: npt.NDArray[np.uint32]) -> Iterator[tuple[int, npt.NDArray[np.uint32]]]:
    rolling = codes
    for order in range(1, max(ORDERS) + 1):
        if order > 1:
            rolling = rolling[:-1] * _MULTIPLY ^ codes[order - 1 :]
        if order in ORDERS:
            yield order, rolling


def _scattered(rolling: npt.NDArray[np.uint32], order: int) -> npt.NDArray[np.uint32]:
    hashes = (rolling + np.uint32(order)) * _SPREAD
    hashes ^= hashes >> _FOLD_SHIFT
    hashes *= _MIX
    return hashes


class NgramTable:
    """The known n-grams: ``slots`` holds feature number + 1 by slot (0: none), ``checks`` a check by feature."""

    def __init__(self, slots: npt.NDArray[np.uint16], checks: npt.NDArray[np.uint16]) -> None:
        self._slots, self._checks = slots, checks
        self._single = self._features(_scattered(np.arange(_CODES, dtype=np.uint32), 1))
        self._single[0] = _NONE

    def find(self, batch: Batch | Coded) -> list[Grams]:
        """The known n-grams of a batch, order by order."""
        ends = np.append(batch.starts, len(batch.codes))
        found: list[list[tuple[Ints, Ints]]] = [[] for _ in ORDERS]
        for first in range(0, len(batch.codes), _BLOCK):
            for parts, one in zip(found, self._block(batch.codes, first), strict=True):
                parts.append(one)
        return [self._together(order, parts, ends) for order, parts in zip(ORDERS, found, strict=True)]

    def texts(self, batch: Batch | Coded) -> dict[int, str]:
        """The text of every known n-gram of the batch, for explanations."""
        return {
            feature: batch.joined[start : start + grams.order]
            for grams in self.find(batch)
            for start, feature in zip(grams.positions.tolist(), grams.features.tolist(), strict=True)
        }

    def _block(self, codes: npt.NDArray[np.uint32], first: int) -> Iterator[tuple[Ints, Ints]]:
        """Of the n-grams that begin in one block those that are known, order by order: positions and features."""
        size = min(_BLOCK, len(codes) - first)
        inside = codes[first : first + size + max(ORDERS) - 1]
        for order, rolling in _rolling(inside):
            features = (
                self._single.take(inside[:size])
                if order == 1
                else self._features(_scattered(rolling[:size], order), inside)
            )
            hits = np.flatnonzero(features >= 0)
            yield hits + first, features[hits].astype(np.int64)

    def _features(
        self, hashes: npt.NDArray[np.uint32], begins: npt.NDArray[np.uint32] | None = None
    ) -> npt.NDArray[np.int32]:
        """The feature of each n-gram, -1 where it is not known or begins in a gap (code 0)."""
        features = self._slots.take(hashes >> _SLOT_SHIFT).astype(np.int32)
        features -= 1
        hits = np.flatnonzero(features >= 0)
        right = self._checks.take(features[hits]) == (hashes[hits] >> _CHECK_SHIFT).astype(np.uint16)
        if begins is not None:
            right &= begins[hits] != 0
        features[hits[~right]] = _NONE
        return features

    @staticmethod
    def _together(order: int, parts: Sequence[tuple[Ints, Ints]], ends: Ints) -> Grams:
        places, features = zip(*parts, strict=True)
        positions, closed = np.concatenate(places), np.concatenate([*features, [BEYOND]])
        return Grams(order, positions, closed[:-1], np.searchsorted(positions, ends), closed)


def heads_by_ngrams(weights: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """N-grams by heads as ``weigh`` takes them: each head's weights side by side, a zero behind the last."""
    return np.ascontiguousarray(np.pad(weights.T.astype(np.float32), ((0, 0), (0, 1))))


def weigh(found: Sequence[Grams], columns: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """Texts x heads: the weights of the known n-grams of each of ``size`` texts, over the root of their number.

    ``columns``: from ``heads_by_ngrams``; its column of zeros lets no bound lie behind the end.
    """
    sums = np.zeros((len(columns), size), dtype=np.float32)
    number = np.zeros(size, dtype=np.float32)
    for grams in found:
        said = np.diff(grams.bounds)
        number += said
        for total, weights in zip(sums, columns, strict=True):
            total += np.add.reduceat(weights.take(grams.closed, mode="clip"), grams.bounds[:-1]) * (said > 0)
    return np.asarray((sums / np.sqrt(np.maximum(number, 1))).T, dtype=np.float32)
