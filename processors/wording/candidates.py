"""Where a text reads oddly, and what may have been meant there.

First pass, over every character: only the trigram table. A place is suspicious when no trigram across it is common
while its neighbourhood is otherwise familiar. Second pass, over suspicious places only: candidates, kept when the trigrams they make
are far better attested than those that stand there. The costly weighing of the few survivors is in ``features``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from processors.wording.contexts import Contexts
from processors.wording.encoding import DIGIT, FIRST_HAN, ID_BITS, LATIN, MAX_IDS, PADDING, Array, Batch
from processors.wording.language import Language
from processors.wording.table import lookup


class Kind(IntEnum):
    """What is done to the text: a character replaced, put in, taken out; two exchanged; a word for its homophone."""

    REPLACE = 0
    INSERT = 1
    REMOVE = 2
    SWAP = 3
    WORD = 4


# A trigram step up to this (a count of about 20) may still be an accident of the corpus or a slip in it.
COMMON_STEP = 6
# The same for the two trigrams across a gap together.
GAP_SUM = 10
# A neighbourhood of 2 * NEAR + 1 trigrams; where more than this share is unknown, the model cannot judge (names, other genres).
NEAR = 8
MOST_UNKNOWN = 0.62
# A character that is no homophone or look-alike must be attested this well (a count of about 100).
UNRELATED_STEP = 10
# Steps that the trigrams must gain in sum, and the candidates kept at one place. On held-out reports with made errors these
# keep 97 % of the right candidates and a quarter of the wrong ones that a gain of 8 lets through.
LEAST_GAIN = {Kind.REPLACE: 18, Kind.INSERT: 20, Kind.REMOVE: 16, Kind.SWAP: 16, Kind.WORD: 16}
UNRELATED_EXTRA = 6
# An equal pair is a strong sign of its own, so little is asked of the trigrams.
DOUBLED_STEP = 3
LEAST_GAIN_DOUBLED = 4
KEPT = 2


@dataclass(frozen=True, slots=True)
class Candidates:
    """Flat arrays. ``kind``: ``Kind`` of each; ``at``: position in the batch of the first character concerned (for
    INSERT: of the character after the gap); ``meant``: id put there (0 for REMOVE and SWAP, two packed ids for WORD);
    ``relation``: 1 homophone, 2 look-alike, 3 near homophone, 0 none."""

    kind: Array
    at: Array
    meant: Array
    relation: Array


def unfamiliarity(trigrams: Array, ids: Array) -> Array:
    """Share of unknown trigrams around each position of ``ids`` (float32)."""
    unknown = np.concatenate(([0], np.cumsum(trigrams == 0, dtype=np.int32)))
    low = np.maximum(np.arange(len(ids)) - NEAR - 1, 0)
    high = np.minimum(low + 2 * NEAR + 1, len(trigrams))
    low = np.minimum(low, high - 1)
    return ((unknown[high] - unknown[low]) / np.float32(2 * NEAR + 1)).astype(np.float32)


def suspects(batch: Batch, trigrams: Array, strange: Array, free: Array) -> tuple[Array, Array]:
    """(positions of suspicious characters, positions after suspicious gaps), ascending. ``free``: False where protected."""
    ids = batch.ids
    low = trigrams <= COMMON_STEP
    usable = free & (strange <= MOST_UNKNOWN)
    usable[:PADDING] = usable[-PADDING:] = False
    han = (ids >= FIRST_HAN) | (ids == 0)
    across = low[1:-1] & low[:-2]
    char = np.zeros(len(ids), dtype=bool)
    char[2:-2] = across & low[2:]
    gap = np.zeros(len(ids), dtype=bool)
    sums = trigrams[:-2] + trigrams[1:-1]
    gap[2:-2] = (sums <= GAP_SUM) & (han[1:-3] | han[2:-2]) & usable[1:-3]
    return np.flatnonzero(char & han & usable), np.flatnonzero(gap & usable)


def _top(place: Array, gain: Array, keep: Array) -> Array:
    """Indices of the ``KEPT`` best gains at each place among ``keep``."""
    chosen = np.flatnonzero(keep)
    order = chosen[np.lexsort((-gain[chosen], place[chosen]))]
    sorted_place = place[order]
    begins = np.flatnonzero(np.concatenate(([True], sorted_place[1:] != sorted_place[:-1]))) if len(order) else order
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    return order[rank < KEPT]


@dataclass(frozen=True, slots=True)
class Finder:
    """Makes candidates. ``relations``: cells over (code point, id) with 1 homophone, 2 look-alike, 3 near homophone;
    ``words``: homophones of two-character words, by the packed word."""

    language: Language
    contexts: Contexts
    relations: Array
    words: Contexts

    def find(self, batch: Batch, trigrams: Array, strange: Array, free: Array) -> Candidates:
        """All candidates of a batch. ``trigrams``: from ``Language.trigrams``; ``strange``: from ``unfamiliarity``."""
        chars, gaps = suspects(batch, trigrams, strange, free)
        steps = trigrams.astype(np.int64)
        double = self._doubled(batch, steps, strange, free)
        parts = [
            self._replacements(batch, steps, chars),
            self._insertions(batch, steps, gaps),
            self._removals(batch, steps, chars),
            _candidates(Kind.REMOVE, double),
            self._swaps(batch, steps, gaps),
            self._homophone_words(batch, steps, gaps),
        ]
        return Candidates(*(np.concatenate([getattr(p, name) for p in parts]) for name in Candidates.__slots__))

    def _doubled(self, batch: Batch, t: Array, strange: Array, free: Array) -> Array:
        """Second characters of equal pairs that read better single."""
        ids = batch.ids
        at = np.flatnonzero((ids[1:] == ids[:-1]) & (ids[1:] >= FIRST_HAN)) + 1
        at = at[free[at] & (strange[at] <= MOST_UNKNOWN) & (np.minimum(t[at - 2], t[at - 1]) <= DOUBLED_STEP)]
        single = self._steps(ids[at - 2], ids[at - 1], ids[at + 1]) + self._steps(ids[at - 1], ids[at + 1], ids[at + 2])
        return at[single - (t[at - 2] + t[at - 1]) >= LEAST_GAIN_DOUBLED]

    def _replacements(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids = batch.ids
        places = places[~_figure(ids[places - 1])]
        gap, meant, step = self.contexts.between(ids[places - 1], ids[places + 1])
        at = places[gap]
        keep = np.flatnonzero((meant != ids[at]) & (step >= t[at - 1] + 4))
        at, meant, step = at[keep], meant[keep], step[keep]
        points = batch.points[at].astype(np.uint64)
        relation = lookup(self.relations, (points << np.uint64(ID_BITS)) | meant)
        keep = np.flatnonzero((relation > 0) | ((step >= UNRELATED_STEP) & ~_figure(ids[at + 1])))
        at, meant, step, relation = at[keep], meant[keep], step[keep], relation[keep]
        new = step + self._steps(ids[at - 2], ids[at - 1], meant) + self._steps(meant, ids[at + 1], ids[at + 2])
        gain = new - (t[at - 2] + t[at - 1] + t[at]) - UNRELATED_EXTRA * (relation == 0)
        best = _top(at, gain, gain >= LEAST_GAIN[Kind.REPLACE])
        return _candidates(Kind.REPLACE, at[best], meant[best], relation[best])

    def _insertions(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids = batch.ids
        places = places[~_figure(ids[places - 1]) & ~_figure(ids[places])]
        gap, meant, step = self.contexts.between(ids[places - 1], ids[places])
        at = places[gap]
        keep = np.flatnonzero(step >= COMMON_STEP)
        at, meant, step = at[keep], meant[keep], step[keep]
        new = step + self._steps(ids[at - 2], ids[at - 1], meant) + self._steps(meant, ids[at], ids[at + 1])
        gain = new - (t[at - 2] + t[at - 1]) * 3 // 2
        best = _top(at, gain, gain >= LEAST_GAIN[Kind.INSERT])
        return _candidates(Kind.INSERT, at[best], meant[best])

    def _removals(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids = batch.ids
        at = places[(ids[places] != ids[places - 1]) & ~_figure(ids[places - 1]) & ~_figure(ids[places + 1])]
        new = self._steps(ids[at - 2], ids[at - 1], ids[at + 1]) + self._steps(ids[at - 1], ids[at + 1], ids[at + 2])
        gain = new * 3 // 2 - (t[at - 2] + t[at - 1] + t[at])
        return _candidates(Kind.REMOVE, at[gain >= LEAST_GAIN[Kind.REMOVE]])

    def _swaps(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids, at = batch.ids, places - 1
        at = at[(ids[at] != ids[at + 1]) & (ids[at] >= FIRST_HAN) & (ids[at + 1] >= FIRST_HAN) & ~_figure(ids[at - 1])]
        new = self._steps(ids[at - 1], ids[at + 1], ids[at]) + self._steps(ids[at + 1], ids[at], ids[at + 2])
        return _candidates(Kind.SWAP, at[new - (t[at - 1] + t[at]) >= LEAST_GAIN[Kind.SWAP]])

    def _homophone_words(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids, at = batch.ids, places - 1
        at = at[(ids[at] >= FIRST_HAN) & (ids[at + 1] >= FIRST_HAN) & ~_figure(ids[at - 1])]
        gap, meant = self.words.after(ids[at], ids[at + 1])
        at = at[gap]
        one, two = meant >> np.uint64(ID_BITS), meant & np.uint64(MAX_IDS - 1)
        gain = self._steps(ids[at - 1], one, two) + self._steps(one, two, ids[at + 2]) - (t[at - 1] + t[at])
        best = _top(at, gain, gain >= LEAST_GAIN[Kind.WORD])
        return _candidates(Kind.WORD, at[best], meant[best], np.ones(len(best), dtype=np.uint8))

    def _steps(self, one: Array, two: Array, three: Array) -> Array:
        return self.language.steps(3, [one, two, three]).astype(np.int64)


def _figure(ids: Array) -> Array:
    """Measure words and models follow figures freely (２７００顶, 500桶): no judgement beside them."""
    return (ids == DIGIT) | (ids == LATIN)


def _candidates(kind: Kind, at: Array, meant: Array | None = None, relation: Array | None = None) -> Candidates:
    count = len(at)
    return Candidates(
        np.full(count, kind, dtype=np.int64),
        at,
        np.zeros(count, dtype=np.uint64) if meant is None else meant,
        np.zeros(count, dtype=np.uint8) if relation is None else relation,
    )
