"""What a rare character or a pair of neighbouring ones is worth: the more texts have it, the less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NEVER = 1.0
"""Worth of what no text of the training has."""


@dataclass(frozen=True, slots=True)
class Weights:
    """From 0 (every text has it) to 1 (none had it); learned by ``training.stories``."""

    known: Mapping[str, float] = field(default_factory=dict)

    def of(self, sign: str) -> float:
        """The worth of a character or pair."""
        return self.known.get(sign, NEVER)

    def ranked(self, signs: Iterable[str]) -> tuple[list[str], float]:
        """The characters or pairs, those worth most first, and what all are worth together."""
        found = sorted([(-self.known.get(sign, NEVER), sign) for sign in signs])
        return [sign for _, sign in found], -sum([worth for worth, _ in found])

    def total(self, signs: Iterable[str]) -> tuple[float, float]:
        """The sum and the greatest worth; added in order, so that the sum is the same in every process."""
        worth = sorted(self.known.get(sign, NEVER) for sign in signs)
        return sum(worth), worth[-1] if worth else 0.0
