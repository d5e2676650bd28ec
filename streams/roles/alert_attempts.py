"""Attempts: each notice by its channels in turn until one takes it, every end on record, beside the batches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import structlog

from processors.alerting import STALE_AFTER, delivery_id
from processors.alerting.board import BROADCAST
from processors.alerting.resuming import next_attempt, shown
from schemas.alert import Alert, Delivery, Notice, Outcome
from schemas.errors import DeliveryError
from schemas.ports import Channel, Clock, Handed, Receipt, Switchboard
from schemas.topics import DELIVERIES, TopicSpec
from streams.pipeline import Sender
from streams.reading import to_bytes
from streams.records import TRANSIENT, Output

log = structlog.get_logger("streams.alerts")
MOST_AWAITED = 20_000
"""Messages whose receipt is still awaited; of older ones it comes too late to matter."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """How alerts are sent. Seconds; ``tries`` attempts on the last channel, with doubling pauses.

    ``at_once``: sends at the same time on one channel. ``receipts_s``: how often gateways are asked for receipts.
    """

    stale_after: timedelta = STALE_AFTER
    tries: int = 5
    pause_s: float = 2.0
    most_pause_s: float = 60.0
    send_timeout_s: float = 15.0
    release_s: float = 3.0
    tick_s: float = 1.0
    at_once: int = 32
    receipts_s: float = 15.0


class About(Protocol):
    """What a notice tells of, as far as the record of an attempt needs it; ``incident`` is the key of the record."""

    @property
    def alert_id(self) -> str: ...
    @property
    def incident(self) -> str: ...


A = TypeVar("A", bound=About)


class Attempts(Generic[A]):
    """Carries out notices. Remembers each attempt, so that a later receipt finds its notice."""

    spec: TopicSpec
    """Where attempts are recorded."""
    model: type[Delivery] = Delivery

    def __init__(
        self,
        sender: Sender,
        clock: Clock,
        switchboard: Switchboard | None,
        settings: AlertSettings,
        on_lost: Callable[[Sequence[Delivery]], None] = lambda _: None,
    ) -> None:
        self._on_lost = on_lost
        self._sender, self._clock, self._settings = sender, clock, settings
        self._switchboard = switchboard
        self._tasks: set[asyncio.Task[None]] = set()
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._made: dict[str, list[Delivery]] = {}
        self._told: dict[str, tuple[Notice, Sequence[A]]] = {}
        self._by_reference: dict[tuple[str, str], str] = {}

    def start(self, notice: Notice, alerts: Sequence[A], before: Sequence[Delivery] = (), *, repeated: bool) -> None:
        """Begin, or go on after the attempts ``before``."""
        self.remember(notice, alerts, before)
        task = asyncio.create_task(self._deliver(notice, alerts, repeated))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def remember(self, notice: Notice, alerts: Sequence[A], made: Sequence[Delivery]) -> None:
        """Take earlier attempts back, so that their receipts can be told."""
        self._told[notice.notice_id] = (notice, alerts)
        self._made[notice.notice_id] = list(made)
        for one in made:
            self._know(notice.notice_id, one)

    def _know(self, identifier: str, delivery: Delivery) -> None:
        if delivery.reference:
            self._by_reference[delivery.channel, delivery.reference] = identifier
        while len(self._by_reference) > MOST_AWAITED:
            oldest = self._by_reference.pop(next(iter(self._by_reference)))
            self._made.pop(oldest, None)
            self._told.pop(oldest, None)

    async def release(self) -> None:
        """Let attempts in work end for a moment; what is cut off is taken up by the next owner."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.release_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._made, self._told, self._by_reference = {}, {}, {}

    def ended(self, receipt: Receipt) -> list[Delivery]:
        """The records of what a receipt says; [] for a message that is not ours, or whose end is known."""
        identifier = self._by_reference.get((receipt.channel, receipt.reference), "")
        made = self._made.get(identifier, [])
        named = [one for one in made if one.reference == receipt.reference and one.channel == receipt.channel]
        if not named or any(one.outcome in (Outcome.RECEIVED, Outcome.UNDELIVERABLE) for one in named):
            return []
        notice, alerts = self._told[identifier]
        outcome = Outcome.RECEIVED if receipt.arrived else Outcome.UNDELIVERABLE
        tries, repeated = max(one.tries for one in named), named[-1].repeated
        handed = Handed(receipt.detail, receipt.reference)
        found = [self.record(notice, one, receipt.channel, outcome, tries, handed, repeated=repeated) for one in alerts]
        nothing_left = next_attempt(notice.channels, [*made, *found[:1]], self._settings.tries) is None
        if not receipt.arrived and nothing_left:
            found = [one.model_copy(update={"exhausted": True}) for one in found]
        return found

    def take_end(self, deliveries: Sequence[Delivery]) -> None:
        """What ``ended`` gave is on record; who was not reached goes on to the next channel."""
        first = deliveries[0]
        notice, alerts = self._told[first.notice_id]
        made = self._made.setdefault(first.notice_id, [])
        if any(one.delivery_id == first.delivery_id for one in made):
            return
        made.append(first)
        if first.exhausted:
            self._on_lost(deliveries)
        elif first.outcome is Outcome.UNDELIVERABLE:
            self.start(notice, alerts, made, repeated=first.repeated)

    async def take_receipts(self) -> Sequence[Receipt]:
        """Ask the gateways what became of what they took; the receipts that name no message of ours.

        What did not arrive goes to the next channel.
        """
        others: list[Receipt] = []
        for receipt in await self._switchboard.receipts() if self._switchboard else ():
            found = self.ended(receipt)
            if found:
                await self.write(found)
                self.take_end(found)
            elif (receipt.channel, receipt.reference) not in self._by_reference:
                others.append(receipt)
        return others

    async def _deliver(self, notice: Notice, alerts: Sequence[A], repeated: bool) -> None:
        pause, before = self._settings.pause_s, ""
        while (following := self._following(notice)) is not None:
            channel, tries = following
            if channel == before:
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._settings.most_pause_s)
            outcome, handed, final = await self._attempt(notice, alerts, channel, repeated)
            await self._note(notice, alerts, channel, outcome, tries, handed, repeated, final=final)
            log.info(
                "alert attempt", alert_id=alerts[0].alert_id, recipient=notice.recipient, purpose=notice.purpose.value,
                channel=shown(channel), outcome=outcome.value, tries=tries,
            )  # fmt: skip
            before = channel
            if outcome is Outcome.DELIVERED:
                break
        else:
            log.error("alert not delivered", alert_id=alerts[0].alert_id, recipient=notice.recipient)
        self._forget(notice)

    def _forget(self, notice: Notice) -> None:
        """Only what a receipt may still name is kept."""
        if not any(one.reference for one in self._made.get(notice.notice_id, ())):
            self._made.pop(notice.notice_id, None)
            self._told.pop(notice.notice_id, None)

    def _following(self, notice: Notice) -> tuple[str, int] | None:
        return next_attempt(notice.channels, self._made.get(notice.notice_id, ()), self._settings.tries)

    async def _attempt(
        self, notice: Notice, alerts: Sequence[A], channel: str, repeated: bool
    ) -> tuple[Outcome, Handed, bool]:
        gate = self._gates.setdefault(channel, asyncio.Semaphore(self._settings.at_once))
        try:
            async with gate, asyncio.timeout(self._settings.send_timeout_s):
                return Outcome.DELIVERED, await self._hand_over(notice, alerts, channel, repeated), False
        except DeliveryError as error:
            return Outcome.FAILED, Handed(str(error)), not error.recoverable
        except TimeoutError:
            return Outcome.FAILED, Handed("超时"), False
        except Exception as error:  # a channel is foreign code; its fault must not cost the other channels
            return Outcome.FAILED, Handed(f"{type(error).__name__}: {error}"), False

    async def _hand_over(self, notice: Notice, alerts: Sequence[A], channel: str, repeated: bool) -> Handed:
        """Give it to the channel. Raises DeliveryError."""
        raise NotImplementedError

    async def _note(
        self,
        notice: Notice,
        alerts: Sequence[A],
        channel: str,
        outcome: Outcome,
        tries: int,
        handed: Handed,
        repeated: bool,
        *,
        final: bool = False,
    ) -> None:
        records = [
            self.record(notice, one, channel, outcome, tries, handed, repeated=repeated, final=final) for one in alerts
        ]
        self._made.setdefault(notice.notice_id, []).append(records[0])
        self._know(notice.notice_id, records[0])
        lost = outcome in (Outcome.FAILED, Outcome.UNDELIVERABLE) and self._following(notice) is None
        if lost:
            records = [one.model_copy(update={"exhausted": True}) for one in records]
        await self.write(records)
        if lost:
            self._on_lost(records)

    async def write(self, deliveries: Sequence[Delivery]) -> None:
        """Put attempts on record; waits while Kafka is away."""
        outputs = [Output(self.spec, one.incident.encode(), to_bytes(one)) for one in deliveries]
        while True:
            try:
                return await self._sender.send(outputs)
            except TRANSIENT as error:
                log.warning("waiting to record an attempt", reason=str(error))
                await asyncio.sleep(self._settings.pause_s)

    def record(
        self,
        notice: Notice,
        alert: A,
        channel: str,
        outcome: Outcome,
        tries: int,
        handed: Handed,
        *,
        repeated: bool = False,
        final: bool = False,
    ) -> Delivery:
        """The record of one attempt for one of the alerts that a notice tells of."""
        return self.model(
            delivery_id=delivery_id(alert.alert_id, channel, tries, outcome, notice.notice_id),
            alert_id=alert.alert_id,
            incident=alert.incident,
            channel=shown(channel),
            outcome=outcome,
            tries=tries,
            repeated=repeated,
            detail=handed.detail,
            at=self._clock.now(),
            notice_id=notice.notice_id,
            recipient="" if notice.recipient.startswith(BROADCAST) else notice.recipient,
            purpose=notice.purpose,
            reference=handed.reference,
            final=final,
        )


class AlertAttempts(Attempts[Alert]):
    """Attempts to tell of alerts: in person, or to the channels that get every alert as it is."""

    spec = DELIVERIES

    def __init__(
        self,
        sender: Sender,
        clock: Clock,
        channels: Sequence[Channel],
        switchboard: Switchboard | None,
        settings: AlertSettings,
        on_lost: Callable[[Sequence[Delivery]], None] = lambda _: None,
    ) -> None:
        super().__init__(sender, clock, switchboard, settings, on_lost)
        self._channels: Mapping[str, Channel] = {one.name: one for one in channels}

    async def _hand_over(self, notice: Notice, alerts: Sequence[Alert], channel: str, repeated: bool) -> Handed:
        if notice.recipient.startswith(BROADCAST):
            if channel not in self._channels:
                raise DeliveryError(f"通道{channel}已不存在", recoverable=False)
            return Handed(await self._channels[channel].send(alerts[0], repeated=repeated))
        if self._switchboard is None:
            raise DeliveryError("没有设置发送给个人的通道", recoverable=False)
        return await self._switchboard.deliver(notice, alerts, channel, repeated=repeated)
