"""Collectors ready to run: everything they need is opened here and closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from producers.media.collector import MediaCollector
from producers.opinion.collector import OpinionCollector
from producers.opinion.pace import Pacer
from producers.opinion.robots import Robots
from producers.opinion.spider import Spider
from producers.ports import ItemSink, Mask
from producers.sources import FeedSource, OpinionSource
from producers.visit import CollectorSettings
from producers.web.fetch import Fetcher
from schemas.ports import Clock


@asynccontextmanager
async def media_collector(
    feeds: Sequence[FeedSource], sink: ItemSink, clock: Clock, settings: CollectorSettings
) -> AsyncIterator[MediaCollector]:
    """A collector of feeds: ``await collector.poll_once()`` or ``await collector.run(stop)``."""
    async with Fetcher(settings.fetch) as fetcher:
        yield MediaCollector(feeds, sink, clock, settings, fetcher)


@asynccontextmanager
async def opinion_collector(
    sources: Sequence[OpinionSource], sink: ItemSink, clock: Clock, settings: CollectorSettings, mask: Mask
) -> AsyncIterator[OpinionCollector]:
    """A collector of public posts: ``await collector.crawl_once()`` or ``await collector.run(stop)``."""
    async with Fetcher(settings.fetch) as fetcher:
        pacer = Pacer()
        spider = Spider(fetcher, Robots(fetcher, pacer, clock, settings.data_dir), pacer)
        yield OpinionCollector(sources, sink, clock, settings, spider, mask)
