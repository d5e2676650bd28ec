"""The fitted speller as what ``processors.spelling`` reads: an ONNX file of 8-bit weights, and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

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


def read_back(speller: Speller, folder: Path, source: Path, known: Mapping[str, Array]) -> None:
    """Give a speller what a written one has learned, to learn further from. ``known``: arrays of the written one; what
    eight bits lost is less than the first steps of a training change."""
    export.read_back(speller.encoder, folder, source)
    answers = np.asarray(known["answers"][-1:], dtype=np.float32) * known["answer_scales"][-1]
    parts = {
        "detect.weight": known["detect"][None, :-1], "detect.bias": known["detect"][-1:],
        "turn.weight": known["turn"].T, "turn.bias": known["turn_bias"],
        "norm.weight": known["norm"], "norm.bias": known["norm_bias"], "bias": known["answer_bias"], "deleted": answers,
    }  # fmt: skip
    state = speller.state_dict()
    speller.load_state_dict(state | {name: torch.tensor(np.array(one, np.float32)) for name, one in parts.items()})


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
