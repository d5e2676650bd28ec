"""Of a day of very many items, those that can come first in a bulletin; the rules then choose among them as among all.

A section prints some twenty entries in the order of :data:`processors.bulletins.Rank`. The index is asked for events
with several items (one aggregation) and for single items in that order, a page at a time, until nothing that was not
read can stand before what was. So the draft is the same as one made of everything, which a test holds it to; where that
cannot be shown (an answer that was cut off, too many rounds) the caller is told to read everything. ADR 070.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

import structlog

from desk.candidates import FIELDS, ITEM_SORT, NOT_PRINTED, vouched, worded
from desk.decisions import ItemDecisions
from desk.filters import term
from desk.index import Document, Index, Query
from desk.narrowing_queries import FLAGGED, Event, Scan, Span, events_asked, events_read, in_section
from desk.tallying import tally_in
from processors.bulletin_candidate import Candidate
from processors.bulletin_charts import Tally, tally
from processors.bulletin_rules import BulletinRule, SectionRule
from processors.bulletins import Rank, grouped, ranked
from processors.unconfirmed import Treatment
from schemas.vocab import Lane

WHOLE = 5_000
"""Of so many items all are read: it takes no longer, and most days have fewer."""
MOST_TOUCHED = 5_000
EVENTS_AT_ONCE, SINGLES_AT_ONCE, KEYS_AT_ONCE = 60, 100, 500
ROUNDS = 40
"""Of one section; a day that needs more is read whole."""
LEAD_ROUNDS = 10
"""Of one section; beyond, leads are found by searching."""
log = structlog.get_logger("desk.narrowing")


class Undecided(Exception):
    """It cannot be shown that enough was read."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What :func:`processors.bulletins.draft` needs. ``total``: the items of the time covered."""

    own: list[Candidate]
    carried: list[Candidate]
    counted: Tally
    total: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is read beyond a draft. ``more``: entries of each section after those that it prints; ``newest``: so many
    items that came at ``since`` or later; ``held``: items, wherever they rank; ``leads``: so many posts that nothing
    vouches for. Of every item the whole event is read."""

    more: int = 0
    since: datetime | None = None
    newest: int = 0
    held: frozenset[str] = frozenset()
    leads: int = 0


async def narrowed(
    index: Index, rule: BulletinRule, span: Span, decisions: ItemDecisions | None, wish: Wish | None = None
) -> Narrowed | None:
    """The items that can come first, and those wished for; None where all are to be read. Raises IndexUnavailable."""
    if await index.total("items", span.printable()) <= WHOLE:
        return None
    try:
        return await _Reading(index, rule, span, decisions, wish or Wish()).run()
    except Undecided as error:
        log.info("draft.read_whole", bulletin=rule.name.value, reason=str(error))
        return None


@dataclass
class _Known:
    """What was read: items, and the events and single items that are complete with them."""

    items: dict[str, Candidate] = field(default_factory=dict)
    events: set[tuple[str, str]] = field(default_factory=set)


class _Reading:
    def __init__(
        self, index: Index, rule: BulletinRule, span: Span, decisions: ItemDecisions | None, wish: Wish
    ) -> None:
        self._index, self._rule, self._decisions, self._wish = index, rule, decisions, wish
        touched = decisions.touched_since(span.start) if decisions is not None else []
        if len(touched) > MOST_TOUCHED:
            raise Undecided(f"{len(touched)} items were decided on")
        self._touched, self._span = touched, span
        self._rest = span.without(touched)
        self._known = _Known()

    async def run(self) -> Narrowed:
        scans = [_scans(section) for section in self._rule.sections]
        first_pages = asyncio.gather(*(self._fetch(scan) for some in scans for scan in some))
        special, total, events, wished, _ = await asyncio.gather(
            self._special(),
            self._index.total("items", self._rest.own_printable()),
            self._events(),
            self._wished(),
            first_pages,
        )
        await self._take([*special, *wished])
        counted, _ = await asyncio.gather(self._counted(), self._fill_all(scans, events))
        own = [one for one in self._known.items.values() if self._span.begin <= one.received_at < self._span.end]
        carried = [one for one in self._known.items.values() if one.received_at < self._span.begin]
        touched = {one for one in self._touched if one in self._known.items}
        late = sum(self._known.items[one].received_at >= self._span.begin for one in touched)
        return Narrowed(own, carried, counted, total + late)

    # -- what people decided on -----------------------------------------------------------------------------------

    async def _special(self) -> list[Candidate]:
        """Items decided on at this desk, and merged ones: where they stand is not for the index to say."""
        merged: list[Query] = [*self._rest.printable(), {"exists": {"field": "merged_into"}}]
        asked = [self._all(merged)]
        if self._touched:
            asked.append(self._all([*self._span.erased_not(), {"ids": {"values": self._touched}}]))
        return [one for found in await asyncio.gather(*asked) for one in found]

    async def _take(self, special: Sequence[Candidate]) -> None:
        """The special ones, what they were merged into, and all of their events."""
        items = self._known.items
        items |= {one.item_id: one for one in special}
        targets = {one.merged_into for one in special if one.merged_into is not None} - items.keys()
        if targets:
            kept = await self._all([*self._rest.printable(), {"ids": {"values": sorted(targets)}}])
            items |= {one.item_id: one for one in kept}
        await self._read_events({key for one in items.values() for key in _keys(one)})

    # -- what is wished for ---------------------------------------------------------------------------------------

    async def _wished(self) -> list[Candidate]:
        offering = [one for one in self._rule.sections if one.unconfirmed is Treatment.OFFER]
        asked = [self._unvouched(one) for one in offering] if self._wish.leads else []
        if self._wish.held:
            asked.append(self._all([*self._rest.printable(), {"ids": {"values": sorted(self._wish.held)}}]))
        if self._wish.since is not None and self._wish.newest:
            asked.append(self._newest(self._wish.since, self._wish.newest))
        return [one for found in await asyncio.gather(*asked) for one in found]

    async def _newest(self, since: datetime, most: int) -> list[Candidate]:
        later: Query = {"range": {"received_at": {"gte": since.isoformat()}}}
        found, _ = await self._index.after(
            "items", [*self._rest.standing(), later], sort=ITEM_SORT, size=most, includes=FIELDS
        )
        return await self._candidates(found)

    async def _unvouched(self, section: SectionRule) -> list[Candidate]:
        """The first posts of the section, in the order of their rank, that no report, media item or incident vouches
        for."""
        scan, posts = Scan(section, None), term("lane", Lane.OPINION.value)
        filters = [*self._rest.standing(), *in_section(section), FLAGGED, posts]
        found: list[Candidate] = []
        for _ in range(LEAD_ROUNDS):
            documents, scan.cursor = await self._index.after(
                "items", filters, sort=scan.sort(), size=SINGLES_AT_ONCE, cursor=scan.cursor, includes=FIELDS
            )
            found += [one for one in await self._candidates(documents) if not one.vouched]
            if scan.cursor is None or len(found) >= self._wish.leads:
                break
        return found

    async def _counted(self) -> Tally:
        if not self._rule.charts:
            return Tally()
        begin, end = self._span.begin, self._span.end
        ours = [self._known.items[one] for one in self._touched if one in self._known.items]
        return await tally_in(self._index, self._rest.own_printable(), tally(ours, begin, end), begin, end)

    # -- sections -------------------------------------------------------------------------------------------------

    async def _events(self) -> dict[str, list[Event]]:
        """Events of several items by section, the first that could come first."""
        sections, kinds = self._rule.sections, ("incident", "story")
        asked = [events_asked(self._rest.standing(), kind, sections) for kind in kinds]
        answers = await asyncio.gather(
            *(asyncio.gather(*(self._index.raw("items", one) for one in each.searches())) for each in asked)
        )
        both = [events_read(*given, sections) for given in zip(answers, asked, kinds, strict=True)]
        if any(one.cut_off for one in both):
            raise Undecided("more events than are listed")
        self._several = {(kind, key) for kind, one in zip(kinds, both, strict=True) for key in one.several}
        return {
            section.name: sorted((event for one in both for event in one.by_section[number]), key=lambda one: one.bound)
            for number, section in enumerate(sections)
        }

    async def _fill_all(self, scans: Sequence[Sequence[Scan]], events: Mapping[str, list[Event]]) -> None:
        needs = accumulate(section.limit for section in self._rule.sections)
        # A section may lose to those before it what it would have taken: it needs so many more.
        for section, some, need in zip(self._rule.sections, scans, needs, strict=True):
            await self._fill(section, some, need + self._wish.more, events[section.name])

    async def _fill(self, section: SectionRule, scans: Sequence[Scan], need: int, events: Sequence[Event]) -> None:
        """Read until the first ``need`` entries of the section are surely among what is known."""
        waiting = [one for one in events if (one.kind, one.key) not in self._known.events]
        await asyncio.gather(*(self._more(scan) for scan in scans))
        for _ in range(ROUNDS):
            ranks = [rank for rank, _, _ in ranked(section, grouped(list(self._known.items.values())))]
            last: Rank | None = ranks[need - 1] if len(ranks) >= need else None
            open_scans = [scan for scan in scans if not scan.done]
            bounds: list[Rank] = [scan.bound for scan in open_scans] + [one.bound for one in waiting[:1]]
            if not bounds or (last is not None and last < min(bounds)):
                return
            if waiting and waiting[0].bound == min(bounds):
                now, waiting = waiting[:EVENTS_AT_ONCE], waiting[EVENTS_AT_ONCE:]
                await self._read_events({(one.kind, one.key) for one in now})
            else:
                await self._more(min(open_scans, key=lambda scan: scan.bound))
        raise Undecided(f"{section.name}: more than {ROUNDS} rounds")

    async def _fetch(self, scan: Scan) -> None:
        """The page after the last; taken by :meth:`_more`, since the first is asked for before events are known."""
        scan.fetched = await self._index.after(
            "items", [*self._rest.standing(), *scan.filters()], sort=scan.sort(), size=SINGLES_AT_ONCE,
            cursor=scan.cursor, includes=FIELDS,
        )  # fmt: skip

    async def _more(self, scan: Scan) -> None:
        """One page of single items in the order of their rank."""
        if scan.fetched is None:
            await self._fetch(scan)
        assert scan.fetched is not None
        (documents, cursor), scan.fetched = scan.fetched, None
        found = await self._candidates(documents)
        if any(one.level is not None and not one.is_emergency for one in found):
            raise Undecided("a level without an emergency")  # then the index sorts them otherwise than the rank does
        scan.passed(found, cursor)
        singles = (one for one in found if not self._of_several(one))
        self._known.items |= {one.item_id: one for one in singles if one.item_id not in self._known.items}

    def _of_several(self, item: Candidate) -> bool:
        """Whether it belongs to an event that is read as a whole, or not at all."""
        return any(key in self._several for key in _keys(item))

    async def _read_events(self, keys: Iterable[tuple[str, str]]) -> None:
        wanted = sorted(set(keys) - self._known.events)
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            some = wanted[start : start + KEYS_AT_ONCE]
            any_of: list[Query] = [
                {"terms": {"incident": [key for kind, key in some if kind == "incident"]}},
                {"bool": {"filter": [{"terms": {"story": [key for kind, key in some if kind == "story"]}}],
                          "must_not": [{"exists": {"field": "incident"}}]}},
            ]  # fmt: skip
            found = await self._all([*self._rest.standing(), {"bool": {"should": any_of}}])
            for one in found:
                self._known.items.setdefault(one.item_id, one)
        self._known.events |= set(wanted)

    async def _all(self, filters: Sequence[Query]) -> list[Candidate]:
        return await self._candidates(await self._index.all("items", filters, sort=ITEM_SORT, includes=FIELDS))

    async def _candidates(self, documents: Sequence[Document]) -> list[Candidate]:
        shown: Sequence[Document] = documents
        if self._decisions is not None:
            shown = self._decisions.shown_all(documents)
        found = [worded(one, self._decisions) for one in shown if one.get("status") not in NOT_PRINTED]
        return await vouched(self._index, self._span.district, found, self._decisions)


def _scans(section: SectionRule) -> list[Scan]:
    return [Scan(section, sure) for sure in ((True, False) if section.scope == "district" else (None,))]


def _keys(item: Candidate) -> list[tuple[str, str]]:
    """The event of an item, as the index knows it."""
    if item.incident:
        return [("incident", item.incident)]
    return [("story", item.story)] if item.story else []
