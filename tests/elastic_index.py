"""An index of a test's own on a real Elasticsearch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from processors.fold import Document, Projection
from schemas.connections import ElasticsearchConnection
from streams.elastic.client import Retry, connect
from streams.elastic.writer import ElasticWriter
from tests.index_events import item_id


class Index:
    """An index of a test's own, and what is in it."""

    def __init__(self, url: str) -> None:
        self.connection = ElasticsearchConnection(url=url, prefix=f"t{uuid4().hex[:10]}-")
        self.client = connect(self.connection)
        self.writers: list[ElasticWriter] = []

    def writer(self, connection: ElasticsearchConnection | None = None, **options: Any) -> ElasticWriter:
        """A writer as another process would have it."""
        made = ElasticWriter(connection or self.connection, **({"retry": Retry(4, 0.01, 0.1)} | options))
        self.writers.append(made)
        return self.writers[-1]

    async def all(self, projection: Projection = Projection.ITEMS) -> dict[tuple[str, str], Document]:
        """All documents by index (without prefix) and id."""
        alias = self.connection.alias(projection)
        await self.client.indices.refresh(index=alias)
        found = await self.client.search(index=alias, query={"match_all": {}}, size=10_000)
        cut = len(self.connection.prefix)
        return {(hit["_index"][cut:], hit["_id"]): hit["_source"] for hit in found["hits"]["hits"]}

    async def one(self, number: int) -> Document:
        """The only document of the numbered item."""
        found = [document for (_, name), document in (await self.all()).items() if name == item_id(number)]
        assert len(found) == 1
        return found[0]

    async def close(self) -> None:
        for writer in self.writers:
            await writer.close()
        names = list(await self.client.indices.get(index=f"{self.connection.prefix}*", features="aliases"))
        for name in names:
            await self.client.indices.delete(index=name)
        await self.client.close()


@asynccontextmanager
async def fresh(url: str) -> AsyncIterator[Index]:
    made = Index(url)
    try:
        yield made
    finally:
        await made.close()
