"""The opinion collector: crawl, mask, send, and only then remember."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from producers.health import HealthStore, failed, succeeded, unexpected
from producers.opinion.pages import Post
from producers.opinion.privacy import masked
from producers.opinion.spider import Crawl, Spider
from producers.opinion.store import SeenStore
from producers.ports import ItemSink, Mask, Parcel
from producers.schedule import Try, keep_trying
from producers.sources import OpinionSource
from producers.visit import CollectorSettings, Visit
from producers.web.body import FetchError
from schemas.errors import HuiyaoError
from schemas.ids import item_id
from schemas.item import Item
from schemas.ports import Clock
from schemas.vocab import Lane

log = structlog.get_logger(__name__)


class OpinionCollector:
    """Collects public posts. A post leaves the process masked, without author, or not at all."""

    def __init__(
        self,
        sources: Sequence[OpinionSource],
        sink: ItemSink,
        clock: Clock,
        settings: CollectorSettings,
        spider: Spider,
        mask: Mask,
    ) -> None:
        self._sources, self._sink, self._clock, self._settings = sources, sink, clock, settings
        self._spider, self._mask = spider, mask
        self._seen, self._healths = SeenStore(settings.data_dir), HealthStore(settings.data_dir)
        self._places = asyncio.Semaphore(settings.parallel)

    async def crawl_once(self) -> list[Visit]:
        """Crawl every site once; a site that fails does not stop the others."""
        return list(await asyncio.gather(*(self.crawl(source) for source in self._sources)))

    async def run(self, stop: asyncio.Event) -> None:
        """Crawl at each site's own pace, with jitter and back-off, until ``stop`` is set."""

        async def once(source: OpinionSource) -> Try:
            result = await self.crawl(source)
            return Try(result.health.failures, result.retry_after_s)

        await keep_trying(self._sources, once, stop, self._settings.schedule)

    async def crawl(self, source: OpinionSource) -> Visit:
        """Crawl one site and record its health. Does not raise for what a site or the broker can do to us."""
        async with self._places:
            try:
                result = await self._crawl(source)
            except HuiyaoError as error:
                result = self._failure(source, error)
            except Exception as error:  # a fault of ours, or a full disk, must not stop the other sites
                result = self._failure(source, unexpected(error))
        self._healths.record(result.health)
        state, sent = result.health.state, result.health.sent
        log.info("opinion.crawled", source=source.id, state=state, sent=sent, reason=result.health.reason)
        return result

    async def _crawl(self, source: OpinionSource) -> Visit:
        now = self._clock.now()
        crawl: Crawl = await self._spider.crawl(source, frozenset(self._seen.read(source.id)), now=now)
        parcels = [self._parcel(source, post) for post in crawl.posts]
        if parcels:
            await asyncio.to_thread(self._sink.send, parcels)
            self._seen.add(source.id, [post.key for post in crawl.posts])
        if crawl.stopped is not None:
            raise crawl.stopped
        health = succeeded(
            source.id, source.name, Lane.OPINION, now, seen=crawl.listed, sent=len(parcels), findings=crawl.findings
        )
        return Visit(health, findings=crawl.findings)

    def _parcel(self, source: OpinionSource, post: Post) -> Parcel:
        item = Item(
            id=post.key,
            lane=Lane.OPINION,
            source=source.name,
            title=masked(self._mask, post.title),
            text=masked(self._mask, post.text),
            published_at=post.published,
            url=post.url,
        )
        return Parcel(item, item_id(item, district=self._settings.district, source=source.name))

    def _failure(self, source: OpinionSource, error: HuiyaoError) -> Visit:
        previous = self._healths.read(Lane.OPINION, source.id)
        health = failed(previous, source.id, source.name, Lane.OPINION, self._clock.now(), str(error))
        return Visit(health, error.retry_after_s if isinstance(error, FetchError) else None)
