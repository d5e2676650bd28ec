"""What a bulletin may choose from, as the index has it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from desk.decisions import ItemDecisions
from desk.filters import term
from desk.index import Document, Index, Query
from processors.bulletin_candidate import Candidate
from schemas.vocab import Category, Kind, Lane, Level, Sentiment

NOT_PRINTED = frozenset({"returned", "rejected"})
FIELDS = (
    "item_id", "lane", "category", "category_decided", "title", "text", "source", "source_name", "received_at", "kind",
    "story", "story_stated", "incident", "status", "decisions", "version", "merged_into", "apart",
    "emergency.is_emergency", "emergency.level", "emergency.in_district", "emergency.doubtful", "opinion",
    "timeliness.verdict", "findings.check", "findings.message",
)  # fmt: skip
"""What :func:`candidate` and the decisions need of a document."""
_SUPPORT = ("item_id", "lane", "kind", "story", "story_stated", "incident", "status", "decisions", "version", "apart")
_INCIDENT = ("incident", "signed", "confirmed_by", "rejected", "sources.lane", "calls")
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
    found = [worded(item, decisions) for item in items if item.get("status") not in NOT_PRINTED]
    return await vouched(index, district, found, decisions)


async def vouched(
    index: Index, district: str, items: Sequence[Candidate], decisions: ItemDecisions | None
) -> list[Candidate]:
    """The items, with what is known of those that only a public post tells of as an emergency.

    Whatever its day: a report or a media item of the same story that was not counted to another incident, an incident
    that somebody reported or confirmed, or that a person found to be none.
    """
    asked = [item for item in items if item.is_emergency and item.lane is Lane.OPINION]
    if not asked:
        return list(items)
    here = _tellers((i.story, i.incident) for i in items if i.lane is not Lane.OPINION and i.kind != Kind.ZERO)
    open_ = {item.story for item in asked if item.story and not _surely_told(item, here)}
    elsewhere, incidents = await asyncio.gather(
        _told(index, district, open_, decisions),
        _incidents(index, district, {item.incident for item in asked if item.incident}),
    )
    told, ids = here | elsewhere, {item.item_id for item in asked}
    return [
        item
        if item.item_id not in ids
        else replace(
            item,
            vouched=_is_told(item, told) or incidents.get(item.incident or "") is True,
            refuted=incidents.get(item.incident or "") is False,
        )
        for item in items
    ]


Tellers = Mapping[str, frozenset[str | None]]
"""Of each story, the incidents of the reports and media items that tell of it; None for one without."""


def _tellers(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, frozenset[str | None]]:
    found: dict[str, frozenset[str | None]] = {}
    for story, incident in pairs:
        if story:
            found[story] = found.get(story, frozenset()) | {incident}
    return found


def _surely_told(item: Candidate, tellers: Tellers) -> bool:
    """Whether it is told, whatever more is found of its story."""
    by = tellers.get(item.story or "", frozenset())
    return bool(by) if item.incident is None else item.incident in by


def _is_told(item: Candidate, tellers: Tellers) -> bool:
    """Whether a teller of its story speaks of what the item makes an entry of.

    An entry is an incident where there is one (:func:`processors.bulletins.group_of`): the story alone does not vouch
    for an incident when what tells of the story was counted to another.
    """
    by = tellers.get(item.story or "", frozenset())
    return _surely_told(item, tellers) or by == {None}


async def _told(
    index: Index, district: str, stories: Collection[str], decisions: ItemDecisions | None
) -> dict[str, frozenset[str | None]]:
    """Of those of the stories of which a report or a media item tells that may be printed: their incidents."""
    if not stories:
        return {}
    filters: list[Query] = [
        term("district", district), term("erased", "false"), {"terms": {"story": sorted(stories)}},
        {"terms": {"lane": [Lane.REPORT.value, Lane.MEDIA.value]}},
    ]  # fmt: skip
    found = await index.all("items", filters, sort=ITEM_SORT, includes=_SUPPORT)
    if decisions is not None:
        found = decisions.shown_all(found)
    standing = (one for one in found if one.get("status") not in NOT_PRINTED and one.get("kind") != Kind.ZERO)
    return _tellers((one.get("story"), one.get("incident")) for one in standing)


async def _incidents(index: Index, district: str, identifiers: Collection[str]) -> dict[str, bool | None]:
    """True where somebody stands for the incident, False where a person found that nothing happened."""
    if not identifiers:
        return {}
    filters: list[Query] = [term("district", district), {"terms": {"incident": sorted(identifiers)}}]
    sort = ({"incident": "asc"},)
    found = await index.all("incidents", filters, sort=sort, includes=_INCIDENT)
    return {str(one["incident"]): _stands(one) for one in found}


def _stands(incident: Document) -> bool | None:
    if incident.get("rejected"):
        return False
    lanes = {source.get("lane") for source in incident.get("sources") or []}
    told = incident.get("signed") or incident.get("confirmed_by") or incident.get("calls")
    return True if told or lanes - {Lane.OPINION} else None


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
        doubtful=bool(emergency.get("doubtful")),
        sentiment=Sentiment(opinion["sentiment"]) if opinion.get("sentiment") else None,
    )
