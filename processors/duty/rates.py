"""On-time rates by department, appraisal class and month. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from processors.duty.register import DutyBook
from schemas.ledger import LedgerEntry
from schemas.vocab import LedgerState

_ON_TIME = (LedgerState.REPORTED, LedgerState.ZERO, LedgerState.AMENDED)


@dataclass(frozen=True, slots=True)
class Rate:
    """Days of one department or class: how many were due and what became of them."""

    states: Mapping[LedgerState, int] = field(default_factory=dict)

    @property
    def due(self) -> int:
        """Days on which a report was due; excused and pending ones are not."""
        counted = (*_ON_TIME, LedgerState.LATE, LedgerState.MISSING)
        return sum(count for state, count in self.states.items() if state in counted)

    @property
    def on_time(self) -> int:
        """Days with a report or zero report in time."""
        return sum(self.states.get(state, 0) for state in _ON_TIME)

    @property
    def share(self) -> float | None:
        """On-time days of those due; None where none were."""
        return self.on_time / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a month."""

    by_department: Mapping[str, Rate]
    by_class: Mapping[str, Rate]
    total: Rate


def rates(entries: Iterable[LedgerEntry], month: str, book: DutyBook) -> Rates:
    """Of the entries of ``YYYY-MM``; each day counts in the class the department was in on that day."""
    departments: dict[str, Counter[LedgerState]] = {}
    classes: dict[str, Counter[LedgerState]] = {}
    total: Counter[LedgerState] = Counter()
    for one in entries:
        if not one.day.startswith(month) or one.department not in book.members:
            continue
        departments.setdefault(one.department, Counter())[one.state] += 1
        classes.setdefault(book.class_of(one.department, one.day), Counter())[one.state] += 1
        total[one.state] += 1
    return Rates(_rates(departments), _rates(classes), Rate(dict(total)))


def _rates(counted: Mapping[str, Counter[LedgerState]]) -> dict[str, Rate]:
    return {name: Rate(dict(counts)) for name, counts in sorted(counted.items())}
