"""What sort of day a day is: China's holidays with their shifted working days, and the district's own exceptions.

Holidays come from the package ``chinesecalendar``, which follows the State Council's yearly notice. A year that it does
not know yet falls back to weekdays and weekends, and ``known`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from processors.tables import Row, Table
from schemas.vocab import DayKind

COLUMNS = ("from", "until", "kind", "name", "source")
_LONGEST = 60
"""Days that one row may cover; more is a slip of the pen."""
_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """The kind of a day, its name where it has one, and where that is from (empty: the week alone)."""

    kind: DayKind
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days by kind; ``overrides`` (``YYYY-MM-DD``) go before the national holidays."""

    overrides: Mapping[str, CalendarDay] = field(default_factory=dict)

    def day(self, day: str) -> CalendarDay:
        """What sort of day ``YYYY-MM-DD`` is."""
        return self.overrides.get(day) or national(day)

    @staticmethod
    def known(year: int) -> bool:
        """Whether the year's holidays are published in the installed package."""
        return year in _years()

    @classmethod
    def from_table(cls, table: Table) -> Calendar:
        """From calendar.tsv. Raises DistrictError with the line of a bad row."""
        table.require(COLUMNS)
        return cls({day: found for row in table for day, found in _days(row)})


@lru_cache(maxsize=4096)
def national(day: str) -> CalendarDay:
    """The kind of a day by the State Council's notice, else by the week."""
    moment = date.fromisoformat(day)
    weekend = moment.weekday() > _FRIDAY
    if moment.year not in _years():
        return CalendarDay(DayKind.WEEKEND if weekend else DayKind.WORKDAY)
    free, name = chinese_calendar.get_holiday_detail(moment)
    label = _NAMES.get(str(getattr(name, "value", name)), "") if name else ""
    if not free:
        return CalendarDay(DayKind.WORKDAY, f"{label}调休上班" if weekend else "", "chinesecalendar" if weekend else "")
    if name:
        return CalendarDay(DayKind.HOLIDAY, label, "chinesecalendar")
    return CalendarDay(DayKind.WEEKEND)


@lru_cache(maxsize=1)
def _years() -> frozenset[int]:
    return frozenset(day.year for day in chinese_calendar.constants.holidays)


def _days(row: Row) -> list[tuple[str, CalendarDay]]:
    try:
        first = date.fromisoformat(row["from"])
        last = date.fromisoformat(row.get("until") or row["from"])
        found = CalendarDay(DayKind(row["kind"]), row["name"], row["source"])
    except ValueError as error:
        raise row.error(str(error)) from None
    if not 0 <= (last - first).days < _LONGEST:
        raise row.error(f"until: not within {_LONGEST} days after from")
    return [((first + timedelta(days=n)).isoformat(), found) for n in range((last - first).days + 1)]
