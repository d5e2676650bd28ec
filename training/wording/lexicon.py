"""General words (jieba's dictionary, MIT), so that the language of news is known beside that of reports."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import resources

import numpy as np
from pypinyin import lazy_pinyin

from processors.wording.encoding import FIRST_HAN, ID_BITS, Array

LEAST_FREQUENCY = 3
LENGTHS = range(2, 5)
# Kinds of jieba's words that name one thing: numbers, people, places, organisations, times, brands, short forms.
NAMING = frozenset(("m", "mq", "nr", "nrt", "nrfg", "ns", "nt", "nz", "t", "j", "eng"))
FIXED_LENGTH = 4
# A fixed phrase that the corpus does not hold must be this frequent elsewhere: rare entries are often no phrases.
LEAST_FIXED = 100
# A word must be this frequent in the corpus to be offered for a homophone.
LEAST_WORD_COUNT = 60
_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]+")


def words() -> Iterator[tuple[str, int]]:
    """(word, frequency) of jieba's dictionary, two to four Han characters."""
    text = (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, frequency, *_ = line.split(" ")
        if len(word) in LENGTHS and int(frequency) >= LEAST_FREQUENCY and _HAN_ONLY.fullmatch(word):
            yield word, int(frequency)


def singles() -> Iterator[tuple[str, int]]:
    """(character, frequency as a word of its own) of jieba's dictionary."""
    text = (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, frequency, *_ = line.split(" ")
        if len(word) == 1 and _HAN_ONLY.fullmatch(word):
            yield word, int(frequency)


def fixed() -> Iterator[tuple[str, int]]:
    """(phrase, frequency) of jieba's entries of four characters that are no number, name, place or time."""
    text = (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        phrase, frequency, kind = line.split(" ")
        if len(phrase) == FIXED_LENGTH and kind not in NAMING and _HAN_ONLY.fullmatch(phrase):
            yield phrase, int(frequency)


def key_of(word: str, lut: Array) -> int | None:
    """Packed key of a word; None when a character is outside the vocabulary."""
    key = 0
    for char in word:
        number = int(lut[ord(char)])
        if number < FIRST_HAN:
            return None
        key = key << ID_BITS | number
    return key


def homophones(bigrams: Mapping[int, int], lut: Array) -> dict[str, list[str]]:
    """For each two-character word the frequent words that sound the same (no tones) and share no character in place."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for word, _ in words():
        if len(word) == 2:
            groups[tuple(lazy_pinyin(word))].append(word)
    found: dict[str, list[str]] = {}
    for members in groups.values():
        meant = [w for w in members if bigrams.get(key_of(w, lut) or 0, 0) >= LEAST_WORD_COUNT]
        for word in members:
            options = [w for w in meant if w[0] != word[0] and w[1] != word[1]]
            if options and key_of(word, lut) is not None:
                found[word] = sorted(options, key=lambda w: -bigrams[key_of(w, lut) or 0])[:6]
    return found


def homophone_arrays(table: Mapping[str, list[str]], lut: Array) -> tuple[Array, Array, Array]:
    """Arrays of ``Contexts`` whose entries are packed words."""
    rows = sorted((key_of(word, lut) or 0, [key_of(w, lut) or 0 for w in options]) for word, options in table.items())
    keys = np.array([key for key, _ in rows], dtype=np.uint32)
    offsets = np.cumsum([0, *(len(options) for _, options in rows)]).astype(np.uint32)
    entries = np.array([w for _, options in rows for w in options], dtype=np.uint32)
    return keys, offsets, entries
