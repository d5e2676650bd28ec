"""Places: what is named, and whether the event lies in the district."""

from __future__ import annotations

import pytest

from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read

CASES = [
    ("report", "沙石镇", "11月20日，沙石镇火燃村发生山体滑坡。", ("沙石镇", "火燃村"), True),
    ("report", "区应急局", "11月20日，沙石楼梯村发生山体滑坡。", ("沙石", "楼梯村"), True),
    ("report", "区应急局", "11月20日，辖区一厂房起火。", (), True),
    ("report", "区应急局", "一辆来自河南的货车在文清路侧翻，司机为江苏籍。", ("文清路",), True),
    ("report", "区应急局", "伤者已转送南昌救治，事故发生在赣南大道。", ("赣南大道",), True),
    ("report", "区应急局", "赣南医学院一学生在长征大道被撞。", ("长征大道",), True),
    ("media", "江右早报", "江苏省连云港市灌云县一化工园区发生爆炸。", ("江苏省", "连云港市", "灌云县"), False),
    ("media", "江右早报", "江苏连云港灌云县发生爆炸。", ("江苏", "连云港", "灌云县"), False),
    ("media", "江右早报", "赣州市章贡区一小学58名学生不适。", ("赣州市", "章贡区"), True),
    ("media", "江右早报", "赣州于都县一基地学员腹痛。", ("赣州", "于都县"), False),
    ("media", "江右早报", "赣州一医院系统瘫痪。", ("赣州",), None),
    ("media", "江右早报", "一居民楼发生火灾。", (), None),
    ("media", "江右早报", "广东东莞长安镇一电子厂起火。", ("广东", "东莞", "长安镇"), False),
    ("media", "江右早报", "湖南浏阳一烟花厂爆炸。", ("湖南", "浏阳"), False),
    ("media", "江右早报", "日本福岛外海发生地震。", ("日本", "福岛"), False),
    ("media", "章贡发布", "我区某小学部分学生呕吐。", ("我区",), True),
    ("opinion", "微博", "八境台下面有人落水了", ("八境台",), True),
    ("opinion", "微博", "和平路老房子着火了", ("和平路",), True),
    ("opinion", "微博", "南康那边家具厂又烧了", ("南康",), False),
    ("opinion", "抖音评论", "河南郑州和平路着火了", ("河南", "郑州"), False),
    ("opinion", "微博", "楼下着火了", (), None),
    ("media", "江右早报", "解放思想、东风浩荡，科教兴国。", (), None),
    ("media", "江右早报", "会昌路一小区起火。", ("会昌路",), True),
]


@pytest.mark.parametrize(("lane", "source", "text", "places", "inside"), CASES)
def test_places(
    facts: tuple[FactJudge, Scanner], lane: str, source: str, text: str, places: tuple[str, ...], inside: bool | None
) -> None:
    result = read(facts, text, lane=Lane(lane), source=source)
    assert (result.facts.places, result.in_district) == (places, inside)


def test_felt_is_not_the_epicentre(facts: tuple[FactJudge, Scanner]) -> None:
    text = "广东河源东源县发生4.3级地震，赣州、韶关等地有感。我区章江新区高层有晃动。"
    assert read(facts, text, source="章贡发布").in_district is False


def test_a_village_that_means_fire_is_a_place(facts: tuple[FactJudge, Scanner]) -> None:
    result = read(facts, "火燃村开展人居环境整治。", lane=Lane.REPORT, source="沙石镇")
    assert result.facts.places == ("火燃村",)
