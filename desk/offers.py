"""What may stand in a bulletin: the rules' proposals, what was carried over, what a search finds; over the index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from desk.candidates import ITEM_SORT, NOT_PRINTED, candidate, candidates_between, vouched
from desk.decisions import ItemDecisions
from desk.deps import DeskDeps
from desk.drafts import Draft
from desk.filters import full_text, term
from desk.index import Document, Index, Query
from desk.issuing import Issuing
from desk.narrowing import WHOLE, Narrowed, Wish, narrowed
from desk.narrowing_queries import Span
from processors import arranging
from processors.arranging import Proposal, Since, key_of
from processors.bulletin_candidate import Candidate
from processors.bulletin_charts import Tally
from processors.bulletins import draft, entry_of, leads
from schemas.base import CHINA
from schemas.bulletin import Bulletin, BulletinEntry
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import BulletinName

BY_HAND = "编辑加入"
FOUND = 20
"""Items shown of a search."""
KEPT_S = 60.0
"""How long what the rules propose is taken as it was, while an editor moves entries about; a fresh page asks again."""
SHOWN = 20
"""Entries of each list beside the draft, and how many more "more" shows."""
NEWEST = 5 * SHOWN
"""Of a large day: items looked at that came since an editor looked last, for each ``SHOWN`` entries."""
SETTLE = timedelta(minutes=5)
"""Until then an item may come to the index after one that was received later."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the rules would print of what may be printed, and leads to verify. ``present``: ids of all that was read.

    ``large``: of too many items to keep which of them an editor has seen: ``settled`` are those that one could have
    looked at, ``recent`` what has just come, shown or not. ``partial``: not everything was read, but what ranks first
    in each section, what came last, what stands in the draft, and the first leads.
    """

    bulletin: Bulletin
    proposals: tuple[Proposal, ...]
    present: frozenset[str]
    depth: int
    large: bool = False
    partial: bool = False
    settled: frozenset[str] = frozenset()
    recent: frozenset[str] = frozenset()

    @property
    def seen(self) -> tuple[str, ...]:
        """What is to be kept as seen by an editor who looks at this, beside the moment."""
        shown = self.recent if self.large else {item for one in self.proposals for item in one.entry.item_ids}
        return tuple(sorted(shown))


@dataclass(frozen=True, slots=True)
class Ruled:
    """A draft by the rules, and (section, entry) of what waits beside it to be verified."""

    bulletin: Bulletin
    leads: tuple[tuple[str, BulletinEntry], ...]


class Offers:
    """What an editor may choose from."""

    def __init__(self, deps: DeskDeps, index: Index, decisions: ItemDecisions, issuing: Issuing) -> None:
        self._deps, self._index, self._decisions, self._issuing = deps, index, decisions, issuing
        self._proposed: dict[tuple[BulletinName, str], tuple[float, Proposed]] = {}

    async def by_rules(self, name: BulletinName, day: date) -> Bulletin:
        """A draft by the rules from what the index holds now."""
        return (await self.ruled(name, day)).bulletin

    async def ruled(self, name: BulletinName, day: date) -> Ruled:
        """The same with its leads."""
        few = await self._narrowed(name, day, Wish(leads=SHOWN))
        if few is None:
            own, carried = await self._own(name, day), await self._carried(name, day)
            made = self._draft(name, day, own, carried, limited=True)
        else:
            own, carried = few.own, few.carried
            made = self._draft(name, day, own, carried, limited=True, counted=few.counted, total=few.total)
        rule = self._deps.bulletins[name]
        return Ruled(made, tuple(leads(rule, day, own, carried=carried, without=arranging.items_of(made))))

    async def proposed(
        self, name: BulletinName, day: date, *, fresh: bool = True, depth: int = SHOWN, kept: Draft | None = None
    ) -> Proposed:
        """What could stand in the bulletin, without limits: of a large day the first ``depth`` entries of a section
        after those that it prints. ``kept``: the draft beside which it is shown."""
        place = (name, self._issuing.period(name, day))
        at, known = self._proposed.get(place, (0.0, None))
        if known is not None and not fresh and known.depth >= depth and time.monotonic() - at < KEPT_S:
            return known
        looked = self._deps.clock.now() - SETTLE if kept is None else _looked_at(kept) - SETTLE
        held = frozenset() if kept is None else arranging.items_of(kept.bulletin)
        wish = Wish(more=depth, since=looked, newest=depth * NEWEST // SHOWN, held=held, leads=depth)
        few = await self._narrowed(name, day, wish)
        if few is None:
            own, carried = await self._own(name, day), await self._carried(name, day)
        else:
            own, carried = few.own, few.carried
        made = self._draft(name, day, own, carried, limited=False)
        rule, shown = self._deps.bulletins[name], arranging.items_of(made)
        to_verify = [
            Proposal(section, entry, lead=True)
            for section, entry in leads(rule, day, own, carried=carried, without=shown)
        ]
        read = [*own, *carried]
        present, proposals = frozenset(item.item_id for item in read), (*arranging.proposals_of(made), *to_verify)
        found = Proposed(made, proposals, present, depth, large=few is not None or len(read) > WHOLE)
        if found.large:
            settled = frozenset(item.item_id for item in read if item.received_at < looked)
            recent = await self._recent(name, day)
            found = replace(found, partial=few is not None, settled=settled, recent=recent)
        self._proposed = {place: (time.monotonic(), found)}  # one is enough: editors work on one at a time
        return found

    async def since(self, kept: Draft, day: date, *, fresh: bool = True, depth: int = SHOWN) -> Since:
        """What came since the draft was begun, and what else there is."""
        now = await self.proposed(kept.name, day, fresh=fresh, depth=depth, kept=kept)
        present = now.present | await self._printable_of(arranging.items_of(kept.bulletin) - now.present)
        found = arranging.since(kept.bulletin, now.proposals, now.settled.union(kept.seen), present)
        return replace(found, partial=now.partial)

    async def leads_beside(self, kept: Draft, day: date) -> list[tuple[str, BulletinEntry]]:
        """(section, entry) of what waits to be verified and is not in the draft."""
        now = await self.since(kept, day, fresh=False)
        return [(one.section, one.entry) for one in (*now.leads, *now.fresh) if one.lead]

    async def _narrowed(self, name: BulletinName, day: date, wish: Wish) -> Narrowed | None:
        return await narrowed(
            self._index, self._deps.bulletins[name], await self._span(name, day), self._decisions, wish
        )

    async def _span(self, name: BulletinName, day: date) -> Span:
        begin, end = self._deps.bulletins[name].covers(day)
        start, used = await self._carried_from(name, day) or (begin, frozenset())
        return Span(self._deps.district, start, begin, end, used=tuple(sorted(used)))

    async def _recent(self, name: BulletinName, day: date) -> frozenset[str]:
        """Ids of everything that has just come, shown or not."""
        lately: Query = {"range": {"received_at": {"gte": (self._deps.clock.now() - SETTLE).isoformat()}}}
        filters = [*(await self._span(name, day)).standing(), lately]
        found = await self._index.all("items", filters, sort=ITEM_SORT, includes=("item_id",))
        return frozenset(str(one["item_id"]) for one in found)

    async def _printable_of(self, identifiers: Collection[str]) -> frozenset[str]:
        """Those of these items that may be printed: what an editor added from another day is no less there."""
        if not identifiers:
            return frozenset()
        wanted = [term("district", self._deps.district), term("erased", "false"), {"ids": {"values": [*identifiers]}}]
        items = await self._index.all("items", wanted, sort=ITEM_SORT)
        shown = self._decisions.shown_all(items)
        return frozenset(item["item_id"] for item in shown if item.get("status") not in NOT_PRINTED)

    async def search(self, name: BulletinName, day: date, words: str) -> list[Document]:
        """Items of the time covered, and of the day before it, that a search finds. Raises InvalidItem."""
        begin, end = self._deps.bulletins[name].covers(day)
        between = {"range": {"received_at": {"gte": (begin - timedelta(days=1)).isoformat(), "lt": end.isoformat()}}}
        filters: list[Query] = [term("district", self._deps.district), between, term("erased", "false")]
        page = await self._index.page("items", filters, sort=ITEM_SORT, size=FOUND, must=[full_text(words)])
        return [self._decisions.shown(item) for item in page.items]

    async def addition(self, name: BulletinName, day: date, key: str, section: str) -> Proposal:
        """What is added: a proposal of the rules, else an item that somebody found."""
        now = await self.proposed(name, day, fresh=False)
        for one in now.proposals:
            if key_of(one.entry) == key:
                return replace(one, section=section or one.section)
        rule = self._deps.bulletins[name]
        wanted = next((one for one in rule.sections if one.name == section), rule.sections[0])
        item = await self._printable(key)
        entry = entry_of(wanted, [item], item)
        return Proposal(wanted.name, entry.model_copy(update={"why": f"{BY_HAND}，{entry.why}"}))

    async def _printable(self, identifier: str) -> Candidate:
        filters = [term("district", self._deps.district), term("erased", "false")]
        found = await self._index.one("items", identifier, filters)
        shown = None if found is None else self._decisions.shown(found)
        if shown is None or shown.get("status") in NOT_PRINTED:
            raise InvalidItem([FieldError("key", "may not be printed", "没有这条信息，或已退回、不采用")])
        edit, made = self._decisions.edit_of(shown), candidate(shown)
        made = made if edit is None else replace(made, title=edit.title, text=edit.text)
        return (await vouched(self._index, self._deps.district, [made], self._decisions))[0]

    def _draft(
        self,
        name: BulletinName,
        day: date,
        own: Sequence[Candidate],
        carried: Sequence[Candidate],
        *,
        limited: bool,
        counted: Tally | None = None,
        total: int | None = None,
    ) -> Bulletin:
        return draft(
            self._deps.bulletins[name],
            day,
            own,
            district=self._deps.district,
            head=self._deps.bulletin_head,
            made_at=self._deps.clock.now(),
            carried=carried,
            limited=limited,
            counted=counted,
            total=total,
        )

    async def _own(self, name: BulletinName, day: date) -> list[Candidate]:
        begin, end = self._deps.bulletins[name].covers(day)
        return await candidates_between(self._index, self._deps.district, begin, end, self._decisions)

    async def _carried(self, name: BulletinName, day: date) -> list[Candidate]:
        """What came after the issue before was closed and is not in it."""
        since = await self._carried_from(name, day)
        if since is None:
            return []
        start, used = since
        begin = self._deps.bulletins[name].covers(day)[0]
        found = await candidates_between(self._index, self._deps.district, start, begin, self._decisions)
        return [item for item in found if item.item_id not in used]

    async def _carried_from(self, name: BulletinName, day: date) -> tuple[datetime, frozenset[str]] | None:
        """(when the issue before was closed, by its cut-off or by being issued; what is in it)"""
        rule = self._deps.bulletins[name]
        earlier = rule.before(day)
        versions = await asyncio.to_thread(self._issuing.versions, name, self._issuing.period(name, earlier))
        closed = [one for one in (rule.closes(earlier), versions[0].made_at if versions else None) if one is not None]
        if not closed or min(closed) >= rule.covers(day)[0]:
            return None
        used = frozenset().union(*(arranging.items_of(one) for one in versions))
        return min(closed).astimezone(CHINA), used


def _looked_at(kept: Draft) -> datetime:
    """When an editor looked last at all that is there; of a draft of before this was kept, when it was begun."""
    return kept.seen_at or (kept.steps[0].at if kept.steps else kept.bulletin.made_at)
