"""Dead letters: what could not be processed, with its original bytes, so that nothing is dropped in silence."""

from __future__ import annotations

from schemas.base import Event, Time


class DeadLetter(Event):
    """Value of ``deadletter`` (key: the record's own key). ``original_base64`` may be encrypted at rest.

    ``encrypted`` tells whether ``original_base64`` is a Fernet token (base64 of ciphertext) instead of plain bytes.
    """

    original_base64: str
    encrypted: bool = False
    topic: str
    partition: int
    offset: int
    stage: str
    reason: str
    tries: int
    at: Time
