"""The fitted network as an ONNX file of 8-bit weights, with the tokens that Chinese texts can have."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from processors.reader.tokens import CONTINUES, END, PAD, START, UNKNOWN
from training.reader.network import MODEL, Encoder, names_of

SPECIAL = (PAD, UNKNOWN, START, END)
WORDS = "embeddings.word_embeddings.weight"
PLACES = "embeddings.position_embeddings.weight"
EMBEDDINGS = ("words.weight", "places.weight", "kinds.weight")
SHORT = 4
"""Letters or digits of the pieces that are kept: what office texts have of them are figures and abbreviations."""


def kept(tokens: list[str]) -> list[int]:
    """Ids of the tokens that stay: Han characters and marks, short pieces of letters and digits."""
    return [number for number, token in enumerate(tokens) if token in SPECIAL or _useful(token)]


def _useful(token: str) -> bool:
    plain = token.removeprefix(CONTINUES)
    if plain.isascii():
        return len(plain) <= SHORT
    continues = plain != token
    return len(plain) == 1 and not continues and not unicodedata.name(plain, "").startswith(("HANGUL", "HIRAGANA"))


def read_back(encoder: Encoder, folder: Path, source: Path) -> None:
    """Give the encoder the weights of a written network, to learn further from; the embeddings are the base model's.

    What eight bits lost is less than the first steps of a training change."""
    base = onnx.load(str(folder / MODEL)).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(source)).graph.initializer}
    state = encoder.state_dict()
    for name, (theirs, turned) in names_of(base).items():
        if name in EMBEDDINGS:
            continue
        array = arrays[theirs] if theirs in arrays else _whole(arrays, theirs)
        state[name] = torch.tensor(np.ascontiguousarray(array.T if turned else array))
    encoder.load_state_dict(state)


def _whole(arrays: dict[str, Any], name: str) -> Any:
    """A quantised matrix, one scale a column, as it was but for what eight bits lost."""
    whole = arrays[f"{name}_quantized"].astype(np.float32) - arrays[f"{name}_zero_point"].astype(np.float32)
    return whole * arrays[f"{name}_scale"]


def write(encoder: Encoder, folder: Path, rows: list[int], target: Path, longest: int | None = None) -> None:
    """``folder``: where the base model lies; ``rows``: ids of the tokens to keep, in their new order (all of an encoder
    that holds no others); ``longest``: tokens of the longest text that it will be given, the base model's 512 without.
    """
    model = onnx.load(str(folder / MODEL))
    fitted = encoder.state_dict()
    replaced = {
        theirs: np.ascontiguousarray((fitted[name].T if turned else fitted[name]).numpy())
        for name, (theirs, turned) in names_of(model.graph).items()
    }
    replaced[WORDS] = replaced[WORDS][torch.tensor(rows).numpy()]
    replaced[PLACES] = replaced[PLACES][:longest]
    for one in model.graph.initializer:
        if one.name in replaced:
            one.CopyFrom(numpy_helper.from_array(replaced[one.name].astype(np.float32), one.name))
    with tempfile.TemporaryDirectory() as scratch:
        whole, small = Path(scratch) / "whole.onnx", Path(scratch) / "small.onnx"
        onnx.save(model, str(whole))
        # not QInt8: without VNNI its products overflow 16 bits and the verdicts differ between machines (ADR 089)
        quantize_dynamic(str(whole), str(small), weight_type=QuantType.QUInt8, per_channel=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.tmp")
        temporary.write_bytes(small.read_bytes())
        temporary.replace(target)
