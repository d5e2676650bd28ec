"""Fit the linear models and put them into arrays."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from processors.category.batch import Batch, Coded
from processors.category.features import Evidence, Features
from processors.category.ngrams import SLOT_BITS, hash_ngrams
from processors.document import Document
from processors.scan import Scanner
from training.category.data import UNKNOWN, Example

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen on the development part."""

    gram_scale: float = 6.0
    emergency_gram_scale: float = 9.0
    rarity: float = 0.5
    emergency_rarity: float = 1.0
    dense_scale: float = 0.5
    emergency_dense_scale: float = 0.3
    strength: float = 2.0
    emergency_strength: float = 1.0
    type_strength: float = 1.0
    views: bool = True
    """Whether the category is the mean of three regressions (``fit_views``)."""
    without: str = ""
    """Pattern of features that are left out (see ablation.py)."""
    fewest_events: int = 3
    most_grams: int = 14_000
    type_grams: int = 4_000

    def emergency(self) -> Settings:
        """The same with the scales that suit emergencies: rare words tell more of them."""
        return replace(
            self,
            gram_scale=self.emergency_gram_scale,
            rarity=self.emergency_rarity,
            dense_scale=self.emergency_dense_scale,
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """Examples with their raw features: dense matrix, and n-gram keys with the row each stands in."""

    examples: Sequence[Example]
    evidence: Evidence
    keys: Array
    rows: Array
    names: Sequence[str]

    def labels(self, name: str) -> Array:
        """A label of all examples as integers, -1 unknown."""
        return np.array([getattr(one, name) for one in self.examples])

    def column(self, name: str) -> Array:
        """Another attribute of all examples."""
        return np.array([getattr(one, name) for one in self.examples])


def sample(examples: Sequence[Example], scanner: Scanner, features: Features) -> Sample:
    """Compute the features once."""
    documents = [Document(one.item).in_chinese() for one in examples]
    evidence = features.compute(documents, [scanner.scan(document.norm) for document in documents])
    keys, places = keyed(evidence.batch)
    return Sample(examples, evidence, keys, evidence.batch.owner[places].astype(np.int64), features.names)


def keyed(texts: Batch | Coded) -> tuple[Array, Array]:
    """Keys of the n-grams of the texts (slot and check), order by order, and where each begins."""
    parts = list(hash_ngrams(texts))
    inside = [np.flatnonzero(texts.codes[: len(part.hashes)]) for part in parts]
    keys = [(p.slots.astype(np.int64) << 16 | p.checks)[at] for p, at in zip(parts, inside, strict=True)]
    return np.concatenate(keys), np.concatenate(inside)


def vocabulary(data: Sample, chosen: Array, settings: Settings) -> Array:
    """Keys of n-grams that stand in enough different events of the chosen rows; one for each slot."""
    _, events = np.unique(data.column("event"), return_inverse=True)
    inside = np.zeros(len(data.examples), dtype=bool)
    inside[chosen] = True
    picked = inside[data.rows]
    pairs = np.unique(np.stack([data.keys[picked], events[data.rows[picked]]]), axis=1)
    keys, counts = np.unique(pairs[0], return_counts=True)
    return frequent(keys, counts, settings.fewest_events, settings.most_grams)


def frequent(keys: Array, counts: Array, fewest: int, most: int) -> Array:
    """The most frequent keys, sorted; of two n-grams of one slot the more frequent stays."""
    keys, counts = keys[counts >= fewest], counts[counts >= fewest]
    keys = keys[np.argsort(-counts, kind="stable")]
    _, first = np.unique(keys >> 16, return_index=True)
    return np.sort(keys[np.sort(first)[:most]])


def design(data: Sample, chosen: Array, grams: Array, settings: Settings) -> tuple[sparse.csr_matrix, Array]:
    """Rows of the design matrix, and the scale of each n-gram in it.

    N-grams weigh by their rarity among the chosen rows and are, together, about ``gram_scale`` long; features follow.
    """
    place = np.searchsorted(grams, data.keys)
    place[place == len(grams)] = 0
    known = grams[place] == data.keys
    said = np.ones(int(known.sum()), np.float32)
    shape = (len(data.examples), len(grams))
    matrix = sparse.csr_matrix((said, (data.rows[known], place[known])), shape=shape)
    matrix.sum_duplicates()
    number = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
    scales = settings.gram_scale * rarity(matrix[chosen], settings.rarity)
    matrix = sparse.diags(1 / np.sqrt(number)) @ matrix @ sparse.diags(scales)
    kept = [settings.dense_scale * (re.fullmatch(settings.without, name) is None) for name in data.names]
    dense = sparse.csr_matrix(data.evidence.matrix * np.array(kept, dtype=np.float32))
    return sparse.hstack([matrix, dense]).tocsr()[chosen], scales


def rarity(matrix: sparse.csr_matrix, power: float) -> Array:
    """The logarithm of one over the share of rows in which each n-gram stands, to a power; 1 on average."""
    rows = np.asarray((matrix > 0).sum(axis=0)).ravel() + 1
    rarity = np.log((matrix.shape[0] + 1) / rows) ** power
    return np.asarray(rarity / np.sqrt((rarity**2 * rows).sum() / rows.sum()))


def heaviest(typed: dict[str, Array], count: int) -> dict[str, Array]:
    """The arrays of a model with the n-grams of the largest weights alone, and which those are (``grams``)."""
    norms = np.linalg.norm(typed["gram_weights"].astype(np.float32), axis=1)
    grams = np.sort(np.argsort(-norms, kind="stable")[:count])
    return typed | {"gram_weights": typed["gram_weights"][grams], "grams": grams.astype(np.uint16)}


def fit_head(matrix: sparse.csr_matrix, labels: Array, weights: Array, strength: float) -> LogisticRegression:
    """One multinomial or binary regression over the rows whose label is known."""
    known = labels != UNKNOWN
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3)
    model.fit(matrix[np.flatnonzero(known)], labels[known], sample_weight=weights[known])
    return model


@dataclass(frozen=True, slots=True)
class Head:
    """A regression's coefficients (classes by columns) and intercepts (classes)."""

    coef_: Array
    intercept_: Array


def fit_views(matrix: sparse.csr_matrix, labels: Array, weights: Array, strength: float, grams: int | None) -> Head:
    """The mean of three regressions: over all columns, over the first ``grams`` alone, over the others alone
    (``None``: the first one only).

    N-grams and features that must each do without the other err less on a hand that training never saw; a mean of
    linear models is one, so it costs nothing where it is used.
    """
    columns = [slice(None), *([] if grams is None else [slice(grams), slice(grams, None)])]
    models = [fit_head(matrix[:, part], labels, weights, strength) for part in columns]
    coefficients = np.zeros((len(models[0].coef_), matrix.shape[1]))
    for part, model in zip(columns, models, strict=True):
        coefficients[:, part] += model.coef_
    intercepts = np.sum([model.intercept_ for model in models], axis=0)
    return Head(coefficients / len(models), intercepts / len(models))


def pack(
    models: Sequence[LogisticRegression | Head],
    heads: Sequence[str],
    grams: Array,
    scales: Array,
    names: Sequence[str],
    settings: Settings,
    values: Sequence[float],
) -> dict[str, Array]:
    """The arrays of a model folder; scales are folded into the weights."""
    weights = np.concatenate([model.coef_ for model in models]).T
    bias = np.concatenate([model.intercept_ for model in models])
    slots = np.zeros(1 << SLOT_BITS, dtype=np.uint16)
    slots[grams >> 16] = np.arange(1, len(grams) + 1)
    return {
        "slots": slots,
        "checks": (grams & 0xFFFF).astype(np.uint16),
        "gram_weights": (weights[: len(grams)] * scales[:, None]).astype(np.float16),
        "dense_names": np.array(list(names)),
        "dense_weights": (weights[len(grams) :] * settings.dense_scale).astype(np.float32),
        "bias": bias.astype(np.float32),
        "heads": np.array(list(heads)),
        "settings": np.array(values, dtype=np.float64),
        "vocabulary": np.array(hashlib.sha256(grams.tobytes()).hexdigest()[:16]),
    }
