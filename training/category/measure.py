"""Figures: macro F1, calibration, recall and precision of emergencies, thresholds and temperatures."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
BINS = 10
TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 60))


def softmax(scores: Array) -> Array:
    """Rows to shares."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def accepted(chosen: Array, labels: Array, also: Array) -> Array:
    """The label that counts: a second label that was chosen is right (LABELS.md)."""
    return np.where(chosen == also, also, labels)


def macro_f1(chosen: Array, labels: Array, classes: int) -> float:
    """Mean F1 over the classes that occur."""
    scores = []
    for one in range(classes):
        hits = int(((chosen == one) & (labels == one)).sum())
        total = int((chosen == one).sum() + (labels == one).sum())
        if (labels == one).any():
            scores.append(2 * hits / total)
    return float(np.mean(scores))


def calibration_error(shares: Array, labels: Array) -> float:
    """Expected calibration error of the highest share, in ten bins."""
    top, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    gaps = [abs(top[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean() for one in set(bins)]
    return float(sum(gaps))


def temperature(scores: Array, labels: Array) -> float:
    """The temperature of least log loss."""
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(scores / each)[rows, labels] + 1e-9).mean() for each in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def binary_temperature(scores: Array, labels: Array) -> float:
    """The same for a yes-no head."""
    signs = np.where(labels == 1, 1.0, -1.0)
    losses = [np.log1p(np.exp(-signs * scores / each)).mean() for each in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def detection(found: Array, labels: Array) -> dict[str, float]:
    """Recall, precision and false alarms of a yes-no verdict."""
    hits = int((found & (labels == 1)).sum())
    return {
        "recall": hits / max(int((labels == 1).sum()), 1),
        "precision": hits / max(int(found.sum()), 1),
        "false_alarm_rate": int((found & (labels == 0)).sum()) / max(int((labels == 0).sum()), 1),
    }
