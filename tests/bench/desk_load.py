"""One run of users against the desk, as a process of its own: the desk keeps its own interpreter.

    python -m tests.bench.desk_load BASE ELASTICSEARCH PREFIX ITEMS USERS PAUSE ROUNDS

Prints JSON: for each page the seconds of every request, those of the bare query behind it, and the bytes of the page.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from desk.candidates import ITEM_SORT
from desk.filters import full_text, item_filters, term
from desk.index import Index, Query
from desk.queue import QUEUE_SORT
from desk.routes.pages import PAGE
from desk.rows import ROW_FIELDS
from schemas.connections import ElasticsearchConnection
from streams.elastic.client import connect
from tests.bench.desk_fill import WORDS, identifier
from tests.desk_server import KEY

DISTRICT = term("district", "zhanggong")
ALIVE = term("erased", "false")


def pages(number: int, count: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name: (path, arguments of the query behind it); each user asks for other items and words."""
    item = identifier(number * 7919 % count)
    word = WORDS[number % len(WORDS)]
    listed: dict[str, Any] = {"sort": ITEM_SORT, "size": PAGE, "includes": ROW_FIELDS}
    some = {"lane": "report", "category": "问题建议"}
    unmerged = term("merged_into", "null")
    return {
        "list": ("/items", listed | {"filters": [DISTRICT, ALIVE, unmerged]}),
        "filtered": (
            "/items?lane=report&category=问题建议",
            listed | {"filters": [DISTRICT, ALIVE, *item_filters(some), unmerged]},
        ),
        "search": (
            f"/items?q={word}",
            listed | {"filters": [DISTRICT, ALIVE], "must": [full_text(word)], "highlight": True},
        ),
        "item": (
            f"/items/{item}",
            {"one": item, "filters": [DISTRICT]},
        ),
        "queue": ("/queue", {"sort": QUEUE_SORT, "size": 40, "includes": ROW_FIELDS, "filters": _waiting()}),
    }


def _waiting() -> list[Query]:
    zero: Query = {"bool": {"must_not": [{"term": {"kind": "zero"}}]}}
    since: Query = {"range": {"received_at": {"gte": "2026-11-17T12:00:00+08:00"}}}
    return [DISTRICT, ALIVE, term("status", "new"), term("merged_into", "null"), since, zero]


async def load(
    base: str, elasticsearch: str, prefix: str, count: int, users: int, pause: float, rounds: int
) -> dict[str, Any]:
    """Every user goes through the pages ``rounds`` times; before that the same number of bare queries, as many at once.

    ``pause``: seconds between the requests of one user; they start spread over one pause.
    """
    connection = ElasticsearchConnection(url=elasticsearch, prefix=prefix)
    client = connect(connection)
    index = Index(client, connection)
    found: dict[str, Any] = {name: {"page": [], "bare": [], "bytes": 0} for name in pages(0, count)}

    async def user(number: int) -> None:
        async with httpx.AsyncClient(base_url=base, timeout=120) as browser:
            await browser.post("/login", data={"key": KEY})
            await asyncio.sleep(pause * number / users)
            for turn in range(rounds):
                for name, (path, _) in pages(number * rounds + turn, count).items():
                    answer: list[httpx.Response] = []
                    found[name]["page"].append(await _timed(lambda p=path, a=answer: _get(browser, p, a)))  # type: ignore[misc]
                    found[name]["bytes"] = max(found[name]["bytes"], len(answer[0].content))
                    await asyncio.sleep(pause)

    async def bare(number: int) -> None:
        await asyncio.sleep(pause * number / users)
        for turn in range(rounds):
            for name, (_, given) in pages(number * rounds + turn, count).items():
                found[name]["bare"].append(await _timed(lambda g=given: _ask(index, dict(g))))  # type: ignore[misc]
                await asyncio.sleep(pause)

    await asyncio.gather(*(bare(number) for number in range(users)))
    await asyncio.gather(*(user(number) for number in range(users)))
    await client.close()
    return found


async def _get(browser: httpx.AsyncClient, path: str, into: list[httpx.Response]) -> None:
    into.append((await browser.get(path)).raise_for_status())


async def _ask(index: Index, given: dict[str, Any]) -> None:
    one = given.pop("one", None)
    if one is not None:
        assert await index.one("items", one, given["filters"]) is not None
    else:
        await index.page("items", given.pop("filters"), **given)


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def main() -> None:
    """See the module."""
    base, elasticsearch, prefix, count, users, pause, rounds = sys.argv[1:]
    found = load(base, elasticsearch, prefix, int(count), int(users), float(pause), int(rounds))
    print(json.dumps(asyncio.run(found)))


if __name__ == "__main__":
    main()
