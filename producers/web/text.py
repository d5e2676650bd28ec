"""HTML to plain text: paragraphs become lines, scripts and styles go, entities are resolved."""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_NOT_TEXT = [
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "head",
    "title",
    "textarea",
    "select",
]
_BREAKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol p pre section table tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_INLINE_SPACE = re.compile(r"[ \t\r\f\v\u00a0\u2000-\u200b\u202f\u205f\ufeff]+")
_LINES = re.compile(r" ?\n[ \n]*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"<[a-zA-Z/!]")
_INDENT = "　"

MAX_TAGS = 50_000
MAX_DEPTH = 500
MAX_FORMATTING = 50
"""Bounds before parsing. The HTML standard's algorithm costs depth x tags, and repeats every open formatting element in
every new paragraph: 200,000 nested tags (1 MB) took lexbor more than a minute. Browsers stop at a depth of 512."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_UNCOUNTED = frozenset(
    "area base br col embed hr img input link meta source track wbr param "  # void
    "p li dt dd tr td th thead tbody tfoot option optgroup colgroup rt rp html head body".split()  # may stay open
)


class TooComplex(ValueError):
    """The markup is nested or repeated beyond any real page."""


def parse_html(source: str) -> LexborHTMLParser:
    """A tree of bounded cost. Raises TooComplex."""
    depth = formatting = 0
    for count, match in enumerate(_TAG.finditer(source)):
        name = match[2].lower()
        step = -1 if match[1] else 1
        if name in _FORMATTING:
            formatting = max(formatting + step, 0)
        if name not in _UNCOUNTED:
            depth = max(depth + step, 0)
        if count >= MAX_TAGS or depth > MAX_DEPTH or formatting > MAX_FORMATTING:
            raise TooComplex(f"the page is too complex ({count} tags, {depth} deep, {formatting} formatting)")
    return LexborHTMLParser(source)


def html_to_text(source: str) -> str:
    """The visible text. Text without any markup only has its entities resolved. Raises TooComplex."""
    if not _MARKUP.search(source):
        return tidy(html.unescape(source))
    tree = parse_html(f"<body>{source}")
    return node_text(tree.body) if tree.body is not None else ""


def node_text(node: LexborNode) -> str:
    """The visible text under a node."""
    node.strip_tags(_NOT_TEXT)
    parts: list[str] = []
    for inner in node.traverse(include_text=True):
        name = inner.tag
        if name == "-text":
            parts.append(_INLINE_SPACE.sub(" ", (inner.text_content or "").replace("\n", " ")))
        elif name in _BREAKS:
            parts.append("\n")
        elif name in _CELLS:
            parts.append(" ")
    return tidy("".join(parts))


def tidy(text: str) -> str:
    """Single spaces, single line ends, no control characters, no indentation of paragraphs."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    plain = _LINES.sub("\n", _INLINE_SPACE.sub(" ", plain))
    return "\n".join(line.strip(" " + _INDENT) for line in plain.split("\n")).strip()
