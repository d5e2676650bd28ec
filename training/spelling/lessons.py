"""Passages of the corpus and of what a desk receives, and the endless stream of lessons that are made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from processors.reader.tokens import PAD
from processors.spelling.characters import Characters
from tests.gold.load import load_gold
from training.category.data import TABLES
from training.reader.claims import TABLES as CLAIM_TABLES
from training.spelling.slips import DELETED, SlipMaker, Spoilt
from training.wording import corpus, desk

SHORTEST, LONGEST = 12, 128
"""Characters of a passage."""
TOKENS = 2560
"""Tokens of a batch, padding included."""
CHUNK = 48
"""Batches whose passages are sorted by length together."""
HELD = 8
"""Of a hundred passages of the desk, those that are kept for fitting what weighs the reader's word."""
KEPT_RIGHT = 0.12
"""Share of the right characters at which the corrector is asked too: that it should leave them."""
NOTHING = -1
SLIPS = frozenset({"typo"})


class Passages(NamedTuple):
    """Clean passages by register."""

    desk: list[str]
    reports: list[str]
    laws: list[str]


def received() -> Iterator[str]:
    """Texts of the gold's train part but those with a labelled typo (these measure), and all written for training."""
    for gold in load_gold("train"):
        if not any(one["check"] in SLIPS for one in gold.labels.get("findings") or []):
            yield from (gold.item[field] for field in ("title", "text") if gold.item.get(field))
    yield from desk.written()
    for path in (*TABLES, *CLAIM_TABLES):
        header, *lines = path.read_text("utf-8").splitlines()
        at = header.split("\t").index("text")
        yield from (line.split("\t")[at] for line in lines)


def held(passage: str) -> bool:
    """Whether a passage of the desk is kept for fitting; by its text."""
    return int.from_bytes(hashlib.sha256(passage.encode()).digest()[:4]) % 100 < HELD


def received_passages() -> list[str]:
    """Passages of what a desk receives, each once."""
    cut = corpus.passages(list(received()), SHORTEST, LONGEST)
    return list(dict.fromkeys(cut))


def passages(parts: corpus.Corpus, texts: Sequence[str]) -> Passages:
    """What is learned from."""
    reports, laws = (corpus.passages(parts.train[genre], SHORTEST, LONGEST) for genre in ("reports", "laws"))
    return Passages([one for one in texts if not held(one)], reports, laws)


class Batch(NamedTuple):
    """``ids``, ``told``, ``wrong``: texts x tokens; ``rows``: places (of the flattened texts) where the corrector is
    asked, ``meant``: the right answer at each."""

    ids: Tensor
    told: Tensor
    wrong: Tensor
    rows: Tensor
    meant: Tensor


class Lesson(NamedTuple):
    """One passage: ids, and at each the id that was meant."""

    ids: list[int]
    meant: list[int]


def lesson(spoilt: Spoilt, characters: Characters, deleted: int) -> Lesson:
    """``deleted``: the output that stands for "too many". What is meant and unknown to the network is passed over."""
    ids, places = characters.encode(spoilt.text)
    meant = list(ids)
    for row, at in enumerate(places):
        if at >= 0 and spoilt.meant[at] != spoilt.text[at]:
            wanted = deleted if spoilt.meant[at] == DELETED else characters.id_of(spoilt.meant[at])
            meant[row] = NOTHING if wanted is None else wanted
    return Lesson(ids, meant)


def batches(
    known: Passages,
    shares: Sequence[float],
    maker: SlipMaker,
    vocabulary: Sequence[str],
    rng: np.random.Generator,
    dense: float = 0.0,
) -> Iterator[Batch]:
    """Without end. ``shares``: of the registers, in the order of ``Passages``; ``dense``: share of dense
    lessons (``SlipMaker.spoil``)."""
    characters, deleted = Characters(vocabulary), len(vocabulary)
    pad = vocabulary.index(PAD)
    while True:
        pool: list[Lesson] = []
        size = 0
        while size < CHUNK * TOKENS:
            register = known[int(rng.choice(len(known), p=shares))]
            passage = register[int(rng.integers(len(register)))]
            pool.append(lesson(maker.spoil(passage, rng, rng.random() < dense), characters, deleted))
            size += len(pool[-1].ids)
        pool.sort(key=lambda one: len(one.ids))
        cut: list[list[Lesson]] = [[]]
        for one in pool:
            if (len(cut[-1]) + 1) * len(one.ids) > TOKENS:
                cut.append([])
            cut[-1].append(one)
        for number in rng.permutation(len(cut)):
            yield batch(cut[int(number)], pad, rng)


def batch(chosen: Sequence[Lesson], pad: int, rng: np.random.Generator) -> Batch:
    """Padded to the longest."""
    shape = len(chosen), max(len(one.ids) for one in chosen)
    ids, meant = np.full(shape, pad), np.full(shape, NOTHING)
    told = np.zeros(shape, dtype=np.float32)
    for row, one in enumerate(chosen):
        ids[row, : len(one.ids)], meant[row, : len(one.ids)], told[row, : len(one.ids)] = one.ids, one.meant, 1
    wrong = (ids != meant) & (told > 0)
    asked = (wrong | (rng.random(shape) < KEPT_RIGHT)) & (meant != NOTHING) & (told > 0)
    return Batch(
        torch.tensor(ids),
        torch.tensor(told),
        torch.tensor(wrong, dtype=torch.float32),
        torch.tensor(np.flatnonzero(asked.ravel())),
        torch.tensor(meant.ravel()[asked.ravel()]),
    )
