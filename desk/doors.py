"""How often one address may knock at the doors that need no account (ADR 072).

Counted in memory, by a bucket for each address and door: what is refused costs neither a write nor a look into the
database, and the body of the request is not read.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.problems import too_often

IPV6_SITE = 64
"""Bits of an IPv6 address that one customer has; the rest it may choose anew for every request."""
MOST_KEPT = 20_000
"""Addresses remembered; whoever has more than these has more than a table could hold off."""


@dataclass(frozen=True, slots=True)
class Door:
    """Paths that begin so, for these methods; ``at_once`` requests of one address, and ``a_minute`` afterwards."""

    prefix: str
    at_once: int
    a_minute: int
    methods: frozenset[str] = frozenset({"GET", "HEAD", "POST"})


DOORS = (
    # A way out to the provider is a row for ten minutes, a failed way back a line of the audit for good. An office of
    # some hundred people behind one address comes in at half past eight.
    Door("/oidc/", 300, 120),
    # Each costs a look into the database; desk.tries shuts a guesser out much earlier.
    Door("/login", 120, 120, frozenset({"POST"})),
    # A forged link costs a hash; one that leaked writes a decision a second. All who are told of an emergency may press
    # theirs in the same minute, from one address.
    Door("/a/", 600, 600),
    # A gateway pushes up to 1,000 receipts at a time, or one each for the 8,000 messages of a large alert.
    Door("/api/v1/receipts/", 2_000, 6_000),
)


class Buckets:
    """Requests of each address at one door: a bucket that empties at a steady pace (GCRA). ``clock`` in seconds."""

    def __init__(self, door: Door, clock: Callable[[], float] = time.monotonic, most: int = MOST_KEPT) -> None:
        self._step, self._clock, self._most = 60 / door.a_minute, clock, most
        self._room = self._step * (door.at_once - 1)
        self._lock = threading.Lock()
        self._empty_at: dict[str, float] = {}

    def wait_s(self, address: str) -> float:
        """Counts a request; seconds until one would be let in, 0 where this one is. What is refused counts nothing."""
        with self._lock:
            now = self._clock()
            empty_at = max(self._empty_at.pop(address, now), now)
            if empty_at - now > self._room:
                self._empty_at[address] = empty_at
                return empty_at - now - self._room
            self._empty_at[address] = empty_at + self._step
            if len(self._empty_at) > self._most:
                self._sweep(now)
            return 0.0

    def _sweep(self, now: float) -> None:
        """Forget those whose bucket is empty, else those that have been quiet the longest."""
        self._empty_at = {address: at for address, at in self._empty_at.items() if at > now}
        for address in list(self._empty_at)[: max(0, len(self._empty_at) - self._most)]:
            del self._empty_at[address]


class Doors:
    """Answers 429 to an address that knocks too often; within the middleware that believes trusted proxies."""

    def __init__(self, app: ASGIApp, doors: Sequence[Door] = DOORS) -> None:
        self._app = app
        self._doors = [(door, Buckets(door)) for door in doors]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        wait_s = self._wait_s(scope) if scope["type"] == "http" else 0.0
        if wait_s > 0:
            await too_often(Request(scope), wait_s)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        for door, buckets in self._doors:
            if scope["path"].startswith(door.prefix) and scope["method"] in door.methods:
                return buckets.wait_s(site_of((scope.get("client") or ("",))[0] or ""))
        return 0.0


def site_of(address: str) -> str:
    """Whose address it is: an IPv6 address by its site, anything else as it stands."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_SITE), strict=False))
