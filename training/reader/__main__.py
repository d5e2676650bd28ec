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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from huiyao.judges import load_arrays
from huiyao.network import FILE, OnnxNetwork, control
from processors.category.model import CategoryModel
from processors.reader.model import Doubts, ReaderSettings, SecondReader, are_posts
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
OTHERS, POSTS = Doubts(0.7, 0.06, 1.0, 0.5), Doubts(0.85, 0.02, 1.0, 0.5)
"""Where the reader is asked: of posts the fast judges are wrong more often where they are sure, and of what kind an
emergency is, it knows better. Weights are chosen."""
WEIGHTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
TONES = ("neg", "neu", "pos")
Array = npt.NDArray[Any]


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
    right = np.array([one.also for one in examples])
    read = replace(
        plain,
        category=np.log(measure.softmax(plain.category / heats[0]) + 1e-12),
        emergency=plain.emergency / heats[1],
    )
    told: dict[str, Any] = {"items": len(examples)}
    posts = are_posts([one.item for one in examples])
    chosen = []
    for name, own, doubts in (("others", ~posts, OTHERS), ("posts", posts, POSTS)):
        asked = doubts.asked(shares.max(axis=1), chances[:, 0])
        told[name] = {"items": int(own.sum()), "asked": round(float(asked[own].mean()), 3)}
        losses = {}
        for weight in WEIGHTS:
            weighed = replace(read, weight=np.full(len(examples), weight))
            both = np.where(asked[:, None], weighed.on_shares(shares), shares)[own]
            odds = np.where(asked[:, None], weighed.on_odds(chances), chances)[own, 0]
            told[name][f"weight_{weight}"] = _figures(both, odds, labels[own], events[own], right[own])
            losses[weight] = told[name][f"weight_{weight}"]["loss"]
        chosen.append(doubts._replace(weight=min(losses, key=losses.__getitem__)))
    return ReaderSettings(*heats, *chosen), told


def _figures(shares: Array, chances: Array, labels: Array, events: Array, right: Array) -> dict[str, float]:
    """``shares`` of the categories, ``chances`` of an emergency; ``right``: second labels."""
    chosen = shares.argmax(axis=1)
    accepted = measure.accepted(chosen, labels, right)
    loss = -np.log(shares[np.arange(len(labels)), labels] + 1e-9).mean()
    loss -= np.log(np.where(events == 1, chances, 1 - chances) + 1e-9).mean()
    return {
        "loss": round(float(loss), 4),
        "macro_f1": round(measure.macro_f1(chosen, accepted, len(CategoryModel.HEADS)), 4),
        "accuracy": round(float((chosen == accepted).mean()), 4),
        **{name: round(value, 4) for name, value in measure.detection(chances >= THRESHOLD, events).items()},
    }


def mixed(before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor], share: float) -> dict[str, Any]:
    """The weights of two readers on the way between them (Wortsman et al., Robust fine-tuning, CVPR 2022): what new
    lessons teach, without much of what they make it forget."""
    return {
        name: share * after[name] + (1 - share) * before[name] if before[name].is_floating_point() else after[name]
        for name in after
    }


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
        "--mix", type=float, default=1.0, help="with --further: share of the new weights, the rest are the former ones"
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
    taught = [one for one in taught if chooser.random() < arguments.rehearse]
    taught += claims.written([path for path in claims.TABLES if path not in old_tables])

    lessons.seed(1)
    torch.set_num_threads(2)
    reader = Reader(base(folder), sum(lessons.sizes(names)))
    plan = lessons.FURTHER if arguments.further else lessons.FIRST
    if arguments.further:
        export.read_back(reader.encoder, folder, arguments.out / FILE)
        lessons.take_heads(reader, load_arrays(arguments.out))
    before = {name: value.clone() for name, value in reader.state_dict().items()}
    if arguments.checkpoint:
        reader.load_state_dict(torch.load(arguments.checkpoint))
        reader.eval()
    else:
        pieces = WordPieces(tokens)
        read = lessons.lessons(rehearsed(known, arguments.rehearse, arguments.new), posts, pieces, names)
        read += lessons.claim_lessons(taught, pieces)
        checkpoint = arguments.cache / "fitted.pt"
        lessons.train(reader, read, names, plan, print, lambda: torch.save(reader.state_dict(), checkpoint))
    if arguments.mix < 1:
        reader.load_state_dict(mixed(before, reader.state_dict(), arguments.mix))

    rows = export.kept(tokens)
    export.write(reader.encoder, folder, rows, arguments.out / FILE)
    arrays = lessons.arrays_of(reader) | {"tokens": np.array([tokens[row] for row in rows])}
    arrays |= types.NONE | {"settings": ReaderSettings(1.0, 1.0, OTHERS, POSTS).array()}
    network = OnnxNetwork(arguments.out / FILE)
    arrays |= types.fit(SecondReader(network, arrays), known)
    quick = SecondReader(network, arrays)

    trainer = Trainer(ROOT / "districts" / "zhanggong", fit.Settings())
    groups = ["held"] * len(unseen) + [""] * len(known)
    fast = trainer.cross_validate([*unseen, *known], groups).first(len(unseen))
    settings, told = choose(unseen, fast, heat_of(unseen, fast), quick)
    told["types"] = types.shares(quick, unseen, fast.types)
    print(json.dumps(told, indent=1, ensure_ascii=False), settings)
    arrays["settings"] = settings.array()
    manifest = {
        "made_by": "python -m training.reader",
        "base": {"name": "bge-small-zh-v1.5", "licence": "MIT", "from": ADDRESS, "sha256": DIGEST},
        "network": digest(arguments.out / FILE),
        "control": control(network),
        "examples": len(known),
        "sentences": len(taught),
        "note": arguments.note,
        "settings": {
            "category_heat": settings.category_heat,
            "emergency_heat": settings.emergency_heat,
            "others": settings.others._asdict(),
            "posts": settings.posts._asdict(),
        }
        | plan._asdict()
        | {
            "further": arguments.further,
            "rehearse": arguments.rehearse,
            "mix": arguments.mix,
            "new": list(arguments.new),
            "fast": asdict(fit.Settings()),
        },
        "figures": told,
    }
    save(arguments.out, arrays, manifest)


if __name__ == "__main__":
    main()
