"""Text as arrays: code points, symbol ids and packed n-gram keys for a whole batch of texts at once.

A symbol id has 12 bits, so that five of them fit one 64-bit key. Digits share one id, as do Latin letters: figures and
names of products must not make a context look rare. Characters outside the vocabulary have the id ``UNKNOWN``, and no
n-gram with one of them is ever stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

UNKNOWN = 0
BOUNDARY = 1
DIGIT = 2
LATIN = 3
SYMBOL = 4
FIRST_PUNCTUATION = 5
FIRST_HAN = 40
ID_BITS = 12
MAX_IDS = 1 << ID_BITS
# Half-width forms share the id of the full-width ones, since both occur in clean texts.
PUNCTUATION = "，。、；：！？“”‘’《》（）—…·％%.-/ 〔〕【】℃"
SAME_AS = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）", "!": "！", "?": "？", "．": ".", "－": "-"}
BMP = 0x10000
# Boundary symbols around each text: as many as anything looks to one side, so that texts never touch and a text is
# judged the same in any company.
PADDING = 10


@dataclass(frozen=True, slots=True)
class Batch:
    """Several texts laid end to end. ``ids``/``points``: one entry a character, padded by boundaries around each text;
    ``starts``: where each text begins in them; ``lengths``: code points of each text."""

    points: Array
    ids: Array
    starts: Array
    lengths: Array

    def owner(self, positions: Array) -> Array:
        """Index of the text that holds each position."""
        return np.searchsorted(self.starts, positions, side="right") - 1


def build_lut(han: Sequence[str]) -> Array:
    """Table from code point (BMP) to symbol id, for a vocabulary of Han characters in order of id."""
    if len(han) > MAX_IDS - FIRST_HAN:
        raise ValueError(f"vocabulary of {len(han)} characters does not fit {ID_BITS} bits")
    lut = np.full(BMP, SYMBOL, dtype=np.uint16)
    lut[0x3400:0xA000] = UNKNOWN
    lut[[0, 9, 10, 13, 0x3000]] = BOUNDARY
    lut[[*range(ord("0"), ord("9") + 1), *range(ord("０"), ord("９") + 1)]] = DIGIT
    for low, high in (("A", "Z"), ("a", "z"), ("Ａ", "Ｚ"), ("ａ", "ｚ")):
        lut[ord(low) : ord(high) + 1] = LATIN
    for number, mark in enumerate(PUNCTUATION):
        lut[ord(mark)] = FIRST_PUNCTUATION + number
    for alias, mark in SAME_AS.items():
        lut[ord(alias)] = lut[ord(mark)]
    lut[[ord(c) for c in han]] = FIRST_HAN + np.arange(len(han), dtype=np.uint16)
    return lut


_PAD = "\n" * PADDING


def encode(texts: Sequence[str], lut: Array) -> Batch:
    """Lay texts out as one batch. Lone surrogates and characters outside the BMP count as symbols."""
    lengths = np.fromiter((len(t) for t in texts), dtype=np.int64, count=len(texts))
    joined = _PAD + _PAD.join(texts) + _PAD
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ids = lut.take(points, mode="clip").astype(np.uint64)
    if len(joined) != len(joined.encode("utf-16-le", "surrogatepass")) // 2:
        ids[points >= BMP] = SYMBOL
    starts = PADDING + np.concatenate(([0], np.cumsum(lengths[:-1] + PADDING)))
    return Batch(points, ids, starts.astype(np.int64), lengths)


def pack(parts: Sequence[Array]) -> Array:
    """Key of the n-gram made of ``parts`` (arrays of ids, uint64), most significant first."""
    key = parts[0]
    for part in parts[1:]:
        key = (key << np.uint64(ID_BITS)) | part
    return key
