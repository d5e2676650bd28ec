"""What the second reader says of the type of an event: a regression on the states of the fitted network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from processors.reader.model import SecondReader
from training.category.data import Example

STRENGTH = 0.02
"""Inverse strength of the penalty (from 0.001 to 0.03 on held-out items: .67, .70, .73, .73)."""
NONE: dict[str, Any] = {
    "type_names": np.array([], dtype="<U1"),
    "type_weights": np.zeros((1024, 0), dtype=np.float32),
    "type_bias": np.zeros(0, dtype=np.float32),
}
"""A reader that knows no type yet."""


def events(examples: Sequence[Example]) -> list[Example]:
    """Those that tell of an event of a known type."""
    return [one for one in examples if one.emergency == 1 and one.event_type]


def fit(reader: SecondReader, examples: Sequence[Example]) -> dict[str, Any]:
    """The arrays ``type_names``, ``type_weights`` (1024 x types), ``type_bias``, from events among the examples."""
    known = events(examples)
    pooled = np.array([reader.pooled(one.item) for one in known])
    scaler = StandardScaler().fit(pooled)
    regression = LogisticRegression(C=STRENGTH, max_iter=2000)
    regression.fit(scaler.transform(pooled), [one.event_type for one in known])
    weights = regression.coef_ / scaler.scale_
    return {
        "type_names": np.array([str(name) for name in regression.classes_]),
        "type_weights": weights.T.astype(np.float32),
        "type_bias": (regression.intercept_ - weights @ scaler.mean_).astype(np.float32),
    }


def shares(reader: SecondReader, examples: Sequence[Example], fast: Any) -> dict[str, float]:
    """Shares of the events whose type the reader alone, and the fast chooser alone (a name an example), says right."""
    rows = [row for row, one in enumerate(examples) if one.emergency == 1 and one.event_type]
    read = reader.read([examples[row].item for row in rows])
    said = [read.names[best] for best in read.types.argmax(axis=1)]
    right = [examples[row].event_type for row in rows]
    return {
        "events": float(len(rows)),
        "reader": round(float(np.mean([one == other for one, other in zip(said, right, strict=True)])), 4),
        "fast": round(float(np.mean([str(fast[row]) == other for row, other in zip(rows, right, strict=True)])), 4),
    }
