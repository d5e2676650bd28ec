"""What wording judgement hands back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.vocab import Check


class Genre(StrEnum):
    """How a text is written, which decides what may be said about it."""

    OFFICIAL = "official"  # department reports, bulletins, web forms: every rule of official prose
    NEWS = "news"  # media: only slips, no house style of official documents
    OPINION = "opinion"  # netizens: dialect, slang and emoji are no errors (LABELS.md "Typos")


@dataclass(frozen=True, slots=True)
class WordingFinding:
    """One doubt. ``start``/``end``: code points, half-open, of the text given; ``text``: what stands there;
    ``suggestion`` replaces exactly that span, None where there is nothing to offer; ``rule``: row or model that
    found it;
    ``score``: 0 to 1, 1 for rules."""

    check: Check
    start: int
    end: int
    text: str
    message: str
    suggestion: str | None
    rule: str
    score: float = 1.0
