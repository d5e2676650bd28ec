"""Bulletins at the desk: drafts by the rules, what editors make of them, and issues; over index and database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from desk.accounts import Account
from desk.database import Database
from desk.decisions import ItemDecisions
from desk.deps import DeskDeps
from desk.drafts import Change, Draft, arranged, noticed, proposed, reopened, sent_back, signed
from desk.filters import term
from desk.index import Index, Query
from desk.issuing import Issuing, Sought
from desk.offers import Offers
from desk.outbox import Outbox
from processors import arranging
from processors.arranging import key_of
from processors.bulletin_rules import Numbering
from processors.fold import bulletin_id
from schemas.bulletin import Bulletin, ToldBulletin
from schemas.errors import FieldError, IndexUnavailable, InvalidItem
from schemas.vocab import BulletinName

REASON_LIMIT = 500


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
        self.offers = Offers(deps, index, decisions, self.issuing)

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
        return await self._indexed(name, day) or await self.offers.by_rules(name, day)

    async def told(self, name: BulletinName, day: date) -> ToldBulletin:
        """The same, and of a draft what waits to be verified: null where the index is away."""
        issue = await asyncio.to_thread(self.issued, name, day)
        if issue is not None:
            return ToldBulletin.of(issue)
        kept = await asyncio.to_thread(self.kept, name, day)
        if kept is not None:
            try:
                return ToldBulletin.of(kept.bulletin, await self.offers.leads_beside(kept, day))
            except IndexUnavailable:
                return ToldBulletin.of(kept.bulletin, None)
        found = await self._indexed(name, day)
        if found is not None:
            return ToldBulletin.of(found)
        ruled = await self.offers.ruled(name, day)
        return ToldBulletin.of(ruled.bulletin, ruled.leads)

    async def _indexed(self, name: BulletinName, day: date) -> Bulletin | None:
        """The issue as the index has it: all that is known of it where the desk's database was lost."""
        identifier = bulletin_id(self._deps.district, name.value, day.isoformat())
        found = await self._index.one("bulletins", identifier, [term("district", self._deps.district)])
        return None if found is None else Bulletin.model_validate(found)

    async def _numbers_known(self, name: BulletinName, day: date) -> Numbering:
        """The last numbers in the index, asked for before the first issue of a database: it may be a new one."""
        if await asyncio.to_thread(self.issuing.archive, Sought(name=name.value), 1):
            return Numbering()
        ours = [term("district", self._deps.district), term("name", name.value), term("draft", "false")]
        year = {"range": {"date": {"gte": f"{day.year}-01-01", "lte": f"{day.year}-12-31"}}}
        issues = await self._highest("issue_number", [*ours, year])
        return Numbering(day.year, issues, await self._highest("total_number", ours))

    async def _highest(self, field: str, filters: Sequence[Query]) -> int:
        page = await self._index.page("bulletins", filters, sort=({field: "desc"}, {"date": "desc"}), size=1)
        return int(page.items[0].get(field) or 0) if page.items else 0

    # -- arranging ------------------------------------------------------------------------------------------------

    async def begin(self, name: BulletinName, day: date, who: Account) -> Draft:
        """Start arranging from the draft by the rules; where somebody has begun already, that draft."""
        kept = await asyncio.to_thread(self.kept, name, day)
        if kept is not None:
            return kept
        if await asyncio.to_thread(self.issued, name, day) or await self._indexed(name, day):
            raise InvalidItem([FieldError("action", "is issued; correct it", "本期已刊发，如需改动请用“勘误”")])
        now = await self.offers.proposed(name, day)
        at = self._deps.clock.now()
        made = Draft(
            name=name,
            period=self.issuing.period(name, day),
            revision=0,
            bulletin=await self.offers.by_rules(name, day),
            seen=now.seen,
            seen_at=at,
        )
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
            at, now = self._deps.clock.now(), await self.offers.proposed(name, day)
            return noticed(now.seen, at), "看过新到信息"
        if edit.action == "add":
            one = await self.offers.addition(name, day, key, section)
            return arranged(lambda b: arranging.add(b, one.section, one.entry)), f"加入“{one.entry.title}”"
        if edit.action == "renew":
            return await self._renewal(name, day, key)
        raise InvalidItem([FieldError("action", "unknown", "没有这种操作")])

    async def _renewal(self, name: BulletinName, day: date, key: str) -> tuple[Change, str]:
        kept = await asyncio.to_thread(self.kept, name, day)
        grown = (await self.offers.since(kept, day)).grown if kept is not None else None
        if not grown or key not in grown:
            raise InvalidItem([FieldError("key", "nothing new", "这条信息没有新的来稿")])
        entry = grown[key].entry
        return arranged(lambda b: arranging.renew(b, key, entry)), f"更新“{entry.title}”"

    # -- signing and publishing -----------------------------------------------------------------------------------

    async def propose(self, name: BulletinName, day: date, revision: int, who: Account) -> Draft:
        """Hand the draft to those who sign. What was returned or erased since must be taken out first."""
        kept = await asyncio.to_thread(self.kept, name, day)
        gone = (await self.offers.since(kept, day)).gone if kept is not None and kept.amends is None else frozenset()
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
        if self.issuing.may_sign(who, name):
            return await self._step(name, day, revision, sent_back, f"退回修改{said}", who)
        return await self._step(name, day, revision, reopened, f"撤回送签{said}", who)

    async def publish(self, name: BulletinName, day: date, revision: int, who: Account, names: Names) -> Bulletin:
        """The signed draft as an issue; safe, and on its way to Kafka, when this returns."""
        kept = await asyncio.to_thread(self.kept, name, day)
        signer, editor = (names(kept.signed_by), names(kept.proposed_by)) if kept is not None else ("", "")
        known = await self._numbers_known(name, date.fromisoformat(kept.bulletin.date) if kept is not None else day)
        period, at = self.issuing.period(name, day), self._deps.clock.now()
        made = await asyncio.to_thread(
            self.issuing.publish, name, period, revision, by=who.name, at=at, signer=signer, editor=editor, known=known
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

    async def abandon(self, name: BulletinName, day: date, revision: int) -> None:
        """Give an erratum up that was begun; the issue stays as it is. Raises DraftConflict, InvalidItem."""
        await asyncio.to_thread(self.issuing.abandon, name, self.issuing.period(name, day), revision)

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


Names = Callable[[str], str]
"""Account to the name that people know."""


def _short(text: str) -> str:
    if len(text) > REASON_LIMIT:
        raise InvalidItem([FieldError("reason", f"at most {REASON_LIMIT}", f"理由不超过{REASON_LIMIT}个字")])
    return text.strip()
