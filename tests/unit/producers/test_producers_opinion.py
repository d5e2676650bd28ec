"""Opinion spiders: polite, masked, and silent rather than doubtful."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Request, Web
from hypothesis import given
from hypothesis import strategies as st

from processors import pii
from producers.fakes import FakeSink, FixedClock
from producers.health import SourceState
from producers.opinion.collector import OpinionCollector
from producers.opinion.pace import Pacer
from producers.opinion.robots import FRESH, Robots
from producers.opinion.spider import Spider
from producers.sources import OpinionSource
from producers.visit import CollectorSettings, Visit
from producers.web.fetch import Fetcher, FetchSettings
from schemas.vocab import Lane

FETCH = FetchSettings("test@example.cn", allow_private_hosts=frozenset({"127.0.0.1"}))


def mask(text: str) -> tuple[str, Sequence[Any]]:
    spans = pii.find_pii(text, Lane.OPINION)
    return pii.mask(text, spans), spans


@dataclass
class Time:
    """A clock for the pacer: sleeping moves it."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Site:
    """A forum of three posts on the test's web, and a collector for it."""

    web: Web
    sink: FakeSink
    time: Time
    make: Callable[..., Awaitable[Visit]]

    def forum(self, *posts: str) -> None:
        rows = "".join(f'<li class="t"><a href="{post}">帖</a></li>' for post in posts)
        self.web.page("/list", f"<ul>{rows}</ul>")

    def post(
        self, path: str, text: str = "路灯坏了三天没人修", when: str = "2026-11-20 08:00", title: str = "路灯"
    ) -> None:
        self.web.page(
            path,
            f'<h1>{title or "路灯"}</h1><a class="author" href="/u/9">张三丰</a><i class="time">发表于：{when}</i>'
            f'<div class="body">{text}</div>',
        )


def everything_under(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def source(web: Web, **changes: Any) -> OpinionSource:
    values: dict[str, Any] = {
        "id": "some-forum",
        "name": "某论坛",
        "hosts": ["127.0.0.1"],
        "list": {"url": web.address + "/list", "item": "li.t", "link": "a::attr(href)", "min": 1, "max": 10},
        "item": {"title": "h1", "text": "div.body", "time": ".time"},
    }
    return OpinionSource.model_validate(values | changes)


@pytest.fixture
async def site(web: Web, sink: FakeSink, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Site]:
    time = Time()
    async with Fetcher(FETCH) as fetcher:

        async def crawl(used: Any = mask, **changes: Any) -> Visit:
            pacer = Pacer(monotonic=lambda: time.now, sleep=time.sleep)
            spider = Spider(fetcher, Robots(fetcher, pacer, clock, tmp_path), pacer)
            settings = CollectorSettings("zhanggong", tmp_path, FETCH)
            [result] = await OpinionCollector(
                [source(web, **changes)], sink, clock, settings, spider, used
            ).crawl_once()
            return result

        found = Site(web, sink, time, crawl)
        found.forum("/t/1", "/t/2", "/t/3")
        for number in (1, 2, 3):
            found.post(f"/t/{number}", title=f"路灯{number}")
        yield found


async def test_posts_are_sent_once_without_their_author(site: Site) -> None:
    result = await site.make()
    assert (result.ok, result.health.seen, result.health.sent, result.health.state) == (True, 3, 3, SourceState.OK)
    first = json.loads(site.sink.values[0])
    assert first == {
        "id": site.web.address + "/t/1", "lane": "opinion", "source": "某论坛", "title": "路灯1",
        "text": "路灯坏了三天没人修", "published_at": "2026-11-20T08:00:00+08:00", "url": site.web.address + "/t/1",
    }  # fmt: skip
    assert all("张三丰".encode() not in value for value in site.sink.values)
    assert (await site.make()).health.sent == 0
    assert site.web.paths().count("/t/1") == 1


async def test_personal_data_is_masked_before_it_is_sent(site: Site) -> None:
    site.post("/t/1", "联系我 13912345678，车牌赣B12345", title="求助 13912345678")
    await site.make()
    first = json.loads(site.sink.values[0])
    assert "1391234" not in first["text"] + first["title"]
    assert len(first["text"]) == len("联系我 13912345678，车牌赣B12345")


async def test_a_mask_that_changes_lengths_stops_everything(site: Site) -> None:
    result = await site.make(used=lambda text: (text + "x", ()))
    assert not result.ok
    assert site.sink.parcels == []


async def test_a_fault_of_ours_is_a_failed_source_that_quotes_nothing(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(text: str) -> tuple[str, Sequence[Any]]:
        raise RuntimeError(f"cannot mask {text}")

    result = await site.make(used=broken)
    assert (result.ok, site.sink.parcels) == (False, [])
    assert "unexpected RuntimeError" in result.health.reason
    assert "路灯" not in result.health.reason + capsys.readouterr().out


async def test_user_parts_of_addresses_are_not_kept(site: Site, tmp_path: Path) -> None:
    site.forum("/t/1?uid=4711")
    await site.make()
    assert b"4711" not in site.sink.values[0] + everything_under(tmp_path)


async def test_the_declared_id_is_used(site: Site) -> None:
    await site.make(post_id=r"/t/(\d+)")
    assert [parcel.item.id for parcel in site.sink.parcels] == ["1", "2", "3"]


@pytest.mark.parametrize("posts", [[], [f"/t/{n}" for n in range(11)]])
async def test_a_count_outside_the_declared_one_is_loud(site: Site, posts: list[str]) -> None:
    site.forum(*posts)
    result = await site.make()
    assert result.health.state is SourceState.FAILING
    assert f"{len(posts)} posts, expected 1 to 10" in result.health.reason
    assert site.sink.parcels == []


async def test_a_list_whose_selector_finds_no_link_is_loud(site: Site) -> None:
    site.web.page("/list", '<li class="t"><a href="/t/1">帖</a></li><li class="t"><b>帖</b></li>')
    result = await site.make()
    assert "selector of link" in result.health.reason
    assert site.sink.parcels == []


async def test_a_changed_post_page_is_loud_and_nothing_is_sent(site: Site) -> None:
    for number in (1, 2, 3):
        site.web.page(f"/t/{number}", "<h2>新版</h2><article>正文</article>")
    result = await site.make()
    assert not result.ok
    assert "3 of 3 posts are doubtful" in result.health.reason
    assert site.sink.parcels == []


@pytest.mark.parametrize("when", ["昨天 10:20", "", "2027-01-01 08:00", "1970-01-01 08:00"])
async def test_a_time_that_cannot_be_read_is_doubtful(site: Site, when: str) -> None:
    for number in (1, 2, 3):
        site.post(f"/t/{number}", when=when)
    assert not (await site.make()).ok
    assert site.sink.parcels == []


async def test_one_doubtful_post_among_many_is_left_out_and_told(site: Site) -> None:
    paths = [f"/t/{n}" for n in range(10)]
    site.forum(*paths)
    for path in paths:
        site.post(path)
    site.post("/t/4", when="昨天")
    result = await site.make()
    assert (result.health.state, result.health.sent, result.health.findings) == (SourceState.WARNING, 9, 1)
    assert "路灯" not in result.health.reason


async def test_a_deleted_post_is_no_change_of_the_page(site: Site) -> None:
    site.web.page("/t/2", "", 404)
    result = await site.make()
    assert (result.ok, result.health.sent) == (True, 2)


async def test_a_site_that_asks_for_quiet_keeps_what_was_read(site: Site) -> None:
    site.web.page("/t/2", "", 429, Retry_After="600")
    result = await site.make()
    assert (result.ok, result.retry_after_s) == (False, 600.0)
    assert [parcel.item.title for parcel in site.sink.parcels] == ["路灯1"]
    site.post("/t/2", title="路灯2")
    assert (await site.make()).health.sent == 2


async def test_a_broker_that_is_away_loses_nothing(site: Site) -> None:
    site.sink.down = True
    assert not (await site.make()).ok
    site.sink.down = False
    assert (await site.make()).health.sent == 3


async def test_next_pages_up_to_the_limit_and_never_in_a_circle(site: Site) -> None:
    pages = {"url": site.web.address + "/list", "item": "li.t", "link": "a::attr(href)", "min": 1, "max": 10}
    site.web.page("/list", '<li class="t"><a href="/t/1">帖</a></li><a class="n" href="/list2">下页</a>')
    site.web.page("/list2", '<li class="t"><a href="/t/2">帖</a></li><a class="n" href="/list">下页</a>')
    result = await site.make(list=pages | {"next": "a.n::attr(href)", "pages": 5})
    assert result.health.sent == 2
    assert site.web.paths().count("/list") == 1


@pytest.mark.parametrize(
    "target", ["http://evil.example/t/1", "//evil.example/t/1", "javascript:alert(1)", "file:///etc"]
)
async def test_a_post_on_a_host_that_is_not_listed_is_not_fetched(site: Site, target: str) -> None:
    site.forum(target)
    result = await site.make()
    assert "not listed" in result.health.reason
    assert site.sink.parcels == []


async def test_a_redirect_to_a_host_that_is_not_listed_is_not_followed(site: Site) -> None:
    site.web.page("/list", "", 302, Location=site.web.address.replace("127.0.0.1", "localhost") + "/other")
    result = await site.make()
    assert "localhost is not among the hosts" in result.health.reason
    assert "/other" not in site.web.paths()


async def test_requests_to_a_host_are_a_second_apart(site: Site) -> None:
    await site.make()
    assert site.web.paths() == ["/robots.txt", "/list", "/t/1", "/t/2", "/t/3"]
    assert site.time.slept == [1.0] * 4


async def test_a_crawl_delay_slows_us_down(site: Site) -> None:
    site.web.page("/robots.txt", "User-agent: *\nCrawl-delay: 7\n")
    await site.make()
    assert site.time.slept == [1.0, 7.0, 7.0, 7.0]


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /list",
        "User-agent: Huiyao\nDisallow: /\n\nUser-agent: *\nAllow: /",
        "User-agent: *\nDisallow: /*st$",
        "User-agent: *\nCrawl-delay: 3600",
    ],
)
async def test_robots_forbids(site: Site, rules: str) -> None:
    site.web.page("/robots.txt", rules)
    result = await site.make()
    assert "robots.txt" in result.health.reason
    assert site.web.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_robots_that_is_not_there_allows(site: Site, status: int) -> None:
    site.web.page("/robots.txt", "", status)
    assert (await site.make()).ok


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_robots_that_is_unreachable_forbids(site: Site, status: int) -> None:
    site.web.page("/robots.txt", "", status)
    result = await site.make()
    assert "unreachable" in result.health.reason
    assert site.web.paths() == ["/robots.txt"]


async def test_robots_that_breaks_off_forbids(site: Site) -> None:
    def leave(request: Request) -> None:
        request.close_connection = True

    site.web.pages["/robots.txt"] = leave
    assert "unreachable" in (await site.make()).health.reason


async def test_robots_is_asked_again_after_a_day_and_the_old_copy_serves_while_it_is_away(
    site: Site, clock: FixedClock
) -> None:
    site.web.page("/robots.txt", "User-agent: *\nDisallow: /t/2")
    result = await site.make()
    assert (result.health.sent, result.health.state) == (2, SourceState.WARNING)
    await site.make()
    assert site.web.paths().count("/robots.txt") == 1
    site.web.page("/robots.txt", "", 503)
    clock.time += FRESH
    result = await site.make()
    assert site.web.paths().count("/robots.txt") == 2
    assert "robots.txt forbids" in result.health.reason
    assert "/t/2" not in site.web.paths()


async def test_a_huge_robots_is_cut_and_its_beginning_holds(site: Site) -> None:
    site.web.page("/robots.txt", "User-agent: *\nDisallow: /list\n" + "# x\n" * 300_000)
    assert "forbids" in (await site.make()).health.reason


async def test_robots_redirects_stay_on_the_listed_hosts(site: Site) -> None:
    site.web.page("/robots.txt", "", 301, Location="http://localhost:1/robots.txt")
    assert "not among the hosts" in (await site.make()).health.reason


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=30))
async def test_no_two_turns_of_a_host_are_nearer_than_the_pause(asked: list[tuple[str, float]]) -> None:
    time, turns = Time(), dict[str, list[float]]()
    pacer = Pacer(monotonic=lambda: time.now, sleep=time.sleep)
    for host, later in asked:
        time.now += later
        await pacer.wait(host)
        turns.setdefault(host, []).append(time.now)
    for times in turns.values():
        assert all(second - first >= 1 - 1e-9 for first, second in pairwise(times))


async def test_health_keeps_the_last_good_time(site: Site, clock: FixedClock) -> None:
    await site.make()
    clock.time += timedelta(hours=1)
    site.forum()
    result = await site.make()
    assert (result.health.last_ok, result.health.last_try) == (NOW, NOW + timedelta(hours=1))
