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
LESSONS = Path(__file__).parent / "lessons"
"""More of them in tables, a row a text; README.md there says what each teaches."""
TABLES = tuple(sorted(LESSONS.glob("*.tsv")))
SHORT_PUBLISHED = "2026-11-21T18:00:00+08:00"
UNKNOWN = -1
CATEGORIES = CategoryModel.HEADS
WEAK_TRIGGER = re.compile(r"火灾|爆炸|事故|地震|洪水|山洪|滑坡|疫情|中毒|溺水|死亡|伤亡|坍塌|群体性|上访|台风|干旱")
WEAK_LENGTH = range(25, 400)


DRESS = Path(__file__).parent / "dress.tsv"
BROKEN = 0.4
"""Share of the copies that begin a line with every sentence."""
_SENTENCE_ENDS = re.compile(r"(?<=[。！？])(?=[^\n”』」）])")
WORN = 0.5
"""Share of the posts that are shown once more with something of that table."""


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
    chooser, wardrobe, worn = random.Random(seed), random.Random(seed), dress()
    found = re.compile("|".join(map(re.escape, sorted(places, key=len, reverse=True))))
    result = []
    for one in examples:
        result.append(one)
        lane = chooser.choice([lane for lane in Lane if lane is not one.item.lane])
        kind = one.item.kind if one.item.kind in (Kind.ZERO, Kind.FINAL) else None
        text = found.sub(lambda _: chooser.choice(places), one.item.text)
        title = one.item.title if chooser.random() < 0.5 and len(text) < 60 else ""
        item = one.item.model_copy(update={"lane": lane, "kind": kind, "source": "", "text": text, "title": title})
        if wardrobe.random() < BROKEN:
            item = item.model_copy(update={"text": _SENTENCE_ENDS.sub("\n", item.text)})
        result.append(_copy(one, item, 0.5))
        if one.item.lane is Lane.OPINION and wardrobe.random() < WORN:
            text = dressed(one.item.text, worn, wardrobe)
            result.append(_copy(one, one.item.model_copy(update={"text": text}), 0.5))
    return result


def dress(path: Path = DRESS) -> list[tuple[str, str]]:
    """What posts wear before and behind them: signs of moods, calls, tags."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines()[1:])
    return [(before, after) for before, after, _ in rows]


def dressed(text: str, worn: Sequence[tuple[str, str]], chooser: random.Random) -> str:
    """The text in one to three of ``worn``: none of them makes it another category or an event."""
    for before, after in chooser.choices(worn, k=chooser.choice((1, 1, 2, 3))):
        text = f"{before}{text}{after}"
    return text


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
