"""What a broken word must gain at least to be weighed at all: places where no gain is enough need no candidates.

The cheap judge (``network``) is a square function of the gain, and all else that it goes by is known of a place before
a single candidate is made. So its answer for every gain follows from its weights. A test compares it with the judge.
"""

from __future__ import annotations

import numpy as np

from processors.wording.candidates import Kind
from processors.wording.encoding import Array, Batch
from processors.wording.finder import MOST_GAIN
from processors.wording.language import Language
from processors.wording.network import FIGURES, FLAGS, GROUP_OF, TYPICAL, Beside, Network

_GROUP = GROUP_OF[Kind.REPLACE]
# Of the words that broken ones are made of: they sound alike, look alike, nearly sound alike.
_RELATIONS = ("homophone", "look_alike", "near_homophone")
# The cheap judge computes with single precision: what lies as little below the floor is not ruled out.
_SLACK = 0.01
_GAINS = np.arange(MOST_GAIN + 1) / TYPICAL


def needed_gain(
    network: Network, language: Language, batch: Batch, places: Array, strange: Array, shares: Array, least: Array
) -> Array:
    """The smallest gain by which a broken word at each of these places passes the cheap judge, ``MOST_GAIN`` + 1 where
    none does. ``least``: log odds asked of a replacement at each place; the others as in ``describe``."""
    if not len(places):
        return np.zeros(0, dtype=np.int64)
    beside = Beside.of(language, batch, places, 0 * places + Kind.REPLACE, strange, shares, batch.owner(places))
    square, slope, zero = _parts(network.first[_GROUP].astype(np.float64), beside)
    reached = np.multiply.outer(slope, _GAINS)
    reached += square * _GAINS**2
    floor = network.floor(0 * places + Kind.REPLACE, least)
    passes = reached >= (floor - zero - _SLACK)[:, None]
    need = passes.argmax(axis=1)
    return np.where(passes[np.arange(len(need)), need], need, MOST_GAIN + 1)


def _parts(weights: Array, beside: Beside) -> tuple[float, Array, Array]:
    """What the cheap judge gives broken words, as a function of the gain: factors of its square and of itself, and what
    they have without any, of the relation that speaks most for them."""
    products = np.zeros((FIGURES, FIGURES))
    products[np.triu_indices(FIGURES)] = weights[: -len(FLAGS)]
    flags = dict(zip(FLAGS, weights[-len(FLAGS) :].tolist(), strict=True))
    one, known = np.ones(len(beside.share)), (beside.right, beside.left, beside.across)
    figures = np.stack([one, 0 * one, 0 * one, -one / TYPICAL, *(part / TYPICAL for part in known)], axis=1)
    zero = ((figures @ products) * figures).sum(axis=1) + flags["new"] + flags["lonely"]
    zero += flags["strange"] * beside.strange + flags["share"] * beside.share
    zero += max(flags[relation] for relation in _RELATIONS)
    return products[1, 1], figures @ (products[1] + products[:, 1]) + flags["lonely_gain"], zero
