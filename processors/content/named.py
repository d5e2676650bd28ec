"""Whether a text names a time or a place (LABELS "Content findings": 近日 is no time, a period is one).

The words are the district's (``time_place.tsv``): patterns by kind, of which each row is a part; the order of rows is
that in which they are tried. Here stands what follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.late import late
from processors.tables import Row, Tables, table

TABLE = "time_place"
COLUMNS = ("kind", "pattern")
TIMES = (
    "time", "since", "period", "work_period", "so_far", "part_of_day", "ahead", "same_day", "vague", "that_day",
    "just_now", "daily",
)  # fmt: skip
PLACES = ("place", "way", "site", "cut", "bare_before", "bare", "unknown", "venue")
UNKNOWN = "{unknown}"
"""In a pattern of another kind: two characters where only a name fits."""


class Named:
    """What counts as a time and as a place; immutable."""

    def __init__(self, tables: Tables) -> None:
        """From the district's table. Raises DistrictError with the line of a bad row, now or when compiled."""
        rows: dict[str, list[Row]] = {kind: [] for kind in (*TIMES, *PLACES)}
        given = table(tables, TABLE, COLUMNS)
        for row in given:
            if row["kind"] not in rows:
                raise row.error(f"kind: '{row['kind']}' is none of {', '.join(rows)}")
            if not row["pattern"]:
                raise row.error("pattern: must not be empty, or it would be found everywhere")
            rows[row["kind"]].append(row)
        for kind, own in rows.items():
            if not own:
                raise given.error(f"no row of kind '{kind}'")
        unknown = _joined(rows["unknown"], "")
        written = {kind: _joined(own, unknown) for kind, own in rows.items()}
        self._time = {kind: _pattern(written[kind], rows[kind], unknown) for kind in TIMES}
        self._place = _pattern(
            rf"[一-龥]{{2,6}}(?:{written['place']})|[一-龥]{{2,4}}(?:{written['way']})(?![边上人口旁])|{written['site']}",
            [*rows["place"], *rows["way"], *rows["site"]],
            unknown,
        )
        self._venue = _pattern(written["venue"], [*rows["unknown"], *rows["venue"]], unknown)
        self._cut = _pattern(written["cut"], rows["cut"], unknown)
        self._bare = _pattern(
            rf"^(?:{written['bare_before']})?(?:{written['bare']})$", [*rows["bare_before"], *rows["bare"]], unknown
        )

    def names_time(self, norm: str, *, work: bool = False) -> bool:
        """Whether a day, hour or period is named; 近日, 刚刚 are none (a quarter beside is its matter), nor 那天中午.

        ``work``: of a report on work done, where a season, a part of some day and 当天 date nothing.
        """
        of = self._time
        plain = of["that_day"].sub("□", norm)
        if work:
            plain = of["same_day"].sub("□", plain)
        if work or of["vague"].search(norm):
            dated = of["time"].search(of["part_of_day"].sub("□", plain))
            return bool(dated or (work and of["so_far" if of["vague"].search(norm) else "work_period"].search(norm)))
        told = of["time"].search(of["ahead"].sub("□", plain)) or of["since"].search(norm) or of["period"].search(norm)
        return bool(told or of["daily"].search(norm))

    def is_live(self, norm: str) -> bool:
        """Whether a post tells of what happened just now (刚才, 刚路过): several hands take that for a time."""
        return bool(self._time["just_now"].search(norm))

    def names_place(self, norm: str) -> bool:
        """Whether a place with a name stands there."""
        return bool(self._venue.search(norm)) or any(self._is_name(match[0]) for match in self._place.finditer(norm))

    def _is_name(self, found: str) -> bool:
        """“司机在区医院” is cut to “区医院”, which names nothing."""
        name = self._cut.split(found)[-1]
        return len(name) >= 3 and not self._bare.match(name)


def _joined(rows: Sequence[Row], unknown: str) -> str:
    return "|".join(row["pattern"].replace(UNKNOWN, unknown) for row in rows)


def _pattern(written: str, rows: Sequence[Row], unknown: str) -> re.Pattern[str]:
    """One pattern of these rows; where it is bad, the bad row is named."""

    def made() -> re.Pattern[str]:
        try:
            return re.compile(written)
        except re.error as error:
            for row in rows:
                row.compiled("pattern", row["pattern"].replace(UNKNOWN, unknown))
            raise rows[0].error(f"pattern: rows of one kind do not go together: {error}") from None

    return late(written, made)
