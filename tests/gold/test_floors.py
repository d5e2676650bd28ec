"""Quality floors: figures on the test part of the gold may not fall (``make gold ARGS=--floors`` raises them)."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import pytest

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from tests.gold.evaluate import all_figures, judge_gold
from tests.gold.load import ITEMS, load_gold
from tests.gold.report import FLOORS, lower_is_better

SLACK = 0.0001
"""Rounding of the floors; judgement itself is deterministic."""


def corpus_digest(folder: Path = ITEMS) -> str:
    """A digest of the gold, so that a floor is tied to the texts it was measured on."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.jsonl")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@pytest.mark.gold
def test_no_figure_falls_below_its_floor() -> None:
    floors = json.loads(FLOORS.read_text("utf-8"))
    assert floors["corpus"] == corpus_digest(), "the gold changed: measure again with make gold ARGS=--floors"
    figures = {
        figure.name: figure.value
        for figure in all_figures(judge_gold(build_judge(load_settings()), list(load_gold("test"))))
    }
    fallen = []
    for name, floor in floors["figures"].items():
        value = figures.get(name, float("nan"))
        worse = value > floor + SLACK if lower_is_better(name) else value < floor - SLACK
        if worse or math.isnan(value):
            fallen.append(f"{name}: {value:.4f}, floor {floor}")
    assert not fallen, "\n".join(fallen)
    print("\n".join(f"{name}={value:.3f}" for name, value in figures.items()))


def test_the_parts_share_no_event() -> None:
    parts: dict[str, set[str]] = {}
    for gold in load_gold():
        parts.setdefault(gold.event, set()).add(gold.part)
    assert all(len(found) == 1 for found in parts.values())


def test_ids_and_texts_are_unique() -> None:
    everything = list(load_gold())
    assert len({gold.gid for gold in everything}) == len(everything)
    assert len({gold.item["text"] for gold in everything}) == len(everything)


def test_spans_of_labels_are_in_their_texts() -> None:
    for gold in load_gold():
        for label in [*(gold.labels.get("findings") or []), *(gold.labels.get("pii") or [])]:
            if label.get("text"):
                field = gold.item.get(label.get("field", "text"), "")
                assert field[label["start"] : label["end"]] == label["text"], (gold.gid, label)
