"""A draft of a large day, made of what can come first, is the draft made of everything. On a real Elasticsearch."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import orjson
import pytest

from deploy.testing import Running
from desk import narrowing
from desk.candidates import candidates_between
from desk.database import Database
from desk.decisions import Choice, ItemDecisions
from desk.deps import DeskDeps
from desk.index import Index
from desk.issuing import Issuing
from desk.narrowing import Narrowed, narrowed
from desk.narrowing_queries import Span
from desk.offers import Offers, Proposed
from huiyao.districts import load_district
from huiyao.rules import bulletin_head, bulletin_rules
from huiyao.settings import load_settings
from processors.bulletin_candidate import Candidate
from processors.bulletins import draft
from processors.fold import Projection, Target, fold
from schemas.base import CHINA
from schemas.bulletin import Bulletin
from schemas.connections import ElasticsearchConnection
from schemas.vocab import BulletinName, Category
from streams.elastic.client import connect
from streams.elastic.layout import Layout
from tests.desk_server import apart, remove
from tests.index_events import assessed, item_id

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=CHINA)
COUNT = 900
AT_ONCE = 100
"""Lines of a bulk request, two a document."""
FOLDER = load_district(load_settings().district_dir)
TEXTS = (
    "区委书记到沙石镇调研防汛工作，要求压实责任。",
    "区领导批示要求相关单位认真办理，按时反馈。",
    "水南镇一处厂房起火，现场已拉起警戒线，无人受伤。",
    "网民反映小区电梯停运多日，物业没有回应。",
    "外省某地发生车祸，三人受伤。",
    "全区召开工作动员会，副区长主持。",
)


@pytest.fixture(scope="module", params=[1, 2])
def connection(engines: Running, request: pytest.FixtureRequest) -> Iterator[ElasticsearchConnection]:
    """A day of its own for each seed; nothing here writes to it."""
    made = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-", timeout_s=120)
    asyncio.run(fill(made, request.param))
    yield made
    apart(remove(made))


def documents(seed: int) -> Iterator[dict[str, Any]]:
    """A day with everything that decides on the order: lanes, levels, sensitivity, places, stories, merges."""
    draw = random.Random(seed)
    made = fold(None, assessed(1))
    for number in range(COUNT):
        lane = draw.choice(["report", "report", "media", "opinion", "opinion"])
        urgent = draw.random() < 0.2
        received = NOON - timedelta(seconds=draw.randrange(-30_000, 60_000))
        text = received.isoformat()
        opinion = {
            "sentiment": draw.choice(["neg", "neu", "pos"]),
            "theme": draw.choice([None, "交通出行", "教育", "公用事业"]),
            "sensitivity": draw.choice([0, 0, 1, 2, 3]),
        }
        emergency = made["emergency"] | {
            "is_emergency": urgent, "level": draw.choice([None, "I", "II", "III", "IV"]) if urgent else None,
            "in_district": draw.choice([True, True, None, False]),
        }  # fmt: skip
        yield made | {
            "item_id": item_id(number), "lane": lane, "title": f"第{number}号", "text": draw.choice(TEXTS) * 2,
            "category": draw.choice(list(Category)).value, "received_at": text, "day": text[:10],
            "emergency": emergency, "opinion": opinion if lane == "opinion" else None,
            "kind": "zero" if draw.random() < 0.03 else made["kind"],
            "story": f"s{draw.randrange(250)}" if draw.random() < 0.5 else None,
            "incident": f"i{draw.randrange(40)}" if urgent and draw.random() < 0.5 else None,
            "status": draw.choice(["new", "new", "new", "accepted", "returned"]),
            "erased": draw.random() < 0.02,
            "merged_into": item_id(draw.randrange(COUNT)) if draw.random() < 0.04 else None,
        }  # fmt: skip


async def fill(connection: ElasticsearchConnection, seed: int) -> None:
    client = connect(connection)
    try:
        layout = Layout(client, connection)
        await layout.prepare("zhanggong", NOON)
        name = await layout.index_for(Target(Projection.ITEMS, "", "zhanggong", NOON))
        lines: list[bytes] = []
        for document in documents(seed):
            lines += [orjson.dumps({"index": {"_index": name, "_id": document["item_id"]}}), orjson.dumps(document)]
        for first in range(0, len(lines), AT_ONCE):
            assert not (await client.bulk(operations=lines[first : first + AT_ONCE], refresh=True))["errors"]
    finally:
        await client.close()


@dataclass
class Both:
    """The same draft in two ways."""

    whole: Bulletin
    few: Bulletin
    read: int
    all_items: int


async def both(connection: ElasticsearchConnection, name: BulletinName, decisions: ItemDecisions | None) -> Both:
    client = connect(connection)
    try:
        index, rule = Index(client, connection), bulletin_rules(FOLDER)[name]
        begin, end = rule.covers(DAY)
        start = begin - timedelta(hours=6)
        carried = await candidates_between(index, "zhanggong", start, begin, decisions)
        used = tuple(one.item_id for one in carried[::3])
        carried = [one for one in carried if one.item_id not in used]
        items = await candidates_between(index, "zhanggong", begin, end, decisions)
        found = await narrowed(index, rule, Span("zhanggong", start, begin, end, used=used), decisions)
        assert found is not None, "it was to be narrowed"
        return Both(_made(name, items, carried), _few(name, found), len(found.own), len(items))
    finally:
        await client.close()


def _made(name: BulletinName, items: list[Candidate], carried: list[Candidate], **more: Any) -> Bulletin:
    rule, head = bulletin_rules(FOLDER)[name], bulletin_head(FOLDER)
    return draft(rule, DAY, items, district="zhanggong", head=head, made_at=NOON, carried=carried, **more)


def _few(name: BulletinName, found: Narrowed) -> Bulletin:
    return _made(name, found.own, found.carried, counted=found.counted, total=found.total)


def decided(folder: Path) -> ItemDecisions:
    """Decisions that the index does not know: returned, taken, of another category, reworded, merged."""
    made = ItemDecisions(Database(folder / "desk.sqlite3"), "zhanggong")
    wordings = {"title": "改过的标题", "text": "区委书记到水西镇走访慰问。"}
    for number in range(0, 60, 5):
        for at, choice in enumerate(
            (
                Choice("return", 0, reason="重报"),
                Choice("accept", 0),
                Choice("categorise", 0, category=Category.WORK_NEWS.value),
                Choice("edit", 0, **wordings),
                Choice("merge", 0, into=item_id(number + 400)),
            )
        ):
            made.decide({"item_id": item_id(number + at), "version": 1}, choice, by="editor", at=NOON)
    return made


@pytest.mark.parametrize("name", list(BulletinName))
def test_the_draft_of_a_few_is_the_draft_of_all(
    connection: ElasticsearchConnection, name: BulletinName, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(narrowing, "WHOLE", 0)
    monkeypatch.setattr(narrowing, "SINGLES_AT_ONCE", 20)
    monkeypatch.setattr(narrowing, "EVENTS_AT_ONCE", 5)
    for decisions in (None, decided(tmp_path)):
        found = asyncio.run(both(connection, name, decisions))
        assert found.few == found.whole
        assert sum(len(section.entries) for section in found.few.sections) > 5
        assert found.read < found.all_items


async def offered(connection: ElasticsearchConnection, name: BulletinName, depth: int, folder: Path) -> Proposed:
    """What the editor's table offers."""
    client = connect(connection)
    try:
        rules = bulletin_rules(FOLDER)
        head, clock = bulletin_head(FOLDER), SimpleNamespace(now=lambda: NOON + timedelta(hours=12))
        deps = SimpleNamespace(bulletins=rules, district="zhanggong", bulletin_head=head, clock=clock)
        database = Database(folder / "desk.sqlite3")
        made = Offers(
            cast(DeskDeps, deps), Index(client, connection), ItemDecisions(database, "zhanggong"),
            Issuing(database, rules),
        )  # fmt: skip
        return await made.proposed(name, DAY, depth=depth)
    finally:
        await client.close()


@pytest.mark.parametrize("name", list(BulletinName))
def test_what_is_offered_of_a_few_is_offered_of_all(
    connection: ElasticsearchConnection, name: BulletinName, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(narrowing, "SINGLES_AT_ONCE", 20)
    monkeypatch.setattr(narrowing, "EVENTS_AT_ONCE", 5)
    whole = asyncio.run(offered(connection, name, 3, tmp_path))
    monkeypatch.setattr(narrowing, "WHOLE", 0)
    few = asyncio.run(offered(connection, name, 3, tmp_path))
    more = asyncio.run(offered(connection, name, 30, tmp_path))
    assert (whole.partial, few.partial) == (False, True)
    everything = {(one.section, one.entry, one.lead) for one in whole.proposals}
    for found in (few, more):
        assert {(one.section, one.entry, one.lead) for one in found.proposals} <= everything
    assert few.present < more.present < whole.present
    for rule in bulletin_rules(FOLDER)[name].sections[:1]:  # what earlier sections take is not missing in later ones
        first = [[one.entry for one in found.proposals if one.section == rule.name and not one.lead] for found in
                 (whole, few)]  # fmt: skip
        assert first[0][: rule.limit + 3] == first[1][: rule.limit + 3]
    leads = [[one.entry for one in found.proposals if one.lead] for found in (whole, few)]
    assert leads[0][:3] == leads[1][:3]
    assert {one for one in few.present if one not in few.settled} >= set(few.recent)


def test_a_day_of_few_items_is_read_whole(connection: ElasticsearchConnection) -> None:
    async def asked() -> Narrowed | None:
        client = connect(connection)
        try:
            rule = bulletin_rules(FOLDER)[BulletinName.HUIYAO]
            begin, end = rule.covers(DAY)
            return await narrowed(Index(client, connection), rule, Span("zhanggong", begin, begin, end), None)
        finally:
            await client.close()

    assert asyncio.run(asked()) is None
