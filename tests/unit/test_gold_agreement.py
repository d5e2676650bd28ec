"""Agreement of two hands on sentiment and theme: posts that carry a second label, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gold.agreement import Pair, disagreements, kappa, opinion_agreement, posts

PLAIN: dict[str, Any] = {
    "category": "其他",
    "category_also": None,
    **dict.fromkeys(("is_emergency", "warning"), False),
    **dict.fromkeys(("event_class", "event_type", "level", "in_district", "event_time", "timeliness")),
    **dict.fromkeys(("deaths", "injured", "missing", "trapped", "evacuated")),
    "checks": [],
}


def pair(gid: str, lane: str, first: tuple[str, str | None], second: tuple[str, str | None] | None) -> Pair:
    names = ("sentiment", "theme")
    other = dict(zip(names, second, strict=True)) if second else {}
    return Pair(gid, lane, PLAIN | dict(zip(names, first, strict=True)), PLAIN | other)


PAIRS = [
    pair("X-1", "opinion", ("neg", "教育"), ("neg", "教育")),
    pair("X-2", "opinion", ("neg", None), ("neu", None)),
    pair("X-3", "opinion", ("pos", "教育"), ("pos", "医疗卫生")),
    pair("X-4", "opinion", ("neu", None), ("neu", None)),
    pair("X-5", "opinion", ("neg", "教育"), None),
    pair("X-6", "report", ("neg", "教育"), ("neu", None)),
]


def test_only_posts_with_a_second_label_count() -> None:
    assert [one.gid for one in posts(PAIRS, "theme")] == ["X-1", "X-2", "X-3", "X-4"]
    lines = list(opinion_agreement(PAIRS))
    assert len(lines) == 4
    assert "0.750" in lines[0]
    assert "n=4" in lines[0]
    assert list(opinion_agreement(PAIRS[4:])) == []


def test_kappa_takes_chance_away() -> None:
    assert kappa([("neg", "neg"), ("neg", "neu"), ("pos", "pos"), ("neu", "neu")]) == pytest.approx(7 / 11)


def test_disagreements_on_opinion_name_the_posts() -> None:
    found = disagreements(PAIRS)
    assert [one.gid for one in found["sentiment"]] == ["X-2"]
    assert [one.gid for one in found["theme"]] == ["X-3"]
    assert "category" not in found
