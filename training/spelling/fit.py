"""The passes over the lessons, for a given number of minutes, with a checkpoint that a stopped run leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from training.spelling.lessons import Batch
from training.spelling.network import Speller

RATE, WARM, DECAY = 3e-4, 0.05, 0.01
DETECTED, CORRECTED = 6.0, 1.0
"""What an error of detection (mean of the tokens) costs beside one of correction (mean of the places asked)."""
MISSED = 2.0
"""What a slip passed over costs beside a right character suspected."""
TOLD = 100


class Plan(NamedTuple):
    """Processor minutes, and the highest rate."""

    minutes: float
    rate: float = RATE


def train(
    speller: Speller, lessons: Iterator[Batch], plan: Plan, say: Callable[[str], None], each: Callable[[], None]
) -> None:
    """Fit all but the embeddings; the rate rises for a twentieth of the time and falls to nothing. ``each``: called
    every some hundred steps. Products are made with 16 bits where the processor knows them (AMX): three times as fast.
    """
    for part in (speller.encoder.places, speller.encoder.kinds):
        part.requires_grad_(False)
    free = [one for one in speller.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [one for one in free if one.ndim > 1], "weight_decay": DECAY},
            {"params": [one for one in free if one.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=plan.rate,
        betas=(0.9, 0.98),
    )
    speller.train()
    began, told, tokens = time.process_time(), torch.zeros(4), 0
    for step, batch in enumerate(lessons, start=1):
        done = (time.process_time() - began) / 60 / plan.minutes
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * min(1.0, done / WARM + 0.01) * (1 - done)
        error, figures = _error(speller, batch)
        optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(free, 1.0)
        optimizer.step()
        told, tokens = told + figures, tokens + batch.ids.numel()
        if step % TOLD == 0:
            wrong = max(1.0, float(told[3]))
            say(
                f"step {step}, {done:.0%}: {tokens} tokens, detection {told[0] / TOLD:.4f}, correction "
                f"{told[1] / TOLD:.3f}, put right {told[2] / wrong:.3f}"
            )
            told = torch.zeros(4)
        if step % (5 * TOLD) == 0:
            each()
    speller.eval()
    each()


def _error(speller: Speller, batch: Batch) -> tuple[Tensor, Tensor]:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states, odds = speller(batch.ids, batch.told)
        scores = speller.scores(states.reshape(-1, states.shape[2])[batch.rows])
    weights = batch.told * (1 + (MISSED - 1) * batch.wrong)
    own = functional.binary_cross_entropy_with_logits(odds.float(), batch.wrong, reduction="none")
    detection = (own * weights).sum() / batch.told.sum()
    scores = scores.float()
    correction = functional.cross_entropy(scores, batch.meant)
    wrong = batch.wrong.reshape(-1)[batch.rows] > 0
    right = (scores.argmax(1) == batch.meant) & wrong
    told = torch.tensor([detection.item(), correction.item(), float(right.sum()), float(wrong.sum())])
    return DETECTED * detection + CORRECTED * correction, told
