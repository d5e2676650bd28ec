"""Build the static function of ``processors/wording/table.py`` from keys and counts (vectorised peeling)."""

from __future__ import annotations

import numpy as np

from processors.wording.encoding import Array
from processors.wording.table import slots

# Three-way peeling succeeds above 1.222 slots a key for many keys; small sets need a little more room.
SLOTS_A_KEY = 1.235
SPARE = 64


def _peel(cells: Array, owner_count: int, size: int) -> list[tuple[Array, Array]]:
    """Rounds of (keys, their free slot) in the order of peeling. Raises ValueError when a core remains."""
    degree = np.bincount(cells.ravel(), minlength=size)
    sums = np.zeros(size, dtype=np.int64)
    numbers = np.arange(owner_count, dtype=np.int64)
    for way in range(3):
        np.bitwise_xor.at(sums, cells[way], numbers)
    alive = np.ones(owner_count, dtype=bool)
    rounds: list[tuple[Array, Array]] = []
    queue = np.flatnonzero(degree == 1)
    left = owner_count
    while left:
        queue = queue[degree[queue] == 1]
        keys, first = np.unique(sums[queue], return_index=True)
        fresh = alive[keys]
        keys, free = keys[fresh], queue[first][fresh]
        if not len(keys):
            raise ValueError(f"{left} keys could not be placed; raise SLOTS_A_KEY")
        rounds.append((keys, free))
        alive[keys] = False
        left -= len(keys)
        for way in range(3):
            np.subtract.at(degree, cells[way][keys], 1)
            np.bitwise_xor.at(sums, cells[way][keys], keys)
        queue = np.unique(cells[:, keys].ravel())
    return rounds


def build(keys: Array, values: Array) -> Array:
    """Cells (uint16) such that ``lookup`` gives ``values`` (1..31) for ``keys`` (distinct uint64)."""
    third = int(len(keys) * SLOTS_A_KEY / 3) + SPARE
    one, two, three, prints = slots(keys, third)
    cells = np.stack([one, two, three]).astype(np.int64)
    wanted = prints | values.astype(np.uint16)
    table = np.zeros(third * 3, dtype=np.uint16)
    for members, free in reversed(_peel(cells, len(keys), third * 3)):
        entry = wanted[members].copy()
        for way in range(3):
            slot = cells[way][members]
            entry ^= np.where(slot == free, np.uint16(0), table[slot])
        table[free] = entry
    return table
