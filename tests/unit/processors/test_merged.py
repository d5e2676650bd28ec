"""Items that editors merged: what the fold makes of it, and what bulletins print."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from processors.bulletin_candidate import Candidate
from processors.fold import fold
from schemas.base import CHINA
from schemas.vocab import Category, Lane
from tests.index_events import assessed, decision, item_id, story
from tests.unit.processors.test_bulletins import made

ITEM, KEPT = item_id(1), item_id(2)


def merge(number: int, hours: float, into: str = KEPT) -> Any:
    return decision(number, "merge", hours, ITEM, details={"into": into})


def folded(*events: Any) -> dict[str, Any]:
    document = None
    for event in events:
        document = fold(document, event)
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("acts", "into", "apart", "told"),
    [
        ((), None, False, "s1"),
        ((merge(1, 1),), KEPT, False, "s1"),
        ((merge(1, 1), decision(2, "split", 2, ITEM)), None, True, None),
        ((merge(1, 1), decision(2, "undo", 2, ITEM)), None, False, "s1"),
        ((merge(1, 1), decision(2, "split", 2, ITEM), decision(3, "undo", 3, ITEM)), KEPT, False, "s1"),
        ((decision(1, "split", 1, ITEM), merge(2, 2, item_id(3))), item_id(3), False, "s1"),
        ((merge(1, 1), decision(2, "accept", 2, ITEM)), KEPT, False, "s1"),
    ],
)
def test_merge_split_and_undo_in_any_order_of_arrival(
    acts: tuple[Any, ...], into: str | None, apart: bool, told: str | None
) -> None:
    events = (assessed(1), story(1, "s1"), *acts)
    documents = [folded(*order) for order in itertools.permutations(events)]
    assert all(one == documents[0] for one in documents)
    assert (documents[0]["merged_into"], documents[0]["apart"], documents[0]["story"]) == (into, apart, told)
    assert documents[0]["story_key"] == (told or ITEM)


NOON = datetime(2026, 11, 20, 12, tzinfo=CHINA)


def told(number: int, lane: Lane = Lane.REPORT, merged_into: str | None = None, minutes: int = 0) -> Candidate:
    return Candidate(
        item_id=str(number), lane=lane, category=Category.WORK_NEWS, title=f"第{number}条", text="推进老旧小区改造。",
        source_name=f"单位{number}", received_at=NOON + timedelta(minutes=minutes), merged_into=merged_into,
    )  # fmt: skip


def printed(*items: Candidate) -> list[tuple[str, tuple[str, ...]]]:
    bulletin = made("huiyao", *items)
    return [(entry.title, entry.contributors) for section in bulletin.sections for entry in section.entries]


def test_merged_items_make_one_entry_that_the_kept_one_leads() -> None:
    assert printed(told(1), told(2, merged_into="1", minutes=5), told(3, minutes=9)) == [
        ("第1条", ("单位1", "单位2")),
        ("第3条", ("单位3",)),
    ]


def test_what_was_merged_into_an_item_of_an_earlier_issue_is_not_printed_again() -> None:
    assert printed(told(2, merged_into="1")) == []


def test_a_circle_of_merges_ends() -> None:
    assert printed(told(1, merged_into="2"), told(2, merged_into="1")) == []
