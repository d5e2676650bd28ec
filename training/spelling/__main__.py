"""Train the spelling reader: ``make train-spelling`` (an hour of one core; torch and onnx come for the run only).

Starts from bge-small-zh-v1.5 (fetched from Maven Central once, checked by its digest) and learns from passages with
made slips: first many in each, then as few as people make. Writes models/spelling with a manifest. The wording model
must be there; held-out documents of the corpus and every gold item with a labelled typo are not learned from.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from huiyao.judges import load_arrays
from huiyao.network import FILE, OnnxNetwork, control
from processors.spelling.judge import SpellingJudge, SpellingSettings
from processors.spelling.model import SpellingReader
from processors.wording.encoding import Array
from processors.wording.finding import Genre
from processors.wording.model import WordingModel
from training.category.__main__ import ROOT, digest, save
from training.reader.network import ADDRESS, DIGEST, base, fetch, vocabulary
from training.spelling import export, fit, gate, lessons, weigh
from training.spelling.measure import measure, pick_share
from training.spelling.network import Speller
from training.spelling.slips import SlipMaker
from training.spelling.vocabulary import kept
from training.wording import confusion, corpus
from training.wording.__main__ import _counts as counts_of

SEED = 20261201
DENSE, THIN = fit.Plan(14, 4e-4), fit.Plan(33, 3e-4)
"""First many slips a passage, then few (and a fifth as in the first)."""
SHARES = {"dense": (0.4, 0.5, 0.1), "thin": (0.5, 0.42, 0.08)}
"""Of the desk, reports and laws among the passages."""
STILL_DENSE = 0.2
PLANS = [("dense", DENSE, 1.0), ("thin", THIN, STILL_DENSE)]
READ = 0.15
"""Share of the desk's sentences that the gate lets the reader read."""
BARS = {Genre.OFFICIAL: 3.4, Genre.NEWS: 6.0}
"""Log odds from which on an answer is proposed, set on the gold's train part (reports: 9 slips more, 1 false) and on
newspapers, where nearly nothing is wrong; in doubt the slip is passed over."""
ROUNDS = 4
"""Times that each held-out sentence of the desk is spoilt anew."""
OFFICIAL_SENTENCES, GATE_PASSAGES = 1000, 5000


class Held(NamedTuple):
    """Sentences that the network has not seen, of the desk and of the corpus."""

    desk: list[str]
    official: list[str]


def main() -> None:
    """Train, fit what weighs, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/data/corpus"))
    parser.add_argument("--cache", type=Path, default=ROOT / "data" / "reader", help="where the base model is kept")
    parser.add_argument("--checkpoint", type=Path, help="a fitted state to write out, instead of fitting")
    parser.add_argument("--further", type=float, help="learn on from the reader that is there, for so many minutes")
    parser.add_argument("--note", default="", help="what the manifest should say of this run")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "spelling")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(1)
    folder = fetch(arguments.cache)
    tokens = vocabulary(folder)
    parts = corpus.load(arguments.corpus)
    counts = counts_of("\n\n".join(one for documents in parts.train.values() for one in documents))
    rows = kept(tokens, set(confusion.gb2312()) | counts.keys())
    maker = SlipMaker(confusion.read(ROOT / "models" / "wording" / "confusions.tsv"), counts)
    received = lessons.received_passages()
    speller = Speller(base(folder), rows)
    if arguments.checkpoint:
        speller.load_state_dict(torch.load(arguments.checkpoint))
        speller.eval()
    else:
        plans = PLANS
        if arguments.further:
            export.read_back(speller, folder, arguments.out / FILE, load_arrays(arguments.out))
            plans = [("thin", fit.Plan(arguments.further, THIN.rate / 2), STILL_DENSE)]
        known = lessons.passages(parts, received)
        _learn(speller, known, maker, [tokens[row] for row in rows], arguments.cache / "speller.pt", plans)
    export.write(speller, folder, arguments.out / FILE)
    arrays = export.arrays(speller, [tokens[row] for row in rows])

    wording = WordingModel.from_arrays(load_arrays(ROOT / "models" / "wording"))
    held = Held(
        gate.cut([one for one in received if lessons.held(one)]),
        gate.cut([one for documents in parts.fit.values() for one in corpus.passages(documents)])[:OFFICIAL_SENTENCES],
    )
    learned = [one for one in received if not lessons.held(one)]
    arrays |= gate.fit(wording, learned[:: max(1, len(learned) // GATE_PASSAGES)], maker)
    network = OnnxNetwork(arguments.out / FILE)
    arrays, told = _weigh(wording, arrays, held, maker, network)
    judge = _judge(wording, network, arrays)
    tested = {
        genre: gate.cut(corpus.passages(documents))[:OFFICIAL_SENTENCES] for genre, documents in parts.test.items()
    }
    told |= {name: measure(judge, wording, some, maker, Genre.OFFICIAL) for name, some in tested.items()}
    told["desk"] = measure(judge, wording, held.desk, maker, Genre.OFFICIAL)
    print(json.dumps(told, indent=1, ensure_ascii=False))
    manifest = {
        "made_by": "python -m training.spelling",
        "base": {"name": "bge-small-zh-v1.5", "licence": "MIT", "from": ADDRESS, "sha256": DIGEST},
        "network": digest(arguments.out / FILE),
        "control": control(network),
        "note": arguments.note,
        "further": arguments.further,
        "plans": {"dense": DENSE._asdict(), "thin": THIN._asdict()},
        "settings": judge.settings._asdict(),
        "weights": weigh.table(arrays["weights"]),
        "figures": told,
    }
    save(arguments.out, arrays, manifest)


def _learn(
    speller: Speller,
    known: lessons.Passages,
    maker: SlipMaker,
    tokens: list[str],
    checkpoint: Path,
    plans: list[tuple[str, fit.Plan, float]],
) -> None:
    chooser = np.random.default_rng(SEED + int(sum(plan.minutes for _, plan, _ in plans)))
    for name, plan, dense in plans:
        stream = lessons.batches(known, SHARES[name], maker, tokens, chooser, dense)
        fit.train(speller, stream, plan, print, lambda: torch.save(speller.state_dict(), checkpoint))


def _judge(wording: WordingModel, network: OnnxNetwork, arrays: dict[str, Array]) -> SpellingJudge:
    return SpellingJudge(wording, SpellingReader(network, arrays), arrays)


def _weigh(
    wording: WordingModel, arrays: dict[str, Array], held: Held, maker: SlipMaker, network: OnnxNetwork
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays with ``weights`` and ``settings``, and how they were chosen."""
    quick = arrays | {"weights": np.zeros(len(weigh.WEIGHED) + 1), "settings": np.array([0.0, 0.0, 0.0])}
    judge = _judge(wording, network, quick)
    suspected, recall = pick_share(judge, held.desk, maker, READ)
    quick["settings"] = np.array([suspected, 0.0, 0.0])
    chooser = np.random.default_rng(SEED)
    made = [maker.spoil(one, chooser) for one in [*(ROUNDS * held.desk), *held.official]]
    weights = weigh.fit(weigh.answers(_judge(wording, network, quick), made))
    settings = SpellingSettings(suspected, BARS[Genre.OFFICIAL], BARS[Genre.NEWS])
    told = {"read": READ, "slips_in_what_is_read": round(recall, 3), "sentences": len(held.desk)}
    return quick | {"weights": weights, "settings": np.array(settings)}, told


if __name__ == "__main__":
    main()
