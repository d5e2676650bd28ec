"""The fitted speller as what ``processors.spelling`` reads: an ONNX file of 8-bit weights, and arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from processors.spelling.sentences import LONGEST
from processors.wording.encoding import Array
from training.reader import export
from training.spelling.lessons import LONGEST as LONGEST_LEARNED
from training.spelling.network import Speller

ENDS = 2
BYTE = 127


def write(speller: Speller, folder: Path, target: Path) -> None:
    """``folder``: where the base model lies. Places beyond the longest sentence are left out."""
    longest = max(LONGEST, LONGEST_LEARNED) + ENDS
    export.write(speller.encoder, folder, list(range(len(speller.encoder.words.weight))), target, longest)


def arrays(speller: Speller, tokens: list[str]) -> dict[str, Array]:
    """Those of ``processors.spelling.model.ARRAYS``. ``tokens``: the kept ones."""
    state = {name: value.detach().numpy() for name, value in speller.state_dict().items()}
    answers = np.concatenate([state["encoder.words.weight"], state["deleted"]])
    scales = np.abs(answers).max(axis=1) / BYTE
    return {
        "tokens": np.array(tokens),
        "detect": np.concatenate([state["detect.weight"][0], state["detect.bias"]]),
        "turn": state["turn.weight"].T.astype(np.float16),
        "turn_bias": state["turn.bias"],
        "norm": state["norm.weight"],
        "norm_bias": state["norm.bias"],
        "answers": np.round(answers / scales[:, None]).astype(np.int8),
        "answer_scales": scales.astype(np.float32),
        "answer_bias": state["bias"],
    }
