"""Whose number a number is: helpers hurt, vague subjects, wishes, those found, later deaths, things that break."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge, FactResult
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane
from tests.unit.processors.test_figures import NAMES

CASES = [
    ("五名驴友在北沟迷路，消防连夜上山，凌晨全部安全下山。", "T5"),
    ("千余名群众围堵大门，一辆警车被推翻，多人受伤。", ""),
    ("已有4人遇难、6人受伤，仍有人员被困。", "D4 I6"),
    ("幼儿园的多名儿童，被一名男子砍伤。受伤儿童被紧急送往医院。", ""),
    ("12名民警和1名辅警不同程度受伤，其中两人重伤。", "I13 S2"),
    ("致1名店员头部受伤、手指骨折，2名保安和1名顾客轻伤。", "I4"),
    ("一名村民受轻微伤，另有一名村民留院观察。", "I2"),
    ("渡船翻沉。海事部门组织附近渔船增援，经过紧急搜救，9名落水人员全部救起，均被送往医院救治。", "I9"),
    ("消防救出5名被困人员，其中经医院抢救无效死亡一名。", "D1 T5"),
    ("现场搜救出被困2人（一男一女），经送往医院宣告死亡。", "D2 T2"),
    ("百余人食物中毒，其中一人死亡。目前，还有29人在医院接受治疗。", "D1 I99"),
    ("1人当场死亡，2人受伤，其中1人重伤。次日证实，这名重伤人员经抢救无效死亡。", "D2 I1 S1"),
    ("3名学生溺水，其中两人身亡。消防员又找到另一名学生，已无生命迹象。", "D2"),
    ("又有3名租户因吸入烟气住院，受伤人数由3人增至6人，死亡人数仍为5人。", "D5 I6"),
    ("早先4名失联人员中1人被发现时已身亡，搜救继续。", "D1 M3"),
    ("失联的14人中找到7人，还剩7人没有音讯。", "M7"),
    ("5名驴友失联。次日在杨家坪附近找到5人，均无大碍。", ""),
    ("6月11日傍晚，孩子的遗体在下游三十米处被找到。", "D1"),
    ("升降机自18层坠落，轿厢内共有8人，均经抢救无效死亡。", "D8"),
    ("商场扶梯突然停住卡死，扶梯上有5名乘客。", ""),
    ("冰凌把电线压断了，两个村停电。", ""),
    ("桥面拴缆断了两根，桥上没人。", ""),
    ("一名男子双腿悬空坐在楼顶，扬言跳楼。", ""),
    ("祈祷没有人员伤亡。", ""),
    ("水退了，电还没来。人没事就好。", ""),
    ("地震了，我喊醒儿子往楼下跑，对面邻居家没动静。", ""),
    ("连司机12个人，从中午困到现在，水漫进公交车了。", "T12"),
    ("车冲下田坎，五个人头上、手上都挂了彩。", "I5"),
    ("家属六十余人在医院大门口拉横幅，打伤一名保安。", "I1"),
    ("12名矿工被困，5人由救护队带出，均无明显外伤。", "T12"),
    ("因山洪转移下游两个村民小组470人。", "E470"),
    ("滑坡后，受威胁的28户97人全部转移。", "E97"),
    ("气瓶泄漏，下风向居民130人临时避让。", "E130"),
    ("商场接到恐吓电话，随即疏散顾客和店员约900人。", "E900"),
    ("驾驶员和押运员自行爬出，均吸入酸雾送医。", "I2"),
    ("紧急转移5.02万人，因灾受伤就医31人，其中重伤1人。", "E50200 I31 S1"),
    ("住院伤员由13人减为12人，重伤4人；连同门诊处理的27人，受伤合计39人。", "I39 S4"),
    ("先后有63名初一学生因呕吐腹痛就医，到今晚只剩11人还在医院。", "I63"),
    ("15例病人中无新增死亡，死亡人数仍为3人。", "D3"),
    ("两个班级出现发热、咽痛病例。到8日15时，累计54人，没有重症。", "I54"),
    ("基孔肯雅热疫情新增确诊41例，累计167例。", "I167"),
    ("8名儿童误把灭鼠饵当零食吃掉，全部送医洗胃。", "I8"),
    ("正阳段最重，2死3伤；罗山段伤1人。三起合计2人死亡、4人受伤。", "D2 I4"),
    ("丈夫持菜刀砍伤妻子和岳母后自首，两人伤情稳定。", "I2"),
    ("一名初一男生在校外被六名同学围殴，鼻梁轻微骨裂。", "I1"),
    ("8名住院伤员中，ICU内1人趋稳，2人下午出院，现住院6人。", "I8"),
    ("受伤者名单为127人。", "I127"),
    ("滑坡中失踪的祖孙二人的遗体找到。这场灾害共造成3人死亡，1人受伤。", "D3 I1"),
]
SOUGHT = [
    ("急寻：我父亲，七旬。昨天上午在车站附近走失，最后有人看见他往西走。", 1),
    ("寻人，我妈曾秀兰，七十三岁，早上出门买菜，到现在没有回来。", 1),
    ("我爸走失过一次，已找到，谢谢大家，到家了。", None),
    ("写给领导，我爸上次来信到现在没回复。", None),
]


def read(judge: tuple[FactJudge, Scanner], text: str, **fields: object) -> FactResult:
    """The facts of an emergency for certain."""
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    values: dict[str, object] = {"lane": Lane.MEDIA, "source": "江右早报", "published_at": published} | fields
    document = Document(Item(text=text, **values))  # type: ignore[arg-type]
    return judge[0].judge(document, judge[1].scan(document.norm), event=True, sure=True)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_figures(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    found = read(facts, text).facts
    stated = [f"{key}{getattr(found, name)}" for key, name in NAMES.items() if getattr(found, name) is not None]
    assert sorted(stated) == sorted(expected.split())


@pytest.mark.parametrize(("text", "missing"), SOUGHT)
def test_one_who_is_sought(facts: tuple[FactJudge, Scanner], text: str, missing: int | None) -> None:
    assert read(facts, text, lane=Lane.OPINION, source="微博").facts.missing == missing


def test_title_that_counts_bodies(facts: tuple[FactJudge, Scanner]) -> None:
    text = "滑坡中失踪的祖孙二人的遗体昨天找到。这场灾害共造成3人死亡。"
    assert not read(facts, text, title="山体滑坡：两名失踪者遗体找到").findings
