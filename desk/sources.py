"""Sources of one event side by side: what each says of time, place and figures, and where they differ. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desk.views import FIGURES, onset
from schemas.vocab import Level

MOST = 6
"""Sources beside each other; a page with more columns is not read."""
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one source says; "" where it says nothing. ``differs``: another source says something else."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One question, answered by each source in order."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether any two sources that answer disagree."""
        return any(cell.differs for cell in self.cells)


def side_by_side(items: Sequence[Document]) -> list[Row]:
    """Rows of what at least one source states, the first item being the one looked at."""
    questions: list[tuple[str, Callable[[Document], str]]] = [
        ("事发时间", _onset),
        ("地点", lambda item: "、".join(_facts(item).get("places") or [])),
        ("类型", lambda item: str((item.get("emergency") or {}).get("event_type") or "")),
        ("级别", _level),
    ]
    questions += [(name, lambda item, key=key: _figure(item, key)) for key, name in FIGURES.items()]  # type: ignore[misc]
    rows = [_row(name, [answer(item) for item in items]) for name, answer in questions]
    return [row for row in rows if any(cell.text for cell in row.cells)]


def _row(name: str, said: Sequence[str]) -> Row:
    """A silent source does not disagree; places are compared as sets, since their order says nothing."""
    stated = {_comparable(text) for text in said if text}
    differ = len(stated) > 1
    first = next(_comparable(text) for text in said if text) if stated else frozenset()
    looked_at = _comparable(said[0]) if said[0] else first
    return Row(name, tuple(Cell(text, differ and bool(text) and _comparable(text) != looked_at) for text in said))


def _comparable(text: str) -> frozenset[str]:
    return frozenset(text.split("、"))


def _facts(item: Document) -> Mapping[str, Any]:
    return item.get("facts") or {}


def _onset(item: Document) -> str:
    stated = _facts(item).get("event_time")
    return onset(stated) if stated else ""


def _level(item: Document) -> str:
    level = (item.get("emergency") or {}).get("level")
    return f"{Level(level).label}（{level}级）" if level else ""


def _figure(item: Document, key: str) -> str:
    number = _facts(item).get(key)
    return "" if number is None else f"{number:g}"
