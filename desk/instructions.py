"""Instructions (批示) at the desk: given, answered, reminded of, checked, closed. Every step is a decision."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from desk.accounts import Account
from desk.database import Database
from desk.decision_log import DecisionLog
from desk.decisions import Conflict
from desk.deps import DeskDeps
from desk.filters import term
from desk.index import Document, Index, Query
from desk.instruction_orders import Move, Order, Received
from desk.instruction_rights import NotYours, may_see, may_take
from desk.outbox import Outbox
from processors.fold_parts import by_time_and_id, decided
from processors.instructions.model import BY_CLOCK, DISTRICT_LEVEL, Instruction, told
from processors.instructions.owners import suggested
from processors.instructions.reminders import due, words
from processors.instructions.report import SpecialReport, special_report, urgency
from processors.instructions.steps import (
    TOPIC_LIMIT,
    check_order,
    check_received,
    check_step,
    masked,
    topic_of,
    without_numbers,
)  # fmt: skip
from schemas.base import CHINA, with_zone
from schemas.decision import Action, Decision
from schemas.errors import FieldError, IndexUnavailable, InvalidItem
from schemas.ids import digest
from schemas.vocab import Lane

SUBJECT = "instruction"
_ACTIONS: Mapping[str, Action] = {
    "acknowledge": "acknowledge", "answer": "answer", "remind": "remind", "check": "check", "close": "close",
    "withdraw": "withdraw",
}  # fmt: skip
PERSON = "person"
"""``details.step`` where a person reminds and not the clock."""
ISSUED = ({"issued_at": "desc"}, {"instruction": "asc"})


@dataclass(frozen=True, slots=True)
class Listing:
    """``away``: the index does not answer; then these are those of this desk alone."""

    instructions: tuple[Instruction, ...]
    away: bool = False


class Instructions:
    """The services behind the pages and REST."""

    def __init__(self, deps: DeskDeps, database: Database, index: Index, outbox: Outbox) -> None:
        self._deps, self._database, self._index, self._outbox = deps, database, index, outbox
        self._log = DecisionLog(database, SUBJECT)
        self._told: dict[str, tuple[tuple[int | str, ...], Instruction | None]] = {}
        """What was told last of each, with the decisions it was told from."""

    # -- reading --------------------------------------------------------------------------------------------------

    async def listed(self, who: Account | None, *filters: Query) -> Listing:
        """What a person may see, the overdue first. ``filters`` narrow what the index is asked for, not the rest."""
        documents, away = await self._documents(filters)
        ours = await asyncio.to_thread(self._log.all)
        found = [self._joined(name, documents.get(name), ours.get(name, ())) for name in {*documents, *ours}]
        now = self._deps.clock.now()
        seen = [one for one in found if one is not None and may_see(who, one)]
        return Listing(tuple(sorted(seen, key=lambda one: urgency(one, now))), away)

    async def on_item(self, item_id: str, who: Account) -> list[Instruction]:
        """Those on one item."""
        documents, _ = await self._documents([term("item_id", item_id)])
        ours = await self._database.reading(self._log.all)
        names = {*documents, *(name for name, listed in ours.items() if _item_of(listed) == item_id)}
        found = [self._joined(name, documents.get(name), ours.get(name, ())) for name in names]
        now = self._deps.clock.now()
        return sorted((one for one in found if one and may_see(who, one)), key=lambda one: urgency(one, now))

    async def one(self, identifier: str, who: Account | None) -> Instruction | None:
        """One instruction that a person may see."""
        found = told(identifier, await self._known(identifier))
        return found if found is not None and may_see(who, found) else None

    async def _known(self, identifier: str) -> list[Document]:
        """The decisions on one, of the index and of this desk."""
        try:
            document = await self._index.one("instructions", identifier, [self._here])
        except IndexUnavailable:
            document = None
        ours = await asyncio.to_thread(self._log.of, identifier)
        return by_time_and_id([*(document["decisions"] if document else []), *ours])

    async def report(self, first: date, last: date, who: Account) -> SpecialReport:
        """The special report (督查专报) on the instructions of days. Raises InvalidItem."""
        if first > last:
            raise InvalidItem([FieldError("from", "after the last day", "开始日期晚于结束日期")])
        begin = datetime.combine(first, datetime.min.time(), tzinfo=CHINA)
        span = {"range": {"issued_at": {"gte": begin.isoformat(), "lt": _next_day(last).isoformat()}}}
        listing = await self.listed(who, span)
        if listing.away:
            raise IndexUnavailable("a report must be complete; the index is away")
        now = self._deps.clock.now()
        return special_report(listing.instructions, first, last, now, self._deps.instruction_rules)

    def suggested(self, item: Mapping[str, Any]) -> list[str]:
        """Departments to begin from when choosing the owner."""
        return suggested(item, self._deps.answerable) if self._deps.answerable is not None else []

    async def _documents(self, filters: Sequence[Query]) -> tuple[dict[str, Document], bool]:
        try:
            found = await self._index.all("instructions", [self._here, *filters], sort=ISSUED)
        except IndexUnavailable:
            return {}, True
        return {one["instruction"]: one for one in found}, False

    def _joined(self, name: str, document: Document | None, ours: Sequence[Document]) -> Instruction | None:
        """The instruction of both; told once for as long as nothing comes to it."""
        known = {one["decision_id"] for one in ours}
        theirs = [one for one in (document["decisions"] if document else ()) if one["decision_id"] not in known]
        # Ours are only ever added to, so their number tells which they are.
        known_by = (len(ours), *sorted(one["decision_id"] for one in theirs))
        last = self._told.get(name)
        if last is None or last[0] != known_by:
            last = self._told[name] = (known_by, told(name, by_time_and_id([*ours, *theirs])))
        return last[1]

    @property
    def _here(self) -> Query:
        return term("district", self._deps.district)

    # -- giving and answering -------------------------------------------------------------------------------------

    async def give(self, order: Order, item: Document, who: Account) -> Instruction:
        """An instruction on an item; safe when this returns. The button pressed twice gives one. Raises InvalidItem."""
        now = self._deps.clock.now()
        return await self._given(self._ordered(order, item, now, DISTRICT_LEVEL), who, now)

    async def receive(self, order: Received, item: Document | None, who: Account) -> Instruction:
        """The same for one that came from above. Raises InvalidItem with everything that is wrong."""
        now, topic = self._deps.clock.now(), masked(order.topic)[:TOPIC_LIMIT]
        giver, reference = (" ".join(without_numbers(one).split()) for one in (order.giver, order.reference))
        wrong = check_received(order.level, giver, order.given_on, reference, topic, on_item=item is not None, now=now)
        try:
            details = self._ordered(order, item or {}, now, order.level)
        except InvalidItem as error:
            raise InvalidItem([*wrong, *error.errors]) from None
        if wrong:
            raise InvalidItem(wrong)
        details |= {"giver": giver, "given_on": order.given_on, "reference": reference}
        return await self._given(details if item else details | {"topic": topic}, who, now)

    def _ordered(self, order: Order, item: Document, now: datetime, level: str) -> dict[str, Any]:
        """``details`` of the decision; {} stands for no item. Raises InvalidItem."""
        owner = self._deps.register.resolve(order.owner)
        text, deadline = masked(order.text), self._deadline(order.deadline, now)
        check_order(owner.id if owner else None, text, deadline, now)
        assert owner is not None
        assert deadline is not None
        return {
            "item_id": order.item_id, "owner": owner.id, "level": level,
            "credited": str(item.get("source") or "") if item.get("lane") == Lane.REPORT else "",
            "topic": topic_of(item, self._deps.instruction_rules.file.complaint_lanes), "text": text,
            "deadline": deadline.isoformat(),
        }  # fmt: skip

    async def _given(self, details: dict[str, Any], who: Account, now: datetime) -> Instruction:
        identifier = await asyncio.to_thread(self._give, details, who.name, now)
        made = await self.one(identifier, who)
        assert made is not None
        return made

    def _give(self, details: dict[str, Any], by: str, now: datetime) -> str:
        with self._database.transaction() as connection:
            identifier = self._free_id(digest(SUBJECT, by, *(f"{details[key]}" for key in sorted(details))))
            name = digest("decision", identifier)
            self._database.keep_decision(connection, self._decision(identifier, "instruct", by, now, name, details))
        self._outbox.wake()
        return identifier

    def _free_id(self, base: str) -> str:
        """The same order again is the same instruction while it is open, and a new one once it is over."""
        number = 0
        while True:
            identifier = digest(base, str(number)) if number else base
            known = told(identifier, [decided(one) for one in self._database.decisions_on(SUBJECT, identifier)])
            if known is None or known.open:
                return identifier
            number += 1

    async def step(self, identifier: str, move: Move, who: Account) -> Instruction | None:
        """Take a step; None where the person sees no such instruction. Raises NotYours, InvalidItem, Conflict."""
        known = await self._known(identifier)
        one = told(identifier, known)
        if one is None or not may_see(who, one):
            return None
        if not may_take(one, move.action, who):
            raise NotYours(move.action)
        await asyncio.to_thread(self._step, identifier, known, move, who.name)
        return await self.one(identifier, who)

    def _step(self, identifier: str, known: Sequence[Document], move: Move, by: str) -> None:
        now, text = self._deps.clock.now(), masked(move.words)
        with self._database.transaction() as connection:
            ours = [decided(one) for one in self._database.decisions_on(SUBJECT, identifier)]
            before = by_time_and_id([*known, *ours])
            one = told(identifier, before)
            assert one is not None
            if one.revision != move.revision:
                raise Conflict([self._again(identifier, each) for each in before[-1:]])
            details = self._details(move, now)
            check_step(one, move.action, text, details, now)
            plain = {name: one_value(value) for name, value in details.items()}
            at = _after(one, now)
            decision = self._decision(identifier, _ACTIONS[move.action], by, at, uuid4().hex, plain, text)
            self._database.keep_decision(connection, decision)
        self._outbox.wake()

    def _again(self, identifier: str, known: Document) -> Decision:
        return Decision.model_validate(
            {**known, "district": self._deps.district, "subject_type": SUBJECT, "subject_id": identifier}
        )

    def _details(self, move: Move, now: datetime) -> dict[str, Any]:
        if move.action == "answer":
            return {"final": move.final}
        if move.action == "remind":
            return {"step": PERSON}
        if move.action == "check":
            later = self._deadline(move.deadline, now) if move.deadline and move.satisfied is False else None
            return {"satisfied": move.satisfied} | ({"deadline": later} if later else {})
        return {}

    def _deadline(self, given: str, now: datetime) -> datetime | None:
        preset = self._deps.instruction_rules.deadline(given, now)
        if preset is not None or not given:
            return preset
        try:
            return with_zone(datetime.fromisoformat(given))
        except ValueError:
            raise InvalidItem([FieldError("deadline", "not a time", "时限写作 2026-11-25T17:30")]) from None

    def _decision(
        self, subject: str, action: Action, by: str, at: datetime, name: str, details: dict[str, Any], reason: str = ""
    ) -> Decision:
        return Decision(
            decision_id=name, district=self._deps.district, subject_type="instruction", subject_id=subject,
            action=action, by=by, at=at, reason=reason, details=details,
        )  # fmt: skip

    # -- reminding ------------------------------------------------------------------------------------------------

    async def remind(self) -> int:
        """Decide the reminders that are due now; how many. Two desks decide the same ones, which count once."""
        listing = await self.listed(None, term("open", "true"))
        now = self._deps.clock.now()
        found = due(listing.instructions, now, self._deps.instruction_rules)
        for one in found:
            at, subject = _after(one.instruction, now), one.instruction.id
            decision = self._decision(
                subject, "remind", BY_CLOCK, at, one.decision_id, {"step": one.key}, words(one.step)
            )
            await asyncio.to_thread(self._database.put_decision, decision)
        if found:
            self._outbox.wake()
        return len(found)


def _item_of(decisions: Sequence[Document]) -> object:
    return next((one["details"].get("item_id") for one in decisions if one["action"] == "instruct"), None)


def _after(one: Instruction, now: datetime) -> datetime:
    """Later than every step before it: their order is that of their times, whatever the clock does."""
    last = max([one.at, *(step.at for step in one.steps)])
    return max(now, last + timedelta(microseconds=1))


def one_value(value: Any) -> Any:
    """A detail as it travels: times as text."""
    return value.isoformat() if isinstance(value, datetime) else value


def _next_day(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=CHINA)
