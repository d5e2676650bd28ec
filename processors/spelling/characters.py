"""A text as the spelling reader's tokens: a character each, but a run of digits or of letters is one token.

Which number stands there says nothing about the spelling beside it, and short rows are read faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from processors.reader.tokens import END, START, UNKNOWN

FIGURE, LETTER = "1", "a"
"""What stands for any number and any word of letters."""
_FIGURES = frozenset("0123456789０１２３４５６７８９")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Encoded(NamedTuple):
    """``ids``: between start and end; ``places``: of each id the offset of its (first) character, -1 at both ends."""

    ids: list[int]
    places: list[int]


class Characters:
    """Token ids of texts, character by character."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """``vocabulary``: the tokens in order of their ids; start, end and unknown among them."""
        self._ids = {token: number for number, token in enumerate(vocabulary)}
        self._unknown, self._start, self._end = (self._ids[name] for name in (UNKNOWN, START, END))

    def encode(self, text: str) -> Encoded:
        """All of the text; blanks are passed over."""
        ids, places, last = [self._start], [-1], ""
        for at, char in enumerate(text):
            shown = FIGURE if char in _FIGURES else LETTER if char in _LETTERS else char
            if char.isspace() or (shown == last and shown in (FIGURE, LETTER)):
                last = "" if char.isspace() else last
                continue
            ids.append(self._ids.get(shown, self._unknown))
            places.append(at)
            last = shown
        return Encoded([*ids, self._end], [*places, -1])

    def id_of(self, char: str) -> int | None:
        """Id of a character that the network knows."""
        return self._ids.get(char)
