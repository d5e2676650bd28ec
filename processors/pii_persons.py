"""Accounts and addresses of private persons, by the words around them; and, with names and illnesses, all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.late import late
from processors.pii_health import find_health, find_health_of_victims
from processors.pii_names import find_names, names_of_victims
from processors.pii_numbers import Span
from schemas.vocab import PiiKind

_HANDLE = late(r"(?<![A-Za-z0-9._%+-])[@＠]([一-龥A-Za-z0-9_·-]{2,20})")
_PUBLIC_HANDLE = late(
    r"发布|日报|晚报|新闻|公安|警方|平安|交警|消防|政府|官方|电视台|网$|融媒|热线|12345|文旅|气象|城管|街道|社区|法院|检察|医院|市监|教体|水务|供电|所有人|全体"
)
_ACCOUNT = late(
    r"(?:QQ群?|qq群?|扣扣|企鹅号?|微信号?|薇信|威信|V信|v信|V[Xx]|v[Xx]|W[Xx]|w[Xx]|weixin|加[VvＶ]|＋[VvＶ]|\+[VvＶ]|抖音号|快手号|小红书号|支付宝)"
    r"(?:号码?|同号|[Ii][Dd])?[\s:：是为]{0,3}"
    r"((?:[Ww][Xx][:：_])?[A-Za-z0-9][A-Za-z0-9_-]{4,19})"
)
_ACCOUNT_START = late(r"[QqVvWw＋+扣企薇威]|微信|抖音号|快手号|小红书号|支付宝")
_USER_URL = late(r"https?://(?:weibo\.com/u?/?[0-9]+|www\.douyin\.com/user/\S+|www\.xiaohongshu\.com/user/\S+)")
_EMAIL = late(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PUBLIC_MAIL = late(r"(?i:\.gov(?:\.cn)?$)")
_ADDRESS = late(
    r"[一-龥]{1,10}(?:路|街|巷|大道|小区|花园|苑|城|府|园|村|湾|广场|公寓|家园|新区|社区)(?:[一-龥A-Za-z]{0,6})"
    r"(?:[0-9]{1,4}号?院?)?(?:[0-9A-Za-z一二三四五六七八九十]{1,4}(?:栋|幢|座|号楼|#))"
    r"(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{1,2}?[0-9]{2,4}(?:室|号|房|户)?"
    r"|[一-龥]{2,10}(?:路|街|巷|大道|村|社区|小区)[0-9]{1,4}号(?:[0-9]{1,3}(?:栋|幢|号楼))?"
    r"(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{3,4}[室房]"
)
_BUILDING = re.compile(  # begins with one set of characters, to which the search skips
    r"[栋幢座楼#室房](?:(?<![室房])(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{3}|(?<=[0-9]{3}[室房]))"
)
"""What every match of _ADDRESS has: found much faster."""
_REACHING = frozenset({PiiKind.PHONE, PiiKind.PLATE})


def find_places(text: str) -> list[Span]:
    """Homes by building and room."""
    if not _BUILDING.search(text):
        return []
    return [Span(PiiKind.ADDRESS, *match.span()) for match in _ADDRESS.finditer(text)]


def find_accounts(text: str) -> list[Span]:
    """Mail, and accounts of chat services."""
    spans: list[Span] = []
    if "@" in text or "＠" in text:
        spans += [Span(PiiKind.EMAIL, *m.span()) for m in _EMAIL.finditer(text) if not _PUBLIC_MAIL.search(m.group())]
    if _ACCOUNT_START.search(text):
        spans += [Span(PiiKind.ACCOUNT, *match.span(1)) for match in _ACCOUNT.finditer(text)]
    return spans


def find_private(text: str, known: Sequence[Span]) -> list[Span]:
    """Handles, names and illnesses; for public posts, since a report names officials at their work."""
    spans: list[Span] = []
    if "@" in text or "＠" in text:
        handles = [match for match in _HANDLE.finditer(text) if not _PUBLIC_HANDLE.search(match.group(1))]
        spans += [Span(PiiKind.ACCOUNT, *match.span()) for match in handles]
    if "http" in text:
        spans += [Span(PiiKind.ACCOUNT, *match.span()) for match in _USER_URL.finditer(text)]
    names = find_names(text, known)
    named = bool(names) or any(span.kind is PiiKind.ID_CARD for span in known)
    return spans + names + find_health(text, named, any(span.kind in _REACHING for span in known))


def find_victims(text: str) -> list[Span]:
    """Names of the public in a report, and what they are ill with."""
    names = names_of_victims(text)
    return names + find_health_of_victims(text) if names else names
