"""Deterministic ids and versions (CONTRACT.md "Ids"): the same thing submitted twice is the same item."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime

from schemas.base import local_day
from schemas.item import Item

ID_DIGITS = 32
_SPACE = re.compile(r"\s+")
_SEPARATOR = "\x1f"  # ASCII unit separator: cannot be typed into a field, so joined parts cannot collide


def normalise(text: str) -> str:
    """Text for comparison: NFKC, without white space, lower case."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).lower()


def digest(*parts: str) -> str:
    """32 hex digits of SHA-256 over the parts."""
    return hashlib.sha256(_SEPARATOR.join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:ID_DIGITS]


def item_id(item: Item, *, district: str, source: str) -> str:
    """The item's id; ``source`` is the resolved one (a department's id for reports).

    With the source's own id: district, lane, source and that id. Without one: district, lane, source, kind,
    incident, local day of publication and normalised text, so that the zero reports of two days are two items.
    """
    if item.id:
        return digest(district, item.lane, source, item.id)
    return digest(
        district,
        item.lane,
        source,
        item.kind or "",
        item.incident or "",
        local_day(item.published_at),
        normalise(item.title),
        normalise(item.text),
    )


def version(item: Item) -> int:
    """Milliseconds of ``updated_at`` or ``published_at``: a correction is a higher version of the same item."""
    return milliseconds(item.updated_at or item.published_at)


def milliseconds(value: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(value.timestamp() * 1000)
