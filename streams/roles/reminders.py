"""Reminders: the ledger, decisions on departments and the clock -> ``duty.reminders`` -> channels -> records.

The intent is acknowledged before anything is sent, as for alerts; what a restart finds without a recorded end is
recorded as unknown and not said again. Decided by ``processors.duty.reminding``; this carries it out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from pydantic import ValidationError

from processors.alerting.resuming import Resume
from processors.duty.reminding import Decided, ReminderRules, State, decide, forget, resume, take, with_orders
from processors.ledger import opened
from schemas.alert import Delivery, Notice, Outcome
from schemas.base import Event
from schemas.decision import Decision
from schemas.ledger import LedgerEntry
from schemas.ports import Clock, Handed, Switchboard
from schemas.reminder import Reminder, ReminderAttempt
from schemas.topics import BULLETINS, DECISIONS, LEDGER, REMINDER_ATTEMPTS, REMINDERS, TopicSpec
from streams.pipeline import Sender
from streams.ports import StateReader
from streams.reading import to_bytes
from streams.records import Assignment, Output, Record, Result
from streams.roles.alert_attempts import AlertSettings, Attempts
from streams.roles.pushed import taken

E = TypeVar("E", bound=Event)
log = structlog.get_logger("streams.reminders")
MEMORY = timedelta(days=3)
TICK_S = 5.0
_WITHOUT_SENDING = {
    Resume.RECORD_UNKNOWN: (Outcome.UNKNOWN, "重启时没有发送结果的记录，不重发"),
    Resume.RECORD_NOT_SENT: (Outcome.NOT_SENT, "已过时，不再发送"),
}


class ReminderAttempts(Attempts[Reminder]):
    """Attempts to remind; in person only."""

    spec = REMINDER_ATTEMPTS
    model = ReminderAttempt

    async def _hand_over(self, notice: Notice, alerts: Sequence[Reminder], channel: str, repeated: bool) -> Handed:
        if self._switchboard is None:
            log.warning("reminder for", recipient=notice.recipient, title=alerts[0].title, repeated=repeated)
            return Handed("logged")
        return await self._switchboard.remind(notice, alerts[0], channel, repeated=repeated)


class RemindersHandler:
    """Plans each reminder once and sees every attempt to its recorded end, where the district is ours."""

    name = "reminders"
    tick_s: float | None = TICK_S

    def __init__(
        self,
        reader: StateReader,
        sender: Sender,
        clock: Clock,
        rules: ReminderRules,
        settings: AlertSettings,
        switchboard: Switchboard | None = None,
    ) -> None:
        self._reader, self._sender, self._clock = reader, sender, clock
        self._rules, self._settings = rules, settings
        self._attempts = ReminderAttempts(sender, clock, switchboard, settings)
        self._state, self._owner = State(), False

    async def restore(self, assignment: Assignment) -> None:
        """Read the topics to their ends and take up what has no recorded end."""
        await self.release()
        since = datetime.now(UTC) - MEMORY
        entries = [one async for one in self._events(LEDGER, LedgerEntry, since)]
        decisions = [one async for one in self._events(DECISIONS, Decision, None)]
        planned = [one async for one in self._events(REMINDERS, Reminder, since)]
        made: dict[str, list[Delivery]] = {}
        async for one in self._events(REMINDER_ATTEMPTS, ReminderAttempt, since):
            made.setdefault(one.notice_id, []).append(one)
        self._owner = assignment.owns(BULLETINS.name, 0)
        known = {one.reminder_id: one for one in reversed(planned) if one.district == self._rules.ledger.district}
        ours = State(opened(entries, decisions, self._rules.ledger), known)
        self._state = with_orders(ours, decisions, self._rules)
        if self._owner:
            for reminder in known.values():
                for notice in reminder.notices:
                    await self._take_up(reminder, notice, made.get(notice.notice_id, []))

    async def _events(self, spec: TopicSpec, model: type[E], since: datetime | None) -> AsyncIterator[E]:
        async for value in self._reader(spec, since=since):
            try:
                yield model.model_validate_json(value)
            except ValidationError:
                continue  # the index role makes it a dead letter

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Take in entries, decisions and receipts; what follows from them is decided by the timer, seconds later."""
        state, ends = self._state, taken(batch, self._attempts)
        for record in batch:
            event: LedgerEntry | Decision
            try:
                if record.topic == LEDGER.name:
                    event = LedgerEntry.model_validate_json(record.value)
                elif record.topic == DECISIONS.name:
                    event = Decision.model_validate_json(record.value)
                else:
                    continue
            except ValidationError:
                continue  # the ledger and the index make it a dead letter; one is enough
            state = take(state, event, self._rules)

        def done() -> None:
            self._state = state
            ends.done()

        return Result(ends.outputs, (), done)

    async def tick(self) -> Result:
        """What is due now, where the district is ours."""
        if not self._owner:
            return Result()
        now = self._clock.now()
        decided = decide(forget(self._state, now), None, now, self._rules)
        if not decided.reminders:
            self._state = decided.state
            return Result()
        outputs = [Output(REMINDERS, one.subject.encode(), to_bytes(one)) for one in decided.reminders]
        return Result(outputs, (), lambda: self._settled(decided))

    async def release(self) -> None:
        """Let attempts in work end for a moment; what is cut off is taken up by the next owner."""
        await self._attempts.release()

    def _settled(self, decided: Decided) -> None:
        """The intents are on record: now, and not before, send."""
        self._state = decided.state
        for reminder in decided.reminders:
            log.info("reminder", kind=reminder.kind.value, day=reminder.day, departments=len(reminder.departments))
            for notice in reminder.notices:
                self._attempts.start(notice, [reminder], repeated=False)

    async def _take_up(self, reminder: Reminder, notice: Notice, made: Sequence[Delivery]) -> None:
        window = self._rules.silent_after + self._rules.silent_within
        action = resume(reminder, notice, made, self._clock.now(), self._settings.tries, window)
        if action is Resume.SEND_REPEATED:
            self._attempts.start(notice, [reminder], made, repeated=True)
        elif action is Resume.SETTLED:
            if any(one.reference for one in made):
                self._attempts.remember(notice, [reminder], made)
        else:
            outcome, detail = _WITHOUT_SENDING[action]
            tries = max((one.tries for one in made), default=0)
            record = self._attempts.record(notice, reminder, notice.channels[0], outcome, tries, Handed(detail))
            await self._attempts.write([record])
