"""Bulletins at the desk: drafts by the rules, what editors make of them, and issues; over index and database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from desk.accounts import Account
from desk.candidates import ITEM_SORT, NOT_PRINTED, candidate, candidates_between
from desk.database import Database
from desk.decisions import ItemDecisions
from desk.deps import DeskDeps
from desk.drafts import Change, Draft, arranged, noticed, proposed, reopened, signed
from desk.filters import full_text, term
from desk.index import Document, Index, Query
from desk.issuing import Issuing
from desk.outbox import Outbox
from processors import arranging
from processors.arranging import Proposal, Since, key_of
from processors.bulletins import Candidate, draft, entry_of
from processors.fold import bulletin_id
from schemas.base import CHINA
from schemas.bulletin import Bulletin
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import BulletinName

BY_HAND = "编辑加入"
FOUND = 20
"""Items shown of a search."""
KEPT_S = 60.0
"""How long what the rules propose is taken as it was, while an editor moves entries about; a fresh page asks again."""
REASON_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the rules would print of what may be printed. ``present``: ids of all of that."""

    bulletin: Bulletin
    proposals: tuple[Proposal, ...]
    present: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing an editor does: ``action`` with what it needs of the rest."""

    action: str
    key: str = ""
    section: str = ""
    position: int | None = None
    title: str = ""
    text: str = ""


class Bulletins:
    """The services behind the pages of bulletins and REST."""

    def __init__(
        self, deps: DeskDeps, database: Database, index: Index, decisions: ItemDecisions, outbox: Outbox
    ) -> None:
        self._deps, self._index, self._decisions, self._outbox = deps, index, decisions, outbox
        self.issuing = Issuing(database, deps.bulletins)
        self._proposed: dict[tuple[BulletinName, str], tuple[float, Proposed]] = {}

    # -- reading --------------------------------------------------------------------------------------------------

    def kept(self, name: BulletinName, day: date) -> Draft | None:
        """The draft that editors are arranging."""
        return self.issuing.drafts.of(name, self.issuing.period(name, day))

    def issued(self, name: BulletinName, day: date) -> Bulletin | None:
        """The issue as it holds now."""
        return self.issuing.latest(name, self.issuing.period(name, day))

    async def current(self, name: BulletinName, day: date) -> Bulletin:
        """As issued, else as arranged, else by the rules. The database knows an issue before the index does."""
        issue = await asyncio.to_thread(self.issued, name, day)
        if issue is not None:
            return issue
        kept = await asyncio.to_thread(self.kept, name, day)
        if kept is not None:
            return kept.bulletin
        identifier = bulletin_id(self._deps.district, name.value, day.isoformat())
        indexed = await self._index.one("bulletins", identifier, [term("district", self._deps.district)])
        return Bulletin.model_validate(indexed) if indexed is not None else await self.by_rules(name, day)

    async def by_rules(self, name: BulletinName, day: date) -> Bulletin:
        """A draft by the rules from what the index holds now."""
        return self._draft(name, day, await self._own(name, day), await self._carried(name, day), limited=True)

    async def proposed(self, name: BulletinName, day: date, *, fresh: bool = True) -> Proposed:
        """Everything that could stand in the bulletin, without limits."""
        place = (name, self.issuing.period(name, day))
        at, known = self._proposed.get(place, (0.0, None))
        if known is not None and not fresh and time.monotonic() - at < KEPT_S:
            return known
        own, carried = await self._own(name, day), await self._carried(name, day)
        made = self._draft(name, day, own, carried, limited=False)
        present = frozenset(item.item_id for item in [*own, *carried])
        found = Proposed(made, tuple(arranging.proposals_of(made)), present)
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
        shown = [self._decisions.shown(item) for item in items]
        return frozenset(item["item_id"] for item in shown if item.get("status") not in NOT_PRINTED)

    async def search(self, name: BulletinName, day: date, words: str) -> list[Document]:
        """Items of the time covered, and of the day before it, that a search finds. Raises InvalidItem."""
        begin, end = self._deps.bulletins[name].covers(day)
        between = {"range": {"received_at": {"gte": (begin - timedelta(days=1)).isoformat(), "lt": end.isoformat()}}}
        filters: list[Query] = [term("district", self._deps.district), between, term("erased", "false")]
        page = await self._index.page("items", filters, sort=ITEM_SORT, size=FOUND, must=[full_text(words)])
        return [self._decisions.shown(item) for item in page.items]

    # -- arranging ------------------------------------------------------------------------------------------------

    async def begin(self, name: BulletinName, day: date, who: Account) -> Draft:
        """Start arranging from the draft by the rules; where somebody has begun already, that draft."""
        kept = await asyncio.to_thread(self.kept, name, day)
        if kept is not None:
            return kept
        if await asyncio.to_thread(self.issued, name, day):
            raise InvalidItem([FieldError("action", "is issued; correct it", "本期已刊发，如需改动请用“勘误”")])
        now = await self.proposed(name, day)
        seen = tuple(sorted({item for one in now.proposals for item in one.entry.item_ids}))
        made = Draft(
            name=name,
            period=self.issuing.period(name, day),
            revision=0,
            bulletin=await self.by_rules(name, day),
            seen=seen,
        )
        at = self._deps.clock.now()
        return await asyncio.to_thread(self.issuing.drafts.begin, made, who.name, at, "开始编排")

    async def edit(self, name: BulletinName, day: date, revision: int, edit: Edit, who: Account) -> Draft:
        """Do one thing to the draft. Raises DraftConflict, InvalidItem."""
        change, what = await self._change(name, day, edit)
        return await self._step(name, day, revision, change, what, who)

    async def _change(self, name: BulletinName, day: date, edit: Edit) -> tuple[Change, str]:
        """(the change, what it is in words)"""
        key, section = edit.key, edit.section
        plain: dict[str, tuple[Callable[[Bulletin], Bulletin], str]] = {
            "up": (lambda b: arranging.shift(b, key, -1), "上移一条"),
            "down": (lambda b: arranging.shift(b, key, 1), "下移一条"),
            "place": (lambda b: arranging.place(b, key, section, edit.position), f"移到“{section}”"),
            "take_out": (lambda b: arranging.take_out(b, key), "撤下一条"),
            "reword": (lambda b: arranging.reword(b, key, edit.title, edit.text), f"修改“{edit.title.strip()}”"),
        }
        if edit.action in plain:
            change, what = plain[edit.action]
            return arranged(change), what
        if edit.action == "seen":
            now = await self.proposed(name, day)
            return noticed([item for one in now.proposals for item in one.entry.item_ids]), "看过新到信息"
        if edit.action == "add":
            one = await self._addition(name, day, key, section)
            return arranged(lambda b: arranging.add(b, one.section, one.entry)), f"加入“{one.entry.title}”"
        if edit.action == "renew":
            return await self._renewal(name, day, key)
        raise InvalidItem([FieldError("action", "unknown", "没有这种操作")])

    async def _renewal(self, name: BulletinName, day: date, key: str) -> tuple[Change, str]:
        kept = await asyncio.to_thread(self.kept, name, day)
        grown = (await self.since(kept, day)).grown if kept is not None else None
        if not grown or key not in grown:
            raise InvalidItem([FieldError("key", "nothing new", "这条信息没有新的来稿")])
        entry = grown[key].entry
        return arranged(lambda b: arranging.renew(b, key, entry)), f"更新“{entry.title}”"

    async def _addition(self, name: BulletinName, day: date, key: str, section: str) -> Proposal:
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
        return made if edit is None else replace(made, title=edit.title, text=edit.text)

    # -- signing and publishing -----------------------------------------------------------------------------------

    async def propose(self, name: BulletinName, day: date, revision: int, who: Account) -> Draft:
        """Hand the draft to those who sign. What was returned or erased since must be taken out first."""
        kept = await asyncio.to_thread(self.kept, name, day)
        gone = (await self.since(kept, day)).gone if kept is not None and kept.amends is None else frozenset()
        if kept is not None and gone:
            titles = "、".join(f"“{one.title}”" for one in arranging.entries_of(kept.bulletin) if key_of(one) in gone)
            raise InvalidItem(
                [FieldError("action", "rests on items taken back", f"来稿已退回或删除，请先撤下：{titles}")]
            )
        return await self._step(name, day, revision, proposed(who.name), "送签", who)

    async def sign(self, name: BulletinName, day: date, revision: int, who: Account) -> Draft:
        """A second person signs. Raises DraftConflict, InvalidItem."""
        self._demand_signer(name, who)
        return await self._step(name, day, revision, signed(who.name), "签发", who)

    async def send_back(self, name: BulletinName, day: date, revision: int, reason: str, who: Account) -> Draft:
        """Back to arranging: by the one who signs, with a reason, or by an editor who takes it back."""
        said = f"：{_short(reason)}" if reason.strip() else ""
        what = f"退回修改{said}" if self.issuing.may_sign(who, name) else f"撤回送签{said}"
        return await self._step(name, day, revision, reopened, what, who)

    async def publish(self, name: BulletinName, day: date, revision: int, who: Account, names: Names) -> Bulletin:
        """The signed draft as an issue; safe, and on its way to Kafka, when this returns."""
        kept = await asyncio.to_thread(self.kept, name, day)
        signer, editor = (names(kept.signed_by), names(kept.proposed_by)) if kept is not None else ("", "")
        period, at = self.issuing.period(name, day), self._deps.clock.now()
        made = await asyncio.to_thread(
            self.issuing.publish, name, period, revision, by=who.name, at=at, signer=signer, editor=editor
        )
        self._outbox.wake()
        return made

    async def correct(self, name: BulletinName, day: date, reason: str, who: Account) -> Draft:
        """Begin an erratum from the last version that was not withdrawn. Raises InvalidItem."""
        period = self.issuing.period(name, day)
        versions = await asyncio.to_thread(self.issuing.versions, name, period)
        last = next((one for one in reversed(versions) if not one.withdrawn), None)
        if last is None:
            raise InvalidItem([FieldError("action", "was never issued", "本期还没有刊发，直接编排即可")])
        if not reason.strip():
            raise InvalidItem([FieldError("reason", "say why", "请写明勘误的理由")])
        seen = tuple(sorted(await asyncio.to_thread(self.issuing.seen, name, period)))
        content = last.model_copy(update={"draft": True, "changes": (), "reason": ""})
        made = Draft(
            name=name,
            period=period,
            revision=0,
            bulletin=content,
            seen=seen,
            amends=last.version,
            reason=_short(reason),
        )
        at = self._deps.clock.now()
        return await asyncio.to_thread(self.issuing.drafts.begin, made, who.name, at, f"开始勘误：{_short(reason)}")

    async def withdraw(self, name: BulletinName, day: date, version: int, reason: str, who: Account) -> Bulletin:
        """Take an issue back. Raises InvalidItem."""
        self._demand_signer(name, who)
        period, at = self.issuing.period(name, day), self._deps.clock.now()
        made = await asyncio.to_thread(self.issuing.withdraw, name, period, version, _short(reason), by=who.name, at=at)
        self._outbox.wake()
        return made

    def _demand_signer(self, name: BulletinName, who: Account) -> None:
        if not self.issuing.may_sign(who, name):
            raise InvalidItem([FieldError("action", "may not sign this bulletin", "您不是本刊的签发人")])

    async def _step(
        self, name: BulletinName, day: date, revision: int, change: Change, what: str, who: Account
    ) -> Draft:
        period, at = self.issuing.period(name, day), self._deps.clock.now()
        return await asyncio.to_thread(
            self.issuing.drafts.change, name, period, revision, change, by=who.name, at=at, what=what
        )

    # -- what the rules draw on -----------------------------------------------------------------------------------

    def _draft(
        self, name: BulletinName, day: date, own: Sequence[Candidate], carried: Sequence[Candidate], *, limited: bool
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
        )

    async def _own(self, name: BulletinName, day: date) -> list[Candidate]:
        begin, end = self._deps.bulletins[name].covers(day)
        return await candidates_between(self._index, self._deps.district, begin, end, self._decisions)

    async def _carried(self, name: BulletinName, day: date) -> list[Candidate]:
        """What came after the issue before was closed, by its cut-off or by being issued, and is not in it."""
        rule = self._deps.bulletins[name]
        earlier = rule.before(day)
        versions = await asyncio.to_thread(self.issuing.versions, name, self.issuing.period(name, earlier))
        closed = [one for one in (rule.closes(earlier), versions[0].made_at if versions else None) if one is not None]
        begin = rule.covers(day)[0]
        if not closed or min(closed) >= begin:
            return []
        start = min(closed).astimezone(CHINA)
        found = await candidates_between(self._index, self._deps.district, start, begin, self._decisions)
        used = frozenset().union(*(arranging.items_of(one) for one in versions))
        return [item for item in found if item.item_id not in used]


Names = Callable[[str], str]
"""Account to the name that people know."""


def _short(text: str) -> str:
    if len(text) > REASON_LIMIT:
        raise InvalidItem([FieldError("reason", f"at most {REASON_LIMIT}", f"理由不超过{REASON_LIMIT}个字")])
    return text.strip()
