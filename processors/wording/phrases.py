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
# The same in newspapers for an exchange or a gap: 钱权交易, 出国梦成真 and eight more of 37,126 sentences were none.
LEAST_BITS_NEWS = 20.0
NEAR_HOMOPHONE = 3
# Characters on each side that a division into words looks at.
AROUND = 3
_SLOT_BITS = 20
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FRONT, _BACK, _SHORT_FRONT, _SHORT_BACK = 1, 2, 4, 1
_MASK = np.uint64(MAX_IDS - 1)


class Slip(NamedTuple):
    """``at``: position in the batch of the first character concerned (of a dropped one: of the character after the
    gap); ``meant``: ids put there, none for an exchange; ``relation``: as in ``Candidates``; ``ids``: the phrase."""

    kind: Kind
    at: int
    meant: int
    relation: int
    ids: tuple[int, ...]


class _Cases(NamedTuple):
    """Places that a phrase may have been spoilt at: ``kind`` and ``slot`` of the slip, ``phrase`` (count, LENGTH) and
    where the window begins in the batch (``start``)."""

    kind: Array
    slot: Array
    phrase: Array
    start: Array

    def of(self, rows: Array) -> _Cases:
        """Those at these rows."""
        return _Cases(*(column[rows] for column in self))


class FixedPhrases:
    """The phrases by what is left of them: immutable, made once."""

    def __init__(self, keys: Array) -> None:
        """``keys``: packed ids of the phrases (uint64)."""
        parts = [(keys >> np.uint64(ID_BITS * (LENGTH - 1 - slot))) & _MASK for slot in range(LENGTH)]
        self._phrases = np.stack(parts, axis=1)
        made = list(_spoilt(parts))
        forms, rows = (np.concatenate([one[at] for one in made]) for at in (2, 3))
        ways = np.repeat(np.arange(len(made)), [len(one[3]) for one in made])
        order = np.lexsort((ways, rows, forms))
        self._kinds = np.array([int(one[0]) for one in made])
        self._slot = np.array([one[1] for one in made])
        self._keys, self._rows, self._way = forms[order], rows[order], ways[order]
        # Two looks of other bits: one window in a hundred passes that is none, and only those are searched for.
        self._pairs = _pairs_of(parts)
        self._seen, self._sure = (np.zeros(1 << _SLOT_BITS, dtype=bool) for _ in range(2))
        self._seen[_slots(self._keys)] = True
        self._sure[_other_slots(self._keys)] = True

    def find(
        self,
        batch: Batch,
        trigrams: Array,
        language: Language,
        general: GeneralWords,
        relations: Array,
        news: bool = False,
    ) -> list[Slip]:
        """Slips in the texts of a batch. ``trigrams``: their steps; ``relations``: cells of who is taken for whom;
        ``news``: more is asked of an exchange or a gap."""
        cases = self._candidates(batch.ids, trigrams)
        if not len(cases.start):
            return []
        windows = [batch.ids[cases.start + k] for k in range(LENGTH)]
        meant = cases.phrase[np.arange(len(cases.slot)), cases.slot]
        written = batch.points[cases.start + cases.slot].astype(np.uint64)
        relation = lookup(relations, (written << np.uint64(ID_BITS)) | meant)
        whole = pack(windows)
        stands = (lookup(general.lexicon, whole) > 0) | (lookup(language.tables[LENGTH], whole) > 0)
        stands |= (whole == pack(list(cases.phrase.T))) | ((cases.kind == Kind.REPLACE) & (relation == 0))
        stands[cases.kind == Kind.INSERT] = False
        short = np.flatnonzero(cases.kind == Kind.INSERT)
        stands[short] = ~_left_out(cases.of(short), batch.ids, language, general)
        likely = []
        for row in np.flatnonzero(~stands).tolist():
            kind, slot, start = Kind(int(cases.kind[row])), int(cases.slot[row]), int(cases.start[row])
            phrase = tuple(cases.phrase[row].tolist())
            there = phrase[slot] * (kind is not Kind.SWAP)
            likely.append((start, Slip(kind, start + slot, there, int(relation[row]), phrase)))
        return _meant(likely, batch.ids, general, news) if likely else []

    def _candidates(self, ids: Array, trigrams: Array) -> _Cases:
        """Of windows with an unknown trigram in them or, of three characters, beside them."""
        rare = trigrams == 0
        size = len(ids) - PADDING
        whole = rare[:size] | rare[1 : size + 1]
        left = whole.copy()
        left[1:] |= rare[: size - 1]
        han = ids >= FIRST_HAN
        beside = (han[:size] | han[1 : size + 1]) & han[2 : size + 2]
        pairs = self._pairs.take(_slots(_pair(ids[:-1], ids[1:])))
        whole &= beside & (((pairs[:size] & _FRONT) | (pairs[2 : size + 2] & _BACK)) > 0)
        left &= beside & ((pairs[:size] & pairs[1 : size + 1] >> _SHORT_BACK) & _SHORT_FRONT > 0)
        found = []
        for wanted, length in ((whole, LENGTH), (left, LENGTH - 1)):
            starts = np.flatnonzero(wanted)
            parts = [ids[starts + k] for k in range(length)]
            found += [self._filed(key, starts) for key in (_forms(parts) if length == LENGTH else [_rest(*parts)])]
        place, starts = (np.concatenate(column) for column in zip(*found, strict=True))
        way = self._way[place]
        return _Cases(self._kinds[way], self._slot[way], self._phrases[self._rows[place]], starts)

    def _filed(self, keys: Array, starts: Array) -> tuple[Array, Array]:
        """Where what is filed under the keys of windows stands, and where the window of each begins."""
        due = np.flatnonzero(self._seen.take(_slots(keys)))
        due = due[self._sure.take(_other_slots(keys[due]))]
        first, after = (np.searchsorted(self._keys, keys[due], side) for side in ("left", "right"))
        many = after - first
        inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return np.repeat(first, many) + inside, np.repeat(starts[due], many)


def _pairs_of(parts: Sequence[Array]) -> Array:
    """By pair of characters, what they may be of a spoilt phrase (bits): its first two (_FRONT) or last two (_BACK), of
    which any slip of four characters leaves one pair; the first and last two of three (_SHORT_FRONT, _SHORT_BACK)."""
    table = np.zeros(1 << _SLOT_BITS, dtype=np.uint8)
    for bit, pairs in (
        (_FRONT, ((0, 1), (0, 2))),
        (_BACK, ((2, 3),)),
        (_SHORT_FRONT, ((0, 1), (0, 2), (1, 2))),
        (_SHORT_FRONT << _SHORT_BACK, ((1, 2), (1, 3), (2, 3))),
    ):
        for one, two in pairs:
            table[_slots(_pair(parts[one], parts[two]))] |= np.uint8(bit)
    return table


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


def _meant(likely: Sequence[tuple[int, Slip]], ids: Array, general: GeneralWords, news: bool) -> list[Slip]:
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
    return [slip for (_, slip), gain in zip(likely, gains, strict=True) if gain >= _least(slip, news)]


def _least(slip: Slip, news: bool) -> float:
    if news and slip.kind is not Kind.REPLACE:
        return LEAST_BITS_NEWS
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


def _left_out(cases: _Cases, ids: Array, language: Language, general: GeneralWords) -> Array:
    """Whether three characters are what is left of four, and no part of the phrase or of a variant (群防群控); nor a
    general word."""
    start, slot = cases.start, cases.slot
    before, one, two, three, behind = (ids[start + k] for k in range(-1, 4))
    lost = lookup(general.lexicon, pack([one, two, three])) == 0
    for written in ((before, one, two, three), (one, two, three, behind)):
        lost &= pack(written) != pack(list(cases.phrase.T))
    inner = np.flatnonzero(lost & ((slot == 1) | (slot == 2)))
    lost[inner] = language.steps(3, [one[inner], two[inner], three[inner]]) == 0
    for edge, beside, pair in ((3, behind, (3, 4)), (0, before, (-2, -1))):
        outer = np.flatnonzero(lost & (slot == edge))
        beside = beside[outer]
        lost[outer] = beside != UNKNOWN
        outer = outer[beside >= FIRST_HAN]
        middle = [part[outer] for part in (one, two, three)]
        four = [*middle, behind[outer]] if edge else [before[outer], *middle]
        word = lookup(general.lexicon, pack([ids[start[outer] + k] for k in pair]))
        lost[outer] = (word >= WORD_STEP) & (language.steps(LENGTH, four) == 0)
    return np.asarray(lost)


def _pair(one: Array, two: Array) -> Array:
    return (one << np.uint64(ID_BITS)) | two


def _slots(keys: Array) -> Array:
    mixed = keys * _MIX
    mixed >>= np.uint64(64 - _SLOT_BITS)
    return mixed.view(np.int64)


def _other_slots(keys: Array) -> Array:
    mixed = keys * _MIX
    mixed >>= np.uint64(64 - 2 * _SLOT_BITS)
    mixed &= np.uint64((1 << _SLOT_BITS) - 1)
    return mixed.view(np.int64)
