"""Required elements of a report by its stage, for the desk's form: what is still missing (``report_elements.tsv``)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from processors.content.named import Named
from processors.document import Document
from processors.scan import Scan
from processors.tables import Row, Tables, table
from schemas.vocab import Kind

TABLE = "report_elements"
COLUMNS = ("stage", "kind", "element", "required", "field", "hint_regex")
_FIELDS = ("", "place", "time", "known_at", "source", "published_at")


@dataclass(frozen=True, slots=True)
class Element:
    """One required element: the item's field that gives it, or words that tell it."""

    kind: Kind
    name: str
    field: str
    hint: re.Pattern[str] | None

    def is_given(self, doc: Document, named: Named) -> bool:
        """Whether a field of the item or its text tells it."""
        if self.field == "place":
            return named.names_place(doc.norm)
        if self.field == "time":
            return named.names_time(doc.norm)
        if self.field and getattr(doc.item, self.field):
            return True
        return bool(self.hint and self.hint.search(doc.norm))


class Elements:
    """The required elements of all stages."""

    def __init__(self, elements: tuple[Element, ...], named: Named) -> None:
        self._elements, self._named = elements, named

    @classmethod
    def from_tables(cls, tables: Tables) -> Elements:
        """Required rows of the district's table. Raises DistrictError with the line of a bad row."""
        rows = [row for row in table(tables, TABLE, COLUMNS) if row["required"] == "Y" and row["kind"]]
        return cls(tuple(_element(row) for row in rows), Named(tables))

    def missing_elements(self, doc: Document, _scan: Scan, kind: Kind | None) -> list[str]:
        """Names of required elements that a report of this kind lacks, in the table's order; none for other kinds."""
        return [one.name for one in self._elements if one.kind is kind and not one.is_given(doc, self._named)]


def _element(row: Row) -> Element:
    try:
        kind = Kind(row["kind"])
    except ValueError:
        raise row.error(f"kind: '{row['kind']}' is none of {', '.join(Kind)}") from None
    if row["field"] not in _FIELDS:
        raise row.error(f"field: '{row['field']}' is none of {', '.join(_FIELDS[1:])}")
    if not row["field"] and not row["hint_regex"]:
        raise row.error("a required element needs a field or a hint_regex")
    return Element(kind, row["element"], row["field"], row.pattern("hint_regex") if row["hint_regex"] else None)
