"""Numbers that contradict one another, in the forms that the content judge reads beside those of facts."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.content import arithmetic, changes, headline, totals, twice
from processors.document import Document
from processors.facts import found_again, title_figures
from processors.facts.numerals import value
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane


def document(text: str, title: str = "") -> Document:
    item = Item(
        id="i", lane=Lane.REPORT, source="s", title=title, text=text,
        published_at=datetime(2024, 9, 2, 9, tzinfo=CHINA),
    )  # fmt: skip
    return Document(item)


def told(text: str, title: str = "") -> list[tuple[str, str]]:
    doc = document(text, title)
    slips = [slip for module in (changes, totals, twice, headline) for slip in module.find(doc)]
    return [(doc.locate(one.start, one.end)[0], doc.norm[one.start : one.end]) for one in slips]


def test_what_facts_name_is_not_told_again() -> None:
    known = document("把51条意见分成三类，分别为15条、17条、21条。")
    assert list(totals.find(known))
    assert list(arithmetic.check(known)) == []
    new = document("企业自报险情240起，比二季度的150起增加了45%。")
    assert [one.rule for one in arithmetic.check(new)] == ["arithmetic.change"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("企业自报险情240起，比二季度的150起增加了45%。", "增加了45%"),
        ("平均单价只有1.2亿元，比去年同期的2.0亿元缩小了25.5%。", "缩小了25.5%"),
        ("准点率24条线平均85.2%，比上季度的87.0%提高1.8个百分点。", "提高1.8个百分点"),
        ("覆盖率95%，较上年提高20个百分点（上年80%）。", "提高20个百分点"),
        ("受理纠纷500件，同比增长36.1%（去年同期400件）。", "增长36.1%"),
        ("借书量翻了一番，由上月的200人次增至310人次。", "翻了一番"),
        ("水带销量增长1.8倍，由400台增至800台。", "增长1.8倍"),
        ("运费由2月初的2000元涨到3月初的2500元，涨幅达到40%。", "涨幅达到40%"),
        ("上座率从去年的60%提高到75%，提高了15%。", "提高了15%"),
        ("夜查查处酒驾5起、醉驾2起、无证3起，共查处各类违法8起。", "共查处各类违法8起"),
        ("用稿情况为中央级11篇、省级42篇、市级160篇，合计223篇。", "合计223篇"),
        ("社区为14户困难家庭送去米油，每户300元，合计4600元。", "14户困难家庭送去米油，每户300元，合计4600元"),
        ("抽查12所学校，其中食堂达标10所、宿舍达标13所。", "12所学校，其中食堂达标10所、宿舍达标13所"),
        ("把51条意见分成三类，分别为15条、17条、21条。", "分别为15条、17条、21条"),
        ("发现问题15处，当场改正11处，限期整改6处。", "15处，当场改正11处，限期整改6处"),
        ("首日受理10件：发票额度5件，社保基数3件，个税退税4件，当场解决9件。",
         "10件：发票额度5件，社保基数3件，个税退税4件，当场解决9件"),
        ("三次产业结构由4.2:38.5:57.3调整为4.0:37.6:58.8。", "4.0:37.6:58.8"),
        ("规上工业增加值同比增长7.9%，用电平稳。工业向好，规上工业增加值增长4.1%。", "规上工业增加值同比增长7.9%"),
    ],
)  # fmt: skip
def test_a_contradiction_is_told(text: str, span: str) -> None:
    assert told(text) == [("text", span)]


@pytest.mark.parametrize(
    "text",
    [
        "企业自报险情240起，比二季度的150起增加了60%。",
        "平均单价1.2亿元，比去年同期的2.0亿元缩小了40.8%。",
        "客流6214人次，较前一周增长38%。",
        "录入纠纷2683件，比去年四季度增加4.1%。",
        "调解成功率由71%升到87%，警情减少26%。",
        "生产总值从2015年的2330亿元增加到2020年的3500亿元，增长35.1%。",
        "存款年均增长16.2%，从7556亿元增长到16005亿元。",
        "借书量翻了近一番，由110人次增至210人次。",
        "水带销量增长近2倍，由400台增至1150台。",
        "上座率从60%提高到75%，提高15个百分点。",
        "上座率从60%提高到75%，提高了25%。",
        "夜查查处酒驾5起、醉驾2起、无证3起，共出动警力8人。",
        "检查商户8家、工地3家，共检查点位20余家。",
        "社区为14户困难家庭送去米油，每户300元，合计4200元。",
        "全市8个县工业税收突破10亿元，其中一个县迈上15亿元。",
        "发现问题15处，当场改正8处，限期整改5处。",
        "规上工业增加值增长7.9%。3月份，规上工业增加值增长4.1%。",
        "规上工业增加值增长7.9%。今年的目标是规上工业增加值增长9%。",
    ],
)
def test_what_fits_or_is_another_matter_is_left_alone(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("title", "text", "span"),
    [
        ("校园周边一天劝离58台次", "交警劝离违停车辆85台次，贴单20张。", "58台次"),
        ("全镇受淹农田521亩", "经核实受淹512亩，其中水稻300亩。", "521亩"),
        ("4台流动体检车下乡", "新配的3台流动体检车开进村里。", "4台"),
    ],
)
def test_a_slip_in_the_title(title: str, text: str, span: str) -> None:
    assert told(text, title) == [("title", span)]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("一天劝离近60台次", "交警劝离违停车辆59台次。"),
        ("全镇受淹农田521亩", "受淹521亩，其中水稻512亩。"),
        ("网传受淹521亩？", "经核实受淹512亩。"),
        ("新建4座桥", "修路3公里，新建泵房3座。"),
    ],
)
def test_a_title_that_is_right_or_tells_another_thing(title: str, text: str) -> None:
    assert told(text, title) == []


@pytest.mark.parametrize(
    "text",
    [
        "新规自2024.5.6起施行，已办结18件，其中网上办理9件。",
        "按3.1.2条整改18处，其中限期3处。",
        "投诉由1月的120件降至6月的60件，同比下降30%。",
        "救助困难群众12人，每人每月500元，合计72000元。",
        "编号" + "9" * 5000 + "件，合计" + "9" * 5000 + "件，同比增长5%。",
    ],
)
def test_dates_clauses_and_endless_figures_are_no_counts(text: str) -> None:
    assert told(text) == []


def test_a_vague_number_that_opens_a_title_is_no_contradiction() -> None:
    doc = document("32名工人今天上午在工地门口聚集讨薪。", "30余人聚集讨薪")
    assert list(title_figures._title_people(doc)) == []


def test_endless_figures_count_nothing() -> None:
    assert value("9" * 400) is None
    assert found_again.met("在下游找到" + "9" * 400 + "人。", 0) == frozenset()
