"""Emergencies: real events of every class and style, contexts that tell of none, warnings, closed events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from huiyao.districts import load_district
from huiyao.judges import load_arrays
from processors.category.features import Features
from processors.category.lexicon import Lexicon
from processors.emergency.model import EmergencyModel
from processors.emergency.types import TypeChooser
from processors.facts.types import EventType, EventTypes
from processors.scan import ScannerBuilder
from processors.tables import Table, parse_table
from schemas.errors import DistrictError
from schemas.vocab import EventClass, Kind, Lane
from tests.unit.processors.judgement import ROOT, bench

DISTRICT = ROOT / "districts" / "zhanggong"

REAL = [
    ("火灾", Lane.REPORT, "6月10日15时10分，水东镇一民房起火，消防已到场扑救，1名老人被救出送医。"),
    ("道路交通事故", Lane.MEDIA, "今晨6时许，两辆货车在国道追尾，一名司机被卡驾驶室，经抢救无效死亡。"),
    ("食物中毒", Lane.MEDIA, "昨日午餐后，某校陆续有37名学生呕吐、腹泻送医，疾控部门已采样，食堂停业。"),
    ("溺水", Lane.OPINION, "刚刚河边两个孩子下去游泳没上来，大人在岸上哭，蓝天救援队在打捞。"),
    ("建筑施工事故", Lane.REPORT, "9时40分，某在建工地脚手架坍塌，3名工人被埋，已救出2人送医。"),
    ("山体滑坡", Lane.REPORT, "受强降雨影响，今天凌晨沙石镇一处山体滑坡，压埋房屋两间，转移群众46人。"),
    ("群体性事件", Lane.REPORT, "今早8时，约60名业主聚集在区政府门口拉横幅，要求交房，公安、信访正在劝导。"),
    ("个人极端行为", Lane.OPINION, "桥上有个女的翻过栏杆要往下跳，民警正在劝，消防铺了气垫，路都封了。"),
    ("燃气泄漏", Lane.OPINION, "挖机把天然气管道挖断了，整条街都是煤气味，警察在疏散，好几栋楼的人都出来了。"),
    ("刑事案件", Lane.MEDIA, "警情通报：昨晚21时许，一男子在超市门口持刀伤人，致2人受伤，已被当场抓获。"),
    ("停水", Lane.REPORT, "今天凌晨文清路供水主管爆裂，约5000户停水，抢修人员正在抢修，预计中午恢复。"),
    ("动物疫情", Lane.REPORT, "沙河镇一养殖场发生非洲猪瘟疫情，死亡生猪23头，已封锁扑杀。"),
]  # fmt: skip
COLLOQUIAL = [
    "隔壁老张今天中午突然倒在地上，救护车来了也没能救回来，才四十多岁。",
    "今天吃完喜酒回来，一桌人都又吐又拉，有五个送医院挂水了。",
    "现在一大群工人把工地大门围了，不给钱不让走，警察也来了。",
]
NONE_AT_ALL = [
    (Lane.REPORT, "6月9日，区消防大队组织开展高层建筑火灾应急演练，模拟12楼起火3人被困，全程用时18分钟。"),
    (Lane.MEDIA, "“着火了！快跑！”昨天上午，社区里浓烟滚滚，居民捂着湿毛巾撤离——这是一场消防演练。"),
    (Lane.REPORT, "区安委会印发通知，要求各单位深刻吸取外地火灾事故教训，严防重特大事故发生。"),
    (Lane.MEDIA, "开业首日人气爆棚，朋友圈刷屏，这家店彻底火了。"),
    (Lane.OPINION, "昨晚看的灾难片太刺激了，大楼一层层塌下来，主角从火海里冲出来，影院里都在尖叫。"),
    (Lane.OPINION, "楼道里全是飞线充电，真要着火了谁负责？请消防来管管，别等烧死人才后悔。"),
    (Lane.OPINION, "路面坑太深了，我昨天骑车差点摔倒，能不能尽快修一修？"),
    (Lane.MEDIA, "上半年全区共发生火灾21起，同比下降18%，未发生人员死亡。"),
    (Lane.MEDIA, "三年前那场车祸让他失去双腿，如今他开起了修鞋铺。"),
    (Lane.OPINION, "网传某厂爆炸系谣言，视频为外地旧闻，请勿转发。"),
    (Lane.MEDIA, "法院昨日对去年一起醉驾致人死亡案作出判决，被告人获刑五年。"),
    (Lane.REPORT, "因管网改造，定于6月12日22时至次日6时停水，涉及用户约3000户，请提前储水。"),
]  # fmt: skip


@pytest.mark.parametrize(("event_type", "lane", "text"), REAL)
def test_real_events_are_found_with_their_type(event_type: str, lane: Lane, text: str) -> None:
    event, category = bench().judge(text, lane)
    assert event.is_emergency
    assert event.event_type == event_type
    assert event.event_class is not None
    assert category.category == "急情要事"


@pytest.mark.parametrize("text", COLLOQUIAL)
def test_colloquial_events_without_the_usual_words(text: str) -> None:
    event, _ = bench().judge(text, Lane.OPINION)
    assert event.is_emergency or event.doubtful


@pytest.mark.parametrize(("lane", "text"), NONE_AT_ALL)
def test_contexts_that_tell_of_no_event(lane: Lane, text: str) -> None:
    event, _ = bench().judge(text, lane)
    assert not event.is_emergency
    assert event.event_type is None
    assert event.event_class is None


def test_a_drill_that_goes_wrong_is_one() -> None:
    event, _ = bench().judge("6月10日上午，某企业消防演练中，一名员工从二楼不慎坠落，腿部骨折，已送医救治。")
    assert event.is_emergency


def test_a_warning_is_its_own_value() -> None:
    text = "区气象台6月10日16时发布暴雨红色预警信号：预计未来3小时我区雨量将达100毫米以上，请注意防范山洪、地质灾害。"
    event, category = bench().judge(text, Lane.MEDIA, title="暴雨红色预警")
    assert event.warning
    assert not event.is_emergency
    assert category.category == "急情要事"


def test_a_final_report_keeps_class_and_type() -> None:
    text = "虎岗村民房火灾已处置完毕，过火面积60平方米，无人员伤亡，起因为电线老化，受灾户已安置。"
    event, category = bench().judge(text, kind=Kind.FINAL)
    assert event.closed
    assert not event.is_emergency
    assert event.event_class is EventClass.ACCIDENT
    assert event.event_type == "火灾"
    assert category.category == "急情要事"


def test_a_follow_up_is_an_emergency_still() -> None:
    text = "续报二：截至18时，火灾死亡人数升至2人，明火已扑灭，伤者正在救治，原因在查。"
    event, _ = bench().judge(text, kind=Kind.FOLLOW_UP)
    assert event.is_emergency


def test_sensitive_people_and_places_are_marked() -> None:
    school, _ = bench().judge("今日12时，某小学学生午餐后陆续呕吐，已有23名学生送医，食堂停业。")
    plain, _ = bench().judge("今天15时，一仓库起火，火已扑灭，无人受伤，过火面积20平方米。")
    assert school.is_emergency
    assert school.sensitive
    assert not plain.sensitive


def test_reasons_quote_trigger_and_evidence() -> None:
    text = "6月10日15时10分，水东镇一民房起火，消防已到场扑救，1名老人被救出送医。"
    event, _ = bench().judge(text)
    assert any("起火" in reason.text for reason in event.reasons)
    assert all(text[reason.start : reason.end] == reason.text for reason in event.reasons)
    assert {reason.rule.split(".")[0] for reason in event.reasons} >= {"event", "evidence"}


def test_explanation_tells_probability_and_threshold() -> None:
    lines = bench().emergency.explain(*bench().prepare("今天15时，某厂起火，2人受伤送医。"))
    assert lines[0].startswith("突发事件概率")
    assert any("起火" in line for line in lines)
    assert any(line.startswith("事件类型：火灾（触发词 ") for line in lines)


def test_a_type_that_training_never_saw_can_win_by_votes() -> None:
    """The district adds a type and its triggers; the model has no head for it."""
    known = {kind.name: kind for kind in EventTypes.from_tables(load_district(DISTRICT).tables)}
    new = EventType("磁暴", EventClass.NATURAL, "", "")
    document, scan = bench().prepare("今天9时，磁暴致电网跳闸，磁暴仍在持续，全城停电。")
    basis = bench().emergency.judge_many([document], [scan])[0].basis
    assert basis is not None
    model = EmergencyModel.from_arrays(load_arrays(ROOT / "models" / "emergency")).types
    chooser = TypeChooser(model, known | {"磁暴": new}, ["停电", "磁暴"])
    names = bench().emergency._features.names
    rows = np.zeros(1, dtype=np.int64)
    assert chooser.choose(basis, names, np.array([[16.0, 900.0]], np.float32), rows) == [new]
    assert chooser.choose(basis, names, np.array([[60.0, 0.0]], np.float32), rows)[0].name == "停电"


def test_figurative_and_real_events_of_one_batch_do_not_mix() -> None:
    texts = [
        "今天15时，某厂起火，2人受伤送医。",
        "这家店彻底火了，排队两小时。",
        "续报：火灾死亡人数升至3人，明火已扑灭。",
    ]
    pairs = [bench().prepare(text) for text in texts]
    documents, scans = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    together = bench().emergency.judge_many(documents, scans)
    alone = [bench().emergency.judge_many([document], [scan])[0] for document, scan in pairs]
    for one, other, text in zip(together, alone, texts, strict=True):
        assert (one.is_emergency, one.event_type, one.reasons) == (other.is_emergency, other.event_type, other.reasons)
        assert all(text[reason.start : reason.end] == reason.text for reason in one.reasons)
    assert [one.is_emergency for one in together] == [True, False, True]


def test_an_empty_batch_gives_nothing() -> None:
    assert bench().emergency.judge_many([], []) == []
    assert bench().category.judge_many([], []) == []


def _tables(**changed: Table) -> dict[str, Table]:
    folder = ROOT / "districts" / "zhanggong"
    names = ("lex_concepts", "lex_categories", "lex_emergency", "hard_negatives")
    tables = {name: parse_table(f"{name}.tsv", (folder / f"{name}.tsv").read_text("utf-8")) for name in names}
    return tables | changed


def test_a_pattern_without_anchors_stops_the_start_with_its_line() -> None:
    bad = parse_table(
        "hard_negatives.tsv",
        "kind\tscope\tpattern\tmatch\teffect\tanchors\tsource\ndrill\titem\t演练\tregex\tblock\t\tSYN",
    )
    with pytest.raises(DistrictError, match=r"hard_negatives\.tsv:2: .*anchors"):
        Lexicon.from_tables(_tables(hard_negatives=bad), ScannerBuilder())


def test_every_pattern_is_found_behind_its_anchors() -> None:
    """A match that none of the pattern's anchors announces would never be seen."""
    samples = {
        "演练": "区里组织防汛应急演练", "警报": "随着一声警报响起，师生疏散", "零事故": "实现零事故目标",
        "预警": "气象台发布暴雨橙色预警信号", "教训": "深刻吸取事故教训",
    }  # fmt: skip
    builder = ScannerBuilder()
    features = Features.from_tables(_tables(), builder)
    scanner = builder.build()
    for text in samples.values():
        assert scanner.scan(text).hits("concept"), text
    assert len(features.names) == len(set(features.names))


def test_numbers_near_words_count_and_far_ones_do_not() -> None:
    builder = ScannerBuilder()
    features = Features.from_tables(_tables(), builder)
    scanner = builder.build()
    column = features.names.index("has:num_dead")
    found = []
    for text in ("事故造成3人死亡", "两名工人遇难", "死亡的原因正在核查"):
        document = replace_text(text)
        evidence = features.compute([document], [scanner.scan(document.norm)])
        found.append(bool(evidence.matrix[0, column]))
    assert found == [True, True, False]


def replace_text(text: str):  # type: ignore[no-untyped-def]
    return bench().prepare(text)[0]


def test_masked_spans_hide_triggers() -> None:
    builder = ScannerBuilder()
    features = Features.from_tables(_tables(), builder)
    scanner = builder.build()
    columns = [features.names.index(name) for name in ("has:ev_strong", "has:ev_middle")]
    plain, masked = (bench().prepare(text)[0] for text in ("山上发生地震", "这条新闻像一场地震"))
    strong = features.compute([plain, masked], [scanner.scan(plain.norm), scanner.scan(masked.norm)]).matrix[:, columns]
    assert strong[0].any()
    assert not strong[1].any()


def test_order_of_a_batch_does_not_matter() -> None:
    pairs = [bench().prepare(text, lane) for _, lane, text in REAL]
    forward = bench().emergency.judge_many([p[0] for p in pairs], [p[1] for p in pairs])
    backward = bench().emergency.judge_many([p[0] for p in pairs[::-1]], [p[1] for p in pairs[::-1]])
    scores = np.array([one.score for one in forward])
    assert scores == pytest.approx(np.array([one.score for one in backward[::-1]]), abs=1e-3)
    assert [replace(one, basis=None, row=0, score=0) for one in forward] == [
        replace(one, basis=None, row=0, score=0) for one in backward[::-1]
    ]
