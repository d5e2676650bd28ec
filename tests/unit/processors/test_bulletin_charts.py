"""What the charts of a bulletin count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from processors.bulletin_candidate import Candidate
from processors.bulletin_charts import CHARTS, draw, tally
from processors.bulletin_rules import load_rules
from schemas.errors import DistrictError
from schemas.vocab import Category, Lane, Sentiment

BEGIN = datetime.fromisoformat("2026-11-20T00:00:00+08:00")
END = BEGIN + timedelta(days=1)


def post(
    hour: float,
    theme: str | None = None,
    tone: Sentiment | None = None,
    lane: Lane = Lane.OPINION,
    story: str | None = None,
    text: str = "",
) -> Candidate:
    return Candidate(
        item_id=f"{hour}-{theme}", lane=lane, category=Category.PROBLEM, title="", text=text, source_name="",
        received_at=BEGIN + timedelta(hours=hour), theme=theme, sentiment=tone, story=story,
    )  # fmt: skip


def test_hours_without_a_post_count_nothing() -> None:
    (made,) = draw(["volume"], tally([post(8.2), post(8.9), post(23.99)], BEGIN, END), BEGIN, END)
    assert (len(made.labels), made.labels[8], made.values[8], made.values[23], sum(made.values)) == (24, "8时", 2, 1, 3)


def test_a_longer_time_is_counted_by_day() -> None:
    (made,) = draw(
        ["volume"], tally([post(1), post(30)], BEGIN, BEGIN + timedelta(days=5)), BEGIN, BEGIN + timedelta(days=5)
    )
    assert made.labels == ("11.20", "11.21", "11.22", "11.23", "11.24")
    assert made.values == (1, 1, 0, 0, 0)


def test_the_rarest_themes_and_those_without_are_other() -> None:
    posts = [post(number, f"题{number}") for number in range(10)] + [post(12, "题3"), post(13)]
    (made,) = draw(["themes"], tally(posts, BEGIN, END), BEGIN, END)
    assert (made.labels[0], made.values[0]) == ("题3", 2)
    assert (made.labels[-1], made.values[-1], len(made.labels)) == ("其他", 3, 9)


def test_tones_are_counted_and_unknown_is_neutral() -> None:
    posts = [post(1, tone=Sentiment.NEGATIVE), post(2, tone=Sentiment.POSITIVE), post(3)]
    (made,) = draw(["tones"], tally(posts, BEGIN, END), BEGIN, END)
    assert dict(zip(made.labels, made.values, strict=True)) == {"负面": 1, "中性": 1, "正面": 1}


def test_only_posts_of_the_time_count_and_nothing_is_drawn_without_any() -> None:
    assert draw(CHARTS, tally([post(1, lane=Lane.MEDIA), post(25)], BEGIN, END), BEGIN, END) == ()


def test_subjects_and_stories_that_rise_are_shown_at_their_hour() -> None:
    steady = [post(hour + 0.5, "交通出行") for hour in range(24)]
    burst = [post(14 + minute / 60, "公用事业", story="s1", text="整个水南都没水了，有人知道吗") for minute in range(9)]
    (made,) = draw(["rise"], tally([*steady, *burst, post(3, "公用事业")], BEGIN, END), BEGIN, END)
    assert made.labels == ("“整个水南都没水了，有人知…”（14时）", "公用事业（14时）")
    assert made.values == (9, 9)


def test_the_strongest_rise_stands_first_and_six_are_shown() -> None:
    posts = [post(10 + n / 60, f"题{count}") for count in range(5, 13) for n in range(count)]
    (made,) = draw(["rise"], tally(posts, BEGIN, END), BEGIN, END)
    assert made.labels == tuple(f"题{count}（10时）" for count in range(12, 6, -1))


def test_what_is_steady_small_or_just_begun_does_not_rise() -> None:
    steady = [post(hour + n / 10, "教育") for hour in range(24) for n in range(6)]
    small = [post(15, "医疗卫生")] * 4
    begun = [post(1, "劳动社保")] * 9
    assert draw(["rise"], tally([*steady, *small, *begun], BEGIN, END), BEGIN, END) == ()


def test_a_rise_over_days_is_told_by_day() -> None:
    posts = [post(24 * 4 + n, "教育") for n in range(7)]
    (made,) = draw(["rise"], tally(posts, BEGIN, BEGIN + timedelta(days=5)), BEGIN, BEGIN + timedelta(days=5))
    assert (made.labels, made.values) == (("教育（11.24）",), (7,))


def test_an_unknown_chart_is_named() -> None:
    config = {"yuqing": {"title": "舆情", "period": "daily", "sections": [], "charts": ["pie"]}}
    with pytest.raises(DistrictError, match="pie"):
        load_rules(config)
