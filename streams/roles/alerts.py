"""Alerts: ``incidents.changed`` -> ``alerts.raised`` (acknowledged first) -> channels -> ``alerts.delivered``.

Does not touch Elasticsearch. Once the intent is on the topic the event is settled: attempts run beside the batches, one
task for each alert and channel, so that a dead channel holds up neither the others nor the next alert. After a restart
the two topics tell which attempts have no recorded end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from pydantic import ValidationError

from processors.alerting import STALE_AFTER, Raised, Resume, Ruling, Verdict, decide, delivery_id, resume
from schemas.alert import Alert, Delivery, Outcome
from schemas.errors import DeliveryError
from schemas.incident import Incident
from schemas.ports import Channel, Clock
from schemas.topics import ALERTS, DELIVERIES, INCIDENTS
from streams.kafka import partition_of
from streams.pipeline import Sender
from streams.ports import StateReader
from streams.reading import read, to_bytes
from streams.records import TRANSIENT, Assignment, Dead, Output, Record, Result

E = TypeVar("E", Alert, Delivery)

log = structlog.get_logger("streams.alerts")

MEMORY = timedelta(days=90)
"""As long as incidents are remembered: an older version of one cannot come again."""


_WITHOUT_SENDING = {
    Resume.RECORD_UNKNOWN: (Outcome.UNKNOWN, "重启时没有发送结果的记录，不重发"),
    Resume.RECORD_NOT_SENT: (Outcome.NOT_SENT, "旧消息，只记录不发送"),
}


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """How alerts are sent. Seconds; ``tries`` attempts on each channel, with doubling pauses."""

    stale_after: timedelta = STALE_AFTER
    tries: int = 5
    pause_s: float = 2.0
    most_pause_s: float = 60.0
    send_timeout_s: float = 15.0
    release_s: float = 3.0


class AlertsHandler:
    """Raises each alert once and sees every attempt to its recorded end."""

    name = "alerts"
    tick_s: float | None = None

    def __init__(
        self, reader: StateReader, sender: Sender, clock: Clock, channels: Sequence[Channel], settings: AlertSettings
    ) -> None:
        self._reader, self._sender, self._clock = reader, sender, clock
        self._channels, self._settings = channels, settings
        self._raised: dict[str, list[Alert]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def restore(self, assignment: Assignment) -> None:
        """Read both topics to their ends and take up the attempts without a recorded end."""
        await self.release()
        since = datetime.now(UTC) - MEMORY
        raised: dict[str, list[Alert]] = {}
        async for value in self._reader(ALERTS, since=since):
            alert = _read(Alert, value)
            if alert and assignment.owns(INCIDENTS.name, partition_of(alert.incident.encode(), INCIDENTS.partitions)):
                _remember(raised, alert)
        attempts: dict[tuple[str, str], list[Delivery]] = {}
        async for value in self._reader(DELIVERIES, since=since):
            delivery = _read(Delivery, value)
            if delivery:
                attempts.setdefault((delivery.alert_id, delivery.channel), []).append(delivery)
        self._raised = raised
        await self._take_up([alert for alerts in raised.values() for alert in alerts], attempts)

    async def handle(self, batch: Sequence[Record]) -> Result:
        """The alerts of a batch, and for old news the record that they were not sent."""
        new: dict[str, list[Alert]] = {}
        outputs: list[Output] = []
        dead: list[Dead] = []
        to_send: list[Alert] = []
        for record in batch:
            incident = read(record, Incident, self.name)
            if isinstance(incident, Dead):
                dead.append(incident)
                continue
            ruling = self._rule(incident, new, self._clock.at(record.at))
            if ruling.alert is None:
                continue
            _remember(new, ruling.alert)
            outputs.append(Output(ALERTS, ruling.alert.incident.encode(), to_bytes(ruling.alert)))
            if ruling.verdict is Verdict.SEND:
                to_send.append(ruling.alert)
            else:
                outputs += self._not_sent(ruling.alert, ruling.detail)
        return Result(outputs, dead, lambda: self._acknowledged(new, to_send))

    async def tick(self) -> Result:
        """No timer."""
        return Result()

    async def release(self) -> None:
        """Let attempts in work end for a moment; what is cut off is taken up by the next owner."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.release_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _rule(self, incident: Incident, new: Raised, at: datetime) -> Ruling:
        ruling = decide(self._known(incident.incident, new), incident, at, self._settings.stale_after)
        version, verdict = incident.alert_version, ruling.verdict.value
        log.info("alert ruling", incident=incident.incident, alert_version=version, verdict=verdict)
        return ruling

    def _not_sent(self, alert: Alert, detail: str) -> list[Output]:
        return [self._record(alert, channel, Outcome.NOT_SENT, 0, detail) for channel in self._channels]

    def _known(self, incident: str, new: Raised) -> Raised:
        return {incident: [*self._raised.get(incident, ()), *new.get(incident, ())]}

    def _acknowledged(self, new: dict[str, list[Alert]], to_send: Sequence[Alert]) -> None:
        for alerts in new.values():
            for alert in alerts:
                _remember(self._raised, alert)
        for alert in to_send:
            for channel in self._channels:
                self._start(alert, channel, first_try=1, repeated=False)

    async def _take_up(self, alerts: Sequence[Alert], attempts: dict[tuple[str, str], list[Delivery]]) -> None:
        now, settings = self._clock.now(), self._settings
        for alert, channel in [(alert, channel) for alert in alerts for channel in self._channels]:
            ended = attempts.get((alert.alert_id, channel.name), [])
            tries = max((one.tries for one in ended), default=0)
            action = resume(alert, ended, now, most_tries=settings.tries, stale_after=settings.stale_after)
            if action is Resume.SEND_REPEATED:
                log.warning("alert taken up", alert_id=alert.alert_id, channel=channel.name, tries=tries)
                self._start(alert, channel, first_try=tries + 1, repeated=True)
            elif action is not Resume.SETTLED:
                outcome, detail = _WITHOUT_SENDING[action]
                await self._sender.send([self._record(alert, channel, outcome, tries, detail)])

    def _start(self, alert: Alert, channel: Channel, *, first_try: int, repeated: bool) -> None:
        task = asyncio.create_task(self._deliver(alert, channel, first_try, repeated))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, alert: Alert, channel: Channel, first_try: int, repeated: bool) -> None:
        pause = self._settings.pause_s
        for tries in range(first_try, self._settings.tries + 1):
            outcome, detail, again = await self._attempt(alert, channel, repeated)
            await self._recorded(self._record(alert, channel, outcome, tries, detail, repeated=repeated))
            log.info("alert attempt", alert_id=alert.alert_id, channel=channel.name, outcome=outcome, tries=tries)
            if not again:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._settings.most_pause_s)
        log.error("alert not delivered", alert_id=alert.alert_id, channel=channel.name)

    async def _attempt(self, alert: Alert, channel: Channel, repeated: bool) -> tuple[Outcome, str, bool]:
        try:
            async with asyncio.timeout(self._settings.send_timeout_s):
                return Outcome.DELIVERED, await channel.send(alert, repeated=repeated), False
        except DeliveryError as error:
            return Outcome.FAILED, str(error), error.recoverable
        except TimeoutError:
            return Outcome.FAILED, "超时", True
        except Exception as error:  # a channel is foreign code; its fault must not cost the other channels
            return Outcome.FAILED, f"{type(error).__name__}: {error}", True

    async def _recorded(self, output: Output) -> None:
        pause = self._settings.pause_s
        while True:
            try:
                return await self._sender.send([output])
            except TRANSIENT as error:
                log.warning("waiting to record an attempt", reason=str(error))
                await asyncio.sleep(pause)

    def _record(
        self, alert: Alert, channel: Channel, outcome: Outcome, tries: int, detail: str, *, repeated: bool = False
    ) -> Output:
        delivery = Delivery(
            delivery_id=delivery_id(alert.alert_id, channel.name, tries, outcome),
            alert_id=alert.alert_id,
            incident=alert.incident,
            channel=channel.name,
            outcome=outcome,
            tries=tries,
            repeated=repeated,
            detail=detail,
            at=self._clock.now(),
        )
        return Output(DELIVERIES, alert.incident.encode(), to_bytes(delivery))


def _remember(raised: dict[str, list[Alert]], alert: Alert) -> None:
    alerts = raised.setdefault(alert.incident, [])
    if all(one.alert_id != alert.alert_id for one in alerts):
        alerts.append(alert)


def _read(model: type[E], value: bytes) -> E | None:
    try:
        return model.model_validate_json(value)
    except ValidationError:
        return None  # not ours to read; the index role makes it a dead letter
