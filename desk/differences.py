"""What an editor changed in a text, shown word for word; everything escaped."""

from __future__ import annotations

from difflib import SequenceMatcher

from markupsafe import Markup, escape

MOST = 4_000
"""Characters compared; beyond, the two texts are simply shown one after the other (difflib is quadratic)."""


def differences(before: str, after: str) -> Markup:
    """``after`` with what was added marked ``<ins>`` and what was taken out ``<del>``."""
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
