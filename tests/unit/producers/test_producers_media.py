"""Media feeds: parsing, adapting, and what the collector remembers when."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOW, Request, Web
from hypothesis import given
from hypothesis import strategies as st

from producers.fakes import FakeSink, FixedClock
from producers.health import HealthStore, SourceState
from producers.media.adapt import Sent, adapt
from producers.media.collector import MediaCollector
from producers.media.parse import Entry, parse_feed
from producers.media.store import KEPT, Cursor, CursorStore, remember
from producers.sources import FeedSource
from producers.visit import CollectorSettings, Visit
from producers.web.fetch import Fetcher, FetchSettings
from schemas.base import CHINA
from schemas.errors import SourceError
from schemas.ids import version
from schemas.vocab import Lane

EIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=CHINA)


def rss(*items: str, encoding: str = "utf-8") -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel>{"".join(items)}</channel></rss>'


def item(number: int, text: str = "正文", when: str = "Fri, 20 Nov 2026 08:00:00 +0800", extra: str = "") -> str:
    date = f"<pubDate>{when}</pubDate>" if when else ""
    return (
        f"<item><guid>g{number}</guid><title>标题{number}</title><link>/a/{number}</link>"
        f"<description><![CDATA[<p>{text}</p>]]></description>{date}{extra}</item>"
    )


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>甲</title><link href="https://a.example/1"/>
<content type="html">&lt;p&gt;全文很长很长&lt;/p&gt;</content><summary>短</summary>
<published>2026-11-20T08:00:00+08:00</published><updated>2026-11-20T09:30:00+08:00</updated></entry>
<entry><id>urn:2</id><title>乙</title><updated>2026-11-20T08:00:00+08:00</updated></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://a.example/1"><title>甲</title>
<link>https://a.example/1</link><description>正文</description><dc:date>2026-11-20T08:00:00+08:00</dc:date></item></rdf:RDF>"""


def test_rss() -> None:
    [entry] = parse_feed(rss(item(1)).encode(), base="https://a.example/feed").entries
    assert entry == Entry("g1", "标题1", "正文", "https://a.example/a/1", EIGHT, None)


def test_atom_takes_the_longest_text_and_keeps_published_and_updated_apart() -> None:
    first, second = parse_feed(ATOM.encode()).entries
    assert (first.text, first.published, first.updated) == ("全文很长很长", EIGHT, EIGHT + timedelta(minutes=90))
    assert (second.text, second.published, second.updated) == ("乙", None, EIGHT)


def test_rdf() -> None:
    [entry] = parse_feed(RDF.encode()).entries
    assert (entry.key, entry.text) == ("https://a.example/1", "正文")
    assert EIGHT in (entry.published, entry.updated)


def test_published_does_not_pass_for_updated() -> None:
    """feedparser answers entry["updated"] with the published time where there is none."""
    [entry] = parse_feed(rss(item(1)).encode()).entries
    assert entry.updated is None


@pytest.mark.parametrize("when", ["2026-11-20 08:00:00", "Fri, 20 Nov 2026 08:00:00", "2026年11月20日 8时"])
def test_times_without_zone_are_of_china(when: str) -> None:
    [entry] = parse_feed(rss(item(1, when=when)).encode()).entries
    assert entry.published == EIGHT


@pytest.mark.parametrize("real", ["utf-8", "gbk", "utf-16", "gb18030"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5"])
def test_character_sets_with_wrong_declarations(real: str, declared: str) -> None:
    text = "章贡区举行防汛演练，三百人参加，检验应急预案。"
    body = rss(item(1, text), encoding=declared).encode(real)
    [entry] = parse_feed(body, content_type="text/xml; charset=iso-8859-1").entries
    assert entry.text == text


def test_a_bad_entry_is_a_finding_and_the_rest_goes_on() -> None:
    nameless = "<item><description>没有标识</description></item>"
    feed = parse_feed(rss(item(1), nameless, item(1), item(2, when="不久前"), item(3)).encode())
    assert [entry.key for entry in feed.entries] == ["g1", "g2", "g3"]
    assert len(feed.findings) == 3
    assert feed.findings[0].startswith("entry 2:")


def test_if_no_entry_can_be_used_the_feed_fails() -> None:
    with pytest.raises(SourceError, match="none of 1 entries"):
        parse_feed(rss("<item><description>没有标识</description></item>").encode())


@pytest.mark.parametrize("body", [b"", b"<html><body><h1>404</h1></body></html>", b"\x00\x01", b"{}", b"/etc/passwd"])
def test_what_is_no_feed_is_an_error(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse_feed(body)


def test_an_empty_feed_is_fine() -> None:
    assert parse_feed(rss().encode()).entries == ()


def test_entities_do_not_multiply() -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = "<item><guid>1</guid><title>甲&a9;</title></item>"
    body = f'<!DOCTYPE rss [{entities}]><rss version="2.0"><channel>{bomb}{item(2)}</channel></rss>'
    entries = parse_feed(body.encode()).entries
    assert "g2" in [entry.key for entry in entries]
    assert sum(len(entry.title) for entry in entries) < 1000


def test_a_file_is_not_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    items = "<item><guid>1</guid><title>&x;甲</title></item>" + item(2)
    feed = parse_feed(f'{doctype}<rss version="2.0"><channel>{items}</channel></rss>'.encode())
    assert "g2" in [entry.key for entry in feed.entries]
    assert "geheim" not in repr(feed)


def test_more_entries_than_the_limit_are_told() -> None:
    feed = parse_feed(rss(*(item(n) for n in range(5))).encode(), max_entries=3)
    assert len(feed.entries) == 3
    assert "2 entries beyond" in feed.findings[-1]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_an_error(body: bytes) -> None:
    for data in (body, rss(item(1)).encode()[:200] + body):
        with contextlib.suppress(SourceError):
            assert all(entry.key for entry in parse_feed(data).entries)


def entry(text: str = "正文", published: datetime | None = EIGHT, updated: datetime | None = None) -> Entry:
    return Entry("g1", "标题", text, None, published, updated)


def again(first: Entry, second: Entry, *, now: datetime = NOW) -> tuple[list[int], list[str]]:
    """Versions and item ids of what two polls an hour apart send."""
    versions, ids, before = [], [], dict[str, Sent]()
    for place, one in enumerate((first, second)):
        done = adapt((one,), source="某报", district="zhanggong", now=now + timedelta(hours=place), before=before)
        before = dict(done.sent)
        versions += [version(parcel.item) for parcel in done.parcels]
        ids += [parcel.item_id for parcel in done.parcels]
    return versions, ids


@pytest.mark.parametrize("published", [EIGHT, None])
def test_an_unchanged_entry_is_sent_once(published: datetime | None) -> None:
    assert len(again(entry(published=published), entry(published=published))[0]) == 1


@pytest.mark.parametrize(
    "second",
    [
        entry("更正", updated=EIGHT + timedelta(hours=1)),
        entry("更正"),
        entry("更正", published=EIGHT - timedelta(hours=1)),
        entry("更正", published=None),
        entry("更正", published=EIGHT + timedelta(minutes=5)),
    ],
)
def test_a_correction_is_the_same_item_of_a_higher_version(second: Entry) -> None:
    versions, ids = again(entry(), second)
    assert len(versions) == 2
    assert versions[1] > versions[0]
    assert ids[0] == ids[1]


def test_a_correction_keeps_the_first_time_of_publication() -> None:
    before = adapt((entry(),), source="某报", district="z", now=NOW, before={}).sent
    done = adapt((entry("更正", EIGHT + timedelta(minutes=5)),), source="某报", district="z", now=NOW, before=before)
    [parcel] = done.parcels
    assert parcel.item.published_at == EIGHT
    assert parcel.item.updated_at == EIGHT + timedelta(minutes=5)


def test_a_missing_or_future_time_is_the_time_of_collection() -> None:
    for published in (None, NOW + timedelta(hours=8)):
        done = adapt((entry(published=published),), source="某报", district="z", now=NOW, before={})
        assert done.parcels[0].item.published_at == NOW
        assert len(done.findings) == (published is not None)


def test_only_the_oldest_memory_is_forgotten() -> None:
    old = {str(number): Sent("c", EIGHT.isoformat(), 1) for number in range(KEPT + 10)}
    kept = remember(old, {"new": Sent("c", EIGHT.isoformat(), 1), "5": Sent("d", EIGHT.isoformat(), 2)})
    assert "0" not in kept
    assert {"new", str(KEPT + 9)} <= kept.keys()
    assert kept["5"].content == "d"


def test_cursors_survive_and_damage_means_starting_anew(tmp_path: Path) -> None:
    store = CursorStore(tmp_path)
    assert store.read("a") == Cursor()
    cursor = Cursor("u", '"1"', None, {"k": Sent("c", EIGHT.isoformat(), 1)})
    store.write("a", cursor)
    assert store.read("a") == cursor
    for damage in (b"{", b"[]", b'{"url":1}', b'{"url":"u","etag":null,"last_modified":null,"sent":{"k":[1]}}'):
        (tmp_path / "media" / "a.json").write_bytes(damage)
        assert store.read("a") == Cursor()


Make = Callable[[str], MediaCollector]


@pytest.fixture
async def make(web: Web, sink: FakeSink, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Make]:
    fetch = FetchSettings("test@example.cn", allow_private_hosts=frozenset({"127.0.0.1"}))
    async with Fetcher(fetch) as fetcher:
        settings = CollectorSettings("zhanggong", tmp_path, fetch)
        yield lambda path: MediaCollector(
            [FeedSource(id="some-paper", name="某报", url=web.address + path)], sink, clock, settings, fetcher
        )


async def one(collector: MediaCollector) -> Visit:
    [poll] = await collector.poll_once()
    return poll


async def test_a_poll_sends_and_remembers(web: Web, make: Make, sink: FakeSink, tmp_path: Path) -> None:
    web.page("/feed", rss(item(1), item(2)), ETag='"1"')
    poll = await one(make("/feed"))
    assert (poll.ok, poll.health.sent, poll.health.state) == (True, 2, SourceState.OK)
    first = json.loads(sink.values[0])
    assert first == {
        "id": "g1", "lane": "media", "source": "某报", "title": "标题1", "text": "正文",
        "published_at": "2026-11-20T08:00:00+08:00", "url": web.address + "/a/1",
    }  # fmt: skip
    assert (await one(make("/feed"))).health.sent == 0
    assert web.asked[1][1]["If-None-Match"] == '"1"'
    assert HealthStore(tmp_path).read(Lane.MEDIA, "some-paper") is not None


async def test_304_keeps_what_is_known_of_the_feed(web: Web, make: Make) -> None:
    web.page("/feed", rss(item(1), item(2, when="不久前")), ETag='"1"')
    await one(make("/feed"))
    web.pages["/feed"] = lambda request: request.answer(304)
    poll = await one(make("/feed"))
    assert (poll.ok, poll.health.state, poll.health.seen, poll.health.sent) == (True, SourceState.WARNING, 2, 0)


async def test_the_cursor_moves_only_after_the_broker_acknowledged(
    web: Web, make: Make, sink: FakeSink, tmp_path: Path
) -> None:
    web.page("/feed", rss(item(1), item(2)), ETag='"1"')
    sink.down = True
    poll = await one(make("/feed"))
    assert not poll.ok
    assert CursorStore(tmp_path).read("some-paper") == Cursor()
    sink.down = False
    assert (await one(make("/feed"))).health.sent == 2
    assert "If-None-Match" not in web.asked[1][1]


async def test_a_kill_between_acknowledgement_and_cursor_doubles_nothing_after_folding(
    web: Web, make: Make, sink: FakeSink, tmp_path: Path
) -> None:
    web.page("/feed", rss(item(1), item(2, when="")))
    await one(make("/feed"))
    (tmp_path / "media" / "some-paper.json").unlink()
    await one(make("/feed"))
    assert len(sink.parcels) == 4
    assert len({parcel.item_id for parcel in sink.parcels}) == 2


async def test_a_changed_address_forgets_the_validators(web: Web, make: Make) -> None:
    web.page("/old", rss(item(1)), ETag='"1"')
    web.page("/new", rss(item(1)))
    await one(make("/old"))
    await one(make("/new"))
    assert "If-None-Match" not in web.asked[1][1]


async def test_failures_are_counted_with_reason_and_the_last_good_time(web: Web, make: Make, clock: FixedClock) -> None:
    web.page("/feed", rss(item(1)))
    await one(make("/feed"))
    web.page("/feed", "", 503, Retry_After="300")
    clock.time += timedelta(hours=1)
    await one(make("/feed"))
    poll = await one(make("/feed"))
    assert (poll.ok, poll.health.failures, poll.retry_after_s) == (False, 2, 300.0)
    assert poll.health.last_ok == NOW
    assert "HTTP 503" in poll.health.reason
    web.page("/feed", rss(item(1)))
    assert (await one(make("/feed"))).health.failures == 0


async def test_a_feed_that_became_a_page_fails_loudly(web: Web, make: Make, sink: FakeSink) -> None:
    web.page("/feed", "<html><body>维护中</body></html>")
    poll = await one(make("/feed"))
    assert poll.health.state is SourceState.FAILING
    assert "not a feed" in poll.health.reason
    assert sink.parcels == []


async def test_one_failing_feed_does_not_stop_the_others(
    web: Web, sink: FakeSink, clock: FixedClock, tmp_path: Path
) -> None:
    web.page("/good", rss(item(1)))

    def cut(request: Request) -> None:
        request.close_connection = True

    web.pages["/bad"] = cut
    fetch = FetchSettings("test@example.cn", allow_private_hosts=frozenset({"127.0.0.1"}))
    feeds = [FeedSource(id=name, name=name, url=f"{web.address}/{name}") for name in ("bad", "good")]
    async with Fetcher(fetch) as fetcher:
        polls = await MediaCollector(feeds, sink, clock, CollectorSettings("z", tmp_path, fetch), fetcher).poll_once()
    assert [poll.ok for poll in polls] == [False, True]
    assert len(sink.parcels) == 1


async def test_a_full_disk_is_a_failed_poll_and_the_items_are_sent_again(
    web: Web, make: Make, sink: FakeSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.page("/feed", rss(item(1)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("producers.statefile.os.fsync", full)
        assert not (await one(make("/feed"))).ok
    assert (await one(make("/feed"))).health.sent == 1
    assert len({parcel.item_id for parcel in sink.parcels}) == 1


def test_zones_differ_but_the_moment_is_one() -> None:
    [parsed] = parse_feed(rss(item(1, when="Fri, 20 Nov 2026 00:00:00 GMT")).encode()).entries
    assert parsed.published == datetime(2026, 11, 20, 0, 0, tzinfo=UTC) == EIGHT
