"""What rules add to the model's scores: contexts that hold for a whole item weigh more than words can.

The weights are in log-odds, chosen on the training part: large enough to turn a doubtful item, too small to silence a
sure one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from processors.category.form import Matrix
from schemas.vocab import Category

NOT_URGENT = {
    "lead:honour": -3.0,
    "lead:sanction": -3.0,
    "lead:epidemic_tally": -4.0,
    "lead:mourning": -3.0,
    "lead:old_case": -3.0,
    "lead:rumour_punished": -3.0,
    "lead:period_tally": -4.0,
    "lead:years_after": -3.0,
    "lead:probe_report": -3.0,
    "lead:verdict": -2.5,
    "lead:booked": -2.0,
    "lead:blasting": -2.0,
    "lead:chapter": -3.0,
    "date:several": -2.0,
    "lead:warning_low": -2.5,
    "lead:warning_high": 2.5,
}
"""By feature: what is added to 急情要事 where the item tells neither of an emergency nor of the end of one. Harm that
is over does not make it urgent; of warnings only the two higher colours do (LABELS.md "Category")."""


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
    """``NOT_URGENT`` as weights of the categories."""
    at = list(Category).index(Category.URGENT)
    rows = {name: [added if head == at else 0.0 for head in range(len(Category))] for name, added in NOT_URGENT.items()}
    return RuleWeights(rows, names, len(Category))
