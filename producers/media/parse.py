"""A feed's bytes to entries. RSS, Atom and RDF through feedparser, which is only ever given capped bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from producers.times import EARLIEST, parse_time
from producers.web.decode import decode
from producers.web.text import TooComplex, html_to_text
from schemas.errors import SourceError
from schemas.ids import digest
from schemas.item import SHORT_LIMIT, TEXT_LIMIT, TITLE_LIMIT

_PROLOG = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]{0,300}(?:\[.*?\]\s{0,20})?>", re.DOTALL | re.IGNORECASE)
"""No feed needs one; entities that multiply cost seconds before expat stops them, and external ones are never read."""
_PUBLISHED = ("published", "created")
_UPDATED = "updated"
_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``key`` is the feed's id for it, else its link. Times are None where missing or unreadable."""

    key: str
    title: str
    text: str
    url: str | None
    published: datetime | None
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """The entries that can be used, and what was wrong with the others (or with a usable one)."""

    entries: tuple[Entry, ...]
    findings: tuple[str, ...]


def parse_feed(body: bytes, *, content_type: str = "", base: str = "", max_entries: int = 500) -> ParsedFeed:
    """Raises SourceError where the bytes are no feed, or no single entry can be used."""
    decoded = decode(body, content_type)
    if not decoded.readable:
        raise SourceError(f"the character set is not readable ({decoded.broken} broken characters)")
    # The text is ours now: a declaration that lies must not be read again.
    text = _DOCTYPE.sub("", _PROLOG.sub("", decoded.text, count=1), count=1)
    clean = text.lstrip().encode("utf-8", "replace")
    feed = _parse(b'<?xml version="1.0" encoding="utf-8"?>' + clean)
    entries: dict[str, Entry] = {}
    findings = [f"{decoded.broken} broken characters"] if decoded.broken else []
    for place, raw in enumerate(feed.entries[:max_entries], 1):
        entry = _entry(raw, base, place, findings)
        if entry is not None and entry.key in entries:
            findings.append(f"entry {place}: the same id again ({entry.key[:_EXCERPT]})")
        elif entry is not None:
            entries[entry.key] = entry
    if len(feed.entries) > max_entries:
        findings.append(f"{len(feed.entries) - max_entries} entries beyond the limit of {max_entries}")
    if feed.entries and not entries:
        raise SourceError(f"none of {len(feed.entries)} entries can be used: {findings[0]}")
    return ParsedFeed(tuple(entries.values()), tuple(findings))


def _parse(data: bytes) -> Any:
    # Through a stream: feedparser would take a string for an address or a file name and open it.
    try:
        feed = feedparser.parse(
            BytesIO(data),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,  # no markup leaves here
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser's loose parser raises whatever its regexes meet
        raise SourceError(f"not a readable feed ({type(error).__name__})") from error
    if not feed.get("version") and not feed.entries:
        raise SourceError("not a feed: neither RSS nor Atom nor RDF", hint="the address may have become a web page")
    return feed


def _entry(raw: Any, base: str, place: int, findings: list[str]) -> Entry | None:
    try:
        title, text = html_to_text(str(raw.get("title", ""))), _text(raw)
    except TooComplex as error:
        findings.append(f"entry {place}: {error}")
        return None
    link = urljoin(base, str(raw.get("link", "")).strip()) if raw.get("link") else ""
    key = str(raw.get("id") or "").strip() or link
    problem = _problem(key, title, text)
    if problem:
        findings.append(f"entry {place}: {problem}")
        return None
    published, updated = _times(raw, place, findings)
    url = link if link.startswith(("http://", "https://")) and len(link) <= TITLE_LIMIT else None
    short = key if len(key) <= SHORT_LIMIT else digest(key)
    return Entry(short, title, text or title, url, published, updated)


def _problem(key: str, title: str, text: str) -> str | None:
    if not key:
        return "neither id nor link"
    if not (title or text):
        return "neither title nor text"
    if len(title) > TITLE_LIMIT or len(text) > TEXT_LIMIT:
        return "title or text is too long"
    return None


def _text(raw: Any) -> str:
    """The longest of the contents and the summary; many feeds put a teaser in one and the article in the other."""
    bodies = [str(part.get("value", "")) for part in raw.get("content", ())] + [str(raw.get("summary", ""))]
    return max((html_to_text(body) for body in bodies), key=len)


def _times(raw: Any, place: int, findings: list[str]) -> tuple[datetime | None, datetime | None]:
    # "in" on purpose: feedparser answers raw["updated"] with the published time where there is no updated one.
    names = [name for name in (*_PUBLISHED, _UPDATED) if name in raw]
    read = {name: parse_time(str(raw[name])) for name in names}
    for name, value in read.items():
        if value is None or value < EARLIEST:
            findings.append(f"entry {place}: {name} is not readable ({str(raw[name])[:_EXCERPT]})")
            read[name] = None
    published = next((read[name] for name in _PUBLISHED if read.get(name)), None)
    return published, read.get(_UPDATED)
