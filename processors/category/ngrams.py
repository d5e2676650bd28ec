"""Character n-grams of a whole batch in one vectorised pass: which known n-grams stand in which text.

N-grams are hashed to slots; a check of further hash bits tells the few known n-grams from the many unknown ones that
share their slot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from processors.category.batch import GAP, Batch, Ints

ORDERS = GAP + 1
"""Longest n-gram in characters."""
SLOT_BITS = 18
"""2^18 slots of two bytes stay in the cache; some 15,000 known n-grams take 6 %, and the check settles the rest."""

_MULTIPLY, _SPREAD, _MIX = np.uint32(0x01000193), np.uint32(0x9E3779B1), np.uint32(0x2C1B3C6D)
_CHECK_SHIFT, _FOLD_SHIFT = np.uint32(5), np.uint32(15)


class NgramHashes(NamedTuple):
    """All n-grams of a batch: slot and check of each, and where it begins in the batch.

    Those that begin in the gap behind a text belong to no document: see ``inside``.
    """

    slots: npt.NDArray[np.uint32]
    checks: npt.NDArray[np.uint16]
    positions: npt.NDArray[np.int32]


def hash_ngrams(batch: Batch) -> NgramHashes:
    """Hashes of all n-grams of one to ``ORDERS`` characters."""
    rolling = batch.codes
    parts = [rolling * _SPREAD]
    for order in range(1, ORDERS):
        rolling = rolling[:-1] * _MULTIPLY ^ batch.codes[order:]
        parts.append((rolling + np.uint32(order)) * _SPREAD)
    hashes = np.concatenate(parts)
    hashes ^= hashes >> _FOLD_SHIFT
    hashes *= _MIX
    positions = np.concatenate([np.arange(len(part), dtype=np.int32) for part in parts])
    checks = (hashes >> _CHECK_SHIFT).astype(np.uint16)
    return NgramHashes(hashes >> np.uint32(32 - SLOT_BITS), checks, positions)


def inside(batch: Batch, positions: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which positions stand in a text and not in the gap behind it, where n-grams already see the next text."""
    return np.asarray(batch.codes[positions] != 0)


class NgramTable:
    """The known n-grams: ``slots`` holds feature number + 1 by slot (0: none), ``checks`` a check by feature."""

    def __init__(self, slots: npt.NDArray[np.uint16], checks: npt.NDArray[np.uint16]) -> None:
        self._slots, self._checks = slots, checks

    def find(self, batch: Batch) -> tuple[Ints, Ints]:
        """Distinct (document, feature) pairs as two arrays, ordered by document."""
        hashes = hash_ngrams(batch)
        numbers = self._slots[hashes.slots]
        hits = np.flatnonzero(numbers)
        features = numbers[hits].astype(np.int64) - 1
        known = (self._checks[features] == hashes.checks[hits]) & inside(batch, hashes.positions[hits])
        size = len(self._checks) + 1
        keys = np.sort(batch.owner[hashes.positions[hits[known]]].astype(np.int64) * size + features[known])
        keys = keys[np.diff(keys, prepend=-1) != 0]  # np.unique hashes, which is slower than a vector sort
        return keys // size, keys % size

    def texts(self, batch: Batch) -> dict[int, str]:
        """The text of every known n-gram of the batch, for explanations."""
        hashes = hash_ngrams(batch)
        numbers = self._slots[hashes.slots]
        names: dict[int, str] = {}
        for hit in np.flatnonzero(numbers):
            feature = int(numbers[hit]) - 1
            if self._checks[feature] == hashes.checks[hit] and batch.codes[hashes.positions[hit]]:
                order = int(np.searchsorted(np.cumsum([len(batch.codes) - n for n in range(ORDERS)]), hit, "right"))
                start = int(hashes.positions[hit])
                names[feature] = batch.joined[start : start + order + 1]
        return names
