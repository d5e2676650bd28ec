"""The second reader's network in onnxruntime. Opening it reads a file, so it stands here and not with judgement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from processors.reader.model import Network

FILE = "network.onnx"
CONTROL = range(200, 260)
"""Token ids of no meaning, of which every machine must give the same states."""
TOLERANCE = 0.02
"""By how much states may differ between machines; they are about 0.6 in size."""
QUIET = 3


def control(network: Network) -> list[float]:
    """What the manifest of a network holds of its states: the first eight numbers of the first token's."""
    return [round(float(one), 4) for one in network.states(CONTROL)[0][:8]]


class OnnxNetwork:
    """Opened when the first text is read: most commands never ask it. On one thread, for a process has one core."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def states(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        """Tokens x 512 for the token ids of one text."""
        row = np.array([ids], dtype=np.int64)
        feed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        states: npt.NDArray[np.float32] = self._session.run(None, feed)[0][0]
        return states

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = QUIET
        return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])
