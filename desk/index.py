"""Reading the index: items, incidents, alerts, duty, bulletins. Elasticsearch away is ``IndexUnavailable``."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from elasticsearch import AsyncElasticsearch

from desk.filling import filled
from desk.searching import Refused, Searching
from schemas.connections import ElasticsearchConnection
from schemas.errors import FieldError, IndexUnavailable, InvalidItem

Document = dict[str, Any]
Query = dict[str, Any]
LIST_LIMIT = 200
DEEP = 10_000
BULK = 2_000
"""Documents of one answer where all are read; Elasticsearch gives at most 10,000."""
MARK_BEGIN, MARK_END = "\x02", "\x03"
"""Around what a search found; control characters, so that the pages escape the text first and mark it then."""
SNIPPET = 90
"""Characters of a snippet; two lines on a desk screen, four on a phone."""
HIGHLIGHT = {
    "pre_tags": [MARK_BEGIN],
    "post_tags": [MARK_END],
    "max_analyzed_offset": 100_000,
    "fields": {"title": {"number_of_fragments": 0}, "text": {"number_of_fragments": 1, "fragment_size": SNIPPET}},
}
LISTED = {"term": {"complete": True}}
"""An event that overtook its thing leaves a document that is not complete; nobody is shown it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``next`` is the cursor of the following page."""

    items: list[Document]
    next: str | None
    total: int

    def record(self) -> dict[str, Any]:
        """As the contract prints lists."""
        return {"items": self.items, "next": self.next, "total": self.total}


class Index:
    """Queries against the aliases. Those asked at once (``asyncio.gather``) go to Elasticsearch as one request."""

    def __init__(self, client: AsyncElasticsearch, connection: ElasticsearchConnection) -> None:
        self._connection = connection
        self._searching = Searching(client)

    async def page(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, Any]],
        size: int,
        cursor: str | None = None,
        must: Sequence[Query] = (),
        includes: Sequence[str] = (),
        excludes: Sequence[str] = (),
        highlight: bool = False,
    ) -> Page:
        """One page, sorted; the last sort key must be unique. ``includes``: the only fields that are read.

        Counted apart from the page: Elasticsearch then finds the first documents without looking at the others, and
        keeps counts until something in an index changes. Raises InvalidItem for a cursor of another list.
        """
        size = min(size, LIST_LIMIT)
        count = {"query": _query(filters, must), "size": 0, "track_total_hits": True}
        listed, counted = await asyncio.gather(
            self._page(
                alias, filters, sort=sort, size=size, cursor=cursor, must=must, includes=includes, excludes=excludes,
                highlight=highlight,
            ),
            self._search(alias, count),
        )  # fmt: skip
        page: Page = listed
        return replace(page, total=int(counted["hits"]["total"]["value"]))

    async def _page(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, Any]],
        size: int,
        cursor: str | None = None,
        must: Sequence[Query] = (),
        includes: Sequence[str] = (),
        excludes: Sequence[str] = (),
        highlight: bool = False,
    ) -> Page:
        """The same of any size; the total is only of what is on the page."""
        body: dict[str, Any] = {
            "query": _query(filters, must),
            "sort": list(sort),
            "size": size + 1,  # one more tells whether there is a next page
            "track_total_hits": False,
        }
        if includes or excludes:
            body["_source"] = {"includes": list(includes), "excludes": list(excludes)}
        if cursor:
            body["search_after"] = read_cursor(cursor, [_may_lack(one) for one in sort])
        if highlight:
            body["highlight"] = HIGHLIGHT
        answer = await self._search(alias, body, cursor=cursor)
        hits = answer["hits"]["hits"]
        following = make_cursor(hits[size - 1]["sort"]) if len(hits) > size else None
        found = [_document(hit) for hit in hits[:size]]
        return Page(found if includes else [filled(alias, one) for one in found], following, len(hits))

    async def some(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, Any]],
        size: int,
        excludes: Sequence[str] = (),
    ) -> list[Document]:
        """The first documents, not counted."""
        return (await self._page(alias, filters, sort=sort, size=size, excludes=excludes)).items

    async def after(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, Any]],
        size: int,
        cursor: str | None = None,
        includes: Sequence[str] = (),
    ) -> tuple[list[Document], str | None]:
        """(the documents after a cursor, the next cursor), not counted."""
        page = await self._page(alias, filters, sort=sort, size=size, cursor=cursor, includes=includes)
        return page.items, page.next

    async def total(self, alias: str, filters: Sequence[Query]) -> int:
        """How many there are."""
        answer = await self._search(alias, {"query": _query(filters), "size": 0, "track_total_hits": True})
        return int(answer["hits"]["total"]["value"])

    async def raw(self, alias: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a search as Elasticsearch gives it."""
        return await self._search(alias, body)

    async def all(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, str]],
        includes: Sequence[str] = (),
    ) -> list[Document]:
        """Every document, page by page; for a day, not for a year. ``includes``: the only fields that are read."""
        found: list[Document] = []
        cursor: str | None = None
        while True:
            page = await self._page(alias, filters, sort=sort, size=BULK, cursor=cursor, includes=includes)
            found += page.items
            cursor = page.next
            if cursor is None or len(found) >= DEEP * 10:
                return found

    async def one(self, alias: str, identifier: str, filters: Sequence[Query]) -> Document | None:
        """The document with ``_id``; None where there is none, or none that is complete."""
        query = _query([{"ids": {"values": [identifier]}}, *filters])
        answer = await self._search(alias, {"query": query, "size": 1, "track_total_hits": False})
        hits = answer["hits"]["hits"]
        return filled(alias, _document(hits[0])) if hits else None

    async def stubs(
        self, alias: str, filters: Sequence[Query], *, size: int, only: str = "decisions"
    ) -> list[Document]:
        """Documents with one field of theirs, whether the thing itself has come or not."""
        body = {"query": {"bool": {"filter": list(filters)}}, "size": size, "_source": {"includes": [only]}}
        answer = await self._search(alias, body)
        return [_document(hit) for hit in answer["hits"]["hits"]]

    async def counts(self, alias: str, filters: Sequence[Query], fields: Sequence[str]) -> dict[str, dict[str, int]]:
        """Counts by value of each field, and ``{"": {"total": n}}``."""
        aggregations = {field: {"terms": {"field": field, "size": 100}} for field in fields}
        body = {"query": _query(filters), "size": 0, "track_total_hits": True, "aggregations": aggregations}
        answer = await self._search(alias, body)
        found = {"": {"total": int(answer["hits"]["total"]["value"])}}
        for field in fields:
            buckets = answer["aggregations"][field]["buckets"] if "aggregations" in answer else []
            found[field] = {str(b.get("key_as_string", b["key"])): int(b["doc_count"]) for b in buckets}
        return found

    async def aggregate(
        self, alias: str, filters: Sequence[Query], aggregations: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The answers of aggregations, as Elasticsearch gives them."""
        body = {"query": _query(filters), "size": 0, "aggregations": dict(aggregations)}
        answer = await self._search(alias, body)
        found: Mapping[str, Any] = answer["aggregations"]
        return found

    async def ready(self) -> bool:
        """Whether the index can be asked."""
        try:
            await self._search("items", {"size": 0})
        except IndexUnavailable:
            return False
        return True

    async def _search(self, alias: str, body: Mapping[str, Any], *, cursor: str | None = None) -> Mapping[str, Any]:
        try:
            return await self._searching.search(self._connection.alias(alias), body)
        except Refused as error:
            if cursor is None:  # then the request is wrong by itself, which is ours to find
                raise IndexUnavailable(f"Elasticsearch refused the query: {error}") from error
            raise _wrong_cursor() from error


def _query(filters: Sequence[Query], must: Sequence[Query] = ()) -> Query:
    return {"bool": {"filter": [LISTED, *filters], "must": list(must)}}


def _document(hit: Mapping[str, Any]) -> Document:
    found: Document = {**hit["_source"], "_id": hit["_id"]}
    return found | ({"highlight": hit["highlight"]} if "highlight" in hit else {})


def make_cursor(values: Sequence[Any]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _may_lack(key: Mapping[str, Any]) -> bool:
    """Whether documents without the field are sorted too; their value is null."""
    return any(isinstance(how, Mapping) and "missing" in how for how in key.values())


def read_cursor(cursor: str, nullable: Sequence[bool]) -> list[Any]:
    """The sort values of a cursor, one for each of ``nullable``, null only where that says so. Raises InvalidItem."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != len(nullable):
        raise _wrong_cursor()
    fits = [
        isinstance(value, int | str) or (value is None and free) for value, free in zip(values, nullable, strict=True)
    ]
    if not all(fits):
        raise _wrong_cursor()
    return values


def _wrong_cursor() -> InvalidItem:
    return InvalidItem(
        [FieldError("cursor", "not a cursor of this list; leave it out to begin", "翻页标记无效，请从第一页开始")]
    )
