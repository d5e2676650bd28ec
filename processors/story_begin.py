"""Where a story begins: what can be followed, and the name of the story that an item opens."""

from __future__ import annotations

from schemas.assessment import AssessedItem
from schemas.ids import digest
from schemas.vocab import Kind

LEAST = 8
"""Characters below which an item says nothing that another could be about."""


def can_be_followed(item: AssessedItem) -> bool:
    """Whether another item may be about the same thing: not for zero reports and items without content."""
    return item.input.kind is not Kind.ZERO and len(item.input.text) + len(item.input.title) >= LEAST


def first_story(item: AssessedItem) -> str:
    """The story of an item that tells of an event as the first."""
    return digest(item.district, "story", item.item_id)
