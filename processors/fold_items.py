"""Folding of events into the document of an item. See :mod:`processors.fold`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from processors.fold_parts import Document, by_time_and_id, decided, in_china, in_force, micros, plain, union
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.story import StoryAssigned
from schemas.vocab import Category


class ItemStatus(StrEnum):
    """Where an item stands with the editors; the last decision that holds and says so."""

    NEW = "new"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    REJECTED = "rejected"
    CLOSED = "closed"
    ERASED = "erased"

    @property
    def label(self) -> str:
        return {
            "new": "待处理",
            "accepted": "已采用",
            "returned": "已退回",
            "rejected": "不采用",
            "closed": "已办结",
            "erased": "已删除",
        }[self.value]


STATUS_OF_ACTION = {
    "accept": ItemStatus.ACCEPTED,
    "confirm": ItemStatus.ACCEPTED,
    "return": ItemStatus.RETURNED,
    "reject": ItemStatus.REJECTED,
    "close": ItemStatus.CLOSED,
    "reopen": ItemStatus.NEW,
}

CATEGORIES = frozenset(category.value for category in Category)

IDENTITY = ("item_id", "district", "lane", "source")
"""The same in every event of an item, since the item id is made from them; the only content a tombstone keeps."""
ARRIVAL = ("received_at", "day", "first_version", "first_digest", "timeliness")
"""Of the earliest receipt."""
_PARTS = ("story_record", "incident_links", "decisions", "erased")
_DERIVED = (
    "complete", "status", "story", "story_key", "incident", "category_decided", "changed_since_decision", "merged_into",
    "apart",
)  # fmt: skip
_TOMBSTONE = (*IDENTITY, "received_at", "day", "decisions", "erased")


@dataclass(frozen=True, slots=True)
class IncidentLink:
    """What one version of an incident says of one item: it is (or is no longer) among the incident's sources.

    ``at`` is when the incident changed; ``received_at`` the item's receipt, which says where its document belongs.
    """

    item_id: str
    district: str
    incident: str
    version: int
    at: datetime
    received_at: datetime
    linked: bool = True


ItemEvent = AssessedItem | StoryAssigned | IncidentLink | Decision


def fold_item(document: Document | None, event: ItemEvent) -> Document:
    """The item's document after one more event."""
    return join_item(document, _derive(_lift(event)))


def join_item(one: Document | None, other: Document) -> Document:
    """Two documents of the same item as one: commutative, associative, and nothing changes the second time."""
    if one is None:
        return other
    newer, older = (one, other) if _rank(one) >= _rank(other) else (other, one)
    first = one if _arrival(one) <= _arrival(other) else other
    joined = {key: newer[key] for key in newer if key not in _NOT_CONTENT}
    joined |= {key: newer.get(key, older.get(key)) for key in IDENTITY if key in newer or key in older}
    joined |= {key: first[key] for key in ARRIVAL if key in first}
    joined["story_record"] = _story(one, other)
    joined["incident_links"] = _links([*one["incident_links"], *other["incident_links"]])
    joined["decisions"] = by_time_and_id([*one["decisions"], *other["decisions"]])
    joined["erased"] = one["erased"] or other["erased"]
    return _derive(joined)


_NOT_CONTENT = frozenset((*IDENTITY, *ARRIVAL, *_PARTS, *_DERIVED))


def _rank(document: Document) -> tuple[Any, ...]:
    """Highest version, then earliest receipt, then digest; a document without the item itself ranks below all."""
    if "version" not in document:
        return (False,)
    return (True, document["version"], -micros(document["version_received_at"]), document["version_digest"])


def _arrival(document: Document) -> tuple[Any, ...]:
    if "received_at" not in document:
        return (True,)
    return (False, micros(document["received_at"]), document.get("first_version", 0), document.get("first_digest", ""))


def _lift(event: ItemEvent) -> Document:
    """A document that knows this one event."""
    base: Document = {"item_id": _subject(event), "district": event.district, "erased": False}
    base |= {"story_record": None, "incident_links": [], "decisions": []}
    match event:
        case AssessedItem():
            return base | _content(event)
        case StoryAssigned():
            record, _ = plain(event)
            kept = ("story", "relation", "score", "assigned_at", "version")
            return base | {"story_record": {key: record[key] for key in kept}}
        case IncidentLink():
            return base | {"incident_links": [_link(event)]}
        case Decision():
            return base | {"decisions": [decided(event)], "erased": event.action == "erase"}


def _subject(event: ItemEvent) -> str:
    return event.subject_id if isinstance(event, Decision) else event.item_id


def _content(event: AssessedItem) -> Document:
    record, digest = plain(event)
    sent, judged = record["input"], record["assessment"]
    received = in_china(event.received_at)
    content: Document = {key: sent[key] for key in sent if key not in ("id", "received_at", "incident")} | judged
    return content | {
        "source_id": sent["id"],
        "source": record["source"],
        "source_name": record["source_name"],
        "story_stated": judged["story"],
        "incident_stated": judged["incident"] or sent["incident"],
        "origin": record["origin"],
        "version": record["version"],
        "version_received_at": received,
        "version_digest": digest,
        "received_at": received,
        "day": record["day"],
        "first_version": record["version"],
        "first_digest": digest,
    }


def _link(event: IncidentLink) -> Document:
    return {"incident": event.incident, "version": event.version, "at": in_china(event.at), "linked": event.linked}


def _links(links: Iterable[Document]) -> list[Document]:
    """One link for each incident: what its highest version says, a link before an unlink."""
    latest = union(
        links, lambda one: str(one["incident"]), lambda one: (-one["version"], not one["linked"], micros(one["at"]))
    )
    return sorted(latest, key=lambda one: str(one["incident"]))


def _story(one: Document, other: Document) -> Document | None:
    """The assignment that counts: never relabelled, so the earliest that names a story, else the earliest."""
    records = [record for record in (one["story_record"], other["story_record"]) if record]
    return min(records, key=_story_order, default=None)


def _story_order(record: Document) -> tuple[Any, ...]:
    moment = micros(record["assigned_at"])
    return (
        record["story"] is None,
        moment,
        record["version"],
        record["story"] or "",
        record["relation"],
        record["score"],
    )


def _derive(document: Document) -> Document:
    """Fill in what follows from the parts; of an erased item leave the tombstone only."""
    if document["erased"]:
        return _bury(document)
    linked = [link for link in document["incident_links"] if link["linked"]]
    latest = max(linked, key=lambda link: (micros(link["at"]), link["version"], link["incident"]), default=None)
    holding = in_force(document["decisions"])
    told = (document["story_record"] or {}).get("story") or document.get("story_stated")
    stands = _standing(holding, document.get("version"))
    story = None if stands["apart"] else told
    return document | {
        "complete": "lane" in document,
        "story": story,
        "story_key": story or document["item_id"],
        "incident": latest["incident"] if latest else document.get("incident_stated"),
        **stands,
    }


def standing(decisions: list[Document], version: int | None) -> Document:
    """What decisions on an item come to: status, category a person chose, whether a correction came afterwards.

    ``merged_into``: the item it is shown under, since it tells the same; ``apart``: a person said it tells something of
    its own, whatever story the machine put it in.
    """
    return _standing(in_force(decisions), version)


def _standing(holding: list[Document], version: int | None) -> Document:
    last = next((one for one in reversed(holding) if one["action"] in STATUS_OF_ACTION), None)
    seen = last["on_version"] if last else None
    return {
        "category_decided": _category(holding),
        "status": STATUS_OF_ACTION[last["action"]].value if last else ItemStatus.NEW.value,
        "changed_since_decision": seen is not None and version is not None and version > seen,
        **_joined(holding),
    }


def _joined(holding: list[Document]) -> Document:
    """The last merge (``details.into``) or split that holds."""
    last = next((one for one in reversed(holding) if one["action"] in ("merge", "split")), None)
    into = last["details"].get("into") if last and last["action"] == "merge" else None
    return {"merged_into": into if isinstance(into, str) else None, "apart": bool(last) and into is None}


def _category(holding: list[Document]) -> str | None:
    """The category a person chose last (``details.category``), beside the machine's."""
    chosen = (one["details"].get("category") for one in reversed(holding) if one["action"] == "categorise")
    return next((name for name in chosen if isinstance(name, str) and name in CATEGORIES), None)


def _bury(document: Document) -> Document:
    """The tombstone: that there was an item, of which lane and source, received when, and who erased it."""
    kept = {key: document[key] for key in _TOMBSTONE if key in document}
    kept["decisions"] = [
        one if one["action"] == "erase" else one | {"reason": "", "details": {}} for one in document["decisions"]
    ]
    return kept | {
        "complete": "lane" in document,
        "status": ItemStatus.ERASED.value,
        "story_record": None,
        "incident_links": [],
        "story_key": document["item_id"],
    }
