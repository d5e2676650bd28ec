"""Searches that are asked in the same turn of the loop go to Elasticsearch as one request (``_msearch``).

A page asks for several things that do not wait for each other; one request costs the desk a third of what three do.
Nothing is kept: every search is asked when it is wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError, NotFoundError

from schemas.errors import IndexUnavailable

Answer = Mapping[str, Any]
BAD_REQUEST, NOT_FOUND = 400, 404
TOGETHER = 20
"""Searches of one request at most: of more the first would wait long for the last."""


class Refused(Exception):
    """Elasticsearch does not understand a search: it is wrong, or the cursor in it is."""


class Searching:
    """Searches over one client."""

    def __init__(self, client: AsyncElasticsearch) -> None:
        self._client = client
        self._waiting: list[tuple[str, Mapping[str, Any], asyncio.Future[Answer]]] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def search(self, alias: str, body: Mapping[str, Any]) -> Answer:
        """The answer to one search. Raises IndexUnavailable, Refused."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((alias, body, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._send)
        return await future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for begin in range(0, len(waiting), TOGETHER):
            task = asyncio.create_task(self._ask(waiting[begin : begin + TOGETHER]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _ask(self, asked: list[tuple[str, Mapping[str, Any], asyncio.Future[Answer]]]) -> None:
        searches = [part for alias, body, _ in asked for part in ({"index": alias}, body)]
        try:
            answers = (await self._client.msearch(searches=searches))["responses"]
        except asyncio.CancelledError:
            for _, _, future in asked:
                future.cancel()
            raise
        except Exception as error:  # whatever it is, those who wait must hear of it
            for _, _, future in asked:
                if not future.done():
                    future.set_exception(_told(error))
            return
        for (_, _, future), answer in zip(asked, answers, strict=True):
            if future.done():  # whoever asked has gone
                continue
            if "error" in answer:
                future.set_exception(_fault(answer))
            else:
                future.set_result(answer)


def _told(error: Exception) -> Exception:
    if isinstance(error, NotFoundError):
        return _missing()
    if isinstance(error, BadRequestError):
        return Refused(error.message)
    if isinstance(error, TransportError | ApiError):
        return IndexUnavailable(f"Elasticsearch does not answer: {type(error).__name__}")
    return error


def _fault(answer: Answer) -> Exception:
    """Of one search among those of a request."""
    status, error = answer.get("status"), answer["error"]
    reason = str(error.get("type")) if isinstance(error, Mapping) else str(error)
    if status == NOT_FOUND:
        return _missing()
    if status == BAD_REQUEST:
        return Refused(reason)
    return IndexUnavailable(f"Elasticsearch does not answer: {reason}")


def _missing() -> IndexUnavailable:
    return IndexUnavailable("the index is not there yet", hint="huiyao up, or huiyao rebuild")
