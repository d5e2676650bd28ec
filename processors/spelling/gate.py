"""Where a sentence is worth reading: places that hang together badly, above all where a related character would not.

The tables of the wording model are asked about every character, its relations (who is taken for whom) only where the
first look does not clear it. Two small judges fitted by ``training.spelling.gate`` weigh what is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from processors.wording.encoding import FIRST_HAN, ID_BITS, MAX_IDS, PADDING, UNKNOWN, Array, Batch, pack
from processors.wording.finder import Finder
from processors.wording.table import lookup

ARRAYS = ("gate_first", "gate_mean", "gate_scale", "gate_hidden", "gate_hidden_bias", "gate_out")
"""``gate_first``: weights of the first look, bias and floor behind them; the others: a network of one hidden layer,
the bias of its output the last of ``gate_out``."""


class Gate:
    """Weighs every Han character of a batch of texts."""

    def __init__(self, finder: Finder, arrays: Mapping[str, Array]) -> None:
        """``arrays``: those of ``ARRAYS``; ``finder``: of the wording model."""
        self._finder = finder
        self._first, self._mean, self._scale, self._hidden, self._hidden_bias, self._out = (
            np.asarray(arrays[name]) for name in ARRAYS
        )

    def odds(self, batch: Batch) -> tuple[Array, Array]:
        """(positions in the batch, log odds that a slip is there) of those that the first look does not clear."""
        places, look = first_look(self._finder, batch)
        left = np.flatnonzero(_product(look, self._first[:-2]) + self._first[-2] >= self._first[-1])
        places, look = places[left], look[left]
        told = np.concatenate([look, second_look(self._finder, batch, places, look)], axis=1)
        inner = _product((told - self._mean) / self._scale, self._hidden) + self._hidden_bias
        return places, _product(np.maximum(inner, 0), self._out[:-1]) + self._out[-1]


def _product(rows: Array, weights: Array) -> Array:
    """Summed row by row in one order: a product of matrices rounds differently with the number of rows."""
    return np.asarray(np.einsum("ij,j...->i...", rows, weights))


def first_look(finder: Finder, batch: Batch) -> tuple[Array, Array]:
    """(positions of Han characters, what the tables know of each as it stands: count x 25, float32)."""
    ids, count = batch.ids, len(batch.ids)
    language, lexicon = finder.language, finder.general.lexicon
    trigrams = language.trigrams(ids)
    pairs, twos, threes, fours = (np.zeros(count, dtype=np.uint8) for _ in range(4))
    pairs[:-1] = language.steps(2, [ids[:-1], ids[1:]])
    for size, found in ((2, twos), (3, threes), (4, fours)):
        found[: 1 - size] = lookup(lexicon, pack([ids[k : count + 1 - size + k] for k in range(size)]))
    at = np.flatnonzero((ids >= FIRST_HAN) | (ids == UNKNOWN))
    at = at[(at >= PADDING) & (at < count - PADDING)]
    before, across, behind = (trigrams[at - k].astype(np.float32) for k in (2, 1, 0))
    left, right = pairs[at - 1].astype(np.float32), pairs[at].astype(np.float32)
    word_left, word_right = twos[at - 1], twos[at]
    three = np.max([threes[at - k] for k in range(3)], axis=0)
    four = np.max([fours[at - k] for k in range(4)], axis=0)
    covered = np.max([word_left, word_right, three, four], axis=0)
    single, unigrams = finder.general.singles[ids[at]], language.unigrams
    columns: list[Any] = [
        before, across, behind, left, right, word_left, word_right, twos[at - 2], twos[at + 1], three, four, single,
        unigrams[ids[at]], unigrams[ids[at - 1]], unigrams[ids[at + 1]], ids[at - 1] >= FIRST_HAN,
        ids[at + 1] >= FIRST_HAN, covered == 0, np.maximum(left, right), np.minimum(left, right),
        np.maximum(before, behind), before + across + behind, ids[at] == ids[at - 1], ids[at] == ids[at + 1],
        ids[at] == UNKNOWN,
    ]  # fmt: skip
    return at, np.stack([np.asarray(one, dtype=np.float32) for one in columns], axis=1)


def second_look(finder: Finder, batch: Batch, at: Array, look: Array) -> Array:
    """What the best related characters would make of each place: count x 13, float32. ``look``: the first one."""
    ids, language, lexicon = batch.ids, finder.language, finder.general.lexicon
    owner, entries = finder.related.of(batch.points[at])
    meant, relation = entries & np.uint64(MAX_IDS - 1), entries >> np.uint64(ID_BITS)
    place = at[owner]
    one, two, four, five = (ids[place + k] for k in (-2, -1, 1, 2))
    left, right = (language.steps(2, pair).astype(np.float32) for pair in ([two, meant], [meant, four]))
    word_left, word_right = (lookup(lexicon, pack(pair)).astype(np.float32) for pair in ([two, meant], [meant, four]))
    before, across, behind = (
        language.steps(3, three).astype(np.float32)
        for three in ([one, two, meant], [two, meant, four], [meant, four, five])
    )
    word, threes = np.maximum(word_left, word_right), before + across + behind
    whole = left + right + word + threes

    def best(values: Array) -> Array:
        found = np.full(len(at), -1, dtype=np.float32)
        np.maximum.at(found, owner, values)
        return found

    values = (
        whole, word, np.minimum(left, right), np.maximum(left, right), across, np.maximum(before, behind), threes,
        word_left + left + before, word_right + right + behind, whole * (relation == 1), whole * (relation == 2),
    )  # fmt: skip
    bests = [best(one) for one in values]
    stands = look[:, :5].sum(axis=1) + np.maximum(look[:, 5], look[:, 6])
    gains = [bests[0] - stands, bests[1] - np.maximum(look[:, 5], look[:, 6])]
    return np.stack([*bests, *gains], axis=1).astype(np.float32)
