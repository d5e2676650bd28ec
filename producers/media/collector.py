"""The media collector: the shell that fetches, sends and remembers; every decision is in parse and adapt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from producers.health import HealthStore, failed, succeeded, unexpected
from producers.media.adapt import adapt
from producers.media.parse import parse_feed
from producers.media.store import Cursor, CursorStore, remember
from producers.ports import ItemSink, Parcel
from producers.schedule import Try, keep_trying
from producers.sources import FeedSource
from producers.visit import CollectorSettings, Visit
from producers.web.body import FetchError
from producers.web.fetch import Fetched, Fetcher
from schemas.errors import HuiyaoError
from schemas.ports import Clock
from schemas.vocab import Lane

log = structlog.get_logger(__name__)

BATCH = 100
"""Parcels handed to the sink at once: some 300 kB of articles."""


class MediaCollector:
    """Collects feeds. The cursor of a feed moves only after Kafka acknowledged all of its items, so a kill between
    fetch and acknowledgement loses nothing; what is then sent twice is folded by its id."""

    def __init__(
        self, feeds: Sequence[FeedSource], sink: ItemSink, clock: Clock, settings: CollectorSettings, fetcher: Fetcher
    ) -> None:
        self._feeds, self._sink, self._clock, self._settings, self._fetcher = feeds, sink, clock, settings, fetcher
        self._cursors, self._healths = CursorStore(settings.data_dir), HealthStore(settings.data_dir)
        self._places = asyncio.Semaphore(settings.parallel)

    async def poll_once(self) -> list[Visit]:
        """Visit every feed once, some at the same time; a feed that fails does not stop the others."""
        return list(await asyncio.gather(*(self.poll(feed) for feed in self._feeds)))

    async def run(self, stop: asyncio.Event) -> None:
        """Visit at each feed's own pace, with jitter and back-off, until ``stop`` is set."""

        async def once(feed: FeedSource) -> Try:
            poll = await self.poll(feed)
            return Try(poll.health.failures, poll.retry_after_s)

        await keep_trying(self._feeds, once, stop, self._settings.schedule)

    async def poll(self, feed: FeedSource) -> Visit:
        """Visit one feed and record its health. Does not raise for what a feed or the broker can do to us."""
        async with self._places:
            try:
                poll = await self._poll(feed)
            except HuiyaoError as error:
                poll = self._failure(feed, error)
            except Exception as error:  # a fault of ours, or a full disk, must not stop the other feeds
                poll = self._failure(feed, unexpected(error))
        self._healths.record(poll.health)
        log.info(
            "media.polled", source=feed.id, state=poll.health.state, sent=poll.health.sent, reason=poll.health.reason
        )
        return poll

    async def _poll(self, feed: FeedSource) -> Visit:
        cursor = self._cursors.read(feed.id)
        same = cursor.url == feed.url
        answer = await self._fetcher.get(
            feed.url,
            etag=cursor.etag if same else None,
            last_modified=cursor.last_modified if same else None,
        )
        if answer.not_modified:
            return self._unchanged(feed)
        return await self._take(feed, cursor, answer)

    async def _take(self, feed: FeedSource, cursor: Cursor, answer: Fetched) -> Visit:
        # In a thread: a feed of some megabytes takes seconds to parse, and the other feeds' time-outs run on.
        parsed = await asyncio.to_thread(
            parse_feed,
            answer.body,
            content_type=answer.content_type,
            base=answer.url,
            max_entries=feed.max_entries,
        )
        adapted = adapt(
            parsed.entries,
            source=feed.name,
            district=self._settings.district,
            now=self._clock.now(),
            before=cursor.sent,
        )
        for batch in _batches(adapted.parcels, BATCH):
            await asyncio.to_thread(self._sink.send, batch)
        sent = remember(cursor.sent, adapted.sent)
        self._cursors.write(feed.id, Cursor(feed.url, answer.etag, answer.last_modified, sent))
        findings = (*parsed.findings, *adapted.findings)
        return self._success(feed, seen=len(parsed.entries), sent=len(adapted.parcels), findings=findings)

    def _unchanged(self, feed: FeedSource) -> Visit:
        """Nothing new: what was doubtful in the feed at the last reading still is."""
        previous = self._healths.read(Lane.MEDIA, feed.id)
        if previous is None or previous.failures:
            return self._success(feed, seen=0, sent=0, findings=())
        now = self._clock.now()
        return Visit(previous.model_copy(update={"last_try": now, "last_ok": now, "sent": 0}))

    def _success(self, feed: FeedSource, *, seen: int, sent: int, findings: tuple[str, ...]) -> Visit:
        health = succeeded(
            feed.id, feed.name, Lane.MEDIA, self._clock.now(), seen=seen, sent=sent, findings=findings
        )  # fmt: skip
        return Visit(health, findings=findings)

    def _failure(self, feed: FeedSource, error: HuiyaoError) -> Visit:
        previous = self._healths.read(Lane.MEDIA, feed.id)
        health = failed(previous, feed.id, feed.name, Lane.MEDIA, self._clock.now(), str(error))
        return Visit(health, error.retry_after_s if isinstance(error, FetchError) else None)


def _batches(parcels: Sequence[Parcel], size: int) -> Iterable[Sequence[Parcel]]:
    return (parcels[start : start + size] for start in range(0, len(parcels), size))
