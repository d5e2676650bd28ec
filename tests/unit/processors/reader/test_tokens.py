"""Tokens of Chinese texts."""

from __future__ import annotations

import pytest

from processors.reader.tokens import WordPieces

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "火", "灾", "，", "12", "##0", "km", "##h", "/", "（"]


def told(text: str, limit: int = 20) -> list[str]:
    return [VOCABULARY[number] for number in WordPieces(VOCABULARY).encode(text, limit)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("火灾", ["火", "灾"]),
        ("120火", ["12", "##0", "火"]),
        ("kmh/km", ["km", "##h", "/", "km"]),
        ("火 \n灾", ["火", "灾"]),
        ("火\u200b灾", ["火", "灾"]),
        ("（火", ["（", "火"]),
        ("水", ["[UNK]"]),
        ("KM", ["[UNK]"]),
        ("127", ["[UNK]"]),
        ("k" * 101, ["[UNK]"]),
        ("", []),
    ],
)
def test_pieces_of_a_text(text: str, tokens: list[str]) -> None:
    assert told(text) == ["[CLS]", *tokens, "[SEP]"]


def test_a_long_text_is_cut_and_still_ends() -> None:
    assert told("火灾" * 50, limit=6) == ["[CLS]", "火", "灾", "火", "灾", "[SEP]"]


def test_a_piece_that_crosses_the_limit_is_cut() -> None:
    assert told("火120", limit=4) == ["[CLS]", "火", "12", "[SEP]"]
