"""A document: title and text of an item as one string for judgement, with spans mapped back to the fields.

Characters are replaced one to one only (full-width digits, letters and some signs to ASCII), so that offsets hold.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from itertools import pairwise

from processors.assemble import assemble
from processors.late import late
from schemas.assessment import InputField, Reason
from schemas.item import Item

TITLE_END = "\n"
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)}  # ０-９
_WIDE |= {wide: wide - 0xFEE0 for wide in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}  # Ａ-Ｚ ａ-ｚ
_WIDE |= {0xFF05: ord("%"), 0xFF0E: ord("."), 0x3000: ord(" "), 0xA0: ord(" "), 0x0D: ord(" ")}
_ANY_WIDE = re.compile(f"[{re.escape(''.join(map(chr, _WIDE)))}]")
_SENTENCE_END = re.compile(r"[。！？!?\n；;][。！？!?\n；;]*[”’」』）)]*")  # begins with one character: quick to find

_BEHIND = r"(?<=[\u3400-\u9fff”’）》%])"
_SIGN = late(
    rf",(?!\d)|(?<!\d),|[()]|{_BEHIND}[;?!]|{_BEHIND}:(?!/)|{_BEHIND}(?<![一二三四五六七八九十])\.(?![0-9A-Za-z./])"
)
_CHINESE = {",": "，", "(": "（", ")": "）", ";": "；", "?": "？", "!": "！", ":": "：", ".": "。"}
QUOTE = '"'
_ASCII = re.compile("[" + re.escape("".join(_CHINESE) + QUOTE) + "]")


def narrow(text: str) -> str:
    """The text with full-width digits, letters and some signs as ASCII; every character stays in its place."""
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


def _quoted(text: str) -> str:
    """Quotes in turn as opening and closing ones, where each has its partner."""
    if QUOTE not in text or text.count(QUOTE) % 2:
        return text
    inside = text.split(QUOTE)
    return "".join(part + ("“" if number % 2 == 0 else "”") for number, part in enumerate(inside[:-1])) + inside[-1]


class Document:
    """One item ready for judgement.

    ``full`` is title, a line break and text (text alone where there is no title), as given; ``norm`` has the same
    length with widths normalised; ``shift`` is where the text begins. All spans are code points of ``full``.
    """

    def __init__(self, item: Item) -> None:
        self.item = item
        self.shift = len(item.title) + len(TITLE_END) if item.title else 0
        self.full = f"{item.title}{TITLE_END}{item.text}" if item.title else item.text
        self.norm = narrow(self.full)

    def in_chinese(self) -> Document:
        """The document with stops, quotes and brackets of ``norm`` as Chinese texts have them; itself if it has none.

        Many posts and old web pages write ASCII signs between Chinese characters; those of figures and addresses stay
        (1,200, 3.5, 8:30, a.cn). Wording and personal data are judged as written.
        """
        if not _ASCII.search(self.norm) or not (_SIGN.search(self.norm) or QUOTE in self.norm):
            return self
        made = copy(self)
        for laid_out in ("sentence_ends", "_sentences"):  # a bracket after a full stop belongs to its sentence now
            made.__dict__.pop(laid_out, None)
        made.norm = _SIGN.sub(lambda match: _CHINESE[match[0]], _quoted(self.norm))
        return made

    def locate(self, start: int, end: int) -> tuple[InputField, int, int]:
        """The field and offsets of a span of ``full``; a span over both is cut to the title."""
        if start >= self.shift:
            return "text", start - self.shift, end - self.shift
        return "title", start, min(end, self.shift - len(TITLE_END))

    def reason(self, rule: str, start: int, end: int) -> Reason:
        """A reason resting on a span of ``full``."""
        field, first, last = self.locate(start, end)
        return assemble(
            Reason, {"rule": rule, "field": field, "start": first, "end": last, "text": self.full[start:end]}
        )

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Ends (exclusive) of the sentences of ``norm``, the last one is its length."""
        ends = [match.end() for match in _SENTENCE_END.finditer(self.norm)]
        if not ends or ends[-1] < len(self.norm):
            ends.append(len(self.norm))
        return ends

    def sentence_at(self, position: int) -> tuple[int, int]:
        """Start and end of the sentence around a position."""
        ends = self.sentence_ends
        index = bisect_right(ends, position)
        if index == len(ends):
            index -= 1
        return (ends[index - 1] if index else 0), ends[index]

    def sentences(self) -> Sequence[tuple[int, int]]:
        """All sentences, as (start, end)."""
        return self._sentences

    @cached_property
    def _sentences(self) -> tuple[tuple[int, int], ...]:
        return tuple(pairwise((0, *self.sentence_ends)))
