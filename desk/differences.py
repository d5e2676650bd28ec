"""What an editor changed in a text, shown word for word; everything escaped."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import takewhile

from markupsafe import Markup, escape

MOST = 1_500
"""Characters compared between what both begin and end with; beyond, the two are simply shown one after the other.

difflib is quadratic, and worse for a text of few different characters.
"""

ALIKE = 0.4
"""Share of characters in common below which two texts are not compared word by word (our choice)."""


def differences(before: str, after: str) -> Markup:
    """``after`` with what was added marked ``<ins>`` and what was taken out ``<del>``."""
    before, after = (text.replace("\r\n", "\n") for text in (before, after))
    begin = _shared(before, after)
    end = _shared(before[begin:][::-1], after[begin:][::-1])
    head, tail = after[:begin], after[len(after) - end :]
    middle = _between(before[begin : len(before) - end], after[begin : len(after) - end])
    return escape(head) + middle + escape(tail)


def alike(one: str, other: str) -> bool:
    """Whether it helps to mark the differences: of two texts in words of their own nearly all would be marked."""
    if max(len(one), len(other)) > MOST:
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _between(before: str, after: str) -> Markup:
    if len(before) + len(after) > 2 * MOST:
        return Markup("<del>{}</del><ins>{}</ins>").format(before, after)
    parts: list[Markup] = []
    for kind, a_start, a_end, b_start, b_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape(after[b_start:b_end]))
            continue
        if a_end > a_start:
            parts.append(Markup("<del>{}</del>").format(before[a_start:a_end]))
        if b_end > b_start:
            parts.append(Markup("<ins>{}</ins>").format(after[b_start:b_end]))
    return Markup("").join(parts)
