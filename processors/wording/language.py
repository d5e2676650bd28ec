"""The language model: n-gram tables of orders 2 to 5 and what they say about a stretch of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from processors.wording.encoding import ID_BITS, Array, pack
from processors.wording.table import STEP, lookup

ORDERS = (2, 3, 4, 5)
# Characters of context on each side of a changed place: what an n-gram of the longest order can reach.
REACH = max(ORDERS) - 1
# Room for up to two changed characters.
WIDTH = REACH + 2 + REACH
# Stupid backoff (Brants et al. 2007), as log2 of 0.4; it is the weight of one order less.
BACKOFF = -1.32
# Bits of one step of novelty.
NOVELTY_STEP = 0.3
# Where nothing that touches the place is known (log2).
NO_BOND = np.float32(-16)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well sequences are attested. ``log_probability``: log2, of the changed place and what follows it;
    ``steps``: count step of every n-gram of the sequence, order by order; ``best``/``mean``: the same of the n-grams
    that touch the changed place, one column an order (2 to 5); ``bond``: log2 of the share of one part's uses in which
    it stands with the other, the strongest touching bigram and trigram; ``surprise``: pointwise mutual information of
    the strongest touching bigram, in bits, and of the weakest; ``outer``: what stands whole beside the place, before
    and behind, which says whether the place cuts a word off: mutual information of the pair, count steps of the
    trigram and the 4-gram, and novelty: how rarely something new follows (precedes) the pair, as a step of
    ``NOVELTY_STEP`` bits."""

    log_probability: Array
    steps: Array
    best: Array
    mean: Array
    bond: Array
    surprise: Array
    outer: Array


@dataclass(frozen=True, slots=True)
class Language:
    """``tables``: cells by order; ``unigrams``: log2 of relative frequency by id (float32); ``novel_right`` and
    ``novel_left``: cells over bigrams, how rarely something new follows and precedes them."""

    tables: Mapping[int, Array]
    unigrams: Array
    novel_right: Array
    novel_left: Array

    def steps(self, order: int, parts: list[Array]) -> Array:
        """Count steps of the n-grams of these ids."""
        return lookup(self.tables[order], pack(parts))

    def trigrams(self, ids: Array) -> Array:
        """Count step of the trigram that begins at each position (two shorter than ``ids``)."""
        key = (((ids[:-2] << np.uint64(12)) | ids[1:-1]) << np.uint64(12)) | ids[2:]
        return lookup(self.tables[3], key)

    def weigh(self, rows: Array, middle: Array) -> Evidence:
        """Evidence for sequences of ids, shape (count, WIDTH): REACH characters, ``middle`` changed ones (0 to 2,
        one number
        a row), and what follows."""
        steps = self._all_steps(rows)
        best, mean = np.zeros((2, len(rows), len(ORDERS)), dtype=np.float32)
        for column, n in enumerate(ORDERS):
            start = np.arange(WIDTH - n + 1)
            touching = (start + n > REACH) & (start < REACH + middle[:, None])
            values = steps[n] * touching
            best[:, column] = values.max(axis=1)
            mean[:, column] = values.sum(axis=1) / touching.sum(axis=1)
        counts = self._counts(rows, steps)
        bond = self._bonds(counts, middle)
        surprise, outer = self._surprise(counts, middle)
        outer += self._outer(rows, steps, middle)
        every = np.concatenate([steps[n] for n in ORDERS], axis=1)
        return Evidence(
            self._log_probability(rows, counts, middle), every, best, mean, bond, surprise, np.stack(outer, axis=1)
        )

    def _counts(self, rows: Array, steps: Mapping[int, Array]) -> dict[int, Array]:
        """Log2 counts by order, 0 where unknown."""
        single = self.unigrams[rows]
        return {1: single - self.unigrams.min(), **{n: steps[n] * np.float32(STEP) for n in ORDERS}}

    def _bonds(self, counts: Mapping[int, Array], middle: Array) -> Array:
        """``Evidence.bond`` (two columns)."""
        bond = np.empty((len(middle), 2), dtype=np.float32)
        for column, n in enumerate((2, 3)):
            start = np.arange(WIDTH - n + 1)
            touching = (start + n > REACH) & (start < REACH + middle[:, None]) & (counts[n] > 0)
            part = np.minimum(counts[n - 1][:, :-1], counts[n - 1][:, 1:])
            bond[:, column] = np.where(touching, np.minimum(counts[n] - part, 0), NO_BOND).max(axis=1)
        return bond

    def _surprise(self, counts: Mapping[int, Array], middle: Array) -> tuple[Array, list[Array]]:
        """``Evidence.surprise`` (two columns), and the mutual information of the pairs beside the place."""
        start = np.arange(WIDTH - 1)
        touching = (start + 2 > REACH) & (start < REACH + middle[:, None])
        total = np.float32(-self.unigrams.min())
        bits = np.where(counts[2] > 0, counts[2] + total - counts[1][:, :-1] - counts[1][:, 1:], NO_BOND)
        strongest = np.where(touching, bits, NO_BOND).max(axis=1)
        weakest = np.where(touching, bits, -NO_BOND).min(axis=1)
        behind = bits[np.arange(len(bits)), REACH + middle]
        return np.stack([strongest, weakest], axis=1), [bits[:, REACH - 2], behind]

    def _outer(self, rows: Array, steps: Mapping[int, Array], middle: Array) -> list[Array]:
        every, behind = np.arange(len(rows)), REACH + middle
        found = [column for n in (3, 4) for column in (steps[n][:, REACH - n], steps[n][every, behind])]
        before = pack([rows[:, REACH - 2], rows[:, REACH - 1]])
        after = pack([rows[every, behind], rows[every, behind + 1]])
        return [*found, lookup(self.novel_right, before), lookup(self.novel_left, after)]

    def _all_steps(self, rows: Array) -> dict[int, Array]:
        """Count steps of every window of every order, shape (count, windows)."""
        key, steps = rows, {}
        for n in ORDERS:
            key = (key[:, :-1] << np.uint64(ID_BITS)) | rows[:, n - 1 :]
            steps[n] = lookup(self.tables[n], key.ravel()).reshape(key.shape).astype(np.float32)
        return steps

    def _log_probability(self, rows: Array, counts: Mapping[int, Array], middle: Array) -> Array:
        """Log2 probability of the characters from the changed place to REACH characters behind it."""
        single = self.unigrams[rows]
        ends = np.arange(REACH, WIDTH)
        term = single[:, ends] + np.float32(BACKOFF * REACH)
        for n in ORDERS:
            whole = counts[n][:, ends - n + 1]
            bits = np.minimum(whole - counts[n - 1][:, ends - n + 1], 0) + np.float32(BACKOFF * (REACH + 1 - n))
            term = np.where(whole > 0, bits, term)
        inside = ends[None, :] < REACH + REACH + middle[:, None]
        return np.asarray((term * inside).sum(axis=1))
