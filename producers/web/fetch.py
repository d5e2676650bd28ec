"""Fetch one address: bounded in time, bytes and hops, with every hop checked anew."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from producers.web.addresses import Resolver, checked_addresses, resolve
from producers.web.body import FetchError, read_body
from producers.web.urls import without_user

HopCheck = Callable[[str], Awaitable[None]]
"""Asked before every request, redirects included; raises SourceError to refuse."""

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRY_AFTER_LIMIT_S = 24 * 3600.0
"""Longest Retry-After that is believed; more is a mistake or a way to be rid of us."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How we ask. Times in seconds, sizes in bytes (``max_bytes`` after decompression).

    ``contact`` is shown to the sites in the user agent; ``allow_private_hosts`` names hosts (or ``*``) that may be at
    private addresses; ``ca_file`` holds the office's own authorities beside the usual ones. ``total_timeout_s`` bounds
    the whole fetch, redirects and slow bodies included.
    """

    contact: str
    product: str = "Huiyao/0.1"
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0
    total_timeout_s: float = 60.0
    max_bytes: int = 4 * 1024 * 1024
    max_redirects: int = 5
    ca_file: Path | None = None
    allow_private_hosts: frozenset[str] = frozenset()

    @property
    def user_agent(self) -> str:
        """The user agent with a contact, so that a site's operator can write to us."""
        return f"{self.product} (+{self.contact})"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``body`` is decompressed; empty when ``not_modified``. ``url`` is where it came from in the end."""

    url: str
    status: int
    body: bytes
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def not_modified(self) -> bool:
        """Whether the site says that nothing changed since the last fetch."""
        return self.status == httpx.codes.NOT_MODIFIED


class Fetcher:
    """Fetches with one client. Use as an async context manager."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolver: Resolver = resolve,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings, self._resolver, self._now = settings, resolver, now
        timeout = httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s)
        # No proxy from the environment: a proxy would resolve names itself, past our check.
        self._client = httpx.AsyncClient(
            verify=_trusted(settings.ca_file), timeout=timeout, trust_env=False, follow_redirects=False
        )

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        check: HopCheck | None = None,
        max_bytes: int | None = None,
        cut: bool = False,
    ) -> Fetched:
        """The answer of status 200 or 304. With ``cut`` a longer body is cut at ``max_bytes`` instead of refused.

        Raises FetchError (other status, time-out, too large, broken body) and SourceError (address refused).
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        asked = {name: value for name, value in headers.items() if value}
        limit = max_bytes or self.settings.max_bytes
        try:
            async with asyncio.timeout(self.settings.total_timeout_s):
                return await self._follow(url, asked, check, limit, cut)
        except TimeoutError as error:
            raise FetchError(
                f"{without_user(url)}: no complete answer in {self.settings.total_timeout_s:g} s"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error, ValueError) as error:
            raise FetchError(f"{without_user(url)}: {type(error).__name__}: {error}".rstrip(": ")) from error

    async def _follow(
        self, url: str, asked: Mapping[str, str], check: HopCheck | None, limit: int, cut: bool
    ) -> Fetched:
        for _ in range(self.settings.max_redirects + 1):
            if check is not None:
                await check(url)
            answer = await self._hop(url, asked, limit, cut)
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchError(f"{without_user(url)}: more than {self.settings.max_redirects} redirects")

    async def _hop(self, url: str, asked: Mapping[str, str], limit: int, cut: bool) -> Fetched | str:
        """The answer, or the address it redirects to. Tries the checked addresses in turn."""
        host, port = _host_and_port(url)
        addresses = await checked_addresses(host, port, self.settings.allow_private_hosts, self._resolver)
        for place, address in enumerate(addresses):
            try:
                return await self._ask(url, address, asked, limit, cut)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if place == len(addresses) - 1:
                    raise
        raise FetchError(f"{host}: the name has no address")

    async def _ask(self, url: str, address: str, asked: Mapping[str, str], limit: int, cut: bool) -> Fetched | str:
        wanted = httpx.URL(url)
        headers = {
            "Host": wanted.netloc.decode("ascii"),
            "User-Agent": self.settings.user_agent,
            "Accept-Encoding": "gzip, deflate",
            **asked,
        }
        request = self._client.build_request(
            "GET", wanted.copy_with(host=address, username="", password=""), headers=headers,
            extensions={"sni_hostname": wanted.raw_host.decode("ascii")},
        )  # fmt: skip
        response = await self._client.send(request, stream=True)
        try:
            if response.status_code in _REDIRECTS and response.headers.get("location"):
                return urljoin(url, response.headers["location"])
            return await self._read(url, response, limit, cut)
        finally:
            self._client.cookies.clear()  # a collector is nobody's session
            await response.aclose()

    async def _read(self, url: str, response: httpx.Response, limit: int, cut: bool) -> Fetched:
        if response.status_code not in (httpx.codes.OK, httpx.codes.NOT_MODIFIED):
            raise FetchError(
                f"{without_user(url)}: HTTP {response.status_code}",
                status=response.status_code,
                retry_after_s=retry_after(response.headers.get("retry-after"), self._now()),
            )
        found = response.headers
        body = b"" if response.status_code == httpx.codes.NOT_MODIFIED else await read_body(url, response, limit, cut)
        content_type, etag, modified = (found.get(name) for name in ("content-type", "etag", "last-modified"))
        return Fetched(url, response.status_code, body, content_type or "", etag, modified)


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise FetchError(f"{without_user(url)}: only http and https addresses are fetched")
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or an HTTP date), at most RETRY_AFTER_LIMIT_S."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_LIMIT_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # HTTP dates are GMT
    return min(max((moment - now).total_seconds(), 0.0), RETRY_AFTER_LIMIT_S)
