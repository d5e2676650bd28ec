"""Which part of the gold an event belongs to: by a hash of the event, so that one event never stands in two parts."""

from __future__ import annotations

import hashlib
from typing import Literal

Part = Literal["train", "dev", "test"]
TRAIN_SHARE, DEV_SHARE = 60, 20


def split_of(event: str) -> Part:
    """60 % train, 20 % dev, 20 % test; stable for ever, whatever is added later."""
    bucket = int(hashlib.sha256(event.encode()).hexdigest()[:8], 16) % 100
    if bucket < TRAIN_SHARE:
        return "train"
    return "dev" if bucket < TRAIN_SHARE + DEV_SHARE else "test"
