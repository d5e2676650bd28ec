"""What a bulletin may choose from, as the index has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.decisions import ItemDecisions
from desk.filters import term
from desk.index import Document, Index
from processors.bulletins import Candidate
from schemas.vocab import Category, Lane, Level, Sentiment

NOT_PRINTED = frozenset({"returned", "rejected"})
FIELDS = (
    "item_id", "lane", "category", "category_decided", "title", "text", "source", "source_name", "received_at", "kind",
    "story", "story_stated", "incident", "status", "decisions", "version", "merged_into", "apart",
    "emergency.is_emergency", "emergency.level", "emergency.in_district", "opinion", "timeliness.verdict",
    "findings.check", "findings.message",
)  # fmt: skip
"""What :func:`candidate` and the decisions need of a document."""
ITEM_SORT = ({"received_at": "desc"}, {"item_id": "asc"})


async def candidates_between(
    index: Index, district: str, begin: datetime, end: datetime, decisions: ItemDecisions | None = None
) -> list[Candidate]:
    """What a bulletin may choose from: items received in [begin, end), not erased, returned or rejected.

    ``decisions``: those of the desk, so that one made a moment ago counts and an editor's wording is taken.
    """
    between = {"range": {"received_at": {"gte": begin.isoformat(), "lt": end.isoformat()}}}
    filters = [term("district", district), between, term("erased", "false")]
    items = await index.all("items", filters, sort=ITEM_SORT, includes=FIELDS)
    if decisions is not None:
        items = decisions.shown_all(items)
    return [worded(item, decisions) for item in items if item.get("status") not in NOT_PRINTED]


def worded(item: Document, decisions: ItemDecisions | None) -> Candidate:
    """A document as a bulletin sees it, in an editor's wording where there is one."""
    made = candidate(item)
    edit = decisions.edit_of(item) if decisions is not None else None
    return made if edit is None else replace(made, title=edit.title, text=edit.text)


def candidate(item: Document) -> Candidate:
    """An indexed item as a bulletin sees it; a category that a person chose stands above the machine's."""
    emergency, opinion = item.get("emergency") or {}, item.get("opinion") or {}
    doubts = tuple(
        f["message"] for f in item.get("findings") or [] if f["check"] in ("number_mismatch", "impossible_date")
    )
    return Candidate(
        item_id=item["item_id"],
        lane=Lane(item["lane"]),
        category=Category(item.get("category_decided") or item["category"]),
        title=item.get("title") or "",
        text=item.get("text") or "",
        source_name=item.get("source_name") or item.get("source") or "",
        received_at=datetime.fromisoformat(item["received_at"]),
        is_emergency=bool(emergency.get("is_emergency")),
        level=Level(emergency["level"]) if emergency.get("level") else None,
        in_district=emergency.get("in_district"),
        story=item.get("story"),
        incident=item.get("incident"),
        sensitivity=int(opinion.get("sensitivity") or 0),
        kind=item.get("kind"),
        doubts=doubts,
        late=(item.get("timeliness") or {}).get("verdict") == "late",
        theme=opinion.get("theme"),
        merged_into=item.get("merged_into"),
        sentiment=Sentiment(opinion["sentiment"]) if opinion.get("sentiment") else None,
    )
