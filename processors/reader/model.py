"""What the network says of a text: shares of the categories, odds of an emergency.

bge-small-zh-v1.5 (BAAI, MIT licence; four layers, 512 wide), fitted further on the gold by ``training.reader``, with
weights of 8 bits. One text at a time, unpadded and on one thread: the scales of the activations are taken over a whole
run, so the verdict on a text would depend on its neighbours in a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from processors.reader.tokens import WordPieces
from schemas.item import Item
from schemas.vocab import Category, Lane

Floats = npt.NDArray[np.float64]
LIMIT = 192
"""Tokens of an item that are read, about as many characters: head and lead say what an item is."""
EMERGENCY_HEADS = 3
"""Emergency, warning, closed."""
LEAST = 1e-9
_LANE = {Lane.REPORT: "报告", Lane.MEDIA: "新闻", Lane.OPINION: "网帖"}


@dataclass(frozen=True, slots=True)
class Readings:
    """One row a text. ``category``: log-shares in the order of ``Category``; ``emergency``: log-odds of emergency,
    warning, closed. ``weight``: see ``ReaderSettings``."""

    weight: float
    category: Floats
    emergency: Floats

    def on_shares(self, shares: Floats) -> Floats:
        """Shares of the categories with the reader's word."""
        both = (1 - self.weight) * np.log(np.maximum(shares, LEAST)) + self.weight * self.category
        return np.exp(_log_shares(both))

    def on_odds(self, chances: Floats) -> Floats:
        """Probabilities of the three heads of an emergency with the reader's word."""
        known = np.clip(chances, LEAST, 1 - LEAST)
        odds = (1 - self.weight) * np.log(known / (1 - known)) + self.weight * self.emergency
        return np.asarray(1 / (1 + np.exp(-odds)))


class Network(Protocol):
    """The fitted network, wherever it is run."""

    def states(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        """Tokens x 512 for the token ids of one text."""


class SecondReader:
    """The network and its heads."""

    def __init__(self, network: Network, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """``arrays``: ``tokens``, ``weights`` (1024 x 10: categories, then the heads of an
        emergency), ``bias``, ``settings`` (the fields of ``ReaderSettings``)."""
        self._network = network
        self._pieces = WordPieces([str(token) for token in arrays["tokens"].tolist()])
        self._weights, self._bias = np.asarray(arrays["weights"]), np.asarray(arrays["bias"])
        self.settings = ReaderSettings(*map(float, arrays["settings"].tolist()))

    def read(self, items: Sequence[Item]) -> Readings:
        """What the network says of the items."""
        outputs = np.array([self._outputs(shown(item)) for item in items]).reshape(len(items), len(self._bias))
        category, emergency = np.split(outputs, [len(Category)], axis=1)
        settings = self.settings
        return Readings(
            settings.weight, _log_shares(category / settings.category_heat), emergency / settings.emergency_heat
        )

    def _outputs(self, text: str) -> Floats:
        states = self._network.states(self._pieces.encode(text, LIMIT))
        pooled = np.concatenate([states[0], states.mean(axis=0)])
        return np.asarray(pooled @ self._weights + self._bias, dtype=np.float64)


class ReaderSettings(NamedTuple):
    """When the reader is asked, and what it weighs (chosen by ``training.reader`` on items that it had not seen).

    It is asked where the fast judge's largest share of a category is below ``sure``, or its probability of an emergency
    lies between ``low`` and ``high``. Its word weighs ``weight`` (0 to 1), the fast judge's the rest, in log-odds.
    """

    category_heat: float
    emergency_heat: float
    sure: float
    low: float
    high: float
    weight: float

    def doubts(self, shares: Floats, chances: Floats) -> npt.NDArray[np.bool_]:
        """Whether the reader is asked, by the largest share and the probability of an emergency of each item."""
        return np.asarray((shares < self.sure) | ((chances > self.low) & (chances < self.high)))


def shown(item: Item) -> str:
    """The text that the network gets: lane, title, text."""
    title = f"{item.title}。" if item.title else ""
    return f"{_LANE[item.lane]}：{title}{item.text}"


def _log_shares(scores: Floats) -> Floats:
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))
