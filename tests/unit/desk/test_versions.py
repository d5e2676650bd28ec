"""Lists are searched for each time; what was read in the same version is not fetched again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from desk.candidates import ITEM_SORT
from desk.index import NEAR, Index, Page
from desk.versions import Recent
from schemas.connections import ElasticsearchConnection
from schemas.errors import InvalidItem

NOW = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
FIELDS = ("item_id", "title")


class Cluster:
    """Documents by id as (sequence number, moment in ms, title); answers the three kinds of search that a list makes,
    and remembers which."""

    def __init__(self, documents: dict[str, tuple[int, int, str]], near: Iterable[str] | None = None) -> None:
        self.documents, self.near = documents, None if near is None else set(near)
        self.asked: list[str] = []
        self.fetched: list[list[str]] = []
        self.vanishing: set[str] = set()

    async def msearch(self, *, searches: list[dict[str, Any]]) -> dict[str, Any]:
        return {"responses": [self._answer(body) for body in searches[1::2]]}

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["size"] == 0:
            self.asked.append("count")
            return {"hits": {"total": {"value": len(self.documents)}}}
        if "must" in body["query"]["bool"] and "filter" in body["query"]["bool"] and "sort" not in body:
            ids = next(one["ids"]["values"] for one in body["query"]["bool"]["filter"] if "ids" in one)
            self.asked.append("fetch")
            self.fetched.append(sorted(ids))
            self._vanish()
            return self._hits([one for one in ids if one in self.documents], body)
        near = any("received_at" in one.get("range", {}) for one in body["query"]["bool"]["filter"])
        whole = body.get("_source") is not False
        self.asked.append(("near" if near else "all") + (" whole" if whole else ""))
        listed = sorted(self.documents, key=lambda one: -self.documents[one][1])
        if near and self.near is not None:
            listed = [one for one in listed if one in self.near]
        return self._hits(listed[: body["size"]], body)

    def _vanish(self) -> None:
        for one in self.vanishing:
            self.documents.pop(one, None)
        self.vanishing = set()

    def _hits(self, ids: list[str], body: dict[str, Any]) -> dict[str, Any]:
        hits = []
        for one in ids:
            number, moment, title = self.documents[one]
            hit: dict[str, Any] = {"_index": "items-1", "_seq_no": number, "_primary_term": 1, "sort": [moment, one]}
            if body.get("_source") is not False:
                hit |= {"_id": one, "_source": {"item_id": one, "title": title}}
            if "highlight" in body:
                hit["highlight"] = {"title": [f"\x02{title}\x03"]}
            hits.append(hit)
        return {"hits": {"hits": hits}}


def index_over(cluster: Cluster) -> Index:
    return Index(cluster, ElasticsearchConnection(url="http://127.0.0.1:1"))  # type: ignore[arg-type]


def listed(index: Index, *, size: int = 2, **more: Any) -> Page:
    return asyncio.run(index.page("items", [], sort=ITEM_SORT, size=size, includes=FIELDS, **more))


def titles(page: Page) -> list[str]:
    return [one["title"] for one in page.items]


def three() -> dict[str, tuple[int, int, str]]:
    return {"a": (1, 30, "甲"), "b": (2, 20, "乙"), "c": (3, 10, "丙")}


def test_a_list_that_is_shown_again_is_searched_for_and_not_fetched() -> None:
    cluster = Cluster(three())
    index = index_over(cluster)
    first, second = listed(index), listed(index)
    assert titles(first) == titles(second) == ["甲", "乙"]
    assert (second.total, second.next) == (3, first.next)
    assert cluster.asked == ["all", "count", "fetch", "all", "count"]


def test_what_changed_is_fetched_alone() -> None:
    cluster = Cluster(three())
    index = index_over(cluster)
    listed(index)
    cluster.documents["b"] = (9, 20, "乙改")
    assert titles(listed(index)) == ["甲", "乙改"]
    assert cluster.fetched == [["a", "b"], ["b"]]


def test_what_goes_away_between_the_two_searches_is_not_shown() -> None:
    cluster = Cluster(three())
    cluster.vanishing = {"a"}
    assert titles(listed(index_over(cluster))) == ["乙", "丙"]
    assert cluster.asked == ["all", "count", "fetch", "all whole"]


def test_marks_of_one_search_are_not_shown_in_another() -> None:
    cluster = Cluster(three())
    index = index_over(cluster)
    words: list[list[dict[str, Any]]] = [[{"match": {"text": word}}] for word in ("甲", "乙")]
    marked = [listed(index, must=one, highlight=True) for one in (*words, words[0])]
    assert all(one.items[0]["highlight"] for one in marked)
    assert "highlight" not in listed(index).items[0]
    assert cluster.asked.count("fetch") == 3


def test_the_newest_are_looked_for_near_by_first_and_then_everywhere() -> None:
    plenty = Cluster(three())
    assert titles(listed(index_over(plenty), newest=NOW)) == ["甲", "乙"]
    assert plenty.asked == ["near", "count", "fetch"]
    few = Cluster(three(), near=["a"])
    index = index_over(few)
    assert [titles(listed(index, newest=NOW)) for _ in range(2)] == [["甲", "乙"]] * 2
    # The second time it is known that there are too few.
    assert [one for one in few.asked if one in ("near", "all")] == ["near", "all", "all"]


def test_a_short_list_that_is_all_there_is_is_not_looked_for_again() -> None:
    cluster = Cluster(three())
    assert len(listed(index_over(cluster), size=5, newest=NOW).items) == 3
    assert cluster.asked == ["near", "count", "fetch"]


def test_a_cursor_of_another_list_is_refused_also_there() -> None:
    with pytest.raises(InvalidItem):
        listed(index_over(Cluster(three())), newest=NOW, cursor="W10")
    assert NEAR.days >= 28


def test_what_is_kept_has_its_bound_and_its_time() -> None:
    now = [0.0]
    kept: Recent[str, int] = Recent(most=2, kept_s=10, clock=lambda: now[0])
    for at, name in enumerate("abc"):
        now[0] = at
        kept.put(name, at)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == (None, 1, 2, 2)
    now[0] = 11.0
    assert (kept.get("b"), kept.get("c"), len(kept)) == (None, 2, 1)
    now[0] = 12.0
    assert kept.get("c") is None
    assert len(kept) == 0
