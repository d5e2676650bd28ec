"""Make the arrays of the model from the corpus: vocabulary, n-grams, contexts, relations, words."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

import numpy as np

from processors.wording.encoding import BMP, FIRST_HAN, MAX_IDS, UNKNOWN, Array, build_lut
from processors.wording.language import ORDERS
from processors.wording.table import steps
from training.wording import lexicon, ngrams
from training.wording.confusion import Confusion
from training.wording.pack import build

log = logging.getLogger(__name__)
# Characters rarer than this in the corpus are "unknown": their contexts could not be judged.
LEAST_CHARACTER = 5
MOST_CHARACTERS = MAX_IDS - FIRST_HAN
TIERS = {"same": 1, "shape": 2, "near": 3}


def characters(points: Array) -> dict[str, int]:
    """Han characters of the corpus with their counts, most frequent first."""
    counts = np.bincount(np.minimum(points, BMP - 1), minlength=BMP)
    order = np.argsort(-counts, kind="stable")
    return {chr(c): int(counts[c]) for c in order if 0x4E00 <= c <= 0x9FFF and counts[c] >= LEAST_CHARACTER}


def relations(table: Mapping[str, Confusion], lut: Array) -> Array:
    """Cells over (code point written, id meant)."""
    found: dict[int, int] = {}
    for char, row in table.items():
        for name, tier in TIERS.items():
            for meant in getattr(row, name):
                if lut[ord(meant)] >= FIRST_HAN:
                    found.setdefault(ord(char) << 12 | int(lut[ord(meant)]), tier)
    keys = np.array(sorted(found), dtype=np.uint64)
    return build(keys, np.array([found[int(k)] for k in keys]))


def _words(lut: Array) -> Array:
    found: Counter[int] = Counter()
    for word, frequency in lexicon.words():
        key = lexicon.key_of(word, lut)
        if key is not None:
            found[key] = max(found[key], frequency)
    keys = np.array(sorted(found), dtype=np.uint64)
    return build(keys, steps(np.array([found[int(k)] for k in keys])))


def arrays(text: str, table: Mapping[str, Confusion]) -> tuple[dict[str, Array], dict[str, list[str]]]:
    """(all arrays but the network's, homophones of words) from the training text."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    han = list(characters(points))[:MOST_CHARACTERS]
    lut = build_lut(han)
    ids = lut[np.minimum(points, BMP - 1)].astype(np.uint64)
    counts = np.bincount(ids.astype(np.int64), minlength=MAX_IDS).astype(np.float64)
    counts[UNKNOWN] = 1
    made: dict[str, Array] = {
        "han": np.array([ord(c) for c in han], dtype=np.uint16),
        "unigrams": np.log2(np.maximum(counts, 1) / counts.sum()).astype(np.float32),
        "relations": relations(table, lut),
        "lexicon": _words(lut),
    }
    sounds: dict[str, list[str]] = {}
    for n in ORDERS:
        keys, number = ngrams.count(ids, n)
        if n == 2:
            sounds = lexicon.homophones(dict(zip(keys.tolist(), number.tolist(), strict=True)), lut)
        if n == 3:
            parts = ngrams.contexts(keys, number)
            made |= {f"context_{p}": a for p, a in zip(("keys", "offsets", "entries"), parts, strict=True)}
        kept = number >= ngrams.LEAST_COUNT[n]
        made[f"grams{n}"] = build(keys[kept], steps(number[kept]))
        log.info("%s-grams: %s kept of %s", n, int(kept.sum()), len(keys))
    parts = lexicon.homophone_arrays(sounds, lut)
    made |= {f"word_{p}": a for p, a in zip(("keys", "offsets", "entries"), parts, strict=True)}
    return made, sounds
