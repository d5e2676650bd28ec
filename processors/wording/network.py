"""The judges of a candidate, fitted by ``training/wording/fit.py``: a cheap one over what the finder knows, which
throws out most candidates, and a network of one hidden layer over everything (``features``) for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

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
# The cheap judge's figures (1, gain, old, weakest, right, left, across), whose products it weighs, and its flags.
FIGURES = 7
FLAGS = (
    "weakest_unknown", "new", "strange", "share", "homophone", "look_alike", "near_homophone", "word",
    "equal", "equal_gain", "lonely", "lonely_gain",
)  # fmt: skip


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
        cheap = self.cheap(grounds, kinds)
        return np.sort(top(places * len(Kind) + kinds, cheap, cheap >= self.floor(kinds, least), WEIGHED))

    def cheap(self, grounds: Array, kinds: Array) -> Array:
        """What the cheap judge gives each candidate, float32."""
        return np.asarray((grounds * self.first[GROUP_OF[kinds]]).sum(axis=1))

    def floor(self, kinds: Array, least: Array) -> Array:
        """What the cheap judge must give at least, for candidates of these kinds that need ``least`` log odds."""
        groups, floors = GROUP_OF[kinds], np.empty(len(kinds))
        for group in range(GROUPS):
            mine = groups == group
            floors[mine] = np.interp(least[mine], KNOTS, self.floors[group])
        return floors


class Beside(NamedTuple):
    """What is known of the place of each candidate, whatever it would put there.

    ``right`` and ``left``: how rarely something new follows the pair before and precedes the pair behind; ``across``:
    step of the two characters that meet there; ``strange``: unfamiliarity; ``share`` of unknown trigrams of the text.
    """

    right: Array
    left: Array
    across: Array
    strange: Array
    share: Array

    @classmethod
    def of(
        cls, language: Language, batch: Batch, at: Array, kind: Array, strange: Array, shares: Array, owner: Array
    ) -> Beside:
        """For places ``at``, of texts ``owner``."""
        ids, behind = batch.ids, at + OLD_LENGTH[kind]
        return cls(
            lookup(language.novel_right, pack([ids[at - 2], ids[at - 1]])),
            lookup(language.novel_left, pack([ids[behind], ids[behind + 1]])),
            language.steps(2, [ids[at - 1], ids[at]]),
            strange[at],
            shares[owner],
        )


def grounds(language: Language, batch: Batch, found: Candidates, strange: Array, shares: Array, owner: Array) -> Array:
    """What the cheap judge goes by, shape (count, grounds), float32: all products of ``FIGURES``, and ``FLAGS``."""
    ids, at = batch.ids, found.at
    beside = Beside.of(language, batch, at, found.kind, strange, shares, owner)
    equal = (found.kind == Kind.REMOVE) & ((ids[at] == ids[at - 1]) | (ids[at] == ids[at + 1]))
    lonely = found.weakest < 0
    figures = [found.gain, found.old, found.weakest, beside.right, beside.left, beside.across]
    scaled = np.stack([np.ones(len(at)), *(f / np.float32(TYPICAL) for f in figures)], axis=1).astype(np.float32)
    one, other = np.triu_indices(FIGURES)
    products = scaled.take(one, axis=1)
    products *= scaled.take(other, axis=1)
    flags = [
        found.weakest == 0, found.old == 0, beside.strange, beside.share,
        found.relation == 1, found.relation == 2, found.relation == 3, found.kind == Kind.WORD,
        equal, equal * scaled[:, 1], lonely, lonely * scaled[:, 1],
    ]  # fmt: skip
    return np.concatenate([products, np.stack(flags, axis=1).astype(np.float32)], axis=1)
