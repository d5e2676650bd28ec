"""Heat, counts by period, rise and bursts of themes and stories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.heat import DAY, HOUR, Spread, burst, count_by_period, heat, peak, trends
from schemas.base import CHINA

NOON = datetime(2026, 6, 10, 12, tzinfo=CHINA)


def _ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


def test_heat_follows_the_printed_formula() -> None:
    assert heat([]) == 0
    assert heat([Spread()]) == pytest.approx(1.0)
    assert heat([Spread(source="central")]) == pytest.approx(5.0)
    assert heat([Spread(age_hours=12)]) == pytest.approx(0.5)
    with pytest.raises(KeyError):
        heat([Spread(source="unknown")])


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 200))
def test_more_reposts_are_hotter_and_age_cools(reposts: int, more: int, age: float) -> None:
    assert heat([Spread(reposts=reposts + more, age_hours=age)]) >= heat([Spread(reposts=reposts, age_hours=age)])
    assert heat([Spread(reposts=reposts, age_hours=age + 1)]) <= heat([Spread(reposts=reposts, age_hours=age)])


def test_a_rise_out_of_the_usual_is_a_burst() -> None:
    assert burst([2, 3, 2, 1, 3, 2, 18]).is_burst
    assert not burst([20, 22, 19, 24, 21]).is_burst
    assert not burst([0, 0, 0, 3]).is_burst
    assert burst([0, 0, 0, 9]).is_burst
    assert not burst([]).is_burst
    assert burst([4, 4, 4, 40]).ratio == pytest.approx(10.0)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=30))
def test_a_burst_is_above_the_mean(counts: list[int]) -> None:
    found = burst(counts)
    if found.is_burst:
        assert counts[-1] > sum(counts[:-1]) / (len(counts) - 1)


def test_counts_are_by_period_oldest_first_and_end_before_now() -> None:
    times = [_ago(0.5), _ago(1), _ago(1.5), _ago(2.5), _ago(9), NOON]
    assert count_by_period(times, NOON, HOUR, 3) == (1, 1, 2)


def test_a_zone_changes_no_count() -> None:
    assert count_by_period([_ago(1).astimezone(UTC)], NOON, HOUR, 2) == (0, 1)


def test_trends_put_bursts_first_and_do_not_depend_on_the_order() -> None:
    posts = [("教育", _ago(0.2 + 0.01 * n)) for n in range(8)] + [("交通出行", _ago(n / 4)) for n in range(1, 100)]
    posts += [(None, _ago(0.3)), ("公用事业", _ago(40))]
    found = trends(posts, NOON)
    assert [trend.name for trend in found] == ["教育", "交通出行"]
    assert found[0].burst.is_burst
    assert not found[1].burst.is_burst
    assert found[0].words() == "最近1期8条，此前平均0.0条，突增（8.0倍）"
    assert trends(reversed(posts), NOON) == found


def test_days_count_as_hours_do() -> None:
    posts = [("教育", NOON - timedelta(days=day, minutes=1)) for day in range(7)]
    trend = trends(posts, NOON, DAY, 7)[0]
    assert trend.counts == (1,) * 7
    assert trend.rise == 0
    assert trend.words().endswith("持平")


@given(st.lists(st.integers(1, 2_000), max_size=60))
def test_nothing_is_counted_twice_or_lost(minutes: list[int]) -> None:
    times = [NOON - timedelta(minutes=minute) for minute in minutes]
    inside = sum(minute <= 25 * 60 for minute in minutes)
    assert sum(count_by_period(times, NOON)) == inside


def test_the_peak_is_the_period_that_rises_most() -> None:
    top = peak([1, 0, 1, 1, 6, 1, 9, 2])
    assert top is not None
    assert (top[0], top[1].is_burst) == (4, True)
    assert peak([0, 0, 9, 0, 0]) is None  # two periods before say nothing
    assert peak([8, 8, 8, 9, 8, 10]) is None
