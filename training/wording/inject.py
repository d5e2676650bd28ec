"""Make errors as people make them, one a text, for fitting and for measuring. Deterministic for a given generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.wording.confusion import Confusion

HAN_LOW, HAN_HIGH = "\u4e00", "\u9fff"
# How often each kind is made; input-method slips are the most frequent in typed texts.
WEIGHTS = {
    "homophone": 0.34, "near": 0.1, "shape": 0.16, "drop": 0.24, "double": 0.08,
    "swap": 0.06, "extra": 0.05, "word": 0.05,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Damaged:
    """A text with one error: ``text[start:end]`` is wrong; ``clean`` is the text before."""

    text: str
    clean: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Injector:
    """``table``: who is taken for whom; ``counts``: frequency of characters; ``words``: homophones of frequent
    words."""

    table: Mapping[str, Confusion]
    counts: Mapping[str, int]
    words: Mapping[str, Sequence[str]]

    def damage(self, text: str, rng: np.random.Generator, kind: str | None = None) -> Damaged | None:
        """One error of a kind (drawn when not given); None where the text offers no place for it."""
        if kind is None:
            kind = str(rng.choice(list(WEIGHTS), p=np.array(list(WEIGHTS.values())) / sum(WEIGHTS.values())))
        places = [i for i, c in enumerate(text) if HAN_LOW <= c <= HAN_HIGH]
        for _ in range(8):
            if not places:
                return None
            at = int(places[int(rng.integers(len(places)))])
            done = self._at(text, at, kind, rng)
            if done is not None and done.text != text:
                return done
        return None

    def _at(self, text: str, at: int, kind: str, rng: np.random.Generator) -> Damaged | None:
        char, following = text[at], text[at + 1 : at + 2]
        han_follows = HAN_LOW <= following <= HAN_HIGH if following else False
        if kind == "drop":
            return Damaged(text[:at] + text[at + 1 :], text, kind, max(0, at - 1), at + 1)
        if kind == "double":
            return Damaged(text[:at] + char + text[at:], text, kind, at, at + 2)
        if kind == "swap":
            return (
                Damaged(text[:at] + following + char + text[at + 2 :], text, kind, at, at + 2) if han_follows else None
            )
        if kind == "extra":
            other = self._draw("".join(self.counts), rng)
            return Damaged(text[:at] + other + text[at:], text, kind, at, at + 1)
        if kind == "word":
            options = self.words.get(text[at : at + 2], ())
            if not options:
                return None
            other = options[int(rng.integers(len(options)))]
            return Damaged(text[:at] + other + text[at + 2 :], text, kind, at, at + 2)
        row = self.table.get(char)
        options_text = {"homophone": row.same, "near": row.near, "shape": row.shape}[kind] if row else ""
        if not options_text:
            return None
        other = self._draw(options_text, rng)
        return Damaged(text[:at] + other + text[at + 1 :], text, kind, at, at + 1)

    def _draw(self, options: str, rng: np.random.Generator) -> str:
        """Half of the slips follow the frequency of characters (input methods), half are any character."""
        if rng.random() < 0.5:
            return options[int(rng.integers(len(options)))]
        weights = np.sqrt(np.array([self.counts.get(c, 1) for c in options], dtype=float))
        return options[int(rng.choice(len(options), p=weights / weights.sum()))]
