"""Reading the index: items, incidents, alerts, duty, bulletins. Elasticsearch away is ``IndexUnavailable``."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from elasticsearch import AsyncElasticsearch

from desk.cursors import make_cursor, may_lack, read_cursor, wrong_cursor
from desk.filling import filled
from desk.searching import Refused, Searching
from desk.versions import SEEK, Recent, Version, fetching, version_of
from schemas.connections import ElasticsearchConnection
from schemas.errors import IndexUnavailable

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
NEAR = timedelta(days=31)
"""A list of the newest is looked for in this time first: two months' indices are asked then, not those of all years."""
LATEST_MS = 10**13
"""A cursor that says a later time (of the year 2286) is nobody's."""
SPARSE, SPARSE_S = 1_000, 600.0
"""Lists remembered that have less than a page in that time, and for how many seconds."""
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
        self._read: Recent[Version, Document] = Recent()
        self._sparse: Recent[bytes, bool] = Recent(SPARSE, SPARSE_S)

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
        newest: datetime | None = None,
    ) -> Page:
        """One page, sorted; the last sort key must be unique. ``includes``: the only fields that are read, of a list
        whose last sort key is the id; documents are then kept by their version (:mod:`desk.versions`) and not to be
        changed. ``newest``: now, of a list whose first sort key is ``received_at``, newest first.

        Counted apart from the page: Elasticsearch then finds the first documents without looking at the others, and
        keeps counts until something in an index changes. Raises InvalidItem for a cursor of another list.
        """
        size = min(size, LIST_LIMIT)
        count = {"query": _query(filters, must), "size": 0, "track_total_hits": True}

        def listed(*also: Query) -> Coroutine[Any, Any, Page]:
            return self._page(
                alias, [*filters, *also], sort=sort, size=size, cursor=cursor, must=must, includes=includes,
                excludes=excludes, highlight=highlight, again=bool(includes),
            )  # fmt: skip

        known = orjson.dumps([alias, count["query"]])
        near = [] if newest is None or self._sparse.get(known) else [_near(newest, cursor, sort)]
        first, counted = await asyncio.gather(listed(*near), self._search(alias, count))
        page: Page = first
        total = int(counted["hits"]["total"]["value"])
        if near and page.next is None and (cursor is not None or len(page.items) < total):
            self._sparse.put(known, True)
            page = await listed()
        return replace(page, total=total)

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
        again: bool = False,
    ) -> Page:
        """The same of any size; the total is only of what is on the page. ``again``: what was read before in the same
        version is not read again."""
        body: dict[str, Any] = {
            "query": _query(filters, must),
            **({"sort": list(sort)} if sort else {}),
            "size": size + 1,  # one more tells whether there is a next page
            "track_total_hits": False,
        }
        if cursor:
            body["search_after"] = read_cursor(cursor, [may_lack(one) for one in sort])
        read: dict[str, Any] = {}
        if includes or excludes:
            read["_source"] = {"includes": list(includes), "excludes": list(excludes)}
        if highlight:
            read["highlight"] = HIGHLIGHT
        answer = await self._search(alias, body | (SEEK if again else read), cursor=cursor)
        hits = answer["hits"]["hits"]
        following = make_cursor(hits[size - 1]["sort"]) if sort and len(hits) > size else None
        found = await self._known(alias, body["query"], hits[:size], read) if again else None
        if again and found is None:  # something changed in between
            hits = (await self._search(alias, body | read, cursor=cursor))["hits"]["hits"]
            following = make_cursor(hits[size - 1]["sort"]) if len(hits) > size else None
        if found is None:
            found = [_document(hit) for hit in hits[:size]]
        return Page(found if includes else [filled(alias, one) for one in found], following, len(hits))

    async def _known(
        self, alias: str, query: Query, hits: Sequence[dict[str, Any]], read: dict[str, Any]
    ) -> list[Document] | None:
        """The documents of hits, those of unknown versions fetched; None where one of them is no longer found."""
        reads = orjson.dumps([read, query["bool"]["must"] if "highlight" in read else None]).decode()
        versions = [version_of(hit, reads) for hit in hits]
        found = {one[1]: self._read.get(one) for one in versions}
        if wanted := [one for one in versions if found[one[1]] is None]:
            answer = await self._search(alias, fetching(query, wanted) | read)
            for hit in answer["hits"]["hits"]:
                document = _document(hit)
                version = (hit["_index"], hit["_id"], hit["_seq_no"], hit["_primary_term"], reads)
                self._read.put(version, document)
                found[hit["_id"]] = document
        documents = [one for version in versions if (one := found[version[1]]) is not None]
        return documents if len(documents) == len(versions) else None

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

    async def unsorted(
        self, alias: str, filters: Sequence[Query], *, size: int, excludes: Sequence[str] = ()
    ) -> list[Document]:
        """Documents in any order: cheaper than :meth:`some` where most of the indices have none."""
        return (await self._page(alias, filters, sort=(), size=size, excludes=excludes)).items

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

    async def one_and(
        self,
        alias: str,
        identifier: str,
        filters: Sequence[Query],
        others: Sequence[Query],
        *,
        size: int,
        sort: Sequence[Mapping[str, Any]],
    ) -> tuple[Document | None, list[Document]]:
        """The document with ``_id`` and the first others that also fit ``others``, in one search."""
        itself: Query = {"constant_score": {"filter": {"ids": {"values": [identifier]}}}}
        any_of: Query = {"bool": {"should": [itself, {"bool": {"filter": list(others)}}]}}
        body = {
            "query": _query(filters, [any_of]),
            "sort": ["_score", *sort],  # the first one alone has any
            "size": size + 1,
            "track_total_hits": False,
        }
        hits = (await self._search(alias, body))["hits"]["hits"]
        found = [filled(alias, _document(hit)) for hit in hits]
        own = next((one for one in found if one["_id"] == identifier), None)
        return own, [one for one in found if one["_id"] != identifier][:size]

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
            raise wrong_cursor() from error


def _query(filters: Sequence[Query], must: Sequence[Query] = ()) -> Query:
    return {"bool": {"filter": [LISTED, *filters], "must": list(must)}}


def _document(hit: Mapping[str, Any]) -> Document:
    found: Document = {**hit["_source"], "_id": hit["_id"]}
    return found | ({"highlight": hit["highlight"]} if "highlight" in hit else {})


def _near(now: datetime, cursor: str | None, sort: Sequence[Mapping[str, Any]]) -> Query:
    """What came not long before the place where a page begins. Raises InvalidItem."""
    begin = now
    if cursor:
        moment = read_cursor(cursor, [may_lack(one) for one in sort])[0]
        if isinstance(moment, int) and abs(moment) <= LATEST_MS:
            begin = datetime.fromtimestamp(moment / 1000, UTC)
    return {"range": {"received_at": {"gte": (begin - NEAR).isoformat()}}}
