"""Slips that the spelling reader finds: the gate picks sentences, the reader answers, and one scale weighs all.

What the n-grams hold of an answer counts beside what the network says of it; only answers above the bar of the genre
are proposed. Nothing is changed, and ``processors.wording.guards`` has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from processors.spelling.gate import Gate
from processors.spelling.model import Answer, SpellingReader
from processors.spelling.sentences import sentences
from processors.wording import guards
from processors.wording.candidates import Candidates, Kind, unfamiliarity
from processors.wording.encoding import FIRST_HAN, ID_BITS, MAX_IDS, Array, Batch, encode
from processors.wording.features import NAMES, describe
from processors.wording.finding import Genre
from processors.wording.model import Proposal, WordingModel, unknown_shares
from processors.wording.table import lookup

MOST_READ = 40
"""Sentences of a text that are read, the most suspected first: a book does not hold up what waits behind it."""
WEIGHED = (
    "gate", "detected", "margin", "share", "n_grams", "same", "shape", "near", "removed", "doubled", "lattice",
    "old_word", "new_word", "strange", "unknown", "short",
)  # fmt: skip
"""What is weighed of an answer."""
SOURCE = "reader"
"""How rules of its findings begin."""
_COUNTED = "一二两三四五六七八九十百千万几数多某"
"""Behind these, and of these, characters stand twice by right."""
_BODIES = guards.CLOSED[:2]
"""A body and its head or its people: 科科长, 村村民."""
_SHORT = 10
_CLIPPED = 12.0
_CLEARED = -6.0
"""Log odds beyond which one ground says no more."""


class SpellingSettings(NamedTuple):
    """``suspected``: log odds of the gate from which on a sentence is read; ``official`` and ``news``: bars."""

    suspected: float
    official: float
    news: float


class Looked(NamedTuple):
    """Texts as a batch, and the gate's word: positions in it, log odds of a slip at each."""

    batch: Batch
    places: Array
    odds: Array


class Read(NamedTuple):
    """An answer of a text: ``start`` of its sentence, and the sentence's length."""

    text: int
    start: int
    length: int
    answer: Answer


class SpellingJudge:
    """Proposes corrections in reports and media; immutable, one for all districts."""

    def __init__(self, model: WordingModel, reader: SpellingReader, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """``arrays``: those of ``Gate``, ``weights`` (of ``WEIGHED``, the bias behind them), ``settings``."""
        self.model, self._reader = model, reader
        self.gate = Gate(model.finder, arrays)
        self._weights = np.asarray(arrays["weights"], dtype=np.float64)
        self.settings = SpellingSettings(*map(float, arrays["settings"].tolist()))

    def propose(self, texts: Sequence[str], genre: Genre) -> list[list[Proposal]]:
        """Corrections of each text in order of place, none overlapping; adjacent ones are one."""
        found: list[list[tuple[float, Read]]] = [[] for _ in texts]
        looked = self.look(texts)
        read = self.read(texts, self.picked(texts, looked))
        if read:
            odds = self.odds(self.weigh(looked, read))
            least = self.settings.news if genre is Genre.NEWS else self.settings.official
            for number in np.argsort(-odds, kind="stable").tolist():
                if odds[number] >= least:
                    found[read[number].text].append((float(odds[number]), read[number]))
        return [proposals(text, own, self._relation) for text, own in zip(texts, found, strict=True)]

    def look(self, texts: Sequence[str]) -> Looked:
        """The gate's look at every character of the texts."""
        batch = encode(texts, self.model.lut)
        return Looked(batch, *self.gate.odds(batch))

    def picked(self, texts: Sequence[str], looked: Looked) -> list[tuple[int, int, int]]:
        """(text, start, end) of the sentences that the gate suspects."""
        batch, places, odds = looked
        spans = [(row, start, end) for row, text in enumerate(texts) for start, end in sentences(text)]
        if not spans:
            return []
        begins = np.array([batch.starts[row] + start for row, start, _ in spans])
        ends = np.array([batch.starts[row] + end for row, _, end in spans])
        first, after = np.searchsorted(places, begins), np.searchsorted(places, ends)
        asked: dict[int, list[tuple[float, int]]] = {}
        for number, (low, high) in enumerate(zip(first.tolist(), after.tolist(), strict=True)):
            worst = float(odds[low:high].max()) if high > low else -np.inf
            if worst >= self.settings.suspected:
                asked.setdefault(spans[number][0], []).append((-worst, number))
        kept = sorted(number for own in asked.values() for _, number in sorted(own)[:MOST_READ])
        return [spans[number] for number in kept]

    def read(self, texts: Sequence[str], spans: Sequence[tuple[int, int, int]]) -> list[Read]:
        """The reader's answers in these sentences, each place of a text once."""
        found: dict[tuple[int, int, str], Read] = {}
        for row, start, end in spans:
            for answer in self._reader.read(texts[row][start:end], self._related):
                found.setdefault((row, start + answer.place, answer.meant), Read(row, start, end - start, answer))
        return [one for one in found.values() if one.answer.meant or not self._twice(texts[one.text], one)]

    def weigh(self, looked: Looked, read: Sequence[Read]) -> Array:
        """What speaks for each answer, count x ``WEIGHED`` (float64)."""
        batch = looked.batch
        trigrams = self.model.finder.language.trigrams(batch.ids)
        strange, shares = unfamiliarity(trigrams, batch.ids), unknown_shares(batch, trigrams)
        found = self._candidates(batch, trigrams.astype(np.int64), read)
        finder = self.model.finder
        features = describe(finder.language, finder.general, batch, found, strange, shares)
        told = self.model.network.logits(features, found.kind)
        suspected = np.full(len(batch.ids), _CLEARED)
        suspected[looked.places] = np.maximum(looked.odds, _CLEARED)
        column = {name: features[:, NAMES.index(name)] for name in ("lattice_gain", "old_word", "new_word", "doubled")}
        replaced = found.kind == Kind.REPLACE
        answers = [one.answer for one in read]
        columns: list[Any] = [
            suspected[found.at],
            np.clip([one.detected for one in answers], -_CLIPPED, _CLIPPED),
            np.clip([one.margin for one in answers], -_CLIPPED, _CLIPPED),
            np.maximum([one.share for one in answers], -_CLIPPED),
            np.round(np.clip(told, -_CLIPPED, _CLIPPED), 2),
            *(replaced & (found.relation == code) for code in (1, 2, 3)),
            ~replaced, column["doubled"], np.clip(column["lattice_gain"], -30, 30) / 10,
            column["old_word"] / 10, column["new_word"] / 10, strange[found.at],
            shares[[one.text for one in read]], [one.length < _SHORT for one in read],
        ]  # fmt: skip
        return np.stack([np.asarray(one, dtype=np.float64) for one in columns], axis=1)

    def odds(self, grounds: Array) -> Array:
        """Log odds that answers with these grounds are right; row by row, as a product of several rounds otherwise."""
        return np.round([float(row @ self._weights[:-1] + self._weights[-1]) for row in grounds], 4)

    def _candidates(self, batch: Batch, t: Array, read: Sequence[Read]) -> Candidates:
        """The answers as candidates of the n-gram model."""
        language, ids = self.model.finder.language, batch.ids
        at = np.array([batch.starts[one.text] + one.start + one.answer.place for one in read])
        put = [one.answer.meant for one in read]
        meant = np.array([self._id(char) if char else 0 for char in put], dtype=np.uint64)
        kind = np.where(meant == 0, int(Kind.REMOVE), int(Kind.REPLACE))
        written = batch.points[at].astype(np.uint64) << np.uint64(ID_BITS)
        relation = lookup(self.model.finder.relations, written | meant)
        relation = np.where(meant == 0, 0, relation).astype(np.uint8)

        def steps(*three: Array) -> Array:
            return language.steps(3, list(three)).astype(np.int64)

        left, across, right = (
            steps(*three)
            for three in (
                [ids[at - 2], ids[at - 1], meant],
                [ids[at - 1], meant, ids[at + 1]],
                [meant, ids[at + 1], ids[at + 2]],
            )
        )
        one, two = steps(ids[at - 2], ids[at - 1], ids[at + 1]), steps(ids[at - 1], ids[at + 1], ids[at + 2])
        old = t[at - 2] + t[at - 1] + t[at]
        gain = np.where(meant == 0, (one + two) * 3 // 2, left + across + right) - old
        weakest = np.where(meant == 0, np.minimum(one, two), np.minimum(left, right))
        return Candidates(kind, at, meant, relation, gain, old, weakest)

    def _twice(self, text: str, one: Read) -> bool:
        """Whether what would be taken out stands twice by right: 人人, 某某, 一遍遍, 科科长, 骑手手机 (words meet)."""
        place, is_word = one.start + one.answer.place, self.model.is_word
        for first in (place - 1, place):
            pair = text[max(0, first) : first + 2]
            if len(pair) == 2 and pair[0] == pair[1]:
                before = text[max(0, first - 1) : first]
                counted = pair[0] in _COUNTED or (bool(before) and before in _COUNTED)
                return guards.words_meet(text, first, is_word, _BODIES) or counted or is_word(pair)
        return False

    def _id(self, char: str) -> int:
        return int(self.model.lut[ord(char)])

    def _related(self, char: str) -> list[str]:
        """Characters for which one is taken."""
        _, entries = self.model.finder.related.of(np.array([ord(char)], dtype=np.uint32))
        return [chr(int(self.model.han[int(one) - FIRST_HAN])) for one in entries & np.uint64(MAX_IDS - 1)]

    def _relation(self, written: str, meant: str) -> int:
        key = np.array([ord(written) << ID_BITS | self._id(meant)], dtype=np.uint64)
        return int(lookup(self.model.finder.relations, key)[0])


def proposals(text: str, chosen: Sequence[tuple[float, Read]], relation: Callable[[str, str], int]) -> list[Proposal]:
    """One answer a place, the surest; answers for neighbouring characters become one proposal."""
    places: dict[int, tuple[float, str]] = {}
    for odds, one in chosen:
        places.setdefault(one.start + one.answer.place, (odds, one.answer.meant))
    found: list[Proposal] = []
    row: list[int] = []
    for place in sorted(places):
        if row and (place > row[-1] + 1 or bool(places[place][1]) != bool(places[row[-1]][1])):
            found.append(_joined(text, row, places, relation))
            row = []
        row.append(place)
    return [*found, _joined(text, row, places, relation)] if row else found


def _joined(
    text: str, row: Sequence[int], places: Mapping[int, tuple[float, str]], relation: Callable[[str, str], int]
) -> Proposal:
    start, end = row[0], row[-1] + 1
    written, meant = text[start:end], "".join(places[place][1] for place in row)
    code = 0
    if not meant:
        kind = Kind.REMOVE
    elif len(row) == 1:
        kind, code = Kind.REPLACE, relation(written, meant)
    elif written == meant[::-1]:
        kind = Kind.SWAP
    else:
        kind = Kind.WORD
    score = 1 / (1 + float(np.exp(-max(places[place][0] for place in row))))
    return Proposal(kind, start, end, meant, code, score, source=SOURCE)
