"""Folding of decisions into the document of an instruction. See :mod:`processors.fold`."""

from __future__ import annotations

from processors.fold_parts import Document, by_time_and_id, decided
from processors.instructions.model import standing, told, without_topic
from schemas.decision import Decision


def fold_instruction(document: Document | None, event: Decision) -> Document:
    """The instruction's document after one more decision on it."""
    alone = {"instruction": event.subject_id, "district": event.district, "decisions": [decided(event)]}
    return join_instruction(document, alone)


def join_instruction(one: Document | None, other: Document) -> Document:
    """Two documents of the same instruction as one: a set of decisions, and what follows from it."""
    parts = [part for part in (one, other) if part is not None]
    identifier = str(other["instruction"])
    decisions = without_topic(by_time_and_id(decision for part in parts for decision in part["decisions"]))
    made = told(identifier, decisions)
    joined = {
        "instruction": identifier,
        "district": min(str(part["district"]) for part in parts),
        "decisions": decisions,
        "complete": made is not None,
    }
    return joined if made is None else joined | standing(made)
