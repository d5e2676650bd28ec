"""The table of points (scoring_default.tsv), versioned by the day from which a row holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from processors.tables import Row, Tables, table
from schemas.ids import digest

TABLE = "scoring_default"
COLUMNS = ("key", "value", "meaning", "source")
WINDOW = "appeal_window_days"
ZERO_CAP = 4
"""Working days of a month on which a zero report in time earns points ("cap 4 per month" in the table's row)."""
_KEYS = """
adopt.daily_汇要 adopt.semi_monthly_章贡信息 adopt.yuqing_今日重要舆情 adopt.city_市委办 adopt.province_省委办公厅
adopt.central_中办 comprehensive_综合采用_factor
instruction.district instruction.city instruction.province instruction.central instruction.repeat_factor
request_约稿.done request_约稿.missed zero_report.on_time zero_report.missing late_迟报 late_major late_emergency
omitted_漏报 false_谎报 concealed_瞒报 quality.serious_error misreport_失实 appeal_window_days
"""
NUMBERS = frozenset(_KEYS.split())
"""Keys that must be there with a number."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """Values by key, each with the days from which it holds; ``version`` names the whole table; ``meanings``: what
    people read for a key."""

    rows: Mapping[str, tuple[tuple[str, Decimal], ...]]
    version: str
    meanings: Mapping[str, str] = field(default_factory=dict)

    def value(self, key: str, day: str) -> Decimal:
        """The value of a key on a day: of the rows that hold by then, the one that came last."""
        return next(value for since, value in reversed(self.rows[key]) if since <= day)

    @property
    def keys(self) -> frozenset[str]:
        """What points may be given for."""
        return frozenset(self.rows) - {WINDOW}

    def window(self, day: str) -> timedelta:
        """How long a department may appeal against a deduction of the day."""
        return timedelta(days=int(self.value(WINDOW, day)))

    @classmethod
    def from_tables(cls, tables: Tables) -> Scoring:
        """From the district's table. Raises DistrictError with the line of a bad row."""
        rows: dict[str, list[tuple[str, Decimal]]] = {}
        given = table(tables, TABLE, COLUMNS)
        for row in given:
            number = _number(row)
            if number is not None:
                rows.setdefault(row["key"], []).append((_since(row), number))
        for key, values in rows.items():
            values.sort()
            if values[0][0]:
                raise given.rows[0].error(f"{key}: no row holds from the beginning (from empty)")
        parts = [part for row in given for part in (row["key"], row["value"], row.get("from"))]
        missing = NUMBERS - rows.keys()
        if missing:
            raise given.rows[0].error(f"missing key(s): {', '.join(sorted(missing))}")
        meanings = {row["key"]: row["meaning"] for row in given}
        return cls({key: tuple(values) for key, values in rows.items()}, digest(TABLE, *parts)[:12], meanings)


def _number(row: Row) -> Decimal | None:
    try:
        return Decimal(row["value"])
    except InvalidOperation:
        if row["key"] in NUMBERS:
            raise row.error(f"value: '{row['value']}' is not a number") from None
        return None  # words for people, such as "2 persons"


def _since(row: Row) -> str:
    since = row.get("from")
    try:
        return date.fromisoformat(since).isoformat() if since else ""
    except ValueError as error:
        raise row.error(str(error)) from None
