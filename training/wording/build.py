"""Make the arrays of the model from the corpus: vocabulary, n-grams, contexts, relations, words."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

import numpy as np

from processors.wording.encoding import BMP, FIRST_HAN, ID_BITS, MAX_IDS, UNKNOWN, Array, build_lut
from processors.wording.language import ORDERS
from processors.wording.table import lookup, steps
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


def relations(table: Mapping[str, Confusion], lut: Array) -> dict[str, Array]:
    """Cells over (code point written, id meant), and the same as lists by code point."""
    found: dict[int, int] = {}
    for char, row in table.items():
        for name, tier in TIERS.items():
            for meant in getattr(row, name):
                if lut[ord(meant)] >= FIRST_HAN:
                    found.setdefault(ord(char) << 12 | int(lut[ord(meant)]), tier)
    keys = np.array(sorted(found), dtype=np.uint64)
    tiers = np.array([found[int(k)] for k in keys])
    written = (keys >> np.uint64(ID_BITS)).astype(np.uint32)
    begins = np.flatnonzero(np.concatenate(([True], written[1:] != written[:-1])))
    return {
        "relations": build(keys, tiers),
        "related_keys": written[begins],
        "related_offsets": np.append(begins, len(keys)).astype(np.uint32),
        "related_entries": (keys & np.uint64(MAX_IDS - 1)).astype(np.uint16) | (tiers << ID_BITS).astype(np.uint16),
    }


def _words(lut: Array) -> Array:
    found: Counter[int] = Counter()
    for word, frequency in lexicon.words():
        key = lexicon.key_of(word, lut)
        if key is not None:
            found[key] = max(found[key], frequency)
    keys = np.array(sorted(found), dtype=np.uint64)
    return build(keys, steps(np.array([found[int(k)] for k in keys])))


def singles(lut: Array) -> Array:
    """Step of each id's frequency as a word of its own (uint8), 0 where it is none."""
    made = np.zeros(MAX_IDS, dtype=np.uint8)
    for char, frequency in lexicon.singles():
        made[int(lut[ord(char)])] = steps(np.array([max(frequency, 1)]))[0]
    made[:FIRST_HAN] = 0
    return made


def encode(text: str, lut: Array) -> Array:
    """Ids (uint64) of a text."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return np.asarray(lut[np.minimum(points, BMP - 1)].astype(np.uint64))


def vocabulary(text: str) -> Array:
    """Code points of the Han characters of the model, in order of id."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return np.array([ord(c) for c in list(characters(points))[:MOST_CHARACTERS]], dtype=np.uint16)


def grams(ids: Array) -> tuple[dict[str, Array], dict[int, int]]:
    """(arrays that come from counting n-grams, counts of bigrams by key)."""
    counts = np.bincount(ids.astype(np.int64), minlength=MAX_IDS).astype(np.float64)
    counts[UNKNOWN] = 1
    made: dict[str, Array] = {"unigrams": np.log2(np.maximum(counts, 1) / counts.sum()).astype(np.float32)}
    bigrams: dict[int, int] = {}
    for n in ORDERS:
        keys, number = ngrams.count(ids, n)
        if n == 2:
            bigrams = dict(zip(keys.tolist(), number.tolist(), strict=True))
        if n == 3:
            parts = ngrams.contexts(keys, number)
            for side in ("right", "left"):
                made[f"novel_{side}"] = build(*ngrams.novelty(keys, number, right=side == "right"))
            made |= {f"context_{p}": a for p, a in zip(("keys", "lengths", "entries"), parts, strict=True)}
        kept = number >= ngrams.LEAST_COUNT[n]
        made[f"grams{n}"] = build(keys[kept], steps(number[kept]))
        log.info("%s-grams: %s kept of %s", n, int(kept.sum()), len(keys))
    return made, bigrams


def phrases(lut: Array, grams4: Array) -> Array:
    """Packed ids of the fixed phrases that are in use: in the corpus (``grams4``) or often elsewhere."""
    known = {key: n for phrase, n in lexicon.fixed() if (key := lexicon.key_of(phrase, lut)) is not None}
    keys = np.array(sorted(known), dtype=np.uint64)
    often = np.array([known[int(key)] >= lexicon.LEAST_FIXED for key in keys])
    return keys[often | (lookup(grams4, keys) > 0)]


def arrays(text: str, table: Mapping[str, Confusion]) -> dict[str, Array]:
    """All arrays but the network's, from the training text."""
    han = vocabulary(text)
    lut = build_lut([chr(c) for c in han])
    made, bigrams = grams(encode(text, lut))
    sounds = lexicon.homophones(bigrams, lut)
    parts = lexicon.homophone_arrays(sounds, lut)
    made |= {f"word_{p}": a for p, a in zip(("keys", "lengths", "entries"), parts, strict=True)}
    made |= {"han": han, "lexicon": _words(lut), "singles": singles(lut), "phrases": phrases(lut, made["grams4"])}
    return made | relations(table, lut)
