"""Levels: bounds inclusive below and exclusive above, highest criterion wins, bad rows named."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.facts.types import EventTypes
from processors.severity import SeverityTable
from processors.tables import Table, parse_table
from schemas.assessment import Facts
from schemas.errors import DistrictError
from schemas.vocab import EventClass

DISTRICT = Path(__file__).parents[3] / "districts" / "zhanggong"


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return load_district(DISTRICT).tables


@pytest.mark.parametrize(
    ("event_type", "figures", "level"),
    [
        ("火灾", {"deaths": 1}, "IV"),
        ("火灾", {"deaths": 2}, "IV"),
        ("火灾", {"deaths": 3}, "III"),
        ("火灾", {"deaths": 10}, "II"),
        ("火灾", {"deaths": 30}, "I"),
        ("火灾", {"deaths": 0, "injured": 0}, None),
        ("火灾", {"injured": 12}, None),
        ("火灾", {"serious_injuries": 1}, "IV"),
        ("火灾", {"deaths": 1, "direct_loss": 1000.0}, "III"),
        ("火灾", {"direct_loss": 7.0}, "IV"),
        ("道路交通事故", {"deaths": 2, "serious_injuries": 10}, "III"),
        ("爆炸", {"deaths": 8, "injured": 51}, "III"),
        ("山体滑坡", {"evacuated": 56}, "IV"),
        ("山体滑坡", {"evacuated": 100}, "III"),
        ("山体滑坡", {"evacuated": 1126, "deaths": 0}, "I"),
        ("山体滑坡", {"deaths": 3}, "III"),
        ("地震", {"magnitude": 4.3}, "III"),
        ("地震", {"magnitude": 3.9}, None),
        ("地震", {"deaths": 8, "missing": 2}, "III"),
        ("森林火灾", {"area_forest": 0.6}, "IV"),
        ("森林火灾", {"area_forest": 1.0}, "III"),
        ("内涝", {"direct_loss": 640.0}, None),
        ("内涝", {"direct_loss": 2870.0}, "II"),
        ("食物中毒", {"injured": 46, "cases": 46}, "IV"),
        ("食物中毒", {"injured": 58, "cases": 58}, "II"),
        ("食物中毒", {"injured": 58}, "IV"),
        ("食物中毒", {"injured": 12, "deaths": 1}, "III"),
        ("急性职业中毒", {"injured": 9}, "IV"),
        ("群体性事件", {"participants": 82}, "IV"),
        ("群体性事件", {"participants": 1300}, "II"),
        ("群体性事件", {"participants": 29}, None),
        ("群体性械斗", {"participants": 240}, "II"),
        ("阻断交通", {"hours": 9.0}, "I"),
        ("停水", {"households": 32000}, None),
        ("停水", {"households": 32000, "hours": 30.0}, "II"),
        ("溺水", {"deaths": 2}, None),
        ("传染病", {"injured": 47}, None),
        (None, {"deaths": 3}, None),
        ("没有的类型", {"deaths": 3}, None),
        ("车祸", {"deaths": 3}, "III"),
    ],
)
def test_level(tables: dict[str, Table], event_type: str | None, figures: dict[str, float], level: str | None) -> None:
    found, rule = SeverityTable.from_tables(tables).level_of(event_type, Facts(**figures))  # type: ignore[arg-type]
    assert found == level
    assert (rule is None) == (level is None)


def test_rule_names_metric_bound_and_source(tables: dict[str, Table]) -> None:
    _, rule = SeverityTable.from_tables(tables).level_of("火灾", Facts(deaths=4))
    assert rule == "火灾：死亡4人，3人以上、不足10人为较大（W15）"


def test_event_types_by_name_and_alias(tables: dict[str, Table]) -> None:
    types = EventTypes.from_tables(tables)
    slide = types.get("塌方")
    assert slide is not None
    assert (slide.name, slide.event_class, slide.code) == ("山体滑坡", EventClass.NATURAL, "11D01")
    assert types.get(None) is None


@pytest.mark.parametrize(
    ("table", "old", "new", "cause"),
    [
        ("severity_thresholds", "\tdeaths\t30\t", "\tdeaths\tviele\t", "is not a number"),
        ("severity_thresholds", "\tI\tdeaths\t", "\tV\tdeaths\t", "level must be one of"),
        ("severity_thresholds", "\tdeaths\t", "\tdeath\t", "unknown metric death"),
        ("event_types", "\t自然灾害\t", "\t天灾\t", "unknown class 天灾"),
        ("event_types", "\t火灾\t火灾事故", "\t大火\t火灾事故", "threshold_family 大火"),
    ],
)
def test_bad_rows_are_named(tables: dict[str, Table], table: str, old: str, new: str, cause: str) -> None:
    text = (DISTRICT / f"{table}.tsv").read_text("utf-8")
    assert old in text
    broken = {**tables, table: parse_table(f"{table}.tsv", text.replace(old, new, 1))}
    with pytest.raises(DistrictError, match=cause) as caught:
        SeverityTable.from_tables(broken)
    assert f"{table}.tsv" in str(caught.value)
