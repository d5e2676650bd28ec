"""The category model: seven heads, calibrated by a temperature."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from processors.category.form import Matrix
from processors.category.linear import LinearModel
from schemas.vocab import Category


class CategoryModel(LinearModel):
    """Scores of the seven categories. Settings: temperature, smallest share that is no abstention, smallest lead."""

    HEADS: ClassVar[tuple[str, ...]] = tuple(Category)

    def probabilities(self, scores: Matrix) -> npt.NDArray[np.float64]:
        """Calibrated shares of the categories; rows sum to 1."""
        scaled = scores.astype(np.float64) / self.settings[0]
        shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    @property
    def sure(self) -> tuple[float, float]:
        """Below this share, or with a smaller lead over the second, a person should decide."""
        return float(self.settings[1]), float(self.settings[2])
