"""Train the category and emergency models: ``python -m training.category`` (a minute or two, deterministic).

Learns from the gold (train and dev, test is never read), the items written for it, editors'
corrections (``--corrections``, JSONL in the gold's format) and, with ``--corpus``, official prose as weak negatives.
Writes models/category and models/emergency with a manifest each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import GroupKFold

from huiyao.districts import load_district
from processors.category.features import Features
from processors.category.model import CategoryModel
from processors.emergency.model import EmergencyModel
from processors.emergency.rules import RuleWeights
from processors.emergency.types import OWN, PREFIX, VOTES, TypeChooser
from processors.facts.types import EventTypes
from processors.scan import ScannerBuilder
from tests.gold.load import ITEMS, load_gold
from tests.gold.split import Part
from training.category import data, fit, measure
from training.category.data import Example
from training.files import save_array

ROOT = Path(__file__).resolve().parent.parent.parent
SEED, FOLDS, WEAK = 20260101, 5, 600
THRESHOLD, DOUBT = 0.4, (0.08, 0.75)
SURE = (0.5, 0.12)


class Scores(NamedTuple):
    """Scores of the category and of the emergency heads, and the chosen types, a row an item."""

    category: Any
    emergency: Any
    types: Any

    def first(self, count: int) -> Scores:
        """Those of the first items."""
        return Scores(*(column[:count] for column in self))


class Trainer:
    """Features of one district, and the settings."""

    def __init__(self, district: Path, settings: fit.Settings) -> None:
        self.folder = load_district(district)
        builder = ScannerBuilder()
        self.features = Features.from_tables(self.folder.tables, builder)
        self.scanner = builder.build()
        self.settings = settings
        self.copies, self.votes = True, VOTES
        self.types = EventTypes.from_tables(self.folder.tables)
        self.places = [row["name"] for row in self.folder.tables["gazetteer"] if len(row["name"]) > 1]

    def prepare(self, examples: Sequence[Example]) -> fit.Sample:
        """Features of the examples and of a copy of each in other dress, behind one another."""
        shown = data.augment(examples, self.places, SEED) if self.copies else examples
        return fit.sample(shown, self.scanner, self.features)

    def fit(self, learned: fit.Sample, chosen: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Category and emergency arrays with a temperature of 1, from the chosen rows (default: all)."""
        rows = np.arange(len(learned.examples)) if chosen is None else chosen
        grams = fit.vocabulary(learned, rows, self.settings)
        weights, names = learned.column("weight")[rows], self.features.names
        matrix, scales = fit.design(learned, rows, grams, self.settings)
        labels, strength = learned.labels("category")[rows], self.settings.strength
        category = [fit.fit_views(matrix, labels, weights, strength, len(grams) if self.settings.views else None)]
        packed = fit.pack(category, CategoryModel.HEADS, grams, scales, names, self.settings, [1.0, *SURE])
        known, types = self._types(matrix, [learned.examples[row] for row in rows], weights)
        typed = fit.pack([types], known, grams, scales, names, self.settings, [1.0])
        typed = fit.heaviest(typed, self.settings.type_grams)
        own = {PREFIX + name: typed[name] for name in OWN}
        return packed, self._emergency(learned, rows, grams, weights) | own

    def _emergency(self, learned: fit.Sample, rows: Any, grams: Any, weights: Any) -> dict[str, Any]:
        """The arrays of the emergency model."""
        names, settings = self.features.names, self.settings.emergency()
        matrix, scales = fit.design(learned, rows, grams, settings)
        heads = [learned.labels(head)[rows] for head in EmergencyModel.HEADS]
        models = [fit.fit_head(matrix, labels, weights, settings.emergency_strength) for labels in heads]
        return fit.pack(models, EmergencyModel.HEADS, grams, scales, names, settings, [1.0, THRESHOLD, *DOUBT])

    def _types(self, matrix: Any, examples: Sequence[Example], weights: Any) -> tuple[list[str], Any]:
        """The model of event types: its heads, and the regression."""
        names = [self.types.get(one.event_type) for one in examples]
        heads = sorted({kind.name for kind in names if kind is not None})
        labels = np.array([heads.index(kind.name) if kind is not None else data.UNKNOWN for kind in names])
        return heads, fit.fit_head(matrix, labels, weights, self.settings.type_strength)

    def scores(self, arrays: tuple[dict[str, Any], dict[str, Any]], examples: Sequence[Example]) -> Scores:
        """Scores of the category and emergency heads, and the type of each item were it an event."""
        category, emergency = CategoryModel.from_arrays(arrays[0]), EmergencyModel.from_arrays(arrays[1])
        found = fit.sample(examples, self.scanner, self.features)
        documents, names = found.evidence.batch.documents, self.features.names
        scans = self.scanner.scan_many([document.norm for document in documents])
        basis = category.basis(self.features, documents, scans)
        evidence = basis.evidence
        chooser = TypeChooser(
            emergency.types, {kind.name: kind for kind in self.types}, self.features.lexicon.events, self.votes
        )
        types = chooser.choose(basis, names, evidence.votes, np.arange(len(documents)))
        events = emergency.scores(basis, names) + RuleWeights(names).added(evidence.matrix)
        return Scores(category.scores(basis, names), events, np.array([kind.name for kind in types]))

    def cross_validate(self, examples: Sequence[Example], groups: Sequence[str]) -> Scores:
        """Scores of each example of a group from a model that saw nothing of the group, nor of its events.

        ``groups``: one an example; those of group "" are always learned from and get no scores.
        """
        learned = self.prepare(examples)
        events, own = np.array([one.event for one in examples]), np.array(groups)
        copies = np.array([one.event for one in learned.examples])
        result = Scores(
            np.zeros((len(examples), len(CategoryModel.HEADS))), np.zeros((len(examples), 3)), events.astype(object)
        )
        for group in sorted(set(groups) - {""}):
            unseen = np.flatnonzero(own == group)
            arrays = self.fit(learned, np.flatnonzero(~np.isin(copies, events[unseen])))
            found = self.scores(arrays, [examples[index] for index in unseen])
            for column, values in zip(result, found, strict=True):
                column[unseen] = values
        return result


def by_hand(known: Sequence[Example], others: int, folds: int = 0) -> list[str]:
    """Groups for ``cross_validate``: the hand that wrote each gold item (the letter of its gid); others teach only.

    With ``folds`` some hands are left out together: every item is still judged by models that know nothing of its
    hand, from less to learn from, in a third of the time.
    """
    hands = [one.gid.split("-")[0] for one in known]
    if folds:
        sizes = Counter(hands)
        group = {
            hand: str(number % folds) for number, hand in enumerate(sorted(sizes, key=lambda one: (-sizes[one], one)))
        }
        hands = [group[hand] for hand in hands]
    return hands + [""] * others


def by_event(known: Sequence[Example], others: int, folds: int) -> list[str]:
    """Groups of whole events."""
    groups = [""] * (len(known) + others)
    for fold, (_, unseen) in enumerate(GroupKFold(folds).split(known, groups=[one.event for one in known])):
        for index in unseen:
            groups[index] = str(fold)
    return groups


def figures(examples: Sequence[Example], scores: Scores, heat: tuple[float, float]) -> dict[str, float]:
    """Quality on labelled examples."""
    labels = np.array([one.category for one in examples])
    shares = measure.softmax(scores.category / heat[0])
    chosen = shares.argmax(axis=1)
    right = measure.accepted(chosen, labels, np.array([one.also for one in examples]))
    events = np.array([one.emergency for one in examples])
    found = 1 / (1 + np.exp(-scores.emergency[:, 0] / heat[1])) >= THRESHOLD
    typed = np.array([bool(one.event_type) and one.emergency == 1 for one in examples])
    named = np.array([one.event_type or "" for one in examples])
    result = {
        "items": float(len(examples)),
        "macro_f1": measure.macro_f1(chosen, right, len(CategoryModel.HEADS)),
        "accuracy": float((chosen == right).mean()),
        "calibration_error": measure.calibration_error(shares, right),
        **measure.detection(found, events),
        "event_type": float((scores.types[typed] == named[typed]).mean()),
    }
    return {name: round(value, 4) for name, value in result.items()}


def heat_of(examples: Sequence[Example], scores: Scores) -> tuple[float, float]:
    """Temperatures of least loss, of the category and of the emergency head."""
    labels = np.array([one.category for one in examples])
    events = np.array([one.emergency for one in examples])
    return measure.temperature(scores.category, labels), measure.binary_temperature(scores.emergency[:, 0], events)


def each_hand(examples: Sequence[Example], scores: Scores, heat: tuple[float, float]) -> dict[str, dict[str, float]]:
    """Figures of each hand's items."""
    hands = np.array(by_hand(examples, 0))
    found = {}
    for hand in sorted(set(hands)):
        rows = np.flatnonzero(hands == hand)
        found[str(hand)] = figures([examples[row] for row in rows], Scores(*(part[rows] for part in scores)), heat)
    return found


def gold(*parts: Part) -> list[Example]:
    """Gold items of the parts."""
    return [data.example(one.gid, one.event, one.item, one.labels) for one in load_gold(*parts)]


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def save(folder: Path, arrays: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Write the arrays and what they were made from."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        save_array(folder / f"{name}.npy", array)
    files = {f"{name}.npy": digest(folder / f"{name}.npy") for name in arrays}
    text = json.dumps({**manifest, "files": files}, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")


def shipped(folder: Path) -> tuple[tuple[float, float], dict[str, Any]]:
    """Temperatures and figures of the models of a folder: for a few lessons more, a fit without measuring anew."""
    manifest = json.loads((folder / "category" / "manifest.json").read_text("utf-8"))
    category, emergency = manifest["settings"]["temperature"]
    return (category, emergency), manifest["figures"]


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--district", type=Path, default=ROOT / "districts" / "zhanggong")
    parser.add_argument("--corrections", type=Path, help="editors' corrections, JSONL")
    parser.add_argument("--corpus", type=Path, help="folder with government-reports.txt.xz and laws.txt.xz")
    parser.add_argument("--events", action="store_true", help="cross-validate by event as well")
    parser.add_argument(
        "--quick", action="store_true", help="keep temperatures and figures of the models that are there"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "models")
    arguments = parser.parse_args()

    trainer = Trainer(arguments.district, fit.Settings())
    learned, dev = gold("train"), gold("dev")
    added = data.written() + data.short() + (data.written(arguments.corrections) if arguments.corrections else [])
    weak = data.weak_negatives(arguments.corpus, WEAK, SEED) if arguments.corpus else []

    known, others = [*learned, *dev], [*added, *weak]
    if arguments.quick:
        heat, report = shipped(arguments.out)
    else:
        own = trainer.cross_validate([*known, *others], by_hand(known, len(others), FOLDS)).first(len(known))
        heat = heat_of(known, own)
        report = {"unseen_hand": figures(known, own, heat)}
        report |= {f"unseen_hand_{hand}": values for hand, values in each_hand(known, own, heat).items()}
    if arguments.events:
        events = trainer.cross_validate([*known, *others], by_event(known, len(others), FOLDS)).first(len(known))
        report["unseen_events"] = figures(known, events, heat)
    print(json.dumps(report, indent=1))

    final = trainer.fit(trainer.prepare([*known, *others]))
    for arrays, value in zip(final, heat, strict=True):
        arrays["settings"][0] = value
    read = [*sorted(ITEMS.glob("*.jsonl")), data.WRITTEN, data.DRESS, *data.TABLES]
    manifest = {
        "made_by": "python -m training.category",
        "data": {file.name: digest(file) for file in read},
        "corrections": digest(arguments.corrections) if arguments.corrections else None,
        "weak_negatives": len(weak),
        "examples": len(known) + len(others),
        "quick": arguments.quick,
        "settings": asdict(trainer.settings) | {"seed": SEED, "temperature": heat},
        "figures": report,
    }
    for name, arrays in zip(("category", "emergency"), final, strict=True):
        save(arguments.out / name, arrays, manifest)


if __name__ == "__main__":
    main()
