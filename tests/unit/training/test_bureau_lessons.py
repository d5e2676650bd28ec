"""The table of offices' papers: known names in every column, every category and event type, no text twice."""

from __future__ import annotations

from collections import Counter
from csv import QUOTE_NONE, DictReader
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.opinion import load_themes
from schemas.vocab import Category, Lane
from training.category.data import BUREAU, TABLES, rows

ROOT = Path(__file__).resolve().parents[3]
PROBES = ROOT / "tests" / "unit" / "processors" / "probes.tsv"
LENGTH = range(20, 351)
LEAST_OF_A_CATEGORY = 40


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file, delimiter="\t", quoting=QUOTE_NONE))


@pytest.fixture(scope="module")
def lessons() -> list[dict[str, str]]:
    return _read(BUREAU)


@pytest.fixture(scope="module")
def types() -> set[str]:
    return {row["name"] for row in _read(ROOT / "districts" / "zhanggong" / "event_types.tsv")}


def test_names_are_known(lessons: list[dict[str, str]], types: set[str]) -> None:
    themes = {theme.name for theme in load_themes(load_district(ROOT / "districts" / "zhanggong").tables)}
    for row in lessons:
        assert (row["event_type"] in types) == (row["expect"] in ("emergency", "closed")), row
        if row["expect"] in ("emergency", "closed"):
            assert Category(row["category"]) is Category.URGENT, row
        if row["expect"] == "warning":
            assert Category(row["category"]) in (Category.URGENT, Category.ANALYSIS), row
        assert (Lane(row["lane"]) is Lane.OPINION) or not (row["sentiment"] or row["theme"]), row
        assert not row["theme"] or row["theme"] in themes, row
        assert len(row["text"]) in LENGTH, row


def test_every_category_and_event_type_comes_up(lessons: list[dict[str, str]], types: set[str]) -> None:
    counts = Counter(row["category"] for row in lessons)
    assert all(counts[category.value] >= LEAST_OF_A_CATEGORY for category in Category), counts
    assert types == {row["event_type"] for row in lessons if row["expect"] == "emergency"}


def test_no_text_twice_nor_among_the_probes(lessons: list[dict[str, str]]) -> None:
    texts = [row["text"] for row in lessons]
    others = {item["text"] for table in TABLES if table != BUREAU for _, item, _ in rows(table)}
    others |= {row["text"] for row in _read(PROBES)}
    assert len(texts) == len(set(texts))
    assert not others & set(texts)
