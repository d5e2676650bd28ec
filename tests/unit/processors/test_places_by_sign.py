"""Motorways, roads, villages and rivers of other places; where a vehicle comes from; papers of other cities."""

from __future__ import annotations

import pytest

from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read

NEWS = [
    ("大广高速泰和段一辆罐车侧翻。", "大广高速 泰和", False),
    ("杭瑞高速公路九江境内一辆货车自燃。", "杭瑞高速公路 九江", False),
    ("记者从江西高速交警处获悉，一辆客车在泰和县境内追尾。", "江西 泰和县", False),
    ("济南市历下区泺源大街一处路面塌陷。", "济南市 历下区 泺源大街", False),
    ("长沙市雨花区韶山南路与劳动路交叉口一辆公交车起火。", "长沙市 雨花区 韶山南路 劳动路", False),
    ("徐州市区淮海路一商铺起火。", "徐州 淮海路", False),
    ("广东清远市一条公路塌方。", "广东 清远市", False),
    ("河南固始县草庙乡白果冲村一座砖窑垮塌。", "河南 固始县 草庙乡 白果冲村", False),
    ("安徽利辛县后刘村村民家中爆炸。", "安徽 利辛县 后刘村", False),
    ("深圳龙岗区坂田街道雪象社区一厂房起火。", "深圳 龙岗区 坂田街道 雪象社区", False),
    ("浙江富阳区七星街道一厂房起火。", "浙江 富阳区 七星街道", False),
    ("湖南平江县某村一户民房起火。", "湖南 平江县", False),
    ("长江安庆段两船相撞，一船沉没。", "长江 安庆", False),
    ("一艘货船在长江中游沉没。", "长江", False),
    ("长江证券一营业部起火。", "", False),
    ("一辆从南昌驶往武汉的大客车在湖北黄石境内侧翻。", "湖北 黄石", False),
    ("一辆来自湖南省衡阳市的大货车在广东韶关侧翻。", "广东 韶关", False),
    ("一辆轿车往长沙方向行驶时冲下湖南浏阳市境内一处山坡。", "湖南 浏阳市", False),
    ("本报长沙6月3日电 浏阳市一爆竹厂爆炸。", "浏阳市", False),
    ("记者从江西萍乡市获悉，一座厂房垮塌。", "江西 萍乡市", False),
    ("楼道里堆着两个旧柜子，被引燃后烟雾很大。", "", False),
    ("那台中巴侧翻，乘客受伤。", "", False),
    ("列车行至江西余江至东乡间脱线。", "江西 余江 东乡", False),
    ("广州南沙大岗镇一处工棚垮塌。", "广州 南沙 大岗镇", False),
    ("成都城区一处变电站起火，停电两小时。", "成都", False),
    ("赣江新区一宿舍楼垮塌。", "赣江新区", False),
    ("死者都是木材厂的工人，油罐车爆炸引燃工棚。", "", False),
]
ORGANS = [
    ("", "湖北省应急管理厅通报，一座民房垮塌。", "湖北"),
    ("", "麻城市疾控中心通报，一所学校发生腹泻。", "麻城市"),
    ("麻城一学校多名学生腹泻", "麻城市疾控中心通报，一所学校发生腹泻。", "麻城"),
    ("", "英山县应急管理局通报，一处山体滑坡。", "英山县"),
    ("", "荆州市公安县一处堤坝决口。", "荆州市 公安县"),
]
SOURCES = [
    ("media", "扬州时报", False),
    ("media", "茂名市环保局", False),
    ("media", "湖北日报", False),
    ("media", "中国江西网", None),
    ("media", "新华网", False),
    ("media", "羊城晚报", False),
    ("media", "赣南晚报", None),
    ("media", "北方网", None),
    ("opinion", "扬州论坛", False),
]


def test_an_outlet_of_elsewhere_may_write_of_the_city_around(facts: tuple[FactJudge, Scanner]) -> None:
    assert read(facts, "赣州遭遇强降雨，多处房屋倒塌。", source="新华网", lane=Lane.MEDIA).in_district is None


@pytest.mark.parametrize(("text", "places", "inside"), NEWS)
def test_places(facts: tuple[FactJudge, Scanner], text: str, places: str, inside: bool | None) -> None:
    result = read(facts, text, lane=Lane.MEDIA, source="新华网")
    assert (" ".join(result.facts.places), result.in_district) == (places, inside)


@pytest.mark.parametrize(("title", "text", "places"), ORGANS)
def test_name_in_an_organ(facts: tuple[FactJudge, Scanner], title: str, text: str, places: str) -> None:
    result = read(facts, text, title=title, lane=Lane.MEDIA, source="新华网")
    assert " ".join(result.facts.places) == places


@pytest.mark.parametrize(("lane", "source", "inside"), SOURCES)
def test_a_paper_of_another_city(facts: tuple[FactJudge, Scanner], lane: str, source: str, inside: bool | None) -> None:
    result = read(facts, "昨天，市区一处燃气管道被挖断，四个小区停气。", lane=Lane(lane), source=source)
    assert result.in_district is inside
