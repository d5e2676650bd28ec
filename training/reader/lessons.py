"""What the second reader learns from, and the passes over it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from processors.category.model import CategoryModel
from processors.emergency.model import EmergencyModel
from processors.reader.model import LIMIT, shown
from processors.reader.tokens import WordPieces
from training.category.data import UNKNOWN, Example
from training.reader.network import Reader

EPOCHS, BATCH, RATE, WARM = 3, 16, 1e-4, 0.1
SMOOTHED = 0.05
TYPE_WEIGHT, POST_WEIGHT = 0.5, 0.3
"""What an error of the type, and one of theme or tone, costs beside one of the category."""
CHUNK = 20
"""Batches whose texts are sorted by length together."""


class Names(NamedTuple):
    """What the heads beside category and emergency tell apart. They teach only: alone they are worse than the fast
    models (types .48 against .76 on held-out items), and are not shipped."""

    types: tuple[str, ...]
    themes: tuple[str, ...]
    tones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text with the numbers of its labels, ``UNKNOWN`` where it has none."""

    ids: list[int]
    category: int
    states: tuple[int, int, int]
    kind: int
    theme: int
    tone: int
    weight: float


def lessons(
    examples: Sequence[Example], posts: dict[str, tuple[str | None, str | None]], pieces: WordPieces, names: Names
) -> list[Lesson]:
    """``posts``: theme and tone of gold items by gid."""

    def number(of: Sequence[str], name: str | None) -> int:
        return of.index(name) if name in of else UNKNOWN

    found = []
    for one in examples:
        theme, tone = posts.get(one.gid, (None, None))
        found.append(
            Lesson(
                pieces.encode(shown(one.item), LIMIT),
                one.category,
                (one.emergency, one.warning, one.closed),
                number(names.types, one.event_type),
                number(names.themes, theme),
                number(names.tones, tone),
                one.weight,
            )
        )
    return found


def train(reader: Reader, known: Sequence[Lesson], names: Names, say: Callable[[str], None]) -> None:
    """Fit all but the embeddings, with a rate that rises for a tenth of the steps and falls to nothing."""
    for part in (reader.encoder.words, reader.encoder.places, reader.encoder.kinds):
        part.requires_grad_(False)
    free = [one for one in reader.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [one for one in free if one.ndim > 1], "weight_decay": 0.01},
            {"params": [one for one in free if one.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=RATE,
    )
    steps, step, began = EPOCHS * (len(known) // BATCH + 1), 0, time.monotonic()
    reader.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in _batches(len(known), lambda row: len(known[row].ids)):
            rate = RATE * min(1, (step + 1) / (WARM * steps)) * max(0.0, (steps - step) / steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            error = _error(reader, [known[row] for row in batch], names)
            optimizer.zero_grad()
            error.backward()
            nn.utils.clip_grad_norm_(free, 1.0)
            optimizer.step()
            total, step = total + error.item(), step + 1
        say(f"epoch {epoch}: error {total * BATCH / len(known):.3f}, {time.monotonic() - began:.0f} s")
    reader.eval()


def _batches(count: int, length: Callable[[int], int]) -> list[list[int]]:
    rows = list(range(count))
    random.shuffle(rows)
    chunks = [sorted(rows[first : first + BATCH * CHUNK], key=length) for first in range(0, count, BATCH * CHUNK)]
    batches = [chunk[first : first + BATCH] for chunk in chunks for first in range(0, len(chunk), BATCH)]
    random.shuffle(batches)
    return batches


def padded(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids and which of them are told, texts x tokens of the longest."""
    longest = max(map(len, texts))
    ids, told = torch.zeros(len(texts), longest, dtype=torch.long), torch.zeros(len(texts), longest)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        told[row, : len(text)] = 1
    return ids, told


def sizes(names: Names) -> list[int]:
    """Outputs of the heads, in order."""
    return [len(CategoryModel.HEADS), len(EmergencyModel.HEADS), *map(len, names)]


def _error(reader: Reader, batch: Sequence[Lesson], names: Names) -> Tensor:
    category, states, types, themes, tones = torch.split(
        reader(*padded([one.ids for one in batch])), sizes(names), dim=1
    )
    weights = torch.tensor([one.weight for one in batch])
    error = _choice(category, [one.category for one in batch], weights)
    for column in range(states.shape[1]):
        labels = torch.tensor([one.states[column] for one in batch])
        known = labels >= 0
        if known.any():
            own = functional.binary_cross_entropy_with_logits(
                states[known, column], labels[known].float(), reduction="none"
            )
            error = error + (own * weights[known]).sum() / len(batch)
    error = error + TYPE_WEIGHT * _choice(types, [one.kind for one in batch], weights)
    error = error + POST_WEIGHT * _choice(themes, [one.theme for one in batch], weights)
    return error + POST_WEIGHT * _choice(tones, [one.tone for one in batch], weights)


def _choice(scores: Tensor, labels: Sequence[int], weights: Tensor) -> Tensor:
    wanted = torch.tensor(labels)
    known = wanted >= 0
    if not known.any():
        return scores.sum() * 0
    own = functional.cross_entropy(scores[known], wanted[known], reduction="none", label_smoothing=SMOOTHED)
    return (own * weights[known]).sum() / len(labels)


def seed(number: int) -> None:
    """All generators."""
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def arrays_of(reader: Reader) -> dict[str, Any]:
    """Weights of the heads of category and emergency, as ``SecondReader`` reads them."""
    shipped = len(CategoryModel.HEADS) + len(EmergencyModel.HEADS)
    return {
        "weights": reader.heads.weight.detach().numpy().T[:, :shipped].astype(np.float32),
        "bias": reader.heads.bias.detach().numpy()[:shipped].astype(np.float32),
    }
