"""Alerts: ``incidents.changed``, ``decisions.made`` -> ``alerts.raised``, ``alerts.planned`` -> channels -> records.

``alerts.receipts``: what gateways said became of a message, pushed to the desk or asked for by another worker.

Does not touch Elasticsearch. Once alert and plan are on their topics the event is settled: attempts run beside the
batches, one task for each notice, so that a dead channel holds up neither the others nor the next alert. After a
restart the topics tell who was told what, which attempts have no recorded end, and what is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

import structlog
from pydantic import ValidationError

from processors.alerting import Resume, Ruling, Verdict, raise_alert, resume
from processors.alerting.board import BROADCAST, Board, BoardEvent
from processors.alerting.deciding import Decided, Tick, decide
from processors.alerting.rules import AlertRules
from schemas.alert import Alert, Delivery, Notice, Outcome, Plan, Purpose
from schemas.base import Event
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.ports import Channel, Clock, Handed, Switchboard
from schemas.topics import ALERTS, DECISIONS, DELIVERIES, INCIDENTS, PLANS, RECEIPTS
from streams.kafka import partition_of
from streams.pipeline import Sender
from streams.ports import StateReader
from streams.reading import read, to_bytes
from streams.records import TRANSIENT, Assignment, Dead, Output, Record, Result
from streams.roles.alert_attempts import AlertAttempts, AlertSettings
from streams.roles.pushed import forwarded, taken

__all__ = ["AlertSettings", "AlertsHandler"]
E = TypeVar("E", bound=Event)

log = structlog.get_logger("streams.alerts")

MEMORY = timedelta(days=90)
"""As long as incidents are remembered: an older version of one cannot come again."""
OTHERS_S = 10.0
"""Where other workers own partitions of ``decisions.made``: how often we look there ourselves."""
OVERLAP = timedelta(minutes=1)
_MODELS: dict[str, type[BoardEvent]] = {
    ALERTS.name: Alert, PLANS.name: Plan, DELIVERIES.name: Delivery, DECISIONS.name: Decision,
}  # fmt: skip
_SUBJECTS = frozenset({"alert", "incident", "subscription", "silence"})
_WITHOUT_SENDING = {
    Resume.RECORD_UNKNOWN: (Outcome.UNKNOWN, "重启时没有发送结果的记录，不重发"),
    Resume.RECORD_NOT_SENT: (Outcome.NOT_SENT, "旧消息，只记录不发送"),
}


class AlertsHandler:
    """Raises each alert once, decides who is told, and sees every attempt to its recorded end."""

    name = "alerts"

    def __init__(
        self,
        reader: StateReader,
        sender: Sender,
        clock: Clock,
        channels: Sequence[Channel],
        settings: AlertSettings,
        rules: AlertRules | None = None,
        switchboard: Switchboard | None = None,
    ) -> None:
        self._reader, self._sender, self._clock, self._settings = reader, sender, clock, settings
        names = tuple(one.name for one in channels)
        self._rules = rules or AlertRules(broadcast=names, stale_after=settings.stale_after)
        self._attempts = AlertAttempts(sender, clock, channels, switchboard, settings, self._lost)
        self._listens = switchboard is not None
        self._listening: asyncio.Task[None] | None = None
        self._board = Board()
        self._due: dict[str, datetime | None] = {}
        self._missed: list[Delivery] = []
        self._assignment = Assignment()
        self._looked, self._read_until = monotonic(), datetime.now(UTC)
        self.tick_s: float | None = settings.tick_s
        self.on_due: Callable[[], None] = lambda: None

    # -- state ------------------------------------------------------------------------------------------------------

    async def restore(self, assignment: Assignment) -> None:
        """Read the topics to their ends; take up the attempts without a recorded end, and what was never planned."""
        await self.release()
        self._assignment = assignment
        board, attempts = Board(), dict[str, list[Delivery]]()
        since = self._read_until = datetime.now(UTC)
        for spec in (ALERTS, PLANS, DELIVERIES, DECISIONS):
            # a subscription holds until it is taken back, however old it is
            async for value in self._reader(spec, since=None if spec is DECISIONS else since - MEMORY):
                event = _read(_MODELS[spec.name], value)
                if isinstance(event, Delivery):
                    attempts.setdefault(event.notice_id or f"{event.alert_id}:{event.channel}", []).append(event)
                if event is not None and self._owns(event):
                    board.add(event)
        self._board = board
        self._missed.clear()
        await self._take_up(attempts)
        await self._carry_out(self._decided(board, Tick(), self._clock.now()))
        if self._listens:
            self._listening = asyncio.create_task(self._listen())

    def _owns(self, event: Event) -> bool:
        incident = getattr(event, "incident", None)
        if not isinstance(incident, str):
            return True
        return self._assignment.owns(INCIDENTS.name, partition_of(incident.encode(), INCIDENTS.partitions))

    async def release(self) -> None:
        """Let attempts in work end for a moment; what is cut off is taken up by the next owner."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        await self._attempts.release()

    # -- events -----------------------------------------------------------------------------------------------------

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Alerts and plans of a batch, decided together, and for old news the record that they were not sent."""
        board, now = self._board.copy(), self._clock.now()
        touched: set[str] = set()
        everything = False
        outputs: list[Output] = []
        dead: list[Dead] = []
        ends = taken(batch, self._attempts)
        for record in batch:
            if record.topic == RECEIPTS.name:
                continue
            event = read(record, Decision if record.topic == DECISIONS.name else Incident, self.name)
            if isinstance(event, Dead):
                dead.append(event)
            elif isinstance(event, Decision):
                everything |= event.subject_type in ("subscription", "silence")
                touched |= self._decision(board, event)
            elif isinstance(event, Incident):
                outputs += self._incident(board, event, self._clock.at(record.at), now)
                touched.add(event.incident)
        if not touched and not everything:
            return Result(ends.outputs, dead, ends.done)
        tick = Tick(None if everything else tuple(sorted(touched)), record_held=True)
        decided = self._decided(board, tick, now)

        def done() -> None:
            self._settled(decided)
            ends.done()

        return Result([*outputs, *ends.outputs, *_plans(decided)], dead, done)

    async def tick(self) -> Result:
        """What the clock made due."""
        now = self._clock.now()
        due = tuple(incident for incident, at in self._due.items() if at is not None and at <= now)
        due += tuple(one for one in await self._decided_elsewhere() if one not in due)
        if not due:
            return Result()
        decided = self._decided(self._board, Tick(due), now)
        return Result(_plans(decided), (), lambda: self._settled(decided))

    def _decision(self, board: Board, decision: Decision) -> set[str]:
        if decision.subject_type not in _SUBJECTS:
            return set()
        board.add(decision)
        subject = decision.subject_id
        incident = subject if decision.subject_type == "incident" else board.incident_of.get(subject)
        return {incident} if incident in board.cases and incident is not None else set()

    def _incident(self, board: Board, incident: Incident, at: datetime, now: datetime) -> list[Output]:
        ruling = self._rule(board, incident, at)
        alert = ruling.alert
        if alert is None:
            return []
        board.add(alert)
        outputs = [Output(ALERTS, alert.incident.encode(), to_bytes(alert))]
        if ruling.verdict is Verdict.STALE:
            return outputs + self._not_sent(alert, ruling.detail)
        if now - alert.raised_at > self._rules.stale_after:
            return outputs + self._not_sent(alert, "停机期间的旧消息，只记录不发送")
        return outputs

    def _rule(self, board: Board, incident: Incident, at: datetime) -> Ruling:
        raised = {incident.incident: tuple(board.case(incident.incident).alerts.values())}
        ruling = raise_alert(raised, incident, at, self._rules.stale_after)
        version, verdict = incident.alert_version, ruling.verdict.value
        log.info("alert ruling", incident=incident.incident, alert_version=version, verdict=verdict)
        return ruling

    def _not_sent(self, alert: Alert, detail: str) -> list[Output]:
        found = []
        for channel in self._rules.broadcast:
            notice = Notice(
                notice_id="", recipient=f"{BROADCAST}{channel}", channels=(channel,), purpose=Purpose.FIRST,
                covers=(), at=alert.raised_at,
            )  # fmt: skip
            delivery = self._attempts.record(notice, alert, channel, Outcome.NOT_SENT, 0, Handed(detail))
            found.append(Output(DELIVERIES, alert.incident.encode(), to_bytes(delivery)))
        return found

    async def _decided_elsewhere(self) -> Iterable[str]:
        """Incidents on which decisions came in partitions of other workers."""
        owned = self._assignment.partitions.get(DECISIONS.name, frozenset())
        if len(owned) >= DECISIONS.partitions or monotonic() - self._looked < OTHERS_S:
            return ()
        self._looked, since, self._read_until = monotonic(), self._read_until - OVERLAP, datetime.now(UTC)
        touched: set[str] = set()
        async for value in self._reader(DECISIONS, since=since):
            decision = _read(Decision, value)
            if decision is not None:
                touched |= self._decision(self._board, decision)
        return touched

    # -- carrying out -----------------------------------------------------------------------------------------------

    def _decided(self, board: Board, event: Tick, now: datetime) -> Decided:
        return decide(board, event, now, self._rules)

    def _lost(self, deliveries: Sequence[Delivery]) -> None:
        """Somebody could not be reached: whoever comes next in the chain is due."""
        self._missed += deliveries  # a batch in work has a board of its own, which becomes ours when it is settled
        self._take_missed()
        self.on_due()

    def _take_missed(self) -> None:
        for delivery in self._missed:
            self._board.add(delivery)
            self._due[delivery.incident] = self._clock.now()

    async def _carry_out(self, decided: Decided) -> None:
        outputs = _plans(decided)
        if outputs:
            await self._sender.send(outputs)
        self._settled(decided)

    def _settled(self, decided: Decided) -> None:
        """Plans are on record: now, and not before, send."""
        self._board = decided.board
        self._due |= decided.due
        self._take_missed()
        self._missed.clear()
        for plan in decided.plans:
            for held in plan.held:
                log.info("alert held", alert_id=plan.alert_id, recipient=held.recipient, verdict=held.verdict.value)
            for notice in plan.notices:
                self._attempts.start(notice, self._alerts_of(notice), repeated=False)

    def _alerts_of(self, notice: Notice) -> list[Alert]:
        found = [self._board.case(one.incident).alerts.get(one.alert_version) for one in notice.covers]
        return [one for one in found if one is not None]

    async def _take_up(self, attempts: dict[str, list[Delivery]]) -> None:
        notices = {
            key: notice
            for case in self._board.cases.values()
            for mine in case.told.values()
            for key, notice in mine.items()
        }
        for identifier, notice in notices.items():
            alerts = self._alerts_of(notice)
            if alerts:
                await self._take_up_one(notice, alerts, attempts.get(identifier, []))

    async def _take_up_one(self, notice: Notice, alerts: Sequence[Alert], made: list[Delivery]) -> None:
        settings, now = self._settings, self._clock.now()
        worst = alerts[0].model_copy(update={"level": notice.level})
        action = resume(
            worst, made, now, channels=notice.channels, most_tries=settings.tries, planned_at=notice.at,
            stale_after=self._rules.stale_after,
        )  # fmt: skip
        if action is Resume.SEND_REPEATED:
            log.warning("alert taken up", alert_id=worst.alert_id, recipient=notice.recipient, tries=len(made))
            self._attempts.start(notice, alerts, made, repeated=True)
        elif action is Resume.SETTLED:
            if any(one.reference for one in made):
                self._attempts.remember(notice, alerts, made)
        else:
            outcome, detail = _WITHOUT_SENDING[action]
            tries = max((one.tries for one in made), default=0)
            records = [
                self._attempts.record(notice, one, notice.channels[0], outcome, tries, Handed(detail)) for one in alerts
            ]
            await self._attempts.write(records)

    async def _listen(self) -> None:
        """Delivery receipts, for as long as the partitions are ours."""
        while True:
            await asyncio.sleep(self._settings.receipts_s)
            with suppress(*TRANSIENT):
                others = await self._attempts.take_receipts()
                if others:  # of the reminders, or of an alert of another worker
                    await self._sender.send([forwarded(one, self._clock.now()) for one in others])


def _plans(decided: Decided) -> list[Output]:
    return [Output(PLANS, one.incident.encode(), to_bytes(one)) for one in decided.plans]


def _read(model: type[E], value: bytes) -> E | None:
    try:
        return model.model_validate_json(value)
    except ValidationError:
        return None  # not ours to read; the index role makes it a dead letter
