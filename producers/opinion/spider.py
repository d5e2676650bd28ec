"""The spider of one declared site: lists, then posts; all read before anything is sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from producers.opinion.pace import Pacer
from producers.opinion.pages import Doubtful, Listed, Post, read_list, read_post
from producers.opinion.robots import Robots, RobotsForbid
from producers.opinion.store import mark
from producers.sources import OpinionSource
from producers.web.body import FetchError
from producers.web.fetch import Fetched, Fetcher
from schemas.errors import SourceError

_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Crawl:
    """What a crawl found: new posts, how many were listed, what was left out and why."""

    posts: tuple[Post, ...]
    listed: int
    findings: tuple[str, ...]
    stopped: FetchError | None = None
    """Why the crawl ended early (429, 5xx, no answer); what was read by then is certain and may be sent."""


class Spider:
    """Crawls declared sites. Every request, redirects included: allowed host, robots.txt, then its turn."""

    def __init__(self, fetcher: Fetcher, robots: Robots, pacer: Pacer) -> None:
        self._fetcher, self._robots, self._pacer = fetcher, robots, pacer

    async def crawl(self, source: OpinionSource, seen: Collection[str], *, now: datetime) -> Crawl:
        """New posts. Raises SourceError where the site is not as declared: then nothing of it may be sent."""
        listed = await self._listed(source)
        new = [post for post in listed.values() if mark(source.id, post.key) not in seen][: source.limits.items]
        posts: list[Post] = []
        findings: list[str] = []
        forbidden: list[str] = []
        stopped = None
        for post in new:
            try:
                posts.append(read_post(await self._get(source, post.url), post, source, now=now))
            except Doubtful as error:
                findings.append(f"post {mark(source.id, post.key)[:8]}: {error}")
            except RobotsForbid:
                forbidden.append(f"post {mark(source.id, post.key)[:8]}: robots.txt forbids it")
            except FetchError as error:
                if error.status not in _GONE:  # a deleted post is no change of the site
                    stopped = error
                    break
        read = len(posts) + len(findings)
        if len(findings) > source.limits.bad_share * read:
            raise SourceError(
                f"{source.id}: {len(findings)} of {read} posts are doubtful, nothing was taken; {findings[0]}",
                hint="the page has changed: look at it and correct the selectors",
            )
        return Crawl(tuple(posts), len(listed), (*findings, *forbidden), stopped)

    async def _listed(self, source: OpinionSource) -> dict[str, Listed]:
        listed: dict[str, Listed] = {}
        visited: set[str] = set()
        address: str | None = source.list.url
        for number in range(source.list.pages):
            if address is None or address in visited:
                break
            visited.add(address)
            found, address = read_list(await self._get(source, address), source, first=number == 0)
            listed |= {post.key: post for post in found if post.key not in listed}
        return listed

    async def _get(self, source: OpinionSource, url: str) -> Fetched:
        async def listed(hop: str) -> None:
            host = urlsplit(hop).hostname or ""
            if host not in source.hosts:
                raise SourceError(f"{source.id}: {host} is not among the hosts of this source")
            self._pacer.at_least(host, 1 / source.limits.requests_per_s)

        async def may(hop: str) -> None:
            await listed(hop)
            await self._robots.check(hop, listed)
            await self._pacer.wait(urlsplit(hop).hostname or "")

        return await self._fetcher.get(url, check=may)
