"""The table of the street: seven columns, known names, every event type, no text that another table or probe has."""

from __future__ import annotations

from csv import QUOTE_NONE, DictReader
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.opinion import load_themes
from schemas.vocab import Category, Lane, Sentiment
from training.category.data import STREET, TABLES, rows

ROOT = Path(__file__).resolve().parents[3]
PROBES = ROOT / "tests" / "unit" / "processors" / "probes.tsv"
LENGTH = range(20, 351)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file, delimiter="\t", quoting=QUOTE_NONE))


@pytest.fixture(scope="module")
def lessons() -> list[dict[str, str]]:
    return _read(STREET)


def test_names_are_known(lessons: list[dict[str, str]]) -> None:
    types = {row["name"] for row in _read(ROOT / "districts" / "zhanggong" / "event_types.tsv")}
    themes = {theme.name for theme in load_themes(load_district(ROOT / "districts" / "zhanggong").tables)}
    tones = {tone.value for tone in Sentiment}
    for row in lessons:
        urgent = row["expect"] in ("emergency", "closed")
        assert row["expect"] in ("emergency", "warning", "closed", "none"), row
        assert Category(row["category"]) is Category.URGENT or not urgent, row
        assert (row["event_type"] in types) == urgent, row
        assert (row["sentiment"] in tones) == (row["lane"] == Lane.OPINION), row
        assert row["theme"] in themes or not row["theme"], row
        assert len(row["text"]) in LENGTH, row
    assert {row["event_type"] for row in lessons if row["expect"] == "emergency"} == types


def test_no_text_is_told_twice_or_probed(lessons: list[dict[str, str]]) -> None:
    texts = [row["text"] for row in lessons]
    assert len(texts) == len(set(texts))
    others = {row["text"] for path in (*TABLES, PROBES) if path != STREET for row in _read(path)}
    assert others.isdisjoint(texts)


def test_table_is_read_as_the_others_are(lessons: list[dict[str, str]]) -> None:
    assert [item["text"] for _, item, _ in rows(STREET)] == [row["text"] for row in lessons]
