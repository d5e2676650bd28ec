"""Train the second reader: ``make train-reader`` (an hour on two cores; torch and onnx are brought for the run).

Starts from bge-small-zh-v1.5 (fetched from Maven Central once, checked by its digest), or with ``--further`` from the
reader that is there, and learns from what the fast models learn from, except the dev part of the latest gold files
(``HELD``): on those, which neither the reader nor the fast model fitted beside it has seen, the weight of its word and
the temperatures are chosen. The test part is never read. Writes models/reader with a manifest.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from huiyao.judges import load_arrays
from huiyao.network import FILE, OnnxNetwork, control
from processors.category.model import CategoryModel
from processors.reader.model import ReaderSettings, SecondReader
from processors.reader.tokens import WordPieces
from tests.gold.load import load_gold
from training.category import data, fit, measure
from training.category.__main__ import ROOT, SEED, THRESHOLD, Scores, Trainer, digest, gold, heat_of, save
from training.category.data import Example
from training.reader import claims, export, lessons, types
from training.reader.held import HELD
from training.reader.network import ADDRESS, DIGEST, Reader, base, fetch, vocabulary
from training.wording import corpus

WEAK = 300
PLAIN = 2500
"""Plain sentences of offices beside those of the gold and of the tables of claims."""
SURE, LOW, HIGH = 0.7, 0.06, 0.8
"""Where the reader is asked: below this share of the category, between these probabilities of an emergency."""
WEIGHTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
TONES = ("neg", "neu", "pos")


def held(example: Example) -> bool:
    """Is this gold item of a file of ``HELD``?"""
    return example.gid[:1] in HELD


def names_of(examples: Sequence[Example], posts: dict[str, tuple[str | None, str | None]]) -> lessons.Names:
    """Types and themes that occur."""
    types = sorted({one.event_type for one in examples if one.event_type})
    themes = sorted({theme for theme, _ in posts.values() if theme})
    return lessons.Names(tuple(types), tuple(themes), TONES)


def rehearsed(known: Sequence[Example], share: float, new: Sequence[str]) -> list[Example]:
    """All examples of the tables named, and a share of the others: a further pass over new lessons must not unlearn."""
    chooser = random.Random(SEED)
    return [one for one in known if one.gid.rsplit("-", 1)[0] in new or chooser.random() < share]


def choose(
    examples: Sequence[Example], fast: Scores, heat: tuple[float, float], reader: SecondReader
) -> tuple[ReaderSettings, dict[str, Any]]:
    """The settings and figures by weight, on items that neither saw."""
    plain = reader.read([one.item for one in examples])
    labels = np.array([one.category for one in examples])
    events = np.array([one.emergency for one in examples])
    heats = measure.temperature(plain.category, labels), measure.binary_temperature(plain.emergency[:, 0], events)
    shares = measure.softmax(fast.category / heat[0])
    chances = 1 / (1 + np.exp(-fast.emergency / heat[1]))
    asked = reader.settings.doubts(shares.max(axis=1), chances[:, 0])
    right = np.array([one.also for one in examples])
    told: dict[str, Any] = {"items": len(examples), "asked": round(float(asked.mean()), 3)}
    losses = {}
    for weight in WEIGHTS:
        read = replace(
            plain,
            weight=weight,
            category=np.log(measure.softmax(plain.category / heats[0]) + 1e-12),
            emergency=plain.emergency / heats[1],
        )
        both = np.where(asked[:, None], read.on_shares(shares), shares)
        odds = np.where(asked[:, None], read.on_odds(chances), chances)
        chosen = both.argmax(axis=1)
        accepted = measure.accepted(chosen, labels, right)
        loss = -np.log(both[np.arange(len(labels)), labels] + 1e-9).mean()
        loss -= np.log(np.where(events == 1, odds[:, 0], 1 - odds[:, 0]) + 1e-9).mean()
        losses[weight] = float(loss)
        told[f"weight_{weight}"] = {
            "loss": round(float(loss), 4),
            "macro_f1": round(measure.macro_f1(chosen, accepted, len(CategoryModel.HEADS)), 4),
            "accuracy": round(float((chosen == accepted).mean()), 4),
            **{name: round(value, 4) for name, value in measure.detection(odds[:, 0] >= THRESHOLD, events).items()},
        }
    best = min(losses, key=losses.__getitem__)
    return ReaderSettings(*heats, SURE, LOW, HIGH, best), told


def main() -> None:
    """Train, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with government-reports.txt.xz, for weak negatives")
    parser.add_argument("--cache", type=Path, default=ROOT / "data" / "reader", help="where the base model is kept")
    parser.add_argument("--checkpoint", type=Path, help="a fitted state to write out, instead of fitting")
    parser.add_argument("--further", action="store_true", help="start from the reader that is there")
    parser.add_argument(
        "--rehearse", type=float, default=1.0, help="share of what was learned before to go through again"
    )
    parser.add_argument(
        "--new",
        nargs="*",
        default=(),
        help="tables of training/category and training/content that are learned whole all the same",
    )
    parser.add_argument("--note", default="", help="what the manifest should say of this run")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "reader")
    arguments = parser.parse_args()

    folder = fetch(arguments.cache)
    tokens = vocabulary(folder)
    learned, dev = gold("train"), gold("dev")
    unseen = [one for one in dev if held(one)]
    added = data.written() + data.short()
    weak = data.weak_negatives(arguments.corpus, WEAK, SEED) if arguments.corpus else []
    known = [*learned, *(one for one in dev if not held(one)), *added, *weak]
    posts = {one.gid: (one.labels.get("theme"), one.labels.get("sentiment")) for one in load_gold("train", "dev")}
    names = names_of([*known, *unseen], posts)
    told_apart = [one for one in load_gold("train", "dev") if one.part == "train" or one.gid[:1] not in HELD]
    old_tables = [path for path in claims.TABLES if path.stem not in arguments.new]
    taught = claims.chosen(claims.of_gold(told_apart), SEED) + claims.written(old_tables)
    if arguments.corpus:
        taught += claims.plain(corpus.load(arguments.corpus).train["reports"], PLAIN, SEED)
    chooser = random.Random(SEED)
    taught = [one for one in taught if arguments.rehearse == 1.0 or chooser.random() < arguments.rehearse]
    taught += claims.written([path for path in claims.TABLES if path not in old_tables])

    lessons.seed(1)
    torch.set_num_threads(2)
    reader = Reader(base(folder), sum(lessons.sizes(names)))
    plan = lessons.FURTHER if arguments.further else lessons.FIRST
    if arguments.checkpoint:
        reader.load_state_dict(torch.load(arguments.checkpoint))
        reader.eval()
    else:
        if arguments.further:
            export.read_back(reader.encoder, folder, arguments.out / FILE)
            lessons.take_heads(reader, load_arrays(arguments.out))
        pieces = WordPieces(tokens)
        read = lessons.lessons(rehearsed(known, arguments.rehearse, arguments.new), posts, pieces, names)
        read += lessons.claim_lessons(taught, pieces)
        checkpoint = arguments.cache / "fitted.pt"
        lessons.train(reader, read, names, plan, print, lambda: torch.save(reader.state_dict(), checkpoint))

    rows = export.kept(tokens)
    export.write(reader.encoder, folder, rows, arguments.out / FILE)
    arrays = lessons.arrays_of(reader) | {"tokens": np.array([tokens[row] for row in rows])}
    arrays |= types.NONE | {"settings": np.array(ReaderSettings(1.0, 1.0, SURE, LOW, HIGH, 0.5))}
    network = OnnxNetwork(arguments.out / FILE)
    arrays |= types.fit(SecondReader(network, arrays), known)
    quick = SecondReader(network, arrays)

    trainer = Trainer(ROOT / "districts" / "zhanggong", fit.Settings())
    groups = ["held"] * len(unseen) + [""] * len(known)
    fast = trainer.cross_validate([*unseen, *known], groups).first(len(unseen))
    settings, told = choose(unseen, fast, heat_of(unseen, fast), quick)
    told["types"] = types.shares(quick, unseen, fast.types)
    print(json.dumps(told, indent=1, ensure_ascii=False), settings)
    arrays["settings"] = np.array(settings)
    manifest = {
        "made_by": "python -m training.reader",
        "base": {"name": "bge-small-zh-v1.5", "licence": "MIT", "from": ADDRESS, "sha256": DIGEST},
        "network": digest(arguments.out / FILE),
        "control": control(OnnxNetwork(arguments.out / FILE)),
        "examples": len(known),
        "sentences": len(taught),
        "note": arguments.note,
        "settings": settings._asdict()
        | plan._asdict()
        | {
            "further": arguments.further,
            "rehearse": arguments.rehearse,
            "new": list(arguments.new),
            "fast": asdict(fit.Settings()),
        },
        "figures": told,
    }
    save(arguments.out, arrays, manifest)


if __name__ == "__main__":
    main()
