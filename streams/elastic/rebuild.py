"""All documents again, from the topics: folded anew, judged by nobody again.

The documents are made in indices of the next generation, which nobody reads, by the same writer. Then the aliases are
switched in one step that also removes the old indices. Stopped half-way, nothing has changed; the next run removes
what the stopped one left and starts over.

Workers may go on meanwhile. They write to the old indices until the rebuild has almost caught up. Then the old
indices are closed for writing: workers are refused, do not commit, and wait (``IndexUnavailable``). Whatever they have
written came from records that are on the topics by now, so the rebuild reads those to their end, switches the aliases
and opens the way; the workers look again and write to the new indices. Records that both have applied change nothing.
A worker that makes a new month's index at that moment looks for the closed ones after making it, while the rebuild
looks for new indices after closing: one of them sees the other.

Only one rebuild at a time: a second one would take the first one's indices for left-overs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from elasticsearch import AsyncElasticsearch

from processors.fold import Projection
from schemas.connections import ElasticsearchConnection, KafkaConnection
from streams.elastic.client import Retry, connect, fetch
from streams.elastic.events import INDEXED
from streams.elastic.layout import FIRST, REFRESH_INTERVAL, Layout, generation_of
from streams.elastic.log import BATCH, TopicLog, opened
from streams.elastic.writer import ElasticWriter
from streams.ports import IndexFailure, IndexRecord

log = structlog.get_logger(__name__)

CATCH_UP_PASSES = 20
"""Passes over what has come meanwhile before the workers are made to wait for the rest anyway."""


class Stage(StrEnum):
    """Where a rebuild stands."""

    REPLAY = "replay"
    CATCH_UP = "catch_up"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` records of about ``total`` (more may come meanwhile)."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did. ``refused`` were dead letters before and are not sent there again."""

    generation: int
    records: int
    documents: dict[str, int]
    refused: tuple[IndexFailure, ...]
    removed: tuple[str, ...]


Tell = Callable[[Progress], None]


async def rebuild(
    kafka: KafkaConnection,
    elastic: ElasticsearchConnection,
    *,
    progress: Tell | None = None,
    batch: int = BATCH,
    retry: Retry | None = None,
) -> RebuildReport:
    """Make the index again and switch to it. Raises IndexUnavailable, BrokerUnavailable; then the old one stands."""
    client, patience = connect(elastic), retry or Retry()
    try:
        live = Layout(client, elastic, retry=patience)
        old = _names(await live.indices())
        generation = max((generation_of(name) for name in old), default=FIRST) + 1
        await _remove_left_overs(client, live, generation, patience)
        writer = ElasticWriter(elastic, client=client, retry=patience, generation=generation)
        await writer.prepare()
        async with opened(kafka, INDEXED) as topics:
            run = _Run(topics, writer, batch, progress or (lambda _: None))
            await run.catch_up()
            async with _closed(client, live, patience) as old:
                await run.replay(Stage.SWITCH)
                await _switch(client, live, writer.layout, old, patience)
        documents = {one.value: await _count(client, live.alias(one), patience) for one in Projection}
        return RebuildReport(generation, run.done, documents, tuple(run.refused), tuple(sorted(old)))
    finally:
        await client.close()


class _Run:
    """Replays the topics through the writer."""

    def __init__(self, topics: TopicLog, writer: ElasticWriter, batch: int, tell: Tell) -> None:
        self._topics, self._writer, self._batch, self._tell = topics, writer, batch, tell
        self.done = 0
        self.refused: list[IndexFailure] = []

    async def catch_up(self) -> None:
        """Read until no more than a batch is left."""
        await self.replay(Stage.REPLAY)
        for _ in range(CATCH_UP_PASSES):
            if await self._topics.left() <= self._batch:
                return
            await self.replay(Stage.CATCH_UP)

    async def replay(self, stage: Stage) -> None:
        """Read to the present end."""
        total = self.done + await self._topics.left()
        self._tell(Progress(stage, self.done, total))
        async for records in self._topics.to_end(self._batch):
            made = [IndexRecord(one.topic, one.value, one.partition, one.offset) for one in records]
            self.refused += await self._writer.apply(made)
            self.done += len(records)
            self._tell(Progress(stage, self.done, total))


def _names(indices: dict[Projection, set[str]]) -> set[str]:
    return {name for names in indices.values() for name in names}


@asynccontextmanager
async def _closed(client: AsyncElasticsearch, live: Layout, retry: Retry) -> AsyncIterator[set[str]]:
    """The old indices, closed for writing; opened again unless they are gone at the end."""
    closed: set[str] = set()
    try:
        while new := _names(await live.indices()) - closed:
            # Returns when the writes on their way are done.
            await fetch(partial(client.indices.add_block, index=",".join(sorted(new)), block="write"), retry)
            closed |= new
        yield closed
    finally:
        await _open(client, _names(await live.indices()) & closed, retry)


async def _open(client: AsyncElasticsearch, names: set[str], retry: Retry) -> None:
    if names:
        settings = {"index.blocks.write": None}
        await fetch(partial(client.indices.put_settings, index=",".join(sorted(names)), settings=settings), retry)


async def _switch(client: AsyncElasticsearch, live: Layout, made: Layout, old: set[str], retry: Retry) -> None:
    new = await made.indices()
    every = ",".join(sorted(_names(new)))
    settings = {"index.refresh_interval": REFRESH_INTERVAL}
    await fetch(partial(client.indices.put_settings, index=every, settings=settings), retry)
    await fetch(partial(client.indices.refresh, index=every), retry)
    actions: list[dict[str, Any]] = [{"remove_index": {"index": name}} for name in sorted(old)]
    actions += [
        {"add": {"index": name, "alias": live.alias(one)}} for one, names in new.items() for name in sorted(names)
    ]
    await fetch(partial(client.indices.update_aliases, actions=actions), retry)
    log.info("aliases switched", new=sorted(_names(new)), removed=sorted(old))


async def _remove_left_overs(client: AsyncElasticsearch, live: Layout, generation: int, retry: Retry) -> None:
    """Open what a stopped rebuild closed, and remove what it had made."""
    present = _names(await live.indices())
    await _open(client, present, retry)
    for projection in Projection:
        pattern = f"{live.alias(projection)}-*"
        found = await fetch(partial(client.indices.get, index=pattern, features="aliases"), retry)
        stale = {name for name in found if generation_of(name) >= generation} - present
        for name in sorted(stale):
            await fetch(partial(client.indices.delete, index=name), retry)
            log.info("left over from a stopped rebuild, removed", index=name)


async def _count(client: AsyncElasticsearch, alias: str, retry: Retry) -> int:
    found = await fetch(partial(client.count, index=alias, ignore_unavailable=True), retry)
    return int(found["count"])
