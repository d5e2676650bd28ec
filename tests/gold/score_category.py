"""Score categories, emergencies, event types and public-opinion signals with the shipped models.

Run: python -m tests.gold.score_category [train|dev|test ...] (default dev; with -v every miss of train and dev).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from huiyao.districts import load_district
from huiyao.judges import load_arrays
from processors.category.judge import CategoryJudge, CategoryResult
from processors.category.model import CategoryModel
from processors.document import Document
from processors.emergency.judge import EmergencyJudge, EmergencyResult
from processors.emergency.model import EmergencyModel
from processors.opinion import OpinionJudge
from processors.scan import ScannerBuilder
from schemas.assessment import Emergency, OpinionSignals
from schemas.item import Item
from schemas.vocab import Category, Lane
from tests.gold.load import GoldItem, load_gold
from tests.gold.split import Part

ROOT = Path(__file__).resolve().parent.parent.parent
BINS = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """One gold item and what the judges said of it."""

    gold: GoldItem
    category: CategoryResult
    emergency: EmergencyResult
    opinion: OpinionSignals


def judge(golds: Sequence[GoldItem], district: Path = ROOT / "districts" / "zhanggong") -> list[Verdict]:
    """Verdicts of the shipped models, as the stream would give them."""
    tables, builder = load_district(district).tables, ScannerBuilder()
    emergency_model = EmergencyModel.from_arrays(load_arrays(ROOT / "models" / "emergency"))
    emergency = EmergencyJudge.from_tables(tables, builder, emergency_model)
    category_model = CategoryModel.from_arrays(load_arrays(ROOT / "models" / "category"))
    category = CategoryJudge.from_tables(tables, builder, category_model)
    opinion = OpinionJudge.from_tables(tables, builder, load_arrays(ROOT / "models" / "opinion"))
    scanner = builder.build()
    documents = [Document(Item.model_validate(gold.item)) for gold in golds]
    scans = scanner.scan_many([document.norm for document in documents])
    events = emergency.judge_many(documents, scans)
    categories = category.judge_many(documents, scans, events)
    verdicts = []
    for gold, document, scan, event, found in zip(golds, documents, scans, events, categories, strict=True):
        known = Emergency(is_emergency=event.is_emergency, event_type=event.event_type, sensitive=event.sensitive)
        verdicts.append(Verdict(gold, found, event, opinion.judge(document, scan, known, found.category)))
    return verdicts


def category_figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Macro F1 (a second label that was chosen counts), accuracy, expected calibration error, share abstained."""
    wanted = [_label(verdict) for verdict in verdicts]
    given = [verdict.category.category for verdict in verdicts]
    pairs = Counter(zip(given, wanted, strict=True))
    scores = [2 * pairs[one, one] / (given.count(one) + wanted.count(one)) for one in Category if one in wanted]
    top = np.array([max(verdict.category.scores.values()) for verdict in verdicts])
    right = np.array([one == other for one, other in zip(given, wanted, strict=True)])
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    gaps = [abs(top[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean() for one in set(bins)]
    return {
        "macro_f1": float(np.mean(scores)),
        "accuracy": float(right.mean()),
        "calibration_error": float(sum(gaps)),
        "abstained": float(np.mean([verdict.category.abstained for verdict in verdicts])),
    }


def emergency_figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Recall, precision, false alarms, of ordinary complaints too, share in doubt, event class and type."""
    real = [verdict for verdict in verdicts if verdict.gold.labels["is_emergency"]]
    others = [verdict for verdict in verdicts if not verdict.gold.labels["is_emergency"]]
    complaints = [verdict for verdict in others if verdict.gold.labels["category"] == Category.PROBLEM]
    found = [verdict for verdict in real if verdict.emergency.is_emergency]
    false = [verdict for verdict in others if verdict.emergency.is_emergency]
    return {
        "recall": len(found) / max(len(real), 1),
        "precision": len(found) / max(len(found) + len(false), 1),
        "false_alarms": len(false) / max(len(others), 1),
        "complaints_alarmed": sum(one.emergency.is_emergency for one in complaints) / max(len(complaints), 1),
        "missed_but_doubtful": float(sum(one.emergency.doubtful for one in real if not one.emergency.is_emergency)),
        "doubtful": float(np.mean([verdict.emergency.doubtful for verdict in verdicts])),
        "event_class": _share(found, "event_class"),
        "event_type": _share(found, "event_type"),
        "warning_right": float(
            np.mean([verdict.emergency.warning == verdict.gold.labels["warning"] for verdict in verdicts])
        ),
    }


def opinion_figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Shares of posts with the right tone and theme."""
    posts = [verdict for verdict in verdicts if verdict.gold.item["lane"] == Lane.OPINION]
    return {
        "sentiment": float(np.mean([one.opinion.sentiment == one.gold.labels["sentiment"] for one in posts])),
        "theme": float(np.mean([one.opinion.theme == one.gold.labels["theme"] for one in posts])),
    }


def _label(verdict: Verdict) -> Category:
    labels = verdict.gold.labels
    if labels["category_also"] and verdict.category.category == labels["category_also"]:
        return Category(labels["category_also"])
    return Category(labels["category"])


def _share(verdicts: Sequence[Verdict], name: str) -> float:
    right = [getattr(verdict.emergency, name) == verdict.gold.labels[name] for verdict in verdicts]
    return float(np.mean(right)) if right else 0.0


def main(arguments: Sequence[str]) -> None:
    """Print the figures of each part asked for."""
    parts: list[Part] = [part for part in ("train", "dev", "test") if part in arguments] or ["dev"]
    for part in parts:
        verdicts = judge(list(load_gold(part)))
        print(f"{part}: {len(verdicts)} items")
        for figures in (category_figures(verdicts), emergency_figures(verdicts), opinion_figures(verdicts)):
            print("  " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        if "-v" in arguments and part != "test":  # nobody reads test items
            for verdict in verdicts:
                _print_miss(verdict)


def _print_miss(verdict: Verdict) -> None:
    gold, event = verdict.gold, verdict.emergency
    if _label(verdict) != verdict.category.category or event.is_emergency != gold.labels["is_emergency"]:
        wanted = f"{gold.labels['category']} {gold.labels['is_emergency']}"
        print(f"  {gold.gid} {wanted} -> {verdict.category.category} {event.score:.2f} {gold.item['text'][:60]!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
