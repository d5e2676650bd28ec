"""Facts in the kinds of sentences that real news, offices' notes and posts hold; all sentences invented.

Published on 21 November 2026 at noon, unless said.
"""

from __future__ import annotations

import random
import re
from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane
from tests.gold.load import load_gold
from tests.unit.processors.test_figures import NAMES, read

ONSETS = [
    ("本报讯11月19日下午2时40分，一辆客车在盘山路坠崖，3人死亡。", "11-19 14:40 minute"),
    ("东山网11月21日讯11月18日9时12分，林场发生火灾，火势蔓延。", "11-18 09:12 minute"),
    ("本报讯昨日，记者从市公安局获悉，18日一辆客车侧翻，3人死亡。", "11-18 00:00 day"),
    ("今（21）日凌晨3时许，一辆货车追尾，2人受伤。", "11-21 03:00 hour"),
    ("昨（20日）晚，一家饭店起火。", "11-20 00:00 day"),
    ("昨日（11月20日）凌晨1时许，一辆客车侧翻，3人死亡。", "11-20 01:00 hour"),
    ("11月20日（昨日）凌晨1时许，一辆客车侧翻，3人死亡。", "11-20 01:00 hour"),
    ("20日早上6点40多分，村里办酒席的人家发生食物中毒。", "11-20 06:40 minute"),
    ("20日5时10分和6时25分，南岭县先后发生4.7级地震和4.1级地震。", "11-20 05:10 minute"),
    ("继前天下午3点10分发生5.2级地震之后，昨天早上6点05分，6点30分，南岭县再次发生地震。", "11-20 06:05 minute"),
    (
        "11月20日5时48分，消防站接到调度命令：东街一家店铺起火，有人员被困。8分钟后4人被救出。7时20分，"
        "确保不会复燃后，队员移交现场归队。",
        "11-20 05:48 minute",
    ),
    ("据外媒20日报道，当天，一架客机坠毁，5人遇难。", "11-20 00:00 day"),
    ("刚才九点轰的一声，邻居家液化气罐爆炸了，墙塌了一块。", "11-21 09:00 hour"),
    ("老人18号午饭后从家里出门就走失了，两天没有消息。", "11-18 00:00 day"),
]
FIGURES = [
    ("震区房屋倒塌，目前尚未接到人员伤亡报告。", "D0 I0"),
    ("地震后没有接到人员伤亡和房屋倒塌的报告。", "D0 I0"),
    ("南岭县20日发生6.3级地震，尚无人员伤亡报告。前一天发生的7.8级地震迄今造成6人死亡。", "D0 I0"),
    ("印刷厂40余员工出现呕吐、腹泻，已送医。", "I40"),
    ("民宅起火，女主人和3岁的孩子遇难，男主人逃生。", "D2"),
    ("有20多人腹泻送医，另有30多人经检查无明显症状，疑似食物中毒。", "I20"),
    ("30多名工人呕吐，被送往两家医院就诊。甲医院收治该工地27名工人，另有8名工人被送往乙医院。", "I30"),
    ("130人食用凉菜后中毒，其中2人死亡。一名59岁的妇女于18日不治身亡。另一名57岁的妇女在19日死亡。", "D2 I128"),
    ("三车相撞，造成5人死亡，2人受伤。相撞导致4人当场死亡，1人在送医途中死亡，另有2人受伤。", "D5 I2"),
    ("洪水已造成40人丧生，另有13人失踪。其中南部一省29人死亡，另有13人失踪。", "D40 M13"),
    ("两车相撞，造成驾驶人吴某及车内的1名乘客当场死亡。", "D2"),
    ("8名工人食物中毒，两人当场死亡，另6人被送往医院，其中4人因抢救无效死亡。", "D6 I2"),
    ("面包车撞墙，当场2人死亡、4人严重受伤。到20日，又有3人在医院抢救中死亡。事故共造成5人死亡、1人重伤。", "D5 I1 S1"),
    ("住宅着火，2名女孩被困。大队派3车21人到场，分救人、灭火、疏散三组。", "T2"),
    ("一名男孩落水，被卷入漩涡失踪。", "M1"),
    ("100余名学生被武装分子劫持，目前下落不明。", "M100"),
    ("客车相撞，两客车司机均身受重伤，共造成8人受伤。", "I8 S2"),
    ("地震后紧急转移安置灾区群众2300户9200人。", "E9200"),
    ("矿难确认7名矿工遇难，60多名受伤人员在医院。目前，6名重伤员均已脱离生命危险。", "D7 I60 S6"),
    ("一外籍男士突然昏迷，医务人员到场抢救，最终经抢救无效死亡。", "D1"),
    ("车顶掀了，副驾驶女的当场没了。", "D1"),
    ("货车追尾,3人当场死亡,2人受伤,一人重伤(司机)。", "D3 I2 S1"),
]
PLACES = [
    ("傍晚，通州枫集镇一处弯道，两辆货车相碰，2人擦伤。", "通州", False),
    ("今天下午，沙县云坪镇竹坑村发生山洪。", "沙县 云坪镇 竹坑村", False),
    ("19日傍晚，华县双槐镇高楼村发生一起塌房。", "华县 双槐镇 高楼村", False),
    ("我省青岭林业局施业区白桦林场雷击起火。", "青岭林业局", False),
    ("20日，河坪镇石头村一农户家起火。", "河坪镇 石头村", False),
    ("江苏盐城市响水县陈家港镇一化工厂爆炸。", "江苏 盐城市 响水县 陈家港镇", False),
    ("北京时间20日16时30分，四川省攀枝花市仁和区发生地震。", "四川省 攀枝花市 仁和区", False),
    ("客车行驶到巧家县，在该县包谷垴乡时翻入江中。", "巧家县 包谷垴乡", False),
    ("20日，水西镇河坪村一农户家起火。", "水西镇", True),
    ("晋江湖光路口水管爆裂，住户停水。", "晋江 湖光路", False),
    ("实验小学旁边的小区起火。", "", False),
]


@pytest.mark.parametrize(("text", "expected"), ONSETS)
def test_onset(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    found = read(facts, text).facts.event_time
    assert found is not None
    assert f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" == expected


@pytest.mark.parametrize(("text", "expected"), FIGURES)
def test_figures(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    found = read(facts, text).facts
    stated = [f"{key}{getattr(found, name)}" for key, name in NAMES.items() if getattr(found, name) is not None]
    assert sorted(stated) == sorted(expected.split())


@pytest.mark.parametrize(("text", "places", "inside"), PLACES)
def test_places_elsewhere(facts: tuple[FactJudge, Scanner], text: str, places: str, inside: bool | None) -> None:
    result = read(facts, text, source="新华网")
    assert (" ".join(result.facts.places), result.in_district) == (places, inside)


def test_a_county_that_leads_a_report_is_elsewhere(facts: tuple[FactJudge, Scanner]) -> None:
    result = read(facts, "晋江湖光路口一根水管爆裂，数百户停水。", lane=Lane.REPORT, source="区城管局")
    assert (result.facts.places, result.in_district) == (("晋江", "湖光路"), False)


def test_the_day_before_where_the_hour_lies_ahead(facts: tuple[FactJudge, Scanner]) -> None:
    published = datetime(2026, 11, 21, 2, 30, tzinfo=CHINA)
    found = read(facts, "据了解，当天早上8时20分，两车相撞，3人死亡。", published_at=published).facts.event_time
    assert found is not None
    assert found.start == datetime(2026, 11, 20, 8, 20, tzinfo=CHINA)


def test_a_day_named_in_passing_is_no_onset(facts: tuple[FactJudge, Scanner]) -> None:
    text = (
        "受台风影响，连日来该岛及其周边省份遭遇持续强降雨，引发洪水和泥石流，目前已造成至少64人死亡，近85万人受灾，多地进入灾难状态，"
        "学校停课，机场关闭，救援人员乘橡皮艇挨家搜寻，红十字会发放食品和毛毯，国际社会表示慰问。气象部门公布的数据显示，"
        "从19号到20号的24小时内，当地的平均雨量达323毫米。"
    )
    assert read(facts, text).facts.event_time is None


def test_goods_burnt_are_a_loss(facts: tuple[FactJudge, Scanner]) -> None:
    assert read(facts, "仓库起火，价值140余万元的商品被大火吞噬。").facts.direct_loss == 140


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("请转发，帮孩子回家！男孩12岁，昨天上午在后街走失，黑短袖。", 1),
        ("走失的男孩已找到，平安回家。", None),
        ("两名男孩昨天走失，求转发。", 2),
    ],
)
def test_one_who_is_sought(facts: tuple[FactJudge, Scanner], text: str, missing: int | None) -> None:
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    document = Document(Item(lane=Lane.OPINION, source="微博", text=text, published_at=published))
    found = facts[0].judge(document, facts[1].scan(document.norm), event=True, sure=True)
    assert found.facts.missing == missing


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("南岭71人食物中毒", "村里发生73人食物中毒事件，目前已有71人出院。", ["71人"]),
        ("南岭煤矿9人遇难", "地震后煤矿巷道垮塌，20名矿工被困井下。", []),
        ("暴雨致4万人转移", "连日暴雨，全县紧急转移群众40200人，3人受伤。", []),
        ("暴雨致412人转移", "连日暴雨，全县紧急转移群众492人，3人受伤。", ["412人"]),
        (
            "",
            "全市因灾死亡5人、受伤71人。其中东山县受灾最重，因灾伤亡38人，倒塌房屋六百间。",
            [],
        ),
        ("130人食物中毒两人死亡", "130人中毒，其中2人死亡。一名59岁的妇女于18日不治身亡。", []),
    ],
)
def test_title_against_text(facts: tuple[FactJudge, Scanner], title: str, text: str, said: list[str]) -> None:
    found = read(facts, text, title=title).findings
    assert [one.text for one in found if one.check == "number_mismatch"] == said


SUMS_WITH_DEAD = [
    ("午饭后31名学生陆续呕吐、腹泻，4名教师头晕。2人死亡。", 2, 33),
    ("甲班8名学生呕吐，乙班6名学生头晕，1人抢救无效死亡。", 1, 13),
    ("五名观众吸入烟雾，一名放映员烧伤面部。一名保安死亡。", 1, 5),
]


@pytest.mark.parametrize(("text", "dead", "hurt"), SUMS_WITH_DEAD)
def test_the_sick_are_a_sum_of_several_and_some_have_died(
    facts: tuple[FactJudge, Scanner], text: str, dead: int, hurt: int
) -> None:
    found = read(facts, text).facts
    assert (found.deaths, found.injured) == (dead, hurt)


def test_no_mixture_of_sentences_makes_the_judge_fail(facts: tuple[FactJudge, Scanner]) -> None:
    chooser = random.Random(7)
    sentences = [
        one
        for gold in load_gold("train")
        for one in re.split(r"(?<=[。！？])", gold.item["text"])
        if re.search("死|伤|亡|遇难|失踪|被困|中毒|送医|转移|呕吐", one)
    ]
    assert len(sentences) > 1000
    for _ in range(2000):
        found = read(facts, "".join(chooser.choice(sentences) for _ in range(chooser.randint(2, 6)))).facts
        figures = (found.deaths, found.injured, found.missing, found.trapped, found.evacuated)
        assert all(figure is None or figure >= 0 for figure in figures)
