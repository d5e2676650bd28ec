"""The emergency model: is it one, is it a warning, is it the end of one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from processors.category.form import Matrix
from processors.category.linear import Arrays, LinearModel
from processors.emergency.types import TypeModel

EMERGENCY, WARNING, CLOSED = "emergency", "warning", "closed"


class EmergencyModel(LinearModel):
    """Probabilities of the three heads, and the model of the event types beside it.

    Settings: temperature, threshold, lower and upper end of doubt.
    """

    HEADS: ClassVar[tuple[str, ...]] = (EMERGENCY, WARNING, CLOSED)

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        self.types = TypeModel.beside(arrays)

    def probabilities(self, scores: Matrix) -> npt.NDArray[np.float64]:
        """Documents by heads."""
        return np.asarray(1 / (1 + np.exp(-scores.astype(np.float64) / self.settings[0])))

    @property
    def threshold(self) -> float:
        """From this probability on an item is an emergency."""
        return float(self.settings[1])

    @property
    def doubt(self) -> tuple[float, float]:
        """Between these probabilities a person should look."""
        return float(self.settings[2]), float(self.settings[3])
