"""Fit the gate: which sentences are worth reading, from sentences of the desk with one made slip each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from processors.spelling.gate import first_look, second_look
from processors.spelling.sentences import sentences
from processors.wording.encoding import Array, Batch, encode
from processors.wording.model import WordingModel
from training.spelling.slips import DELETED, SlipMaker, Spoilt

UNITS, EPOCHS, ALPHA = 32, 16, 1e-4
CLEARED = 0.7
"""Share of the right characters that the first look clears."""
KINDS = {"homophone": 0.33, "word": 0.16, "near": 0.11, "shape": 0.22, "function": 0.1, "double": 0.08}
GROUP = 2000
SEED = 20261201


def cut(passages: Sequence[str]) -> list[str]:
    """The sentences of passages."""
    return [text[start:end] for text in passages for start, end in sentences(text)]


def spoilt(texts: Sequence[str], maker: SlipMaker, rng: np.random.Generator) -> Iterator[Spoilt]:
    """One slip a sentence, of kinds drawn by ``KINDS``; those that offer no place for theirs are left out."""
    names, chances = list(KINDS), np.array(list(KINDS.values()))
    for text in texts:
        made = maker.make(text, [str(rng.choice(names, p=chances / chances.sum()))], rng)
        if made.kinds:
            yield made


def fit(model: WordingModel, passages: Sequence[str], maker: SlipMaker) -> dict[str, Array]:
    """The arrays of ``processors.spelling.gate``."""
    rng = np.random.default_rng(SEED)
    made = list(spoilt(cut(passages), maker, rng))
    groups = [_looks(model, made[first : first + GROUP]) for first in range(0, len(made), GROUP)]
    first, second, labels = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    plain = StandardScaler().fit(first)
    quick = LogisticRegression(max_iter=400).fit(plain.transform(first), labels)
    weights = quick.coef_[0] / plain.scale_
    bias = float(quick.intercept_[0] - weights @ plain.mean_)
    floor = float(np.quantile((first @ weights + bias)[labels == 0], CLEARED))
    left = first @ weights + bias >= floor
    scaler = StandardScaler().fit(second[left])
    judge = MLPClassifier((UNITS,), alpha=ALPHA, max_iter=EPOCHS, batch_size=256, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        judge.fit(scaler.transform(second[left]), labels[left])
    arrays = {
        "first": [*weights, bias, floor], "mean": scaler.mean_, "scale": scaler.scale_, "hidden": judge.coefs_[0],
        "hidden_bias": judge.intercepts_[0], "out": [*judge.coefs_[1][:, 0], judge.intercepts_[1][0]],
    }  # fmt: skip
    return {f"gate_{name}": np.asarray(values, dtype=np.float32) for name, values in arrays.items()}


def _looks(model: WordingModel, made: Sequence[Spoilt]) -> tuple[Array, Array, Array]:
    """(first look, both looks, whether a slip is there) of every Han character."""
    batch = encode([one.text for one in made], model.lut)
    at, first = first_look(model.finder, batch)
    second = second_look(model.finder, batch, at, first)
    return first, np.concatenate([first, second], axis=1), _wrong(made, batch, at)


def _wrong(made: Sequence[Spoilt], batch: Batch, at: Array) -> Array:
    owner = batch.owner(at)
    places = (at - batch.starts[owner]).tolist()
    rows = zip(owner.tolist(), places, strict=True)
    return np.array([made[row].text[place] != made[row].meant[place] for row, place in rows], dtype=np.int8)


def repaired(made: Spoilt) -> str:
    """The passage as it was."""
    return made.meant.replace(DELETED, "")
