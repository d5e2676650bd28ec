"""Doubtful claims that no rule names: learned from sentences, read by the second reader where the words are suspicious.

The n-grams of a sentence are weighed first (``SentenceModel``); only sentences that they suspect are read by the
network, and both words count. Without a reader the n-grams decide alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from processors.content.sentences import SentenceModel
from processors.document import Document
from processors.reader.model import CLAIMS
from schemas.vocab import Category, Check, Kind, Lane

Floats = npt.NDArray[np.float64]
SHORTEST = 6
"""Characters of a sentence that is weighed."""
MOST_READ = 40
"""Sentences of a document that the reader reads, some 4 ms each, the most suspected first: a book of a million signs
does not hold up what waits behind it. Of unseen sentences one in ten is suspected (``training.content``), so that up
to some 400 sentences all of these are read."""


_OWN_WAY = frozenset({(Category.LEADER_THINKING, Check.GENERALISATION), (Category.ANALYSIS, Check.SPECULATION)})
"""What is a leader's way of speaking, and a forecast's: of 14 such claims named in reports four were true."""


class SentenceReader(Protocol):
    """The second reader."""

    def claims(self, category: Category, sentences: Sequence[str]) -> Floats:
        """Log-odds, sentences x ``CLAIMS``."""


class Suspicion(NamedTuple):
    """A claim of a document: a span of ``norm``, the clause that speaks most for it."""

    check: Check
    start: int
    end: int
    odds: float


class ClaimSettings(NamedTuple):
    """Chosen by ``training.content`` on items that neither model had seen, in log-odds.

    ``suspected``: where the n-grams' largest odds of a sentence lie above it the reader is asked; ``weight``: of the
    reader's word, the n-grams have the rest; ``alone`` and ``both``: from these odds on a claim is named, without a
    reader and with it, one for each of ``CLAIMS``.
    """

    suspected: float
    weight: float
    alone: tuple[float, ...]
    both: tuple[float, ...]

    @classmethod
    def from_array(cls, array: npt.NDArray[Any]) -> ClaimSettings:
        """From one row of numbers in the order of the fields."""
        values, size = [float(one) for one in array], len(CLAIMS)
        return cls(values[0], values[1], tuple(values[2 : 2 + size]), tuple(values[2 + size : 2 + 2 * size]))


class LearnedClaims:
    """Finds doubtful claims of reports."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], reader: SentenceReader | None = None) -> None:
        """``arrays``: those of ``SentenceModel``, and ``settings``."""
        self._model, self._reader = SentenceModel(arrays), reader
        self._settings = ClaimSettings.from_array(np.asarray(arrays["settings"]))

    def find_many(self, batch: Sequence[tuple[Document, Category]]) -> list[list[Suspicion]]:
        """Suspicions of each document, in order of their place."""
        found: list[list[Suspicion]] = [[] for _ in batch]
        owned = [
            (row, span)
            for row, (document, category) in enumerate(batch)
            if _claims_anything(document, category)
            for span in document.sentences()
            if span[1] - span[0] >= SHORTEST
        ]
        if not owned:
            return found
        texts = [batch[row][0].norm[start:end] for row, (start, end) in owned]
        known = self._model.grams(texts)
        odds = np.asarray(self._model.weighed(texts, known), dtype=np.float64)
        least = np.array(self._settings.alone)
        if self._reader is not None:
            odds, least = self._read(self._reader, odds, [(row, batch[row][1]) for row, _ in owned], texts)
        for number, claim in zip(*np.nonzero(odds >= least), strict=True):
            row, (start, _) = owned[number]
            if (batch[row][1], CLAIMS[claim]) in _OWN_WAY:
                continue
            first, last = self._model.clause(texts[number], int(claim), known, int(number))
            said = Suspicion(CLAIMS[claim], start + first, start + last, float(odds[number, claim]))
            found[row].append(said)
        return found

    def _read(
        self, reader: SentenceReader, odds: Floats, owners: Sequence[tuple[int, Category]], texts: Sequence[str]
    ) -> tuple[Floats, Floats]:
        """The odds with the reader's word where it is asked; what it is not asked about is no claim.

        ``owners``: row and category of the document of each sentence.
        """
        settings = self._settings
        both = np.full_like(odds, -np.inf)
        asked: Counter[int] = Counter()
        doubt = odds.max(axis=1)
        for number in np.argsort(-doubt, kind="stable").tolist():
            if doubt[number] < settings.suspected:
                break
            row, category = owners[number]
            asked[row] += 1
            if asked[row] <= MOST_READ:
                read = reader.claims(category, [texts[number]])[0]
                both[number] = (1 - settings.weight) * odds[number] + settings.weight * read
        return both, np.array(settings.both)


def _claims_anything(document: Document, category: Category) -> bool:
    """Reports alone: of what was named in papers two in 27 were true."""
    item = document.item
    return item.lane is Lane.REPORT and item.kind is not Kind.ZERO and category is not Category.OTHER
