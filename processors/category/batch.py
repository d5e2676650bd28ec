"""A batch of documents as one array of characters, so that everything per character is computed once, vectorised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from processors.document import Document
from processors.phrases import Ints
from processors.scan import TextBatch

FOCUS, TAIL = 45, 45
"""Characters of text that count as its lead and as its end: about one sentence."""

_BMP = 0x10000
_ASTRAL = 0xFFFF
"""One code for all characters beyond the basic plane (emoji)."""


def _fold() -> npt.NDArray[np.uint16]:
    table = np.arange(_BMP, dtype=np.uint16)
    table[ord("0") : ord("9") + 1] = ord("0")
    table[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
    return table


def _enders() -> npt.NDArray[np.bool_]:
    table = np.zeros(_BMP, dtype=np.bool_)
    table[[ord(sign) for sign in "。！？!?\n；;\0"]] = True
    return table


def _numerals() -> npt.NDArray[np.bool_]:
    table = np.zeros(_BMP, dtype=np.bool_)
    table[[ord(sign) for sign in "0123456789一二两三四五六七八九十百千几数余"]] = True
    return table


_FOLD, _ENDERS, _NUMERALS = _fold(), _enders(), _numerals()


class Coded:
    """Plain texts as ``NgramTable`` reads them: ``joined``, where each begins (``starts``), folded ``codes``."""

    def __init__(self, texts: Sequence[str]) -> None:
        batch = TextBatch(texts)
        self.joined, self.starts = batch.joined, batch.starts
        self.codes = _FOLD[np.minimum(batch.points, _ASTRAL)].astype(np.uint32)


class Batch:
    """Texts of ``documents`` (``norm``), one behind the other.

    ``codes``: folded characters (digits as one, letters without case). ``owner``: the document of each character.
    ``starts``: where each document begins in ``joined``; ``sizes``: its length. ``sentence``: number of the sentence
    of each character over the whole batch; ``sentence_owner``: the document of each sentence. ``title_end``,
    ``focus_end`` and ``tail_start``: end of the title, end of title and lead, start of the end, as positions in
    ``joined``. ``numeric``: which characters are digits or
    Chinese numerals.
    """

    def __init__(self, documents: Sequence[Document], texts: TextBatch | None = None) -> None:
        texts = texts or TextBatch([document.norm for document in documents])
        self.documents = documents
        self.joined, self.sizes, self.starts, self.owner = texts.joined, texts.sizes, texts.starts, texts.owner
        points = np.minimum(texts.points, _ASTRAL)
        self.codes = _FOLD[points].astype(np.uint32)
        count = len(documents)
        ends = _ENDERS[points]
        self.sentence = np.cumsum(ends, dtype=np.int32)
        self.sentence -= ends
        self.sentence_owner = np.zeros(int(self.sentence[-1]) + 1, dtype=np.int32)
        self.sentence_owner[self.sentence] = self.owner
        shifts: Ints = np.fromiter((document.shift for document in documents), dtype=np.int64, count=count)
        self.title_end = self.starts + shifts
        self.focus_end = self.starts + np.minimum(shifts + FOCUS, self.sizes)
        self.tail_start = self.starts + np.maximum(shifts, self.sizes - TAIL)
        self.points = points
        self.numeric = _NUMERALS[points]

    def __len__(self) -> int:
        return len(self.documents)
