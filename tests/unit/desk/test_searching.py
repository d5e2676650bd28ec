"""Searches asked at once are one request, and each gets its own answer or its own fault."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from elastic_transport import ConnectionTimeout

from desk.searching import TOGETHER, Refused, Searching
from schemas.errors import IndexUnavailable


class Client:
    """Answers every search with its own body; remembers the requests."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.requests: list[int] = []
        self._fault = fault

    async def msearch(self, *, searches: list[dict[str, Any]]) -> dict[str, Any]:
        self.requests.append(len(searches) // 2)
        await asyncio.sleep(0)
        if self._fault is not None:
            raise self._fault
        return {"responses": [self._answer(body) for body in searches[1::2]]}

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        if "status" in body:
            return {"status": body["status"], "error": {"type": "some_exception"}}
        return {"status": 200, "asked": body}


def searching(client: Client) -> Searching:
    return Searching(client)  # type: ignore[arg-type]


async def asked(on: Searching, *bodies: dict[str, Any]) -> list[Any]:
    return await asyncio.gather(*(on.search("items", body) for body in bodies), return_exceptions=True)


def test_what_is_asked_at_once_is_one_request_and_answered_in_order() -> None:
    client = Client()
    found = asyncio.run(asked(searching(client), {"size": 1}, {"size": 2}))
    assert client.requests == [2]
    assert [one["asked"]["size"] for one in found] == [1, 2]


def test_a_request_has_its_bound() -> None:
    client = Client()
    asyncio.run(asked(searching(client), *({"size": number} for number in range(TOGETHER + 1))))
    assert client.requests == [TOGETHER, 1]


def test_a_fault_of_one_leaves_the_others_their_answers() -> None:
    found = asyncio.run(asked(searching(Client()), {"status": 404}, {"size": 1}, {"status": 400}, {"status": 503}))
    assert [type(one) for one in found] == [IndexUnavailable, dict, Refused, IndexUnavailable]


@pytest.mark.parametrize("fault", [ConnectionTimeout("slow"), KeyError("ours")])
def test_everybody_hears_of_a_request_that_failed(fault: Exception) -> None:
    found = asyncio.run(asked(searching(Client(fault)), {"size": 1}, {"size": 2}))
    expected = IndexUnavailable if isinstance(fault, ConnectionTimeout) else KeyError
    assert [type(one) for one in found] == [expected, expected]


def test_one_who_goes_away_does_not_keep_the_others_from_their_answer() -> None:
    async def run() -> Any:
        on = searching(Client())
        first = asyncio.create_task(on.search("items", {"size": 1}))
        second = asyncio.create_task(on.search("items", {"size": 2}))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(run())["asked"] == {"size": 2}
