"""Office files are ZIP archives: looked at before any library opens them, and read piece by piece."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from schemas.errors import FieldError, InvalidItem

MAX_PARTS = 2000
MAX_UNPACKED = 100 * 1024 * 1024
"""Bytes of all parts together. A workbook of 10,000 reports of 2,000 characters unpacks to some 60 MB."""
MAX_FRAME = 4 * 1024 * 1024
"""Bytes of a part that says how others hang together: libraries make an object of every element in it."""
MAX_SHEETS = 200
"""Sheets of a workbook; each costs whoever reads it, also where all of them name one part."""
PIECE = 256 * 1024
"""Bytes unpacked at a time."""
_FRAMES = (".rels", "[content_types].xml", "workbook.xml", "styles.xml")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What office programs use; others may ask for gigabytes to unpack a few bytes."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old .doc and .xls files, and of encrypted new ones
_DTD = b"<!DOCTYPE"
_SHEET = re.compile(rb"<(?:\w{1,40}:)?sheet[\s/>]")
_LONGEST_TAG = 64
"""Bytes of the beginning of a tag that may lie across two pieces."""


def check_package(data: bytes, unpacked: int = MAX_UNPACKED, part: int | None = None) -> None:
    """Raises InvalidItem for what is no office file, is encrypted, carries a DTD, or unpacks to more than ``unpacked``
    bytes, or one ``part`` of it to more than so many."""
    if data.startswith(_OLE):
        raise _refused("is encrypted or of the old format", "文件已加密或为旧格式，请另存为 .docx 或 .xlsx")
    with opened(data) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(one.file_size for one in parts) > unpacked:
            raise _too_much()
        if any(one.file_size > _most_of(one, part or unpacked) for one in parts):
            raise _too_much()
        if any(one.flag_bits & 1 for one in parts):
            raise _refused("is encrypted; remove the password", "文件已加密，请去除密码")
        if any(one.compress_type not in _METHODS for one in parts):
            raise _refused("is not packed as office files are", "文件已损坏或不是 Office 文件")
        for one in parts:
            _no_dtd(archive, one)


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive; damage that shows only while a part is read is named too. Raises InvalidItem."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise _refused("is damaged or not an office file", "文件已损坏或不是 Office 文件") from error


def pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes, PIECE at a time; never more than the archive says it has."""
    with archive.open(part) as file:
        while piece := file.read(PIECE):
            yield piece


def check_sheets(data: bytes) -> None:
    """Raises InvalidItem for a workbook of too many sheets, in whichever part it lists them."""
    with opened(data) as archive:
        found = 0
        for part in archive.infolist():
            rest = b""
            for piece in pieces(archive, part):
                text = rest + piece.replace(b"\x00", b"")  # utf-16 has zero bytes between
                hits = list(_SHEET.finditer(text))
                found += len(hits)
                if found > MAX_SHEETS:
                    said = f"工作表过多（超过{MAX_SHEETS}张），请只留需要报送的一张"
                    raise _refused(f"has more than {MAX_SHEETS} sheets", said)
                rest = text[max(hits[-1].end() if hits else 0, len(text) - _LONGEST_TAG) :]


def _most_of(part: zipfile.ZipInfo, most: int) -> int:
    return min(most, MAX_FRAME) if part.filename.casefold().endswith(_FRAMES) else most


def _no_dtd(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Office programs write no DTD; entities in one are an attack."""
    with archive.open(part) as file:
        start = file.read(4096)
        if not part.filename.endswith((".xml", ".rels")):
            return
        if _DTD in start.replace(b"\x00", b""):  # utf-16 has zero bytes between
            raise _refused("carries a DTD; save it again with an office program", "文件结构异常，请用 Office 重新保存")


def _too_much() -> InvalidItem:
    return _refused("unpacks to too much; split it", "文件解压后过大，请拆分后报送")


def _refused(english: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError("file", english, chinese)])
