"""Where a post is written: its forum, what the district has not, roads and estates by sign; trains, words, chains."""

from __future__ import annotations

import pytest

from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read

POSTS = [
    ("临汾热线", "平阳南街这边两个灯全灭了，撞了三台车。", "", False),
    ("长兴论坛", "停水三天了，水库干了。", "", False),
    ("和平社区", "停水三天了，谁来管管。", "", None),
    ("半岛客户端", "路口陷下去了，半张床那么大。", "", False),
    ("扬州网友", "文汇路高架下面两台车撞了，司机满脸是血。", "文汇路", False),
    ("扬州网友", "昨晚荷花公园有人落水。", "荷花公园", False),
    ("扬州网友", "锦绣花苑5幢着火了，家里老人下不来。", "锦绣花苑", False),
    ("扬州网友", "江都第三中学，昨晚起一半人拉肚子。", "江都第三中学", False),
    ("微博", "2号线停在隧道里，水漫进车厢了。", "", False),
    ("微博", "地库全淹了，水到大腿。", "", None),
    ("微博", "沪渝高速，大雾，上百台车撞在一起。", "沪渝高速", False),
    ("微博", "大广高速，大雾，几十台车撞在一起。", "大广高速", None),
    ("微博", "兖州的，急诊全是吐的孩子。", "兖州", False),
    ("微博", "昨晚通州那个车祸，司机当场没了。", "通州", False),
    ("微博", "公安那边说人找到了。", "", None),
    ("微博", "火势很大，浓烟直插云霄。", "", None),
    ("微博", "山下送来一地矿泉水西瓜，火还没灭。", "", None),
    ("微博", "住闽江边十年，头一回淹到一楼。", "闽江", False),
    ("微博", "缙云山烧起来了，缺手套。", "缙云山", False),
]
NEWS = [
    ("", "7月5日，北京南至福州的G29次列车在安徽宿州境内撞上异物，无人受伤。", "安徽 宿州"),
    ("", "一辆小车沿宁洛高速安徽界首段行驶时追尾。", "宁洛高速 安徽 界首"),
    ("", "新丰河畔一处厂房爆炸，新丰县通报三人受伤。", "新丰河 新丰县"),
    ("万载一厂爆炸", "“万载发布”消息，江西省万载县康乐街道一厂房爆炸。", "江西省 万载县 康乐街道"),
    ("", "记者从武汉铁路局获悉，一列车在湖北长阳县境内脱线。", "湖北 长阳县"),
    ("", "温州部分乡镇停水，瑞安市一自来水厂受污染。", "温州 瑞安市"),
    ("", "南宁市兴宁区兴宁路步行街一民房起火。", "南宁市 兴宁区 兴宁路"),
]
ALL_OVER = [
    ("赣州市遭遇强降雨，其中定南县死亡两人。", None),
    ("赣州市定南县遭遇强降雨，死亡两人。", False),
    ("赣州市遭遇强降雨，章贡区死亡两人，定南县死亡一人。", True),
]


@pytest.mark.parametrize(("source", "text", "places", "inside"), POSTS)
def test_posts(facts: tuple[FactJudge, Scanner], source: str, text: str, places: str, inside: bool | None) -> None:
    result = read(facts, text, lane=Lane.OPINION, source=source)
    assert (" ".join(result.facts.places), result.in_district) == (places, inside)


@pytest.mark.parametrize(("title", "text", "places"), NEWS)
def test_news(facts: tuple[FactJudge, Scanner], title: str, text: str, places: str) -> None:
    result = read(facts, text, title=title, lane=Lane.MEDIA, source="新华网")
    assert sorted(result.facts.places) == sorted(places.split())


@pytest.mark.parametrize(("text", "inside"), ALL_OVER)
def test_the_whole_city_struck(facts: tuple[FactJudge, Scanner], text: str, inside: bool | None) -> None:
    assert read(facts, text, lane=Lane.MEDIA, source="新华网").in_district is inside
