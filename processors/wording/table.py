"""A static function from n-gram keys to small counts, in one flat array of 16 bits a slot.

Three slots of a key, one in each third of the array, XOR to its entry: 11 bits of fingerprint and 5 bits of count.
No key
is stored, so an n-gram costs about 20 bits; one in 2,048 unknown n-grams reads as known. The idea is that of XOR
filters (Graf and Lemire 2020, "Xor Filters: Faster and Smaller Than Bloom and Cuckoo Filters"). Building (training
only) is in ``training/wording/pack.py``; both sides share ``slots``.
"""

from __future__ import annotations

import numpy as np

from processors.wording.encoding import Array

COUNT_BITS = 5
COUNT_MASK = (1 << COUNT_BITS) - 1
# One step of the stored count in powers of two: 31 steps reach from 1 to about 1.5 million.
STEP = 0.66
# Odd 64-bit constants of SplitMix64 (Steele, Lea and Flood 2014); any good mixer would do.
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def slots(keys: Array, third: int) -> tuple[Array, Array, Array, Array]:
    """Three slot numbers of each key, and its fingerprint (already shifted above the count)."""
    size = np.uint64(third)
    one = keys * _MIX_A
    one ^= one >> _HALF
    one *= _MIX_B
    two = one ^ (one >> np.uint64(29))
    two *= _MIX_A
    first = ((one >> _HALF) * size) >> _HALF
    second = ((one & _LOW) * size >> _HALF) + size
    third_slot = ((two >> _HALF) * size >> _HALF) + size + size
    prints = ((two & np.uint64(0x7FF)) << np.uint64(COUNT_BITS)).astype(np.uint16)
    return first, second, third_slot, prints


def steps(counts: Array) -> Array:
    """Counts (>= 1) as stored steps, 1 to 31."""
    return np.clip(np.rint(np.log2(counts) / STEP), 1, COUNT_MASK).astype(np.uint16)


def lookup(cells: Array, keys: Array) -> Array:
    """Stored step of each key (uint8), 0 where the key is unknown. ``cells``: flat uint16 array of three thirds."""
    first, second, third, prints = slots(keys, len(cells) // 3)
    # Slots are inside the array by construction; "wrap" spares numpy's bounds check.
    entry = cells.take(first.view(np.int64), mode="wrap")
    entry ^= cells.take(second.view(np.int64), mode="wrap")
    entry ^= cells.take(third.view(np.int64), mode="wrap")
    entry ^= prints
    known = entry <= COUNT_MASK
    return (entry * known).astype(np.uint8)
