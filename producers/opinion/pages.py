"""Pages to posts by the selectors of a declared source: pure. What is not certain is said, not guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from producers.sources import ATTRIBUTE, OpinionSource
from producers.times import EARLIEST, parse_time
from producers.web.decode import decode
from producers.web.fetch import Fetched
from producers.web.text import TooComplex, node_text, parse_html, tidy
from producers.web.urls import without_user
from schemas.errors import SourceError
from schemas.ids import digest
from schemas.item import SHORT_LIMIT, TEXT_LIMIT, TITLE_LIMIT

_PREFIX = re.compile(r"^(?:发表于|发布于|发布时间|发表时间|时间|日期|更新时间)[：:\s]*")
FUTURE = timedelta(hours=1)


class Doubtful(ValueError):
    """One post cannot be read with certainty; the message quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A post as listed. ``key`` is its own id on the site. ``title`` and ``time`` where the list shows them."""

    key: str
    url: str
    title: str
    time: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post as read, not yet masked."""

    key: str
    url: str
    title: str
    text: str
    published: datetime


def read_list(page: Fetched, source: OpinionSource, *, first: bool) -> tuple[list[Listed], str | None]:
    """The posts of a list page and the address of the next one.

    Raises SourceError where the page is not as declared: count outside ``min`` and ``max`` (the minimum on the first
    page only), a link, title or time that a selector does not find.
    """
    tree, declared = _tree(page), source.list
    rows = _all(tree.root, declared.item)
    least = declared.min if first else 1
    if not least <= len(rows) <= declared.max:
        raise SourceError(
            f"{source.id}: the list has {len(rows)} posts, expected {least} to {declared.max}",
            hint="the page has changed: look at it and correct the selectors",
        )
    listed = [_listed(row, page.url, source) for row in rows]
    following = _value(tree.root, declared.next) if declared.next else ""
    return listed, urljoin(page.url, following) if following else None


def read_post(page: Fetched, listed: Listed, source: OpinionSource, *, now: datetime) -> Post:
    """The post on its page. Raises Doubtful."""
    try:
        root = _tree(page).root
    except SourceError as error:
        raise Doubtful("the page is not readable") from error
    title = _value(root, source.item.title) if source.item.title else listed.title
    when = _value(root, source.item.time) if source.item.time else listed.time
    text = _value(root, source.item.text)
    for name, value in (("title", title), ("text", text), ("time", when)):
        if not value:
            raise Doubtful(f"the selector of {name} finds nothing")
    if len(title) > TITLE_LIMIT or len(text) > TEXT_LIMIT:
        raise Doubtful("title or text is too long")
    published = parse_time(_PREFIX.sub("", when))
    if published is None or not EARLIEST <= published <= now + FUTURE:
        raise Doubtful("the time is not readable or not possible")
    return Post(listed.key, without_user(listed.url), title, text, published)


def _listed(row: LexborNode, base: str, source: OpinionSource) -> Listed:
    declared = source.list
    link = _value(row, declared.link)
    title = _value(row, declared.title) if declared.title else ""
    time = _value(row, declared.time) if declared.time else ""
    for name, wanted, value in (
        ("link", True, link),
        ("title", declared.title and not source.item.title, title),
        ("time", declared.time and not source.item.time, time),
    ):
        if wanted and not value:
            raise SourceError(
                f"{source.id}: the list's selector of {name} finds nothing in a post",
                hint="the page has changed: look at it and correct the selectors",
            )
    url = urljoin(base, link)
    if urlsplit(url).hostname not in source.hosts:
        raise SourceError(f"{source.id}: a post lies on a host that is not listed ({urlsplit(url).hostname})")
    return Listed(_key(url, source), url, title, time)


def _key(url: str, source: OpinionSource) -> str:
    """The post's own id: by the declared pattern, else its address without user parts."""
    if source.post_id is not None:
        match = re.search(source.post_id, url)
        if match is None or not match[1]:
            raise SourceError(f"{source.id}: post_id does not match the address of a post", hint="correct post_id")
        return match[1][:SHORT_LIMIT]
    clean = without_user(url)
    return clean if len(clean) <= SHORT_LIMIT else digest(clean)


def _tree(page: Fetched) -> LexborHTMLParser:
    decoded = decode(page.body, page.content_type)
    if not decoded.readable:
        raise SourceError(f"the character set is not readable ({decoded.broken} broken characters)")
    try:
        return parse_html(decoded.text)
    except TooComplex as error:
        raise SourceError(str(error)) from error


def _all(node: LexborNode | None, selector: str) -> list[LexborNode]:
    try:
        return node.css(selector) if node is not None else []
    except (ValueError, SelectolaxError) as error:
        raise SourceError(f"not a CSS selector: {selector}") from error


def _value(node: LexborNode | None, selector: str) -> str:
    """Text or attribute of the first match, tidied; empty where there is none."""
    match = ATTRIBUTE.match(selector)
    found = _all(node, match[1] if match else selector)
    if not found:
        return ""
    return tidy(found[0].attributes.get(match[2]) or "") if match else node_text(found[0])
