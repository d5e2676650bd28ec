"""In which index a document lies, and what it says at present.

Documents of incidents, alerts, duty and bulletins have one index, and a real-time ``mget`` tells. An item's document
stays in the month of its first receipt, which a later event does not know: a correction may come next month, a
replay any time. Writing it anew into its own month would make a second document. So before anything is written, the
documents of a batch are looked up through the alias. One search of ids for the batch costs little, but sees only what
was refreshed. What it may miss is covered thus:

1. Written by this writer and not refreshed yet: remembered in ``_recent``; before it grows too large the indices are
   refreshed and it is emptied.
2. Written by another worker that had the partition before: a record that does not follow the last one of its
   partition tells that (first use, rebalance, replay); the indices are refreshed before the search.
3. Written just now by a worker with other partitions (a decision beside its item): both would start the document in
   the same month, where ``create`` meets the other one (409) and the event is folded into it. Only around midnight of
   a month's first day could their months differ: then both months are asked in real time.

Should a document exist twice after all (two workers within the same instant of that midnight), the reader sees both;
the writer joins them into one and removes the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch

from processors.fold import Document, Projection, Target
from schemas.errors import IndexUnavailable
from streams.elastic.client import Retry, ask
from streams.elastic.layout import Layout, month
from streams.ports import IndexRecord

RECENT = 50_000
"""Placements remembered between refreshes; about 10 MB."""
SEARCH_IDS = 1_000
READ_DOCUMENTS = 200
"""Documents of one ``mget``, so that long texts do not add up to an answer of hundreds of megabytes."""
AROUND_MIDNIGHT = timedelta(hours=1)
_NOT_FOUND = 404
_NO_INDEX = "index_not_found_exception"


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it is in the index; ``at`` is its (seq_no, primary_term)."""

    index: str
    document: Document
    at: tuple[int, int]


class Placement:
    """Finds documents; ``settle`` before each batch."""

    def __init__(self, client: AsyncElasticsearch, layout: Layout, retry: Retry, *, recent: int = RECENT) -> None:
        self._client, self._layout, self._retry, self._limit = client, layout, retry, recent
        self._recent: dict[str, str] = {}
        self._next: dict[tuple[str, int], int] = {}
        self._stale = True

    def notice(self, records: Iterable[IndexRecord]) -> None:
        """Watch the offsets: a record that does not follow may follow another worker's writes."""
        for record in records:
            place = (record.topic, record.partition)
            if self._next.get(place) != record.offset:
                self._stale = True
            self._next[place] = record.offset + 1

    def remember(self, target: Target, index: str) -> None:
        """The document was written into (or met in) this index."""
        if target.projection is Projection.ITEMS:
            self._recent[target.id] = index

    def forget(self) -> None:
        """Nothing known counts any more: the aliases may have been switched, or a write may be on its way."""
        self._recent.clear()
        self._stale = True

    async def read(self, targets: Sequence[Target]) -> list[list[Stored]]:
        """The present documents of each target: one, or none, or (to be joined) more. Raises IndexUnavailable."""
        items = [one for one in targets if one.projection is Projection.ITEMS]
        places = await self._search([one.id for one in items if one.id not in self._recent])
        for one in items:
            found = places.setdefault(one.id, set())
            found |= {self._recent[one.id]} if one.id in self._recent else await self._neighbours(one)
        wanted = [
            sorted(places[one.id]) if one.projection is Projection.ITEMS else [await self._layout.index_for(one)]
            for one in targets
        ]
        stored = await self._get(
            [(index, one.id) for one, names in zip(targets, wanted, strict=True) for index in names]
        )
        return [
            [stored[index, one.id] for index in names if (index, one.id) in stored]
            for one, names in zip(targets, wanted, strict=True)
        ]

    async def settle(self) -> None:
        """Make findable what the search would miss. Before a batch, while nothing is on its way."""
        if not self._stale and len(self._recent) < self._limit:
            return
        scope = self._layout.scope(Projection.ITEMS)
        await self._asked(partial(self._client.indices.refresh, index=scope))
        self._recent.clear()
        self._stale = False

    async def _search(self, ids: Sequence[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for start in range(0, len(ids), SEARCH_IDS):
            some = list(ids[start : start + SEARCH_IDS])
            search = partial(
                self._client.search,
                index=self._layout.scope(Projection.ITEMS),
                query={"ids": {"values": some}},
                size=2 * len(some),  # room for a document that exists twice
                source=False,
                sort="_doc",
                track_total_hits=False,
                allow_partial_search_results=False,
                filter_path=["hits.hits._index", "hits.hits._id"],
            )
            answer = await self._asked(search)
            for hit in (answer or {}).get("hits", {}).get("hits", ()):
                found.setdefault(hit["_id"], set()).add(hit["_index"])
        return found

    async def _neighbours(self, target: Target) -> set[str]:
        """The months on both sides of a midnight that is near."""
        own = month(target.moment)
        around = {month(target.moment - AROUND_MIDNIGHT), month(target.moment + AROUND_MIDNIGHT)}
        if around == {own}:
            return set()
        return {await self._layout.items_index(target.district, name) for name in around | {own}}

    async def _get(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
        stored: dict[tuple[str, str], Stored] = {}
        for start in range(0, len(places), READ_DOCUMENTS):
            docs = [{"_index": index, "_id": name} for index, name in places[start : start + READ_DOCUMENTS]]
            answer = await self._asked(partial(self._client.mget, docs=docs))
            for one in (answer or {}).get("docs", ()):
                if one.get("found"):
                    at = (one["_seq_no"], one["_primary_term"])
                    stored[one["_index"], one["_id"]] = Stored(one["_index"], one["_source"], at)
                elif one.get("error", {}).get("type", _NO_INDEX) != _NO_INDEX:
                    raise IndexUnavailable(f"Elasticsearch cannot read {one['_index']}: {one['error']}")
        return stored

    async def _asked(self, call: Any) -> dict[str, Any] | None:
        """The body of the answer; None where there is no index at all yet."""
        try:
            body: dict[str, Any] = (await ask(call, self._retry)).body
        except ApiError as error:
            if error.meta.status == _NOT_FOUND:
                return None
            raise IndexUnavailable(f"Elasticsearch: {error}") from error
        return body
