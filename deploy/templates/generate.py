"""Generate the index templates from the models. ``python -m deploy.templates.generate`` writes the JSON files.

Mappings are strict: a field that no model has is refused, and so found at once. They are read off the models, so that
whatever a model can hold is taken. Only features of the minimal distribution are used (DESIGN.md "The engines"): no
painless, ``cjk`` analyzer, life-cycle management, data streams or ingest.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from schemas.alert import Alert, Delivery, Held, Notice
from schemas.assessment import AssessedItem, Assessment
from schemas.base import Event
from schemas.bulletin import Bulletin
from schemas.case import Case
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.item import Item
from schemas.ledger import LedgerEntry
from schemas.point import PointEntry
from schemas.reminder import Reminder, ReminderAttempt
from schemas.story import StoryAssigned
from schemas.vocab import Category

Mapping = dict[str, Any]

TEMPLATE_DIR = Path(__file__).parent
KEYWORD_LIMIT = 2_000
"""Characters of a keyword that are indexed (the longest title or address); Lucene takes 32,766 bytes."""

KEYWORD: Mapping = {"type": "keyword", "ignore_above": KEYWORD_LIMIT}
SHOWN: Mapping = {"type": "keyword", "index": False, "doc_values": False}
"""Kept for people to read, not searched; of any length."""
CHINESE: Mapping = {"type": "text", "analyzer": "chinese", "search_analyzer": "chinese_search"}
FREE: Mapping = {"type": "object", "enabled": False}
"""Kept as it is, whatever keys it has."""
DATE: Mapping = {"type": "date"}
FLAG: Mapping = {"type": "boolean"}
WHOLE: Mapping = {"type": "long"}

SHOWN_NAMES = frozenset(
    {"explanation", "message", "suggestion", "detail", "reason", "why", "notes", "empty_text", "cause_event"}
)
SHOWN_PATHS = frozenset({"reasons.text", "findings.text", "emergency.reasons.text"})
CHINESE_NAMES = frozenset({"title", "text"})
CATEGORY_SCORES: Mapping = {"properties": {category.value: {"type": "float"} for category in Category}}

SETTINGS: Mapping = {
    # Correct without it; explicit, so that an index nobody searches is refreshed too (streams.elastic.placement).
    "refresh_interval": "1s",
    # A figure or time beyond what Lucene holds stays readable in the document and must not cost us the item.
    "mapping.ignore_malformed": True,
    "analysis": {
        "filter": {
            "pairs": {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 2, "token_separator": ""},
            "pairs_only": {
                "type": "shingle",
                "min_shingle_size": 2,
                "max_shingle_size": 2,
                "token_separator": "",
                "output_unigrams": False,
                "output_unigrams_if_no_shingles": True,
            },
        },
        "analyzer": {
            "chinese": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "pairs"]},
            # A search for 滑坡 means the pair, not every text with 滑 or 坡; one character alone still finds.
            "chinese_search": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "pairs_only"]},
        },
    },
}


def fields(model: type[Event], *, without: Iterable[str] = (), path: str = "") -> Mapping:
    """The mapping of a model's fields."""
    left_out = set(without)
    return {
        name: _field(field.annotation, f"{path}{name}")
        for name, field in model.model_fields.items()
        if name not in left_out
    }


def _field(annotation: Any, path: str) -> Mapping:
    if path == "category_scores":
        return CATEGORY_SCORES
    kind = _inner(annotation)
    if get_origin(kind) is dict:
        return FREE
    if isinstance(kind, type) and issubclass(kind, Event):
        return {"properties": fields(kind, path=f"{path}.")}
    return _simple(kind, path)


def _inner(annotation: Any) -> Any:
    """The type inside optional, tuple and annotation; of a union of numbers the widest."""
    origin, inside = get_origin(annotation), [one for one in get_args(annotation) if one is not type(None)]
    if origin in (Union, types.UnionType):
        return float if float in inside else _inner(inside[0])
    if origin in (Annotated, tuple):
        return _inner(inside[0])
    return annotation


def _simple(kind: Any, path: str) -> Mapping:
    name = path.rpartition(".")[2]
    numbers: dict[Any, Mapping] = {bool: FLAG, int: WHOLE, float: {"type": "double"}, datetime: DATE}
    if kind in numbers:
        return numbers[kind]
    if get_origin(kind) is Literal or issubclass(kind, Enum):
        return KEYWORD
    if path in SHOWN_PATHS or name in SHOWN_NAMES:
        return SHOWN
    return CHINESE if name in CHINESE_NAMES else KEYWORD


DECISIONS: Mapping = {"properties": fields(Decision, without=("district", "subject_type", "subject_id"))}
ACKNOWLEDGED: Mapping = {"acknowledged": FLAG, "acknowledged_by": KEYWORD, "acknowledged_at": DATE}
COMMON: Mapping = {"complete": FLAG, "digest": KEYWORD, "decisions": DECISIONS}

_ITEM = (
    fields(Item, without=("id", "received_at", "incident"))
    | fields(Assessment)
    | fields(AssessedItem, without=("input", "assessment", "minhash"))
    | {
        "source_id": KEYWORD,
        "story_stated": KEYWORD,
        "incident_stated": KEYWORD,
        "version_received_at": DATE,
        "version_digest": KEYWORD,
        "first_version": WHOLE,
        "first_digest": KEYWORD,
        "story_record": {"properties": fields(StoryAssigned, without=("item_id", "district", "signature"))},
        "story_key": KEYWORD,
        "incident_links": {
            "properties": {"incident": KEYWORD, "version": WHOLE, "at": DATE, "linked": FLAG},
        },
        "decisions": DECISIONS,
        "complete": FLAG,
        "erased": FLAG,
        "status": KEYWORD,
        "category_decided": KEYWORD,
        "changed_since_decision": FLAG,
        "merged_into": KEYWORD,
        "apart": FLAG,
    }
)

PLANNED = {
    "at": DATE,
    "notices": {"properties": fields(Notice, without=("covers", "level", "unit"))},
    "held": {"properties": fields(Held)},
}
"""Whom to tell of an alert, and who waits and why (processors.fold_others)."""
INSTRUCTION = {
    "decisions": DECISIONS,
    "topic": CHINESE,
    "text": CHINESE,
    "reminded": WHOLE,
    **dict.fromkeys(
        (
            "instruction",
            "district",
            "item_id",
            "owner",
            "credited",
            "level",
            "issued_by",
            "state",
            "giver",
            "reference",
        ),
        KEYWORD,
    ),
    **dict.fromkeys(("complete", "open", "late"), FLAG),
    **dict.fromkeys(("given_on", "deadline", "issued_at", "noted_at", "answered_at", "checked_at", "ended_at"), DATE),
}
"""An instruction (processors.instructions.model)."""

REQUEST = {
    "decisions": DECISIONS,
    **dict.fromkeys(("request", "district", "departments"), KEYWORD),
    **dict.fromkeys(("deadline", "asked_at"), DATE),
    "complete": FLAG,
}
"""A request for a piece (processors.fold_requests)."""

MAPPINGS: dict[str, Mapping] = {
    "items": _ITEM,
    "incidents": fields(Incident) | COMMON | ACKNOWLEDGED | {"item_ids": KEYWORD},
    "alerts": fields(Alert)
    | COMMON
    | ACKNOWLEDGED
    | {"deliveries": {"properties": fields(Delivery)}, "delivery_state": KEYWORD, "delivered_at": DATE}
    | {"plans": {"properties": PLANNED}, "verdict": KEYWORD},
    "duty": fields(LedgerEntry) | COMMON,
    "bulletins": fields(Bulletin) | COMMON,
    "cases": fields(Case) | COMMON,
    "points": fields(PointEntry) | COMMON,
    "reminders": fields(Reminder)
    | COMMON
    | {"deliveries": {"properties": fields(ReminderAttempt)}, "delivery_state": KEYWORD},
    "instructions": INSTRUCTION,
    "requests": REQUEST,
}


def template(name: str) -> Mapping:
    """The composable index template of one alias, before prefix, shards and replicas are filled in."""
    return {
        "index_patterns": [f"{name}-*"],
        "priority": 200,
        # An index is made by the writer or not at all: a write that finds none must fail, not make one without alias.
        "allow_auto_create": False,
        "template": {
            "settings": {"index": SETTINGS},
            "mappings": {"dynamic": "strict", "date_detection": False, "properties": MAPPINGS[name]},
        },
        "_meta": {"made_by": "python -m deploy.templates.generate"},
    }


def main() -> int:
    """Write all templates."""
    for name in MAPPINGS:
        text = json.dumps(template(name), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (TEMPLATE_DIR / f"{name}.json").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
