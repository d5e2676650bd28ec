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
from processors.wording.encoding import DIGIT, FIRST_HAN, ID_BITS, LATIN, MAX_IDS, PADDING, Array, Batch, pack
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
# Bigrams up to this step (a count of 3) join nothing. A word that is restored must have these steps at least in the lexicon
# (a frequency of about 10) and in the corpus (a count of about 20).
LOOSE_STEP = 3
WORD_STEP = 5
JOINED_STEP = 6
# Lexicon step (a frequency of about 60) of a word across a gap that rules out a dropped character.
WHOLE_WORD_STEP = 9
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
    ``words``: homophones of two-character words, by the packed word; ``related``: the relations again, listed by the
    character written; ``lexicon``: cells over general words."""

    language: Language
    contexts: Contexts
    relations: Array
    words: Contexts
    related: Contexts
    lexicon: Array

    def find(self, batch: Batch, trigrams: Array, strange: Array, free: Array) -> Candidates:
        """All candidates of a batch. ``trigrams``: from ``Language.trigrams``; ``strange``: from ``unfamiliarity``."""
        chars, gaps = suspects(batch, trigrams, strange, free)
        steps = trigrams.astype(np.int64)
        double = self._doubled(batch, steps, free)
        parts = [
            self._replacements(batch, steps, chars),
            self._insertions(batch, steps, gaps),
            self._removals(batch, steps, chars),
            _candidates(Kind.REMOVE, double),
            self._broken_words(batch, trigrams, free),
            self._swaps(batch, steps, gaps),
            self._homophone_words(batch, steps, gaps),
        ]
        return _distinct(Candidates(*(np.concatenate([getattr(p, n) for p in parts]) for n in Candidates.__slots__)))

    def _doubled(self, batch: Batch, t: Array, free: Array) -> Array:
        """Second characters of equal pairs that read better single."""
        ids = batch.ids
        at = np.flatnonzero((ids[1:] == ids[:-1]) & (ids[1:] >= FIRST_HAN)) + 1
        at = at[free[at] & (np.minimum(t[at - 2], t[at - 1]) <= DOUBLED_STEP)]
        single = self._steps(ids[at - 2], ids[at - 1], ids[at + 1]) + self._steps(ids[at - 1], ids[at + 1], ids[at + 2])
        loose = (t[at - 2] + t[at - 1] == 0) & self._loose(ids[at - 1], ids[at])
        return at[loose | (single - (t[at - 2] + t[at - 1]) >= LEAST_GAIN_DOUBLED)]

    def _broken_words(self, batch: Batch, trigrams: Array, free: Array) -> Candidates:
        """Characters that join neither neighbour, where a related one makes a word: needs no context, so it works in any genre."""
        ids = batch.ids
        nothing = trigrams == 0
        lonely = np.zeros(len(ids), dtype=bool)
        lonely[2:-2] = nothing[:-2] & nothing[1:-1] & nothing[2:]
        lonely[:PADDING] = lonely[-PADDING:] = False
        places = np.flatnonzero(lonely & free & ((ids >= FIRST_HAN) | (ids == 0)))
        places = places[~_figure(ids[places - 1])]
        places = places[self._word(ids[places - 1], ids[places]) + self._word(ids[places], ids[places + 1]) == 0]
        loose = self._loose(ids[places - 1], ids[places]), self._loose(ids[places], ids[places + 1])
        keep = loose[0] | loose[1]
        places, loose = places[keep], (loose[0][keep], loose[1][keep])
        gap, entry = self.related.of(batch.points[places])
        at, meant, relation = places[gap], entry & np.uint64(MAX_IDS - 1), (entry >> np.uint64(ID_BITS)).astype(np.uint8)
        left, right = (self._word(ids[at - 1], meant) * loose[0][gap], self._word(meant, ids[at + 1]) * loose[1][gap])
        keep = np.flatnonzero(np.maximum(left, right) >= WORD_STEP)
        at, meant, relation, left, right = at[keep], meant[keep], relation[keep], left[keep], right[keep]
        joined = np.maximum(self._bigram(ids[at - 1], meant) * (left > 0), self._bigram(meant, ids[at + 1]) * (right > 0))
        best = _top(at, joined + np.maximum(left, right), joined >= JOINED_STEP)
        return _candidates(Kind.REPLACE, at[best], meant[best], relation[best])

    def _loose(self, left: Array, right: Array) -> Array:
        """Whether two neighbours are hardly ever seen together and make no word."""
        return (self._bigram(left, right) <= LOOSE_STEP) & (self._word(left, right) == 0)

    def _bigram(self, left: Array, right: Array) -> Array:
        return self.language.steps(2, [left, right]).astype(np.int64)

    def _word(self, left: Array, right: Array) -> Array:
        return lookup(self.lexicon, pack([left, right])).astype(np.int64)

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
        # 提到, 等级: a word as it stands has lost nothing.
        places = places[self._word(ids[places - 1], ids[places]) < WHOLE_WORD_STEP]
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


def _distinct(found: Candidates) -> Candidates:
    """Without repetitions: two ways may lead to one candidate."""
    key = (found.at.astype(np.uint64) << np.uint64(27)) | (found.meant << np.uint64(3)) | found.kind.astype(np.uint64)
    first = np.unique(key, return_index=True)[1]
    return Candidates(*(getattr(found, name)[first] for name in Candidates.__slots__))


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
