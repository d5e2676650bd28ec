"""What the second reader learns from, and the passes over it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from processors.category.model import CategoryModel
from processors.emergency.model import EmergencyModel
from processors.reader.model import CLAIMS, LIMIT, shown
from processors.reader.tokens import WordPieces
from training.category.data import UNKNOWN, Example
from training.reader.claims import Sentence
from training.reader.network import Reader

BATCH, WARM = 16, 0.1
SMOOTHED = 0.05
TYPE_WEIGHT, POST_WEIGHT = 0.5, 0.3
"""What an error of the type, and one of theme or tone, costs beside one of the category."""
CHUNK = 20
"""Batches whose texts are sorted by length together."""


class Plan(NamedTuple):
    """How often the lessons are gone through, and the highest rate."""

    epochs: int
    rate: float


FIRST, FURTHER = Plan(3, 1e-4), Plan(1, 5e-5)
"""From the base model; from a reader that was fitted before."""


class Names(NamedTuple):
    """What the heads beside category and emergency tell apart. They teach only, and are not shipped: what is shipped
    for types is a regression on the fitted states (``training.reader.types``), which is better than the head."""

    types: tuple[str, ...]
    themes: tuple[str, ...]
    tones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text with the numbers of its labels, ``UNKNOWN`` where it has none."""

    ids: list[int]
    category: int
    states: tuple[int, ...]
    claims: tuple[int, ...]
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
                (UNKNOWN,) * len(CLAIMS),
                number(names.types, one.event_type),
                number(names.themes, theme),
                number(names.tones, tone),
                one.weight,
            )
        )
    return found


def claim_lessons(sentences: Sequence[Sentence], pieces: WordPieces) -> list[Lesson]:
    """Of single sentences, which teach the heads of claims alone."""
    none = (UNKNOWN,) * len(EmergencyModel.HEADS)
    return [
        Lesson(pieces.encode(one.shown, LIMIT), UNKNOWN, none, one.claims, UNKNOWN, UNKNOWN, UNKNOWN, 1.0)
        for one in sentences
    ]


def train(
    reader: Reader,
    known: Sequence[Lesson],
    names: Names,
    plan: Plan,
    say: Callable[[str], None],
    each: Callable[[], None] = lambda: None,
) -> None:
    """Fit all but the embeddings, with a rate that rises for a tenth of the steps and falls to nothing.

    ``each`` is called after every epoch."""
    for part in (reader.encoder.words, reader.encoder.places, reader.encoder.kinds):
        part.requires_grad_(False)
    free = [one for one in reader.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [one for one in free if one.ndim > 1], "weight_decay": 0.01},
            {"params": [one for one in free if one.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=plan.rate,
    )
    steps, step, began = plan.epochs * (len(known) // BATCH + 1), 0, time.monotonic()
    reader.train()
    for epoch in range(plan.epochs):
        total = 0.0
        for batch in _batches(len(known), lambda row: len(known[row].ids)):
            rate = plan.rate * min(1, (step + 1) / (WARM * steps)) * max(0.0, (steps - step) / steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            error = _error(reader, [known[row] for row in batch], names)
            optimizer.zero_grad()
            error.backward()
            nn.utils.clip_grad_norm_(free, 1.0)
            optimizer.step()
            total, step = total + error.item(), step + 1
        say(f"epoch {epoch}: error {total * BATCH / len(known):.3f}, {time.monotonic() - began:.0f} s")
        each()
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
    return [len(CategoryModel.HEADS), len(EmergencyModel.HEADS), len(CLAIMS), *map(len, names)]


def _error(reader: Reader, batch: Sequence[Lesson], names: Names) -> Tensor:
    category, states, claims, types, themes, tones = torch.split(
        reader(*padded([one.ids for one in batch])), sizes(names), dim=1
    )
    weights = torch.tensor([one.weight for one in batch])
    error = _choice(category, [one.category for one in batch], weights)
    error = error + _truths(states, [one.states for one in batch], weights)
    error = error + _truths(claims, [one.claims for one in batch], weights)
    error = error + TYPE_WEIGHT * _choice(types, [one.kind for one in batch], weights)
    error = error + POST_WEIGHT * _choice(themes, [one.theme for one in batch], weights)
    return error + POST_WEIGHT * _choice(tones, [one.tone for one in batch], weights)


def _truths(scores: Tensor, labels: Sequence[Sequence[int]], weights: Tensor) -> Tensor:
    """Cross entropy of heads that are each true or not."""
    wanted = torch.tensor(labels)
    known = wanted >= 0
    own = functional.binary_cross_entropy_with_logits(scores, wanted.clamp(min=0).float(), reduction="none")
    return (own * known * weights[:, None]).sum() / len(labels)


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


def take_heads(reader: Reader, arrays: Mapping[str, Any]) -> None:
    """Give the reader the heads of a written one; those that it has not begin anew."""
    shipped = len(arrays["bias"])
    with torch.no_grad():
        reader.heads.weight[:shipped] = torch.tensor(arrays["weights"].T)
        reader.heads.bias[:shipped] = torch.tensor(arrays["bias"])


def arrays_of(reader: Reader) -> dict[str, Any]:
    """Weights of the heads of category, emergency and claims, as ``SecondReader`` reads them."""
    shipped = len(CategoryModel.HEADS) + len(EmergencyModel.HEADS) + len(CLAIMS)
    return {
        "weights": reader.heads.weight.detach().numpy().T[:, :shipped].astype(np.float32),
        "bias": reader.heads.bias.detach().numpy()[:shipped].astype(np.float32),
    }
