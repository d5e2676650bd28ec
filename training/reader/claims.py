"""Sentences that teach the second reader which claims are doubtful: of the gold, and of the written tables."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from huiyao.districts import load_district
from processors.content import ContentJudge
from processors.content.learned import SHORTEST
from processors.document import Document, narrow
from processors.reader.model import CLAIMS, shown_sentence
from processors.scan import ScannerBuilder
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Lane
from tests.gold.load import GoldItem
from training.wording.corpus import passages

FOLDER = Path(__file__).resolve().parent.parent / "content"
TABLES = tuple(FOLDER / name for name in ("lessons.tsv", "lessons_plain.tsv", "lessons_desk.tsv", "lessons_wishes.tsv"))
"""Written for training only: checks (joined by commas, or none), phrase (joined by |), category, lane, text."""
PLAIN = 0.3
"""Share of the gold's sentences without any fault that are learned from: of some hundred one has a fault."""
NONE = "none"
SPOKEN = (Category.LEADER_THINKING, Category.WORK_NEWS, Category.PRACTICE, Category.PROBLEM, Category.ANALYSIS)
"""Categories that a sentence of a work report might have come under."""
DISTRICT = FOLDER.parent.parent / "districts" / "zhanggong"
ANY_DAY = datetime(2026, 1, 1, tzinfo=CHINA)


@dataclass(frozen=True, slots=True)
class Sentence:
    """``claims``: 1 or 0 for each of ``CLAIMS``."""

    category: Category
    text: str
    claims: tuple[int, ...]

    @property
    def shown(self) -> str:
        """As the network gets it."""
        return shown_sentence(self.category, self.text)


def of_gold(items: Iterable[GoldItem]) -> Iterator[Sentence]:
    """Every sentence of reports and media."""
    for gold in items:
        item = Item.model_validate(gold.item)
        if item.lane is Lane.OPINION:
            continue
        document = Document(item)
        shifts = {"text": document.shift, "title": 0}
        faults = [
            (one["check"], one["start"] + shifts[one["field"]], one["end"] + shifts[one["field"]])
            for one in gold.labels.get("findings") or []
        ]
        category = Category(gold.labels["category"])
        for start, end in document.sentences():
            named = {check for check, first, last in faults if first < end and last > start}
            if end - start >= SHORTEST:
                yield Sentence(category, document.norm[start:end], tuple(int(one in named) for one in CLAIMS))


def chosen(sentences: Iterable[Sentence], seed: int) -> list[Sentence]:
    """Those with a fault, and a share of the others."""
    chooser = random.Random(seed)
    return [one for one in sentences if any(one.claims) or chooser.random() < PLAIN]


def plain(reports: list[str], count: int, seed: int) -> list[Sentence]:
    """Sentences of official prose without a claim, as far as no rule finds one: what an ordinary day sounds like.

    In the gold a fault is far more frequent than in what offices write, and their large words for plans and wishes are
    none. ``reports``: documents of the corpus; those of ``fit`` are kept for choosing thresholds.
    """
    chooser = random.Random(seed)
    paragraphs = passages(reports)
    builder = ScannerBuilder()
    rules = ContentJudge.from_tables(load_district(DISTRICT).tables, builder)
    scanner = builder.build()
    found: list[Sentence] = []
    for text in chooser.sample(paragraphs, min(count, len(paragraphs))):
        document = Document(Item(lane=Lane.REPORT, source="", text=text, published_at=ANY_DAY))
        category = chooser.choice(SPOKEN)
        said = rules.judge(
            document, scanner.scan(document.norm), category=category, is_emergency=False, has_time=True, places=("",)
        )
        spans = [span for span in document.sentences() if span[1] - span[0] >= SHORTEST]
        if spans and not any(one.check in CLAIMS for one in said):
            start, end = chooser.choice(spans)
            found.append(Sentence(category, document.norm[start:end], (0,) * len(CLAIMS)))
    return found


def written(paths: Sequence[Path] = TABLES) -> list[Sentence]:
    """The sentences of the tables; of a row of several the one with the phrase has the fault."""
    found = []
    for path in paths:
        header, *lines = path.read_text("utf-8").splitlines()
        for line in lines:
            row = dict(zip(header.split("\t"), line.split("\t"), strict=True))
            found += _sentences(row)
    return found


def _sentences(row: dict[str, str]) -> Iterator[Sentence]:
    text = narrow(row["text"])
    checks = [] if row["checks"] == NONE else row["checks"].split(",")
    spans = [(text.index(phrase), len(phrase)) for phrase in map(narrow, row["phrase"].split("|"))] if checks else []
    places = [(check, at, at + size) for check, (at, size) in zip(checks, spans, strict=True)]
    start = 0
    for end in _ends(text):
        named = {check for check, first, last in places if first < end and last > start}
        yield Sentence(Category(row["category"]), text[start:end], tuple(int(one in named) for one in CLAIMS))
        start = end


def _ends(text: str) -> list[int]:
    return Document(Item(lane=Lane.MEDIA, source="", text=text, published_at=ANY_DAY)).sentence_ends
