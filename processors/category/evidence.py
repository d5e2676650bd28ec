"""Where the words of a batch stand that decided: spans for reasons."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from processors.category.batch import Batch
from processors.category.lexicon import Hits
from processors.phrases import Ints
from schemas.assessment import Reason

START_BITS, LENGTH_BITS = 30, 8
"""Bits of a sort key for a position in the batch and for the length of a phrase; the rest is the concept."""


class Finder:
    """The hits of a batch by document and concept."""

    def __init__(self, batch: Batch, hits: Hits, concepts: int) -> None:
        self._batch, self._concepts = batch, concepts
        length = np.minimum(hits.end - hits.start, (1 << LENGTH_BITS) - 1)
        place = (hits.start - batch.starts[hits.document]) << LENGTH_BITS | length
        keys = hits.document * concepts + hits.concept
        self._order: Ints = np.argsort(keys << START_BITS | np.minimum(place, (1 << START_BITS) - 1))
        self._keys = keys[self._order]
        self._hits = hits
        self._begins = batch.starts.tolist()

    def first(self, documents: Ints, concepts: Ints) -> Ints:
        """Index of the first hit of each (document, concept); -1 where there is none."""
        wanted = documents * self._concepts + concepts
        if not len(self._keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return np.where(self._keys[places] == wanted, self._order[places], -1)

    def reasons(self, document: int, rules: Iterable[tuple[str, int]]) -> tuple[Reason, ...]:
        """Reasons of (rule, hit index) in a document, in order, each span once."""
        start, end = self._hits.start, self._hits.end
        found: dict[tuple[int, int], Reason] = {}
        begin, text = self._begins[document], self._batch.documents[document]
        for rule, index in rules:
            span = int(start[index]) - begin, int(end[index]) - begin
            if span not in found:
                found[span] = text.reason(rule, *span)
        return tuple(found.values())
