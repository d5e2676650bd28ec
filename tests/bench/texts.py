"""Texts for timings: gold texts laid end to end to 465 characters, so that every kind of sentence is in them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from schemas.item import Item
from tests.gold.load import load_gold

URGENT_SHARE = 0.15
"""Share of items that are made of emergencies; a district's day has fewer."""
LENGTH = 465
"""Characters of an item in the issue's goals (DESIGN.md "Speed of the parts")."""
SEED = 20261123
BEGIN = datetime.fromisoformat("2026-11-01T08:00:00+08:00")


def items(count: int, *, lane: str = "media") -> list[Item]:
    """``count`` different items of LENGTH characters; the same for every run."""
    draw = random.Random(SEED)
    gold = list(load_gold("train"))
    urgent = [one.item["text"] for one in gold if one.labels["is_emergency"]]
    ordinary = [one.item["text"] for one in gold if not one.labels["is_emergency"]]
    made = []
    for number in range(count):
        texts = urgent if draw.random() < URGENT_SHARE else ordinary
        text = f"第{number}号。"
        while len(text) < LENGTH:
            text += draw.choice(texts)
        made.append(
            Item(
                id=f"bench-{number}",
                lane=lane,
                source="U034" if lane == "report" else "台架",
                title="",
                text=text[:LENGTH],
                published_at=BEGIN + timedelta(seconds=number % 86_400),
            )
        )
    return made
