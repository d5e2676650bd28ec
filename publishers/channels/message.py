"""What a personal channel is handed, and the port of such a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from processors.alerting.wording import Words
from schemas.alert import Alert, Notice
from schemas.ports import Handed, Receipt


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. ``address``: as this channel needs it, "" for a group.

    ``link`` acknowledges, or leads to what ``link_says``.
    """

    notice: Notice
    alerts: Sequence[Alert]
    words: Words
    address: str = ""
    name: str = ""
    link: str = ""
    repeated: bool = False
    link_says: str = "签收"


class PersonalChannel(Protocol):
    """Tells one person. ``needs_address``: without an address of theirs it cannot."""

    name: str
    needs_address: bool

    async def tell(self, message: Message) -> Handed:
        """Return when the other side took it. Raises DeliveryError."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class Receipts(Protocol):
    """A channel whose other side tells later what became of a message."""

    async def receipts(self) -> Sequence[Receipt]:
        """Those since the last call. Raises DeliveryError where the other side is away."""
        ...
