"""The judges of a candidate, fitted by ``training/wording/fit.py``: a cheap one over what the finder knows, which
throws out most candidates, and a network of one hidden layer over everything (``features``) for the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processors.wording.candidates import Candidates, Kind
from processors.wording.encoding import Array, Batch

# Kinds judged by one network: exchanged characters and words that sound the same change two characters alike.
GROUP_OF = np.array([0, 1, 2, 3, 3])
GROUPS = 4
# Log odds of the network at which the cheap judge's floors are fitted.
KNOTS = (0.0, 2.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class Network:
    """One network a group of kinds. ``mean``/``scale``: (groups, features); ``hidden``: (groups, features, units) with
    ``hidden_bias``; ``out``: (groups, units). ``first``: (groups, grounds) of the cheap judge; ``floors``:
    (groups, len(KNOTS)), what it gives at least to nearly all that the network gives KNOTS log odds."""

    mean: Array
    scale: Array
    hidden: Array
    hidden_bias: Array
    out: Array
    out_bias: Array
    first: Array
    floors: Array

    def logits(self, features: Array, kinds: Array) -> Array:
        """Log odds that each candidate puts an error right, shape (count,), float32."""
        found = np.empty(len(features), dtype=np.float32)
        groups = GROUP_OF[kinds]
        for group in range(GROUPS):
            mine = np.flatnonzero(groups == group)
            if len(mine):
                inner = ((features[mine] - self.mean[group]) / self.scale[group]) @ self.hidden[group]
                found[mine] = np.maximum(inner + self.hidden_bias[group], 0) @ self.out[group] + self.out_bias[group]
        return found

    def worth(self, grounds: Array, kinds: Array, least: Array) -> Array:
        """Which candidates could reach ``least`` log odds: indices."""
        groups = GROUP_OF[kinds]
        cheap = (grounds * self.first[groups]).sum(axis=1)
        floors = np.empty(len(kinds))
        for group in range(GROUPS):
            mine = groups == group
            floors[mine] = np.interp(least[mine], KNOTS, self.floors[group])
        return np.flatnonzero(cheap >= floors)


def grounds(batch: Batch, found: Candidates, strange: Array, shares: Array, owner: Array) -> Array:
    """What the cheap judge goes by, shape (count, grounds), float32."""
    ids, at = batch.ids, found.at
    equal = (found.kind == Kind.REMOVE) & ((ids[at] == ids[at - 1]) | (ids[at] == ids[at + 1]))
    lonely = found.weakest < 0
    columns = [
        np.ones(len(at)), found.gain, found.old, found.weakest, np.minimum(found.weakest, 6),
        strange[at], shares[owner],
        found.relation == 1, found.relation == 2, found.relation == 3, found.kind == Kind.WORD,
        equal, equal * found.gain, lonely, lonely * found.gain,
    ]  # fmt: skip
    return np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1)
