"""Secrecy marks (密级标志): an item that carries one must not enter a system that is not a secret system.

What counts is a mark in the form a document carries it (保守国家秘密法, SPEC S13; GB/T 9704-2012: level, star and
period in the upper left corner), not the words 秘密 or 机密 in running text: 商业秘密, 国家秘密宣传月, 保守秘密.
"""

from __future__ import annotations

import re
from typing import Literal

Field = Literal["title", "text"]

_GAP = " ?"  # _plain leaves single spaces, so no pattern can backtrack over long runs of them
_LEVEL = rf"(?:[绝絕]{_GAP}密|[机機]{_GAP}密|[秘祕]{_GAP}密)"
_OPEN, _CLOSE = r"[【\[（(〔［]", r"[】\]）)〕］]"
_STAR = r"[★☆⭐✩✭*＊]"
_PERIOD = rf"(?:[0-9０-９一二三四五六七八九十]{{1,3}}{_GAP}(?:年|个月|月|日)|长期|長期|启封前)"
_URGENT = r"(?:特急|特提|加急|平急|紧急|急件)"
_KIND = r"(?:级|級|件|文件|资料|材料)"
_SERIAL = r"(?:份号[：:]?|[Nn][Oo][.:：]?)? ?[0-9０-９]{1,8}"
_NOT_VISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
_BLANKS = re.compile(r"[^\S\n]+")
_HEAD_LINES = 5
"""Lines of a document's head in which a level may stand before other words."""

# 机密★1年: a star makes it a mark wherever it stands, but not after a character (商业秘密*) nor quoted (标注“机密★”).
_STARRED = re.compile(rf"(?<![一-鿿“‘「『\"']){_LEVEL}{_KIND}?{_GAP}{_STAR}")
# 密级：机密; a list of levels (密级：绝密、机密、秘密) is a form or a lesson.
_LABELLED = re.compile(
    rf"(?:密{_GAP}级|密{_GAP}級|保密等级|秘密等级|保密级别|涉密等级|定密){_GAP}[：:]{_GAP}{_OPEN}?{_GAP}{_LEVEL}"
    rf"(?!{_KIND}?{_GAP}[、/／|或和与及]{_GAP}{_LEVEL})"
)
_OF_THIS = re.compile(rf"本(?:文|件|文件|材料|报告|通知|信息|资料)的?密级(?:定)?为[：:]?{_GAP}{_LEVEL}")
# A line of its own: 机密, 【秘密】, 000012 机密 1年 特急.
_ALONE = re.compile(
    rf"^{_GAP}(?:{_SERIAL})?{_GAP}(?:{_URGENT})?{_GAP}{_OPEN}?{_GAP}{_LEVEL}{_GAP}{_KIND}?{_GAP}{_CLOSE}?{_GAP}"
    rf"(?:{_PERIOD})?{_GAP}(?:{_URGENT})?{_GAP}[。.！!]?{_GAP}$",
    re.MULTILINE,
)
_BRACKETED = re.compile(rf"^{_GAP}{_OPEN}{_GAP}{_LEVEL}{_GAP}{_KIND}?{_GAP}{_CLOSE}", re.MULTILINE)
_BRACKETED_END = re.compile(rf"{_OPEN}{_GAP}{_LEVEL}{_GAP}{_KIND}?{_GAP}{_CLOSE}{_GAP}$")
# 机密　关于…的报告; 机密文件，注意保存: only in the head, where Chinese text would not set a space.
_LEADING = re.compile(
    rf"^{_GAP}(?:{_SERIAL}{_GAP})?{_LEVEL}(?: \S|{_PERIOD}|{_GAP}{_KIND}?[：:]|(?:文件|资料|材料|件)[，,。！!])"
)


def secrecy_mark(title: str, text: str) -> Field | None:
    """The field that carries a secrecy mark, or None. The mark itself is not handed back, so that nobody logs it."""
    if _marked(title) or _BRACKETED_END.search(_plain(title)):
        return "title"
    return "text" if _marked(text) else None


def _marked(text: str) -> bool:
    plain = _plain(text)
    if "密" not in plain:
        return False
    if any(form.search(plain) for form in (_STARRED, _LABELLED, _OF_THIS, _ALONE, _BRACKETED)):
        return True
    head = [line for line in plain.split("\n") if line.strip()][:_HEAD_LINES]
    return any(_LEADING.match(line) for line in head)


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text.translate(_NOT_VISIBLE).replace("\r\n", "\n").replace("\r", "\n"))
