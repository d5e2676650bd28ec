"""Figures of quality with 95 % intervals: proportions by Wilson, F1 by bootstrap over items."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Z95 = 1.959964
ROUNDS = 400
SEED = 20261120


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: value, 95 % interval, and how many cases it rests on."""

    name: str
    value: float
    low: float
    high: float
    n: int

    def line(self) -> str:
        """For people."""
        return f"{self.name:<44}{self.value:7.3f}   [{self.low:.3f}, {self.high:.3f}]   n={self.n}"


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives, false negatives of one item."""

    tp: int = 0
    fp: int = 0
    fn: int = 0


def pairs_of(groups: Mapping[str, str | None]) -> set[tuple[str, str]]:
    """Pairs of names that share a group; None is no group."""
    members: dict[str, list[str]] = {}
    for name, group in sorted(groups.items()):
        if group is not None:
            members.setdefault(group, []).append(name)
    return {pair for group in members.values() for pair in combinations(group, 2)}


def pair_counts(wanted: Mapping[str, str | None], given: Mapping[str, str | None]) -> Counts:
    """Pairs that share a group in both, in the given alone, in the wanted alone."""
    right, found = pairs_of(wanted), pairs_of(given)
    return Counts(len(right & found), len(found - right), len(right - found))


def proportion(name: str, outcomes: Iterable[bool]) -> Figure:
    """Share of true outcomes."""
    values = list(outcomes)
    n, hits = len(values), sum(values)
    if not n:
        return Figure(name, float("nan"), 0.0, 1.0, 0)
    p = hits / n
    centre = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
    return Figure(name, p, max(0.0, centre - half), min(1.0, centre + half), n)


def bootstrap(name: str, items: Sequence[object], score: Callable[[Sequence[object]], float], n: int) -> Figure:
    """A score with its interval from resampled items."""
    if not items:
        return Figure(name, float("nan"), 0.0, 1.0, 0)
    draw = random.Random(SEED)
    values = sorted(score(draw.choices(items, k=len(items))) for _ in range(ROUNDS))
    values = [value for value in values if not math.isnan(value)] or [float("nan")]
    low, high = values[int(0.025 * len(values))], values[min(int(0.975 * len(values)), len(values) - 1)]
    return Figure(name, score(items), low, high, n)


def f1(counts: Sequence[object]) -> float:
    """Micro F1 of counts."""
    tp, fp, fn = (sum(getattr(count, key) for count in counts) for key in ("tp", "fp", "fn"))
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else float("nan")


def precision(counts: Sequence[object]) -> float:
    """Micro precision of counts."""
    tp, fp = (sum(getattr(count, key) for count in counts) for key in ("tp", "fp"))
    return tp / (tp + fp) if tp + fp else float("nan")


def recall(counts: Sequence[object]) -> float:
    """Micro recall of counts."""
    tp, fn = (sum(getattr(count, key) for count in counts) for key in ("tp", "fn"))
    return tp / (tp + fn) if tp + fn else float("nan")


def macro_f1(pairs: Sequence[object]) -> float:
    """Macro F1 over the classes that occur in the truth; pairs of (truth, guess)."""
    truth, guess = Counter(), Counter()
    both: Counter[object] = Counter()
    for wanted, given in pairs:  # type: ignore[misc]
        truth[wanted] += 1
        guess[given] += 1
        both[wanted] += wanted == given
    scores = [2 * both[name] / (truth[name] + guess[name]) for name in truth]
    return sum(scores) / len(scores) if scores else float("nan")


def calibration_error(pairs: Sequence[object], bins: int = 10) -> float:
    """Expected calibration error: mean gap between confidence and accuracy; pairs of (confidence, right)."""
    buckets: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:  # type: ignore[misc]
        buckets.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    total = len(pairs)
    gaps = (
        abs(sum(c for c, _ in bucket) / len(bucket) - sum(r for _, r in bucket) / len(bucket)) * len(bucket)
        for bucket in buckets.values()
    )
    return sum(gaps) / total if total else float("nan")
