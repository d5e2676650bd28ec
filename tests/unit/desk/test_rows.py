"""The row of an item: what it shows, and that nothing of an item becomes markup."""

from __future__ import annotations

from typing import Any

import pytest

from desk.index import MARK_BEGIN, MARK_END
from desk.rows import item_row, level

EVIL = '"><script>alert(1)</script>'
ITEM: dict[str, Any] = {
    "item_id": "a1", "lane": "report", "title": "标题", "text": "字" * 100, "category": "急情要事", "source": "D01",
    "source_name": "区应急局", "received_at": "2026-11-20T08:05:00+08:00", "status": "new",
}  # fmt: skip


def test_a_row_leads_to_its_item_and_shows_the_beginning_of_the_text() -> None:
    made = item_row(ITEM, extract=True)
    assert '<a class="title" href="/items/a1">标题</a>' in made
    assert f'<p class="extract">{"字" * 80}…</p>' in made
    assert "部门报送 · 区应急局" in made
    assert '<time datetime="2026-11-20T08:05:00+08:00">11月20日 08:05</time>' in made


def test_without_a_title_the_text_speaks_and_is_not_said_twice() -> None:
    made = item_row(ITEM | {"title": None}, extract=True)
    assert f">{'字' * 42}</a>" in made
    assert "extract" not in made


@pytest.mark.parametrize("field", ["item_id", "title", "text", "category", "category_decided", "source_name"])
def test_nothing_of_an_item_becomes_markup(field: str) -> None:
    for item in (ITEM | {field: EVIL}, ITEM | {field: EVIL, "title": EVIL if field == "title" else ""}):
        made = item_row(item, extract=True, decide=1, used=[EVIL], standing=True)
        assert "<script" not in made
        assert '""' not in made.replace('value=""', "")


def test_a_zero_report_waits_for_nobody() -> None:
    made = item_row(ITEM | {"kind": "zero"}, standing=True)
    assert "零报告" in made
    assert "待处理" not in made
    assert "待处理" in item_row(ITEM | {"kind": "normal"}, standing=True)


def test_a_reason_and_what_a_search_found_are_escaped() -> None:
    found = {"title": [f"{MARK_BEGIN}水<b>{MARK_END}"], "text": [f"…{MARK_BEGIN}南{MARK_END}"]}
    made = item_row(ITEM | {"highlight": found, "decisions": [{"reason": EVIL}]}, standing=True)
    assert '<mark class="hit">水&lt;b&gt;</mark>' in made
    assert '<mark class="hit">南</mark>' in made
    assert "<script" not in made


def test_flags_say_what_an_editor_must_see() -> None:
    emergency = {"is_emergency": True, "level": "II", "in_district": False, "doubtful": True}
    item = ITEM | {
        "emergency": emergency, "abstained": True, "timeliness": {"verdict": "late"}, "findings": [{}, {}],
        "merged_into": "a2",
    }  # fmt: skip
    made = item_row(item)
    for words in ("重大（II级）", "外地", "类别存疑", "是否突发存疑", "迟报", "核校 2", "已并入"):
        assert words in made
    assert "类别存疑" not in item_row(item | {"category_decided": "工作动态"})


def test_the_queue_gets_a_button_with_the_revision() -> None:
    made = item_row(ITEM, decide=3, focus=True)
    assert 'href="/items/a1?back=queue" autofocus' in made
    assert 'name="revision" value="3"' in made
    assert "采用：标题" in made


def test_standing_shows_the_last_reason() -> None:
    item = ITEM | {"status": "returned", "decisions": [{"reason": "先"}, {"reason": ""}, {"reason": "后"}]}
    made = item_row(item, standing=True)
    assert '<span class="badge amber">' in made
    assert '<span class="reason">后</span>' in made
    assert "先" not in made


@pytest.mark.parametrize(("value", "colour"), [("I", "red"), ("III", "red"), ("IV", "rose"), (None, "rose")])
def test_a_level_has_its_colour(value: str | None, colour: str) -> None:
    assert f'class="badge {colour}"' in level(value)
