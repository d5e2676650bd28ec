"""Character n-grams of a whole batch in one vectorised pass: which known n-grams stand in which text.

N-grams are hashed to slots; a check of further hash bits tells the few known n-grams from the many unknown ones that
share their slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from processors.category.batch import Batch
from processors.phrases import Ints
from processors.scan import GAP

ORDERS = GAP + 1
"""Longest n-gram in characters."""
SLOT_BITS = 18
"""2^18 slots of two bytes stay in the cache; some 15,000 known n-grams take 6 %, and the check settles the rest."""

_MULTIPLY, _SPREAD, _MIX = np.uint32(0x01000193), np.uint32(0x9E3779B1), np.uint32(0x2C1B3C6D)
_CHECK_SHIFT, _FOLD_SHIFT, _SLOT_SHIFT = np.uint32(5), np.uint32(15), np.uint32(32 - SLOT_BITS)


class NgramHashes(NamedTuple):
    """The n-grams of one order that begin in a text: where, and their hash."""

    order: int
    positions: Ints
    hashes: npt.NDArray[np.uint32]

    @property
    def slots(self) -> npt.NDArray[np.uint32]:
        """Slot of each n-gram."""
        return self.hashes >> _SLOT_SHIFT

    @property
    def checks(self) -> npt.NDArray[np.uint16]:
        """Further bits that tell n-grams of one slot apart."""
        return (self.hashes >> _CHECK_SHIFT).astype(np.uint16)


def hash_ngrams(batch: Batch) -> Iterator[NgramHashes]:
    """Hashes of the n-grams of one to ``ORDERS`` characters, order by order: short arrays stay in the cache.

    N-grams that begin in the gap behind a text see the next text already and are left out.
    """
    begins = np.flatnonzero(batch.codes)
    rolling = batch.codes
    for order in range(1, ORDERS + 1):
        if order > 1:
            rolling = rolling[:-1] * _MULTIPLY ^ batch.codes[order - 1 :]
        hashes = (rolling[begins] + np.uint32(order)) * _SPREAD
        hashes ^= hashes >> _FOLD_SHIFT
        hashes *= _MIX
        yield NgramHashes(order, begins, hashes)


class NgramTable:
    """The known n-grams: ``slots`` holds feature number + 1 by slot (0: none), ``checks`` a check by feature."""

    def __init__(self, slots: npt.NDArray[np.uint16], checks: npt.NDArray[np.uint16]) -> None:
        self._slots, self._checks = slots, checks

    def find(self, batch: Batch) -> tuple[Ints, Ints]:
        """Distinct (document, feature) pairs as two arrays, ordered by document."""
        size = len(self._checks) + 1
        keys = [batch.owner[positions] * size + features for _, positions, features in self._known(batch)]
        sorted_keys = np.sort(np.concatenate(keys))
        distinct = sorted_keys[np.diff(sorted_keys, prepend=-1) != 0]  # np.unique hashes, which is slower here
        return distinct // size, distinct % size

    def texts(self, batch: Batch) -> dict[int, str]:
        """The text of every known n-gram of the batch, for explanations."""
        return {
            feature: batch.joined[start : start + order]
            for order, positions, features in self._known(batch)
            for start, feature in zip(positions.tolist(), features.tolist(), strict=True)
        }

    def _known(self, batch: Batch) -> Iterator[tuple[int, Ints, Ints]]:
        """Order, positions and features of the known n-grams."""
        for order, positions, hashes in hash_ngrams(batch):
            numbers = self._slots[hashes >> _SLOT_SHIFT]
            hits = np.flatnonzero(numbers)
            features = numbers[hits].astype(np.int64) - 1
            right = self._checks[features] == (hashes[hits] >> _CHECK_SHIFT).astype(np.uint16)
            yield order, positions[hits[right]], features[right]
