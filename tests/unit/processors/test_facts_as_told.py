"""Figures and onset as real news tell them (all sentences invented): lists, later hours, unproven deaths.

One line a phenomenon: what a probe of agency news, police notices and forum posts showed to be misread.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge, FactQuestion, FactResult
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane
from tests.unit.processors.test_figures import NAMES

PUBLISHED = datetime(2026, 11, 21, 20, 0, tzinfo=CHINA)


def read(facts: tuple[FactJudge, Scanner], text: str, *, lane: Lane = Lane.MEDIA, title: str = "") -> FactResult:
    """The facts of a certain emergency published on 21 November 2026 at eight in the evening."""
    document = Document(Item(lane=lane, source="江右早报", text=text, title=title, published_at=PUBLISHED))
    return facts[0].judge_many([FactQuestion(document, facts[1].scan(document.norm), True, True)])[0]


FIGURES = [
    # one number for two fates, numbers nobody gives
    ("台风已造成12人死亡失踪，转移群众3400人。", "E3400"),
    ("渡轮倾覆，31人获救，2人遇难，其余人员下落不明。", "D2"),
    ("最后一名失踪渔民遗体被打捞上岸，沉船事故共造成3人遇难。", "D3"),
    ("厂房爆炸，5人遇难，还有60多人失联，警方称遇难人数可能继续上升。", "D5 M60"),
    ("水管爆裂引发塌陷，现场出现死亡，死亡情况正在核实。", ""),
    ("山洪致死人数增加到19人。", "D19"),
    ("未及撤离的七人被洪水冲走。", ""),
    # lists and parts
    ("事故已造成9人死亡、2人失踪、1人重伤、6人轻伤。", "D9 I7 M2 S1"),
    ("施工平台坍塌，导致一死两伤。", "D1 I2"),
    ("地震造成全县伤亡24人，其中死亡2人，重伤5人，轻伤17人。", "D2 I22 S5"),
    ("大风死亡3人中，一人被广告牌砸中致死，一人触电身亡，一人被倒树压死。", "D3"),
    ("火灾造成11人受伤，其中10人伤情平稳，另有1人正在抢救。", "I11"),
    ("两名重伤员在送医途中死亡，另有4人受轻伤。", "D2 I4"),
    ("10日至12日有14人饮酒后中毒，其中5人死亡。截至15日，死亡人数增至6人，有21名中毒者住院治疗。", "D6 I21"),
    ("民房内4人煤气中毒，3人脱离危险，一名女童死亡。", "D1 I3"),
    ("6名住院伤员中，2人今早出院，现住院4人。", "I6"),
    ("地震伤员更新为43人，重伤7人。", "I43 S7"),
    ("污水池边5名检修工吸入硫化氢，其中2人死亡。", "D2 I3"),
    # aboard, without a number beside the verb
    ("机上人员全部遇难，无一人生还。航空公司说，机上共有16人，其中机组3人。", "D16"),
    ("救护车赶到时，坠楼者已停止心跳。", "D1"),
    ("潜水员在水库里发现了溺水者遗体。", "D1"),
    ("一男子持刀刺向妻子，伤者已送往医院。", "I1"),
    ("台风中，被迫转移的民众有56万余人。", "E560000"),
    ("调度中心通报，车上1名司机和3名乘客已经遇难。", "D4"),
    # described, not counted
    ("广场上一个阿姨被撞，后脑勺着地，流了好多血。", "I1"),
    ("路上一地血，不知道是谁的。", ""),
    ("三天死了九头猪，站不起来的也有，兽医站来抽血。", ""),
    ("烟花炸开，送了五个小孩，医生说没大事。", "I5"),
    ("园区起火，有没有人员受伤，记者还在核实。", ""),
    ("民房被推倒，三人被埋，已全部找到。", "T3"),
]
ONSETS = [
    # the hour stands in a later sentence
    ("21日，城东一仓库坍塌。记者赶到时，道路已封闭。据通报，21日14时56分，仓库屋顶突然坍塌。", "11-21 14:56 minute"),
    ("11月20日晚，城南一烧烤店爆炸。多名顾客受伤送医。当晚9时许，店内气罐发生爆炸，随后起火。", "11-20 21:00 hour"),
    (
        "20日晚间，有人发帖说夜市出事。网友称晚上8点左右一辆车冲进人群。警方通报：19时48分，一辆车撞倒多人。",
        "11-20 19:48 minute",
    ),
    ("20日下午，校舍在施工。15时06分，消防救援站接到校舍坍塌报警。", "11-20 15:06 minute"),
    ("20日凌晨，一民房起火。20日18时，现场清理时又发生坍塌。", "11-20 00:00 day"),
    # what is not the onset
    ("20日，一男孩在河边失踪，救援人员从当天上午11点开始搜救。", "11-20 00:00 day"),
    ("19日22时至20日凌晨1时，县城出现短时强降雨。20日凌晨，后山突发滑坡，一户被埋。", "11-20 00:00 day"),
    ("昨天傍晚还好好的，今天一早江面漂着死鱼，是中毒了。", "11-21 00:00 day"),
    ("19日16时40分，仓库起火。昨天上午，市政府紧急召开全市安全会议。", "11-19 16:40 minute"),
    ("地铁公司21日凌晨致歉：20日22时10分，一列车紧急制动，5名乘客摔倒受伤。", "11-20 22:10 minute"),
    ("21日10时，县里举行第二场新闻发布会。山洪已造成3人遇难。", None),
    ("20日15时30分，一家工厂储罐泄漏，气味很大。16时25分封堵完毕，泄漏停止。", "11-20 15:30 minute"),
    ("续报：21日9时20分，爆管段更换完毕开始充水。", None),
    # how a time is written
    ("19日晚上接近8时，货车与客车相撞，2人受伤。", "11-19 20:00 hour"),
    ("11月18-19日，多地遭冰雹袭击，房屋受损。", "11-18 00:00 period"),
    ("11月19日0—24时，该市新增3例确诊病例。", "11-19 00:00 period"),
    ("南方某国救援机构20日说，前一天中午发生的强震已致4人死亡。", "11-19 00:00 day"),
    ("19日下午四点十几分，一辆货车失控撞上护栏。", "11-19 16:00 hour"),
    ("11月20日15时70分，一栋楼天台有人要跳楼。", "11-20 00:00 day"),
]


@pytest.mark.parametrize(("text", "expected"), FIGURES)
def test_figures_as_told(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    found = read(facts, text).facts
    stated = [f"{key}{getattr(found, name)}" for key, name in NAMES.items() if getattr(found, name) is not None]
    assert sorted(stated) == sorted(expected.split())


@pytest.mark.parametrize(("text", "expected"), ONSETS)
def test_onset_as_told(facts: tuple[FactJudge, Scanner], text: str, expected: str | None) -> None:
    found = read(facts, text).facts.event_time
    assert (f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None) == expected


def test_evening_told_in_the_evening(facts: tuple[FactJudge, Scanner]) -> None:
    """今天五点半, written at eight in the evening, is of the evening; with 早上 it is not."""
    evening = read(facts, "今天五点半，老菜市场的顶棚塌下来，压到人了。", lane=Lane.OPINION).facts.event_time
    morning = read(facts, "今天早上五点半，老菜市场的顶棚塌下来，压到人了。", lane=Lane.OPINION).facts.event_time
    assert evening is not None
    assert morning is not None
    assert (evening.start.hour, morning.start.hour) == (17, 5)


def test_spoken_magnitude_and_a_crowd_of_villagers(facts: tuple[FactJudge, Scanner]) -> None:
    assert read(facts, "今晨发生五点八级地震，房屋倒塌。").facts.magnitude == 5.8
    assert read(facts, "现场有120多名村民将厂门围堵，要求停工。").facts.participants == 120


def test_sums_that_hold_are_no_contradiction(facts: tuple[FactJudge, Scanner]) -> None:
    text = "地震造成全县伤亡24人，其中死亡2人，重伤5人，轻伤17人。"
    assert read(facts, text).findings == ()
    plane = read(facts, "调度中心通报，机上1名飞行员和2名乘客已经遇难。", title="直升机坠毁，机上3人死亡")
    assert plane.findings == ()


def test_a_county_by_its_former_name(facts: tuple[FactJudge, Scanner]) -> None:
    result = read(facts, "3月7日，新建县望城镇一户人家起火。")
    assert (result.facts.places[:1], result.in_district) == (("新建县",), False)
