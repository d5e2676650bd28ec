"""Doors for delivery receipts that gateways push: whose secret opens one, and what a pushed body says.

What is read is described by the same ``[channel.receipts]`` of ``alerts.toml`` by which receipts are asked for; the
door is open where the secret ``NAME.push`` is set up (docs/operations.md).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from publishers.channels.gateway import pick, read_receipt
from publishers.channels.specs import HttpSpec, ReceiptSpec, read_channel
from schemas.errors import FieldError, InvalidItem
from schemas.ports import Receipt

MOST = 1_000
"""Receipts of one push."""
PUSH = "push"


@dataclass(frozen=True, slots=True)
class GatewayDoor:
    """The door of one gateway."""

    channel: str
    spec: ReceiptSpec
    secret: str

    def opens(self, secret: str) -> bool:
        """Whether it is the gateway's secret; takes as long for a wrong one."""
        return hmac.compare_digest(secret.encode(), self.secret.encode())

    def read(self, body: bytes) -> Sequence[tuple[str, Receipt | None]]:
        """(where it stands, the receipt; None for a state that is no end yet). Raises InvalidItem.

        JSON, or the fields of a form for one receipt.
        """
        document = _document(body)
        listed = pick(document, self.spec.items) if self.spec.items else document
        prefix = f"{self.spec.items}." if self.spec.items else ""
        if not isinstance(listed, list):
            listed, prefix = (document if isinstance(document, list) else [document]), ""
        if len(listed) > MOST:
            raise InvalidItem([FieldError("body", f"at most {MOST} receipts at a time", f"一次不超过{MOST}条")])
        found = []
        for number, one in enumerate(listed):
            place = f"{prefix}{number}.{self.spec.reference}"
            reference = pick(one, self.spec.reference)
            if not isinstance(reference, str | int) or not str(reference):
                raise InvalidItem([FieldError(place, "no id of a message", "没有短信编号")])
            found.append((place, read_receipt(self.channel, one, self.spec)))
        return found


def doors(channels: Sequence[Mapping[str, Any]], secrets: Callable[[str], str | None]) -> dict[str, GatewayDoor]:
    """By channel's name: those with receipts whose secret ``NAME.push`` is there. Raises DistrictError."""
    found: dict[str, GatewayDoor] = {}
    for raw in channels:
        spec, _ = read_channel(raw, secrets)
        secret = secrets(f"{spec.name}.{PUSH}")
        if isinstance(spec, HttpSpec) and spec.receipts is not None and secret:
            found[spec.name] = GatewayDoor(spec.name, spec.receipts, secret)
    return found


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        pass
    try:
        form = dict(parse_qsl(body.decode(), strict_parsing=True))
    except ValueError:
        form = {}
    if not form:
        raise InvalidItem([FieldError("body", "neither JSON nor a form", "回执既不是 JSON 也不是表单")])
    return form
