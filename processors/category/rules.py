"""What rules add to the model's scores: contexts that hold for a whole item weigh more than words can.

The weights are in log-odds, chosen on the training part: large enough to turn a doubtful item, too small to silence a
sure one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from processors.category.form import Matrix
from schemas.vocab import Category


class Over(NamedTuple):
    """What a context adds to an emergency, and to 急情要事 where the item tells of none and of the end of none."""

    emergency: float
    urgent: float


LONG_OVER = {
    "lead:honour": Over(-3.0, -3.0),
    "lead:sanction": Over(-4.0, -3.0),
    "lead:epidemic_tally": Over(-5.0, -4.0),
    "lead:mourning": Over(-3.0, -3.0),
    "lead:old_case": Over(-4.0, -3.0),
    "lead:rumour_punished": Over(-3.0, -3.0),
    "lead:period_tally": Over(-4.0, -4.0),
    "lead:years_after": Over(-3.0, -3.0),
    "lead:probe_report": Over(-4.0, -3.0),
    "lead:verdict": Over(-2.5, -2.5),
    "lead:booked": Over(-1.5, -2.0),
    "lead:blasting": Over(-2.0, -2.0),
    "lead:chapter": Over(-3.0, -3.0),
    "date:several": Over(-1.5, -2.0),
}
"""What begins by honouring a rescuer, punishing or judging those at fault or who spread a rumour, counting a month's
diseases or a year's accidents, mourning, an old case solved, the report of an inquiry or a look back after years, is of
harm that is over, however vividly told; a chapter of a novel and a demolition tell of none, and what names days of many
months or years, anywhere, mostly lists cases. Added to the second reader's log-odds of an emergency too."""
WARNINGS = {"lead:warning_low": -2.5, "lead:warning_high": 2.5}
"""Of warnings only the two higher colours make an item urgent (LABELS.md "Category")."""


class RuleWeights:
    """What some rules add, by the columns of one set of features: found once, for a batch may be one item."""

    def __init__(self, rules: Mapping[str, Sequence[float]], names: Sequence[str], heads: int) -> None:
        """``rules``: by feature, what is added to each of ``heads`` heads; ``names``: of the features. A concept that a
        district has left out of its table adds nothing."""
        columns = {name: column for column, name in enumerate(names) if name in rules}
        known = [name for name in rules if name in columns]
        self._columns = [columns[name] for name in known]
        self._weights = np.array([rules[name] for name in known], dtype=np.float32).reshape(-1, heads)

    def added(self, matrix: Matrix) -> Matrix:
        """Documents by heads: log-odds; ``matrix``: the features of a batch."""
        return np.asarray(matrix[:, self._columns] @ self._weights)


def not_urgent(names: Sequence[str]) -> RuleWeights:
    """What ``LONG_OVER`` and ``WARNINGS`` add to the categories: to 急情要事 alone."""
    at = list(Category).index(Category.URGENT)
    urgent = {name: over.urgent for name, over in LONG_OVER.items()} | WARNINGS
    rows = {name: [added if head == at else 0.0 for head in range(len(Category))] for name, added in urgent.items()}
    return RuleWeights(rows, names, len(Category))
