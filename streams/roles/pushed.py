"""Delivery receipts that come by ``alerts.receipts``: from the desk's door, or forwarded by another worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from schemas.alert import Delivery
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
    key = f"{receipt.channel}:{receipt.reference}".encode()
    return Output(RECEIPTS, key, to_bytes(PushedReceipt.of(receipt, now)))


def _read(record: Record) -> Receipt | None:
    try:
        event = PushedReceipt.model_validate_json(record.value)
    except ValidationError:
        log.warning("a receipt that cannot be read", partition=record.partition, offset=record.offset)
        return None
    return Receipt(event.channel, event.reference, event.arrived, event.detail)
