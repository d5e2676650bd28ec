"""Bytes to text when the declared character set is missing or wrong: utf-8, utf-16, gb18030 (gb2312, gbk), big5.

The order: byte order mark; utf-16 by its zero bytes; utf-8 if the bytes are valid and not plain ASCII (text of another
set is practically never valid utf-8); then gb18030 against big5 by how many of the characters are common ones, with the
declaration as a head start.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before utf-16-le, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ALIASES = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "ms936": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs",
    "cp950": "cp950", "utf8": "utf-8",
}  # fmt: skip
_CHINESE = ("gb18030", "big5hkscs")
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})"
    rb"|<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})",
    re.IGNORECASE,
)
_HTTP = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HEAD = 2048
_SAMPLE = 20_000
"""Bytes that decide between gb18030 and big5; some thousands of characters are plenty."""
_HEAD_START = 0.2
"""What a declaration is worth against the share of common characters; wrong readings differ by more than 0.4."""
MAX_BROKEN = 0.01
"""Share of unreadable characters up to which a text counts as damaged and not as unreadable."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the character set it was read with, and how many characters were unreadable (now U+FFFD)."""

    text: str
    encoding: str
    broken: int = 0

    @property
    def readable(self) -> bool:
        """Whether so little is broken that the text can be used."""
        return self.broken <= len(self.text) * MAX_BROKEN


def decode(data: bytes, content_type: str = "") -> Decoded:
    """The text of a document. Never fails: look at ``readable``."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], name)
    wide = _wide(data)
    if wide:
        return _lenient(data, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        # A multi-byte character cut or damaged far into valid utf-8 is damage, not another character set.
        declared = declared_encoding(data, content_type)
        if declared == "utf-8" and _valid_utf8_share(data, error) > 1 - MAX_BROKEN:
            return _lenient(data, "utf-8")
    if declared and declared not in (*_CHINESE, "cp950", "utf-8", "ascii", "iso8859-1", "cp1252"):
        strict = _strict(data, declared)
        if strict is not None:
            return Decoded(strict, declared)
    best = max(_CHINESE, key=lambda name: _common_share(data, name) + (_HEAD_START if name == declared else 0))
    return min((_lenient(data, name) for name in (best, "utf-8")), key=lambda found: found.broken)


def declared_encoding(data: bytes, content_type: str = "") -> str | None:
    """Python's name of the character set that the document, else the HTTP header, declares; None where unknown."""
    match = _DECLARED.search(data[:_HEAD])
    inside = (match[1] or match[2]).decode("ascii") if match else None
    header = _HTTP.search(content_type)
    for name in (inside, header[1] if header else None):
        if name:
            lowered = name.lower()
            try:
                return codecs.lookup(_ALIASES.get(lowered, lowered)).name
            except LookupError:
                continue
    return None


def _wide(data: bytes) -> str | None:
    """utf-16 without a mark: markup starts with ``<`` and a zero byte."""
    if data[:2] == b"<\x00":
        return "utf-16-le"
    return "utf-16-be" if data[:2] == b"\x00<" else None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _lenient(data: bytes, name: str) -> Decoded:
    text = data.decode(name, errors="replace")
    return Decoded(text, name, text.count("\ufffd"))


def _valid_utf8_share(data: bytes, error: UnicodeDecodeError) -> float:
    text = data.decode("utf-8", errors="replace")
    return 1 - text.count("\ufffd") / max(len(text), 1) if error.start or text else 0.0


def _common_share(data: bytes, name: str) -> float:
    """Share of two-byte characters whose lead byte lies in the set's block of common characters.

    GB 2312 level 1 is B0 to D7; Big5's frequent characters are A4 to C6 (both standards order them so).
    """
    low, high, trail_low = (0xB0, 0xD7, 0xA1) if name == "gb18030" else (0xA4, 0xC6, 0x40)
    common = total = place = 0
    sample = data[:_SAMPLE]
    while place < len(sample) - 1:
        if sample[place] < 0x80:
            place += 1
            continue
        total += 1
        common += low <= sample[place] <= high and sample[place + 1] >= trail_low
        place += 2
    return common / total if total else 0.0
