"""Requests of the office (约稿) as the index knows them: those of other desks too."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from desk.commissioning import Commissions
from desk.deps import DeskDeps
from desk.filters import term
from desk.index import Index
from schemas.errors import IndexUnavailable

REQUEST_SORT = ({"deadline": "desc"}, {"request": "asc"})
REQUESTS_SHOWN, REQUESTS_KNOWN_S, REQUESTS_WAIT_S = timedelta(days=90), 5.0, 3.0
"""How long requests of elsewhere are looked back on; how long what the index said of them is taken as it was; how long
somebody waits for it."""


class Requested:
    """What is known of requests, asked again when it has grown old."""

    def __init__(self, deps: DeskDeps, index: Index, commissions: Commissions) -> None:
        self._deps, self._index, self.commissions = deps, index, commissions
        self._known, self._until = False, 0.0

    async def look(self) -> bool:
        """What the index knows of requests (约稿), also those made elsewhere; whether it answered. Asked now and then:
        pages that show them come often, and a moment's delay is none."""
        if time.monotonic() < self._until:
            return self._known
        here = term("district", self._deps.district)
        since = (self._deps.clock.now() - REQUESTS_SHOWN).isoformat()
        recent = {"range": {"deadline": {"gte": since}}}
        try:
            # Filing does not wait for an index that hangs.
            async with asyncio.timeout(REQUESTS_WAIT_S):
                self.commissions.learn(await self._index.all("requests", [here, recent], sort=REQUEST_SORT))
            self._known = True
        except (IndexUnavailable, TimeoutError):
            self._known = False
        self._until = time.monotonic() + REQUESTS_KNOWN_S
        return self._known
