"""Arithmetic of a sentence: what nearly adds up is a slip; what adds up, and what is no sum at all, is none."""

from __future__ import annotations

import re

import pytest

from processors.document import Document
from processors.facts import sums
from schemas.item import Item


def mismatches(text: str, title: str = "", lane: str = "report") -> list[str]:
    """Texts of the contradictions found."""
    item = {"lane": lane, "source": "沙石镇", "title": title, "text": text, "published_at": "2026-09-01T10:00:00+08:00"}
    return [found.text for found in sums.check(Document(Item.model_validate(item)))]


@pytest.mark.parametrize(
    "marked",
    [
        "text",
        "三台机组每小时分别发电【310千瓦时、280千瓦时、260千瓦时，三台合计870千瓦时】。",
        "应到代表【214户，已到189户，余下35户】补签。",
        "受理诉求【88件，办结61件，在办17件，退回说明13件】。",
        "就诊的【57人，其中留观31人、住院8人、离院16人】。",
        "抽查【26家，台账齐全的9家；有台账不记的11家；没有台账的8家】。",
        "疏散居民38户【96人、学生70人，合计156人】。",
        "除死者1人、住院3人外，29人中其余24人都已安置。",
        "楼里【29人，除死者1人、住院3人外，其余24人】都已安置。",
        "抽测学生910名，其中优秀率【21.4%、良好率36.1%、及格率38.2%、不及格率5.6%】。",
        "查出问题140个，已整改96个，正在整改44个，【整改率超过八成】。",
        "受理投诉120件，其中涉及物业的54件，占【55%】。",
        "【5家门店哄抢，分别在文清路、红旗大道、厚德路和阳明路】。",
    ],
)
def test_what_nearly_adds_up_is_a_slip(marked: str) -> None:
    found = re.findall("【(.+?)】", marked)
    assert mismatches(re.sub("[【】]", "", marked)) == found


@pytest.mark.parametrize(
    "text",
    [
        "三台机组每小时分别发电310千瓦时、280千瓦时、260千瓦时，三台合计850千瓦时。",
        "应到代表214户，已到189户，余下25户补签。",
        "受理诉求88件，办结61件，在办17件，退回说明10件。",
        "就诊的57人，其中留观31人、住院8人、离院18人，新增者6人均为初二学生。",
        "就诊的57人，其中住院8人，最小的3岁。",
        "搜救出19人，其中4人死亡，3人重伤，其余10人轻伤，2人没有受伤。",
        "车上坐了6人，1人死亡，3人送医，里面1人重伤，剩下2人没有大碍。",
        "28个项目进展慢，主要卡在用地（11个）、资金（9个）、规划（6个）。",
        "卡在用地的29个，卡在资金的17个，卡在方案的11个，其余4个。",
        "全年建成公园36个、绿道14个，改造游园7个、广场16个。",
        "全区新增就业9.8万人，创业带动就业1.5万人，高校毕业生就业率达88.9%。",
        "停车2小时收18元，牌上写首小时4元，之后每半小时2元，应为10元。",
        "查出问题204处，当场改176处、限期改28处，合计204处。",
        "受理投诉120件，其中涉及物业的54件，占45%。",
        "门店4家哄抢，分别在文清路、红旗大道、厚德路和阳明路。",
        "我局10月签约365户，比上月333户多32户，其中沙河片区42户。",
        "反对的理由依次是：怕影响采光（9户）、怕跌价（7户）、有旧怨（5户）、想要补偿（4户），合计13户。",
    ],
)
def test_what_adds_up_or_is_no_sum_is_none(text: str) -> None:
    assert mismatches(text) == []


def test_a_title_that_counts_otherwise_than_the_text() -> None:
    text = "到6月23日，全区23个村的早稻全部收完，出动农机612台次。"
    assert mismatches(text, "全区32个村收完早稻") == ["32个"]
    assert mismatches(text, "全区23个村收完早稻") == []
    assert mismatches("签约22亿元，其中脐橙18亿元。", "脐橙节签约二十二亿元") == []
    assert mismatches("换表后一个月七十一块。", "三百块的换表费", lane="opinion") == []
