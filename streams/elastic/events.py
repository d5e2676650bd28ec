"""Records of topics as changes to documents of the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from processors.fold import Document, IndexEvent, Projection, Target, fold, target
from schemas import topics
from schemas.incident import Incident
from streams.ports import IndexFailure, IndexRecord

INDEXED = (
    topics.ASSESSED, topics.STORIES, topics.INCIDENTS, topics.ALERTS, topics.PLANS, topics.DELIVERIES, topics.LEDGER,
    topics.DECISIONS, topics.BULLETINS,
)  # fmt: skip
"""Topics that make up the index; items come first, so that a rebuild starts a document in the month of its item."""

ID_LIMIT = 512
"""Bytes of an ``_id`` that Elasticsearch takes."""
REASON_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What one record says of one document, as a document of its own that is joined to the rest."""

    target: Target
    document: Document
    record: IndexRecord
    incident: Incident | None = None


@dataclass(slots=True)
class Work:
    """All changes to one document. ``alone``: one after the other, to find the one that is refused."""

    target: Target
    changes: list[Change] = field(default_factory=list)
    alone: bool = False

    @property
    def start(self) -> Target:
        """Where the document starts if it is new: with its item's first receipt, if the item is among the changes."""
        whole = [one.target for one in self.now if one.document.get("complete")]
        return min(whole, key=lambda one: one.moment, default=self.target)

    @property
    def now(self) -> list[Change]:
        """The changes of the next write."""
        return self.changes[:1] if self.alone else self.changes


def change(event: IndexEvent, record: IndexRecord) -> Change | None:
    """The change an event makes; None where it has no document. Raises ValueError where it can have none."""
    where = target(event)
    if where is None:
        return None
    if not 0 < len(where.id.encode()) <= ID_LIMIT:
        raise ValueError(f"id of {len(where.id.encode())} bytes; Elasticsearch takes 1 to {ID_LIMIT}")
    return Change(where, fold(None, event), record, event if isinstance(event, Incident) else None)


def read(records: Iterable[IndexRecord]) -> tuple[list[Change], list[IndexFailure]]:
    """The changes of the records in order, and the records that cannot be read."""
    changes: list[Change] = []
    failures: list[IndexFailure] = []
    models = {spec.name: spec.model for spec in INDEXED}
    for record in records:
        try:
            event = models[record.topic].model_validate_json(record.value)
            made = change(cast(IndexEvent, event), record)
        except KeyError:
            failures.append(IndexFailure(record, f"topic {record.topic} is not indexed"))
        except ValueError as error:  # pydantic's is one
            failures.append(IndexFailure(record, _reason(error)))
        else:
            changes.extend([made] if made else [])
    return changes, failures


def _reason(error: ValueError) -> str:
    """Why, without the values themselves: a reason is stored in the clear."""
    if not isinstance(error, ValidationError):
        return str(error)[:REASON_LIMIT]
    wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
    return "; ".join(wrong)[:REASON_LIMIT]


def grouped(changes: Sequence[Change]) -> list[Work]:
    """The changes by document, in order of first appearance."""
    works: dict[tuple[Projection, str], Work] = {}
    for one in changes:
        key = (one.target.projection, one.target.id)
        works.setdefault(key, Work(one.target)).changes.append(one)
    return list(works.values())
