"""What the network says of a text: shares of the categories, odds of an emergency.

bge-small-zh-v1.5 (BAAI, MIT licence; four layers, 512 wide), fitted further on the gold by ``training.reader``, with
weights of 8 bits. One text at a time, unpadded and on one thread: the scales of the activations are taken over a whole
run, so the verdict on a text would depend on its neighbours in a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from processors.reader.tokens import WordPieces
from schemas.item import Item
from schemas.vocab import Category, Check, Lane

Floats = npt.NDArray[np.float64]
LIMIT = 192
"""Tokens of an item that are read, about as many characters: head and lead say what an item is."""
EMERGENCY_HEADS = 3
"""Emergency, warning, closed."""
CLAIMS = (Check.EXAGGERATION, Check.GENERALISATION, Check.SPECULATION, Check.VAGUE_SOURCE)
"""Doubts about a sentence, in the order of their heads."""
LEAST = 1e-9
_LANE = {Lane.REPORT: "报告", Lane.MEDIA: "新闻", Lane.OPINION: "网帖"}


@dataclass(frozen=True, slots=True)
class Readings:
    """One row a text. ``category``: log-shares in the order of ``Category``; ``emergency``: log-odds of emergency,
    warning, closed; ``types``: log-shares of the types of ``names``, were it an event. ``weight``: see
    ``Doubts``."""

    weight: Floats
    category: Floats
    emergency: Floats
    types: Floats
    names: tuple[str, ...]

    def on_shares(self, shares: Floats) -> Floats:
        """Shares of the categories with the reader's word."""
        weight = self.weight[:, None]
        both = (1 - weight) * np.log(np.maximum(shares, LEAST)) + weight * self.category
        return np.exp(_log_shares(both))

    def on_odds(self, chances: Floats, by_rule: npt.NDArray[np.floating[Any]] | float = 0.0) -> Floats:
        """Probabilities of the three heads of an emergency with the reader's word. ``by_rule``: log-odds that rules
        added to the fast judge's: they hold for the reader's too."""
        known = np.clip(chances, LEAST, 1 - LEAST)
        weight = self.weight[:, None]
        odds = (1 - weight) * np.log(known / (1 - known)) + weight * (self.emergency + by_rule)
        return np.asarray(1 / (1 + np.exp(-odds)))


class Network(Protocol):
    """The fitted network, wherever it is run."""

    def states(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        """Tokens x 512 for the token ids of one text."""


class SecondReader:
    """The network and its heads."""

    def __init__(self, network: Network, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """``arrays``: ``tokens``, ``weights`` (1024 x 14: categories, heads of an emergency, claims), ``bias``,
        ``type_names``, ``type_weights`` (1024 x names), ``type_bias``, ``settings`` (``ReaderSettings.array``)."""
        self._network = network
        self._pieces = WordPieces([str(token) for token in arrays["tokens"].tolist()])
        self._weights, self._bias = np.asarray(arrays["weights"]), np.asarray(arrays["bias"])
        self._type_weights, self._type_bias = np.asarray(arrays["type_weights"]), np.asarray(arrays["type_bias"])
        self._types = tuple(str(name) for name in arrays["type_names"].tolist())
        self.settings = ReaderSettings.from_array(arrays["settings"].tolist())

    def read(self, items: Sequence[Item]) -> Readings:
        """What the network says of the items."""
        pooled = np.array([self.pooled(item) for item in items]).reshape(len(items), len(self._weights))
        category, emergency, _ = self._heads(pooled)
        types = _product(pooled, self._type_weights, self._type_bias)
        settings = self.settings
        return Readings(
            settings.weights(are_posts(items)),
            _log_shares(category / settings.category_heat),
            emergency / settings.emergency_heat,
            _log_shares(types),
            self._types,
        )

    def claims(self, category: Category, sentences: Sequence[str]) -> Floats:
        """Log-odds of each of ``CLAIMS`` for sentences of an item of a category."""
        pooled = np.array([self._state(shown_sentence(category, one)) for one in sentences])
        return self._heads(pooled.reshape(len(sentences), len(self._weights)))[2]

    def pooled(self, item: Item) -> npt.NDArray[np.float32]:
        """The state of an item, 1024 wide: that of its start beside the mean of all."""
        return self._state(shown(item))

    def _state(self, text: str) -> npt.NDArray[np.float32]:
        states = self._network.states(self._pieces.encode(text, LIMIT))
        return np.concatenate([states[0], states.mean(axis=0)])

    def _heads(self, pooled: npt.NDArray[np.float32]) -> tuple[Floats, Floats, Floats]:
        outputs = _product(pooled, self._weights, self._bias)
        categories, emergency = len(Category), len(Category) + EMERGENCY_HEADS
        return outputs[:, :categories], outputs[:, categories:emergency], outputs[:, emergency:]


class Doubts(NamedTuple):
    """When the reader is asked, and what it weighs.

    It is asked where the fast judge's largest share of a category is below ``sure``, or its probability of an emergency
    lies between ``low`` and ``high``. Its word weighs ``weight`` (0 to 1), the fast judge's the rest, in log-odds.
    """

    sure: float
    low: float
    high: float
    weight: float

    def asked(self, shares: Floats, chances: Floats) -> npt.NDArray[np.bool_]:
        """Whether the reader is asked, by the largest share and the probability of an emergency of each item."""
        return np.asarray((shares < self.sure) | ((chances > self.low) & (chances < self.high)))


class ReaderSettings(NamedTuple):
    """Temperatures, and the doubts about reports and news and about posts, whose words the fast judges know less
    (chosen by ``training.reader`` on items that the reader had not seen)."""

    category_heat: float
    emergency_heat: float
    others: Doubts
    posts: Doubts

    @classmethod
    def from_array(cls, numbers: Sequence[float]) -> Self:
        """From the ten numbers of ``array``."""
        category, emergency, *rest = map(float, numbers)
        half = len(Doubts._fields)
        return cls(category, emergency, Doubts(*rest[:half]), Doubts(*rest[half:]))

    def array(self) -> npt.NDArray[np.float64]:
        """As ``models/reader/settings.npy`` holds them."""
        return np.array([self.category_heat, self.emergency_heat, *self.others, *self.posts])

    def doubts(self, shares: Floats, chances: Floats, posts: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Whether the reader is asked, by the largest share, the probability of an emergency, and which are posts."""
        return np.where(posts, self.posts.asked(shares, chances), self.others.asked(shares, chances))

    def weights(self, posts: npt.NDArray[np.bool_]) -> Floats:
        """What the reader's word weighs, by item."""
        return np.where(posts, self.posts.weight, self.others.weight)


def are_posts(items: Sequence[Item]) -> npt.NDArray[np.bool_]:
    """Which items are public posts."""
    return np.array([item.lane is Lane.OPINION for item in items], dtype=np.bool_)


def shown(item: Item) -> str:
    """The text that the network gets: lane, title, text."""
    title = f"{item.title}。" if item.title else ""
    return f"{_LANE[item.lane]}：{title}{item.text}"


def shown_sentence(category: Category, sentence: str) -> str:
    """What the network gets of one sentence: a leader's words and a forecast are read as such."""
    return f"{category}一句：{sentence}"


def _product(pooled: npt.NDArray[np.float32], weights: npt.NDArray[Any], bias: npt.NDArray[Any]) -> Floats:
    """Row by row: a product of matrices rounds differently with the number of rows."""
    rows = [row @ weights + bias for row in pooled]
    return np.asarray(rows, dtype=np.float64).reshape(len(pooled), len(bias))


def _log_shares(scores: Floats) -> Floats:
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))
