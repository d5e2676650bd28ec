"""Train the wording model: ``python -m training.wording [all|confusions|network|phrases|measure]``.

Reads the corpus (``--corpus``), writes ``models/wording``. Deterministic: the same corpus and versions give the
same files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
from pathlib import Path

import numpy as np

from processors.wording.encoding import FIRST_HAN, Array, build_lut
from processors.wording.finding import Genre
from processors.wording.model import ARRAYS, WordingModel
from training.files import save_array
from training.wording import build, confusion, corpus, desk, fit, glyphs, ngrams
from training.wording.inject import Injector

CORPUS = Path("../shared/data/corpus")
MODELS = Path("models/wording")
MOST_LOOK_ALIKES = 16
# A character must be this frequent to be offered as what was meant.
LEAST_MEANT = 20
MEASURED = 1500
# Passages of the desk are few, so each is learned this often a round, with other errors.
DESK_TIMES = 3
log = logging.getLogger("training.wording")


def _counts(text: str) -> dict[str, int]:
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return {c: n for c, n in build.characters(points).items() if n >= LEAST_MEANT}


def _confusions(counts: dict[str, int], target: Path) -> None:
    everything = sorted(set(confusion.gb2312()) | counts.keys())
    likes = glyphs.look_alikes(everything, MOST_LOOK_ALIKES)
    confusion.write(target / "confusions.tsv", confusion.build(counts, likes))


def _injector(counts: dict[str, int], target: Path, sounds: dict[str, list[str]]) -> Injector:
    slips: dict[str, list[str]] = {}
    for word, options in sounds.items():
        for meant in options:
            slips.setdefault(meant, []).append(word)
    return Injector(confusion.read(target / "confusions.tsv"), counts, slips)


def _save(target: Path, arrays: dict[str, Array], figures: dict[str, object]) -> None:
    files = {}
    for name in ARRAYS:
        path = target / f"{name}.npy"
        save_array(path, arrays[name])
        files[path.name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    manifest = {
        "model": "wording", "format": 2, "files": files,
        "corpus": "lawtext/gov @fc1a2f6, LawRefBook/Laws @2f4c5c2: official documents (Copyright Law, art. 5)",
        "words": "jieba 0.42.1 dict.txt (MIT)", "sounds": "pypinyin (MIT)",
        "shapes": "Noto Sans SC (OFL 1.1), drawn by typst",
        "parameters": {
            "least_count": ngrams.LEAST_COUNT, "least_context_count": ngrams.LEAST_CONTEXT_COUNT,
            "held_out_per_mille": {"fit": corpus.FIT, "test": corpus.TEST}, "seed": fit.SEED, "units": fit.UNITS,
        },
        "figures": figures,
    }  # fmt: skip
    temporary = target / f".manifest.json.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(target / "manifest.json")


def _measure(model: WordingModel, held_out: dict[str, list[str]], injector: Injector) -> dict[str, object]:
    figures: dict[str, object] = {}
    for genre, documents in held_out.items():
        texts = corpus.passages(documents)
        alarms = fit.false_alarms(model, texts, Genre.OFFICIAL)
        scores = fit.measure(model, texts[:MEASURED], injector, Genre.OFFICIAL)
        figures[genre] = {
            "passages": len(texts), "sentences": fit.sentences(texts),
            "false_alarms_per_1000_sentences": round(alarms, 2),
            "kinds": {kind: score.rounded() for kind, score in scores.items()},
        }  # fmt: skip
    return figures


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="training.wording", description=__doc__)
    parser.add_argument(
        "what", nargs="?", default="all", choices=("all", "confusions", "network", "phrases", "measure")
    )
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--models", type=Path, default=MODELS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.what == "phrases":
        _phrases(options.models)
        return
    parts = corpus.load(options.corpus)
    text = "\n\n".join(d for documents in parts.train.values() for d in documents)
    counts = _counts(text)
    if options.what == "confusions" or not (options.models / "confusions.tsv").exists():
        _confusions(counts, options.models)
        if options.what == "confusions":
            return
    if options.what == "all":
        arrays = build.arrays(text, confusion.read(options.models / "confusions.tsv"))
    else:
        arrays = {name: np.load(options.models / f"{name}.npy") for name in ARRAYS}
    injector = _injector(counts, options.models, _stored_sounds(arrays))
    if options.what != "measure":
        log.info("fitting the network")
        arrays |= fit.fit(_lessons(arrays, parts), injector)
    figures = _measure(WordingModel.from_arrays(arrays), parts.test, injector)
    log.info("%s", json.dumps(figures, ensure_ascii=False, indent=1))
    _save(options.models, arrays, figures)


def _phrases(target: Path) -> None:
    """Only the fixed phrases anew; the figures of the other arrays stay."""
    arrays = {name: np.load(target / f"{name}.npy") for name in ARRAYS if name != "phrases"}
    arrays["phrases"] = build.phrases(build_lut([chr(c) for c in arrays["han"]]), arrays["grams4"])
    _save(target, arrays, json.loads((target / "manifest.json").read_text("utf-8"))["figures"])


def _lessons(arrays: dict[str, Array], parts: corpus.Corpus) -> list[tuple[WordingModel, list[str]]]:
    """The model on passages like its corpus and on what a desk receives, and a model of each genre on passages of the
    other."""
    lut = build_lut([chr(c) for c in arrays["han"]])
    base = arrays | fit.empty_network()
    held = {genre: corpus.passages(documents) for genre, documents in parts.fit.items()}
    received = desk.cut([*desk.texts("train"), *desk.written()])
    lessons = [(WordingModel.from_arrays(base), held["reports"] + held["laws"] + DESK_TIMES * received)]
    for known, strange in (("laws", "reports"), ("reports", "laws")):
        counted, _ = build.grams(build.encode("\n\n".join(parts.train[known]), lut))
        lessons.append((WordingModel.from_arrays(base | counted), held[strange]))
    return lessons


def _stored_sounds(arrays: dict[str, Array]) -> dict[str, list[str]]:
    """Homophones of words as written in the model's arrays."""
    han, offsets, entries = arrays["han"], arrays["word_offsets"], arrays["word_entries"]
    first = FIRST_HAN

    def word(key: int) -> str:
        return chr(int(han[(key >> 12) - first])) + chr(int(han[(key & 0xFFF) - first]))

    return {
        word(int(key)): [word(int(e)) for e in entries[offsets[i] : offsets[i + 1]]]
        for i, key in enumerate(arrays["word_keys"])
    }


if __name__ == "__main__":
    main()
