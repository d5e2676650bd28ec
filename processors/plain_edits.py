"""What is left out of a text so that it reads: tags and entities, unseen characters, spaces, breaks inside sentences.

Each reading walks once over the text, whatever stands in it: anyone may post anything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from processors.late import late

Edit = tuple[int, int, str]
"""Start, end, and what is read instead: nothing or one character."""

_LINES = "p|br|div|section|article|h[1-6]|li|tr|hr|blockquote|figure|table|ul|ol|thead|tbody"
_CELLS = "td|th|sup|sub|img|video|iframe|input|label|center|figcaption"
_INLINE = "span|b|i|u|a|strong|em|font|small"
_MARKUP = late(
    rf"(?i:</?(?:(?P<line>{_LINES})|(?P<cell>{_CELLS})|(?P<code>script|style)|{_INLINE})(?:\s{{0,9}}/?>|\s+[a-z][^<>]{{0,2000}}>))"
    r"|(?P<entity>&(?:\#\d{2,6}|\#[xX][0-9a-fA-F]{2,5}|[A-Za-z]{2,8});)"
)
_CODE_ENDS = late(r"(?i)</(?:script|style)\s{0,9}>")
_UNSEEN = late(
    r"[\u00ad\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]+"
    r"|(?<=[\u0000-\u2000\u3000-\u9fff])\u200d|\u200d(?=[\u0000-\u2000\u3000-\u9fff])"  # others join picture signs
)
_RUN = re.compile(r"\s+")
_HAN, _STOPS = re.compile("[\u3400-\u9fff]"), frozenset("，。、；：？！")
_FIGURE = re.compile("[0-9A-Za-z%℃]")
_GAP = r"[ \t\u00a0\u2000-\u200a\u202f\u205f]{1,9}"
_SPACED = late(
    rf"[\u3400-\u9fff，。、；：？！]{_GAP}\d[\d.,:%~-]{{0,20}}{_GAP}[\u3400-\u9fff]"
    rf"|\d{_GAP}[年月日号时点分秒人名位例户个起辆台架栋间头只吨米元万亿亩岁级度]"
)
"""A text that sets spaces about its figures; in others a space parts two sentences (有人管 13900000000)."""
_WIDE = "\u3000"
_ENDS_A_LINE = frozenset("。！？!?；;：:”’」』）)】…")
_OPENS_A_LINE = late(r"[\s　]|[（(【]?[一二三四五六七八九十\d]{1,3}[）)】、.．]|[#＃【●■◆★▲※—-]")
LINE_LEAST, LINE_SPREAD, LINES_LEAST = 24, 1, 3
"""Lines were broken by a machine where at least so many of them, of so many characters, differ by no more in length."""


def is_plain(text: str) -> bool:
    """Whether there is surely nothing to leave out: letters, figures and signs that are seen."""
    return " " not in text and "<" not in text and "&" not in text and text.isprintable()


def markup(text: str) -> Iterator[Edit]:
    """Tags, with what scripts and styles hold; cells and lines stay apart. Entities are what they mean."""
    position, code_may_end = 0, True
    while (match := _MARKUP.search(text, position)) is not None:
        start, position = match.span()
        if match["entity"] is not None:
            meant = html.unescape(match["entity"])
            if len(meant) == 1:
                yield start, position, " " if meant.isspace() else meant
            continue
        if match["code"] is not None and code_may_end and text[start + 1] != "/":
            end = _CODE_ENDS.search(text, position)
            code_may_end = end is not None
            position = end.end() if end is not None else position
        yield start, position, _instead(text, start, position, match)


def _instead(text: str, start: int, end: int, match: re.Match[str]) -> str:
    if match["line"] is not None:
        return "\n"
    between = text[max(0, start - 1) : start], text[end : end + 1]
    return " " if match["cell"] is not None or all(_FIGURE.match(one) for one in between) else ""


def unseen(text: str) -> Iterator[Edit]:
    """Characters that nobody sees."""
    for match in _UNSEEN.finditer(text):
        yield match.start(), match.end(), ""


def spaces(text: str) -> Iterator[Edit]:
    """Spaces at the ends, beside stops, about the figures of a text that sets them so; several line ends are one."""
    spaced = _SPACED.search(text) is not None
    for match in _RUN.finditer(text):
        start, end = match.span()
        if start == 0 or end == len(text):
            yield start, end, ""
        elif "\n" in match[0]:
            if match[0] != "\n":
                yield start, end, "\n"
        elif _WIDE not in match[0] and _is_empty(text[start - 1], text[end], spaced):
            yield start, end, ""


def _is_empty(before: str, after: str, spaced: bool) -> bool:
    """Whether a space between these two says nothing."""
    if before in _STOPS or after in _STOPS:
        return True
    if not spaced:
        return False
    return bool((_HAN.match(before) and _FIGURE.match(after)) or (_FIGURE.match(before) and _HAN.match(after)))


def line_breaks(text: str) -> Iterator[Edit]:
    """Breaks inside sentences that a machine set: most lines of a text are of one length, whatever they say."""
    if text.count("\n") < LINES_LEAST - 1:
        return
    ends = [-1, *(match.start() for match in re.finditer("\n", text)), len(text)]
    lines = [(first + 1, last) for first, last in pairwise(ends)]
    open_ones = [(start, end) for start, end in lines[:-1] if end > start and text[end - 1] not in _ENDS_A_LINE]
    if len(open_ones) < LINES_LEAST - 1:
        return
    usual = median(end - start for start, end in open_ones)
    if usual < LINE_LEAST:
        return
    regular = [end for start, end in open_ones if abs(end - start - usual) <= LINE_SPREAD]
    if len(regular) < LINES_LEAST - 1 or 2 * len(regular) < len(open_ones):
        return
    for end in regular:
        if not _OPENS_A_LINE.match(text, end + 1) and not text[end - 1 : end + 2].replace("\n", "").isdigit():
            yield end, end + 1, ""
