"""Fit the network on held-out passages with made errors, and measure on others."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from processors.wording.encoding import Array
from processors.wording.features import NAMES, describe
from processors.wording.finding import Genre
from processors.wording.model import WordingModel
from processors.wording.network import GROUP_OF, GROUPS, KNOTS, grounds
from processors.wording.network import Network as Judge
from training.wording.inject import WEIGHTS, Damaged, Injector

ROUNDS = 4
UNITS = 32
EPOCHS = 20
ALPHA = 1e-3
# The cheap judge may lose two in a hundred of the right candidates that the network would report.
LOST_BY_FIRST = 0.02
SEED = 20261101
_SENTENCE = re.compile(r"[^。！？!?\n]+")
Network = dict[str, Array]
Lessons = Sequence[tuple[WordingModel, Sequence[str]]]


def empty_network() -> Network:
    """A network that rejects everything, to make a model with before fitting."""
    shapes = {
        "mean": (GROUPS, len(NAMES)), "scale": (GROUPS, len(NAMES)), "hidden": (GROUPS, len(NAMES), 1),
        "hidden_bias": (GROUPS, 1), "out": (GROUPS, 1), "out_bias": (GROUPS,), "first": (GROUPS, 1),
        "floors": (GROUPS, len(KNOTS)),
    }  # fmt: skip
    return {f"network_{name}": np.ones(shape, dtype=np.float32) for name, shape in shapes.items()}


def _examples(model: WordingModel, damaged: Sequence[Damaged]) -> tuple[Array, Array, Array, Array]:
    """Grounds, features, kinds and labels: right corrections, and candidates away from the error; others at the error
    teach nothing."""
    texts = [d.text for d in damaged]
    batch, found, strange, shares, _ = model.search(texts)
    features = describe(model.finder.language, model.finder.general, batch, found, strange, shares)
    owner = batch.owner(found.at)
    labels = np.zeros(len(owner), dtype=np.int8)
    for index, text in enumerate(owner):
        case = damaged[int(text)]
        p = model._proposal(case.text, found, index, int(batch.starts[text]), 0.0)
        if case.text[: p.start] + p.meant + case.text[p.end :] == case.clean:
            labels[index] = 1
        elif p.start <= case.end and p.end >= case.start:
            labels[index] = -1
    keep = labels >= 0
    cheap = grounds(model.finder.language, batch, found, strange, shares, owner)
    return cheap[keep], features[keep], found.kind[keep], labels[keep]


def _gather(lessons: Lessons, injector: Injector, rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """One round of examples: one error a passage."""
    parts = []
    for model, passages in lessons:
        damaged = [d for p in passages if (d := injector.damage(p, rng))]
        parts += [_examples(model, damaged[i : i + 400]) for i in range(0, len(damaged), 400)]
    cheap, features, kinds, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    return cheap, features, kinds, labels


def fit(lessons: Lessons, injector: Injector) -> Network:
    """The network's arrays; some minutes. ``lessons``: models and the passages to judge with them. A model that knows
    laws only, judging reports, teaches what an unfamiliar genre looks like."""
    rng = np.random.default_rng(SEED)
    rounds = [_gather(lessons, injector, rng)[1:] for _ in range(ROUNDS)]
    features, kinds, labels = (np.concatenate(column) for column in zip(*rounds, strict=True))
    groups = GROUP_OF[kinds]
    fitted = [_fit_group(features[mine], labels[mine]) for mine in (groups == g for g in range(GROUPS))]
    network = {f"network_{name}": np.stack([one[name] for one in fitted]).astype(np.float32) for name in fitted[0]}
    return network | fit_first(lessons, injector, network)


def _fit_group(features: Array, labels: Array) -> dict[str, Array]:
    scaler = StandardScaler().fit(features)
    classifier = MLPClassifier((UNITS,), alpha=ALPHA, max_iter=EPOCHS, random_state=SEED, batch_size=512)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(scaler.transform(features), labels)
    return {
        "mean": scaler.mean_, "scale": scaler.scale_, "hidden": classifier.coefs_[0],
        "hidden_bias": classifier.intercepts_[0], "out": classifier.coefs_[1][:, 0],
        "out_bias": classifier.intercepts_[1][0],
    }  # fmt: skip


def fit_first(lessons: Lessons, injector: Injector, network: Network) -> Network:
    """The cheap judge's arrays, from a round of its own."""
    cheap, features, kinds, labels = _gather(lessons, injector, np.random.default_rng(SEED + 2))
    parts = {name: network.get(f"network_{name}", np.zeros(0)) for name in Judge.__slots__}
    logits = Judge(**parts).logits(features, kinds)
    groups = GROUP_OF[kinds]
    first, floors = [], []
    for mine in (groups == g for g in range(GROUPS)):
        quick = LogisticRegression(fit_intercept=False, max_iter=300)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            quick.fit(cheap[mine], labels[mine])
        first.append(quick.coef_[0])
        values, right = cheap[mine] @ quick.coef_[0], labels[mine] == 1
        floors.append([np.quantile(values[right & (logits[mine] >= knot)], LOST_BY_FIRST) for knot in KNOTS])
    return {"network_first": np.array(first, dtype=np.float32), "network_floors": np.array(floors, dtype=np.float32)}


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
