"""Times as people, files and feeds write them. No zone means +08:00; no guess where the form is not known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

from schemas.base import CHINA, with_zone

EARLIEST = datetime(2000, 1, 1, tzinfo=CHINA)
"""Older times are typing errors or an epoch's zero: the district's first electronic reports are of about 2002."""

_DATE = r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
_TIME = r"(?P<hour>\d{1,2})[:：时點点](?P<minute>\d{1,2})?(?:[:：分](?P<second>\d{1,2})?(?:\.\d+)?)?秒?"
_ZONE = r"(?P<zone>Z|UTC|GMT|CST|北京时间|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?)"
_WEEKDAY = r"(?:[（(]?(?:星期|周)[一二三四五六日天][)）]?)?"
_WRITTEN = re.compile(rf"{_DATE}\s*{_WEEKDAY}[\sT]*(?:{_TIME})?\s*{_ZONE}?", re.ASCII | re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?", re.ASCII | re.IGNORECASE)
_CST = re.compile(r"\b(?:CST|GMT\+0?8(?::?00)?)\b", re.IGNORECASE)
_LONGEST = 60


def parse_time(value: object) -> datetime | None:
    """An aware time from a text or from a cell (datetime or date), or None where it is not readable.

    Reads ISO 8601, RFC 822 and Chinese forms (2026年11月20日 8时05分). CST is China's time, not America's.
    """
    if isinstance(value, datetime):  # before date: a datetime is a date too
        return with_zone(value)
    if isinstance(value, date):
        return datetime.combine(value, time(), CHINA)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    return _iso(text) or _written(text) or _rfc822(text)


def _iso(text: str) -> datetime | None:
    if len(text) < 10 or text[4:5] != "-":  # fromisoformat also takes 20261120 and week dates; people do not mean them
        return None
    try:
        return with_zone(datetime.fromisoformat(text))
    except ValueError:
        return None


def _written(text: str) -> datetime | None:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    parts = {name: int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")}
    zone = _zone(match["zone"])
    try:
        return datetime(**parts, tzinfo=zone) if zone else None
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    name = (text or "CST").upper()
    if name in ("CST", "北京时间"):
        return CHINA
    if name in ("Z", "UTC", "GMT"):
        return UTC
    match = _OFFSET.fullmatch(name)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(offset if match[1] == "+" else -offset) if offset < timedelta(hours=24) else None


def _rfc822(text: str) -> datetime | None:
    try:
        # -0000 is UTC too (RFC 5322 3.3), but the library would answer it, as a missing zone, without any.
        return with_zone(parsedate_to_datetime(_CST.sub("+0800", text).replace("-0000", "+0000")))
    except (ValueError, OverflowError, IndexError):
        return None
