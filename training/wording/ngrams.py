"""Count the n-grams of the corpus."""

from __future__ import annotations

import numpy as np

from processors.wording.encoding import BOUNDARY, FIRST_HAN, ID_BITS, UNKNOWN, Array
from processors.wording.language import NOVELTY_STEP
from processors.wording.table import COUNT_MASK, steps

# What is kept: smallest counts by order. Chosen so that everything committed stays near 20 MB.
LEAST_COUNT = {2: 2, 3: 2, 4: 4, 5: 8}
# Bigrams rarer than this say nothing about what is new beside them.
LEAST_NOVELTY_COUNT = 6
# Candidates between two neighbours.
LEAST_CONTEXT_COUNT = 5
MOST_CANDIDATES = 40


def count(ids: Array, order: int) -> tuple[Array, Array]:
    """Distinct keys (uint64, sorted) and their counts, without unknown characters; boundaries only at the ends."""
    length = len(ids) - order + 1
    key = np.zeros(length, dtype=np.uint64)
    good = np.ones(length, dtype=bool)
    for offset in range(order):
        part = ids[offset : offset + length]
        key = (key << np.uint64(ID_BITS)) | part
        good &= part != UNKNOWN
        if 0 < offset < order - 1:
            good &= part != BOUNDARY
    kept = np.sort(key[good])
    begins = np.flatnonzero(np.concatenate(([True], kept[1:] != kept[:-1])))
    return kept[begins], np.diff(np.append(begins, len(kept)))


def novelty(keys: Array, counts: Array, *, right: bool) -> tuple[Array, Array]:
    """How rarely something new follows (``right``) or precedes each bigram: keys of bigrams, and the negative log2 of
    the share of its uses in trigrams seen once (Good and Turing's estimate), in steps of ``NOVELTY_STEP`` bits."""
    pair = keys >> np.uint64(ID_BITS) if right else keys & np.uint64((1 << 2 * ID_BITS) - 1)
    order = np.argsort(pair, kind="stable")
    pair, counts = pair[order], counts[order]
    begins = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1])))
    total = np.add.reduceat(counts, begins)
    once = np.add.reduceat((counts == 1).astype(np.int64), begins)
    keep = total >= LEAST_NOVELTY_COUNT
    bits = -np.log2((once[keep] + 0.5) / (total[keep] + 1))
    return pair[begins][keep], np.clip(np.rint(bits / NOVELTY_STEP), 1, COUNT_MASK).astype(np.uint16)


def contexts(keys: Array, counts: Array) -> tuple[Array, Array, Array]:
    """Keys, lengths and entries of ``Contexts`` from trigrams: between (first, last) stand these middles."""
    mask = np.uint64((1 << ID_BITS) - 1)
    middle = (keys >> np.uint64(ID_BITS)) & mask
    keep = (counts >= LEAST_CONTEXT_COUNT) & (middle >= FIRST_HAN)
    keys, counts, middle = keys[keep], counts[keep], middle[keep]
    pair = ((keys >> np.uint64(2 * ID_BITS)) << np.uint64(ID_BITS) | (keys & mask)).astype(np.uint32)
    order = np.lexsort((middle, -counts, pair))
    pair, middle, counts = pair[order], middle[order], counts[order]
    begins = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1])))
    rank = np.arange(len(pair)) - np.repeat(begins, np.diff(np.append(begins, len(pair))))
    keep = rank < MOST_CANDIDATES
    pair, middle, counts = pair[keep], middle[keep], counts[keep]
    entries = (middle.astype(np.uint16) << np.uint16(4)) | (steps(counts) >> np.uint16(1))
    begins = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1])))
    return pair[begins], np.diff(np.append(begins, len(pair))).astype(np.uint8), entries
