"""Train the category and emergency models: ``python -m training.category`` (a minute or two, deterministic).

Learns from the gold (train and dev; dev decides the settings, test is never read), the written items, editors'
corrections (``--corrections``, JSONL in the gold's format) and, with ``--corpus``, official prose as weak negatives.
Writes models/category and models/emergency with a manifest each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from huiyao.districts import load_district
from processors.category.features import Features
from processors.category.model import CategoryModel
from processors.emergency.model import EmergencyModel
from processors.emergency.rules import adjust
from processors.scan import ScannerBuilder
from tests.gold.load import ITEMS, load_gold
from tests.gold.split import Part
from training.category import data, fit, measure
from training.category.data import Example
from training.files import save_array

ROOT = Path(__file__).resolve().parent.parent.parent
SEED, FOLDS, WEAK = 20260101, 5, 600
THRESHOLD, DOUBT = 0.3, (0.1, 0.75)
SURE = (0.5, 0.12)


class Trainer:
    """Features of one district, and the settings."""

    def __init__(self, district: Path, settings: fit.Settings) -> None:
        self.folder = load_district(district)
        builder = ScannerBuilder()
        self.features = Features.from_tables(self.folder.tables, builder)
        self.scanner = builder.build()
        self.settings = settings
        self.places = [row["name"] for row in self.folder.tables["gazetteer"] if len(row["name"]) > 1]

    def fit(self, examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Category and emergency arrays with a temperature of 1."""
        learned = fit.sample(data.augment(examples, self.places, SEED), self.scanner, self.features)
        everything = np.arange(len(learned.examples))
        grams = fit.vocabulary(learned, everything, self.settings)
        matrix = fit.design(learned, everything, grams, self.settings)
        weights = learned.column("weight")
        category = [fit.fit_head(matrix, learned.labels("category"), weights, self.settings.strength)]
        strength = self.settings.emergency_strength
        emergency = [fit.fit_head(matrix, learned.labels(head), weights, strength) for head in EmergencyModel.HEADS]
        names = self.features.names
        return (
            fit.pack(category, CategoryModel.HEADS, grams, names, self.settings, [1.0, *SURE]),
            fit.pack(emergency, EmergencyModel.HEADS, grams, names, self.settings, [1.0, THRESHOLD, *DOUBT]),
        )

    def scores(self, arrays: tuple[dict[str, Any], dict[str, Any]], examples: Sequence[Example]) -> tuple[Any, Any]:
        """Scores of the category and emergency heads."""
        category, emergency = CategoryModel.from_arrays(arrays[0]), EmergencyModel.from_arrays(arrays[1])
        found = fit.sample(examples, self.scanner, self.features)
        documents = found.evidence.batch.documents
        basis = category.basis(self.features, documents, [self.scanner.scan(each.norm) for each in documents])
        names = self.features.names
        events = adjust(emergency.scores(basis, names), basis.evidence.matrix, names)
        return category.scores(basis, names), events

    def cross_validate(self, examples: Sequence[Example], folds: int = FOLDS) -> tuple[Any, Any]:
        """Scores of each example from a model that saw nothing of its event."""
        events = [one.event for one in examples]
        category = np.zeros((len(examples), len(CategoryModel.HEADS)))
        emergency = np.zeros((len(examples), len(EmergencyModel.HEADS)))
        for seen, unseen in GroupKFold(folds).split(examples, groups=events):
            arrays = self.fit([examples[index] for index in seen])
            category[unseen], emergency[unseen] = self.scores(arrays, [examples[index] for index in unseen])
        return category, emergency


def figures(examples: Sequence[Example], category: Any, emergency: Any, heat: tuple[float, float]) -> dict[str, float]:
    """Quality on labelled examples."""
    known = np.array([one.category != data.UNKNOWN for one in examples])
    labels = np.array([one.category for one in examples])[known]
    shares = measure.softmax(category[known] / heat[0])
    chosen = shares.argmax(axis=1)
    right = measure.accepted(chosen, labels, np.array([one.also for one in examples])[known])
    events = np.array([one.emergency for one in examples])
    found = 1 / (1 + np.exp(-emergency[:, 0] / heat[1])) >= THRESHOLD
    result = {
        "items": float(known.sum()),
        "macro_f1": measure.macro_f1(chosen, right, len(CategoryModel.HEADS)),
        "accuracy": float((chosen == right).mean()),
        "calibration_error": measure.calibration_error(shares, right),
        **measure.detection(found, events),
    }
    return {name: round(value, 4) for name, value in result.items()}


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


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--district", type=Path, default=ROOT / "districts" / "zhanggong")
    parser.add_argument("--corrections", type=Path, help="editors' corrections, JSONL")
    parser.add_argument("--corpus", type=Path, help="folder with government-reports.txt.xz and laws.txt.xz")
    parser.add_argument("--out", type=Path, default=ROOT / "models")
    arguments = parser.parse_args()

    trainer = Trainer(arguments.district, fit.Settings())
    learned, dev = gold("train"), gold("dev")
    added = data.written() + data.short() + (data.written(arguments.corrections) if arguments.corrections else [])
    weak = data.weak_negatives(arguments.corpus, WEAK, SEED) if arguments.corpus else []

    examples = learned + added
    category, emergency = trainer.cross_validate([*examples, *weak])
    category, emergency = category[: len(examples)], emergency[: len(examples)]
    labels = np.array([one.category for one in examples])
    events = np.array([one.emergency for one in examples])
    heat = measure.temperature(category, labels), measure.binary_temperature(emergency[:, 0], events)
    report = {"cross_validation": figures(examples, category, emergency, heat)}
    report["dev"] = figures(dev, *trainer.scores(trainer.fit([*examples, *weak]), dev), heat)
    print(json.dumps(report, indent=1))

    final = trainer.fit([*examples, *dev, *weak])
    for arrays, value in zip(final, heat, strict=True):
        arrays["settings"][0] = value
    manifest = {
        "made_by": "python -m training.category",
        "data": {file.name: digest(file) for file in [*sorted(ITEMS.glob("*.jsonl")), data.WRITTEN, data.SHORT]},
        "corrections": digest(arguments.corrections) if arguments.corrections else None,
        "weak_negatives": len(weak),
        "examples": len(examples) + len(dev) + len(weak),
        "settings": asdict(trainer.settings) | {"seed": SEED, "temperature": heat},
        "figures": report,
    }
    for name, arrays in zip(("category", "emergency"), final, strict=True):
        save(arguments.out / name, arrays, manifest)


if __name__ == "__main__":
    main()
