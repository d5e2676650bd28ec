"""What the charts of a bulletin count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from processors.bulletin_charts import CHARTS, draw
from processors.bulletins import Candidate, load_rules
from schemas.errors import DistrictError
from schemas.vocab import Category, Lane, Sentiment

BEGIN = datetime.fromisoformat("2026-11-20T00:00:00+08:00")
END = BEGIN + timedelta(days=1)


def post(hour: float, theme: str | None = None, tone: Sentiment | None = None, lane: Lane = Lane.OPINION) -> Candidate:
    return Candidate(
        item_id=f"{hour}-{theme}", lane=lane, category=Category.PROBLEM, title="", text="", source_name="",
        received_at=BEGIN + timedelta(hours=hour), theme=theme, sentiment=tone,
    )  # fmt: skip


def test_hours_without_a_post_count_nothing() -> None:
    (made,) = draw(["volume"], [post(8.2), post(8.9), post(23.99)], BEGIN, END)
    assert (len(made.labels), made.labels[8], made.values[8], made.values[23], sum(made.values)) == (24, "8时", 2, 1, 3)


def test_a_longer_time_is_counted_by_day() -> None:
    (made,) = draw(["volume"], [post(1), post(30)], BEGIN, BEGIN + timedelta(days=5))
    assert made.labels == ("11.20", "11.21", "11.22", "11.23", "11.24")
    assert made.values == (1, 1, 0, 0, 0)


def test_the_rarest_themes_and_those_without_are_other() -> None:
    posts = [post(number, f"题{number}") for number in range(10)] + [post(12, "题3"), post(13)]
    (made,) = draw(["themes"], posts, BEGIN, END)
    assert (made.labels[0], made.values[0]) == ("题3", 2)
    assert (made.labels[-1], made.values[-1], len(made.labels)) == ("其他", 3, 9)


def test_tones_are_counted_and_unknown_is_neutral() -> None:
    posts = [post(1, tone=Sentiment.NEGATIVE), post(2, tone=Sentiment.POSITIVE), post(3)]
    (made,) = draw(["tones"], posts, BEGIN, END)
    assert dict(zip(made.labels, made.values, strict=True)) == {"负面": 1, "中性": 1, "正面": 1}


def test_only_posts_of_the_time_count_and_nothing_is_drawn_without_any() -> None:
    assert draw(CHARTS, [post(1, lane=Lane.MEDIA), post(25)], BEGIN, END) == ()


def test_an_unknown_chart_is_named() -> None:
    config = {"yuqing": {"title": "舆情", "period": "daily", "sections": [], "charts": ["pie"]}}
    with pytest.raises(DistrictError, match="pie"):
        load_rules(config)
