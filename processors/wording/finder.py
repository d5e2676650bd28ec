"""The second pass: what may have been meant at the suspicious places of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from processors.wording.candidates import Candidates, Kind, distinct, figure, make, nothing, suspects, top
from processors.wording.contexts import Contexts
from processors.wording.encoding import FIRST_HAN, ID_BITS, MAX_IDS, PADDING, Array, Batch, pack
from processors.wording.features import GeneralWords
from processors.wording.language import Language
from processors.wording.table import COUNT_MASK, STEP, lookup

# A character that is no homophone or look-alike must be attested this well (a count of about 100).
UNRELATED_STEP = 10
# Steps that the trigrams must gain in sum. On held-out reports with made errors a gain of 20 keeps 98 % of the right
# replacements. A dropped character needs less: what stands beside the gap is often attested by accident (发|动力).
LEAST_GAIN = {Kind.REPLACE: 19, Kind.INSERT: 9, Kind.REMOVE: 16, Kind.SWAP: 8, Kind.WORD: 14}
STRICT_INSERT_GAIN = 20
UNRELATED_EXTRA = 6
# Least step of the trigram (a count of about 6) that has the dropped character in the middle.
LEAST_BETWEEN = 4
# An equal pair is a strong sign of its own, so little is asked of the trigrams.
DOUBLED_STEP = 3
LEAST_GAIN_DOUBLED = 4
# Bigrams up to this step (a count of 4) join nothing. A word that is restored must have these steps at least in the
# lexicon (a frequency of about 10) and in the corpus (a count of about 16).
LOOSE_STEP = 3
# Step of a character's frequency as a word of its own (a frequency of about 2,000) up to which it seldom is one.
SELDOM_ALONE = 17
CHANCE_EXTRA, MOST_BY_CHANCE = 1, 12
WORD_STEP = 5
JOINED_STEP = 6
# A word of three or four characters is seldom made by accident.
LONG_WORD_BONUS = 6
# No step is greater than 31, so that no broken word gains more than this, and one that makes no word with either
# neighbour not more than the second.
MOST_GAIN = COUNT_MASK + COUNT_MASK + LONG_WORD_BONUS
MOST_GAIN_ALONE = JOINED_STEP + COUNT_MASK + LONG_WORD_BONUS
# Lexicon step of a word across a gap that rules out a dropped character (a frequency of about 3,800; 60 where only sure
# findings count).
WHOLE_WORD_STEP, STRICT_WHOLE_WORD = 18, 9
# What remains beside a dropped character, and a pair put the wrong way round, seldom stand together elsewhere: greatest
# steps of that bigram (counts of about 58,000, 1,500 and 23,000).
GAP_JUNCTION, STRICT_GAP_JUNCTION = 24, 16
SWAP_JUNCTION = 22


@dataclass(frozen=True, slots=True)
class Finder:
    """Makes candidates. ``relations``: cells over (code point, id) with 1 homophone, 2 look-alike, 3 near homophone;
    ``words``: homophones of two-character words, by the packed word; ``related``: the relations again, listed by the
    character written; ``general``: words of every genre."""

    language: Language
    contexts: Contexts
    relations: Array
    words: Contexts
    related: Contexts
    general: GeneralWords

    def find(
        self,
        batch: Batch,
        trigrams: Array,
        strange: Array,
        eager: Array,
        needed: Callable[[Array], Array] | None = None,
    ) -> Candidates:
        """All candidates of a batch. ``trigrams``: from ``Language.trigrams``; ``strange``: from ``unfamiliarity``;
        ``eager``: as in ``suspects``; ``needed``: of places the gain below which nobody asks for a broken word."""
        chars, gaps = suspects(batch, trigrams, strange, eager)
        steps = trigrams.astype(np.int64)
        junction = self._bigram(batch.ids[gaps - 1], batch.ids[gaps])
        parts = [
            self._replacements(batch, steps, chars),
            self._insertions(
                batch, steps, gaps[junction <= _limit(eager[gaps], GAP_JUNCTION, STRICT_GAP_JUNCTION)], eager
            ),
            self._removals(batch, steps, chars),
            self._doubled(batch, steps),
            self._broken_words(batch, self._lonely(batch.ids, trigrams, eager), needed),
            self._swaps(batch, steps, gaps[junction <= SWAP_JUNCTION]),
            self._homophone_words(batch, steps, gaps),
        ]
        return distinct(Candidates(*(np.concatenate([getattr(p, n) for p in parts]) for n in Candidates.__slots__)))

    def _doubled(self, batch: Batch, t: Array) -> Candidates:
        """Second characters of equal pairs that read better single."""
        ids = batch.ids
        at = np.flatnonzero((ids[1:] == ids[:-1]) & (ids[1:] >= FIRST_HAN)) + 1
        at = at[np.minimum(t[at - 2], t[at - 1]) <= DOUBLED_STEP]
        one, two = (
            self._steps(ids[at - 2], ids[at - 1], ids[at + 1]),
            self._steps(ids[at - 1], ids[at + 1], ids[at + 2]),
        )
        old = t[at - 2] + t[at - 1]
        gain = one + two - old
        single = self._word(ids[at - 1], ids[at]) == 0
        # 召开开在: the first one ends a word, the second begins none.
        closed = self._bound(ids[at - 2], ids[at - 1]) & (self._word(ids[at], ids[at + 1]) == 0)
        loose = single & ((old == 0) & self._rare(ids[at - 1], ids[at]) | closed)
        keep = np.flatnonzero(loose | (gain >= LEAST_GAIN_DOUBLED))
        return make(Kind.REMOVE, at[keep], (gain[keep], old[keep], np.minimum(one, two)[keep]), nothing(len(keep)))

    def _broken_words(self, batch: Batch, places: Array, needed: Callable[[Array], Array] | None) -> Candidates:
        """Characters that join neither neighbour, where a related one makes a word of two to four characters: needs no
        context, so it works in any genre."""
        ids = batch.ids
        need = np.zeros(len(places), dtype=np.int64) if needed is None else needed(places)
        places, need = places[need <= MOST_GAIN], need[need <= MOST_GAIN]
        gap, entry = self.related.of(batch.points[places])
        at, meant = places[gap], entry & np.uint64(MAX_IDS - 1)
        relation = (entry >> np.uint64(ID_BITS)).astype(np.uint8)
        left, right = self._word(ids[at - 1], meant), self._word(meant, ids[at + 1])
        need = need[gap]
        hoped = np.flatnonzero(need <= np.where(np.maximum(left, right) > 0, MOST_GAIN, MOST_GAIN_ALONE))
        long: Array = np.zeros(len(gap), dtype=np.int64)
        long[hoped] = self._long_word(ids, places, gap[hoped], meant[hoped])
        keep = np.flatnonzero((np.maximum(left, right) >= WORD_STEP) | (long > 0))
        at, meant, relation, left, right, long = (part[keep] for part in (at, meant, relation, left, right, long))
        joined = np.maximum(
            self._bigram(ids[at - 1], meant) * (left > 0), self._bigram(meant, ids[at + 1]) * (right > 0)
        )
        gain = np.maximum(joined, JOINED_STEP * (long > 0)) + np.maximum(
            np.maximum(left, right), long + LONG_WORD_BONUS
        )
        # ``weakest`` below zero marks that words, not trigrams, speak for it.
        best = top(at, gain, ((joined >= JOINED_STEP) | (long > 0)) & (gain >= need[keep]))
        return make(
            Kind.REPLACE, at[best], (gain[best], 0 * gain[best], 0 * gain[best] - 1), meant[best], relation[best]
        )

    def _lonely(self, ids: Array, trigrams: Array, eager: Array) -> Array:
        """Places of characters that make no word with a neighbour and hardly ever stand beside it."""
        han = (ids >= FIRST_HAN) | (ids == 0)
        han[:PADDING] = han[-PADDING:] = False
        nothing = trigrams == 0
        lonely = np.zeros(len(ids), dtype=bool)
        lonely[2:-2] = nothing[:-2] & nothing[1:-1] & nothing[2:]
        lonely &= eager
        lonely |= self._uncommon(ids)
        places = np.flatnonzero(lonely & han)
        places = places[~figure(ids[places - 1])]
        for shift in (1, 0):
            places = places[self._word(ids[places - shift], ids[places - shift + 1]) == 0]
        for shift in (1, 0):
            places = places[self._rare(ids[places - shift], ids[places - shift + 1])]
        # A character between two whole words (村民把垃圾) stands alone by right.
        bound = self._bound(ids[places - 2], ids[places - 1]) & self._bound(ids[places + 1], ids[places + 2])
        return places[~bound]

    def _uncommon(self, ids: Array) -> Array:
        """Whether a character, or one beside it, seldom is a word by itself (逢, 晌; not 在, 说)."""
        uncommon = (self.general.singles[ids] <= SELDOM_ALONE) & (ids >= FIRST_HAN) | (ids == 0)
        near = uncommon.copy()
        near[1:] |= uncommon[:-1]
        near[:-1] |= uncommon[1:]
        return np.asarray(near)

    def _long_word(self, ids: Array, places: Array, gap: Array, meant: Array) -> Array:
        """Step of the commonest word of three or four characters that ``meant`` would complete; 0 without one.
        ``gap``: which of the ``places`` each ``meant`` belongs to; the characters around one are packed once."""
        best = np.zeros(len(meant), dtype=np.uint8)
        for length in (3, 4):
            for slot in range(length):
                around = pack([0 * ids[places] if k == slot else ids[places - slot + k] for k in range(length)])
                key = around[gap]
                key |= meant << np.uint64(ID_BITS * (length - 1 - slot))
                np.maximum(best, lookup(self.general.lexicon, key), out=best)
        return best.astype(np.int64)

    def _rare(self, left: Array, right: Array) -> Array:
        """Whether two neighbours are hardly ever seen together; so are, in this sense, a character and a mark."""
        apart = (left < FIRST_HAN) | (right < FIRST_HAN)
        return np.asarray(apart | (self._bigram(left, right) <= self._chance(left, right)))

    def _chance(self, left: Array, right: Array) -> Array:
        """Greatest bigram step at which two characters are held to stand together by accident: what their frequencies
        alone would give, and a little more."""
        expected = self.language.unigrams[left] + self.language.unigrams[right] - self.language.unigrams.min()
        by_chance = np.minimum(expected / np.float32(STEP), MOST_BY_CHANCE) + CHANCE_EXTRA
        return np.asarray(np.maximum(by_chance, LOOSE_STEP))

    def _bound(self, one: Array, two: Array) -> Array:
        """Whether two characters make a word."""
        return np.asarray(self._word(one, two) >= WORD_STEP)

    def _bigram(self, left: Array, right: Array) -> Array:
        return self.language.steps(2, [left, right]).astype(np.int64)

    def _word(self, left: Array, right: Array) -> Array:
        return lookup(self.general.lexicon, pack([left, right])).astype(np.int64)

    def _replacements(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids = batch.ids
        places = places[~figure(ids[places - 1])]
        gap, meant, step = self.contexts.between(ids[places - 1], ids[places + 1])
        at = places[gap]
        keep = np.flatnonzero((meant != ids[at]) & (step >= t[at - 1] + 4))
        at, meant, step = at[keep], meant[keep], step[keep]
        points = batch.points[at].astype(np.uint64)
        relation = lookup(self.relations, (points << np.uint64(ID_BITS)) | meant)
        keep = np.flatnonzero((relation > 0) | ((step >= UNRELATED_STEP) & ~figure(ids[at + 1])))
        at, meant, step, relation = at[keep], meant[keep], step[keep], relation[keep]
        left, right = self._steps(ids[at - 2], ids[at - 1], meant), self._steps(meant, ids[at + 1], ids[at + 2])
        old = t[at - 2] + t[at - 1] + t[at]
        gain = step + left + right - old - UNRELATED_EXTRA * (relation == 0)
        best = top(at, gain, gain >= LEAST_GAIN[Kind.REPLACE])
        return make(
            Kind.REPLACE, at[best], (gain[best], old[best], np.minimum(left, right)[best]), meant[best], relation[best]
        )

    def _insertions(self, batch: Batch, t: Array, places: Array, eager: Array) -> Candidates:
        ids = batch.ids
        places = places[~figure(ids[places - 1]) & ~figure(ids[places])]
        # 提到, 等级: a word as it stands has lost nothing.
        whole = _limit(eager[places], WHOLE_WORD_STEP, STRICT_WHOLE_WORD)
        places = places[self._word(ids[places - 1], ids[places]) < whole]
        gap, meant, step = self.contexts.between(ids[places - 1], ids[places])
        at = places[gap]
        keep = np.flatnonzero(step >= LEAST_BETWEEN)
        at, meant, step = at[keep], meant[keep], step[keep]
        left, right = self._steps(ids[at - 2], ids[at - 1], meant), self._steps(meant, ids[at], ids[at + 1])
        old = t[at - 2] + t[at - 1]
        gain = step + left + right - old * 3 // 2
        best = top(at, gain, gain >= _limit(eager[at], LEAST_GAIN[Kind.INSERT], STRICT_INSERT_GAIN))
        return make(Kind.INSERT, at[best], (gain[best], old[best], np.minimum(left, right)[best]), meant[best])

    def _removals(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids = batch.ids
        at = places[(ids[places] != ids[places - 1]) & ~figure(ids[places - 1]) & ~figure(ids[places + 1])]
        one, two = (
            self._steps(ids[at - 2], ids[at - 1], ids[at + 1]),
            self._steps(ids[at - 1], ids[at + 1], ids[at + 2]),
        )
        old = t[at - 2] + t[at - 1] + t[at]
        gain = (one + two) * 3 // 2 - old
        keep = np.flatnonzero(gain >= LEAST_GAIN[Kind.REMOVE])
        return make(Kind.REMOVE, at[keep], (gain[keep], old[keep], np.minimum(one, two)[keep]), nothing(len(keep)))

    def _swaps(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids, at = batch.ids, places - 1
        at = at[(ids[at] != ids[at + 1]) & (ids[at] >= FIRST_HAN) & (ids[at + 1] >= FIRST_HAN) & ~figure(ids[at - 1])]
        one, two = self._steps(ids[at - 1], ids[at + 1], ids[at]), self._steps(ids[at + 1], ids[at], ids[at + 2])
        old = t[at - 1] + t[at]
        gain = one + two - old
        keep = np.flatnonzero(gain >= LEAST_GAIN[Kind.SWAP])
        return make(Kind.SWAP, at[keep], (gain[keep], old[keep], np.minimum(one, two)[keep]), nothing(len(keep)))

    def _homophone_words(self, batch: Batch, t: Array, places: Array) -> Candidates:
        ids, at = batch.ids, places - 1
        at = at[(ids[at] >= FIRST_HAN) & (ids[at + 1] >= FIRST_HAN) & ~figure(ids[at - 1])]
        gap, meant = self.words.after(ids[at], ids[at + 1])
        at = at[gap]
        one, two = meant >> np.uint64(ID_BITS), meant & np.uint64(MAX_IDS - 1)
        left, right = self._steps(ids[at - 1], one, two), self._steps(one, two, ids[at + 2])
        old = t[at - 1] + t[at]
        gain = left + right - old
        best = top(at, gain, gain >= LEAST_GAIN[Kind.WORD])
        relation = np.ones(len(best), dtype=np.uint8)
        grounds = (gain[best], old[best], np.minimum(left, right)[best])
        return make(Kind.WORD, at[best], grounds, meant[best], relation)

    def _steps(self, one: Array, two: Array, three: Array) -> Array:
        return self.language.steps(3, [one, two, three]).astype(np.int64)


def _limit(eager: Array, relaxed: float, strict: float) -> Array:
    return np.where(eager, relaxed, strict)
