"""Categories: clear cases of every lane, agreement with emergencies, calibration of form, n-grams, kinds of report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from processors.category.batch import Batch
from processors.category.model import CategoryModel
from processors.category.ngrams import SLOT_BITS, NgramTable, hash_ngrams
from processors.document import Document
from processors.emergency.judge import EmergencyResult
from schemas.errors import SettingsError
from schemas.vocab import Category, Kind, Lane
from tests.unit.processors.judgement import bench

CLEAR = [
    (
        Category.PROBLEM,
        Lane.OPINION,
        "您好，我是南门口一带的住户，楼下烧烤摊每晚炒到两点，油烟灌进卧室，投诉多次没人管，恳请尽快解决。",
    ),
    (
        Category.PROBLEM,
        Lane.OPINION,
        "请问贡水西路什么时候能修好？坑坑洼洼两年多了，下雨天根本没法走！",
    ),
    (
        Category.PROBLEM,
        Lane.OPINION,
        "物业天天催费，电梯坏了三个月不修，你们到底管不管？",
    ),
    (
        Category.PROBLEM,
        Lane.REPORT,
        "调研发现，我区村级卫生室药品配送存在周期长、品种少等问题，群众反映强烈。建议由县级医院统一配送。",
    ),
    (
        Category.WORK_NEWS,
        Lane.REPORT,
        "6月9日上午，区人社局在五龙广场举办专场招聘会，82家企业提供岗位2600个，1900余人进场求职。",
    ),
    (
        Category.WORK_NEWS,
        Lane.OPINION,
        "网友您好，您反映的路灯不亮问题已收悉，经核实系线路老化，我局已于6月8日更换完毕，感谢您的监督。",
    ),
    (
        Category.LEADER_THINKING,
        Lane.MEDIA,
        "区委书记强调，要把老城更新作为头号民生工程，必须坚持留改拆并举，不能搞大拆大建，干部要多听街坊意见。",
    ),
    (
        Category.PRACTICE,
        Lane.REPORT,
        "社区探索“三色门铃”工作法：一是分类建档，二是错时上门，三是限时反馈。半年来纠纷由61起降到18起，满意度升至97%。",
    ),
    (
        Category.ANALYSIS,
        Lane.REPORT,
        "二季度全区社零总额同比增长5.2%，增速环比回落0.8个百分点。综合判断，三季度将企稳回升，预计全年增长6%左右。",
    ),
    (
        Category.URGENT,
        Lane.MEDIA,
        "今日15时20分，沙河镇一木材厂发生火灾，已致1人死亡、2人受伤，消防正在全力扑救，起火原因正在调查。",
    ),
    (
        Category.OTHER,
        Lane.OPINION,
        "出售九成新冰箱一台，搬家低价转让，300元自提，有意加微信。",
    ),
]


@pytest.mark.parametrize(("category", "lane", "text"), CLEAR)
def test_clear_cases(category: Category, lane: Lane, text: str) -> None:
    _, result = bench().judge(text, lane)
    assert result.category is category
    assert result.scores[category] == max(result.scores.values())


def test_scores_cover_the_seven_categories_and_sum_to_one() -> None:
    for _, lane, text in CLEAR:
        _, result = bench().judge(text, lane)
        assert set(result.scores) == set(Category)
        assert sum(result.scores.values()) == pytest.approx(1.0, abs=1e-9)
        assert all(score >= 0 for score in result.scores.values())


def test_reasons_quote_the_text_where_it_stands() -> None:
    title, text = "关于路灯的投诉", "我们小区门口的路灯坏了半个月，请有关部门尽快维修。"
    _, result = bench().judge(text, Lane.OPINION, title=title)
    assert result.reasons
    for reason in result.reasons:
        field = title if reason.field == "title" else text
        assert field[reason.start : reason.end] == reason.text


def test_a_zero_report_is_other_whatever_it_says() -> None:
    event, result = bench().judge("今日无火灾、无交通事故、无群众聚集。", kind=Kind.ZERO)
    assert result.category is Category.OTHER
    assert not event.is_emergency


def test_an_emergency_is_urgent_even_where_the_words_are_a_complaint() -> None:
    document, scan = bench().prepare("请问路灯什么时候修？投诉多次没人管。", Lane.OPINION)
    alone = bench().category.judge_many([document], [scan])[0]
    told = bench().category.judge_many([document], [scan], [EmergencyResult(is_emergency=True, score=0.9)])[0]
    assert alone.category is Category.PROBLEM
    assert told.category is Category.URGENT


def test_batch_and_single_judgement_agree() -> None:
    pairs = [bench().prepare(text, lane) for _, lane, text in CLEAR]
    documents, scans = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    events = bench().emergency.judge_many(documents, scans)
    together = bench().category.judge_many(documents, scans, events)
    for document, scan, event, result in zip(documents, scans, events, together, strict=True):
        single = bench().category.judge_many([document], [scan], [replace(event, basis=None)])[0]
        assert single.category is result.category
        assert single.scores == pytest.approx(result.scores, abs=1e-4)


def test_odd_texts_are_judged() -> None:
    for text in ("", " ", "。", "😀😀", "a", "\0\0", "12345", "\n\n\n", "火" * 3000):
        event, result = bench().judge(text, Lane.OPINION)
        assert 0 <= event.score <= 1
        assert sum(result.scores.values()) == pytest.approx(1.0)


def test_explanations_name_verdict_and_words() -> None:
    document, scan = bench().prepare(CLEAR[0][2], Lane.OPINION)
    lines = bench().category.explain(document, scan)
    assert lines[0].startswith("类别：问题建议")
    assert any("恳请" in line or "没人管" in line or "投诉" in line for line in lines)


def test_a_model_that_lacks_an_array_says_so() -> None:
    with pytest.raises(SettingsError, match="lacks: "):
        CategoryModel.from_arrays({"slots": np.zeros(1, dtype=np.uint16)})


def _batch(*texts: str) -> Batch:
    return Batch([bench().prepare(text)[0] for text in texts])


def _ngrams(batch: Batch, document: int) -> set[tuple[int, int, int]]:
    found = set()
    for part in hash_ngrams(batch):
        inside = np.flatnonzero(batch.codes[: len(part.hashes)])
        own = inside[batch.owner[inside] == document]
        pairs = zip(part.slots[own].tolist(), part.checks[own].tolist(), strict=True)
        found |= {(part.order, slot, check) for slot, check in pairs}
    return found


def test_ngrams_do_not_reach_from_one_text_into_the_next() -> None:
    alone = _ngrams(_batch("甲乙丙"), 0)
    assert _ngrams(_batch("甲乙丙", "丁戊己"), 0) == alone
    assert _ngrams(_batch("丁戊己", "甲乙丙"), 1) == alone


def test_digits_and_case_do_not_matter_to_ngrams() -> None:
    assert _ngrams(_batch("Abc于3月"), 0) == _ngrams(_batch("aBC于7月"), 0)


def test_known_ngrams_are_found_as_often_as_they_are_said_and_named() -> None:
    bigram = list(hash_ngrams(_batch("防汛")))[1]
    slots = np.zeros(1 << SLOT_BITS, dtype=np.uint16)
    slots[bigram.slots[0]] = 1
    table = NgramTable(slots, bigram.checks[:1])
    batch = _batch("防汛防汛", "别的")
    found = next(grams for grams in table.find(batch) if grams.order == 2)
    assert found.positions.tolist() == [0, 2]
    assert found.features.tolist() == [0, 0]
    assert found.bounds.tolist() == [0, 2, 2]
    assert table.texts(batch) == {0: "防汛"}


def test_sentences_of_a_batch_belong_to_their_documents() -> None:
    batch = _batch("一句。两句！", "三句")
    assert batch.sentence_owner[batch.sentence[: batch.sizes[0]]].tolist() == [0] * int(batch.sizes[0])
    start = int(batch.starts[1])
    assert batch.sentence_owner[batch.sentence[start]] == 1


def _document(text: str, lane: Lane = Lane.REPORT) -> Document:
    return bench().prepare(text, lane)[0]


@pytest.mark.parametrize(
    "text",
    [
        "副市长李某6月9日下午到我街道调研养老服务，走访了两户老人。",
        "省住建厅副厅长一行6月9日9时来我区督导危房改造。",
        "国家发展改革委体改司调研组6月8日10时到我区考察，查看了行政服务中心。",
        "省政府安全生产督查组今天上午抵达我区，抽查企业3家。",
        "市安委会消防安全第二督导组一行5人抵达我区，直奔两家仓库。",
        "省卫健委突发急性传染病防控督导组9时50分到我区，随机抽取两家卫生院。",
        "副市长来到区政务服务大厅，接听群众来电。",
        "今天上午，区政府与某企业签约一个储能项目，总投资12.6亿元。",
        "6月9日，园区集中签约项目5个，协议资金合计150000万元。",
    ],
)
def test_major_events(text: str) -> None:
    reason = bench().kinds.is_major(*bench().prepare(text))
    assert reason is not None
    assert text[reason.start : reason.end] == reason.text


@pytest.mark.parametrize(
    "text",
    [
        "区长6月9日到沙石镇调研脐橙产业。",
        "市委书记在我区报送的材料上批示：做法很好，值得推广。",
        "我局组织收听收看全省视频会议，传达省领导讲话精神。",
        "6月9日，我区签约项目3个，总投资4.2亿元。",
        "全区完成固定资产投资36亿元。",
        "区市场监管局食品安全检查组到学校食堂抽查。",
        "街道邀请市第一医院医生到社区义诊。",
    ],
)
def test_not_major(text: str) -> None:
    assert bench().kinds.is_major(*bench().prepare(text)) is None


def test_other_lanes_have_no_major_events() -> None:
    assert bench().kinds.is_major(*bench().prepare("副市长到我区调研。", Lane.MEDIA)) is None


@pytest.mark.parametrize(
    "text",
    [
        "上半年全区共接报火灾41起，死亡1人，同比下降8.9%。",
        "1至5月，全区累计受理信访862件次。",
        "6月防汛情况汇总如下：各站点雨量见统计表。",
        "近期事故一览：\n6月1日，沙河镇车祸1起\n6月3日，水西镇火灾1起\n6月7日，水东镇溺水1起",
    ],
)
def test_summaries(text: str) -> None:
    assert bench().kinds.is_summary(*bench().prepare(text))


@pytest.mark.parametrize(
    "text",
    [
        "6月9日14时，沙河镇一厂房起火，2人受伤。",
        "今天我局检查企业5家，发现隐患12处。",
        "6月1日，儿童节活动在中心公园举行。",
    ],
)
def test_single_events_are_no_summaries(text: str) -> None:
    assert not bench().kinds.is_summary(*bench().prepare(text))
