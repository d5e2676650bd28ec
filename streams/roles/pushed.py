"""Delivery receipts that come by ``alerts.receipts``: from the desk's door, or forwarded by another worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from schemas.alert import Delivery
from schemas.ids import digest
from schemas.ports import Receipt
from schemas.reminder import PushedReceipt
from schemas.topics import RECEIPTS
from streams.reading import to_bytes
from streams.records import Output, Record
from streams.roles.alert_attempts import Attempts

log = structlog.get_logger("streams.receipts")


@dataclass(frozen=True, slots=True)
class Ends:
    """What receipts of a batch say: records to write, and what follows once they are."""

    outputs: Sequence[Output]
    done: Callable[[], None]


def taken(batch: Sequence[Record], attempts: Attempts[Any]) -> Ends:
    """The ends that the batch's receipts tell; those of messages that are another role's say nothing here."""
    found: list[list[Delivery]] = []
    for record in batch:
        if record.topic == RECEIPTS.name and (receipt := _read(record)) is not None:
            found.append(attempts.ended(receipt))
    ends = [one for one in found if one]
    outputs = [Output(attempts.spec, one.incident.encode(), to_bytes(one)) for deliveries in ends for one in deliveries]

    def done() -> None:
        for deliveries in ends:
            attempts.take_end(deliveries)

    return Ends(outputs, done)


def forwarded(receipt: Receipt, now: datetime) -> Output:
    """A receipt for whoever sent the message."""
    event = pushed(receipt, now)
    return Output(RECEIPTS, f"{receipt.channel}:{receipt.reference}".encode(), to_bytes(event))


def pushed(receipt: Receipt, now: datetime) -> PushedReceipt:
    """The event of a receipt; the same word twice has the same id."""
    return PushedReceipt(
        receipt_id=digest("receipt", receipt.channel, receipt.reference, str(receipt.arrived), receipt.detail),
        channel=receipt.channel,
        reference=receipt.reference,
        arrived=receipt.arrived,
        detail=receipt.detail,
        at=now,
    )


def _read(record: Record) -> Receipt | None:
    try:
        event = PushedReceipt.model_validate_json(record.value)
    except ValidationError:
        log.warning("a receipt that cannot be read", partition=record.partition, offset=record.offset)
        return None
    return Receipt(event.channel, event.reference, event.arrived, event.detail)
