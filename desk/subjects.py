"""What the lines of the audit are about, in words: the title of an item, the name of an account, the issue of a day.

Looked up when a page is shown and never kept: an erased item has no title here either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from desk.audit import AuditEntry
from desk.filters import term
from desk.index import Document, Query
from desk.services import Desk
from desk.views import short_day
from schemas.errors import IndexUnavailable
from schemas.vocab import BulletinName

SHORT = 40
"""Characters of a title; the column is narrow."""
ERASED = "已删除的信息"


class Subject(NamedTuple):
    """``kind``: what it is (信息, 事件); ``text``: what it is called; ``href``: where it is shown, "" for nowhere."""

    kind: str
    text: str
    href: str = ""


class _Kind(NamedTuple):
    """How documents of an alias are called; ``path`` takes the field ``key``."""

    name: str
    path: str
    key: str
    fields: tuple[str, ...]
    called: Callable[[Document], str]


def _item(found: Document) -> str:
    return ERASED if found.get("erased") else str(found.get("title") or found.get("text") or "")


def _titled(found: Document) -> str:
    return str(found.get("title") or "（无标题）")


def _case(found: Document) -> str:
    about = f"{found.get('place') or ''}{found.get('event_type') or '有关情况'}"
    return f"{found.get('department_name') or found['department']}：{short_day(found['day'])}{about}"


_KINDS: Mapping[str, _Kind] = {
    "items": _Kind("信息", "/items/", "_id", ("title", "text", "erased"), _item),
    "incidents": _Kind("事件", "/incidents/", "_id", ("title",), _titled),
    "alerts": _Kind("预警", "/incidents/", "incident", ("title", "incident"), _titled),
    "cases": _Kind("线索", "/cases/", "_id", ("department", "department_name", "day", "place", "event_type"), _case),
}
_INDEXED = ("decided",)
_INSTRUCTIONS = ("instructed", "instruction_entered", "instruction_step")
_ISSUES = ("bulletin_", "mail_again")


async def subjects_of(desk: Desk, entries: Sequence[AuditEntry]) -> dict[str, Subject]:
    """By what stands in the lines; what nobody knows any more, or not while the index is away, is left out."""
    found = _own(desk, entries)
    decided = sorted({one.subject for one in entries if one.action in _INDEXED and one.subject not in found})
    instructed = sorted({one.subject for one in entries if one.action in _INSTRUCTIONS})
    for some in await asyncio.gather(
        _instructions(desk, instructed), *(_indexed(desk, alias, decided) for alias in _KINDS)
    ):
        found |= some
    return found


def _own(desk: Desk, entries: Sequence[AuditEntry]) -> dict[str, Subject]:
    """What this desk's own tables and the register know."""
    names = desk.people.shown_names()
    topics = desk.commissions.topics([one.subject for one in entries if one.action == "commissioned"])
    found: dict[str, Subject] = {}
    for one in entries:
        department = desk.source_names.get(one.subject.partition(":")[0])
        if one.subject in topics:
            found[one.subject] = Subject("约稿", topics[one.subject], "/commissions")
        elif one.action.startswith(_ISSUES):
            found |= _issue(desk, one.subject)
        elif one.action == "decided" and department is not None:
            found[one.subject] = Subject("单位", department)
        elif one.action != "decided" and one.subject in names:
            found[one.subject] = Subject("账号", names[one.subject], f"/admin/people/{one.subject}")
    return found


def _issue(desk: Desk, subject: str) -> dict[str, Subject]:
    """``name:date``, with the version of a mail behind it."""
    name, _, rest = subject.partition(":")
    day = rest.partition(":")[0]
    rule = desk.deps.bulletins.get(BulletinName(name))
    title = rule.title if rule is not None else BulletinName(name).label
    return {subject: Subject("刊物", f"《{title}》{short_day(day)}", f"/bulletins/{name}/{day}")}


async def _indexed(desk: Desk, alias: str, identifiers: Sequence[str]) -> dict[str, Subject]:
    """Those of the identifiers that are documents of ``alias``."""
    if not identifiers:
        return {}
    kind, ids = _KINDS[alias], {"ids": {"values": list(identifiers)}}
    wanted: list[Query] = [term("district", desk.deps.district), ids]
    order: list[dict[str, Any]] = [{"_doc": "asc"}]
    try:
        found, _ = await desk.index.after(alias, wanted, sort=order, size=len(identifiers), includes=kind.fields)
    except IndexUnavailable:
        return {}
    return {
        str(one["_id"]): Subject(kind.name, kind.called(one)[:SHORT], f"{kind.path}{one[kind.key]}") for one in found
    }


async def _instructions(desk: Desk, identifiers: Sequence[str]) -> dict[str, Subject]:
    if not identifiers:
        return {}
    listing = await desk.instructions.listed(None, {"ids": {"values": list(identifiers)}})
    return {
        one.id: Subject("批示件", one.topic or one.text[:SHORT], f"/instructions/{one.id}")
        for one in listing.instructions
        if one.id in identifiers
    }
