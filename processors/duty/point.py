"""One entry of points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from processors.duty.scoring import Scoring
from schemas.base import local_day
from schemas.ids import digest


@dataclass(frozen=True, slots=True)
class Point:
    """One entry; ``ref`` is its event: ``ledger:department:day``, ``item:id``, ``case:id``, ``bulletin:…``,
    ``request:…`` or ``decision:id``.

    ``final_at``: when a deduction stands unless appealed; the event's own time for the rest. ``appealed`` is the open
    appeal. ``corrects`` names the entry that a correction is about.
    """

    entry_id: str
    department: str
    day: str
    key: str
    points: Decimal
    ref: str
    why: str
    at: datetime
    final_at: datetime
    version: str
    corrects: str | None = None
    appealed: str | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it counts at ``now``."""
        return self.points >= 0 or (self.appealed is None and now > self.final_at)


def point(
    scoring: Scoring, department: str, at: datetime, key: str, ref: str, why: str, *, factor: Decimal = Decimal(1),
    day: str | None = None,
) -> Point:  # fmt: skip
    """An entry worth what the table says of ``key`` on its day, times ``factor``; ``day``: if not that of ``at``."""
    own = day or local_day(at)
    value = scoring.value(key, own) * factor
    final = at + scoring.window(own) if value < 0 else at
    return Point(
        digest("points", department, key, ref), department, own, key, value, ref, why, at, final, scoring.version
    )
