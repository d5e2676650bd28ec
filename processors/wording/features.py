"""What is known about each candidate, as numbers for the judge (a small network, ``network``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processors.wording.candidates import Candidates, Kind
from processors.wording.encoding import DIGIT, FIRST_HAN, ID_BITS, LATIN, MAX_IDS, UNKNOWN, Array, Batch
from processors.wording.language import ORDERS, REACH, WIDTH, Evidence, Language
from processors.wording.table import STEP, lookup

NAMES = (
    "gain_bits", "old_bits", "new_bits",
    *(f"old_best_{n}" for n in (2, 3, 4, 5)), *(f"new_best_{n}" for n in (2, 3, 4, 5)),
    *(f"old_mean_{n}" for n in (2, 3, 4, 5)), *(f"new_mean_{n}" for n in (2, 3, 4, 5)),
    *(f"{age}_{name}" for age in ("old", "new") for name in ("bond_2", "bond_3", "strongest", "weakest")),
    *(f"{n}_{side}" for n in ("pair", 3, 4, "novel") for side in ("before", "behind")),
    "old_word", "new_word", "old_unigram", "new_unigram", "strange", "share", "figure_near", "edge_left", "edge_right",
    "homophone", "look_alike", "near_homophone", "unrelated", *(k.name.lower() for k in Kind if k is not Kind.REPLACE),
    "doubled", "already_there", "gain_steps", "old_steps", "weakest",
    "lattice_gain", "old_lattice", "new_lattice", "old_alone", "new_alone",
    *(f"{age}_{n}_{k}" for age in ("old", "new") for n in ORDERS for k in range(WIDTH - n + 1)),
)  # fmt: skip

# Characters concerned, before and after, by kind.
OLD_LENGTH = np.array([1, 0, 1, 2, 2])
NEW_LENGTH = np.array([1, 1, 0, 2, 2])
# Longest word of the lexicon that is looked for across a place.
WORD_LENGTHS = (2, 3, 4)
# log2 of all word occurrences that jieba's dictionary counts (60,101,967): bits of a word seen once.
WORD_BITS = np.float32(25.84)
_MASK = np.uint64(MAX_IDS - 1)


def _rows(batch: Batch, found: Candidates) -> tuple[Array, Array]:
    """Sequences of WIDTH ids as they stand and as they would be, REACH characters before the place."""
    ids, at, kind, meant = batch.ids, found.at, found.kind, found.meant
    window = np.arange(-REACH, WIDTH - REACH + 1)
    # Near the end of the batch the clipped positions lie in the padding, so they are boundaries.
    old = ids[np.minimum(at[:, None] + window, len(ids) - 1)]
    shift = (NEW_LENGTH - OLD_LENGTH)[kind]
    source = np.minimum(at[:, None] + window - (window >= 0) * shift[:, None], len(ids) - 1)
    new = ids[source]
    one = kind <= Kind.INSERT
    new[one, REACH] = meant[one]
    swap, word = kind == Kind.SWAP, kind == Kind.WORD
    new[swap, REACH], new[swap, REACH + 1] = ids[at[swap] + 1], ids[at[swap]]
    new[word, REACH], new[word, REACH + 1] = meant[word] >> np.uint64(ID_BITS), meant[word] & _MASK
    return old[:, :WIDTH], new[:, :WIDTH]


@dataclass(frozen=True, slots=True)
class GeneralWords:
    """Words of every genre (jieba's dictionary). ``lexicon``: cells over words of two to four characters, count steps;
    ``singles``: the same by id, for characters that are words by themselves."""

    lexicon: Array
    singles: Array

    def bits(self, rows: Array, lengths: Array) -> tuple[Array, Array]:
        """Of the likeliest division of each row's first ``lengths`` ids into words: its cost in bits, and how many
        characters stand alone in it. Unigram word model over a lattice, as a segmenter uses."""
        count, width = rows.shape
        best = np.full((count, width + 1), np.inf, dtype=np.float32)
        alone = np.zeros((count, width + 1), dtype=np.float32)
        best[:, 0] = 0
        costs = self._costs(rows)
        for end in range(1, width + 1):
            for n in range(1, min(end, WORD_LENGTHS[-1]) + 1):
                cost = best[:, end - n] + costs[n][:, end - n]
                better = cost < best[:, end]
                best[better, end] = cost[better]
                single = (n == 1) * (rows[:, end - 1] >= FIRST_HAN)
                alone[:, end] = np.where(better, alone[:, end - n] + single, alone[:, end])
        every = np.arange(count)
        return best[every, lengths], alone[every, lengths]

    def _costs(self, rows: Array) -> dict[int, Array]:
        """Bits of the word of each length that begins at each place; infinite where there is none."""
        single = WORD_BITS - self.singles[rows] * np.float32(STEP)
        costs = {1: np.where((rows >= FIRST_HAN) | (rows == UNKNOWN), single, np.float32(0)).astype(np.float32)}
        key = rows
        for n in WORD_LENGTHS:
            key = (key[:, :-1] << np.uint64(ID_BITS)) | rows[:, n - 1 :]
            steps = lookup(self.lexicon, key.ravel()).reshape(key.shape)
            costs[n] = np.where(steps > 0, WORD_BITS - steps * np.float32(STEP), np.inf).astype(np.float32)
        return costs


def describe(
    language: Language, words: GeneralWords, batch: Batch, found: Candidates, strange: Array, shares: Array
) -> Array:
    """Features of each candidate, shape (count, len(NAMES)), float32. ``strange``: unfamiliarity of each position;
    ``shares``: share of unknown trigrams of each text."""
    old_rows, new_rows = _rows(batch, found)
    count = len(found.at)
    rows = np.concatenate((old_rows, new_rows))
    middle = np.concatenate((OLD_LENGTH[found.kind], NEW_LENGTH[found.kind]))
    both = language.weigh(rows, middle)
    old, new = (
        Evidence(*(getattr(both, n)[half] for n in Evidence.__slots__)) for half in (slice(count), slice(count, None))
    )
    whole = _words(words.lexicon, rows, middle)
    columns = [*_evidence(old, new), whole[:count], whole[count:], *_unigrams(language, batch, found)]
    columns += [strange[found.at], shares[batch.owner(found.at)], *_neighbours(batch, found), *_sort(batch, found)]
    columns += [found.gain, found.old, found.weakest]
    bits, alone = words.bits(rows, 2 * REACH + middle)
    columns += [bits[:count] - bits[count:], bits[:count], bits[count:], alone[:count], alone[count:]]
    scalars = np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1)
    return np.concatenate([scalars, old.steps, new.steps], axis=1)


def _evidence(old: Evidence, new: Evidence) -> list[Array]:
    bits = [new.log_probability - old.log_probability, old.log_probability, new.log_probability]
    bits += [part[:, n] for part in (old.best, new.best, old.mean, new.mean) for n in range(4)]
    bits += [x for part in (old, new) for x in (*part.bond.T, *part.surprise.T)]
    return [*bits, *old.outer.T]


def _words(lexicon: Array, rows: Array, middle: Array) -> Array:
    """Step of the commonest general word that holds the whole changed place (for a gap: that bridges it)."""
    best = np.zeros(len(rows), dtype=np.uint8)
    key = rows
    for n in WORD_LENGTHS:
        key = (key[:, :-1] << np.uint64(ID_BITS)) | rows[:, n - 1 :]
        low = max(0, REACH + 1 - n)
        part = key[:, low : REACH + 1]
        steps = lookup(lexicon, part.ravel()).reshape(part.shape)
        start = np.arange(low, REACH + 1)
        bridging = (start < REACH + (middle[:, None] > 0)) & (start + n >= REACH + np.maximum(middle, 1)[:, None])
        best = np.maximum(best, (steps * bridging).max(axis=1))
    return best


def _unigrams(language: Language, batch: Batch, found: Candidates) -> list[Array]:
    written = batch.ids[found.at]
    meant = np.where(found.meant > 0, found.meant & _MASK, written)
    return [language.unigrams[written], language.unigrams[meant]]


def _neighbours(batch: Batch, found: Candidates) -> list[Array]:
    ids, at = batch.ids, found.at
    around = ids[at[:, None] + np.arange(-3, 4)]
    figures = ((around == DIGIT) | (around == LATIN)).any(axis=1)
    return [figures, ids[at - 1] < FIRST_HAN, ids[at + OLD_LENGTH[found.kind]] < FIRST_HAN]


def _sort(batch: Batch, found: Candidates) -> list[Array]:
    ids, at, kind = batch.ids, found.at, found.kind
    flags = [(kind == Kind.REPLACE) & (found.relation == code) for code in (1, 2, 3, 0)]
    kinds = [kind == other for other in Kind if other is not Kind.REPLACE]
    doubled = ((ids[at] == ids[at + 1]) | (ids[at] == ids[at - 1])) & (kind == Kind.REMOVE)
    there = (kind == Kind.INSERT) & ((found.meant == ids[at - 1]) | (found.meant == ids[at]))
    return [*flags, *kinds, doubled, there]
