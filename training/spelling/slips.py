"""Slips in clean passages, several in some, with what was meant: what the spelling reader learns from.

Made as input methods, hands and eyes make them: another word of the same sound, a homophone, a character that sounds
nearly the same or looks alike, one of two function words for the other, something typed twice, two exchanged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pypinyin import lazy_pinyin

from training.wording.confusion import Confusion, fold
from training.wording.inject import HAN_HIGH, HAN_LOW

KINDS = {
    "homophone": 0.30, "word": 0.14, "near": 0.11, "shape": 0.20, "function": 0.08, "double": 0.09, "swap": 0.04,
    "extra": 0.04,
}  # fmt: skip
"""Shares of the kinds. A word is typed whole, so that both its characters, or one of them, are another's."""
CLEAN = 0.45
"""Share of passages left as they are."""
ANOTHER = 0.4
"""Chance of one slip more, again and again, up to ``MOST``."""
MOST, APART, DENSE = 4, 3, 12
"""Slips of a passage, and the least number of characters between two of them; characters a slip in dense lessons."""
LEAST_WORD = 20
"""Frequency in jieba's dictionary of words that are taken for others."""
FUNCTION = (
    "的地得", "在再", "以已", "做作", "有由", "因应", "需须", "即既", "象像", "座坐", "帐账", "和合", "份分", "至致",
    "那哪", "它他她", "反返", "向像", "只支", "到道倒", "进近", "带代", "定订", "记计", "化画划", "才材", "副幅",
    "查察", "其期", "与于", "是事", "个各", "了啦", "们门", "会回", "就旧", "为未", "人入", "末未", "己已", "侯候",
    "拔拨",
)  # fmt: skip
DELETED = "\0"
"""What is meant by a character that should not stand there."""


Words = Mapping[str, tuple[Sequence[str], Sequence[float]]]
"""Words, and by each the others of its sound with their chances."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A passage with its slips: ``meant[i]`` is what was meant at ``text[i]``, the same character where it is right."""

    text: str
    meant: str
    kinds: tuple[str, ...] = ()


class SlipMaker:
    """Makes slips."""

    def __init__(self, table: Mapping[str, Confusion], counts: Mapping[str, int], words: Words | None = None) -> None:
        """``table``: who is taken for whom; ``counts``: frequency of characters in the corpus; ``words``: those of
        ``sounding_alike`` without."""
        self._table, self._counts = table, counts
        self._every = list(counts)
        self._words = sounding_alike() if words is None else words
        self._function: dict[str, str] = defaultdict(str)
        for members in FUNCTION:
            for char in members:
                self._function[char] += members.replace(char, "")

    def spoil(self, clean: str, rng: np.random.Generator, dense: bool = False) -> Spoilt:
        """A passage with no slip (``CLEAN`` of the cases), one or several, of kinds drawn by ``KINDS``; ``dense``: one
        in ``DENSE`` characters, from which what is meant is learned fast."""
        wanted = max(1, len(clean) // DENSE) if dense else 0
        if not dense and rng.random() >= CLEAN:
            wanted = 1
            while wanted < min(MOST, len(clean) // 12) and rng.random() < ANOTHER:
                wanted += 1
        if not wanted:
            return Spoilt(clean, clean)
        names, chances = list(KINDS), np.array(list(KINDS.values()))
        return self.make(clean, [str(one) for one in rng.choice(names, wanted, p=chances / chances.sum())], rng)

    def make(self, clean: str, kinds: Sequence[str], rng: np.random.Generator) -> Spoilt:
        """A passage with slips of these kinds, as far as it offers places for them."""
        changes: list[tuple[int, int, str, str, str]] = []
        for kind in kinds:
            for _ in range(12):
                at = int(rng.integers(len(clean)))
                if any(first - APART <= at < end + APART for first, end, *_ in changes):
                    continue
                change = self._change(clean, at, kind, rng)
                if change is not None and change[1] != change[2]:
                    changes.append((at, at + change[0], change[1], change[2], kind))
                    break
        text, meant, done = "", "", 0
        for first, end, written, intended, _ in sorted(changes):
            text += clean[done:first] + written
            meant += clean[done:first] + intended
            done = end
        return Spoilt(text + clean[done:], meant + clean[done:], tuple(one[4] for one in sorted(changes)))

    def _change(self, clean: str, at: int, kind: str, rng: np.random.Generator) -> tuple[int, str, str] | None:
        """(characters concerned, what is written there, what was meant, of the same length)."""
        char, pair = clean[at], clean[at : at + 2]
        if not _han(char):
            return None
        if kind == "function":
            options = self._function.get(char, "")
            return (1, str(rng.choice(list(options))), char) if options else None
        if kind == "extra":
            return 1, char + self._draw(self._every, rng), char + DELETED
        if kind == "double":
            size = 2 if len(pair) == 2 and _han(pair[1]) and rng.random() < 0.4 else 1
            return size, clean[at : at + size] * 2, clean[at : at + size] + DELETED * size
        if kind == "swap":
            return (2, pair[::-1], pair) if len(pair) == 2 and _han(pair[1]) else None
        if kind == "word":
            for size in (3, 2):
                others = self._words.get(clean[at : at + size])
                if others:
                    names, weights = others
                    return size, str(rng.choice(list(names), p=weights)), clean[at : at + size]
            return None
        row = self._table.get(char)
        options = {"homophone": row.same, "near": row.near, "shape": row.shape}[kind] if row else ""
        return (1, self._draw(list(options), rng), char) if options else None

    def _draw(self, options: Sequence[str], rng: np.random.Generator) -> str:
        """Two thirds follow the frequency of characters (input methods offer these first), one third is any."""
        if rng.random() < 1 / 3:
            return options[int(rng.integers(len(options)))]
        weights = np.sqrt([self._counts.get(one, 1) for one in options])
        return options[int(rng.choice(len(options), p=weights / weights.sum()))]


def _han(char: str) -> bool:
    return HAN_LOW <= char <= HAN_HIGH


def sounding_alike() -> Words:
    """For words of jieba's dictionary, of two and three characters, the others of (nearly) the same sound."""
    groups: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    spec = find_spec("jieba")  # looked up, not imported: its start takes a second
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba")
    for line in Path(spec.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
        word, frequency, *_ = line.split(" ")
        if len(word) in (2, 3) and int(frequency) >= LEAST_WORD and all(map(_han, word)):
            groups[tuple(map(fold, lazy_pinyin(word)))].append((word, int(frequency)))
    found: dict[str, tuple[list[str], list[float]]] = {}
    for members in groups.values():
        for word, _ in members:
            others = [(other, count) for other, count in members if other != word]
            if others:
                weights = np.sqrt([count for _, count in others])
                found[word] = [other for other, _ in others], (weights / weights.sum()).tolist()
    return found
