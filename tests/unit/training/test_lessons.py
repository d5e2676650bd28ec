"""The tables of lessons: known names in every column, no text twice nor probed, every type and theme taught."""

from __future__ import annotations

from collections import Counter
from csv import QUOTE_NONE, DictReader
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.opinion import load_themes
from schemas.vocab import Category, Lane, Sentiment
from training.category.data import LESSONS, TABLES, rows

ROOT = Path(__file__).resolve().parents[3]
ZHANGGONG = ROOT / "districts" / "zhanggong"
PROBES = ROOT / "tests" / "unit" / "processors" / "probes.tsv"
SHORTEST, LONGEST = 4, 420
"""Characters of a text."""
LEAST_OF_A_TYPE, LEAST_OF_A_THEME = 30, 30


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file, delimiter="\t", quoting=QUOTE_NONE))


@pytest.fixture(scope="module")
def types() -> set[str]:
    return {row["name"] for row in _read(ZHANGGONG / "event_types.tsv")}


@pytest.fixture(scope="module")
def themes() -> set[str]:
    return {theme.name for theme in load_themes(load_district(ZHANGGONG).tables)}


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_names_are_known(table: Path, types: set[str], themes: set[str]) -> None:
    tones = {tone.value for tone in Sentiment}
    for row in _read(table):
        assert None not in row.values(), row
        assert None not in row, row
        assert row["expect"] in ("emergency", "warning", "closed", "none"), row
        assert row["event_type"] in types or not row["event_type"], row
        assert Category(row["category"]) is Category.URGENT or row["expect"] != "emergency", row
        assert Lane(row["lane"]) is Lane.OPINION or not (row.get("sentiment") or row.get("theme")), row
        assert not row.get("sentiment") or row["sentiment"] in tones, row
        assert not row.get("theme") or row["theme"] in themes, row
        assert SHORTEST <= len(row["text"]) <= LONGEST, row


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_table_is_read_as_it_is_written(table: Path) -> None:
    found, lessons = list(rows(table)), _read(table)
    assert [item["text"] for _, item, _ in found] == [row["text"] for row in lessons]
    assert [labels["is_emergency"] for _, _, labels in found] == [row["expect"] == "emergency" for row in lessons]


def test_no_text_is_told_twice_or_probed() -> None:
    told = Counter(row["text"] for table in (*TABLES, PROBES) for row in _read(table))
    assert [text for text, count in told.items() if count > 1] == []


def test_every_type_and_theme_is_taught(types: set[str], themes: set[str]) -> None:
    lessons = [row for table in TABLES for row in _read(table)]
    of_type = Counter(row["event_type"] for row in lessons if row["expect"] == "emergency")
    of_theme = Counter(row["theme"] for row in lessons if row.get("sentiment"))
    assert min(of_type[one] for one in types) >= LEAST_OF_A_TYPE, of_type
    assert min(of_theme[one] for one in themes) >= LEAST_OF_A_THEME, of_theme


def test_the_readme_names_every_table() -> None:
    told = (LESSONS / "README.md").read_text("utf-8")
    assert [path.stem for path in TABLES if f"`{path.stem}`" not in told] == []
