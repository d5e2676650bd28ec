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
from desk.narrowing import narrowed
from desk.narrowing_queries import Span
from processors import arranging
from processors.arranging import Proposal, Since, key_of
from processors.bulletin_charts import Tally
from processors.bulletins import Candidate, draft, entry_of, leads
from schemas.base import CHINA
from schemas.bulletin import Bulletin
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import BulletinName

BY_HAND = "编辑加入"
FOUND = 20
"""Items shown of a search."""
KEPT_S = 60.0
"""How long what the rules propose is taken as it was, while an editor moves entries about; a fresh page asks again."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the rules would print of what may be printed, and leads to verify. ``present``: ids of all of that."""

    bulletin: Bulletin
    proposals: tuple[Proposal, ...]
    present: frozenset[str]


class Offers:
    """What an editor may choose from."""

    def __init__(self, deps: DeskDeps, index: Index, decisions: ItemDecisions, issuing: Issuing) -> None:
        self._deps, self._index, self._decisions, self._issuing = deps, index, decisions, issuing
        self._proposed: dict[tuple[BulletinName, str], tuple[float, Proposed]] = {}

    async def by_rules(self, name: BulletinName, day: date) -> Bulletin:
        """A draft by the rules from what the index holds now."""
        rule = self._deps.bulletins[name]
        begin, end = rule.covers(day)
        start, used = await self._carried_from(name, day) or (begin, frozenset())
        span = Span(self._deps.district, start, begin, end, used=tuple(sorted(used)))
        few = await narrowed(self._index, rule, span, self._decisions)
        if few is None:
            return self._draft(name, day, await self._own(name, day), await self._carried(name, day), limited=True)
        return self._draft(
            name, day, few.own, few.carried, limited=True, counted=few.counted, total=few.total,
        )  # fmt: skip

    async def proposed(self, name: BulletinName, day: date, *, fresh: bool = True) -> Proposed:
        """Everything that could stand in the bulletin, without limits."""
        place = (name, self._issuing.period(name, day))
        at, known = self._proposed.get(place, (0.0, None))
        if known is not None and not fresh and time.monotonic() - at < KEPT_S:
            return known
        own, carried = await self._own(name, day), await self._carried(name, day)
        made = self._draft(name, day, own, carried, limited=False)
        present = frozenset(item.item_id for item in [*own, *carried])
        rule, shown = self._deps.bulletins[name], arranging.items_of(made)
        to_verify = [
            Proposal(section, entry, lead=True)
            for section, entry in leads(rule, day, own, carried=carried, without=shown)
        ]
        found = Proposed(made, (*arranging.proposals_of(made), *to_verify), present)
        self._proposed = {place: (time.monotonic(), found)}  # one is enough: editors work on one at a time
        return found

    async def since(self, kept: Draft, day: date, *, fresh: bool = True) -> Since:
        """What came since the draft was begun, and what else there is."""
        now = await self.proposed(kept.name, day, fresh=fresh)
        present = now.present | await self._printable_of(arranging.items_of(kept.bulletin) - now.present)
        return arranging.since(kept.bulletin, now.proposals, frozenset(kept.seen), present)

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
