"""The spelling network: which characters of a sentence are wrong, and which were meant.

bge-small-zh-v1.5 (BAAI, MIT licence), fitted further on made slips by ``training.spelling``, weights of 8 bits; after
Zhang et al., Soft-Masked BERT (ACL 2020). One sentence at a time, so that a verdict does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import erf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from processors.reader.model import Network
from processors.spelling.characters import Characters

Floats = npt.NDArray[np.float32]
ARRAYS = (
    "tokens", "detect", "turn", "turn_bias", "norm", "norm_bias", "answers", "answer_scales", "answer_bias",
)  # fmt: skip
"""``detect``: weights, bias behind them; ``answers``: tokens and "too many" behind them, 8 bits, a scale a row."""
DOUBTED = -3.0
"""Log odds of a slip from which on a character is looked into."""
MOST = 4
"""Characters of a sentence that are looked into, the most doubted first."""
NEAR_ZERO = 1e-12
BLOCK = 128
"""Columns of a matrix that are multiplied at once: 4 x 512 x 128 products."""
_erf = np.vectorize(erf, otypes=[np.float32])


class Answer(NamedTuple):
    """At a place of a sentence: what is meant there (empty: the character is too many), and what speaks for it.

    ``detected``: log odds that it is wrong; ``margin``: score of the answer less that of what stands there;
    ``share``: logarithm of the answer's share of all answers."""

    place: int
    meant: str
    detected: float
    margin: float
    share: float


class SpellingReader:
    """The network with its detector and corrector."""

    def __init__(self, network: Network, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """``arrays``: those of ``ARRAYS``. ``network``: states of the tokens of a sentence."""
        self._network = network
        self._tokens = [str(token) for token in arrays["tokens"].tolist()]
        self._characters = Characters(self._tokens)
        self._arrays = {name: arrays[name] for name in ARRAYS if name != "tokens"}

    def read(self, sentence: str, related: Callable[[str], Sequence[str]]) -> list[Answer]:
        """The best answer for each character that is doubted, in order of place.

        ``related``: characters that one is taken for, in sound or shape; nothing else is offered, for of a rare word
        the network often thinks that any other was meant."""
        ids, places = self._characters.encode(sentence)
        states = self._network.states(ids)
        detect = np.asarray(self._arrays["detect"])
        odds = np.array([row @ detect[:-1] + detect[-1] for row in states])
        doubted = [row for row in np.argsort(-odds, kind="stable").tolist() if self._asked(row, places, odds, sentence)]
        rows = sorted(doubted[:MOST])
        found: list[Answer] = []
        for row, scores in zip(rows, self._scores(states[rows]), strict=True):
            written = sentence[places[row]]
            near = [one for char in related(written) if (one := self._characters.id_of(char)) is not None]
            offered = [*near, len(self._tokens)]
            best = offered[int(scores[offered].argmax())]
            highest = scores.max()
            share = float(scores[best] - highest - np.log(np.exp(scores - highest).sum()))
            meant = self._tokens[best] if best < len(self._tokens) else ""
            found.append(Answer(places[row], meant, float(odds[row]), float(scores[best] - scores[ids[row]]), share))
        return found

    def _asked(self, row: int, places: Sequence[int], odds: Floats, sentence: str) -> bool:
        place = places[row]
        return place >= 0 and bool(odds[row] >= DOUBTED) and "\u4e00" <= sentence[place] <= "\u9fff"

    def _scores(self, states: Floats) -> Floats:
        """Places x answers, of at most ``MOST`` places."""
        padded = np.zeros((MOST, states.shape[1]), dtype=np.float32)
        padded[: len(states)] = states
        turned = _product(padded, self._turn) + self._arrays["turn_bias"]
        turned = turned * 0.5 * (1 + _erf(turned / np.float32(np.sqrt(2))))
        turned = turned - turned.mean(axis=1, keepdims=True)
        turned = turned / np.sqrt((turned**2).mean(axis=1, keepdims=True) + NEAR_ZERO)
        turned = (turned * self._arrays["norm"] + self._arrays["norm_bias"]).astype(np.float32)
        scores: Floats = _product(turned, self._answers) + self._arrays["answer_bias"]
        return scores[: len(states)]

    @cached_property
    def _turn(self) -> list[Floats]:
        return _blocks(np.asarray(self._arrays["turn"], dtype=np.float32))

    @cached_property
    def _answers(self) -> list[Floats]:
        scales = np.asarray(self._arrays["answer_scales"], dtype=np.float32)
        return _blocks((np.asarray(self._arrays["answers"], dtype=np.float32) * scales[:, None]).T)


def _blocks(matrix: Floats) -> list[Floats]:
    """Columns of a matrix in blocks."""
    return [np.ascontiguousarray(matrix[:, first : first + BLOCK]) for first in range(0, matrix.shape[1], BLOCK)]


def _product(rows: Floats, blocks: Sequence[Floats]) -> Floats:
    """Of ``MOST`` rows, block by block: small enough for the library of matrices to stay on one thread, where several
    would wait for each other, and rounded the same however many rows are asked about."""
    return np.concatenate([rows @ block for block in blocks], axis=1)
