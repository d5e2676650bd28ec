"""The lessons of what joins two items: readable, each text once, in no gold; events told more than once, and alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from huiyao.districts import load_district
from schemas.item import Submission
from schemas.vocab import Category
from tests.gold.load import GoldItem, load_gold
from training.stories.__main__ import LESSONS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lessons() -> list[GoldItem]:
    return list(load_gold(folder=LESSONS))


def test_every_line_is_an_item_with_its_labels(lessons: list[GoldItem]) -> None:
    table = load_district(ROOT / "districts" / "zhanggong").tables["event_types"]
    types = {row["name"] for row in table}
    for one in lessons:
        Submission.model_validate(one.item)
        Category(one.labels["category"])
        assert one.labels["event_type"] in types or one.labels["event_type"] is None, one.gid
        assert one.labels["event_type"] or not one.labels["is_emergency"], one.gid
        for place in one.labels["places"]:
            assert place in one.item["title"] + one.item["text"], (one.gid, place)


def test_ids_and_texts_stand_once_and_not_in_the_gold(lessons: list[GoldItem]) -> None:
    gold = list(load_gold())
    for names in ([one.gid for one in lessons], [one.item["title"] + one.item["text"] for one in lessons]):
        assert [name for name, count in Counter(names).items() if count > 1] == []
    assert not {one.item["text"] for one in lessons} & {one.item["text"] for one in gold}
    assert not {one.gid.split("-")[0] for one in lessons} & {one.gid.split("-")[0] for one in gold}
    assert not {one.event for one in lessons} & {one.event for one in gold}


def test_events_are_told_again_and_look_alikes_stand_alone(lessons: list[GoldItem]) -> None:
    told = Counter(one.event for one in lessons)
    assert sum(count > 1 for count in told.values()) >= 200
    assert sum(count == 1 for count in told.values()) >= 150
