"""Dead letters: the original bytes (sealed where a key is set), where they stood, why and how often they were tried."""

from __future__ import annotations

import base64
from collections.abc import Callable

from schemas.deadletter import DeadLetter
from schemas.ports import Clock
from streams.records import Dead

REASON_LIMIT = 2_000
"""Characters of a reason: validation errors may quote the record, which must not be stored twice and in the clear."""

Seal = Callable[[bytes], str]
"""Encrypts bytes into text (a Fernet token)."""


class Undertaker:
    """Makes the value of ``deadletter`` for a record."""

    def __init__(self, clock: Clock, seal: Seal | None) -> None:
        self._clock, self._seal = clock, seal

    def letter(self, dead: Dead, tries: int) -> bytes:
        """The dead letter as JSON bytes."""
        record = dead.record
        original = self._seal(record.value) if self._seal else base64.b64encode(record.value).decode("ascii")
        letter = DeadLetter(
            original_base64=original,
            encrypted=self._seal is not None,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            stage=dead.stage,
            reason=dead.reason[:REASON_LIMIT],
            tries=tries,
            at=self._clock.now(),
        )
        return letter.model_dump_json().encode()
