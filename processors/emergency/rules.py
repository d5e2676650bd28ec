"""What rules add to the model's scores: contexts that hold for a whole item weigh more than words can.

The weights are in log-odds, chosen on the training part: large enough to turn a doubtful item, too small to silence a
sure one (a drill that goes wrong is an emergency).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from processors.category.form import Matrix

HEADS = 3
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


def added(matrix: Matrix, names: tuple[str, ...]) -> Matrix:
    """Log-odds that the rules add to the three heads; ``matrix`` and ``names``: the features of the batch."""
    return _sum(ADDED | LONG_OVER, matrix, names)


def long_over(matrix: Matrix, names: tuple[str, ...]) -> Matrix:
    """The part of ``added`` that holds whatever is read besides."""
    return _sum(LONG_OVER, matrix, names)


def _sum(rules: Mapping[str, tuple[float, float, float]], matrix: Matrix, names: tuple[str, ...]) -> Matrix:
    known = [name for name in rules if name in names]  # a district may have left a concept out of its table
    columns = [names.index(name) for name in known]
    weights = np.array([rules[name] for name in known], dtype=np.float32).reshape(len(known), HEADS)
    return np.asarray(matrix[:, columns] @ weights)
