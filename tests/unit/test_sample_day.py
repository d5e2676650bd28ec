"""The sample day's data: what its README promises holds, and its pages can be collected by the declared sources."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

import feedparser
import pytest

from huiyao.demo.day import Moment, PageVersion, load_day
from huiyao.districts import load_district
from processors.pii import find_pii, valid_id_card
from producers.media.adapt import Sent, adapt
from producers.media.parse import ParsedFeed, parse_feed
from producers.opinion.pages import Post, read_list, read_post
from producers.secrecy import secrecy_mark
from producers.sources import FeedSource, OpinionSource, load_feeds, load_opinion
from producers.web.fetch import Fetched
from schemas.assessment import Assessment
from schemas.base import CHINA, local_day
from schemas.errors import SourceError
from schemas.ids import item_id, version
from schemas.item import TEXT_LIMIT, Item, Submission
from schemas.topics import BY_NAME, INPUT_LIMIT, LANE_BY_INPUT
from schemas.vocab import Category, Check, Kind, Lane, PiiKind

DISTRICT = Path(__file__).parents[2] / "districts" / "zhanggong"
FOLDER = DISTRICT / "sample-day"
BASE = "http://127.0.0.1:8123"
SILENT = {"U043", "U050"}
LATE = {"U010", "U027", "U047", "U065"}
LANDSLIDE = "20261120-SS-01"

district = load_district(DISTRICT)
day = load_day(FOLDER)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


def department(source: str) -> str:
    found = district.register.resolve(source)
    assert found is not None, source
    return found.id


def submitted() -> list[tuple[datetime, str, Submission]]:
    """Arrival, item id and submission of every line of reports.jsonl."""
    found = []
    for line in lines("reports.jsonl"):
        item = Submission.model_validate(line["report"])
        key = item_id(item, district=district.id, source=department(item.source))
        found.append((datetime.fromisoformat(line["at"]), key, item))
    return found


REPORTS = submitted()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source definitions with an address, as the player fills it in."""
    folder = tmp_path_factory.mktemp("sources")
    for file in day.sources.rglob("*.yml"):
        target = folder / file.relative_to(day.sources)
        target.parent.mkdir(exist_ok=True)
        target.write_text(file.read_text("utf-8").replace("{base}", BASE).replace("{host}", "127.0.0.1"), "utf-8")
    return folder


def shown(url: str, at: datetime) -> PageVersion | None:
    """The version of a page that the site serves at a moment; None is a 404."""
    path = url.removeprefix(BASE)
    return max(
        (page for page in day.pages if page.path == path and page.at <= at), key=lambda page: page.at, default=None
    )


# ------------------------------------------------------------------------------------------------ the whole


def test_is_one_friday_with_a_few_dozen_moments() -> None:
    assert {local_day(moment.at) for moment in day.moments} == {"2026-11-20"}
    assert day.moments[0].at.weekday() == 4
    assert 50 <= len(day.moments) <= 90
    assert day.moments[0].at.astimezone(CHINA).time() >= time(7)
    assert day.moments[-1].at.astimezone(CHINA).time() <= time(22)


def test_brings_at_least_170_items(sources: Path) -> None:
    articles, posts = polled(sources), crawled(sources)[0]
    assert (len(REPORTS), len({one.id for _, one in articles}), len(posts)) == (99, 32, 45)
    assert len(REPORTS) + len(articles) + len(posts) + len(lines("poison.jsonl")) >= 170


def test_texts_differ() -> None:
    texts = [item.text for item in {key: item for _, key, item in REPORTS}.values()]
    assert len(set(texts)) == len(texts) == 95
    assert all(20 <= len(text) <= 500 for text in texts)


# ------------------------------------------------------------------------------------------------ reports


def test_reports_are_in_order_and_no_time_lies_ahead_of_arrival() -> None:
    arrivals = [at for at, _, _ in REPORTS]
    assert arrivals == sorted(arrivals)
    for at, _, item in REPORTS:
        stated = (item.published_at, item.updated_at, item.known_at, item.phoned_at)
        assert all(value <= at for value in stated if value is not None), item.title
        assert item.lane is Lane.REPORT
        assert secrecy_mark(item.title, item.text) is None


def test_every_department_reports_but_the_silent_ones() -> None:
    first: dict[str, datetime] = {}
    for at, _, item in REPORTS:
        first.setdefault(department(item.source), at)
    duty = {one.id for one in district.register} - set(district.config["duty"]["exempt"])
    assert duty - first.keys() == SILENT
    cutoff = time.fromisoformat(district.config["duty"]["cutoff"])
    assert {one for one, at in first.items() if at.astimezone(CHINA).time() > cutoff} == LATE
    assert len(first) == 64


def test_only_the_intended_repeats_share_an_id() -> None:
    by_id: dict[str, list[Submission]] = {}
    for _, key, item in REPORTS:
        by_id.setdefault(key, []).append(item)
    repeated = [items for items in by_id.values() if len(items) > 1]
    exact = [items for items in repeated if items[0] == items[1]]
    corrected = [items for items in repeated if items[0] != items[1]]
    assert all(len(items) == 2 for items in repeated)
    assert {items[0].kind for items in exact} == {Kind.ZERO, Kind.FIRST, None}
    assert len(exact) == 3
    ((before, after),) = corrected
    assert (before.id, before.published_at) == (after.id, after.published_at)
    assert version(after) > version(before)


def test_kinds_are_as_told() -> None:
    unique = {key: item for _, key, item in REPORTS}.values()
    kinds = Counter(item.kind for item in unique)
    assert (kinds[Kind.ZERO], kinds[Kind.FIRST], kinds[Kind.FOLLOW_UP], kinds[Kind.FINAL]) == (25, 2, 7, 1)
    assert len({department(item.source) for item in unique if item.kind is not Kind.ZERO}) >= 30


def test_the_landslide_keeps_its_incident() -> None:
    chain = [(item.kind, department(item.source)) for _, _, item in REPORTS if item.incident == LANDSLIDE]
    first, twice, *rest = chain
    assert first == twice == (Kind.FIRST, "U064")
    assert rest[-1] == (Kind.FINAL, "U034")
    followed = {"U034", "U032", "U054", "U064", "U023", "U052"}
    assert {(kind, source) for kind, source in rest[:-1]} == {(Kind.FOLLOW_UP, source) for source in followed}


def test_expectations_are_parts_of_an_assessment() -> None:
    names = set(Assessment.model_fields)
    for line in lines("reports.jsonl"):
        expect = line.get("expect", {})
        assert set(expect) <= names, line["at"]
        assert expect.get("category") is None or Category(expect["category"])
        assert all(Check(finding["check"]) for finding in expect.get("findings", []))
        for part in ("emergency", "facts", "timeliness"):
            annotation = Assessment.model_fields[part].annotation
            assert set(expect.get(part, {})) <= set(getattr(annotation, "model_fields", {})), line["at"]
    expected = {line["expect"]["category"] for line in lines("reports.jsonl") if "category" in line.get("expect", {})}
    assert expected == {category.value for category in Category}


# ------------------------------------------------------------------------------------------------ feeds


def read_feed(feed: FeedSource, moment: Moment) -> ParsedFeed:
    page = shown(feed.url, moment.at)
    assert page is not None
    body = page.file.read_bytes().replace(b"{base}", BASE.encode())
    return parse_feed(body, content_type=page.content_type, base=feed.url)


@lru_cache(maxsize=1)
def polled(sources: Path) -> list[tuple[datetime, Item]]:
    """What the collector would send through the day."""
    sent: list[tuple[datetime, Item]] = []
    for feed in load_feeds(sources):
        before: dict[str, Sent] = {}
        for moment in (moment for moment in day.moments if moment.feeds):
            try:
                entries = read_feed(feed, moment).entries
            except SourceError:
                continue
            adapted = adapt(entries, source=feed.name, district=district.id, now=moment.at, before=before)
            assert adapted.findings == ()
            before |= dict(adapted.sent)
            sent += [(moment.at, parcel.item) for parcel in adapted.parcels]
    return sent


def test_feeds_parse_and_one_is_broken_at_noon(sources: Path) -> None:
    broken = []
    for feed in load_feeds(sources):
        for moment in (moment for moment in day.moments if moment.feeds):
            try:
                assert read_feed(feed, moment).findings == ()
            except SourceError:
                broken.append((feed.id, moment.at.strftime("%H:%M")))
    assert broken == [("sifang", "12:10")]


def test_feeds_are_rss_atom_and_gb18030() -> None:
    formats = {}
    for page in day.pages:
        if page.file.parent.name == "feeds" and "broken" not in page.file.name:
            parsed = feedparser.parse(page.file.read_bytes(), response_headers={"content-type": page.content_type})
            assert parsed.entries, page.file.name
            formats[page.path] = (parsed.version, parsed.encoding.lower())
    assert formats == {
        "/feeds/rongmei.xml": ("rss20", "utf-8"),
        "/feeds/wanbao.xml": ("rss20", "gb18030"),
        "/feeds/guancha.atom": ("atom10", "utf-8"),
        "/feeds/sifang.xml": ("rss20", "utf-8"),
    }


def test_articles_are_edited_dated_and_linked_as_told(sources: Path) -> None:
    sent = polled(sources)
    edited = {item.id: item.updated_at for _, item in sent if item.updated_at is not None}
    assert set(edited) == {"tag:ganshui.example,2026-11-20:a5", "sfkx-20261120-3"}
    assert [item.title for at, item in sent if item.published_at == at] == ["读者来信：谢谢那位蹲下来扶我的交警"]
    assert all(item.url and item.url.startswith(f"{BASE}/") for _, item in sent)
    assert not any("&" in item.text or "<" in item.text for _, item in sent)
    flash = {item.source for _, item in sent if "3人受伤" in item.title and "2人被困" in item.title.replace(" ", "")}
    assert flash == {"章江晚报", "赣水观察", "虔州融媒"}


# ------------------------------------------------------------------------------------------------ forum


@lru_cache(maxsize=1)
def crawled(sources: Path) -> tuple[list[Post], set[str], int]:
    """Posts as the declared selectors read them, links that lead nowhere or are forbidden, and requests needed."""
    (site,) = load_opinion(sources)
    posts: dict[str, Post] = {}
    away: set[str] = set()
    requests = 1  # robots.txt
    for moment in (moment for moment in day.moments if moment.forum):
        address: str | None = site.list.url
        for number in range(site.list.pages):
            listed, address = read_list(fetched(address, moment.at), site, first=number == 0)
            requests += 1
            for post in (post for post in listed if post.key not in posts):
                if post.url.startswith(f"{BASE}/private/") or shown(post.url, moment.at) is None:
                    away.add(post.url.removeprefix(BASE))
                    continue
                posts[post.key] = read_post(fetched(post.url, moment.at), post, site, now=moment.at)
                requests += 1
            if address is None:
                break
        assert address is None, "every page of the list is read"
    return list(posts.values()), away, requests


def fetched(url: str | None, at: datetime) -> Fetched:
    assert url is not None
    page = shown(url, at)
    assert page is not None, url
    return Fetched(url, 200, page.file.read_bytes(), page.content_type)


def test_every_thread_is_reached_through_links(sources: Path) -> None:
    posts, away, requests = crawled(sources)
    files = {page.path for page in day.pages if page.path.startswith("/bbs/thread-")}
    assert {post.url.removeprefix(BASE) for post in posts} == files
    assert away == {"/private/thread-90001.html", "/bbs/thread-26199.html"}
    assert requests <= 75  # at one request a second
    assert sum(moment.forum for moment in day.moments) == 6


def test_robots_forbids_the_private_page() -> None:
    from protego import Protego

    page = shown(f"{BASE}/robots.txt", day.moments[-1].at)
    assert page is not None
    rules = Protego.parse(page.file.read_text("utf-8"))
    assert not rules.can_fetch(f"{BASE}/private/thread-90001.html", "Huiyao")
    assert rules.can_fetch(f"{BASE}/bbs/thread-26101.html", "Huiyao")
    assert rules.can_fetch(f"{BASE}/bbs/list-2.html", "Huiyao")


def test_posts_hold_what_must_be_masked(sources: Path) -> None:
    posts = crawled(sources)[0]
    found = [
        (span.kind, post.text[span.start : span.end]) for post in posts for span in find_pii(post.text, Lane.OPINION)
    ]
    kinds = {kind for kind, _ in found}
    wanted = {PiiKind.PHONE, PiiKind.PLATE, PiiKind.ID_CARD, PiiKind.EMAIL, PiiKind.ACCOUNT, PiiKind.NAME}
    assert wanted <= kinds
    assert all(valid_id_card(text) for kind, text in found if kind is PiiKind.ID_CARD)


def test_post_texts_hold_no_page_furniture(sources: Path) -> None:
    for post in crawled(sources)[0]:
        assert 20 <= len(post.text) <= 500
        assert not any(word in post.text for word in ("广告位", "等级：", "var stat", "下一页"))


def test_neighbours_write_before_the_first_report(sources: Path) -> None:
    first = min(at for at, _, item in REPORTS if item.incident == LANDSLIDE)
    crawl = max(moment.at for moment in day.moments if moment.forum and moment.at < first)
    seen = [post for post in crawled(sources)[0] if "樟树坳" in post.title + post.text and post.published <= crawl]
    assert [post.published.strftime("%H:%M") for post in seen] == ["14:40", "14:31", "13:05"]


# ------------------------------------------------------------------------------------------------ poison, refusals


def unusable(topic: str, value: bytes) -> bool:
    """Whether an item topic's reader cannot use a value: not an item, another lane's, too long, or of nobody."""
    try:
        item = Item.model_validate_json(value)
    except ValueError:
        return True
    known = item.lane is not Lane.REPORT or district.register.resolve(item.source) is not None
    return item.lane is not LANE_BY_INPUT[topic] or not known


def test_poison_is_poison_and_fits_a_record() -> None:
    poison = [one for moment in day.moments for one in moment.poison]
    assert len(poison) == len({one.why for one in poison}) == 11
    for one in poison:
        assert unusable(one.topic, one.value), one.why
        assert one.topic in BY_NAME
        assert len(one.value) < INPUT_LIMIT
    assert sum(len(one.value) > TEXT_LIMIT for one in poison) == 1
    assert any(_is_not_utf8(one.value) for one in poison)


def _is_not_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return True
    return False


def test_poison_lines_give_one_value_each() -> None:
    for line in lines("poison.jsonl"):
        given = [name for name in ("value_text", "value_base64", "generate") if name in line]
        assert len(given) == 1, line
        if "value_base64" in line:
            assert base64.b64decode(line["value_base64"], validate=True)


def test_refusals_break_what_they_say() -> None:
    unknown_field, unknown_department, marked = lines("refused.jsonl")
    with pytest.raises(ValueError, match="urgency"):
        Submission.model_validate(unknown_field["report"])
    stranger = Submission.model_validate(unknown_department["report"])
    assert district.register.resolve(stranger.source) is None
    secret = Submission.model_validate(marked["report"])
    assert secrecy_mark(secret.title, secret.text) == "title"
    assert [line["status"] for line in (unknown_field, unknown_department, marked)] == [422, 422, 422]


def test_declared_site_is_polite(sources: Path) -> None:
    (site,) = load_opinion(sources)
    assert isinstance(site, OpinionSource)
    assert site.limits.requests_per_s <= 1
    assert site.hosts == ("127.0.0.1",)
