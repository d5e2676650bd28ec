"""The duty ledger at the desk: who has a duty on a day, who was silent, and what was known at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from desk.deps import DeskDeps
from desk.filters import YEARS, check_day, term
from desk.index import Document, Index, Page
from processors.duty.moments import as_of
from processors.duty.register import DutyBook
from processors.ledger import ACTIONS, Ledger, LedgerRules, key_of
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ledger import LedgerEntry
from schemas.reminder import ReminderKind
from schemas.vocab import LedgerState

if TYPE_CHECKING:
    from desk.services import Desk

NOT_APPRAISED = "免考"
"""Appraisal class of departments that receive and do not report (departments.tsv); where no rules are given."""
SILENT = (LedgerState.MISSING.value, LedgerState.PENDING.value)
MOST_DECISIONS = 5_000
"""Documents with decisions on duties; a district makes some hundreds a year."""
REMINDER_SORT = ({"at": "desc"}, {"reminder_id": "asc"})
_CLOCK = len("24:00:00")


class DutyDesk:
    """Reads the alias ``duty``; the rules are those of the ledger, with what people decided."""

    def __init__(self, deps: DeskDeps, index: Index) -> None:
        self._deps, self._index = deps, index
        self._made: tuple[frozenset[str], DutyBook] | None = None

    async def entries(self, day: str) -> list[Document]:
        """The ledger of a day as the index has it, by department."""
        check_day(day)
        return await self._index.all("duty", [self._here, term("day", day)], sort=[{"department": "asc"}])

    async def known_at(self, day: str, moment: datetime) -> list[Document]:
        """What the ledger would have said of a day at a moment: everybody with a duty or a report. Raises InvalidItem.

        A correction may have moved a report from a day nearby, so those days are read too.
        """
        rules = self._rules()
        around = [(check_day(day) + timedelta(days=by)).isoformat() for by in (-rules.look_back, rules.look_back)]
        days = {"range": {"day": {"gte": around[0], "lte": around[1]}}}
        found = await self._index.all("duty", [self._here, days], sort=[{"day": "asc"}, {"department": "asc"}])
        entries = {key_of(one.department, one.day): one for one in map(LedgerEntry.model_validate, found)}
        decisions = {one.decision_id: one for one in await self._decisions()}
        told = as_of(Ledger(entries, {}, decisions, rules.book), day, moment, rules)
        return [one.model_dump(mode="json") for one in sorted(told, key=lambda one: one.department)]

    async def silent(self, day: str, entries: Sequence[Document] | None = None) -> list[dict[str, Any]]:
        """Departments that must report on the day and have not, by cut-off. ``overdue``: the cut-off has passed."""
        check_day(day)
        listed = await self.entries(day) if entries is None else entries
        states = {entry["department"]: entry["state"] for entry in listed}
        if self._deps.duty.rules is None:
            return [
                {"department": one.id, "department_name": one.short_name, "cutoff": None, "overdue": None}
                for one in self._deps.register
                if one.appraisal_class != NOT_APPRAISED and states.get(one.id, SILENT[0]) in SILENT
            ]
        now, book = self._deps.clock.now(), await self.book()
        found = []
        for name, member in book.members.items():
            duty = book.duty(name, day)
            if duty.required == "Y" and states.get(name, SILENT[0]) in SILENT:
                one = {"department": name, "department_name": member.name, "cutoff": duty.cutoff.isoformat()}
                found.append((duty.cutoff, name, one | {"overdue": duty.cutoff < now}))
        return [one for _, _, one in sorted(found, key=lambda row: row[:2])]

    async def reminders(self, day: str) -> list[Document]:
        """What was said to whom on a day to make them report, newest first."""
        found = await self._index.all("reminders", [self._here, term("day", day)], sort=REMINDER_SORT)
        return [one for one in found if one["kind"] != ReminderKind.INSTRUCTION]

    async def told_of(self, instruction: str) -> list[Document]:
        """What was said to whom to make them answer an instruction, newest first."""
        return await self._index.all("reminders", [self._here, term("instruction", instruction)], sort=REMINDER_SORT)

    async def book(self) -> DutyBook:
        """The duties with every decision that the index has."""
        decisions = await self._decisions()
        key = frozenset(one.decision_id for one in decisions)
        if self._made is None or self._made[0] != key:
            self._made = key, self._rules().book.with_decisions(decisions)
        return self._made[1]

    async def _decisions(self) -> list[Decision]:
        wanted = {"terms": {"decisions.action": sorted(ACTIONS)}}
        found: dict[str, Decision] = {}
        for document in await self._index.stubs("duty", [self._here, wanted], size=MOST_DECISIONS):
            subject = document["_id"].removeprefix(f"{self._deps.district}:")
            for one in document["decisions"]:
                if one["action"] in ACTIONS:
                    given = {"district": self._deps.district, "subject_type": "department", "subject_id": subject}
                    decision = Decision.model_validate({**one, **given})
                    found[decision.decision_id] = decision
        return list(found.values())

    def _rules(self) -> LedgerRules:
        if self._deps.duty.rules is None:
            raise InvalidItem([FieldError("as_of", "this desk knows no duties", "本系统未载入报送规则")])
        return self._deps.duty.rules

    @property
    def _here(self) -> dict[str, Any]:
        return term("district", self._deps.district)


def moment_of(text: str, day: str, now: datetime) -> datetime:
    """``HH:MM`` of the day, or ISO 8601. Raises InvalidItem, also for what lies ahead."""
    text = text.strip()
    found: datetime | None
    try:
        if len(text) <= _CLOCK:
            found = datetime.combine(date.fromisoformat(day), datetime.strptime(text, "%H:%M").time(), CHINA)  # noqa: DTZ007 - only the time of day is used
        else:
            # The + of an offset that was not escaped arrives as a blank.
            found = datetime.fromisoformat(text.replace(" ", "+", 1) if "T" in text else text)
            found = found if found.tzinfo else found.replace(tzinfo=CHINA)
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        said = "时刻写作 17:05 或 2026-11-20T17:05+08:00"
        raise InvalidItem([FieldError("as_of", "not a moment; write HH:MM or ISO 8601", said)])
    if found > now:
        raise InvalidItem([FieldError("as_of", "lies ahead", "这一时刻还没有到")])
    return found


async def told(desk: Desk, day: str, moment: str = "") -> dict[str, Any]:
    """The ledger of a day as REST and the page show it: entries, who is silent, and as of when. Raises InvalidItem."""
    check_day(day)
    if not moment:
        entries = await desk.ledger.entries(day)
        return page_of(entries).record() | {"silent": await desk.ledger.silent(day, entries), "as_of": None}
    when = moment_of(moment, day, desk.deps.clock.now())
    entries = await desk.ledger.known_at(day, when)
    silent = [
        {name: one[name] for name in ("department", "department_name", "cutoff")}
        | {"overdue": datetime.fromisoformat(one["cutoff"]) < when}
        for one in sorted(entries, key=lambda one: (one["cutoff"], one["department"]))
        if one["state"] in SILENT
    ]
    return page_of(entries).record() | {"silent": silent, "as_of": when.isoformat()}


def page_of(entries: list[Document]) -> Page:
    """All entries as one page."""
    return Page(entries, None, len(entries))
