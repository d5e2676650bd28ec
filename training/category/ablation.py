"""What each part brings: ``python -m training.category.ablation`` (`make ablation`) prints a table for the docs.

Each row leaves one part out and cross-validates by event on the gold's train and dev parts; test is never read. Figures
of one run compare with each other, not with those of another day's gold.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from processors.category.features import BLOCKERS
from processors.emergency.rules import RuleWeights
from processors.emergency.types import VOTES
from training.category import data, fit
from training.category.__main__ import ROOT, SEED, WEAK, Scores, Trainer, by_event, figures, gold, heat_of
from training.category.data import Example

FOLDS = 3
ALL = fit.Settings()
ALMIGHTY = 1e6
"""A weight of the votes beside which the model says nothing."""
COLUMNS = ("macro_f1", "calibration_error", "recall", "precision", "false_alarm_rate", "event_type")


@dataclass(frozen=True, slots=True)
class Part:
    """What is left out: features by pattern, settings, or examples whose number begins so."""

    name: str
    settings: fit.Settings = ALL
    examples: tuple[str, ...] = ()
    copies: bool = True
    votes: float = VOTES
    views: bool = True


def parts() -> list[Part]:
    """All parts, the first one nothing."""
    settings = ALL
    blockers = "|".join(BLOCKERS)
    return [
        Part("（全部都在）"),
        Part("字 n 元组", replace(settings, gram_scale=0.0, emergency_gram_scale=0.0)),
        Part("词表概念与形式特征", replace(settings, dense_scale=0.0, emergency_dense_scale=0.0)),
        Part("句内佐证（触发词同句）", replace(settings, without="with:.*|only:.*|best:.*|live:.*")),
        Part("干扰语境（演练、旧事、辟谣等）", replace(settings, without=f"[a-z]+:({blockers})|rule:.*")),
        Part("来源渠道与报告种类", replace(settings, without="lane:.*|kind:.*|source:.*")),
        Part("触发词投票（类型）", replace(settings, without="type:.*"), votes=0.0),
        Part("全文模型（类型）", votes=ALMIGHTY),
        Part("分开再合（n 元组、特征各学一次）", views=False),
        Part("专写的训练条目", examples=("T", "short", "voices", "pairs")),
        Part("公文语料反例", examples=("weak",)),
        Part("换装副本（渠道、地名）", copies=False),
    ]


def examples_of(corpus: Path | None) -> list[Example]:
    """Everything the models learn from; the gold comes first."""
    weak = data.weak_negatives(corpus, WEAK, SEED) if corpus else []
    return [*gold("train", "dev"), *data.written(), *data.short(), *weak]


def measured(trainer: Trainer, part: Part, examples: Sequence[Example], known: int) -> tuple[Scores, list[Example]]:
    """Out-of-fold scores of the gold without a part."""
    kept = [one for one in examples[known:] if not (part.examples and one.event.startswith(part.examples))]
    trainer.settings, trainer.copies, trainer.votes = replace(part.settings, views=part.views), part.copies, part.votes
    own = list(examples[:known])
    scores = trainer.cross_validate([*own, *kept], by_event(own, len(kept), FOLDS))
    return scores.first(known), own


def row(name: str, values: dict[str, float]) -> str:
    """One row of the table."""
    return " | ".join(["", name, *(f"{values[column]:.3f}" for column in COLUMNS), ""]).strip()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--district", type=Path, default=ROOT / "districts" / "zhanggong")
    parser.add_argument("--corpus", type=Path, help="folder with government-reports.txt.xz and laws.txt.xz")
    parser.add_argument("--only", default="", help="only parts whose name begins so")
    arguments = parser.parse_args()
    trainer = Trainer(arguments.district, fit.Settings())
    examples = examples_of(arguments.corpus)
    known = len(gold("train", "dev"))
    print("| 去掉 | 类别宏 F1 | 校准误差 | 突发召回 | 突发精确 | 误报率 | 事件类型 |\n|---|---|---|---|---|---|---|")
    for part in (one for one in parts() if one.name.startswith(arguments.only)):
        scores, own = measured(trainer, part, examples, known)
        heat = heat_of(own, scores)
        print(row(part.name, figures(own, scores, heat)), flush=True)
        if part == parts()[0]:
            print(row("温度校准", figures(own, scores, (1.0, 1.0))))
            print(row("整条规则加分", figures(own, _without_rules(trainer, scores, own), heat)))


def _without_rules(trainer: Trainer, scores: Scores, examples: Sequence[Example]) -> Scores:
    """The emergency scores without what rules add."""
    found = fit.sample(examples, trainer.scanner, trainer.features)
    by_rule = RuleWeights(trainer.features.names).added(found.evidence.matrix)
    return scores._replace(emergency=scores.emergency - by_rule)


if __name__ == "__main__":
    main()
