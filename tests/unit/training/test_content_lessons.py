"""The tables of lessons for the content checks: their form, and that no phrase or figure gives the answer away."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from schemas.vocab import Category, Check, Lane

FOLDER = Path(__file__).parents[3] / "training" / "content"
BALANCED = ("lessons.tsv", "lessons_plain.tsv", "lessons_desk.tsv")
"""Of three hands; the first two did not see each other's."""
TABLES = (*BALANCED, "lessons_wishes.tsv")
"""The last has what leaders wish for, in large words and without a fault, beside a few claims in the same words."""
COLUMNS = ["checks", "phrase", "category", "lane", "text"]
CHECKS = (Check.EXAGGERATION, Check.GENERALISATION, Check.SPECULATION, Check.VAGUE_SOURCE)
"""Also the order in which a row with several names them."""
NONE = "none"
LENGTH = range(15, 161)
SAME_PHRASE = 3
"""A phrase that stands more often teaches itself instead of the check."""
LEAST = 110
SHARE_OF_NONE = (0.4, 0.6)
FIGURES_APART = 0.35
"""How far the shares of texts with a figure may lie apart: where only sound texts have figures, a model learns to look
for figures and not for claims."""

Row = dict[str, str]


def _read(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert reader.fieldnames == COLUMNS
        return list(reader)


@pytest.fixture(scope="module", params=TABLES)
def rows(request: pytest.FixtureRequest) -> list[Row]:
    return _read(request.param)


@pytest.fixture(scope="module", params=BALANCED)
def balanced(request: pytest.FixtureRequest) -> list[Row]:
    return _read(request.param)


def _checks(row: Row) -> list[str]:
    return [] if row["checks"] == NONE else row["checks"].split(",")


def _phrases(row: Row) -> list[str]:
    return row["phrase"].split("|") if row["phrase"] else []


def test_every_row_is_whole_and_of_known_names(rows: list[Row]) -> None:
    for row in rows:
        assert set(row) == set(COLUMNS), row
        assert None not in row.values(), row
        assert _checks(row) == [str(check) for check in CHECKS if check in _checks(row)], row
        assert Category(row["category"])
        assert Lane(row["lane"]) in {Lane.REPORT, Lane.MEDIA}
        assert len(row["text"]) in LENGTH, row
        assert row["text"] == row["text"].strip()


def test_a_phrase_stands_in_its_text_and_each_fault_has_one(rows: list[Row]) -> None:
    for row in rows:
        assert len(_phrases(row)) == len(_checks(row)), row
        assert all(phrase and phrase in row["text"] for phrase in _phrases(row)), row


def test_no_text_stands_twice_and_no_phrase_often(rows: list[Row]) -> None:
    assert len({row["text"] for row in rows}) == len(rows)
    phrases = Counter(phrase for row in rows for phrase in _phrases(row))
    assert max(phrases.values()) <= SAME_PHRASE, phrases.most_common(3)


def test_checks_are_taught_alike_and_faults_as_often_as_none(balanced: list[Row]) -> None:
    count = Counter(check for row in balanced for check in _checks(row))
    assert min(count[check] for check in CHECKS) >= LEAST, count
    low, high = SHARE_OF_NONE
    assert low <= sum(not _checks(row) for row in balanced) / len(balanced) <= high


def test_a_figure_in_the_text_does_not_give_the_answer(balanced: list[Row]) -> None:
    shares = []
    for sound in (True, False):
        texts = [row["text"] for row in balanced if bool(_checks(row)) is not sound]
        shares.append(sum(bool(re.search(r"\d", text)) for text in texts) / len(texts))
    assert abs(shares[0] - shares[1]) <= FIGURES_APART, shares


def test_no_text_stands_in_two_tables() -> None:
    texts = [row["text"] for name in TABLES for row in _read(name)]
    assert len(set(texts)) == len(texts)
