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
    ``bounds[d]`` to ``bounds[d + 1]``. An n-gram counts as often as it is said."""

    order: int
    positions: Ints
    features: Ints
    bounds: Ints


def hash_ngrams(batch: Batch | Coded) -> Iterator[NgramHashes]:
    """Hashes of the n-grams of each of ``ORDERS``, order by order: short arrays stay in the cache.

    What begins in the gap behind a text (code 0) sees the next text already: leave it out.
    """
    rolling = batch.codes
    for order in range(1, max(ORDERS) + 1):
        if order > 1:
            rolling = rolling[:-1] * _MULTIPLY ^ batch.codes[order - 1 :]
        if order in ORDERS:
            hashes = (rolling + np.uint32(order)) * _SPREAD
            hashes ^= hashes >> _FOLD_SHIFT
            hashes *= _MIX
            yield NgramHashes(order, hashes)


class NgramTable:
    """The known n-grams: ``slots`` holds feature number + 1 by slot (0: none), ``checks`` a check by feature."""

    def __init__(self, slots: npt.NDArray[np.uint16], checks: npt.NDArray[np.uint16]) -> None:
        self._slots, self._checks = slots, checks

    def find(self, batch: Batch | Coded) -> list[Grams]:
        """The known n-grams of a batch, order by order."""
        return list(self._known(batch))

    def texts(self, batch: Batch | Coded) -> dict[int, str]:
        """The text of every known n-gram of the batch, for explanations."""
        return {
            feature: batch.joined[start : start + grams.order]
            for grams in self._known(batch)
            for start, feature in zip(grams.positions.tolist(), grams.features.tolist(), strict=True)
        }

    def _known(self, batch: Batch | Coded) -> Iterator[Grams]:
        ends = np.append(batch.starts, len(batch.codes))
        for order, hashes in hash_ngrams(batch):
            numbers = self._slots[hashes >> _SLOT_SHIFT]
            hits = np.flatnonzero(numbers)
            features = numbers[hits].astype(np.int64) - 1
            right = self._checks[features] == (hashes[hits] >> _CHECK_SHIFT).astype(np.uint16)
            right &= batch.codes[hits] != 0
            positions = hits[right]
            yield Grams(order, positions, features[right], np.searchsorted(positions, ends))


def weigh(found: Sequence[Grams], columns: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """Texts x heads: the weights of the known n-grams of each of ``size`` texts, over the root of their number.

    ``columns``: heads x n-grams, and behind them one column of zeros, so that no bound lies behind the end.
    """
    sums = np.zeros((len(columns), size), dtype=np.float32)
    number = np.zeros(size, dtype=np.float32)
    for grams in found:
        said = np.diff(grams.bounds)
        number += said
        features = np.append(grams.features, columns.shape[1] - 1)
        for total, weights in zip(sums, columns, strict=True):
            total += np.add.reduceat(weights.take(features), grams.bounds[:-1]) * (said > 0)
    return np.asarray((sums / np.sqrt(np.maximum(number, 1))).T, dtype=np.float32)
