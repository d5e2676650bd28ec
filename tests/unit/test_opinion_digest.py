"""《今日重要舆情》 of the sample day: what concerns the district first, and nothing of elsewhere as if it did."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from desk.candidates import candidate
from huiyao.rules import bulletin_head, bulletin_rules
from processors.bulletins import draft
from processors.fold import fold
from schemas.bulletin import Bulletin
from schemas.vocab import BulletinName
from tests.sample_play import signals
from tests.unit.test_sample_day import district


@lru_cache(maxsize=1)
def digest() -> Bulletin:
    """The draft without limits, from the index documents of the day."""
    documents = [fold(None, one) for one in signals()]
    rule = bulletin_rules(district)[BulletinName.YUQING]
    items = [candidate(one) for one in documents]
    day = date(2026, 11, 20)
    made_at = rule.covers(day)[1]
    return draft(
        rule, day, items, district=district.id, head=bulletin_head(district), made_at=made_at, limited=False
    )  # fmt: skip


def titles(section: str) -> list[str]:
    return [entry.title for part in digest().sections if part.name == section for entry in part.entries]


def test_news_of_the_whole_country_is_not_of_the_district() -> None:
    here = titles("涉区舆情")
    for title in (
        "新版家电能效标签明年起启用", "多地迎来入冬后首场寒潮前的回暖", "多地启动岁末促消费 餐饮和运动用品升温",
        "冬小麦播种过九成 多地抢晴补墒", "贵州黔南一高速路段多车追尾 已致5人死亡", "电诈研判：冒充老师收费的多了起来",
    ):  # fmt: skip
        assert title not in here, title


def test_what_names_the_district_or_comes_from_its_own_forum_is() -> None:
    here = titles("涉区舆情")
    for title in (
        "总投资12亿元 新能源材料项目落户章贡高新区", "14个老小区充电口不够用 街道建议谈增容",
        "校服冬装掉毛，洗一次少半斤", "全区四十三所中小学同步演练避震疏散",
        "楼道也能“自治”？看解放街道的36个样本", "沙石往龙埠的路封了，别往那边走",
    ):  # fmt: skip
        assert title in here, title


def test_what_surely_lies_in_the_district_stands_first() -> None:
    here = titles("涉区舆情")
    sure = ["【待核实】虎岗这边刚刚有人被小车刮倒了", "【待核实】上午西津路那边是不是着火了？"]
    unsure = [
        "【待核实】樟树坳后山垮了！！！快来人",
        "校服冬装掉毛，洗一次少半斤",
        "14个老小区充电口不够用 街道建议谈增容",
    ]
    assert max(here.index(one) for one in sure) < min(here.index(one) for one in unsure)
    assert (
        min(unsure, key=here.index) == "【待核实】樟树坳后山垮了！！！快来人"
    )  # of these an emergency before complaints


def test_what_happened_elsewhere_has_its_own_place() -> None:
    assert "贵州黔南一高速路段多车追尾 已致5人死亡" in titles("各地重大事件")
