"""What a file is, by its first bytes and never by its name; what it may be called."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from processors.pii import find_pii, mask
from producers.packages import check_package, opened, pieces
from producers.secrecy import secrecy_mark
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import Lane

OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
}
"""Every kind that is taken, by the ending that it gets."""
_HEADS = ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"))
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_OFFICE_PARTS = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"))
_MACROS = ("vbaproject.bin", "vbadata.xml", "/activex/", "/macrosheets/")
_TAGS = re.compile(rb"<[^<>]*>")  # stops at the next <, or a part of nothing but these would never be done
_END = re.compile(rb"</(?:w:p|si|is)>")
_LONGEST_END = 5
"""Bytes of such an end that may stand in the piece before."""
_HEAD = 5
_READ = re.compile(r"(?:word|xl)/.*\.xml", re.DOTALL)
PART = 16 * 1024 * 1024
READ = 32 * 1024 * 1024
"""Bytes that one part of an office file, and all parts with text together, unpack to: somebody waits for the answer. A
document of 500 pages has some 5 MB."""
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]+')
STEM_LIMIT = 80
UNNAMED = "附件"


@dataclass(frozen=True, slots=True)
class AttachmentRules:
    """Where files are kept and which are taken. ``most`` files of a report, each and together of so many bytes;
    ``kinds``: keys of MEDIA_TYPES."""

    folder: Path
    most: int = 5
    each_bytes: int = 10 * 1024 * 1024
    total_bytes: int = 20 * 1024 * 1024
    kinds: tuple[str, ...] = tuple(MEDIA_TYPES)
    most_pixels: int = 64_000_000
    """Of a picture; some four bytes of memory each while it is looked at. Cameras of phones have 12 to 50 million."""

    @property
    def words(self) -> str:
        """The rules for whoever attaches something."""
        kinds = "、".join(kind.upper() for kind in self.kinds)
        each, total = _megabytes(self.each_bytes), _megabytes(self.total_bytes)
        return f"最多{self.most}个，每个不超过{each}，合计不超过{total}；{kinds}"


def kind_of(name: str, data: bytes, rules: AttachmentRules) -> str:
    """The kind of a file that may be kept. Raises InvalidItem, naming the file."""
    shown = clean_name(name, "")
    if len(data) > rules.each_bytes:
        raise refused(shown, "is too large", f"超过{_megabytes(rules.each_bytes)}")
    kind = next((kind for head, kind in _HEADS if data.startswith(head)), None) or _office(shown, data)
    if kind is None and data.startswith(_OLD_OFFICE):
        raise refused(shown, "is of an old format", "是旧版格式（.doc、.xls）或加了密码，请另存为 .docx 或 .xlsx")
    if kind is None or kind not in rules.kinds:
        kinds = "、".join(one.upper() for one in rules.kinds)
        raise refused(shown, "is of a kind that is not taken", f"不是可以收的格式（按内容认：{kinds}）")
    if secrecy_mark(name, ""):
        raise refused(shown, "carries a secrecy mark", "带有密级标志，未保存，请通过涉密渠道报送")
    return kind


def _office(shown: str, data: bytes) -> str | None:
    """Word or Excel without macros and without a secrecy mark in its text, None for what is no such archive."""
    if not data.startswith(b"PK"):
        return None
    try:
        check_package(data, part=PART)
        with opened(data) as archive:
            names = archive.namelist()
            if any(macro in f"/{name}".casefold() for name in names for macro in _MACROS):
                raise refused(shown, "carries macros", "含有宏，请另存为不含宏的 .docx 或 .xlsx")
            read = [one for one in archive.infolist() if _READ.fullmatch(one.filename)]
            if sum(one.file_size for one in read) > READ:
                raise refused(shown, "has too much text", "文字过多，请拆分后报送")
            if any(_marked(pieces(archive, one)) for one in read):
                raise refused(shown, "carries a secrecy mark", "带有密级标志，未保存，请通过涉密渠道报送")
    except InvalidItem as error:
        raise InvalidItem([_of_file(shown, one) for one in error.errors]) from None
    return next((kind for part, kind in _OFFICE_PARTS if part in names), None)


def _of_file(shown: str, error: FieldError) -> FieldError:
    """What is wrong with a package, said of the file it is."""
    if error.field == "files":
        return error
    return FieldError("files", error.message, f"“{shown}”：{error.message_zh}")


def _marked(xml: Iterable[bytes]) -> bool:
    """Whether a line of a part's text is a secrecy mark; runs of one paragraph are put together.

    Read a piece at a time up to the end of a paragraph: neither the part nor its text is ever held as a whole.
    """
    rest, lines = bytearray(), 0
    for piece in xml:
        begin = max(0, len(rest) - _LONGEST_END)
        rest += piece
        ends = [found.end() for found in _END.finditer(rest, begin)]
        if not ends:
            continue
        text = _text(bytes(rest[: ends[-1]]))
        del rest[: ends[-1]]
        if _mark_in(text, lines):
            return True
        lines += sum(1 for line in text.split("\n") if line.strip())
    return _mark_in(_text(bytes(rest)), lines)


def _mark_in(text: str, lines: int) -> bool:
    """``lines``: how many came before; some marks count in the head of a document only."""
    return secrecy_mark("", "\n".join(["·"] * min(lines, _HEAD) + [text])) is not None


def _text(xml: bytes) -> str:
    return html.unescape(_TAGS.sub(b"", _END.sub(b"\n", xml)).decode("utf-8", "replace"))


def clean_name(name: str, kind: str) -> str:
    """A name that is safe on every disk and page: no folders, no control or direction marks, no personal numbers;
    its ending is that of what the file is."""
    plain = unicodedata.normalize("NFKC", name.replace("\\", "/").rpartition("/")[2])
    visible = "".join(sign for sign in plain if not unicodedata.category(sign).startswith("C"))
    stem = visible.rpartition(".")[0] or visible
    stem = _NOT_IN_NAMES.sub("_", mask(stem, find_pii(stem, Lane.REPORT)).replace("*", "＊")).strip(" .")[:STEM_LIMIT]
    return f"{stem or UNNAMED}.{kind}" if kind else stem or UNNAMED


def refused(shown: str, english: str, chinese: str) -> InvalidItem:
    """A file that is not taken."""
    return InvalidItem([FieldError("files", f"{shown!r} {english}", f"“{shown}”{chinese}")])


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:g} MB"
