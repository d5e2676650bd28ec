"""Stories: what is read from an item to compare it by (places of the country, numbers, parts of days, names)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors import story_words as words
from processors.story_places import OWN, Atlas, level
from schemas.base import CHINA

ATLAS = Atlas.from_tables(load_district(Path("districts/zhanggong")).tables)
LOCAL = frozenset(("水南街道", "沙河镇"))
NOON = datetime(2026, 6, 8, 12, 0, tzinfo=CHINA)


def codes(*places: str) -> frozenset[str]:
    return ATLAS.locate(places, LOCAL)[0]


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (("临汾", "乡宁县"), ("山西",), (2, 0)),
        (("临汾", "乡宁县"), ("乡宁",), (6, 0)),
        (("会昌",), ("安远县",), (4, 2)),
        (("湖南省", "石门县"), ("辽宁",), (0, 2)),
        (("秘鲁",), ("江西",), (0, 6)),
        (("秘鲁",), ("秘鲁",), (6, 0)),
        (("水南街道",), ("沙河镇",), (1, 0)),
        (("水南街道",), ("会昌县",), (4, 2)),
        (("水南街道",), (), (1, 0)),
    ],
)
def test_how_far_two_places_agree(one: tuple[str, ...], other: tuple[str, ...], wanted: tuple[int, int]) -> None:
    assert level(codes(*one), codes(*other)) == level(codes(*other), codes(*one)) == wanted


def test_a_name_of_several_places_is_the_one_beside_what_it_lies_in() -> None:
    assert codes("鼓楼区") == frozenset()
    assert codes("福州", "鼓楼区") == {"350102"}
    assert ATLAS.locate(("福州", "鼓楼区", "厦门"), LOCAL)[1] == {"350102"}
    assert Atlas.from_tables({}).locate(("福州",), LOCAL) == (frozenset(), frozenset())


def test_names_of_dates_with_a_nought() -> None:
    assert words.nicknames_in("“4·07”透水事故已有7人获救，“11·9”案开庭") == ["0407", "1109"]
    assert not words.nicknames_in("涨了4.07%")


def test_parts_of_days() -> None:
    assert words.parts_in("昨晚起火，今早才扑灭，5日下午曾起过一次", NOON) == ["06073", "06081", "06052"]
    assert not words.parts_in("晚上风大", NOON)


def test_people_are_counted_alike_whatever_the_measure_word() -> None:
    assert words.plain_digits("５７岁，１２：３０") == "57岁，12:30"
    assert words.counts_of(["13人", "13名", "28死", "57岁", "40多", "7亿"]) == ({"13", "28", "40"}, {"57"})


@pytest.mark.parametrize("text", ["沙河又撞了，不是早上高架那个", "一天两起，都是货车", "与昨晚的火灾无关"])
def test_telling_apart(text: str) -> None:
    assert words.tells_apart(text)


@pytest.mark.parametrize("text", ["事故调查结果公布，三人被追究刑事责任", "洪水退去一周，早市开了", "大火过去半个月"])
def test_looking_back(text: str) -> None:
    assert words.looks_back(text)


def test_signs_are_the_rare_ones_in_one_order() -> None:
    assert words.signs_in("雹子砸了棚，棚里雹子厚", frozenset("子里了")) == "".join(sorted("雹砸棚厚"))
    assert len(words.signs_in("".join(map(chr, range(0x5000, 0x5100))), frozenset())) == words.SIGNS


def test_what_is_told_goes_before_what_is_assumed_in_any_order() -> None:
    assumed, told, other = f"360702{OWN}", "360735", frozenset({"360702", "360735"})
    for one in (frozenset({assumed, told}), frozenset({told, assumed})):
        assert level(one, other) == (6, 0)
