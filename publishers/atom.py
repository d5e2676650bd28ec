"""Issued bulletins as an Atom feed (RFC 4287), one entry an issue, with its contents list as the summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree

from publishers.document import chinese_date, issue_line, notices
from schemas.bulletin import Bulletin

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


def atom(issues: Sequence[Bulletin], *, base: str, office: str, empty_at: datetime) -> bytes:
    """The feed. ``base``: address of the desk without a final slash; ``empty_at``: when it was made, if it has nothing.

    An entry's id is that of the issue and stays through errata and withdrawal; ``updated`` tells that it changed.
    """
    feed = ElementTree.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "zh-CN"})
    _add(feed, "id", f"{base}/api/v1/bulletins.atom")
    _add(feed, "title", f"{office}刊物")
    _add(feed, "updated", max((one.made_at for one in issues), default=empty_at).isoformat())
    _add(_add(feed, "author"), "name", office)
    _link(feed, "self", f"{base}/api/v1/bulletins.atom", "application/atom+xml")
    for one in issues:
        _entry(feed, one, base)
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(feed: ElementTree.Element, issue: Bulletin, base: str) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", f"urn:huiyao:{issue.district}:{issue.name.value}:{issue.date}")
    state = "（已撤回）" if issue.withdrawn else "（勘误）" if issue.version > 1 else ""
    _add(entry, "title", f"{issue.title} {issue_line(issue)}{state}")
    _add(entry, "updated", issue.made_at.isoformat())
    _add(entry, "category", term=issue.name.value)
    titles = [one.title for section in issue.sections for one in section.entries]
    _add(entry, "summary", "\n".join([chinese_date(issue.date), *notices(issue), *titles]))
    page = f"{base}/bulletins/{issue.name.value}/{issue.date}"
    _link(entry, "alternate", page, "text/html")
    _link(entry, "enclosure", f"{page}/pdf", "application/pdf")


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, tag, attributes)
    made.text = "".join(sign for sign in text if sign >= " " or sign in "\t\n") or None
    return made


def _link(parent: ElementTree.Element, relation: str, address: str, media_type: str) -> None:
    _add(parent, "link", rel=relation, href=address, type=media_type)
