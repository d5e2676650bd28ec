"""Where a text reads oddly, and what may have been meant there.

First pass, over every character: only the trigram table. A place is suspicious when no trigram across it is common
while its neighbourhood is otherwise familiar. Second pass, over suspicious places only: candidates, kept when the
trigrams they make are far better attested than those that stand there. The costly weighing of the few survivors is in
``features``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from processors.wording.encoding import BOUNDARY, DIGIT, FIRST_HAN, LATIN, PADDING, Array, Batch


class Kind(IntEnum):
    """What is done to the text: a character replaced, put in, taken out; two exchanged; a word for its homophone."""

    REPLACE = 0
    INSERT = 1
    REMOVE = 2
    SWAP = 3
    WORD = 4


# A trigram step up to this (a count of about 20) may still be an accident of the corpus or a slip in it.
COMMON_STEP = 6
# The same for the three trigrams of a character, or the two across a gap, together. Where only a sure finding would be
# reported (``eager`` is False), a gap must be stranger.
CHARACTER_SUM = 12
GAP_SUM, STRICT_GAP_SUM = 18, 10
# A neighbourhood of 2 * NEAR + 1 trigrams; where more than this share is unknown, the model cannot judge (names,
# other genres). NEAR + 1 must not exceed PADDING.
NEAR = 8
MOST_UNKNOWN, STRICT_MOST_UNKNOWN = 0.45, 0.25
_SHARES = (np.arange(2 * NEAR + 2) / np.float32(2 * NEAR + 1)).astype(np.float32)
# Candidates kept at one place, best gains first; the network chooses among them.
KEPT = 5


@dataclass(frozen=True, slots=True)
class Candidates:
    """Flat arrays. ``kind``: ``Kind`` of each; ``at``: position in the batch of the first character concerned (for
    INSERT: of the character after the gap); ``meant``: id put there (0 for REMOVE and SWAP, two packed ids for WORD);
    ``relation``: 1 homophone, 2 look-alike, 3 near homophone, 0 none; ``gain``: steps that the trigrams across the
    place gain; ``old``: their sum as it stands; ``weakest``: step of the least attested trigram as it would be. The
    last three are grounds of the cheap first judge (``network``)."""

    kind: Array
    at: Array
    meant: Array
    relation: Array
    gain: Array
    old: Array
    weakest: Array


def unfamiliarity(trigrams: Array, ids: Array) -> Array:
    """Share of unknown trigrams around each position of ``ids`` (float32)."""
    strange = (trigrams == 0) & (ids[1:-1] != BOUNDARY)
    unknown = np.concatenate(([0], np.cumsum(strange, dtype=np.int32)))
    width, last = len(_SHARES) - 1, len(trigrams)
    around = np.empty(len(ids), dtype=np.int64)  # at the ends the first and the last trigrams, fewer at the last
    around[: NEAR + 1] = unknown[width]
    around[NEAR + 1 : last - NEAR + 1] = unknown[width:] - unknown[:-width]
    around[last - NEAR + 1 :] = unknown[last] - unknown[last - width + 1 : last - NEAR + 1]
    return _SHARES.take(around)


def suspects(batch: Batch, trigrams: Array, strange: Array, eager: Array) -> tuple[Array, Array]:
    """(positions of suspicious characters, positions after suspicious gaps), ascending. ``eager``: of each position,
    whether a finding that is not quite sure would be reported."""
    ids = batch.ids
    low = trigrams <= COMMON_STEP
    usable = strange <= np.where(eager, np.float32(MOST_UNKNOWN), np.float32(STRICT_MOST_UNKNOWN))
    # The gap behind the last text counts as that behind any other: a verdict must not depend on what follows.
    usable[:PADDING] = usable[1 - PADDING :] = False
    han = (ids >= FIRST_HAN) | (ids == 0)
    sums = trigrams[:-2] + trigrams[1:-1]
    char = np.zeros(len(ids), dtype=bool)
    char[2:-2] = (low[:-2] & low[1:-1] & low[2:]) | (sums + trigrams[2:] <= CHARACTER_SUM)
    gap = np.zeros(len(ids), dtype=bool)
    gap[2:-2] = (sums <= np.where(eager[2:-2], GAP_SUM, STRICT_GAP_SUM)) & (han[1:-3] | han[2:-2]) & usable[1:-3]
    return np.flatnonzero(char & han & usable), np.flatnonzero(gap & usable)


def top(place: Array, gain: Array, keep: Array, kept: int = KEPT) -> Array:
    """Indices of the ``kept`` best gains at each place among ``keep``."""
    chosen = np.flatnonzero(keep)
    order = chosen[np.lexsort((-gain[chosen], place[chosen]))]
    sorted_place = place[order]
    begins = np.flatnonzero(np.concatenate(([True], sorted_place[1:] != sorted_place[:-1]))) if len(order) else order
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    return order[rank < kept]


def pick(found: Candidates, chosen: Array) -> Candidates:
    """Those at these indices."""
    return Candidates(*(getattr(found, name)[chosen] for name in Candidates.__slots__))


def distinct(found: Candidates) -> Candidates:
    """Without repetitions: two ways may lead to one candidate."""
    key = (found.at.astype(np.uint64) << np.uint64(27)) | (found.meant << np.uint64(3)) | found.kind.astype(np.uint64)
    return pick(found, np.unique(key, return_index=True)[1])


def figure(ids: Array) -> Array:
    """Measure words and models follow figures freely (２７００顶, 500桶): no judgement beside them."""
    return np.asarray((ids == DIGIT) | (ids == LATIN))


def make(
    kind: Kind, at: Array, grounds: tuple[Array, Array, Array], meant: Array, relation: Array | None = None
) -> Candidates:
    """Candidates of one kind. ``grounds``: gain, old and weakest."""
    count = len(at)
    none = np.zeros(count, dtype=np.uint8)
    return Candidates(np.full(count, kind, dtype=np.int64), at, meant, none if relation is None else relation, *grounds)


def nothing(count: int) -> Array:
    """``meant`` of removals and exchanges."""
    return np.zeros(count, dtype=np.uint64)
