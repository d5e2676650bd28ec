"""Fixed phrases of four characters (idioms and their like) that were written with one slip.

An idiom is known in every genre, so nothing of the text around it need be like the corpus: three of its characters
in their places and a fourth that is taken for the right one, two exchanged (齐心力协), or one left out (责无旁，)
hardly mean anything else. Windows without an unknown trigram are passed over; the few others are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from processors.wording.candidates import Kind
from processors.wording.encoding import FIRST_HAN, ID_BITS, MAX_IDS, PADDING, UNKNOWN, Array, Batch, pack
from processors.wording.features import GeneralWords
from processors.wording.finder import WORD_STEP
from processors.wording.language import Language
from processors.wording.table import lookup

LENGTH = 4
# Bits by which general words must divide the place more cheaply with the phrase put right. On 17,707 held-out clean
# sentences 14 bits gave four replacements, three of them slips of the corpus itself.
LEAST_BITS = 14.0
LEAST_BITS_DROPPED = 12.0
# The same where the characters only nearly sound alike (薪火, 星火).
LEAST_BITS_NEAR = 20.0
NEAR_HOMOPHONE = 3
# Characters on each side that a division into words looks at.
AROUND = 3
_SLOT_BITS = 20
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MASK = np.uint64(MAX_IDS - 1)


class Slip(NamedTuple):
    """``at``: position in the batch of the first character concerned (of a dropped one: of the character after the
    gap); ``meant``: ids put there, none for an exchange; ``relation``: as in ``Candidates``; ``ids``: the phrase."""

    kind: Kind
    at: int
    meant: int
    relation: int
    ids: tuple[int, ...]


class FixedPhrases:
    """The phrases by what is left of them: immutable, made once."""

    def __init__(self, keys: Array) -> None:
        """``keys``: packed ids of the phrases (uint64)."""
        parts = [(keys >> np.uint64(ID_BITS * (LENGTH - 1 - slot))) & _MASK for slot in range(LENGTH)]
        self._phrases: list[tuple[int, ...]] = list(zip(*(part.tolist() for part in parts), strict=True))
        made = list(_spoilt(parts))
        forms, rows = (np.concatenate([one[at] for one in made]) for at in (2, 3))
        ways = np.repeat(np.arange(len(made)), [len(one[3]) for one in made])
        order = np.lexsort((ways, rows, forms))
        self._ways = [(kind, slot) for kind, slot, _, _ in made]
        self._keys, self._rows, self._way = forms[order], rows[order], ways[order]
        self._seen = np.zeros(1 << _SLOT_BITS, dtype=bool)
        self._seen[_slots(self._keys)] = True

    def find(
        self, batch: Batch, trigrams: Array, language: Language, general: GeneralWords, relations: Array
    ) -> list[Slip]:
        """Slips in the texts of a batch. ``trigrams``: their steps; ``relations``: cells of who is taken for whom."""
        cases = list(self._candidates(batch.ids, trigrams))
        if not cases:
            return []
        kinds, slots, starts = (np.array([case[part] for case in cases]) for part in (0, 1, 3))
        phrases = np.array([case[2] for case in cases], dtype=np.uint64)
        windows = [batch.ids[starts + k] for k in range(LENGTH)]
        meant = phrases[np.arange(len(cases)), slots]
        relation = lookup(relations, (batch.points[starts + slots].astype(np.uint64) << np.uint64(ID_BITS)) | meant)
        whole = pack(windows)
        stands = (lookup(general.lexicon, whole) > 0) | (lookup(language.tables[LENGTH], whole) > 0)
        stands |= (whole == pack(list(phrases.T))) | ((kinds == Kind.REPLACE) & (relation == 0))
        part = lookup(general.lexicon, pack(windows[:3])) > 0
        likely = []
        for row in np.flatnonzero(np.where(kinds == Kind.INSERT, ~part, ~stands)).tolist():
            kind, slot, phrase, start = cases[row]
            if kind is not Kind.INSERT or _left_out(phrase, slot, start, batch.ids, language, general):
                there = phrase[slot] * (kind is not Kind.SWAP)
                likely.append((start, Slip(kind, start + slot, there, int(relation[row]), phrase)))
        return _meant(likely, batch.ids, general) if likely else []

    def _candidates(self, ids: Array, trigrams: Array) -> Iterator[tuple[Kind, int, tuple[int, ...], int]]:
        """(kind, slot, phrase, where its window starts); of windows with an unknown trigram in them or, of three
        characters, beside them."""
        rare = trigrams == 0
        size = len(ids) - PADDING
        whole = rare[:size] | rare[1 : size + 1]
        left = whole.copy()
        left[1:] |= rare[: size - 1]
        han = ids >= FIRST_HAN
        for wanted, length in ((whole, LENGTH), (left, LENGTH - 1)):
            starts = np.flatnonzero(wanted & (han[:size] | han[1 : size + 1]) & han[2 : size + 2])
            parts = [ids[starts + k] for k in range(LENGTH)]
            for key in _forms(parts) if length == LENGTH else [_rest(*parts[:3])]:
                due = np.flatnonzero(self._seen[_slots(key)])
                if not len(due):
                    continue
                first, after = (np.searchsorted(self._keys, key[due], side) for side in ("left", "right"))
                for place, begin, end in zip(due.tolist(), first.tolist(), after.tolist(), strict=True):
                    for at in range(begin, end):
                        kind, slot = self._ways[self._way[at]]
                        yield kind, slot, self._phrases[self._rows[at]], int(starts[place])


def _spoilt(parts: Sequence[Array]) -> Iterator[tuple[Kind, int, Array, Array]]:
    """(kind, slot, keys, rows): what is left of the phrases by each way to spoil them, and of which phrase."""
    rows = np.arange(len(parts[0]))
    nothing, short = np.zeros_like(parts[0]), np.full_like(parts[0], MAX_IDS - 1)
    for slot in range(LENGTH):
        before, own, after = list(parts[:slot]), parts[slot], list(parts[slot + 1 :])
        yield Kind.REPLACE, slot, pack([*before, nothing, *after]), rows
        yield Kind.INSERT, slot, pack([short, *before, *after]), rows
        if after:
            turned = pack([*before, after[0], own, *after[1:]])
            told = after[0] != own
            yield Kind.SWAP, slot, turned[told], rows[told]


def _meant(likely: Sequence[tuple[int, Slip]], ids: Array, general: GeneralWords) -> list[Slip]:
    """Those whose place general words divide much more cheaply with the phrase put right."""
    rows = np.zeros((2 * len(likely), LENGTH + 2 * AROUND), dtype=np.uint64)
    lengths = np.full(2 * len(likely), LENGTH + 2 * AROUND)
    for number, (start, slip) in enumerate(likely):
        end = start + LENGTH - (slip.kind is Kind.INSERT)
        lengths[2 * number] = end - start + 2 * AROUND
        rows[2 * number, : lengths[2 * number]] = ids[start - AROUND : end + AROUND]
        rows[2 * number + 1] = [*ids[start - AROUND : start], *slip.ids, *ids[end : end + AROUND]]
    bits, _ = general.bits(rows, lengths)
    gains = (bits[::2] - bits[1::2]).tolist()
    return [slip for (_, slip), gain in zip(likely, gains, strict=True) if gain >= _least(slip)]


def _least(slip: Slip) -> float:
    if slip.kind is Kind.INSERT:
        return LEAST_BITS_DROPPED
    return LEAST_BITS_NEAR if slip.kind is Kind.REPLACE and slip.relation == NEAR_HOMOPHONE else LEAST_BITS


def _forms(parts: list[Array]) -> Iterator[Array]:
    """What a window would be filed under: each of its characters taken out, and as it stands (exchanges)."""
    one, two, three, four = parts
    bits = np.uint64(ID_BITS)
    front, back = (one << bits) | two, (three << bits) | four
    front <<= bits + bits
    yield front | back
    yield two << (bits + bits) | back
    yield one << (bits * np.uint64(3)) | back
    yield front | four
    yield front | (three << bits)


def _rest(one: Array, two: Array, three: Array) -> Array:
    return pack([np.full_like(one, _MASK), one, two, three])


def _left_out(
    phrase: tuple[int, ...], slot: int, start: int, ids: Array, language: Language, general: GeneralWords
) -> bool:
    """Whether three characters are what is left of four, and no part of the phrase or of a variant (群防群控)."""
    near = ids[start - 2 : start + 5].tolist()
    if phrase in (tuple(near[1:5]), tuple(near[2:6])):
        return False
    one = [ids[start + k : start + k + 1] for k in range(3)]
    if slot in (1, 2):
        return not language.steps(3, one)[0]
    side = ids[start + 3 : start + 5] if slot == 3 else ids[start - 2 : start]
    next_to = side[0] if slot == 3 else side[1]
    if next_to < FIRST_HAN:
        return bool(next_to != UNKNOWN)
    four = [*one, side[:1]] if slot == 3 else [side[1:], *one]
    word = lookup(general.lexicon, pack([side[:1], side[1:]]))[0]
    return bool(word >= WORD_STEP) and not language.steps(LENGTH, four)[0]


def _slots(keys: Array) -> Array:
    return (keys * _MIX) >> np.uint64(64 - _SLOT_BITS)
