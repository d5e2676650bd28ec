"""The district's table of event types: name, class, code, family of thresholds, aliases (event_types.tsv)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from processors.tables import Row, Tables, table
from schemas.vocab import EventClass


@dataclass(frozen=True, slots=True)
class EventType:
    """One type; ``family`` names the rows of severity_thresholds.tsv that grade it, empty where none do."""

    name: str
    event_class: EventClass
    code: str
    family: str
    aliases: tuple[str, ...] = ()


class EventTypes:
    """Finds an event type by its name or an alias."""

    def __init__(self, types: tuple[EventType, ...]) -> None:
        self.types = types
        self._by_name = {alias: kind for kind in types for alias in kind.aliases}
        self._by_name |= {kind.name: kind for kind in types}

    def __iter__(self) -> Iterator[EventType]:
        return iter(self.types)

    def get(self, name: str | None) -> EventType | None:
        """The type of a name or alias; None where unknown."""
        return self._by_name.get(name) if name else None

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """From event_types.tsv; a name given twice or an unknown class is an error."""
        rows = table(tables, "event_types", ["name", "class", "code", "threshold_family", "aliases", "source"])
        seen: set[str] = set()
        types = []
        for row in rows:
            if row["name"] in seen:
                raise row.error(f"event type {row['name']} is given twice")
            seen.add(row["name"])
            types.append(_type(row))
        return cls(tuple(types))


def _type(row: Row) -> EventType:
    try:
        event_class = EventClass(row["class"])
    except ValueError:
        raise row.error(f"unknown class {row['class']}") from None
    return EventType(row["name"], event_class, row["code"], row.get("threshold_family"), row.parts("aliases"))
