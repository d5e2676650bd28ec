"""robots.txt by RFC 9309, asked before every page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson
from protego import Protego

from producers.opinion.pace import Pacer
from producers.statefile import safe_name, write_atomic
from producers.web.body import FetchError
from producers.web.decode import decode
from producers.web.fetch import Fetcher, HopCheck
from schemas.errors import SourceError
from schemas.ids import digest
from schemas.ports import Clock

SIZE_LIMIT = 500 * 1024
"""RFC 9309 2.5: at least 500 KiB must be read; the rest is cut off."""
FRESH = timedelta(hours=24)
"""RFC 9309 2.4: a copy should not be used longer than 24 hours, unless robots.txt is unreachable."""
RETRY = timedelta(minutes=10)
"""How long a site whose robots.txt does not answer is left alone, instead of asking again before every page."""
MAX_CRAWL_DELAY_S = 60.0
"""A site that wants more than a minute between pages does not want to be collected."""


class RobotsForbid(SourceError):
    """robots.txt forbids one address."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The text of a site's robots.txt (empty: none) and when it was fetched."""

    text: str
    fetched: datetime


class Robots:
    """Answers whether an address may be asked. Copies are kept under ``<data_dir>/robots``, for when a site is away.

    2xx: the rules. 4xx: no rules, all is allowed (RFC 9309 2.3.1.3), except 429, which is a site asking for quiet.
    5xx, 429 or no answer: the last copy however old, else nothing is allowed (2.3.1.4).
    """

    def __init__(self, fetcher: Fetcher, pacer: Pacer, clock: Clock, data_dir: Path) -> None:
        self._fetcher, self._pacer, self._clock, self._dir = fetcher, pacer, clock, data_dir / "robots"
        self._rules: dict[str, Rules] = {}
        self._parsed: dict[str, Protego] = {}
        self._failed: dict[str, datetime] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, url: str, host_check: HopCheck) -> None:
        """Raises RobotsForbid for a forbidden address, SourceError where the rules cannot be known. Sets the pace.

        ``host_check`` is asked before robots.txt and each of its redirects is fetched.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            rules = await self._current(origin, host_check)
        if rules is None:
            raise SourceError(
                f"{origin}: robots.txt is unreachable, so nothing may be collected", hint="tried again later"
            )
        agent = self._fetcher.settings.product.partition("/")[0]
        if not rules.can_fetch(url, agent):
            raise RobotsForbid(
                f"{origin}: robots.txt forbids {parts.path}", hint="ask the site's operator, or remove it"
            )
        self._slow_down(parts.hostname or "", rules.crawl_delay(agent) or 0.0, origin)

    def _slow_down(self, host: str, delay: float, origin: str) -> None:
        if delay > MAX_CRAWL_DELAY_S:
            raise SourceError(f"{origin}: robots.txt asks for {delay:g} s between pages", hint="remove the source")
        self._pacer.at_least(host, delay)

    async def _current(self, origin: str, host_check: HopCheck) -> Protego | None:
        now = self._clock.now()
        known = self._rules.get(origin) or self._load(origin)
        stale = known is None or now - known.fetched >= FRESH
        if stale and (origin not in self._failed or now - self._failed[origin] >= RETRY):
            known = await self._fetch(origin, now, host_check) or known
        if known is None:
            return None
        if self._rules.get(origin) != known:
            self._rules[origin], self._parsed[origin] = known, Protego.parse(known.text)
        return self._parsed[origin]

    async def _fetch(self, origin: str, now: datetime, host_check: HopCheck) -> Rules | None:
        await self._pacer.wait(urlsplit(origin).hostname or "")
        try:
            answer = await self._fetcher.get(f"{origin}/robots.txt", max_bytes=SIZE_LIMIT, cut=True, check=host_check)
            rules = Rules(decode(answer.body).text, now)
        except FetchError as error:
            unavailable = error.status is not None and 400 <= error.status < 500
            if not unavailable or error.status == httpx.codes.TOO_MANY_REQUESTS:
                self._failed[origin] = now
                return None
            rules = Rules("", now)
        write_atomic(self._path(origin), orjson.dumps({"text": rules.text, "fetched": now.isoformat()}))
        return rules

    def _load(self, origin: str) -> Rules | None:
        try:
            value = orjson.loads(self._path(origin).read_bytes())
            return Rules(str(value["text"]), datetime.fromisoformat(value["fetched"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, origin: str) -> Path:
        return self._dir / f"{safe_name(urlsplit(origin).hostname or '')}-{digest(origin)[:8]}.json"
