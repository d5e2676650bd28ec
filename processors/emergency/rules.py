"""What rules add to the model's scores: contexts that hold for a whole item weigh more than words can.

The weights are in log-odds, chosen on the training part: large enough to turn a doubtful item, too small to silence a
sure one (a drill that goes wrong is an emergency).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from processors.category.form import Matrix
from processors.emergency.model import EmergencyModel

ADDED = {
    "rule:drill": (-2.5, 0.0, 0.0),
    "lead:final_word": (-1.5, 0.0, 2.0),
    "rule:harmless": (-1.0, 0.0, 0.0),
    "lead:fiction": (-1.7, 0.0, 0.0),
    "kind:followup": (0.8, 0.0, 0.0),
}
"""By feature: what is added to emergency, warning and closed."""
LONG_OVER = {
    "lead:honour": (-3.0, 0.0, 0.0),
    "lead:sanction": (-4.0, 0.0, 0.0),
    "lead:epidemic_tally": (-5.0, 0.0, 0.0),
    "lead:mourning": (-3.0, 0.0, 0.0),
    "lead:old_case": (-4.0, 0.0, 0.0),
}
"""What begins by honouring a rescuer, punishing those at fault, counting a month's diseases, mourning or an old case
solved tells of harm that is over, however vividly: added to the second reader's log-odds too."""


class RuleWeights:
    """What the rules add, by the columns of one set of features: found once, for a batch may be one item."""

    def __init__(self, names: Sequence[str]) -> None:
        """``names``: of the features; a concept that a district has left out of its table adds nothing."""
        self._all, self._over = _weights(ADDED | LONG_OVER, names), _weights(LONG_OVER, names)

    def added(self, matrix: Matrix) -> Matrix:
        """Log-odds that all rules add to the three heads; ``matrix``: the features of a batch."""
        return _product(matrix, self._all)

    def long_over(self, matrix: Matrix) -> Matrix:
        """The part of ``added`` that holds whatever is read besides."""
        return _product(matrix, self._over)


def _weights(rules: Mapping[str, tuple[float, float, float]], names: Sequence[str]) -> tuple[list[int], Matrix]:
    columns = {name: column for column, name in enumerate(names) if name in rules}
    known = [name for name in rules if name in columns]
    weights = np.array([rules[name] for name in known], dtype=np.float32).reshape(-1, len(EmergencyModel.HEADS))
    return [columns[name] for name in known], weights


def _product(matrix: Matrix, rules: tuple[list[int], Matrix]) -> Matrix:
    columns, weights = rules
    return np.asarray(matrix[:, columns] @ weights)
