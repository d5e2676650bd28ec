"""Which posts were sent already, by a hash of their id on the site: no address or text is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson
import structlog

from producers.statefile import safe_name, write_atomic
from schemas.ids import digest

log = structlog.get_logger(__name__)

KEPT = 20_000


class SeenStore:
    """Seen files under ``<data_dir>/opinion``. Written only after Kafka acknowledged."""

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir / "opinion"

    def read(self, source: str) -> list[str]:
        """Hashes, oldest first; empty where there are none or the file is damaged (then all is sent again)."""
        try:
            return [str(mark) for mark in orjson.loads((self._dir / f"{safe_name(source)}.json").read_bytes())]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            log.warning("opinion.seen_damaged", source=source, reason=type(error).__name__)
            return []

    def add(self, source: str, keys: Iterable[str]) -> None:
        """Remember posts; the oldest beyond ``KEPT`` are forgotten, sent again and folded."""
        marks = dict.fromkeys([*self.read(source), *(mark(source, key) for key in keys)])
        write_atomic(self._dir / f"{safe_name(source)}.json", orjson.dumps(list(marks)[-KEPT:]))


def mark(source: str, key: str) -> str:
    """The hash of a post's id."""
    return digest(source, key)
