"""The judges of a candidate, fitted by ``training/wording/fit.py``: a cheap one over what the finder knows, which
throws out most candidates, and a network of one hidden layer over everything (``features``) for the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processors.wording.candidates import Candidates, Kind, top
from processors.wording.encoding import Array, Batch, pack
from processors.wording.features import OLD_LENGTH
from processors.wording.language import Language
from processors.wording.table import lookup

# Kinds judged by one network: exchanged characters and words that sound the same change two characters alike.
GROUP_OF = np.array([0, 1, 2, 3, 3])
GROUPS = 4
# Log odds of the network at which the cheap judge's floors are fitted.
KNOTS = (0.0, 2.0, 4.0, 6.0)
# Candidates of one kind at one place that are weighed.
WEIGHED = 2
# Size of the figures that the cheap judge goes by, so that their products stay small.
TYPICAL = 16


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

    def worth(self, grounds: Array, places: Array, kinds: Array, least: Array) -> Array:
        """Which candidates could reach ``least`` log odds, the likeliest of each kind at each place: indices."""
        groups = GROUP_OF[kinds]
        cheap = (grounds * self.first[groups]).sum(axis=1)
        floors = np.empty(len(kinds))
        for group in range(GROUPS):
            mine = groups == group
            floors[mine] = np.interp(least[mine], KNOTS, self.floors[group])
        return np.sort(top(places * len(Kind) + kinds, cheap, cheap >= floors, WEIGHED))


def grounds(language: Language, batch: Batch, found: Candidates, strange: Array, shares: Array, owner: Array) -> Array:
    """What the cheap judge goes by, shape (count, grounds), float32: a few figures and all their products."""
    ids, at = batch.ids, found.at
    behind = at + OLD_LENGTH[found.kind]
    equal = (found.kind == Kind.REMOVE) & ((ids[at] == ids[at - 1]) | (ids[at] == ids[at + 1]))
    lonely = found.weakest < 0
    figures = [
        found.gain, found.old, found.weakest, lookup(language.novel_right, pack([ids[at - 2], ids[at - 1]])),
        lookup(language.novel_left, pack([ids[behind], ids[behind + 1]])), language.steps(2, [ids[at - 1], ids[at]]),
    ]  # fmt: skip
    scaled = np.stack([np.ones(len(at)), *(f / np.float32(TYPICAL) for f in figures)], axis=1).astype(np.float32)
    products = (scaled[:, :, None] * scaled[:, None, :])[:, *np.triu_indices(scaled.shape[1])]
    flags = [
        found.weakest == 0, found.old == 0, strange[at], shares[owner],
        found.relation == 1, found.relation == 2, found.relation == 3, found.kind == Kind.WORD,
        equal, equal * scaled[:, 1], lonely, lonely * scaled[:, 1],
    ]  # fmt: skip
    return np.concatenate([products, np.stack(flags, axis=1).astype(np.float32)], axis=1)
