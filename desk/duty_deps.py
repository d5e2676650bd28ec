"""What the desk's duty and appraisal need from outside, in one bundle. What is missing is not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from processors.duty.notice import Notice
from processors.duty.scoring import Scoring
from processors.ledger import LedgerRules
from schemas.ports import Receipt


class MakesNotice(Protocol):
    """Makes the notice (通报) of a month from what stands on Kafka. Blocks."""

    def __call__(self, month: str, now: datetime) -> Notice:
        """The notice of ``YYYY-MM`` as of ``now``. Raises BrokerUnavailable."""
        ...


class ReceiptDoor(Protocol):
    """Where a gateway may push its receipts: checks its secret and reads its words."""

    def opens(self, secret: str) -> bool:
        """Whether the secret is the gateway's; takes as long for a wrong one."""
        ...

    def read(self, body: bytes) -> Sequence[tuple[str, Receipt | None]]:
        """(where it stands, the receipt; None for a state that is no end yet). Raises InvalidItem."""
        ...


@dataclass(frozen=True)
class DutyDeps:
    """``rules``: who must report by when; None: everybody of the register who is appraised.

    ``channels``: names a subscription may give beside web addresses; None: not known here, any is taken.
    """

    rules: LedgerRules | None = None
    scoring: Scoring | None = None
    notice: MakesNotice | None = None
    channels: frozenset[str] | None = None
    receipts: Mapping[str, ReceiptDoor] = field(default_factory=dict)
