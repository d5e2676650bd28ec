"""The last judge of a candidate: a network of one hidden layer, fitted by ``training/wording/fit.py``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processors.wording.encoding import Array


@dataclass(frozen=True, slots=True)
class Network:
    """``mean``/``scale``: (features,); ``hidden``: (features, units) with ``hidden_bias``; ``out``: (units,)."""

    mean: Array
    scale: Array
    hidden: Array
    hidden_bias: Array
    out: Array
    out_bias: Array

    def logits(self, features: Array) -> Array:
        """Log odds that each candidate puts an error right, shape (count,), float32."""
        inner = ((features - self.mean) / self.scale) @ self.hidden + self.hidden_bias
        return np.asarray(np.maximum(inner, 0) @ self.out + self.out_bias[0])
