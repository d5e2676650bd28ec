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
# Keys looked up together: their intermediate arrays (128 KB each) stay in the processor's cache, which makes a key cost
# 7 ns in place of 10 to 25; smaller blocks pay numpy's cost a call (some 15 us for all steps) more often.
BLOCK = 16_384


def slots(keys: Array, third: int) -> tuple[Array, Array, Array, Array]:
    """Three slot numbers of each key, and its fingerprint (already shifted above the count)."""
    size = np.uint64(third)
    one = keys * _MIX_A
    one ^= one >> _HALF
    one *= _MIX_B
    two = one >> np.uint64(29)
    two ^= one
    two *= _MIX_A
    first = one >> _HALF
    one &= _LOW
    third_slot = two >> _HALF
    for slot, low in ((first, 0), (one, size), (third_slot, size + size)):  # each in its own array, in place
        slot *= size
        slot >>= _HALF
        slot += np.uint64(low)
    prints = two.astype(np.uint16)  # the low bits; those above the fingerprint fall off
    prints <<= COUNT_BITS
    return first, one, third_slot, prints


def steps(counts: Array) -> Array:
    """Counts (>= 1) as stored steps, 1 to 31."""
    return np.clip(np.rint(np.log2(counts) / STEP), 1, COUNT_MASK).astype(np.uint16)


def lookup(cells: Array, keys: Array) -> Array:
    """Stored step of each key (uint8), 0 where the key is unknown. ``cells``: flat uint16 array of three thirds."""
    if len(keys) <= BLOCK:
        return _lookup(cells, keys)
    return np.concatenate([_lookup(cells, keys[start : start + BLOCK]) for start in range(0, len(keys), BLOCK)])


def _lookup(cells: Array, keys: Array) -> Array:
    first, second, third, prints = slots(keys, len(cells) // 3)
    # Slots are inside the array by construction; "wrap" spares numpy's bounds check.
    entry = cells.take(first.view(np.int64), mode="wrap")
    entry ^= cells.take(second.view(np.int64), mode="wrap")
    entry ^= cells.take(third.view(np.int64), mode="wrap")
    entry ^= prints
    entry *= entry <= COUNT_MASK
    return entry.astype(np.uint8)
