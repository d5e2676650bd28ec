"""The table of chat: known names in every column, posts with a tone, no text twice nor among the probes."""

from __future__ import annotations

from collections import Counter
from csv import QUOTE_NONE, DictReader
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.opinion import load_themes
from schemas.vocab import Category, Lane, Sentiment
from training.category.data import CHAT, PAIRS, SHORT, VOICES, rows

ROOT = Path(__file__).resolve().parents[3]
PROBES = ROOT / "tests" / "unit" / "processors" / "probes.tsv"
LENGTH = range(15, 251)
LEAST_OF_A_THEME = 12


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file, delimiter="\t", quoting=QUOTE_NONE))


@pytest.fixture(scope="module")
def lessons() -> list[dict[str, str]]:
    return _read(CHAT)


def test_names_are_known(lessons: list[dict[str, str]]) -> None:
    types = {row["name"] for row in _read(ROOT / "districts" / "zhanggong" / "event_types.tsv")}
    for row in lessons:
        assert row["expect"] in ("emergency", "warning", "closed", "none"), row
        assert Category(row["category"]) is Category.URGENT or row["expect"] == "none", row
        assert Lane(row["lane"]) in (Lane.OPINION, Lane.MEDIA), row
        assert (row["event_type"] in types) == (row["expect"] == "emergency"), row
        assert len(row["text"]) in LENGTH, row


def test_posts_have_tone_and_every_theme_is_taught(lessons: list[dict[str, str]]) -> None:
    posts = [row for row in lessons if row["lane"] == Lane.OPINION]
    assert {row["sentiment"] for row in posts} == {tone.value for tone in Sentiment}
    themes = {theme.name for theme in load_themes(load_district(ROOT / "districts" / "zhanggong").tables)}
    told = Counter(row["theme"] for row in posts if row["theme"])
    assert set(told) == themes
    assert min(told.values()) >= LEAST_OF_A_THEME


def test_no_text_is_told_twice_or_probed(lessons: list[dict[str, str]]) -> None:
    texts = [row["text"] for row in lessons]
    assert len(texts) == len(set(texts))
    others = {row["text"] for path in (SHORT, VOICES, PAIRS, PROBES) for row in _read(path)}
    assert others.isdisjoint(texts)


def test_table_is_read_as_the_others_are(lessons: list[dict[str, str]]) -> None:
    found = list(rows(CHAT))
    assert [item["text"] for _, item, _ in found] == [row["text"] for row in lessons]
    assert sum(labels["is_emergency"] for _, _, labels in found) == sum(row["expect"] == "emergency" for row in lessons)
