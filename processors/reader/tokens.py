"""Texts to the tokens of a BERT vocabulary of Chinese: a Han character or a mark is one, other words are pieces.

As in Devlin et al., BERT (2019), longest piece first, ``##`` before what continues a word. Case is kept, as the
tokenizer of the model keeps it, and capital letters are unknown to it. The library for it (tokenizers) would bring a
client of a model hub along, which an office has no use for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
CONTINUES = "##"
LONGEST = 100
"""Characters of a word beyond which it is unknown."""
_HAN = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2CEAF), (0x2F800, 0x2FA1F),
)  # fmt: skip
_ASCII_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class WordPieces:
    """Token ids of texts."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """``vocabulary``: the tokens in order of their ids; the four special ones among them."""
        self._ids = {token: number for number, token in enumerate(vocabulary)}
        self._unknown, self._start, self._end = (self._ids[name] for name in (UNKNOWN, START, END))

    def encode(self, text: str, limit: int) -> list[int]:
        """Ids of the text between start and end, at most ``limit`` with both; what is longer is cut off."""
        ids = [self._start]
        for word in _words(text):
            ids += self._pieces(word)
            if len(ids) >= limit:
                break
        return [*ids[: limit - 1], self._end]

    def _pieces(self, word: str) -> list[int]:
        whole = self._ids.get(word)
        if whole is not None:
            return [whole]
        if len(word) > LONGEST:
            return [self._unknown]
        found, at, mark = [], 0, ""
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = self._ids.get(mark + word[at:end])
                if piece is not None:
                    break
            else:
                return [self._unknown]
            found.append(piece)
            at, mark = end, CONTINUES
        return found


def _words(text: str) -> list[str]:
    """Han characters and marks one by one, other words whole."""
    words, word = [], ""
    for character in text:
        kind = unicodedata.category(character)
        if kind in {"Cc", "Cf"} and character not in "\t\n\r":
            continue
        if character.isspace() or _alone(character, kind):
            if word:
                words.append(word)
                word = ""
            if not character.isspace():
                words.append(character)
        else:
            word += character
    return [*words, word] if word else words


def _alone(character: str, kind: str) -> bool:
    if character in _ASCII_MARKS or kind.startswith("P"):
        return True
    code = ord(character)
    return any(first <= code <= last for first, last in _HAN)
