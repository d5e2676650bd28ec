"""Train the model of pairs: ``python -m training.stories`` (some minutes of one core, deterministic).

Plays the gold (train and dev) and the lessons of this folder in order of time, each hand by itself and all together,
and learns from every candidate that blocking brings whether it is of the same event. Each is learned a second time with
some types of events forgotten, as the judge forgets them on texts that it never saw. Figures are those of unseen hands
of the gold (five folds). Writes models/stories with a manifest.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from huiyao.districts import load_district
from huiyao.judges import make_judge
from processors.stories import StoryMatcher, StoryRules, blocking_keys
from processors.story_begin import can_be_followed
from processors.story_evidence import NAMES, evidence
from processors.story_features import Features, features, sign
from processors.story_model import PairModel
from processors.story_weights import Weights
from schemas.assessment import AssessedItem
from schemas.story import StoryAssigned
from tests.gold import metrics
from tests.gold.evaluate import Case, judge_gold
from tests.gold.load import ITEMS, load_gold
from training.category.__main__ import digest, save

ROOT = Path(__file__).resolve().parent.parent.parent
LESSONS = Path(__file__).parent / "items"
"""Hands that wrote for this training only; never measured."""
Array = npt.NDArray[Any]
FOLDS = 5
JOINS = (0.6, 0.65, 0.7)
RISING = frozenset(
    "place wording figures time kind follow_up reply alike total pairs pairs_of_smaller pairs_of_larger title names "
    "numbers clocks specific towns near told same_day day_said days nicknames figures_same keys "
    "moment code_level focus_level last_focus_level worth worth_top worth_of_smaller worth_of_both "
    "signs signs_top signs_of_smaller ages people counted parts".split()
)
"""Numbers of the evidence of which more never speaks against one event, whatever a few examples say."""
FALLING = frozenset("code_gap focus_gap last_focus_gap".split())
"""Numbers of which more never speaks for one event."""
ALL = "*"
"""Weights from all hands, beside those without each one."""
SEED = 20261130


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen on unseen hands (docs/judgement/content.md)."""

    trees: int = 120
    leaves: int = 8
    rate: float = 0.06
    least_in_leaf: int = 80
    ridge: float = 5.0
    forgotten: float = 0.2
    """Share of the types of events that the second copy forgets."""
    join: float = 0.7
    """One of ``JOINS``: F1 falls slowly from 0.6 to 0.7, and a wrong join is worse than a missing one (unseen hands:
    precision .83 at .6, .86 at .7)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of evidence, whether they are of one event, and whose text it was."""

    rows: Array
    same: Array
    hands: Array


class Walk(StoryMatcher):
    """A window in which every item has the story that its label says."""

    def __init__(self, rules: StoryRules) -> None:
        super().__init__(rules, _NOBODY)

    def compared(
        self, item: AssessedItem, event: str, weights: Weights, forget: bool
    ) -> Iterable[tuple[list[float], bool]]:
        """The evidence of the item and each candidate, and whether they are of one event; then the item is put in."""
        signature = sign(item, self._rules)
        new = features(signature, self._rules, weights)
        if forget:
            new = _forgetful(new)
        keys = blocking_keys(new)
        story = event if can_be_followed(item) else None
        for entry, common in self.candidates(keys) if story else ():
            row, rule = evidence(entry.features, new, common, weights)
            if not rule:
                yield row, entry.story == event
        self._remember(
            StoryAssigned(
                item_id=item.item_id, district=item.district, version=item.version, story=story,
                relation="first" if story else "alone", score=0.0, assigned_at=item.received_at, signature=signature,
            ), new, keys,
        )  # fmt: skip


def _forgetful(found: Features) -> Features:
    return replace(found, event_type=None, groups=frozenset())


def _nobody() -> PairModel:
    leaf, worth = np.zeros((1, 1), np.int64), np.zeros((1, 1))
    return PairModel(leaf, worth, leaf, leaf, worth, start=0.0, depth=0, join=1.0)


_NOBODY = _nobody()


def weigh(cases: Sequence[Case], rules: StoryRules) -> dict[str, Weights]:
    """What signs and pairs of them are worth by how many events of the gold have them: for all, and without each hand.

    Without its own hand, as a new text is met: what nobody wrote yet is worth most.
    """
    said: dict[tuple[str, str], set[str]] = {}
    for case in cases:
        found = said.setdefault((_hand(case), case.gold.event), set())
        for key in sign(case.assessed, rules).keys:
            found.update(key[2:] if key[:2] == "u:" else (key,) if len(key) == 2 and key[1] != ":" else ())
    counts: dict[str, Counter[str]] = {}
    for (hand, _), found in said.items():
        counts.setdefault(hand, Counter()).update(found)
    events = Counter(hand for hand, _ in said)
    whole = sum(counts.values(), Counter())
    weights = {hand: _weights(whole - own, len(said) - events[hand]) for hand, own in counts.items()}
    return {**weights, ALL: _weights(whole, len(said))}


def _weights(counts: Counter[str], events: int) -> Weights:
    most = log((events + 1) / 2)
    return Weights({one: round(log((events + 1) / (n + 1)) / most, 4) for one, n in sorted(counts.items()) if n > 1})


def collect(cases: Sequence[Case], rules: StoryRules, settings: Settings, weights: Mapping[str, Weights]) -> Pairs:
    """Every candidate of every item, within its hand and among all, with and without forgetting."""
    hands = sorted({_hand(case) for case in cases})
    windows = [[case for case in cases if _hand(case) == hand] for hand in hands] + [list(cases)]
    rows, same, owners = [], [], []
    for share in (0.0, settings.forgotten):
        chance = Random(SEED)
        for window in windows:
            walk = Walk(rules)
            for case in window:
                for row, one in walk.compared(
                    case.assessed, case.gold.event, weights[_hand(case)], chance.random() < share
                ):
                    rows.append(row)
                    same.append(one)
                    owners.append(_hand(case))
    return Pairs(np.array(rows), np.array(same), np.array(owners))


def _hand(case: Case) -> str:
    return case.gold.gid.split("-")[0]


def fit(pairs: Pairs, chosen: Array, settings: Settings, weights: Weights) -> dict[str, Array]:
    """The arrays of a model learned from the chosen rows."""
    learned = HistGradientBoostingClassifier(
        max_iter=settings.trees,
        max_leaf_nodes=settings.leaves,
        learning_rate=settings.rate,
        min_samples_leaf=settings.least_in_leaf,
        l2_regularization=settings.ridge,
        monotonic_cst=[(name in RISING) - (name in FALLING) for name in NAMES],
        early_stopping=False,
        random_state=SEED,
    ).fit(pairs.rows[chosen], pairs.same[chosen])
    trees = [one[0].nodes for one in learned._predictors]
    shape = (len(trees), max(map(len, trees)))
    arrays = {name: np.zeros(shape, np.int16) for name in ("asked", "low", "high")}
    arrays |= {name: np.zeros(shape, np.float64) for name in ("bound", "value")}
    for number, nodes in enumerate(trees):
        for at, node in enumerate(nodes):
            leaf = bool(node["is_leaf"])
            arrays["asked"][number, at] = 0 if leaf else node["feature_idx"]
            arrays["bound"][number, at] = 0.0 if leaf else node["num_threshold"]
            arrays["low"][number, at], arrays["high"][number, at] = (at, at) if leaf else (node["left"], node["right"])
            arrays["value"][number, at] = node["value"] if leaf else 0.0
    depth = max(int(nodes["depth"].max()) for nodes in trees)
    start = float(np.ravel(learned._baseline_prediction)[0])
    signs = np.array(list(weights.known), dtype="U2")
    arrays |= {"signs": signs, "worth": np.array(list(weights.known.values()), dtype=np.float32)}
    return {"names": np.array(NAMES), "settings": np.array([start, depth, settings.join]), **arrays}


def play(cases: Sequence[Case], rules: StoryRules, model: PairModel) -> metrics.Counts:
    """Pairs of one event against pairs that got one story."""
    window = StoryMatcher(rules, model)
    given = {case.gold.gid: window.assign(case.assessed).story for case in cases}
    return metrics.pair_counts({case.gold.gid: case.gold.event for case in cases}, given)


def unseen(
    cases: Sequence[Case], pairs: Pairs, rules: StoryRules, settings: Settings, weights: Mapping[str, Weights]
) -> dict[float, dict[str, metrics.Counts]]:
    """For each ``join``: the pairs of each hand, by models that saw nothing of that hand."""
    hands = sorted({_hand(case) for case in cases})
    found: dict[float, dict[str, metrics.Counts]] = {join: {} for join in JOINS}
    for fold in range(FOLDS):
        left_out = hands[fold::FOLDS]
        fitted = PairModel.from_arrays(fit(pairs, ~np.isin(pairs.hands, left_out), settings, weights[ALL]))
        for hand in left_out:
            model = replace(fitted, weights=weights[hand])
            own = [case for case in cases if _hand(case) == hand]
            for join in JOINS:
                found[join][hand] = play(own, rules, replace(model, join=join))
        print(f"without {' '.join(left_out)}", flush=True)
    return found


def main() -> None:
    """Measure, fit on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--district", type=Path, default=ROOT / "districts" / "zhanggong")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    arguments = parser.parse_args()
    settings = Settings()
    folder = load_district(arguments.district)
    rules = StoryRules.from_tables(folder.tables, district=folder.id)
    judge = make_judge(folder, arguments.models)
    gold = judge_gold(judge, list(load_gold("train", "dev")), stories=False)
    lessons = judge_gold(judge, list(load_gold(folder=LESSONS)), stories=False)
    cases = sorted([*gold, *lessons], key=lambda case: (case.assessed.input.published_at, case.gold.gid))
    weights = weigh(cases, rules)
    pairs = collect(cases, rules, settings, weights)
    print(f"{len(pairs.rows)} candidates, {int(pairs.same.sum())} of one event", flush=True)
    by_join = unseen(gold, pairs, rules, settings, weights)
    figures = {str(join): summary(hands) for join, hands in by_join.items()}
    for join, figure in figures.items():
        print(join, figure)
    arrays = fit(pairs, np.ones(len(pairs.rows), dtype=bool), settings, weights[ALL])
    save(
        arguments.models / "stories",
        arrays,
        {
            "made_by": "python -m training.stories",
            "gold": {file.name: digest(file) for file in sorted(ITEMS.glob("*.jsonl"))},
            "lessons": {file.name: digest(file) for file in sorted(LESSONS.glob("*.jsonl"))},
            "settings": {name: getattr(settings, name) for name in Settings.__slots__},
            "candidates": len(pairs.rows),
            "unseen_hands": figures,
            "by_hand": {hand: [one.tp, one.fp, one.fn] for hand, one in by_join[settings.join].items()},
        },
    )


def summary(hands: dict[str, metrics.Counts]) -> dict[str, float]:
    """Precision, recall and F1 over all pairs, and the mean of the hands' F1."""
    counts = list(hands.values())
    return {
        "precision": round(metrics.precision(counts), 3),
        "recall": round(metrics.recall(counts), 3),
        "f1": round(metrics.f1(counts), 3),
        "f1_mean_of_hands": round(float(np.nanmean([metrics.f1([one]) for one in counts])), 3),
    }


if __name__ == "__main__":
    main()
