"""Templates, indices and aliases.

    alias items      items-<district>-YYYY.MM      by the month of first receipt (Asia/Shanghai)
    other aliases    <alias>-000001

A rebuild makes the next generation beside the present one: ``items-<district>-YYYY.MM-000002``, ``duty-000002``.
Everybody reads through the aliases; the writer asks here for the index to write to.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch

from processors.fold import Projection, Target
from schemas.base import local_day
from schemas.connections import ElasticsearchConnection
from schemas.errors import IndexUnavailable
from streams.elastic.client import Retry, ask, fetch

FIRST = 1
REFRESH_INTERVAL = "1s"
"""As in the templates; a rebuild sets it when its indices are complete."""
_GENERATION = re.compile(r"-(\d{6})$")
_UNFIT = re.compile(r"[^a-z0-9_]+")
_EXISTS = "resource_already_exists_exception"
_NOT_FOUND = 404


def month(moment: datetime) -> str:
    """``YYYY.MM`` of an aware time in China."""
    return local_day(moment)[:-3].replace("-", ".")


def generation_of(index: str) -> int:
    """The generation of an index by its name."""
    found = _GENERATION.search(index)
    return int(found[1]) if found else FIRST


def template_of(projection: Projection, connection: ElasticsearchConnection) -> dict[str, Any]:
    """The index template with prefix, shards and replicas of the connection."""
    text = (files("deploy.templates") / f"{projection.value}.json").read_text("utf-8")
    template: dict[str, Any] = json.loads(text)
    template["index_patterns"] = [connection.prefix + pattern for pattern in template["index_patterns"]]
    template["template"]["settings"]["index"] |= {
        "number_of_shards": connection.shards,
        "number_of_replicas": connection.replicas,
    }
    return template


class Layout:
    """Names and makes the indices of one generation.

    Without ``generation`` it follows the aliases, and what it makes joins them at once (the live writer). With one it
    makes that generation, which nobody reads until the aliases are switched (a rebuild).
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        connection: ElasticsearchConnection,
        *,
        retry: Retry | None = None,
        generation: int | None = None,
    ) -> None:
        self._client, self._connection, self._retry = client, connection, retry or Retry()
        self._pinned = generation
        self._known: dict[Projection, set[str]] | None = None

    def alias(self, projection: Projection) -> str:
        """The alias everybody reads."""
        return self._connection.alias(projection.value)

    def scope(self, projection: Projection) -> str:
        """What to search for documents of this generation."""
        if self._pinned is None:
            return self.alias(projection)
        return f"{self.alias(projection)}-*{self._pinned:06d}"

    def forget(self) -> None:
        """Look again at the cluster before the next write: the aliases may have been switched."""
        self._known = None

    async def prepare(self, district: str | None = None, now: datetime | None = None) -> None:
        """Install the templates; make indices and aliases that are missing. Safe to call again and by several workers.

        With ``district`` and ``now`` the month's index of items is made too, so that the alias ``items`` is there
        before the first item. Raises IndexUnavailable.
        """
        for projection in Projection:
            body = template_of(projection, self._connection)
            install = partial(self._client.indices.put_index_template, name=self.alias(projection), **_arguments(body))
            await fetch(install, self._retry)
        known = await self._look()
        for projection in Projection:
            if known[projection]:
                await self._extend(projection)
            elif projection is not Projection.ITEMS:
                await self._make(projection, self._fixed(projection))
        if district and now:
            await self.index_for(Target(Projection.ITEMS, "", district, now))

    async def _extend(self, projection: Projection) -> None:
        """Add fields that are new in this release to the indices that are there."""
        mappings = template_of(projection, self._connection)["template"]["mappings"]
        put = partial(self._client.indices.put_mapping, index=self.scope(projection), properties=mappings["properties"])
        try:
            await ask(put, self._retry)
        except ApiError as error:
            hint = "stop the index workers and run `huiyao rebuild`"
            raise IndexUnavailable(
                f"{self.alias(projection)} was made by another release: {error}", hint=hint
            ) from error

    async def index_for(self, target: Target) -> str:
        """The index in which a new document of the target starts; made where it is missing."""
        known = await self._look()
        if target.projection is not Projection.ITEMS:
            if not known[target.projection]:
                await self._make(target.projection, self._fixed(target.projection))
            return max(known[target.projection], key=generation_of)
        name = await self.items_index(target.district, month(target.moment))
        if name not in known[Projection.ITEMS]:
            await self._make(Projection.ITEMS, name)
        return name

    async def items_index(self, district: str, month_name: str) -> str:
        """The name of a monthly index in this generation, whether it is there or not."""
        await self._look()
        place = _UNFIT.sub("_", district.lower()) or "_"
        generation = self._generation()
        tail = "" if generation == FIRST else f"-{generation:06d}"
        return f"{self.alias(Projection.ITEMS)}-{place}-{month_name}{tail}"

    async def indices(self) -> dict[Projection, set[str]]:
        """The indices by projection as they are on the cluster now."""
        self.forget()
        return {projection: set(names) for projection, names in (await self._look()).items()}

    def _fixed(self, projection: Projection) -> str:
        return f"{self.alias(projection)}-{self._generation():06d}"

    def _generation(self) -> int:
        if self._pinned is not None:
            return self._pinned
        names = [name for group in (self._known or {}).values() for name in group]
        return max((generation_of(name) for name in names), default=FIRST)

    async def _look(self) -> dict[Projection, set[str]]:
        if self._known is None:
            self._known = {projection: await self._found(projection) for projection in Projection}
        return self._known

    async def _found(self, projection: Projection) -> set[str]:
        try:
            answer = await ask(
                partial(self._client.indices.get, index=self.scope(projection), features="aliases"), self._retry
            )
        except ApiError as error:
            if error.meta.status == _NOT_FOUND:
                return set()
            raise IndexUnavailable(f"Elasticsearch: {error}") from error
        return set(answer.body)

    async def _make(self, projection: Projection, name: str) -> None:
        # Refreshing every second took a third of Elasticsearch's time, for an index that nobody reads yet.
        settings = {} if self._pinned is None else {"index.refresh_interval": "-1"}
        aliases: dict[str, dict[str, Any]] = {self.alias(projection): {}} if self._pinned is None else {}
        try:
            await ask(partial(self._client.indices.create, index=name, aliases=aliases, settings=settings), self._retry)
        except ApiError as error:
            if error.error != _EXISTS:
                raise IndexUnavailable(f"cannot make the index {name}: {error}") from error
        if self._pinned is None:
            await self._refuse_while_rebuilding(projection)
        self.forget()
        known = await self._look()
        if name not in known[projection]:
            raise IndexUnavailable(f"the index {name} is there but not in its alias", hint="run `huiyao rebuild`")

    async def _refuse_while_rebuilding(self, projection: Projection) -> None:
        """A rebuild has closed the old indices for its last events; a new one beside them would be lost with them.

        Checked after the index is made: whichever of the two comes second sees the other (streams.elastic.rebuild).
        """
        settings = partial(self._client.indices.get_settings, index=self.alias(projection), flat_settings=True)
        answer = await fetch(partial(settings, name="index.blocks.write"), self._retry)
        if any(one["settings"].get("index.blocks.write") == "true" for one in answer.values()):
            raise IndexUnavailable("a rebuild is switching the indices", hint="wait, or run `huiyao rebuild` again")


def _arguments(template: dict[str, Any]) -> dict[str, Any]:
    return {("meta" if key == "_meta" else key): value for key, value in template.items()}
