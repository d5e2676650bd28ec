"""Fit what each ground of an answer weighs, and the bars, from held-out sentences with and without made slips."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from processors.spelling.judge import WEIGHED, SpellingJudge
from processors.wording.encoding import Array
from training.spelling.slips import DELETED, Spoilt

STRENGTH = 0.3
GROUP = 400


class Weighed(NamedTuple):
    """Answers in made sentences: grounds, whether they put a slip right (-1: at a slip, but wrongly), their texts."""

    grounds: Array
    labels: Array
    owners: Array


def answers(judge: SpellingJudge, made: Sequence[Spoilt]) -> Weighed:
    """Sentences that the gate suspects are read."""
    parts = []
    for first in range(0, len(made), GROUP):
        some = made[first : first + GROUP]
        texts = [one.text for one in some]
        looked = judge.look(texts)
        read = judge.read(texts, judge.picked(texts, looked))
        if read:
            grounds = judge.weigh(looked, read)
            labels = [_right(some[one.text], one.answer.place, one.answer.meant) for one in read]
            parts.append((grounds, np.array(labels), np.array([one.text + first for one in read])))
    return Weighed(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _right(made: Spoilt, place: int, meant: str) -> int:
    wanted = made.meant[place]
    if wanted == made.text[place]:
        return 0
    return 1 if (meant or DELETED) == wanted else -1


def fit(found: Weighed) -> Array:
    """Weights of ``WEIGHED`` and the bias behind them."""
    keep = found.labels >= 0
    scaler = StandardScaler().fit(found.grounds[keep])
    judge = LogisticRegression(C=STRENGTH, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        judge.fit(scaler.transform(found.grounds[keep]), found.labels[keep])
    weights = judge.coef_[0] / scaler.scale_
    return np.array([*weights, judge.intercept_[0] - weights @ scaler.mean_])


def table(weights: Array) -> dict[str, Any]:
    """For the manifest."""
    return {name: round(float(value), 3) for name, value in zip((*WEIGHED, "bias"), weights, strict=True)}
