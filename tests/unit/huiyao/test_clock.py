"""The virtual clock: jumps are written down, so that every process and every replay sees the same times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from huiyao.clock import SystemClock, VirtualClock, make_clock

START = datetime.fromisoformat("2026-11-20T06:30:00+08:00")


def test_starts_where_it_is_set_and_goes_on(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    clock = VirtualClock.start(tmp_path / "run" / "clock.json", START)
    shown = clock.now()
    assert timedelta(0) <= shown - START <= datetime.now(UTC) - before


def test_jumps_forward_only_and_maps_the_past_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    clock = VirtualClock.start(path, START)
    before_jump = datetime.now(UTC)
    clock.jump(START + timedelta(hours=3))
    after_jump = datetime.now(UTC)
    assert clock.at(before_jump) < START + timedelta(hours=1)
    assert clock.at(after_jump) >= START + timedelta(hours=3)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.jump(START)


def test_another_process_sees_the_same_times(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    clock = VirtualClock.start(path, START)
    other = VirtualClock.start(path, START + timedelta(days=9))  # already started: the file counts
    clock.jump(START + timedelta(hours=2))
    moment = datetime.now(UTC)
    assert other.at(moment) == clock.at(moment)


def test_real_time_without_a_start(tmp_path: Path) -> None:
    clock = make_clock(tmp_path, None)
    assert isinstance(clock, SystemClock)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.at(moment) == moment
    assert clock.now().utcoffset() == timedelta(hours=8)
