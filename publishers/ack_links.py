"""Signed links: whoever got the message can acknowledge with one press, without a login. Made by the worker, read here.

A link opens a page with a button; opening alone acknowledges nothing, since mail scanners and chat previews open links.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

VALID = timedelta(days=7)
_ID, _END, _MAC = 16, 4, 10
"""Bytes. 80 bits of signature: cannot be guessed over a network, and the link still fits a short message."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a link says: who may acknowledge which alert."""

    alert_id: str
    recipient: str


def token(key: bytes, alert_id: str, recipient: str, now: datetime) -> str:
    """The last part of the link. ``alert_id`` is 32 hex digits."""
    end = int((now + VALID).timestamp())
    body = bytes.fromhex(alert_id) + end.to_bytes(_END, "big") + recipient.encode()
    return base64.urlsafe_b64encode(_mac(key, body) + body).decode().rstrip("=")


def read(key: bytes, given: str, now: datetime) -> Pass | None:
    """What a link of ours says; None for a forged, damaged or old one."""
    try:
        raw = base64.urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4))
        mac, body = raw[:_MAC], raw[_MAC:]
        alert_id, end, recipient = body[:_ID], body[_ID : _ID + _END], body[_ID + _END :].decode()
    except (binascii.Error, ValueError):
        return None
    if len(end) < _END or not hmac.compare_digest(mac, _mac(key, body)):
        return None
    valid = datetime.fromtimestamp(int.from_bytes(end, "big"), UTC) > now
    return Pass(alert_id.hex(), recipient) if valid else None


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"ack:" + body, hashlib.sha256).digest()[:_MAC]
