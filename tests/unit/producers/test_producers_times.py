"""Times as people and feeds write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.times import parse_time
from schemas.base import CHINA

HALF_PAST_EIGHT = datetime(2026, 11, 20, 8, 30, tzinfo=CHINA)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T08:30:00+08:00",
        "2026-11-20T00:30:00Z",
        "2026-11-20 08:30",
        "2026-11-20 8:30:00",
        "2026/11/20 8:30",
        "2026.11.20 8:30",
        "2026年11月20日 8时30分",
        "2026年11月20日8:30",
        "2026年11月20日（星期五）8点30分",
        "Fri, 20 Nov 2026 08:30:00 +0800",
        "Fri, 20 Nov 2026 00:30:00 GMT",
        "Fri, 20 Nov 2026 08:30:00",
        "Fri, 20 Nov 2026 08:30:00 CST",
        "2026-11-20 08:30:00 CST",
        "2026-11-20 08:30:00 GMT+8",
        "2026-11-20 08:30:00 +0800",
        "2026-11-20T08:30:00",
    ],
)
def test_forms(written: str) -> None:
    assert parse_time(written) == HALF_PAST_EIGHT


@pytest.mark.parametrize(
    "written",
    [
        "",
        "昨天",
        "20261120",
        "1795462200",
        "2026-13-01",
        "2026年2月30日",
        "8:30",
        "2026-11-20 25:00",
        "x" * 1000,
        None,
        1,
    ],
)
def test_what_is_not_certain_is_not_read(written: object) -> None:
    assert parse_time(written) is None


def test_cells() -> None:
    assert parse_time(HALF_PAST_EIGHT.replace(tzinfo=None)) == HALF_PAST_EIGHT
    assert parse_time(date(2026, 11, 20)) == datetime(2026, 11, 20, tzinfo=CHINA)


@given(
    st.datetimes(HALF_PAST_EIGHT.replace(2000, tzinfo=None), HALF_PAST_EIGHT.replace(2099, tzinfo=None)),
    st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_iso_and_rfc822_are_read_exactly(moment: datetime, zone: timezone) -> None:
    aware = moment.replace(tzinfo=zone, microsecond=0)
    assert parse_time(aware.isoformat()) == aware
    assert parse_time(format_datetime(aware)) == aware
    assert parse_time(format_datetime(aware.astimezone(UTC), usegmt=True)) == aware


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    moment = parse_time(text)
    assert moment is None or moment.tzinfo is not None
