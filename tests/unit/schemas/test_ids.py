"""Deterministic ids and versions (CONTRACT.md "Ids")."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.ids import item_id, version
from schemas.item import Item, Submission

BASE = {
    "lane": "report",
    "source": "区应急局",
    "text": "今日无紧急重要信息。",
    "published_at": "2026-11-20T17:00:00+08:00",
}


def ident(**fields: object) -> str:
    return item_id(Item.model_validate(BASE | fields), district="zhanggong", source="U034")


def test_an_id_is_32_hex_digits_and_repeatable() -> None:
    assert ident() == ident()
    assert len(ident()) == 32
    assert set(ident()) <= set("0123456789abcdef")


def test_zero_reports_of_two_days_are_two_items() -> None:
    assert ident(kind="zero") != ident(kind="zero", published_at="2026-11-21T17:00:00+08:00")


def test_the_local_day_counts_not_the_offset_it_is_written_in() -> None:
    assert ident(published_at="2026-11-20T17:00:00+08:00") == ident(published_at="2026-11-20T09:00:00Z")
    assert ident(published_at="2026-11-20T23:30:00Z") == ident(published_at="2026-11-21T07:30:00+08:00")


def test_a_correction_with_the_sources_own_id_is_the_same_item() -> None:
    first, second = ident(id="r-1"), ident(id="r-1", text="更正：3人受伤", updated_at="2026-11-20T18:00:00+08:00")
    assert first == second
    assert version(Item.model_validate(BASE)) < version(
        Item.model_validate(BASE | {"updated_at": "2026-11-20T18:00:00+08:00"})
    )


def test_space_and_width_do_not_make_a_new_item() -> None:
    assert ident(text="共３人") == ident(text=" 共3 人\n")


@pytest.mark.parametrize("change", [{"kind": "first"}, {"incident": "I1"}, {"title": "零报告"}, {"text": "有"}])
def test_other_things_do(change: dict[str, object]) -> None:
    assert ident(**change) != ident()


def test_title_and_text_are_not_run_together() -> None:
    assert ident(title="甲", text="乙丙") != ident(title="甲乙", text="丙")


def test_edges_refuse_unknown_fields_and_topics_ignore_them() -> None:
    with pytest.raises(ValidationError, match="sender"):
        Submission.model_validate(BASE | {"sender": "x"})
    assert Item.model_validate(BASE | {"sender": "x"}).text == BASE["text"]


def test_a_time_without_a_zone_is_china_time() -> None:
    item = Item.model_validate(BASE | {"published_at": "2026-11-20T17:00:00"})
    assert item.published_at.isoformat() == "2026-11-20T17:00:00+08:00"
