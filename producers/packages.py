"""Office files are ZIP archives: looked at before any library opens them."""

from __future__ import annotations

import zipfile
from io import BytesIO

from schemas.errors import FieldError, InvalidItem

MAX_PARTS = 2000
MAX_UNPACKED = 100 * 1024 * 1024
"""Bytes of all parts together. A workbook of 10,000 reports of 2,000 characters unpacks to some 60 MB."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old .doc and .xls files, and of encrypted new ones
_DTD = b"<!DOCTYPE"


def check_package(data: bytes, unpacked: int = MAX_UNPACKED) -> None:
    """Raises InvalidItem for what is no office file, is encrypted, carries a DTD, or unpacks to more than ``unpacked``
    bytes."""
    if data.startswith(_OLE):
        raise _refused("is encrypted or of the old format", "文件已加密或为旧格式，请另存为 .docx 或 .xlsx")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > unpacked:
                raise _refused("unpacks to too much; split it", "文件解压后过大，请拆分后报送")
            if any(part.flag_bits & 1 for part in parts):
                raise _refused("is encrypted; remove the password", "文件已加密，请去除密码")
            for part in parts:
                _no_dtd(archive, part)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise _refused("is damaged or not an office file", "文件已损坏或不是 Office 文件") from error


def _no_dtd(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Office programs write no DTD; entities in one are an attack. Reading also proves the part's real size."""
    with archive.open(part) as file:
        start = file.read(4096)
        if not part.filename.endswith((".xml", ".rels")):
            return
        if _DTD in start.replace(b"\x00", b""):  # utf-16 has zero bytes between
            raise _refused("carries a DTD; save it again with an office program", "文件结构异常，请用 Office 重新保存")


def _refused(english: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError("file", english, chinese)])
