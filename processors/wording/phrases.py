"""Fixed phrases of four characters (idioms and their like) that were written with one slip.

An idiom is known in every genre, so nothing of the text around it need be like the corpus: three of its characters in
their places and a fourth that is taken for the right one, two exchanged (齐心力协), or one left out (责无旁，) hardly mean
anything else. Windows without a rare trigram are passed over; the few others are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from processors.wording.candidates import Kind
from processors.wording.encoding import FIRST_HAN, ID_BITS, MAX_IDS, PADDING, UNKNOWN, Array, Batch, pack
from processors.wording.features import GeneralWords
from processors.wording.language import Language
from processors.wording.table import lookup

LENGTH = 4
# Bits by which general words must divide the place more cheaply with the phrase put right. On 17,707 held-out clean
# sentences 14 bits gave four replacements, three of them slips of the corpus itself.
LEAST_BITS = 14.0
LEAST_BITS_DROPPED = 12.0
# Characters on each side that a division into words looks at.
AROUND = 3
_SLOT_BITS = 20
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MASK = np.uint64(MAX_IDS - 1)
_WORD_STEP = 5


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
        self._whole = np.sort(keys)
        self._forms: dict[int, list[tuple[Kind, int, tuple[int, ...]]]] = {}
        phrases = list(zip(*(part.tolist() for part in parts), strict=True))
        for phrase in phrases:
            for slot in range(LENGTH):
                rest = (*phrase[:slot], 0, *phrase[slot + 1 :])
                self._put(rest, Kind.REPLACE, slot, phrase)
                self._put((MAX_IDS - 1, *phrase[:slot], *phrase[slot + 1 :]), Kind.INSERT, slot, phrase)
                turned = (*phrase[:slot], *phrase[slot + 1 : slot + 2], phrase[slot], *phrase[slot + 2 :])
                if slot < LENGTH - 1 and turned != phrase:
                    self._put(turned, Kind.SWAP, slot, phrase)
        self._seen = np.zeros(1 << _SLOT_BITS, dtype=bool)
        if self._forms:
            self._seen[_slots(np.fromiter(self._forms, dtype=np.uint64))] = True

    def _put(self, form: tuple[int, ...], kind: Kind, slot: int, phrase: tuple[int, ...]) -> None:
        key = 0
        for number in form:
            key = key << ID_BITS | number
        self._forms.setdefault(key, []).append((kind, slot, phrase))

    def find(
        self, batch: Batch, trigrams: Array, language: Language, general: GeneralWords, relations: Array
    ) -> list[Slip]:
        """Slips in the texts of a batch. ``trigrams``: their steps; ``relations``: cells of who is taken for whom."""
        found = []
        for kind, slot, phrase, start in self._candidates(batch.ids, trigrams):
            slip = _slip(kind, slot, phrase, start, batch, relations)
            if slip is not None and self._means(slip, slot, start, batch.ids, language, general):
                found.append(slip)
        return found

    def _candidates(self, ids: Array, trigrams: Array) -> Iterator[tuple[Kind, int, tuple[int, ...], int]]:
        """(kind, slot, phrase, where its window starts); every window of three or four Han characters with a rare
        trigram in it or beside it."""
        size = len(ids) - PADDING
        rare = trigrams == 0
        near = rare.copy()
        for shift in (1, 2):
            near[shift:] |= rare[:-shift]
            near[:-shift] |= rare[shift:]
        starts = np.flatnonzero(near[:size] & (ids[:size] >= FIRST_HAN))
        one, two, three = (ids[starts + k] for k in range(3))
        four = ids[starts + 3]
        han = (two >= FIRST_HAN).astype(np.int8) + (three >= FIRST_HAN) + ((four >= FIRST_HAN) | (four == UNKNOWN))
        zero, mark = one * np.uint64(0), one * np.uint64(0) + _MASK
        forms = [pack(f) for f in ([zero, two, three, four], [one, zero, three, four], [one, two, zero, four])]
        forms += [pack([one, two, three, zero]), pack([one, two, three, four]), pack([mark, one, two, three])]
        for number, key in enumerate(forms):
            due = self._seen[_slots(key)] & (han >= 2 if number in (0, 1, 2, 3, 4) else two >= FIRST_HAN)
            for place in np.flatnonzero(due).tolist():
                for kind, slot, phrase in self._forms.get(int(key[place]), ()):
                    yield kind, slot, phrase, int(starts[place])

    def _means(self, slip: Slip, slot: int, start: int, ids: Array, language: Language, general: GeneralWords) -> bool:
        """Whether hardly anything but the phrase can be meant."""
        length = LENGTH - (slip.kind is Kind.INSERT)
        window = ids[start : start + LENGTH]
        if length == LENGTH:
            key = pack([window[k : k + 1] for k in range(LENGTH)])
            if lookup(general.lexicon, key)[0] or language.steps(LENGTH, [window[k : k + 1] for k in range(LENGTH)])[0]:
                return False
        elif not _left_out(slip, slot, start, ids, language, general):
            return False
        before, behind = ids[start - AROUND : start], ids[start + length : start + length + AROUND]
        phrase = np.array(slip.ids, dtype=np.uint64)
        now = np.concatenate((before, ids[start : start + length], behind))
        then = np.concatenate((before, phrase, behind))
        rows = np.zeros((2, len(then)), dtype=np.uint64)
        rows[0, : len(now)], rows[1] = now, then
        bits, _ = general.bits(rows, np.array([len(now), len(then)]))
        least = LEAST_BITS if length == LENGTH else LEAST_BITS_DROPPED
        return bool(bits[0] - bits[1] >= least)


def _left_out(slip: Slip, slot: int, start: int, ids: Array, language: Language, general: GeneralWords) -> bool:
    """Whether three characters are what is left of four, and no phrase of their own or part of a variant (群防群控)."""
    rest = ids[start : start + 3]
    one = [rest[k : k + 1] for k in range(3)]
    if lookup(general.lexicon, pack(one))[0]:
        return False
    if slot in (1, 2):
        return not language.steps(3, one)[0]
    side = ids[start + 3 : start + 5] if slot == 3 else ids[start - 2 : start]
    next_to = side[0] if slot == 3 else side[1]
    if next_to < FIRST_HAN:
        return next_to != UNKNOWN
    four = [*one, side[:1]] if slot == 3 else [side[1:], *one]
    word = lookup(general.lexicon, pack([side[:1], side[1:]]))[0]
    return bool(word >= _WORD_STEP) and not language.steps(LENGTH, four)[0]


def _slip(kind: Kind, slot: int, phrase: tuple[int, ...], start: int, batch: Batch, relations: Array) -> Slip | None:
    """The slip that makes a window of the phrase; None where nobody takes the one character for the other."""
    window = tuple(int(number) for number in batch.ids[start : start + LENGTH])
    if kind is Kind.SWAP:
        return Slip(kind, start + slot, 0, 0, phrase) if window != phrase else None
    if kind is Kind.INSERT:
        there = tuple(int(number) for number in batch.ids[start - 1 : start + 3])
        return None if phrase in (window, there) else Slip(kind, start + slot, phrase[slot], 0, phrase)
    if window[slot] == phrase[slot]:
        return None
    point = np.uint64(batch.points[start + slot])
    relation = lookup(relations, np.array([(point << np.uint64(ID_BITS)) | np.uint64(phrase[slot])]))[0]
    return Slip(kind, start + slot, phrase[slot], int(relation), phrase) if relation else None


def _slots(keys: Array) -> Array:
    return (keys * _MIX) >> np.uint64(64 - _SLOT_BITS)
