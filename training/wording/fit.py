"""Fit the network on held-out passages with made errors, and measure on others."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from processors.wording.encoding import Array
from processors.wording.features import NAMES, describe
from processors.wording.finding import Genre
from processors.wording.model import WordingModel
from training.wording.inject import WEIGHTS, Damaged, Injector

ROUNDS = 6
UNITS = 24
EPOCHS = 30
SEED = 20261101
_SENTENCE = re.compile(r"[^。！？!?\n]+")
Network = dict[str, Array]


def empty_network() -> Network:
    """A network that rejects everything, to make a model with before fitting."""
    shapes = {
        "mean": (len(NAMES),),
        "scale": (len(NAMES),),
        "hidden": (len(NAMES), 1),
        "hidden_bias": (1,),
        "out": (1,),
    }
    return {f"network_{k}": np.ones(s, dtype=np.float32) for k, s in shapes.items()} | {
        "network_out_bias": np.zeros(1, dtype=np.float32)
    }


def _examples(model: WordingModel, damaged: Sequence[Damaged]) -> tuple[Array, Array]:
    """Features and labels: right corrections, and candidates away from the error; others at the error teach nothing."""
    texts = [d.text for d in damaged]
    batch, found, strange, shares = model.search(texts)
    features = describe(model.finder.language, model.finder.lexicon, batch, found, strange, shares)
    owner = batch.owner(found.at)
    labels = np.zeros(len(owner), dtype=np.int8)
    for index, text in enumerate(owner):
        case = damaged[int(text)]
        p = model._proposal(case.text, found, index, int(batch.starts[text]), 0.0)
        if case.text[: p.start] + p.meant + case.text[p.end :] == case.clean:
            labels[index] = 1
        elif p.start <= case.end and p.end >= case.start:
            labels[index] = -1
    return features[labels >= 0], labels[labels >= 0]


def fit(lessons: Sequence[tuple[WordingModel, Sequence[str]]], injector: Injector) -> Network:
    """The network's arrays; a few minutes. ``lessons``: models and the passages to judge with them. A model that knows
    laws only, judging reports, teaches what an unfamiliar genre looks like."""
    rng = np.random.default_rng(SEED)
    parts = []
    for _ in range(ROUNDS):
        for model, passages in lessons:
            damaged = [d for p in passages if (d := injector.damage(p, rng))]
            parts += [_examples(model, damaged[i : i + 400]) for i in range(0, len(damaged), 400)]
    features, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    scaler = StandardScaler().fit(features)
    classifier = MLPClassifier((UNITS,), alpha=1e-3, max_iter=EPOCHS, random_state=SEED, batch_size=512)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(scaler.transform(features), labels)
    values = {
        "mean": scaler.mean_, "scale": scaler.scale_, "hidden": classifier.coefs_[0],
        "hidden_bias": classifier.intercepts_[0], "out": classifier.coefs_[1][:, 0],
        "out_bias": classifier.intercepts_[1],
    }  # fmt: skip
    return {f"network_{name}": np.asarray(value, dtype=np.float32) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Score:
    """``found``: share of errors touched by a finding; ``repaired``: put right exactly; ``false``: findings
    elsewhere."""

    cases: int
    found: float
    repaired: float
    false: int

    @property
    def precision(self) -> float:
        hits = self.found * self.cases
        return hits / max(hits + self.false, 1)

    def rounded(self) -> dict[str, float]:
        """For the manifest."""
        values = {"recall": self.found, "repaired": self.repaired, "precision": self.precision}
        return {"cases": self.cases, **{name: round(value, 3) for name, value in values.items()}}


def sentences(texts: Sequence[str]) -> int:
    """Number of sentences."""
    return sum(len([s for s in _SENTENCE.findall(t) if s.strip()]) for t in texts)


def false_alarms(model: WordingModel, texts: Sequence[str], genre: Genre) -> float:
    """Findings in a thousand sentences of clean text (slips of the corpus itself included)."""
    return 1000 * sum(len(p) for p in model.propose(texts, genre)) / max(sentences(texts), 1)


def measure(model: WordingModel, texts: Sequence[str], injector: Injector, genre: Genre) -> dict[str, Score]:
    """Scores by kind of error, one error a text."""
    rng = np.random.default_rng(SEED + 1)
    scores = {}
    for kind in WEIGHTS:
        damaged = [d for t in texts if (d := injector.damage(t, rng, kind))]
        hits = repaired = false = 0
        for case, proposals in zip(damaged, model.propose([d.text for d in damaged], genre), strict=True):
            touching = [p for p in proposals if p.start <= case.end and p.end >= case.start]
            hits += bool(touching)
            repaired += any(case.text[: p.start] + p.meant + case.text[p.end :] == case.clean for p in touching)
            false += len(proposals) - len(touching)
        scores[kind] = Score(len(damaged), hits / len(damaged), repaired / len(damaged), false)
    return scores
