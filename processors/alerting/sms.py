"""Short messages: how long they are, and how to say the most important first in the room there is. Pure.

A Chinese message is UCS-2: 70 units alone, 67 in each part of a longer one (3GPP TS 23.040; three units go to the
header that joins the parts). A unit is a UTF-16 code unit, so a rare character counts two.
"""

from __future__ import annotations

from collections.abc import Sequence

ALONE, PART = 70, 67
_CUT = "…"


def units(text: str) -> int:
    """UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def room(parts: int) -> int:
    """How many units fit into so many parts."""
    return ALONE if parts <= 1 else PART * parts


def compose(important: Sequence[str], link: str, rest: Sequence[str], parts: int) -> str:
    """One text of at most ``parts`` parts: the important pieces, the link whole, then as much of the rest as fits.

    A single part is kept where everything important and the link fit into one. A piece is left out whole, but the
    last important one is cut with … where it must be.
    """
    core = _joined(important, room(parts) - _cost(link))
    text = f"{core} {link}" if link and core else core or link
    limit = ALONE if units(text) <= ALONE else room(parts)
    for piece in rest:
        longer = f"{text} {piece}"
        if piece and units(longer) <= limit:
            text = longer
    return text


def split(text: str, parts: int) -> list[str]:
    """The text as messages of their own, for a gateway that does not join parts; each ``ALONE`` units at most."""
    if units(text) <= ALONE:
        return [text]
    mark = len(f"({parts}/{parts})")
    pieces: list[str] = []
    while text and len(pieces) < parts:
        piece = cut(text, ALONE - mark)
        pieces.append(piece)
        text = text[len(piece) :]
    return [f"({number}/{len(pieces)}){piece}" for number, piece in enumerate(pieces, start=1)]


def cut(text: str, most: int) -> str:
    """The longest beginning of at most ``most`` units; never half a character."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > most:
            return text[:index]
    return text


def _cost(link: str) -> int:
    return units(link) + 1 if link else 0


def _joined(pieces: Sequence[str], most: int) -> str:
    text = ""
    for piece in filter(None, pieces):
        longer = f"{text} {piece}" if text else piece
        if units(longer) > most:
            room_left = most - units(text) - len(_CUT) - bool(text)
            short = cut(piece, room_left) if room_left > 0 else ""
            return f"{text}{' ' if text else ''}{short}{_CUT}" if short else text
        text = longer
    return text
