"""Train the learned claims: ``python -m training.content`` (half a minute, deterministic).

Learns from the sentences of the gold (train and dev) and of the tables here. First without the dev part of the latest
gold files (``HELD`` of ``training.reader``), which the second reader has not seen either: on those the thresholds and
the weight of the reader's word are chosen. Writes models/content with a manifest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from huiyao.judges import load_arrays
from huiyao.network import FILE, OnnxNetwork
from processors.category.batch import Coded
from processors.category.ngrams import SLOT_BITS
from processors.content.learned import ClaimSettings
from processors.content.sentences import SentenceModel
from processors.reader.model import CLAIMS, SecondReader
from tests.gold.load import load_gold
from training.category import fit
from training.category.__main__ import ROOT, SEED, digest, save
from training.reader.claims import Sentence, chosen, of_gold, plain, written
from training.reader.held import HELD
from training.wording import corpus

MOST_GRAMS, FEWEST, SCALE, STRENGTH = 14_000, 2, 6.0, 1.0
ASKED = 0.1
"""Share of sentences that the reader is asked about."""
PRECISION = 0.5
"""Least precision of a claim on held-out sentences where its threshold is chosen: suggestions must be worth reading. Of
the ordinary sentences among them nobody has labelled any, and some do boast, so it is more than it looks."""
PLAIN, UNSEEN = 4000, 1500
"""Plain sentences of offices that are learned, and those by which, beside the gold's, thresholds are chosen."""
LEAST_ODDS = -1.4
"""No threshold lies below odds of one in five: by some twenty held-out faults it slips into the crowd of plain ones."""
WEIGHTS = (0.5, 0.6, 0.7, 0.8)


def train(sentences: Sequence[Sentence]) -> dict[str, Any]:
    """The arrays of ``SentenceModel``."""
    coded = Coded([one.text for one in sentences])
    keys, places = fit.keyed(coded)
    rows = np.searchsorted(coded.starts, places, side="right") - 1
    pairs = np.unique(np.stack([keys, rows]), axis=1)
    grams = fit.frequent(*np.unique(pairs[0], return_counts=True), FEWEST, MOST_GRAMS)
    place = np.minimum(np.searchsorted(grams, keys), len(grams) - 1)
    known = grams[place] == keys
    said = sparse.csr_matrix(
        (np.ones(int(known.sum()), np.float32), (rows[known], place[known])), shape=(len(sentences), len(grams))
    )
    said.sum_duplicates()
    scales = SCALE * fit.rarity(said, 0.5)
    number = np.maximum(np.asarray(said.sum(axis=1)).ravel(), 1)
    matrix = (sparse.diags(1 / np.sqrt(number)) @ said @ sparse.diags(scales)).tocsr()
    labels = np.array([one.claims for one in sentences])
    models = [
        LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-3).fit(matrix, labels[:, column])
        for column in range(len(CLAIMS))
    ]
    slots = np.zeros(1 << SLOT_BITS, dtype=np.uint16)
    slots[grams >> 16] = np.arange(1, len(grams) + 1, dtype=np.uint16)
    return {
        "slots": slots,
        "checks": (grams & 0xFFFF).astype(np.uint16),
        "weights": (np.stack([model.coef_[0] for model in models], axis=1) * scales[:, None]).astype(np.float16),
        "bias": np.array([model.intercept_[0] for model in models], dtype=np.float32),
    }


def threshold(odds: Any, labels: Any) -> tuple[float, float]:
    """The odds from which on F1 is best among those with enough precision, and that F1."""
    order = np.argsort(-odds)
    hits = np.cumsum(labels[order])
    said = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (said + labels.sum())
    enough = hits / said >= PRECISION
    best = int(np.where(enough, f1, -1).argmax()) if enough.any() else 0
    following = odds[order][min(best + 1, len(order) - 1)]
    chosen = float((odds[order][best] + max(following, odds[order][best] - 1)) / 2)
    if chosen < LEAST_ODDS:
        count = int((odds >= LEAST_ODDS).sum())
        return LEAST_ODDS, float(f1[count - 1]) if count else 0.0
    return chosen, float(f1[best])


def choose(model: SentenceModel, reader: SecondReader, unseen: Sequence[Sentence]) -> tuple[ClaimSettings, Any]:
    """Settings and figures, on sentences of reports that neither model has seen."""
    fast = np.asarray(model.scores([one.text for one in unseen]), dtype=np.float64)
    labels = np.array([one.claims for one in unseen])
    suspected = float(np.quantile(fast.max(axis=1), 1 - ASKED))
    asked = np.flatnonzero(fast.max(axis=1) >= suspected)
    read = np.array([reader.claims(unseen[row].category, [unseen[row].text])[0] for row in asked])
    alone = [threshold(fast[:, column], labels[:, column]) for column in range(len(CLAIMS))]
    told: dict[str, Any] = {
        "sentences": len(unseen),
        "claims": labels.sum(axis=0).tolist(),
        "suspected": round(float(labels[asked].any(axis=1).sum() / max(labels.any(axis=1).sum(), 1)), 3),
        "alone": [round(f1, 3) for _, f1 in alone],
    }
    found: dict[float, list[tuple[float, float]]] = {}
    for weight in WEIGHTS:
        both = np.full_like(fast, -1e9)
        both[asked] = (1 - weight) * fast[asked] + weight * read
        found[weight] = [threshold(both[:, column], labels[:, column]) for column in range(len(CLAIMS))]
        told[f"weight_{weight}"] = [round(f1, 3) for _, f1 in found[weight]]
    best = max(WEIGHTS, key=lambda weight: sum(f1 for _, f1 in found[weight]))
    return ClaimSettings(suspected, best, tuple(at for at, _ in alone), tuple(at for at, _ in found[best])), told


def main() -> None:
    """Train, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, default=ROOT / "models" / "reader")
    parser.add_argument("--corpus", type=Path, default=Path("../shared/data/corpus"), help="plain sentences of offices")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "content")
    arguments = parser.parse_args()
    gold = list(load_gold("train", "dev"))
    held = [one for one in gold if one.part == "dev" and one.gid[:1] in HELD]
    known = [one for one in gold if one not in held]
    parts = corpus.load(arguments.corpus)
    lessons = written() + plain(parts.train["reports"], PLAIN, SEED)
    ordinary = plain(parts.fit["reports"], UNSEEN, SEED)
    reader = SecondReader(OnnxNetwork(arguments.reader / FILE), load_arrays(arguments.reader))
    first = SentenceModel(train(chosen(of_gold(known), SEED) + lessons))
    reports = list(of_gold(one for one in held if one.item["lane"] == "report"))
    settings, told = choose(first, reader, [*reports, *ordinary])
    print(json.dumps(told), settings)
    sentences = chosen(of_gold(gold), SEED) + lessons
    arrays = train(sentences) | {
        "settings": np.array([settings.suspected, settings.weight, *settings.alone, *settings.both])
    }
    manifest = {
        "made_by": "python -m training.content",
        "sentences": len(sentences),
        "reader": digest(arguments.reader / FILE),
        "settings": settings._asdict() | {"claims": [str(one) for one in CLAIMS], "asked": ASKED},
        "figures": told,
    }
    save(arguments.out, arrays, manifest)


if __name__ == "__main__":
    main()
