"""Which characters stand between two given neighbours, and which words sound like a given one: sources of
candidates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processors.wording.encoding import ID_BITS, Array

# An entry: the character's id above, half of its stored count step below.
ENTRY_STEP_BITS = 4
ENTRY_STEP_MASK = (1 << ENTRY_STEP_BITS) - 1


@dataclass(frozen=True, slots=True)
class Contexts:
    """``keys``: sorted uint32, left id above right id; ``offsets``: where each key's entries begin (one more than
    keys);
    ``entries``: uint16 (id, half step), most frequent first. The same shape serves homophones of words (entries: packed
    words) and related characters (keys: code points; entries: id and relation)."""

    keys: Array
    offsets: Array
    entries: Array

    def between(self, left: Array, right: Array) -> tuple[Array, Array, Array]:
        """Candidates of many gaps at once: (index of the gap, id of the character, its count step), flat arrays."""
        gap, entry = self.after(left, right)
        return gap, entry >> np.uint64(ENTRY_STEP_BITS), (entry & np.uint64(ENTRY_STEP_MASK)).astype(np.int64) * 2

    def after(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Raw entries of many keys at once: (index of the key, entry as uint64), flat arrays."""
        return self.of(((left << np.uint64(ID_BITS)) | right).astype(np.uint32))

    def of(self, wanted: Array) -> tuple[Array, Array]:
        """As ``after``, for keys already packed (uint32)."""
        # Sorted needles walk the keys in order instead of missing the cache at every step of every search.
        order = np.argsort(wanted)
        needles = wanted[order]
        row = np.searchsorted(self.keys, needles)
        row[row == len(self.keys)] = 0
        hit = np.flatnonzero(self.keys[row] == needles)
        row = row[hit]
        first = self.offsets[row].astype(np.int64)
        count = self.offsets[row + 1].astype(np.int64) - first
        gap = np.repeat(order[hit], count)
        ends = np.cumsum(count)
        inside = np.arange(len(gap)) - np.repeat(ends - count, count)
        return gap, self.entries[np.repeat(first, count) + inside].astype(np.uint64)
