"""Sources of one event beside each other."""

from __future__ import annotations

from typing import Any

from desk.sources import side_by_side


def source(**facts: Any) -> dict[str, Any]:
    return {"facts": facts, "emergency": {"level": facts.pop("level", None), "event_type": "火灾"}}


def said(items: list[dict[str, Any]]) -> dict[str, list[tuple[str, bool]]]:
    return {row.name: [(cell.text, cell.differs) for cell in row.cells] for row in side_by_side(items)}


def test_figures_that_differ_are_marked_and_silence_is_no_difference() -> None:
    found = said([source(injured=3, deaths=0), source(injured=4), source(injured=3, deaths=0)])
    assert found["受伤"] == [("3", False), ("4", True), ("3", False)]
    assert found["死亡"] == [("0", False), ("", False), ("0", False)]
    assert found["类型"] == [("火灾", False)] * 3
    assert "失踪" not in found


def test_where_the_item_looked_at_is_silent_the_first_that_speaks_is_the_measure() -> None:
    assert said([source(), source(deaths=1), source(deaths=2)])["死亡"] == [("", False), ("1", False), ("2", True)]


def test_places_in_another_order_are_the_same_places() -> None:
    found = said([source(places=["沙石镇", "吉埠村"]), source(places=["吉埠村", "沙石镇"]), source(places=["水东镇"])])
    assert [differs for _, differs in found["地点"]] == [False, False, True]


def test_times_and_levels_are_said_in_words() -> None:
    stated = {"start": "2026-11-20T06:40:00+08:00", "precision": "minute"}
    found = said([source(event_time=stated, level="IV"), source(level="III")])
    assert found["事发时间"] == [("11月20日 06:40", False), ("", False)]
    assert found["级别"] == [("一般（IV级）", False), ("较大（III级）", True)]
