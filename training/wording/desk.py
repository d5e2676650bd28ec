"""Passages of what a desk receives (gold train part, and items written for training), with their own slips put right.

The corpus holds work reports and laws only; the network must also learn what reports of departments, news and letters
look like when nothing is wrong with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.gold.load import load_gold
from tests.gold.split import Part
from training.wording.corpus import passages

_SLIPS = frozenset({"typo", "wording", "number_usage", "punctuation", "title_order"})
WRITTEN = Path("training/category/items.jsonl")
SHORTEST, LONGEST = 12, 120


def texts(*parts: Part) -> Iterator[str]:
    """Title and text of every gold item of these parts, labelled slips put right (left out where no one says how)."""
    for gold in load_gold(*parts):
        for field in ("title", "text"):
            clean = _put_right(gold.item.get(field) or "", field, gold.labels.get("findings") or [])
            if clean:
                yield clean


def written() -> Iterator[str]:
    """Texts of the items written for training."""
    for line in WRITTEN.read_text("utf-8").splitlines():
        item = json.loads(line)["item"]
        yield from (item[field] for field in ("title", "text") if item.get(field))


def cut(whole: list[str]) -> list[str]:
    """Passages of 12 to 120 characters."""
    return passages(whole, SHORTEST, LONGEST)


def _put_right(text: str, field: str, findings: list[dict[str, Any]]) -> str:
    slips = [one for one in findings if one["check"] in _SLIPS and one.get("field", "text") == field]
    for one in sorted(slips, key=lambda one: -one["start"]):
        if not one.get("suggestion"):
            return ""
        text = text[: one["start"]] + one["suggestion"] + text[one["end"] :]
    return text
