"""Which words of the tables of opinion each post of a batch says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from processors.document import Document
from processors.phrases import Ints
from processors.scan import Scan, gathered

Matrix = npt.NDArray[np.float32]
TAG = "opinion"
"""Group of the scanner that holds the words."""


class Said(NamedTuple):
    """Words said, each once a document: number of the document and of the word, in this order."""

    document: Ints
    word: Ints


def said(documents: Sequence[Document], scans: Sequence[Scan]) -> tuple[Said, Said]:
    """The words of each document; and those of its title once more."""
    batch, rows = gathered(scans)
    phrase, start, _ = batch.grouped[TAG]
    number: Ints = np.full(len(batch.texts.sizes), -1, dtype=np.int64)
    number[rows] = np.arange(len(rows))
    owner = batch.texts.owner[start]
    ends = batch.texts.starts[rows] + np.array([document.shift for document in documents], dtype=np.int64)
    document = number[owner]
    title = (document >= 0) & (start < ends[document])
    return _each_once(document[document >= 0], phrase[document >= 0]), _each_once(document[title], phrase[title])


def _each_once(document: Ints, word: Ints) -> Said:
    width = int(word.max(initial=0)) + 1
    pairs = np.sort(document * width + word)
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]  # np.unique hashes first: five times slower
    return Said(pairs // width, pairs % width)


def sum_rows(weights: Matrix, words: Said, count: int) -> Matrix:
    """For each of ``count`` documents the sum of its words' rows."""
    result = np.zeros((count, weights.shape[1]), dtype=np.float32)
    if len(words.word):
        starts = np.flatnonzero(np.diff(words.document, prepend=-1))
        result[words.document[starts]] = np.add.reduceat(weights[words.word], starts, axis=0)
    return result
