"""What was read of the index a moment ago, by its version, so that a list that is shown again need not fetch it again.

A list is searched for every time: who may see what, what comes first, what is erased or decided meanwhile. Of what it
finds only the version is asked for; documents are fetched where that version was not read before. A document of one
version never changes, so nothing that is shown can be stale.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST = 5_000
"""Documents kept: some 20 MB."""
KEPT_S = 600.0
"""Seconds: what is erased is not in memory for longer than anybody looks at lists."""


class Recent(Generic[K, V]):
    """The last ``most`` values, each for ``kept_s`` seconds; ``clock`` in seconds. For one loop, not for threads."""

    def __init__(self, most: int = MOST, kept_s: float = KEPT_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._kept_s, self._clock = most, kept_s, clock
        self._kept: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The value, None where it is not there or was put too long ago."""
        self._drop()
        found = self._kept.get(key)
        return found[1] if found else None

    def put(self, key: K, value: V) -> None:
        """Keep a value; the one that was put first makes room."""
        self._kept.pop(key, None)  # so that the dict stays in the order of time
        self._kept[key] = (self._clock(), value)
        self._drop()

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self) -> None:
        too_old = self._clock() - self._kept_s
        while self._kept:
            key = next(iter(self._kept))
            if len(self._kept) <= self._most and self._kept[key][0] > too_old:
                return
            del self._kept[key]


Version = tuple[str, str, int, int, str]
"""(index, id, sequence number, primary term, what is read of it)"""
SEEK: dict[str, Any] = {"_source": False, "stored_fields": "_none_", "seq_no_primary_term": True}
"""Of each hit its version and, by the sort, its id: nothing is read from where documents are kept."""


def version_of(hit: dict[str, Any], reads: str) -> Version:
    """The version of a hit of a search with :data:`SEEK`, sorted by id at last. ``reads``: what is read of it."""
    return hit["_index"], str(hit["sort"][-1]), hit["_seq_no"], hit["_primary_term"], reads


def fetching(query: dict[str, Any], wanted: list[Version]) -> dict[str, Any]:
    """The search for the documents of these versions, as far as ``query`` still finds them."""
    ids = [identifier for _, identifier, *_ in wanted]
    where = sorted({index for index, *_ in wanted})
    only: list[dict[str, Any]] = [{"terms": {"_index": where}}, {"ids": {"values": ids}}]
    return {
        "query": {"bool": {"must": [query], "filter": only}},
        "size": len(ids),
        "track_total_hits": False,
        "seq_no_primary_term": True,
    }
