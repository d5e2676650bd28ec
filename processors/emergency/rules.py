"""What rules add to the model's scores: contexts that hold for a whole item weigh more than words can.

The weights are in log-odds, chosen on the training part: large enough to turn a doubtful item, too small to silence a
sure one (a drill that goes wrong is an emergency).
"""

from __future__ import annotations

import numpy as np

from processors.category.form import Matrix

ADDED = {
    "rule:drill": (-2.5, 0.0, 0.0),
    "lead:final_word": (-1.5, 0.0, 2.0),
    "rule:harmless": (-1.0, 0.0, 0.0),
    "lead:fiction": (-1.7, 0.0, 0.0),
    "kind:followup": (0.8, 0.0, 0.0),
}
"""By feature: what is added to emergency, warning and closed."""


def adjust(scores: Matrix, matrix: Matrix, names: tuple[str, ...]) -> Matrix:
    """Scores of the three heads with the rules' part; ``matrix`` and ``names``: the features of the batch."""
    columns = [names.index(name) for name in ADDED]
    return scores + matrix[:, columns] @ np.array(list(ADDED.values()), dtype=np.float32)
