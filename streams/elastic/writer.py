"""The writer: events in, documents out. At least once, with an effect of exactly once.

A batch is grouped by document. Present documents are read (:mod:`streams.elastic.placement`), the events are joined
to them (:mod:`processors.fold`), and what has changed is written in bulk: a new document with ``create``, a present one
with ``if_seq_no``, so that nothing is overwritten unseen. A conflict is read and joined again. A document that stays
as it was (a replay, a duplicate, an overtaken version) is not written at all.

All of it may be repeated: after a time-out nobody knows what was applied, and applying it again changes nothing.
Incidents are written last, since links to items are told by the difference between the incident's document and the
event: repeated after a crash, the same difference is found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from elasticsearch import AsyncElasticsearch

from processors.fold import Document, Projection, join, links
from schemas.connections import ElasticsearchConnection
from schemas.errors import IndexUnavailable
from streams.elastic.bulk import Answer, Verdict, Write, send
from streams.elastic.client import Retry, connect
from streams.elastic.events import Change, Work, change, grouped, read
from streams.elastic.layout import Layout
from streams.elastic.placement import Placement, Stored
from streams.ports import IndexFailure, IndexRecord

log = structlog.get_logger(__name__)

PARALLEL = 2
"""Bulk requests at a time: one index works on one request with one thread, and the client can prepare the next."""
WORKS_AT_ONCE = 500


class Switched(IndexUnavailable):
    """An index is not there any more: a rebuild has switched the aliases, or the month's retention is over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written for one document; ``doubles`` are further copies of it to remove afterwards."""

    work: Work
    write: Write | None
    doubles: tuple[Write, ...] = ()


class ElasticWriter:
    """The only writer of the index (port ``IndexWriter``).

    ``refresh`` is Elasticsearch's: False (within a second), ``"wait_for"``, or True (at once; for tests).
    ``generation`` is for rebuilds; the live writer follows the aliases.
    """

    def __init__(
        self,
        connection: ElasticsearchConnection,
        *,
        client: AsyncElasticsearch | None = None,
        refresh: bool | str = False,
        retry: Retry | None = None,
        generation: int | None = None,
    ) -> None:
        self._client, self._retry, self._refresh = client or connect(connection), retry or Retry(), refresh
        self.layout = Layout(self._client, connection, retry=self._retry, generation=generation)
        self._placement = Placement(self._client, self.layout, self._retry)
        self._one_at_a_time = asyncio.Lock()
        self._prepared = False

    async def prepare(self, district: str | None = None, now: datetime | None = None) -> None:
        """Install templates and make what is missing; ``apply`` does it too. See ``Layout.prepare``."""
        await self.layout.prepare(district, now)
        self._prepared = True

    async def apply(self, records: Sequence[IndexRecord]) -> list[IndexFailure]:
        """Return when every record is durably in the index, or among the failures. Raises IndexUnavailable."""
        async with self._one_at_a_time:
            try:
                return await self._attempt(records)
            except Switched:
                return await self._attempt(records)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _attempt(self, records: Sequence[IndexRecord]) -> list[IndexFailure]:
        try:
            if not self._prepared:
                await self.prepare()
            return await self._apply(records)
        except BaseException:
            # Also when cancelled: what was on its way may still arrive.
            self._placement.forget()
            self.layout.forget()
            raise

    async def _apply(self, records: Sequence[IndexRecord]) -> list[IndexFailure]:
        changes, failures = read(records)
        self._placement.notice(records)
        await self._placement.settle()
        changes += await self._linked([one for one in changes if one.incident])
        works = grouped(changes)
        last = [one for one in works if one.target.projection is Projection.INCIDENTS]
        first = [one for one in works if one.target.projection is not Projection.INCIDENTS]
        for some in (first, last):
            failures += await self._settle_all(some)
        return failures

    async def _linked(self, changes: Sequence[Change]) -> list[Change]:
        """Changes to items that follow from incidents gaining and losing sources."""
        present: dict[str, Document | None] = {}
        ids = {one.target.id: one.target for one in changes}
        for name, stored in zip(ids, await self._placement.read(list(ids.values())), strict=True):
            present[name] = stored[0].document if stored else None
        made: list[Change | None] = []
        for one in changes:
            before = present[one.target.id]
            made += [change(link, one.record) for link in links(before, one.incident)] if one.incident else []
            present[one.target.id] = join(Projection.INCIDENTS, before, one.document)
        return [one for one in made if one]

    async def _settle_all(self, works: Sequence[Work]) -> list[IndexFailure]:
        """Parts of the batch side by side; they have no document in common."""
        parts = [works[start : start + WORKS_AT_ONCE] for start in range(0, len(works), WORKS_AT_ONCE)]
        failures: list[IndexFailure] = []
        for start in range(0, len(parts), PARALLEL):
            tasks = [self._settle(part) for part in parts[start : start + PARALLEL]]
            # Nothing may be left on its way when this batch is given back to be repeated, so all are waited for.
            for done in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(done, BaseException):
                    raise done
                failures += done
        return failures

    async def _settle(self, works: Sequence[Work]) -> list[IndexFailure]:
        """Write until every document is in place."""
        failures: list[IndexFailure] = []
        answer = Answer(Verdict.DONE)
        for wait in self._retry.waits():
            while works:  # what moves on its own is not counted as a try
                plans = await self._plan(works)
                answers = await self._write(plans)
                open_works = [self._next(*pair, failures) for pair in zip(plans, answers, strict=True)]
                stuck = [one for one in answers if one.verdict in (Verdict.LATER, Verdict.CONFLICT)]
                works = [work for work in open_works if work]
                answer = stuck[0] if stuck else answer
                if stuck:
                    break
            if not works:
                return failures
            await asyncio.sleep(wait)
        raise IndexUnavailable(f"Elasticsearch is busy: {answer.reason}")

    async def _plan(self, works: Sequence[Work]) -> list[Plan]:
        stored = await self._placement.read([work.target for work in works])
        return [await self._planned(work, present) for work, present in zip(works, stored, strict=True)]

    async def _planned(self, work: Work, present: list[Stored]) -> Plan:
        projection, home = work.target.projection, None
        document: Document | None = None
        for stored in sorted(present, key=lambda one: (not one.document.get("complete"), one.index)):
            home = home or stored
            document = join(projection, document, stored.document)
        for one in work.now:
            document = join(projection, document, one.document)
        if home is None:
            return Plan(work, Write(await self.layout.index_for(work.start), work.target.id, document))
        self._placement.remember(work.target, home.index)
        doubles = tuple(Write(one.index, work.target.id, None, one.at) for one in present if one is not home)
        changed = document != home.document
        return Plan(work, Write(home.index, work.target.id, document, home.at) if changed else None, doubles)

    async def _write(self, plans: Sequence[Plan]) -> list[Answer]:
        writes = [plan.write for plan in plans if plan.write]
        answered = iter(await send(self._client, writes, self._retry, refresh=self._refresh) if writes else [])
        answers = [next(answered) if plan.write else Answer(Verdict.DONE) for plan in plans]
        doubles = [
            double
            for plan, answer in zip(plans, answers, strict=True)
            if answer.verdict is Verdict.DONE
            for double in plan.doubles
        ]
        if doubles:
            log.warning("documents existed twice and were joined", ids=[one.id for one in doubles])
            await send(self._client, doubles, self._retry, refresh=self._refresh)
        return answers

    def _next(self, plan: Plan, answer: Answer, failures: list[IndexFailure]) -> Work | None:
        """What is left to do for one document after an answer; None when nothing is."""
        work = plan.work
        match answer.verdict:
            case Verdict.DONE:
                if plan.write:
                    self._placement.remember(work.target, plan.write.index)
                return self._rest(work)
            case Verdict.REFUSED if len(work.now) > 1:
                return Work(work.target, work.changes, alone=True)
            case Verdict.REFUSED:
                failures.extend(IndexFailure(one.record, answer.reason) for one in work.now)
                return self._rest(work)
            case Verdict.CONFLICT:
                if plan.write:
                    self._placement.remember(work.target, plan.write.index)
                return work
            case Verdict.GONE:
                raise Switched(f"the index is gone: {answer.reason}", hint="the same again will do")
            case Verdict.CLOSED:
                hint = "a rebuild is switching the indices: wait, or run `huiyao rebuild` again if it was stopped"
                raise IndexUnavailable(f"the index takes no writes: {answer.reason}", hint=hint)
            case Verdict.LATER:
                return work

    @staticmethod
    def _rest(work: Work) -> Work | None:
        rest = work.changes[1:] if work.alone else []
        return Work(work.target, rest, alone=True) if rest else None


__all__ = ["ElasticWriter"]
