"""Written rules: every row of the district's tables by its own examples, and what a bad row says."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.tables import Row, Table, parse_table
from processors.wording import Genre, WordingRules
from schemas.errors import DistrictError
from schemas.vocab import Check
from tests.unit.processors.starting import started

FOLDER = Path(__file__).parents[3] / "districts" / "zhanggong"


def _table(name: str) -> Table:
    return parse_table(f"{name}.tsv", (FOLDER / f"{name}.tsv").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rules() -> WordingRules:
    return WordingRules.compile(_table("typos"), _table("text_rules"), names=["安装镇"])


ENABLED = [row for row in _table("text_rules") if row["enabled"] == "yes"]


@pytest.mark.parametrize("row", ENABLED, ids=lambda row: row["id"])
def test_each_rule_keeps_its_own_examples(rules: WordingRules, row: Row) -> None:
    if row.get("bad_example"):
        assert row["id"] in {f.rule for f in rules.find(row["bad_example"], Genre.OFFICIAL)}
    if row.get("good_example"):
        assert row["id"] not in {f.rule for f in rules.find(row["good_example"], Genre.OFFICIAL)}


@pytest.mark.parametrize("row", [r for r in _table("typos") if r["severity"] == "error"], ids=lambda r: r["wrong"])
def test_each_typo_is_found_in_a_sentence_and_put_right(rules: WordingRules, row: Row) -> None:
    # 以经 is only wrong before a verb of completion.
    found = [f for tail in ("", "完成") for f in rules.find(f"（{row['wrong']}{tail}）", Genre.OFFICIAL)]
    assert row["right"] in {f.suggestion for f in found if f.rule == f"typos:{row.line}"}


@pytest.mark.parametrize(
    "clean",
    [
        "上述业务必须办理",
        "重迭代轻规划",
        "经开区",
        "多做为民造福的事",
        "网上审批覆盖率",
        "自觉对标先进",
        "产业集群从3个增加到5个",
    ],
)
def test_a_right_text_that_holds_a_wrong_form_is_left_alone(rules: WordingRules, clean: str) -> None:
    assert rules.find(clean, Genre.OFFICIAL) == []


@pytest.mark.parametrize(
    ("text", "check", "found", "suggestion"),
    [
        ("贯彻《甲法》、《乙法》。", Check.PUNCTUATION, "》、《", "》《"),
        ("区政府、区委要求抓好落实。", Check.TITLE_ORDER, "区政府、区委", "区委、区政府"),
        ("副区长、区委常委张某到场。", Check.TITLE_ORDER, "副区长、区委常委", "区委常委、副区长"),
        ("截止7月1日17时，已转移12人。", Check.TYPO, "截止", "截至"),
        ("12月下午15时开会。", Check.NUMBER_USAGE, "下午15时", None),
        ("附件见2O25年通知。", Check.NUMBER_USAGE, "2O25", "2025"),
        ("赣府发[2024]5号", Check.PUNCTUATION, "[2024]5号", "〔2024〕5号"),
        ("防止此类事故不再发生。", Check.WORDING, "防止此类事故不再发生", None),
        ("5个代表代表留了电话。", Check.TYPO, "代表代表", "代表"),
    ],
)
def test_findings_name_span_and_replacement(
    rules: WordingRules, text: str, check: Check, found: str, suggestion: str | None
) -> None:
    finding = next(f for f in rules.find(text, Genre.OFFICIAL) if f.check is check)
    assert finding.text == found == text[finding.start : finding.end]
    assert finding.suggestion == suggestion


def test_offsets_count_code_points_beyond_the_basic_plane(rules: WordingRules) -> None:
    text = "𠮷😀已按装完毕"
    finding = rules.find(text, Genre.OFFICIAL)[0]
    assert text[finding.start : finding.end] == "按装"


def test_house_style_is_for_official_prose_only(rules: WordingRules) -> None:
    text = "建好“警务室”、“护学岗”。"
    assert rules.find(text, Genre.OFFICIAL)
    assert rules.find(text, Genre.NEWS) == []


@pytest.mark.parametrize(
    "text",
    [
        "通报说，改造的目的是为了方便出行。",
        "省人大主任钟某某会见来宾。",
        "大约二十岁左右的青年跑来帮忙。",
        "仓库里约有300多箱砂糖橘。",
        "列车于下午16时到站。",
        "上午9:30分比赛开始。",
        "已有20几个城市报名。",
        "气象台2025年03月05日发布预警。",
        "依据中发（2003）9号文件办理。",
        "忙中难免不出差错。",
    ],
)
def test_what_newspapers_print_as_they_like_is_a_matter_of_official_prose(rules: WordingRules, text: str) -> None:
    assert rules.find(text, Genre.OFFICIAL)
    assert rules.find(text, Genre.NEWS) == []


@pytest.mark.parametrize("text", ["转移约1200余名村民。", "约400人左右参加了长跑。", "售出约70多台。"])
def test_a_number_that_is_about_and_more_at_once_is_told_in_news_too(rules: WordingRules, text: str) -> None:
    assert [f.check for f in rules.find(text, Genre.NEWS)] == [Check.NUMBER_USAGE]


def test_opinion_posts_get_typos_of_the_table_only(rules: WordingRules) -> None:
    found = rules.find("下午15时按装，，没人来", Genre.OPINION)
    assert [f.text for f in found] == ["按装"]


@pytest.mark.parametrize(
    "clean",
    [
        "为进一步扩大开放并提高水平，区里出台了新办法。",
        "由有关部门和共青团委员会的人员组成。",
        "不管下不下雨，巡查队每天都去一趟。",
        "尽管由于下雨工期紧，因此推迟了两天，但质量没有降低。",
        "他认为，以发展为目的的改革要坚持下去。",
        "如果雨停了，就继续施工；只有验收合格，才能通车。",
        "各村要防止因个别企业停产影响就业。",
        "他难免不足之处，还请批评指正。",
        "在区委的正确领导下，各项工作有序推进。",
        "曾任副县长。",
        "本次活动使商户受益，通过使用新设备，效率提高一倍。",
        "全年推进规模以上企业入统，超过90家规模以上企业参加。",
        "3月5日，日元从每周5.5亿降到3亿。",
        "一九九六.四.五",
        "他历任区长、区委书记、市经委副主任。",
        "曾任青石县副县长、县委副书记，现已退休。",
        "当时附近1万多户停气，附近十余户受损。",
        "全场得到90分中，罚球占30分。",
        "修好这座桥是一项刻不容缓的急迫任务。",
        "病人总体症状较轻。",
        "船头直往水下栽去。",
        "他是跑摩的的师傅。",
        "新车的故障率高于五年以上的旧车。",
    ],
)
def test_prose_that_resembles_a_fault_is_left_alone(rules: WordingRules, clean: str) -> None:
    assert rules.find(clean, Genre.OFFICIAL) == []


def test_over_long_sentences_are_a_matter_of_official_prose(rules: WordingRules) -> None:
    text = (
        "由区应急管理局牵头会同各镇街对辖区在建工地地质灾害隐患点山塘水库旅游景区"
        "开展拉网式排查并对排查出的全部隐患逐一登记造册明确整改责任人和整改时限"
    )
    assert [(f.rule, f.start, f.end) for f in rules.find(text + "。", Genre.OFFICIAL)] == [("G20", 0, len(text))]
    assert rules.find(text, Genre.NEWS) == []
    adopted = (
        "根据2017年11月23日某某市第十四届人民代表大会常务委员会第四十一次会议修订的"
        "某某市城市道路管理若干规定第一次修正后公布施行的规定"
    )
    assert rules.find(adopted, Genre.OFFICIAL) == []


def test_one_fault_is_told_once(rules: WordingRules) -> None:
    assert [f.rule for f in rules.find("动用近200多起。", Genre.OFFICIAL)] == ["N07"]
    assert [f.rule for f in rules.find("老人座轮椅出行。", Genre.OFFICIAL)] == ["typos:763"]


@pytest.mark.parametrize(
    "clean",
    [
        "采取的重大措施得到落实。",
        "更好的服务，更好的组织。",
        "他先后任副局长、局长。",
        "会上，他再次强调要走在前列。",
        "现象一样复杂，盲人摸象所暴露的问题一样。",
        "搭起帐篷40顶。",
        "14时41分报告，半专业队到场。",
        "增长了三、四季度的收入。",
        "瓦工做了两天，网友请来帮手。",
    ],
)
def test_prose_that_resembles_a_keyboard_slip_is_left_alone(rules: WordingRules, clean: str) -> None:
    assert rules.find(clean, Genre.OFFICIAL) == []


def _row(**changed: str) -> Row:
    values = {
        "id": "X1", "check": "wording", "severity": "error", "genre": "all", "enabled": "yes", "anchors": "为了",
        "regex": "为了为了", "suggestion": "为了", "message": "重复", "source": "GK-H",
    }  # fmt: skip
    return Row.of("text_rules.tsv", 7, values | changed)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"regex": "(为了"}, "regex"),
        ({"anchors": ""}, "anchors"),
        ({"check": "style"}, "check"),
        ({"genre": "press"}, "genre"),
        ({"enabled": "no"}, "enabled"),
        ({"suggestion": r"\2"}, "suggestion"),
    ],
)
def test_a_bad_rule_names_file_line_and_cause(changed: dict[str, str], cause: str) -> None:
    with pytest.raises(DistrictError, match=rf"text_rules\.tsv:7: {cause}"):
        started(lambda: WordingRules.compile([], [_row(**changed)]))


def test_a_bad_exception_of_a_typo_names_its_line() -> None:
    row = Row.of(
        "typos.tsv", 3, {"wrong": "按装", "right": "安装", "severity": "error", "unless_regex": "[", "source": ""}
    )
    with pytest.raises(DistrictError, match=r"typos\.tsv:3: unless_regex"):
        started(lambda: WordingRules.compile([row], []))
