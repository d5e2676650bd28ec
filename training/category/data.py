"""What the models learn from: gold items, written training items, editors' corrections, weak negatives."""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from processors.category.model import CategoryModel
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Kind, Lane

WRITTEN = Path(__file__).parent / "items.jsonl"
"""Items written for training only; never scored."""
SHORT = Path(__file__).parent / "short.tsv"
"""The same as a table: expect (emergency, warning, closed, none), category, event_type, lane, text."""
VOICES = Path(__file__).parent / "voices.tsv"
"""As ``SHORT``, in voices that leaving out one hand's file showed as weak; posts have tone and theme too."""
PAIRS = Path(__file__).parent / "pairs.tsv"
"""As ``VOICES``, in groups of two to five that share words, place or topic and differ in what decides the label."""
CHAT = Path(__file__).parent / "chat.tsv"
"""As ``PAIRS``, for what real forum posts got wrong: harm words in play, quiet emergencies, citizens' letters."""
AFTERMATH = Path(__file__).parent / "aftermath.tsv"
"""As ``PAIRS``, for what real news got wrong: harm long over, refuted rumours, warnings, events told in passing."""
NOTES = Path(__file__).parent / "notes.tsv"
"""As ``PAIRS``, plain: notices and first reports in dry forms of duty rooms, and the same forms without an event."""
WITNESS = Path(__file__).parent / "witness.tsv"
"""As ``PAIRS``, posts of those who saw it: what is acute told in passing, and chat in the same words."""
BYSTANDER = Path(__file__).parent / "bystander.tsv"
"""As ``WITNESS``, by another hand that did not see it."""
OFFICE = Path(__file__).parent / "office.tsv"
"""As ``PAIRS``, for what real news and offices' reports got wrong: events told by who gave orders, causes found,
tallies, explainers, refutations, one subject in four categories."""
PRESS = Path(__file__).parent / "press.tsv"
"""As ``PAIRS``, news that tells harm long over, counted, played or denied as vividly as the fresh event beside it."""
WIRE = Path(__file__).parent / "wire.tsv"
"""As ``PRESS``, by another hand in plain agency prose: events told after praise or a meeting, explainers, tallies."""
TABLES = (SHORT, VOICES, PAIRS, CHAT, AFTERMATH, NOTES, WITNESS, BYSTANDER, OFFICE, PRESS, WIRE)
SHORT_PUBLISHED = "2026-11-21T18:00:00+08:00"
UNKNOWN = -1
CATEGORIES = CategoryModel.HEADS
WEAK_TRIGGER = re.compile(r"火灾|爆炸|事故|地震|洪水|山洪|滑坡|疫情|中毒|溺水|死亡|伤亡|坍塌|群体性|上访|台风|干旱")
WEAK_LENGTH = range(25, 400)


@dataclass(frozen=True, slots=True)
class Example:
    """One item with what is known of it; -1 where a head must not learn from it. ``event`` keeps folds apart."""

    item: Item
    event: str
    category: int = UNKNOWN
    also: int = UNKNOWN
    emergency: int = UNKNOWN
    warning: int = UNKNOWN
    closed: int = UNKNOWN
    event_type: str | None = None
    weight: float = 1.0
    gid: str = ""


def example(gid: str, event: str, item: dict[str, Any], labels: dict[str, Any], weight: float = 1.0) -> Example:
    """From a gold record. A closed event is one with a class that is no emergency."""
    category = CATEGORIES.index(labels["category"])
    emergency, warning = bool(labels["is_emergency"]), bool(labels.get("warning"))
    closed = labels.get("closed", not emergency and not warning and labels.get("event_class") is not None)
    also = labels.get("category_also")
    return Example(
        Item.model_validate(item),
        event,
        category,
        CATEGORIES.index(also) if also else UNKNOWN,
        int(emergency),
        int(warning),
        int(bool(closed)),
        labels.get("event_type"),
        weight,
        gid,
    )


def written(path: Path = WRITTEN) -> list[Example]:
    """Items of a JSONL file in the format of the gold: the written ones, or editors' corrections."""
    records = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [example(one["gid"], one["event"], one["item"], one["labels"]) for one in records]


def short(paths: Sequence[Path] = TABLES) -> list[Example]:
    """Items of the tables; each is an event of its own."""
    return [example(name, name, item, labels) for path in paths for name, item, labels in rows(path)]


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, item and labels (as in the gold) of each row of a table."""
    header, *lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines, start=2):
        row = dict(zip(header.split("\t"), line.split("\t"), strict=True))
        item = {"lane": row["lane"], "source": "", "text": row["text"], "published_at": SHORT_PUBLISHED}
        labels = {
            "category": row["category"],
            "is_emergency": row["expect"] == "emergency",
            "warning": row["expect"] == "warning",
            "closed": row["expect"] == "closed",
            "event_type": row["event_type"] or None,
            "sentiment": row.get("sentiment") or None,
            "theme": row.get("theme") or None,
        }
        yield f"{path.stem}-{number}", item, labels


def weak_negatives(corpus: Path, count: int, seed: int) -> list[Example]:
    """Paragraphs of official prose that name disasters and tell of none: negatives for the emergency head only."""
    chooser = random.Random(seed)
    chosen: list[str] = []
    for name in ("government-reports.txt.xz", "laws.txt.xz"):
        pool = [line for line in _lines(corpus / name) if len(line) in WEAK_LENGTH and WEAK_TRIGGER.search(line)]
        chosen += chooser.sample(pool, min(count // 2, len(pool)))
    published = datetime(2026, 5, 5, 9, tzinfo=CHINA)
    return [
        Example(
            Item(lane=chooser.choice(list(Lane)), source="", text=text, published_at=published),
            f"weak-{number}",
            emergency=0,
            warning=0,
            closed=0,
            weight=0.5,
        )
        for number, text in enumerate(chosen)
    ]


def _lines(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 7 == 0:  # a seventh of 68 million characters is plenty
                yield line.strip()


def augment(examples: Iterable[Example], places: Sequence[str], seed: int) -> list[Example]:
    """Each example again, so that lane, source, title and place names do not decide: same meaning, other dress."""
    chooser = random.Random(seed)
    found = re.compile("|".join(map(re.escape, sorted(places, key=len, reverse=True))))
    result = []
    for one in examples:
        result.append(one)
        lane = chooser.choice([lane for lane in Lane if lane is not one.item.lane])
        kind = one.item.kind if one.item.kind in (Kind.ZERO, Kind.FINAL) else None
        text = found.sub(lambda _: chooser.choice(places), one.item.text)
        title = one.item.title if chooser.random() < 0.5 and len(text) < 60 else ""
        item = one.item.model_copy(update={"lane": lane, "kind": kind, "source": "", "text": text, "title": title})
        result.append(_copy(one, item, 0.5))
    return result


def _copy(one: Example, item: Item, weight: float) -> Example:
    return Example(
        item,
        one.event,
        one.category,
        one.also,
        one.emergency,
        one.warning,
        one.closed,
        one.event_type,
        one.weight * weight,
        one.gid,
    )


URGENT = CATEGORIES.index(Category.URGENT)
