"""The committed templates are what the models ask for, and know every field of every document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.templates.generate import MAPPINGS, TEMPLATE_DIR, template
from processors.fold import Document, Projection, fold
from schemas.connections import ElasticsearchConnection
from streams.elastic.layout import REFRESH_INTERVAL, generation_of, month, template_of
from tests.index_events import NOON, after, assessed, decision, incident, item_id, story


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_the_committed_template_is_up_to_date(name: str) -> None:
    """Else run ``python -m deploy.templates.generate``."""
    assert json.loads((TEMPLATE_DIR / f"{name}.json").read_text("utf-8")) == template(name)


def test_there_is_a_template_for_each_projection() -> None:
    assert set(MAPPINGS) == {projection.value for projection in Projection}


def unknown(document: Document, mapping: dict[str, Any], path: str = "") -> list[str]:
    """Fields of a document that a strict mapping would refuse."""
    found = []
    for key, value in document.items():
        known = mapping.get(key)
        if known is None:
            found.append(path + key)
        for part in value if isinstance(value, list) else [value]:
            if known and isinstance(part, dict) and known.get("enabled", True):
                found += unknown(part, known["properties"], f"{path}{key}.")
    return found


def test_every_field_of_an_item_has_a_mapping() -> None:
    document: Document | None = None
    for event in (assessed(1), story(1, "s1"), decision(1, "accept", 1, item_id(1), details={"a": {"b": 1}})):
        document = fold(document, event)
    assert document is not None
    assert unknown(document, MAPPINGS["items"]) == []
    assert unknown(fold(None, incident(1, 1)), MAPPINGS["incidents"]) == []
    assert unknown({"nobody_knows": 1}, MAPPINGS["items"]) == ["nobody_knows"]


def test_a_template_carries_prefix_shards_and_replicas() -> None:
    made = template_of(Projection.ITEMS, ElasticsearchConnection(prefix="p-", shards=3, replicas=1))
    assert made["index_patterns"] == ["p-items-*"]
    assert made["template"]["settings"]["index"]["number_of_shards"] == 3
    assert made["template"]["settings"]["index"]["number_of_replicas"] == 1
    assert made["template"]["mappings"]["dynamic"] == "strict"
    assert made["allow_auto_create"] is False
    assert made["template"]["settings"]["index"]["refresh_interval"] == REFRESH_INTERVAL


def test_months_are_chinas_and_generations_are_in_the_name() -> None:
    assert month(NOON) == "2026.11"
    assert month(after(24 * 10 + 12)) == "2026.12"
    assert month(after(24 * 10 + 11.99)) == "2026.11"
    assert generation_of("items-zhanggong-2026.11") == 1
    assert generation_of("items-zhanggong-2026.11-000003") == 3
