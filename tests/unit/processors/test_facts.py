"""Findings on numbers and dates, amounts, and the reading of numerals."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.facts import FactJudge
from processors.facts.numerals import value
from processors.scan import Scanner
from schemas.base import CHINA
from tests.unit.processors.test_figures import read


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), ("1,200", 1200), ("3.2万", 32000), ("1千", 1000), ("十二", 12), ("十", 10), ("二十", 20),
        ("一百二十", 120), ("一百零五", 105), ("一百二", 120), ("两千三百", 2300), ("三万二千", 32000), ("两", 2),
        ("俩", 2), ("仨", 3), ("二〇二六", 2026), ("六七", None), ("三四十", None), ("百", None), ("一亿", 100_000_000),
        ("三万二", 32000), ("", None),
    ],
)  # fmt: skip
def test_numerals(text: str, number: float | None) -> None:
    assert value(text) == number


@given(st.integers(min_value=1, max_value=99_999))
def test_arabic_numbers_are_read_back(number: int) -> None:
    assert value(str(number)) == number
    assert value(f"{number:,}") == number


MISMATCH = [
    ("共有46名学生送医，其中12人留院观察，其余37人回家休养。", "46名学生送医，其中12人留院观察，其余37人"),
    ("造成3人死亡、6人受伤，其中重伤2人、轻伤3人。", "6人受伤，其中重伤2人、轻伤3人"),
    ("就医62人（男生33人、女生27人）。", "62人（男生33人、女生27人"),
    ("1人死亡，1人受伤，合计伤亡3人，事故在查。", "合计伤亡3人"),
    ("检查次数由3120次下降到1180次，下降了72%。", "下降了72%"),
    ("由上年的9批升至11批，增加3批。", "增加3批"),
    ("由10件增至15件，增长30%。", "增长30%"),
    ("全年受理矛盾1027件，成功959件，成功率96.5%。", "96.5%"),
    ("估产合计210万斤，其中虎岗90万斤、水东70万斤、红星60万斤。", "210万斤，其中虎岗90万斤、水东70万斤、红星60万斤"),
    ("装了46户，其中厕所35户、床边20户。", "46户，其中厕所35户、床边20户"),
    ("大客车实载37人，侧翻后17人死亡、22人受伤。", "实载37人"),
    ("溺水警情41起，较去年同期的63起下降54.9%。", "下降54.9%"),
    ("共清走杂物42车，其中第一天15车，第二天14车，第三天16车。", "42车，其中第一天15车，第二天14车，第三天16车"),
    (
        "出警36起，其中火警7起（均为锅具干烧、垃圾燃烧），抢险19起，社会救助11起。",
        "36起，其中火警7起（均为锅具干烧、垃圾燃烧），抢险19起，社会救助11起",
    ),
    (
        "共受助48户，其中低保户21户，脱贫户12户，边缘户9户，其他困难户5户。",
        "48户，其中低保户21户，脱贫户12户，边缘户9户，其他困难户5户",
    ),
    ("倒塌房屋水西镇12户、水东镇9户，合计23户。", "12户、水东镇9户，合计23户"),
    ("查处违建东外5处、南外8处、解放4处，共计16处。", "5处、南外8处、解放4处，共计16处"),
    ("村集体分红，612户每户600块，共发26万元。", "共发26万元"),
    ("发放补贴，35人每人200元，合计6000元。", "合计6000元"),
    ("集中整治11月18日至20日开展，为期5天。", "为期5天"),
    ("爆炸造成伤亡10人，其中死亡3人、受伤8人。", "造成伤亡10人"),
    ("今年1至10月受理投诉130件，去年同期100件，同比增长20%。", "同比增长20%"),
    ("去年受理100件，今年受理130件，增长20%。", "增长20%"),
    ("受理投诉1200件，同比增加300件，增长50%。", "增长50%"),
    ("受理投诉1200件，比去年同期的900件增加200件。", "增加200件"),
    ("一等奖2名、二等奖5名、三等奖10名，共评出18名获奖者。", "2名、二等奖5名、三等奖10名，共评出18名"),
    ("两次抽检共60批次，第一次25批次，第二次40批次。", "60批次，第一次25批次，第二次40"),
    ("培训两期，每期50人，共培训150人。", "共培训150人"),
    ("发放慰问金每户500元，80户共5万元。", "共5万元"),
    ("12名工人被困，已救出8人，仍有5人被困。", "12名工人被困，已救出8人，仍有5人被困"),
    ("落水7人，获救4人，失踪2人，死亡2人。", "落水7人，获救4人"),
]
FITTING = [
    "共有46名学生送医，其中12人留院观察，其余34人回家休养。",
    "造成3人死亡、5人受伤，其中重伤2人、轻伤3人。",
    "造成3人死亡、5人受伤，其中2人重伤。",
    "就医60人（男生33人、女生27人）。",
    "1人死亡，1人受伤，合计伤亡2人。",
    "检查次数由3120次下降到1180次，下降了62.2%。",
    "由10件增至15件，增长50%。",
    "由9批升至11批，增加2批。",
    "收缴率由61%提高到93%，提高32个百分点。",
    "参会40人，其中党员30人、女性25人。",
    "全年受理矛盾1027件，成功959件，成功率93.4%。",
    "溺水警情41起，较去年同期的63起下降34.9%。",
    "从6个变78个，独居老人每周有人送两次菜。",
    "由6人降为2人，日均3起。",
    "增员的占21%，减员的占26%，持平占53%。",
    "造成11人死亡、19人受伤，其中我区籍死亡6人、受伤9人。",
    "共清走杂物45车，其中第一天15车，第二天14车，第三天16车。",
    "出警36起，其中火警7起（均为锅具干烧、垃圾燃烧），抢险18起，社会救助11起。",
    "出警36起，其中火警7起，抢险18起。",
    "倒塌房屋水西镇12户、水东镇9户，合计21户。",
    "水西镇12户、水东镇9户等，合计60户受灾。",
    "走访商户12家，发现隐患9处，共整改8处。",
    "村集体分红，612户每户600块，共发36.7万元。",
    "为612户每户补贴600元左右，共发36万元。",
    "集中整治11月18日至20日开展，为期3天。",
    "强降雨中无一人伤亡，转移1300人。",
    "今年1至10月受理投诉120件，去年同期100件，同比增长20%。",
    "受理投诉1200件，同比增加400件，增长50%。",
    "12名工人被困，已救出8人，仍有4人被困。",
    "12名工人被困，已救出8人，其中2人死亡。",
    "培训两期，每期50人，共培训100人。",
    "出动警力120人，疏散群众300人，共救出被困群众5人。",
    "走访企业30家，收集问题45个，解决40个，共召开座谈会6场。",
    "老人12人、儿童9人，共转移安置群众120人。",
]


@pytest.mark.parametrize(("text", "span"), MISMATCH)
def test_numbers_that_do_not_fit(facts: tuple[FactJudge, Scanner], text: str, span: str) -> None:
    found = [finding for finding in read(facts, text).findings if finding.check == "number_mismatch"]
    assert [finding.text for finding in found] == [span]
    assert text[found[0].start : found[0].end] == span
    assert found[0].message


@pytest.mark.parametrize("text", FITTING)
def test_numbers_that_fit(facts: tuple[FactJudge, Scanner], text: str) -> None:
    assert not [finding for finding in read(facts, text).findings if finding.check == "number_mismatch"]


DATES = [
    ("2月30日，区里召开会议。", "2月30日"),
    ("截至6月31日，行政复议减少。", "6月31日"),
    ("13月5日，一车侧翻。", "13月5日"),
    ("11月20日25时，一厂房起火。", "11月20日25时"),
    ("今天8点30分到12点75分办活动。", "12点75分"),
    ("2026-02-30，一车侧翻。", "2026-02-30"),
    ("11月20日（星期三）上午，会议召开。", "星期三"),
    ("11月25日，一厂房发生火灾，造成2人受伤。", "11月25日"),
]
GOOD_DATES = [
    "11月20日下午14时，一厂房起火。",
    "2024年2月29日，区里召开会议。",
    "11月20日24时截止。",
    "11月20日（星期五）上午，会议召开。",
    "11月25日，区里将召开会议。",
    "预计11月25日前完成火灾隐患整改，消除事故风险。",
    "连续32日无降水。",
    "比分65:60，客队获胜。",
    "全程用时3小时75分钟后完成。",
    "热线96119，值班电话8265132。",
    "日均接待32人，11月30日截止。",
]


@pytest.mark.parametrize(("text", "span"), DATES)
def test_dates_that_cannot_exist(facts: tuple[FactJudge, Scanner], text: str, span: str) -> None:
    found = [finding for finding in read(facts, text).findings if finding.check == "impossible_date"]
    assert [finding.text for finding in found] == [span]
    assert text[found[0].start : found[0].end] == span


@pytest.mark.parametrize("text", GOOD_DATES)
def test_dates_that_exist(facts: tuple[FactJudge, Scanner], text: str) -> None:
    assert not [finding for finding in read(facts, text).findings if finding.check == "impossible_date"]


def test_wrong_weekday_is_corrected(facts: tuple[FactJudge, Scanner]) -> None:
    finding = read(facts, "11月20日（星期三）上午，会议召开。").findings[0]
    assert finding.suggestion == "星期五"


@pytest.mark.parametrize(
    ("text", "name", "figure"),
    [
        ("火灾造成直接财产损失约7万元。", "direct_loss", 7),
        ("暴雨造成直接经济损失1.2亿元。", "direct_loss", 12000),
        ("火灾损失5000元，无人员伤亡。", "direct_loss", 0.5),
        ("内涝造成临街商铺直接经济损失约640万元。", "direct_loss", 640),
        ("山火过火面积约9亩，已扑灭。", "area_forest", 0.6),
        ("森林火灾过火面积5公顷，受害森林面积1.3公顷。", "area_forest", 1.3),
        ("发生里氏4.8级地震。", "magnitude", 4.8),
        ("发生4.3级地震，震源深度10公里。", "magnitude", 4.3),
        ("约160名业主聚集在售楼部门口，出动民警40人维持秩序。", "participants", 160),
        ("两百多个师傅把车停在路上罢运，道路堵死。", "participants", 200),
        ("最多时到160人，业主聚集续报。", "participants", 160),
        ("水管爆裂，约3.2万户停水。", "households", 32000),
        ("堵路约9小时，群众聚集。", "hours", 9),
        ("村民聚集，施工受阻已2天。", "hours", 48),
        ("近千人聚集堵路。", "participants", 1000),
    ],
)
def test_amounts(facts: tuple[FactJudge, Scanner], text: str, name: str, figure: float) -> None:
    assert getattr(read(facts, text).facts, name) == pytest.approx(figure)


def test_time_of_counting(facts: tuple[FactJudge, Scanner]) -> None:
    found = read(facts, "11月21日8时一厂房起火，截至11时，2人受伤。").facts
    assert found.as_of == datetime(2026, 11, 21, 11, 0, tzinfo=CHINA)


def test_reasons_show_where_figures_stand(facts: tuple[FactJudge, Scanner]) -> None:
    result = read(facts, "火灾造成3人死亡。", title="火灾")
    assert ("facts.deaths", "text", "3人") in [(r.rule, r.field, r.text) for r in result.reasons]
