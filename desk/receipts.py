"""Receipts that gateways push: checked, matched with what was handed over, and brought to the workers by the outbox.

The worker that sent the message writes the end of it to its record (``alerts.delivered``, ``duty.reminder_attempts``)
and goes on to the next channel where it did not arrive. The same receipt again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from desk.services import Desk
from schemas.alert import Outcome
from schemas.errors import FieldError, IndexUnavailable
from schemas.ports import Receipt
from schemas.reminder import PushedReceipt

LOOK_AGAIN_S = (0.5, 1.0, 1.5)
"""The index is a second behind; a receipt may overtake the record of its message."""
ENDED = (Outcome.RECEIVED.value, Outcome.UNDELIVERABLE.value)
MOST_DOCUMENTS = 10_000
log = structlog.get_logger("desk.receipts")


@dataclass(frozen=True, slots=True)
class Taken:
    """``repeated``: the end was known; ``passed_over``: no end yet (a gateway's own states between)."""

    taken: int
    repeated: int
    passed_over: int
    unknown: tuple[FieldError, ...] = ()


async def take(desk: Desk, channel: str, read: Sequence[tuple[str, Receipt | None]]) -> Taken:
    """Keep what the gateway said of messages that are known; names the others. Safe when this returns.

    Where the index is away nothing can be matched: all are kept, and the workers pass over what is not theirs.
    """
    ends = [(place, one) for place, one in read if one is not None]
    try:
        known = await _known(desk, channel, {one.reference for _, one in ends})
    except IndexUnavailable as error:
        log.warning("receipts kept unmatched", channel=channel, count=len(ends), reason=str(error))
        known = {one.reference: False for _, one in ends}
    fresh = {one.reference: one for _, one in ends if known.get(one.reference) is False}
    await asyncio.to_thread(_keep, desk, fresh.values())
    unknown = tuple(
        FieldError(place, f"no message {one.reference} was handed to {channel}", f"没有交给{channel}的这条短信")
        for place, one in ends
        if one.reference not in known
    )
    repeated = sum(1 for _, one in ends if known.get(one.reference) is True)
    return Taken(len(fresh), repeated, len(read) - len(ends), unknown)


async def _known(desk: Desk, channel: str, references: set[str]) -> dict[str, bool]:
    """Whether the end is known, by reference; looks again for those that may be on their way to the index."""
    found: dict[str, bool] = {}
    for pause in (*LOOK_AGAIN_S, None):
        left = sorted(references - found.keys())
        if left:
            for alias in ("alerts", "reminders"):
                found |= await _looked_up(desk, alias, channel, left)
        if references <= found.keys() or pause is None:
            break
        await asyncio.sleep(pause)
    return found


async def _looked_up(desk: Desk, alias: str, channel: str, references: Sequence[str]) -> dict[str, bool]:
    wanted = {"terms": {"deliveries.reference": list(references)}}
    found: dict[str, bool] = {}
    for document in await desk.index.stubs(alias, [wanted], size=MOST_DOCUMENTS, only="deliveries"):
        mine: list[Mapping[str, str]] = [one for one in document["deliveries"] if one["channel"] == channel]
        for reference in {one["reference"] for one in mine} & set(references):
            ended = any(one["reference"] == reference and one["outcome"] in ENDED for one in mine)
            found[reference] = found.get(reference, False) or ended
    return found


def _keep(desk: Desk, receipts: Iterable[Receipt]) -> None:
    now = desk.deps.clock.now()
    with desk.database.transaction() as connection:
        for one in receipts:
            event = PushedReceipt.of(one, now)
            desk.database.keep_event(connection, event.receipt_id, event, now)
    desk.outbox.wake()
