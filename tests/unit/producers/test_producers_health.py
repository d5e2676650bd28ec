"""Health records, the schedule, declared sources and state files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from producers.health import HealthMetrics, HealthStore, SourceState, failed, succeeded
from producers.schedule import ScheduleSettings, Try, keep_trying, pause
from producers.sources import FeedSource, load_feeds, load_opinion
from producers.statefile import write_atomic
from schemas.errors import DistrictError
from schemas.vocab import Lane

SETTINGS = ScheduleSettings()


def test_health_is_read_back_as_written(tmp_path: Path) -> None:
    store = HealthStore(tmp_path)
    good = succeeded("a", "甲报", Lane.MEDIA, NOW, seen=5, sent=2, findings=["entry 3: neither id nor link"])
    store.write(good)
    bad = failed(good, "a", "甲报", Lane.MEDIA, NOW + timedelta(hours=1), "HTTP 503 " * 100)
    assert store.read(Lane.MEDIA, "a") == good
    assert (good.state, bad.state) == (SourceState.WARNING, SourceState.FAILING)
    store.write(bad)
    assert store.all() == [bad]
    assert (bad.last_ok, bad.failures, len(bad.reason)) == (NOW, 1, 300)


def test_one_id_in_two_lanes_is_two_records_and_damage_is_no_record(tmp_path: Path) -> None:
    store = HealthStore(tmp_path)
    for lane in (Lane.MEDIA, Lane.OPINION):
        store.write(succeeded("a", "甲", lane, NOW, seen=0, sent=0))
    (tmp_path / "health" / "media-b.json").write_bytes(b"{")
    assert [health.lane for health in store.all()] == [Lane.MEDIA, Lane.OPINION]


def test_a_hostile_id_stays_in_its_folder(tmp_path: Path) -> None:
    HealthStore(tmp_path / "data").write(succeeded("../../x", "甲", Lane.MEDIA, NOW, seen=0, sent=0))
    assert [path.parent.name for path in tmp_path.rglob("*.json")] == ["health"]


def test_metrics(tmp_path: Path) -> None:
    store, registry = HealthStore(tmp_path), CollectorRegistry()
    registry.register(HealthMetrics(store))
    store.write(succeeded("a", "甲报", Lane.MEDIA, NOW, seen=5, sent=2))
    store.write(failed(None, "b", "乙站", Lane.OPINION, NOW, "changed"))
    a, b = {"lane": "media", "source": "a"}, {"lane": "opinion", "source": "b"}
    assert registry.get_sample_value("huiyao_source_up", a) == 1
    assert registry.get_sample_value("huiyao_source_up", b) == 0
    assert registry.get_sample_value("huiyao_source_failures", b) == 1
    assert registry.get_sample_value("huiyao_source_entries", a) == 5
    assert registry.get_sample_value("huiyao_source_last_ok_timestamp_seconds", a) == NOW.timestamp()


@given(st.integers(0, 100), st.floats(30, 86400), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 86400))
def test_pauses_are_bounded_and_never_shorter_than_asked(
    failures: int, interval: float, chance: float, retry_after: float | None
) -> None:
    seconds = pause(Try(failures, retry_after), interval, chance, SETTINGS)
    assert seconds >= 0.9 * interval
    assert seconds >= (retry_after or 0)
    assert seconds <= max(1.1 * max(interval, SETTINGS.max_backoff_s), retry_after or 0)


def test_pauses_grow_with_failures() -> None:
    pauses = [pause(Try(failures), 60, 0.5, SETTINGS) for failures in range(12)]
    assert pauses[:4] == [60, 60, 120, 240]
    assert pauses == sorted(pauses)
    assert pauses[-1] == SETTINGS.max_backoff_s


async def test_the_loop_tries_each_source_and_stops_when_told() -> None:
    sources = [FeedSource(id=name * 2, name=name, url="http://x.example/", interval_s=30) for name in "ab"]
    stop, tried = asyncio.Event(), []

    async def once(source: FeedSource) -> Try:
        tried.append(source.id)
        if len(tried) == 2:
            stop.set()
        return Try()

    await keep_trying(sources, once, stop, ScheduleSettings(jitter=0.0001), chance=lambda: 0.0)
    assert sorted(tried) == ["aa", "bb"]


async def test_the_loop_waits_where_there_is_no_source_yet() -> None:
    stop = asyncio.Event()

    async def once(_: FeedSource) -> Try:
        raise AssertionError("there is nothing to try")

    waiting = asyncio.create_task(keep_trying([], once, stop, ScheduleSettings()))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stop.set()
    await waiting


FEED = "id: some-paper\nname: 某报\nurl: https://paper.example/rss\n"
SITE = """id: some-forum
name: 某论坛
hosts: [BBS.example]
list:
  url: https://bbs.example/list
  item: li.t
  link: a::attr(href)
  min: 5
  max: 40
item:
  title: h1
  text: div.body
  time: .time
"""


def test_declared_sources(tmp_path: Path) -> None:
    for folder, name, text in (("media", "a.yml", FEED), ("opinion", "b.yml", SITE)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text)
    (tmp_path / "media" / "off.yml").write_text(FEED.replace("some-paper", "other") + "enabled: false\n")
    assert [feed.id for feed in load_feeds(tmp_path)] == ["some-paper"]
    [site] = load_opinion(tmp_path)
    assert (site.hosts, site.limits.requests_per_s) == (("bbs.example",), 1.0)


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        (SITE.replace("min: 5", "min: 0"), 8, "list.min"),
        (SITE.replace("max: 40", "max: 4"), 10, "below"),
        (SITE.replace("  time: .time\n", ""), 10, "time needs a selector"),
        (SITE + "limits:\n  requests_per_s: 5\n", 15, "requests_per_s"),
        (SITE + "sauce: x\n", 14, "sauce"),
        (SITE + "post_id: t-\\d+\n", 14, "group"),
        (SITE + "post_id: '('\n", 14, "post_id"),
        (SITE.replace("https://bbs", "file:///etc"), 5, "list.url"),
        (SITE.replace("id: some-forum", "id: ../x"), 1, "id"),
        (SITE.replace("li.t", "'li..t['"), 6, "not a CSS selector"),
        (SITE + "  : [", 14, ""),
        ("- 1\n", 1, ""),
        ("", 1, ""),
    ],
)
def test_a_wrong_source_names_file_line_and_cause(tmp_path: Path, text: str, line: int, cause: str) -> None:
    (tmp_path / "opinion").mkdir()
    (tmp_path / "opinion" / "b.yml").write_text(text)
    with pytest.raises(DistrictError) as caught:
        load_opinion(tmp_path)
    assert caught.value.line == line
    assert caught.value.file.endswith("b.yml")
    assert cause in caught.value.cause


def test_an_id_twice_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    for name in ("a.yml", "b.yml"):
        (tmp_path / "media" / name).write_text(FEED)
    with pytest.raises(DistrictError, match="given twice"):
        load_feeds(tmp_path)


def test_a_write_that_fails_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_atomic(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("producers.statefile.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(autouse=True)
def _no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
