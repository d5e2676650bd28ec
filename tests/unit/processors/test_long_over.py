"""Harm that is over: what an item begins with outweighs how vividly it tells; what happens meanwhile is still found."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import numpy as np
import pytest

from huiyao.judges import make_judge
from huiyao.settings import load_settings
from huiyao.wiring import district_of
from processors.assess import Judge
from processors.careful import FirstVerdicts
from processors.document import Document
from processors.emergency.rules import EmergencyRules
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Lane

OVER = [
    "我市昨天召开见义勇为先进分子表彰会，三名市民获奖，各得奖金三万元。其中老冯是开锁匠，去年从着火的二楼背出过两个孩子。",
    "三名责任人因去年的沉船事故受到政务处分，其中一名副局长被免职。那次事故中8人遇难、2人失踪。",
    "省疾控中心公布6月法定报告传染病疫情概况：全省共报告发病3.1万例，死亡12人，居前的是手足口病和流感。",
    "全城默哀三分钟，悼念在矿难中遇难的17名矿工。哀乐声里，家属捧着遗像走过井口，降了半旗。",
    "编造“化工厂爆炸、三十多人遇难”的网民魏某已被行政拘留。他承认画面取自一部灾难片，配上了救护车的声音。",
    "上半年全省共发生道路运输事故214起，死亡96人。其中一辆大客车翻下山沟，11人遇难，伤者至今还有人住院。",
    "时隔九年，再访大坝村：那年泥石流冲走41户人家，63人遇难。幸存的老支书指着河滩说，当时水墙有两层楼高，喊声一片。",
    "省政府公布“6·11”隧道塌方事故调查报告：5名工人当场死亡、7人受伤，系一起生产安全责任事故，12人被移送司法机关。",
    "市中院昨日一审宣判：被告人酒后驾车连撞四人，致两人死亡、两人重伤，以危险方法危害公共安全罪判处无期徒刑。",
    "第214章 夜半火起。浓烟从三楼窗口滚出，孩子的哭声时断时续，“快报警！”他一把推开房门冲进火海，楼板在身后塌下。",
    "潜逃二十六年的命案嫌疑人昨天被押解回来。当年夏夜，他在河堤上持刀捅死一人、捅伤两人后跳江逃走。",
]
ACUTE = [
    "昨天下午4时许，城东一栋居民楼二楼起火，开锁匠老冯踹门背出两个孩子，自己手臂烧伤，另有3人被困，消防正在搜救。",
    "今天早上6时，一艘客船在水库中沉没，8人遇难、2人失踪，搜救仍在进行，船主已被控制。",
    "建于1986年、2009年加固过、2021年列为危桥的老桥今天凌晨垮塌，两辆货车坠河，3名司机失联，救援正在进行。",
    "今年最强台风今天凌晨登陆我省，全省多地发生内涝，已造成12人死亡、5人失踪，转移群众31万人，救援正在进行。",
    "时隔三年，城北化工厂今天上午再次爆炸，造成3人死亡、8人受伤，厂区仍有明火，消防正在扑救。",
    "今天下午，爆破作业时隧道突然塌方，3名工人被埋，救援人员正在全力挖掘。",
    "曾获全国文明单位称号的东湖酒店今天凌晨起火，7人被困楼顶，2人跳楼受伤，消防正在救人。",
    "今早一所小学34名学生呕吐腹泻，送往县医院，2人重症，疾控人员已到校采样。",
]


@cache
def judge() -> Judge:
    settings = load_settings()
    return make_judge(district_of(settings), settings.models_dir)


def verdicts(text: str) -> FirstVerdicts:
    item = Item(lane=Lane.MEDIA, source="中新网", text=text, published_at=datetime(2026, 11, 21, 18, tzinfo=CHINA))
    docs = [Document(item)]
    return judge()._judges.first.judge_many(docs, judge()._judges.scanner.scan_many([docs[0].norm]))


@pytest.mark.parametrize("text", OVER)
def test_what_is_long_over_is_none(text: str) -> None:
    found = verdicts(text)
    assert not found.emergencies[0].is_emergency
    assert found.categories[0].category is not Category.URGENT


@pytest.mark.parametrize("text", ACUTE)
def test_the_same_harm_fresh_is_one(text: str) -> None:
    found = verdicts(text)
    assert found.emergencies[0].is_emergency
    assert found.categories[0].category is Category.URGENT


def test_several_contexts_take_no_more_than_the_surest_and_first_reports_are_none_of_them() -> None:
    features = judge()._judges.first._emergency._features
    rules = EmergencyRules(features.names)
    matrix = np.zeros((3, len(features.names)), dtype=np.float32)
    for name in ("lead:sanction", "lead:verdict", "lead:years_after"):
        matrix[1:, features.names.index(name)] = 1
    matrix[2, features.names.index("kind:first")] = 1
    assert rules.long_over(matrix)[:, 0].tolist() == [0.0, -4.0, 0.0]


@pytest.mark.parametrize(
    ("colour", "category"),
    [("蓝色", Category.ANALYSIS), ("黄色", Category.ANALYSIS), ("橙色", Category.URGENT), ("红色", Category.URGENT)],
)
def test_only_the_higher_colours_of_a_warning_are_urgent(colour: str, category: Category) -> None:
    text = f"市气象台10时20分发布暴雨{colour}预警信号：预计未来三小时北部有强降雨，请注意防范积水和山洪。"
    found = verdicts(text)
    assert not found.emergencies[0].is_emergency
    assert found.categories[0].category is category
