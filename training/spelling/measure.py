"""How often slips are found, what is said of clean sentences, and how much is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from processors.spelling.judge import SpellingJudge
from processors.wording import guards
from processors.wording.finding import Genre
from processors.wording.judge import both
from processors.wording.model import Proposal, WordingModel
from training.spelling.gate import repaired, spoilt
from training.spelling.slips import SlipMaker, Spoilt

SEED = 20261202


def pick_share(judge: SpellingJudge, texts: Sequence[str], maker: SlipMaker, share: float) -> tuple[float, float]:
    """(log odds of the gate from which on this share of clean sentences is read, share of slips in what is read)."""
    made = list(spoilt(texts, maker, np.random.default_rng(SEED)))
    suspected = float(np.quantile(_highest(judge, texts), 1 - share))
    return suspected, float((_highest(judge, [one.text for one in made]) >= suspected).mean())


def _highest(judge: SpellingJudge, texts: Sequence[str]) -> Any:
    batch, places, odds = judge.look(texts)
    highest = np.full(len(texts), -np.inf)
    np.maximum.at(highest, batch.owner(places), odds)
    return highest


def measure(
    judge: SpellingJudge, wording: WordingModel, texts: Sequence[str], maker: SlipMaker, genre: Genre
) -> dict[str, Any]:
    """Of made slips, one a sentence: found and put right by the n-grams alone, and by both; alarms of clean ones."""
    made = list(spoilt(texts, maker, np.random.default_rng(SEED + 1)))
    shown = [one.text for one in made]
    alone = _kept(shown, wording.propose(shown, genre), wording)
    joined = _kept(shown, _with(judge, wording, shown, genre), wording)
    told: dict[str, Any] = {"sentences": len(texts), "slips": len(made)}
    for name, proposed in (("n_grams", alone), ("both", joined)):
        found: Counter[str] = Counter()
        for one, proposals in zip(made, proposed, strict=True):
            first, end = _span(one)
            touching = [each for each in proposals if each.start < end and each.end > first - 1]
            found["found"] += bool(touching)
            found[one.kinds[0]] += bool(touching)
            found["false"] += len(proposals) - len(touching)
            found["right"] += any(_put(one.text, each) == repaired(one) for each in touching)
        kinds = Counter(one.kinds[0] for one in made)
        told[name] = {
            "recall": round(found["found"] / len(made), 3),
            "repaired": round(found["right"] / len(made), 3),
            "precision": round(found["found"] / max(1, found["found"] + found["false"]), 3),
            "kinds": {kind: round(found[kind] / count, 3) for kind, count in sorted(kinds.items())},
        }
    clean = list(texts)
    told["alarms_per_1000"] = {
        name: round(1000 * sum(map(len, _kept(clean, proposed, wording))) / len(clean), 2)
        for name, proposed in (
            ("n_grams", wording.propose(clean, genre)), ("both", _with(judge, wording, clean, genre)),
        )
    }  # fmt: skip
    return told


def _with(judge: SpellingJudge, wording: WordingModel, texts: Sequence[str], genre: Genre) -> list[list[Proposal]]:
    read = judge.propose(texts, genre)
    return [both(first, second) for first, second in zip(wording.propose(texts, genre), read, strict=True)]


def _kept(texts: Sequence[str], proposed: Sequence[list[Proposal]], wording: WordingModel) -> list[list[Proposal]]:
    return [guards.kept(text, own, wording.is_word) for text, own in zip(texts, proposed, strict=True)]


def _span(made: Spoilt) -> tuple[int, int]:
    wrong = [place for place, (one, other) in enumerate(zip(made.text, made.meant, strict=True)) if one != other]
    return wrong[0], wrong[-1] + 1


def _put(text: str, one: Proposal) -> str:
    return text[: one.start] + one.meant + text[one.end :]
