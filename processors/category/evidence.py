"""Where the words of a batch stand that decided: spans for reasons."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from processors.category.batch import Ints
from processors.category.features import Evidence
from schemas.assessment import Reason


class Finder:
    """First hit of a concept in a document of the batch."""

    def __init__(self, evidence: Evidence, concepts: int) -> None:
        hits = evidence.hits
        self._evidence, self._concepts = evidence, concepts
        keys = hits.document * concepts + hits.concept
        self._order: Ints = np.lexsort((hits.end, hits.start, keys))
        self._keys = keys[self._order]

    def first(self, documents: Ints, concepts: Ints) -> Ints:
        """Index of the first hit of each (document, concept); -1 where there is none."""
        wanted = documents * self._concepts + concepts
        places = np.searchsorted(self._keys, wanted)
        places = np.minimum(places, max(len(self._keys) - 1, 0))
        if not len(self._keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        return np.where(self._keys[places] == wanted, self._order[places], -1)

    def of(self, document: int) -> Ints:
        """Indices of all hits of a document."""
        first, last = np.searchsorted(self._keys, [document * self._concepts, (document + 1) * self._concepts])
        return self._order[first:last]

    def reasons(self, rules: Iterable[tuple[str, int]]) -> tuple[Reason, ...]:
        """Reasons of (rule, hit index), in order, each span once."""
        batch, hits = self._evidence.batch, self._evidence.hits
        found: dict[tuple[int, int], Reason] = {}
        for rule, index in rules:
            document = int(hits.document[index])
            begin = int(batch.starts[document])
            start, end = int(hits.start[index]) - begin, int(hits.end[index]) - begin
            found.setdefault((start, end), batch.documents[document].reason(rule, start, end))
        return tuple(found.values())
