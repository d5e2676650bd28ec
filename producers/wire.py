"""The form of an item on a topic: UTF-8 JSON without nulls, keyed by the item id."""

from __future__ import annotations

from schemas.errors import FieldError, ItemTooLarge
from schemas.item import Item
from schemas.topics import INPUT_LIMIT

ENVELOPE = 1024
"""Bytes kept free for Kafka's batch header and the key (61 + some 50 bytes; the rest is margin)."""


def encode(item: Item) -> bytes:
    """The record's value. ``received_at`` is left out: arrival is the broker's word. Raises ItemTooLarge."""
    value = item.model_dump_json(exclude_none=True, exclude={"received_at"}).encode()
    if len(value) > INPUT_LIMIT - ENVELOPE:
        raise ItemTooLarge([too_large("text", len(value))])
    return value


def too_large(field: str, size: int) -> FieldError:
    """The field error for something above the limit; ``size`` in bytes."""
    return FieldError(
        field,
        f"the item has {size} bytes, the limit is {INPUT_LIMIT - ENVELOPE}; shorten it or send it in parts",
        f"内容过大（{size} 字节，上限 {INPUT_LIMIT - ENVELOPE} 字节），请精简或分条报送",
    )
