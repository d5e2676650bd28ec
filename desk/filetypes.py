"""What a file is, by its first bytes and never by its name; what it may be called."""

from __future__ import annotations

import html
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from processors.pii import find_pii, mask
from producers.packages import check_package
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
_OFFICE_PARTS = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"))
_MACROS = ("vbaproject.bin", "vbadata.xml", "/activex/", "/macrosheets/")
_TAGS = re.compile(rb"<[^<>]*>")  # stops at the next <, or a part of nothing but these would never be done
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
        check_package(data)
    except InvalidItem as error:
        raise InvalidItem(
            [FieldError("files", one.message, f"“{shown}”：{one.message_zh}") for one in error.errors]
        ) from None
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        if any(macro in f"/{name}".casefold() for name in names for macro in _MACROS):
            raise refused(shown, "carries macros", "含有宏，请另存为不含宏的 .docx 或 .xlsx")
        for name in names:
            if name.endswith(".xml") and name.startswith(("word/", "xl/")) and _marked(archive.read(name)):
                raise refused(shown, "carries a secrecy mark", "带有密级标志，未保存，请通过涉密渠道报送")
    return next((kind for part, kind in _OFFICE_PARTS if part in names), None)


def _marked(xml: bytes) -> bool:
    """Whether a line of a part's text is a secrecy mark; runs of one paragraph are put together."""
    lines = re.sub(rb"</(?:w:p|si|is)>", b"\n", xml)
    text = html.unescape(_TAGS.sub(b"", lines).decode("utf-8", "replace"))
    return secrecy_mark("", text) is not None


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
