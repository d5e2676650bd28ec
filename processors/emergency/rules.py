"""What rules add to the model's scores: contexts that hold for a whole item weigh more than words can.

The weights are in log-odds, chosen on the training part: large enough to turn a doubtful item, too small to silence a
sure one (a drill that goes wrong is an emergency).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from processors.category.form import Matrix
from processors.category.rules import LONG_OVER, RuleWeights
from processors.emergency.model import EmergencyModel

ADDED = {
    "rule:drill": (-2.5, 0.0, 0.0),
    "lead:final_word": (-1.5, 0.0, 2.0),
    "rule:harmless": (-1.0, 0.0, 0.0),
    "lead:fiction": (-1.7, 0.0, 0.0),
    "kind:followup": (0.8, 0.0, 0.0),
}
"""By feature: what is added to emergency, warning and closed."""
FURTHEST = -4.0
"""Several of ``LONG_OVER`` together take no more than the surest of them."""
TOLD_AS_ONE = ("kind:first", "kind:followup")
"""What a department itself sends as first report or follow-up of an event is never held to be over."""


class EmergencyRules:
    """What the rules add, by the columns of one set of features."""

    def __init__(self, names: Sequence[str]) -> None:
        """``names``: of the features; a concept that a district has left out of its table adds nothing."""
        heads = len(EmergencyModel.HEADS)
        over = {name: (one.emergency, 0.0, 0.0) for name, one in LONG_OVER.items()}
        self._own, self._over = RuleWeights(ADDED, names, heads), RuleWeights(over, names, heads)
        self._told = [names.index(name) for name in TOLD_AS_ONE]

    def added(self, matrix: Matrix) -> Matrix:
        """Log-odds that all rules add to the three heads; ``matrix``: the features of a batch."""
        return self._own.added(matrix) + self.long_over(matrix)

    def long_over(self, matrix: Matrix) -> Matrix:
        """The part of ``added`` that holds whatever is read besides."""
        over = np.maximum(self._over.added(matrix), FURTHEST)
        over[matrix[:, self._told].any(axis=1)] = 0.0
        return over
