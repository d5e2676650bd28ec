"""What a collector remembers of a feed: validators of the last answer and what was sent. One JSON file a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import structlog

from producers.media.adapt import Sent
from producers.statefile import safe_name, write_atomic

log = structlog.get_logger(__name__)

KEPT = 5000
"""Items remembered beyond those in the feed; a forgotten one is sent again and folded by its id."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The state of one feed. ``url`` is what the validators belong to."""

    url: str = ""
    etag: str | None = None
    last_modified: str | None = None
    sent: Mapping[str, Sent] = field(default_factory=dict)


class CursorStore:
    """Cursor files under ``<data_dir>/media``. Written only after Kafka acknowledged."""

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir / "media"

    def read(self, source: str) -> Cursor:
        """The cursor; an empty one where there is none or it is damaged (then all is sent again and folded)."""
        path = self._dir / f"{safe_name(source)}.json"
        try:
            value = orjson.loads(path.read_bytes())
            sent = {key: Sent(*entry) for key, entry in value["sent"].items()}
            return Cursor(value["url"], value["etag"], value["last_modified"], sent)
        except FileNotFoundError:
            return Cursor()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("media.cursor_damaged", source=source, reason=type(error).__name__)
            return Cursor()

    def write(self, source: str, cursor: Cursor) -> None:
        """Keep the cursor; survives a kill at any moment."""
        sent = {key: (entry.content, entry.published, entry.version) for key, entry in cursor.sent.items()}
        value = {"url": cursor.url, "etag": cursor.etag, "last_modified": cursor.last_modified, "sent": sent}
        write_atomic(self._dir / f"{safe_name(source)}.json", orjson.dumps(value))


def remember(before: Mapping[str, Sent], now: Mapping[str, Sent]) -> dict[str, Sent]:
    """The newest memory last; the oldest beyond ``KEPT`` is forgotten."""
    merged = {key: entry for key, entry in before.items() if key not in now}
    surplus = max(len(merged) - KEPT, 0)
    return {key: entry for place, (key, entry) in enumerate(merged.items()) if place >= surplus} | dict(now)
