"""Score stories alone, with labelled type, facts and category: what matching itself does.

Run: python -m tests.gold.score_stories [train|dev|test ...] [-v] (default train and dev).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huiyao.districts import load_district
from huiyao.judges import story_window
from huiyao.settings import load_settings
from processors.neardup import signatures
from schemas.assessment import AssessedItem, Assessment, Emergency, EventTime, Facts, Timeliness
from schemas.base import local_day
from schemas.ids import item_id, version
from schemas.item import Item
from schemas.vocab import Category, TimelinessRule, TimelinessVerdict
from tests.gold.load import GoldItem, load_gold
from tests.gold.metrics import pairs_of
from tests.gold.split import Part

PARTS: tuple[Part, ...] = ("train", "dev", "test")
DISTRICT = Path("districts/zhanggong")
_FIGURES = ("deaths", "injured", "missing", "trapped", "evacuated", "serious_injuries", "direct_loss")


def assessed(gold: GoldItem, minhash: tuple[int, ...]) -> AssessedItem:
    """A gold item as the judge would hand it on, its labels in place of verdicts."""
    item, labels = Item.model_validate(gold.item), gold.labels
    own_id = item_id(item, district="zhanggong", source=item.source) + gold.gid
    facts = Facts(
        event_time=EventTime.model_validate(labels["event_time"]) if labels.get("event_time") else None,
        places=tuple(labels.get("places") or ()),
        **{name: labels.get(name) for name in _FIGURES},
    )
    assessment = Assessment(
        id=own_id,
        item_id=own_id,
        lane=item.lane,
        category=Category(labels["category"]),
        category_scores={},
        emergency=Emergency(is_emergency=bool(labels["is_emergency"]), event_type=labels.get("event_type")),
        facts=facts,
        timeliness=Timeliness(verdict=TimelinessVerdict.NOT_APPLICABLE, rule=TimelinessRule.NONE),
        rules_version="gold",
    )
    received = item.received_at or item.published_at
    return AssessedItem(
        item_id=own_id,
        district="zhanggong",
        version=version(item),
        source=item.source,
        received_at=received,
        day=local_day(received),
        input=item,
        assessment=assessment,
        minhash=minhash,
    )


def main(arguments: Sequence[str]) -> None:
    """Print precision, recall and F1 of pairs."""
    parts: list[Part] = [part for part in PARTS if part in arguments] or ["train", "dev"]
    gold = sorted(load_gold(*parts), key=lambda one: (Item.model_validate(one.item).published_at, one.gid))
    window = story_window(load_district(DISTRICT), load_settings().models_dir)()
    given: dict[str, Any] = {}
    scores: dict[str, float] = {}
    for one, mark in zip(gold, signatures([one.item["text"] for one in gold]), strict=True):
        event = window.assign(assessed(one, mark))
        scores[one.gid] = event.score
        if event.story:
            given[one.gid] = event.story
    wanted, found = pairs_of({one.gid: one.event for one in gold}), pairs_of(given)
    if "-v" in arguments:
        texts = {
            one.gid: f"{one.item['published_at'][5:16]} {one.item.get('title') or ''}/{one.item['text'][:70]}"
            for one in gold
        }
        for label, pairs in (("MISS", wanted - found), ("FALSE", found - wanted)):
            for a, b in sorted(pairs):
                print(f"{label} {a} {texts[a]}\n      {b} {scores[b]} {texts[b]}")
    tp, fp, fn = len(wanted & found), len(found - wanted), len(wanted - found)
    print(
        f"pairs tp {tp} fp {fp} fn {fn}  precision {tp / max(1, tp + fp):.3f} recall {tp / max(1, tp + fn):.3f} "
        f"F1 {2 * tp / max(1, 2 * tp + fp + fn):.3f}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
