"""Entries to items: pure. What was sent before decides what is new, what is a correction and what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from producers.media.parse import Entry
from producers.ports import Parcel
from schemas.base import with_zone
from schemas.ids import digest, item_id, milliseconds
from schemas.item import Item
from schemas.vocab import Lane

FUTURE = timedelta(hours=1)
"""How far ahead of now a feed's time may lie; clocks of sites differ by minutes, wrong zones by hours."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is remembered of an item: a hash of its content, its first time of publication, its version (ms)."""

    content: str
    published: str
    version: int


@dataclass(frozen=True, slots=True)
class Adapted:
    """``parcels``: new and corrected items. ``sent``: the memory after they are acknowledged, this feed's only."""

    parcels: tuple[Parcel, ...]
    sent: Mapping[str, Sent]
    findings: tuple[str, ...]


def adapt(
    entries: tuple[Entry, ...], *, source: str, district: str, now: datetime, before: Mapping[str, Sent]
) -> Adapted:
    """New and corrected items of a feed.

    An entry without a time has the moment it was first seen. A content that changed while the feed's own time did not
    move is a correction too and gets ``now`` as ``updated_at``: its version must be higher or it would be folded away.
    """
    parcels, sent, findings = [], {}, []
    for entry in entries:
        if any(value is not None and value > now + FUTURE for value in (entry.published, entry.updated)):
            findings.append(f"{entry.key[:60]}: the time lies in the future; the time of collection is used")
        item = _item(entry, source, now)
        key = item_id(item, district=district, source=source)
        content = digest(item.title, item.text)
        known = before.get(key)
        if known is not None:
            if known.content == content:
                sent[key] = known
                continue
            item = _corrected(item, known, now)
        sent[key] = Sent(content, item.published_at.isoformat(), milliseconds(item.updated_at or item.published_at))
        parcels.append(Parcel(item, key))
    return Adapted(tuple(parcels), sent, tuple(findings))


def _item(entry: Entry, source: str, now: datetime) -> Item:
    published, updated = (
        value if value is not None and value <= now + FUTURE else None for value in (entry.published, entry.updated)
    )
    first = published or updated or now
    return Item(
        id=entry.key,
        lane=Lane.MEDIA,
        source=source,
        title=entry.title,
        text=entry.text,
        published_at=first,
        updated_at=updated if updated is not None and updated > first else None,
        url=entry.url,
    )


def _corrected(item: Item, known: Sent, now: datetime) -> Item:
    published = with_zone(datetime.fromisoformat(known.published))
    stated = item.updated_at or item.published_at
    updated = stated if milliseconds(stated) > known.version else max(now, stated)
    return item.model_copy(update={"published_at": published, "updated_at": updated})
