"""One item in a list, as a piece of a page. Written in Python: as a macro fifty rows cost more than all the rest of a
page. Every value is escaped here, with the standard library: markupsafe makes an object of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from markupsafe import Markup

from desk.views import clock, found_words
from processors.fold_items import ItemStatus
from schemas.vocab import Kind, Lane, Level

ROW_FIELDS = (
    "item_id", "title", "text", "lane", "category", "category_decided", "abstained", "source", "source_name",
    "received_at", "status", "merged_into", "apart", "decisions", "version", "erased", "story", "story_stated", "kind",
    "emergency.is_emergency", "emergency.level", "emergency.warning", "emergency.in_district", "emergency.doubtful",
    "timeliness.verdict", "findings.check",
)  # fmt: skip
"""What a row shows, and what the decisions of the desk are laid over (desk.decisions)."""
EXTRACT, UNTITLED, SPOKEN = 80, 42, 20
"""Characters of the text below a title, instead of one, and in the name of a button."""
_LANES = {one.value: one.label for one in Lane}
_STATUS = {one.value: one.label for one in ItemStatus}
_STATUS_COLOURS = {"accepted": "green", "returned": "amber"}
Item = Mapping[str, Any]


def item_row(
    item: Item,
    *,
    extract: bool = False,
    standing: bool = False,
    decide: int | None = None,
    focus: bool = False,
    used: Sequence[str] = (),
) -> Markup:
    """A row. ``extract``: with the beginning of the text; ``standing``: with what became of it; ``decide``: with the
    button of the queue, for the revision that is shown; ``used``: where it was printed."""
    name = escape(item["item_id"])
    back = "?back=queue" if decide is not None else ""
    begun = " autofocus" if focus else ""
    return Markup(  # noqa: S704 - the parts are escaped where they are made
        f'<li class="row">\n<a class="title" href="/items/{name}{back}"{begun}>{_title(item)}</a>\n'
        f'{_extract(item, extract)}<div class="meta">\n{_standing(item) if standing else ""}{_printed(used)}'
        f'<span class="badge kind">{escape(item.get("category_decided") or item["category"])}</span>\n{flags(item)}'
        f'<span class="from">{_LANES[item["lane"]]} · {_source(item)}</span>'
        f'<time datetime="{escape(item["received_at"])}">{clock(item["received_at"])}</time>\n'
        f"{_MERGED if item.get('merged_into') else ''}{'' if decide is None else _accept(item, decide)}</div>\n</li>\n"
    )


def item_rows(items: Sequence[Item], *, extract: bool = False) -> Markup:
    """Rows of items that are only listed, as one piece: a template that asks for each makes fifty calls of it."""
    return Markup("").join([item_row(item, extract=extract) for item in items])


_ZERO = f'<span class="badge">{Kind.ZERO.label}</span>\n'
_MERGED = '<span class="badge">已并入</span>\n'


def _title(item: Item) -> str:
    found = (item.get("highlight") or {}).get("title")
    if found:
        return found_words(found[0])
    return escape(item.get("title") or (item.get("text") or "")[:UNTITLED] or "（空白）")


def _extract(item: Item, wanted: bool) -> str:
    found = (item.get("highlight") or {}).get("text")
    if found:
        return f'<p class="extract">…{found_words(found[0])}…</p>\n'
    if not (wanted and item.get("title")):
        return ""
    text = item.get("text") or ""
    return f'<p class="extract">{escape(text[:EXTRACT])}{"…" if len(text) > EXTRACT else ""}</p>\n'


def _standing(item: Item) -> str:
    if item.get("kind") == Kind.ZERO:
        return _ZERO  # nobody is asked to do anything with it
    status = item["status"]
    badge = f'<span class="badge {_STATUS_COLOURS.get(status, "")}">{_STATUS[status]}</span>\n'
    reasons = [one["reason"] for one in item.get("decisions") or [] if one.get("reason")]
    return badge + (f'<span class="reason">{escape(reasons[-1])}</span>\n' if reasons else "")


def _printed(used: Sequence[str]) -> str:
    return "".join(f'<span class="badge green">刊于 {escape(words)}</span>\n' for words in used)


def _source(item: Item) -> str:
    return escape(item.get("source_name") or item.get("source") or "来源未注明")


def _accept(item: Item, revision: int) -> str:
    spoken = escape(item.get("title") or (item.get("text") or "")[:SPOKEN])
    return (
        f'<form method="post" action="/items/{escape(item["item_id"])}/decisions">'
        f'<input type="hidden" name="revision" value="{int(revision)}"><input type="hidden" name="back" value="queue">'
        f'<button class="plain" type="submit" name="action" value="accept" aria-label="采用：{spoken}">采用</button>'
        "</form>\n"
    )


def flags(item: Item) -> str:
    """What a reader should see at once: level, place, doubts, lateness, findings."""
    emergency = item.get("emergency") or {}
    found = []
    if emergency.get("is_emergency"):
        found.append(f"{level(emergency.get('level'))}\n")
        if emergency.get("in_district") is False:
            found.append('<span class="badge">外地</span>\n')
    elif emergency.get("warning"):
        found.append('<span class="badge amber">预警信息</span>\n')
    if item.get("abstained") and not item.get("category_decided"):
        found.append('<span class="badge amber">类别存疑</span>\n')
    if emergency.get("doubtful"):
        found.append('<span class="badge amber">是否突发存疑</span>\n')
    if (item.get("timeliness") or {}).get("verdict") == "late":
        found.append('<span class="badge amber">迟报</span>\n')
    if item.get("findings"):
        found.append(f'<span class="badge">核校 {len(item["findings"])}</span>\n')
    return "".join(found)


def level(value: str | None) -> Markup:
    """The badge of an emergency's level."""
    return _BADGES[value or ""]


_BADGES = {"": Markup('<span class="badge rose">级别未定</span>')} | {
    one.value: Markup('<span class="badge {}">{}（{}级）</span>').format(
        "rose" if one is Level.IV else "red", one.label, one.value
    )
    for one in Level
}
