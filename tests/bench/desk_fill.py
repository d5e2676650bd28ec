"""A million items in a real index: some hundreds judged for real, then multiplied under other ids, times and titles."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
from elasticsearch import AsyncElasticsearch

from huiyao.judges import make_judge
from huiyao.settings import load_settings
from huiyao.wiring import district_of
from processors.fold import Projection, Target, fold
from schemas.assessment import AssessedItem, Origin
from schemas.base import CHINA
from schemas.connections import ElasticsearchConnection
from schemas.item import Item
from schemas.vocab import Lane
from streams.elastic.client import connect
from streams.elastic.layout import REFRESH_INTERVAL, Layout
from streams.ports import AssessInput
from tests.bench.texts import items

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)
KINDS = 600
"""Items that are judged; the others repeat them."""
DAY_SHARE = 100_000
"""Items of the last day, as many as there are of that; the rest lies in the 300 days before."""
DAYS = 300
CHUNK = 2_000
AT_ONCE = 3
"""Bulks under way."""
WHILE_FILLING = {"index.refresh_interval": "-1", "index.translog.durability": "async"}
WORDS = ("滑坡", "隐患", "小区", "调研", "火灾", "项目", "道路", "学校", "投诉", "“安全生产”")


def identifier(number: int) -> str:
    """The id of the numbered item; any number below that of the items is one (see :func:`fill`)."""
    return hashlib.sha256(b"bench-desk-%d" % number).hexdigest()[:32]


def templates() -> list[dict[str, Any]]:
    """Documents of judged items of all lanes, as the index agent would write them."""
    folder = district_of(load_settings())
    judge = make_judge(folder, load_settings().models_dir)
    given: list[Item] = []
    for lane, share in (("report", 4), ("opinion", 4), ("media", 2)):
        given += items(KINDS * share // 10, lane=lane)
    origin = Origin(topic="bench", partition=0, offset=0)
    judged = judge.assess([AssessInput(one, one.published_at, origin) for one in given])
    return [fold(None, one) for one in judged if isinstance(one, AssessedItem)]


def documents(made: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """``count`` documents, newest day first."""
    for number in range(count):
        document = dict(made[number * 31 % len(made)])
        received = _received(number)
        text = received.isoformat()
        title = f"第{number}号：{document['text'][:24]}"
        yield document | {
            "item_id": identifier(number), "source_id": f"bench-{number}", "title": title, "received_at": text,
            "version_received_at": text, "published_at": text, "day": text[:10], "story_key": identifier(number),
            "story": f"s{number // 3}" if document["lane"] != Lane.REPORT and number % 9 < 3 else None,
        }  # fmt: skip


def _received(number: int) -> datetime:
    if number < DAY_SHARE:
        return NOW - timedelta(seconds=number * 43_000 / DAY_SHARE)
    hours = (number * 7919) % (DAYS * 24)
    return NOW - timedelta(days=1, hours=hours, seconds=number % 3600)


async def is_filled(connection: ElasticsearchConnection, count: int) -> bool:
    """Whether an earlier run left so many items; the index must be empty otherwise."""
    client = connect(connection)
    try:
        found = await client.count(index=connection.alias("items"), ignore_unavailable=True, allow_no_indices=True)
        assert found["count"] in (0, count), f"{found['count']} items are kept, not {count}: take another folder"
        return bool(found["count"])
    finally:
        await client.close()


async def fill(connection: ElasticsearchConnection, count: int) -> float:
    """Index them; seconds it took. The index is merged down as a year-old one would be, to five segments.

    Nothing is refreshed meanwhile, and no item waits for the disk: what is measured is the desk, not the filling.
    """
    client = connect(connection.model_copy(update={"timeout_s": 1200.0}))
    loop = asyncio.get_running_loop()
    made = await asyncio.to_thread(templates)
    began = loop.time()
    try:
        layout = Layout(client, connection)
        await layout.prepare("zhanggong", NOW)
        alias = connection.alias("items")
        await _write(client, layout, made, count)
        took = loop.time() - began
        await client.indices.put_settings(index=alias, settings={"index.refresh_interval": REFRESH_INTERVAL})
        await client.indices.forcemerge(index=alias, max_num_segments=5)
        await client.indices.refresh(index=alias)
        assert (await client.count(index=alias))["count"] == count
        return took
    finally:
        await client.close()


async def _write(client: AsyncElasticsearch, layout: Layout, made: list[dict[str, Any]], count: int) -> None:
    known: dict[str, str] = {}
    lines: list[bytes] = []
    under_way: set[asyncio.Task[None]] = set()
    for number, document in enumerate(documents(made, count), start=1):
        month = document["day"][:7]
        if month not in known:
            moment = datetime.fromisoformat(document["received_at"])
            known[month] = await layout.index_for(Target(Projection.ITEMS, "", "zhanggong", moment))
            await client.indices.put_settings(index=known[month], settings=WHILE_FILLING)
        lines.append(orjson.dumps({"index": {"_index": known[month], "_id": document["item_id"]}}))
        lines.append(orjson.dumps(document))
        if len(lines) >= 2 * CHUNK or number == count:
            if len(under_way) == AT_ONCE:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
            under_way.add(asyncio.create_task(_bulk(client, lines)))
            lines = []
    await asyncio.gather(*under_way)


async def _bulk(client: AsyncElasticsearch, lines: list[bytes]) -> None:
    answer = await client.bulk(operations=lines, filter_path=["errors", "items.*.error"])
    assert not answer["errors"], answer["items"][0]
