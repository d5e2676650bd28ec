"""Figures told in parts, anew or beside one another; numbers that only seem to disagree, and those that do.

Published on Saturday, 21 November 2026, at noon. All events are invented.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge, FactResult
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane
from tests.unit.processors.test_figures import NAMES, read

FIGURES = [
    ("客车急刹，四名乘客摔倒，三人手腕骨折，一人嘴唇缝针，没有人死亡。", "D0 I4"),
    ("货车追尾，造成6名乘客受伤，4人为软组织挫伤，2人锁骨骨折。", "I6"),
    ("事故造成6人死亡、18人受伤，遇难者多为被墙体压住。", "D6 I18"),
    ("爆炸致5人死亡、9人受伤，死亡数字可能继续上升。", "D5 I9"),
    ("受伤的9人中，7人已经出院。事故造成3人死亡、9人受伤。", "D3 I9"),
    ("暴雨致2人死亡、13人受伤。死亡2人均为村民，受伤13人中有2人骨折。", "D2 I13"),
    ("死亡人数由昨日的12人升至17人，受伤人数经核定由80人调整为74人。", "D17 I74"),
    ("一名伤者昨夜离世，至此遇难者为5人，还有11人在院治疗。", "D5 I11"),
    ("气瓶爆燃，夫妻2人烧伤，其中1人重伤，邻居3人被玻璃划伤。", "I5 S1"),
    ("事故造成3人受伤，其中1人重伤，另有2人轻伤。", "I3 S1"),
    ("8名学生滚下楼梯，2名重伤、6名擦伤，均已送医。", "I8 S2"),
    ("食物中毒者共14人，2人抢救无效死亡，另外12人住院治疗。", "D2 I12"),
    ("全县报告麻疹病例52例，没有死亡，一例可传十几人。", "D0 I52"),
    ("医院收治伤病员31人，其中外伤12人。山洪未造成死亡。", "D0 I31"),
    ("三名扑火队员在转移途中遭遇风向突变，不幸牺牲。", "D3"),
    ("驾驶员被方向盘压住，经抢救无效死亡，没有其他人员受伤。", "D1 I0"),
    ("一起起重伤害事故共致2人死亡、4人受伤。", "D2 I4"),
    ("燃气管被划破，消防切断电源，疏散居民120人，没有人员伤亡。", "D0 I0 E120"),
    ("变电站故障，电梯困人15名，均已救出。", "T15"),
    ("山体滑坡，约8户民房被掩埋，一村民小组14人失联。", "M14"),
    ("全厂300人撤出，火压住了，无人受伤。", "I0 E300"),
    ("除6人受伤外其余平安。碰撞共造成23人受伤。", "I23"),
    ("另有40名旅客因惊吓接受检查，不计入受伤人数。脱轨造成3人受伤。", "I3"),
    ("未再有人受伤，剩余的19名游客困在空中。", "I0 T19"),
]


@pytest.mark.parametrize(("text", "expected"), FIGURES)
def test_figures_told_in_parts(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    found = read(facts, text).facts
    stated = [f"{key}{getattr(found, name)}" for key, name in NAMES.items() if getattr(found, name) is not None]
    assert sorted(stated) == sorted(expected.split())


def _sure(judge: tuple[FactJudge, Scanner], text: str, lane: Lane = Lane.MEDIA, *, event: bool = True) -> FactResult:
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    document = Document(Item(text=text, lane=lane, source="江右早报", published_at=published))
    return judge[0].judge(document, judge[1].scan(document.norm), event=event, sure=event)


def test_a_refuted_rumour_silences_its_own_sentence_only(facts: tuple[FactJudge, Scanner]) -> None:
    text = "台风致3人死亡、46人受伤。网上所传“化工厂爆炸致20人死亡”系谣言。"
    assert (_sure(facts, text).facts.deaths, _sure(facts, text).facts.injured) == (3, 46)
    assert _sure(facts, text, event=False).facts.deaths is None


def test_an_emergency_in_a_drill_or_a_court_has_figures(facts: tuple[FactJudge, Scanner]) -> None:
    assert _sure(facts, "疏散演练中楼梯扶手断裂，9名学生受伤。").facts.injured == 9
    assert _sure(facts, "宣判后家属情绪激动，1名法警受伤。").facts.injured == 1
    assert read(facts, "疏散演练模拟楼梯断裂，9名学生受伤。").facts.injured is None


def test_title_and_text_that_agree_give_the_total(facts: tuple[FactJudge, Scanner]) -> None:
    result = read(facts, "3名乘客受伤，两人腰部挫伤。", title="公交急刹3人受伤")
    assert (result.facts.injured, result.findings) == (3, ())
    assert read(facts, "车祸造成2人受伤。", title="车祸致3人受伤").facts.injured == 2


AGREE = [
    "已救出30人，其中13人遇难、17人受伤，重伤4人。",
    "辨认问题74个，其中垃圾31个、违建19个、排口14个、护栏10个，已有22个当天处理。",
    "失联2人已找到，其中1人死亡、1人重伤，另有2人轻微灼伤。",
    "充电一度1.68元，其中电费0.63元，服务费1.05元。",
    "事故造成23人受伤，其中重伤4人，客车上36名乘客已换乘，除7人受伤外其余平安。",
    "32名代表举手，28票赞成、4票弃权。",
    "计划完成管网6.2公里，实际完成2.4公里，完成率38.7%。",
    "监测的28种商品中，上涨的14种、持平的6种、下降的8种。",
    "当班11人，其中7人在炉前，3人受伤；另外4人在操作室。",
    "镇街　转移　倒房\n沙石镇　58人　3间\n水东镇　31人　1间\n合计　89人　4间",
    "镇街　转移　倒房\n沙石镇　58人　3间\n合计　89人　4间",
]
DISAGREE = [
    ("30名代表举手，29票赞成、4票弃权。", "30名代表举手，29票赞成、4票弃权"),
    ("计划完成管网6.2公里，实际完成2.4公里，完成率只有28.7%。", "完成率只有28.7%"),
    ("跟踪监测的28种商品，上涨的15种、持平的6种、下降的8种。", "28种"),
    ("当班11人，其中7人在炉前，3人受伤；另外5人在操作室。", "另外5人"),
    ("镇街　转移　倒房\n沙石镇　58人　3间\n水东镇　31人　1间\n合计　99人　4间", "99人"),
]


@pytest.mark.parametrize("text", AGREE)
def test_numbers_that_agree(facts: tuple[FactJudge, Scanner], text: str) -> None:
    assert [finding.text for finding in read(facts, text).findings] == []


@pytest.mark.parametrize(("text", "where"), DISAGREE)
def test_numbers_that_disagree(facts: tuple[FactJudge, Scanner], text: str, where: str) -> None:
    found = read(facts, text).findings
    assert [(finding.check.value, finding.text) for finding in found] == [("number_mismatch", where)]


def test_a_title_that_tells_what_came_new_is_no_total(facts: tuple[FactJudge, Scanner]) -> None:
    text = "一名伤者昨夜离世，至此遇难者为6人。"
    assert read(facts, text, title="连撞事故再有1人离世").findings == ()


TIMES = [
    (Lane.REPORT, "部分住户拟于11月24日（周二）上午9时到区行政中心递交联名信。", "11-24 09:00 hour"),
    (Lane.REPORT, "11月20日，区委统战部召开情况通报会，通报经济形势。", "11-20 00:00 day"),
    (Lane.MEDIA, "应急管理部门11月20日发布前三季度自然灾害情况。", "11-20 00:00 day"),
    (Lane.MEDIA, "据区气象局11月20日发布的消息，秋意渐浓。", None),
    (Lane.REPORT, "11月1日至18日共发放代驾券486张，查处酒驾3起。", "11-01 00:00 period"),
    (Lane.REPORT, "11月19日至21日，区里举办茶会。", "11-19 00:00 period"),
    (Lane.MEDIA, "昨晚在多个群里流传的“地铁口塌陷”图片，经警方核查系软件制作。", None),
    (Lane.MEDIA, "【寻物启事】11月19日傍晚在红旗大道走失橘猫一只。", None),
    (Lane.REPORT, "若连续五日37℃以上，预计出现缺口，需启动响应。", None),
    (Lane.REPORT, "园区的做法是每天12点40分专员到企业食堂，随机坐一桌。", None),
]


@pytest.mark.parametrize(("lane", "text", "expected"), TIMES)
def test_times_of_reports(facts: tuple[FactJudge, Scanner], lane: Lane, text: str, expected: str | None) -> None:
    found = _sure(facts, text, lane, event=False).facts.event_time
    assert (f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None) == expected


PLACES = [
    ("新华社太原11月20日电 山西大同云州区一煤矿发生事故。", "山西 大同 云州区"),
    ("卫辉市应急管理局通报，卫辉一民房爆炸。", "卫辉"),
    ("救援队出动三台挖掘机，五台车受损。", ""),
    ("四川三台县一处民房起火。", "四川 三台县"),
]


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_places(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    assert " ".join(read(facts, text, source="新华网").facts.places) == expected


def test_towns_as_posts_name_them(facts: tuple[FactJudge, Scanner]) -> None:
    post = read(facts, "昨天中午在沙石吃喜酒的，好几个拉肚子。", lane=Lane.OPINION, source="赣南论坛")
    assert (post.facts.places, post.in_district) == (("沙石",), True)
    gravel = read(facts, "工地门口堆在沙石料上的车翻了。", lane=Lane.OPINION, source="赣南论坛")
    assert gravel.facts.places == ()
