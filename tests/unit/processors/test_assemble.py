"""What judgement puts together without validation is what validation would give."""

from __future__ import annotations

from datetime import datetime

import pytest

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.assemble import assemble, changed
from schemas.assessment import AssessedItem, Emergency, Origin
from schemas.errors import InvalidItem
from schemas.item import Item
from streams.ports import AssessInput
from tests.gold.load import load_gold

EVERY = 4
"""Every fourth gold item of train: all lanes and kinds."""


@pytest.fixture(scope="module")
def judged() -> list[AssessedItem]:
    items = [Item.model_validate(gold.item) for gold in list(load_gold("train"))[::EVERY]]
    origin = Origin(topic="t", partition=0, offset=1)
    results = build_judge(load_settings()).assess(
        [AssessInput(item, item.received_at or item.published_at, origin) for item in items]
    )
    assert not any(isinstance(result, InvalidItem) for result in results)
    return [result for result in results if isinstance(result, AssessedItem)]


def test_results_are_those_of_validation(judged: list[AssessedItem]) -> None:
    assert len(judged) > 100
    for one in judged:
        assert AssessedItem.model_validate(one.model_dump()) == one
        assert AssessedItem.model_validate_json(one.model_dump_json()) == one


def test_results_serialise_without_a_warning(judged: list[AssessedItem], recwarn: pytest.WarningsRecorder) -> None:
    for one in judged:
        one.model_dump(mode="json")
    assert not [warning for warning in recwarn if "serializ" in str(warning.message).lower()]


def test_defaults_and_fields_set() -> None:
    made = assemble(Emergency, {"is_emergency": True})
    assert made == Emergency(is_emergency=True)
    assert made.model_fields_set == {"is_emergency"}
    assert repr(made) == repr(Emergency(is_emergency=True))


def test_a_changed_copy_leaves_the_original() -> None:
    item = Item(lane="media", source="", text="一", published_at=datetime.fromisoformat("2026-03-01T00:00:00+08:00"))
    copy = changed(item, {"text": "二"})
    assert copy == item.model_copy(update={"text": "二"})
    assert item.text == "一"
    assert copy.model_fields_set == item.model_copy(update={"text": "二"}).model_fields_set
