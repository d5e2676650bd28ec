"""Reading the index: items, incidents, alerts, duty, bulletins. Elasticsearch away is ``IndexUnavailable``."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError, NotFoundError

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
    """Queries against the aliases."""

    def __init__(self, client: AsyncElasticsearch, connection: ElasticsearchConnection) -> None:
        self._client, self._connection = client, connection

    async def page(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, Any]],
        size: int,
        cursor: str | None = None,
        must: Sequence[Query] = (),
        excludes: Sequence[str] = (),
        highlight: bool = False,
    ) -> Page:
        """One page, sorted; the last sort key must be unique. Raises InvalidItem for a cursor of another list."""
        size = min(size, LIST_LIMIT)
        return await self._page(
            alias, filters, sort=sort, size=size, cursor=cursor, must=must, excludes=excludes, highlight=highlight
        )

    async def _page(
        self,
        alias: str,
        filters: Sequence[Query],
        *,
        sort: Sequence[Mapping[str, Any]],
        size: int,
        cursor: str | None = None,
        must: Sequence[Query] = (),
        excludes: Sequence[str] = (),
        includes: Sequence[str] = (),
        highlight: bool = False,
        exact: bool = True,
    ) -> Page:
        """The same of any size. ``exact``: count all that there are, which costs where there are many."""
        body: dict[str, Any] = {
            "index": self._connection.alias(alias),
            "query": {"bool": {"filter": [LISTED, *filters], "must": list(must)}},
            "sort": list(sort),
            "size": size + 1,  # one more tells whether there is a next page
            "track_total_hits": exact,
            "source_excludes": list(excludes),
            "source_includes": list(includes),
        }
        if cursor:
            body["search_after"] = read_cursor(cursor, [_may_lack(one) for one in sort])
        if highlight:
            body["highlight"] = HIGHLIGHT
        answer = await self._ask(self._client.search(**body), cursor=cursor)
        hits = answer["hits"]["hits"]
        following = make_cursor(hits[size - 1]["sort"]) if len(hits) > size else None
        total = int(answer["hits"]["total"]["value"]) if exact else len(hits)
        return Page([_document(hit) for hit in hits[:size]], following, total)

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
            page = await self._page(alias, filters, sort=sort, size=BULK, cursor=cursor, includes=includes, exact=False)
            found += page.items
            cursor = page.next
            if cursor is None or len(found) >= DEEP * 10:
                return found

    async def one(self, alias: str, identifier: str, filters: Sequence[Query]) -> Document | None:
        """The document with ``_id``; None where there is none, or none that is complete."""
        query = {"bool": {"filter": [LISTED, {"ids": {"values": [identifier]}}, *filters]}}
        answer = await self._ask(self._client.search(index=self._connection.alias(alias), query=query, size=1))
        hits = answer["hits"]["hits"]
        return _document(hits[0]) if hits else None

    async def stubs(
        self, alias: str, filters: Sequence[Query], *, size: int, only: str = "decisions"
    ) -> list[Document]:
        """Documents with one field of theirs, whether the thing itself has come or not."""
        answer = await self._ask(
            self._client.search(
                index=self._connection.alias(alias),
                query={"bool": {"filter": list(filters)}},
                size=size,
                source_includes=[only],
            )
        )
        return [_document(hit) for hit in answer["hits"]["hits"]]

    async def counts(self, alias: str, filters: Sequence[Query], fields: Sequence[str]) -> dict[str, dict[str, int]]:
        """Counts by value of each field, and ``{"": {"total": n}}``."""
        aggregations = {field: {"terms": {"field": field, "size": 100}} for field in fields}
        answer = await self._ask(
            self._client.search(
                index=self._connection.alias(alias),
                query={"bool": {"filter": [LISTED, *filters]}},
                size=0,
                track_total_hits=True,
                aggregations=aggregations,
            )
        )
        found = {"": {"total": int(answer["hits"]["total"]["value"])}}
        for field in fields:
            buckets = answer["aggregations"][field]["buckets"]
            found[field] = {str(b.get("key_as_string", b["key"])): int(b["doc_count"]) for b in buckets}
        return found

    async def aggregate(
        self, alias: str, filters: Sequence[Query], aggregations: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The answers of aggregations, as Elasticsearch gives them."""
        answer = await self._ask(
            self._client.search(
                index=self._connection.alias(alias),
                query={"bool": {"filter": [LISTED, *filters]}},
                size=0,
                aggregations=dict(aggregations),
            )
        )
        found: Mapping[str, Any] = answer["aggregations"]
        return found

    async def ready(self) -> bool:
        """Whether the index can be asked."""
        try:
            await self._ask(self._client.search(index=self._connection.alias("items"), size=0))
        except IndexUnavailable:
            return False
        return True

    async def _ask(self, request: Any, *, cursor: str | None = None) -> Any:
        try:
            return await request
        except NotFoundError as error:
            raise IndexUnavailable("the index is not there yet", hint="huiyao up, or huiyao rebuild") from error
        except BadRequestError as error:
            if cursor is None:  # then the request is wrong by itself, which is ours to find
                raise IndexUnavailable(f"Elasticsearch refused the query: {error.message}") from error
            raise _wrong_cursor() from error
        except (TransportError, ApiError) as error:
            raise IndexUnavailable(f"Elasticsearch does not answer: {type(error).__name__}") from error


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
