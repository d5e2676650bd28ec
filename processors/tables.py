"""District tables as read from tab-separated files: rows that know their file and line, so that a bad rule is named.

Reading the files is the front door's work (``huiyao.districts``); here the text is parsed and checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from processors.late import late
from schemas.errors import DistrictError


class Row:
    """One row: its cells by column name, with file and line (from 1) for errors. All rows of a table share ``columns``
    (names and their places): a mapping of its own for each of twelve thousand rows took most of the time of reading."""

    __slots__ = ("_cells", "_columns", "file", "line")

    def __init__(self, file: str, line: int, cells: Sequence[str], columns: Mapping[str, int]) -> None:
        self.file, self.line, self._cells, self._columns = file, line, cells, columns

    @classmethod
    def of(cls, file: str, line: int, values: Mapping[str, str]) -> Self:
        """A row by itself."""
        return cls(file, line, list(values.values()), {name: place for place, name in enumerate(values)})

    def __getitem__(self, column: str) -> str:
        return self._cells[self._columns[column]]

    def get(self, column: str, default: str = "") -> str:
        """The value, or ``default`` where the table has no such column or an empty cell."""
        place = self._columns.get(column)
        return default if place is None else self._cells[place] or default

    def error(self, cause: str) -> DistrictError:
        """An error that names this row."""
        return DistrictError(self.file, self.line, cause)

    def number(self, column: str) -> float | None:
        """A number, None for an empty cell."""
        raw = self.get(column)
        if not raw:
            return None
        try:
            return float(raw)
        except ValueError:
            raise self.error(f"{column}: '{raw}' is not a number") from None

    def pattern(self, column: str) -> re.Pattern[str]:
        """A regular expression, compiled at first use; a bad one names this row then."""
        return late(self[column], lambda: self.compiled(column))

    def compiled(self, column: str, written: str = "") -> re.Pattern[str]:
        """A regular expression, compiled now; ``written`` where the cell is not yet the whole of it."""
        try:
            return re.compile(written or self[column])
        except re.error as error:
            raise self.error(f"{column}: bad regular expression: {error}") from None

    def parts(self, column: str, separator: str = "|") -> tuple[str, ...]:
        """A list in one cell."""
        return tuple(part.strip() for part in self.get(column).split(separator) if part.strip())


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the district folder."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def error(self, cause: str) -> DistrictError:
        """An error that names this file."""
        return DistrictError(self.file, 1, cause)

    def require(self, columns: Sequence[str]) -> None:
        """Fail where a column is missing."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise self.error(f"missing column(s): {', '.join(missing)}")


Tables = Mapping[str, Table]
"""Tables by name (file name without ``.tsv``)."""


def parse_table(file: str, text: str) -> Table:
    """Parse a tab-separated text with one header line and no quoting; a row of the wrong width is an error."""
    lines = text.split("\n")
    columns = tuple(lines[0].rstrip("\r").split("\t"))
    places, width = {name: place for place, name in enumerate(columns)}, len(columns)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line[0] == "#":
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) != width:
            if len(cells) > width:
                raise DistrictError(file, number, f"{len(cells)} cells, but the header has {width}")
            cells += [""] * (width - len(cells))
        rows.append(Row(file, number, cells, places))
    return Table(file, columns, tuple(rows))


def table(tables: Tables, name: str, columns: Sequence[str]) -> Table:
    """The table ``name``, which must exist and have ``columns``."""
    if name not in tables:
        raise DistrictError(f"{name}.tsv", 0, "the table is missing from the district folder")
    tables[name].require(columns)
    return tables[name]
