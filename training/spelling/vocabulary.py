"""Which tokens of the base model the spelling network keeps: single characters and marks, a figure, a letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from processors.reader.tokens import END, PAD, START, UNKNOWN
from processors.spelling.characters import FIGURE, LETTER

SPECIAL = (PAD, UNKNOWN, START, END)


def kept(tokens: Sequence[str], characters: Collection[str]) -> list[int]:
    """Ids of the special tokens, of these characters, and of marks."""
    wanted = {*SPECIAL, FIGURE, LETTER, *characters}
    return [number for number, token in enumerate(tokens) if token in wanted or _mark(token)]


def _mark(token: str) -> bool:
    return len(token) == 1 and unicodedata.category(token)[0] in "PS"
