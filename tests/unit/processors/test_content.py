"""Content findings: what fires, what must not; each case tells its category and stage."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.content import ContentJudge, Elements
from processors.document import Document
from processors.scan import Scanner, ScannerBuilder
from processors.tables import parse_table
from schemas.assessment import Finding
from schemas.errors import DistrictError
from schemas.item import Item
from schemas.vocab import Category, Check, Kind, Lane
from tests.unit.processors.starting import started

TABLES = load_district(Path("districts/zhanggong")).tables
C = Category


def _build() -> tuple[ContentJudge, Scanner]:
    builder = ScannerBuilder()
    return ContentJudge.from_tables(TABLES, builder), builder.build()


JUDGE, SCANNER = _build()


def judge(
    text: str,
    category: Category = C.URGENT,
    *,
    lane: Lane = Lane.REPORT,
    title: str = "",
    kind: Kind | None = None,
    emergency: bool = False,
    known: bool = True,
) -> list[Finding]:
    """Findings of one text; ``known``: time and place are given."""
    doc = Document(
        Item.model_validate(
            {"lane": lane, "source": "x", "title": title, "text": text, "kind": kind,
             "published_at": "2026-05-06T10:00:00+08:00"}
        )
    )  # fmt: skip
    return JUDGE.judge(
        doc,
        SCANNER.scan(doc.norm),
        category=category,
        is_emergency=emergency,
        has_time=known,
        places=("某处",) if known else (),
    )


def said(text: str, category: Category = C.URGENT, **more: object) -> list[tuple[str, str]]:
    """Check and quoted text of each finding."""
    return [(finding.check.value, finding.text) for finding in judge(text, category, **more)]  # type: ignore[arg-type]


FIRES = [
    ("车间冒烟已扑灭，原因估计是电焊火星。", C.URGENT, Check.SPECULATION, "估计"),
    ("想必是哪家小孩放炮引的，火已灭。", C.URGENT, Check.SPECULATION, "想必"),
    ("工友讲，八成是脚手架没绑牢。", C.URGENT, Check.SPECULATION, "八成"),
    ("看样子是司机打瞌睡，车头撞烂了。", C.URGENT, Check.SPECULATION, "看样子"),
    ("多半是隔壁装修挖断了管子。", C.PROBLEM, Check.SPECULATION, "多半"),
    ("起火原因可能是线路老化引起的。", C.URGENT, Check.SPECULATION, "原因可能是"),
    ("大概率是村民烧田埂引起，正在清理。", C.URGENT, Check.SPECULATION, "大概率是"),
    ("这套做法全国首创，兄弟单位都来看。", C.PRACTICE, Check.EXAGGERATION, "全国首创"),
    ("开馆当天盛况空前。", C.WORK_NEWS, Check.EXAGGERATION, "盛况空前"),
    ("半年下来，彻底解决了停车难。", C.PRACTICE, Check.EXAGGERATION, "彻底解决"),
    ("该模式史无前例，值得推广。", C.PRACTICE, Check.EXAGGERATION, "史无前例"),
    ("我们镇的环境全市最美。", C.WORK_NEWS, Check.EXAGGERATION, "全市最美"),
    ("推行以来取得了显著成效，群众方便了。", C.WORK_NEWS, Check.EXAGGERATION, "取得了显著成效"),
    ("服务水平位居全省第一。", C.PRACTICE, Check.EXAGGERATION, "位居全省第一"),
    ("据说老板上个月就跑了，工人在等说法。", C.URGENT, Check.VAGUE_SOURCE, "据说"),
    ("路灯坏了一个月，有人说电费没交。", C.PROBLEM, Check.VAGUE_SOURCE, "有人说"),
    ("知情人士称，合同是事后补签的。", C.PROBLEM, Check.VAGUE_SOURCE, "知情人士称"),
    ("坊间流传这块地要盖医院。", C.WORK_NEWS, Check.VAGUE_SOURCE, "坊间"),
    ("听说工程款早就拨下来了，一直没发。", C.PROBLEM, Check.VAGUE_SOURCE, "听说"),
    ("问了3户，群众普遍反映补贴没到位。", C.PROBLEM, Check.GENERALISATION, "普遍反映"),
    ("全村人都说这个办法好。", C.PRACTICE, Check.GENERALISATION, "全村人都说"),
    ("赢得居民一致好评，投诉由18件降到2件。", C.PRACTICE, Check.GENERALISATION, "一致好评"),
    ("一家店漏税，可见所有网店都在漏税。", C.PROBLEM, Check.GENERALISATION, "所有网店都"),
    ("几乎所有的商户都换了新招牌。", C.WORK_NEWS, Check.GENERALISATION, "几乎所有的商户都"),
]  # fmt: skip

QUIET = [
    ("消防部门初步判断，火灾可能是线路老化引起的。", C.URGENT),
    ("疑似诺如病毒感染，样本已送检，待检测。", C.URGENT),
    ("专家估计，明年客流可能与今年有关联。", C.ANALYSIS),
    ("预计四季度订单可能回落，建议早作准备。", C.ANALYSIS),
    ("初步估计直接经济损失18万元。", C.URGENT),
    ("火线估计有300米，正在扑打。", C.URGENT),
    ("今晚可能出现雷雨大风，请注意防范。", C.URGENT),
    ("门窗存在脱落可能性，已设围挡，尽可能绕行。", C.PROBLEM),
    ("参训率达到八成以上，其中八成是骨干。", C.WORK_NEWS),
    ("民警怀疑有人故意破坏，已立案调查。", C.URGENT),
    ("他说：“估计是电线老化。”调查仍在进行。", C.URGENT),
    ("区里要力争彻底解决拖欠问题。", C.LEADER_THINKING),
    ("希望有关部门彻底解决积水。", C.PROBLEM),
    ("问题一直没有彻底解决，居民很着急。", C.PROBLEM),
    ("据省统计局通报，增速位居全省第一。", C.WORK_NEWS),
    ("产值3.2亿元，居全市第一。", C.WORK_NEWS),
    ("第一季度开工12个项目，第一书记到场。", C.WORK_NEWS),
    ("最低生活保障标准调整，最大限度方便群众。", C.WORK_NEWS),
    ("全省首个零碳园区获批，正式挂牌。", C.WORK_NEWS),
    ("入选《全国典型案例》，属全国首创。", C.PRACTICE),
    ("该店宣称“全国第一”，涉嫌虚假宣传被罚。", C.WORK_NEWS),
    ("满意度由81%提高到96%，成效明显。", C.PRACTICE),
    ("我们正面临前所未有的挑战。", C.WORK_NEWS),
    ("据说明书记载，阀门须三年一检。", C.PROBLEM),
    ("区委书记说，有人说企业难，我看难在服务。", C.LEADER_THINKING),
    ("网传“大桥垮塌”，经核实为旧视频，造谣者已被拘留。", C.OTHER),
    ("因网传停水，多家超市桶装水被抢购。", C.URGENT),
    ("听证员一致同意检察建议。", C.WORK_NEWS),
    ("所有企业都必须在月底前完成自查。", C.WORK_NEWS),
    ("所有人员均已撤离，无人受伤。", C.URGENT),
    ("回访312户，96%的居民普遍表示满意。", C.PRACTICE),
    ("会议开到全区各镇，对所有隐患都建立台账。", C.WORK_NEWS),
    ("文件强调家家户户都要签承诺书。", C.WORK_NEWS),
]  # fmt: skip


@pytest.mark.parametrize(("text", "category", "check", "quote"), FIRES)
def test_a_doubtful_phrase_is_found_where_it_stands(text: str, category: Category, check: Check, quote: str) -> None:
    found = [finding for finding in judge(text, category) if finding.check is check]
    assert any(quote in finding.text or finding.text in quote for finding in found), judge(text, category)
    for finding in found:
        assert text[finding.start : finding.end] == finding.text
        assert finding.text in finding.message


@pytest.mark.parametrize(("text", "category"), QUIET)
def test_the_same_words_meant_well_are_left_alone(text: str, category: Category) -> None:
    found = [one for one in judge(text, category) if not one.check.startswith("missing")]
    assert found == []


def test_netizens_may_guess_and_zero_reports_say_nothing() -> None:
    text = "估计是电线老化，据说全国首创，大家都说好。"
    assert said(text, C.URGENT, lane=Lane.OPINION) == []
    assert said(text, C.OTHER, kind=Kind.ZERO) == []
    assert said(text, C.URGENT)


def test_a_span_in_the_title_names_the_title() -> None:
    finding = judge("服务到家。办结320件。", C.PRACTICE, title="全国首创的上门服务")[0]
    assert (finding.field, finding.start, finding.end, finding.text) == ("title", 0, 4, "全国首创")


def test_neighbours_joined_by_a_pause_mark_are_one_finding() -> None:
    assert said("办结率100%，开创了全国首创、史无前例的模式。", C.PRACTICE) == [("exaggeration", "全国首创、史无前例")]


def test_figures_of_an_advertisement_prove_nothing() -> None:
    assert ("exaggeration", "史上最低首付") in said("（广告）128平方米四房，史上最低首付！", C.OTHER, lane=Lane.MEDIA)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("近日，建国路一仓库起火。", True),
        ("建国路一仓库起火，那天中午风大。", True),
        ("今早建国路一仓库起火。", False),
        ("刚刚，建国路一仓库起火。", True),
        ("7月2日14时许，建国路一仓库起火。", False),
        ("建国路一仓库起火，17:26扑灭。", False),
    ],
)
def test_time_of_an_emergency(text: str, missing: bool) -> None:
    checks = [one.check for one in judge(text, emergency=True, known=False)]
    assert (Check.MISSING_TIME in checks) is missing


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("5月1日9时，一小货车翻在路边，司机轻伤。", True),
        ("5月1日9时，某小区一住户家中起火。", True),
        ("5月1日9时，濂溪路一小货车侧翻。", False),
        ("5月1日9时，楼梯村一住户家中起火。", False),
        ("5月1日9时，区人民医院门诊大厅停电。", False),
    ],
)
def test_place_of_an_emergency(text: str, missing: bool) -> None:
    checks = [one.check for one in judge(text, emergency=True, known=False)]
    assert (Check.MISSING_PLACE in checks) is missing


def test_follow_ups_need_not_repeat_time_and_place() -> None:
    text = "续：两个都找到了，人没了。"
    assert judge(text, emergency=True, known=False) == []
    assert judge("两个都找到了，人没了。", emergency=True, known=False, kind=Kind.FOLLOW_UP) == []
    assert len(judge("两个都找到了，人没了。", emergency=True, known=False)) == 2


def test_a_period_is_a_time_of_work_but_beside_近日_it_is_only_the_matter() -> None:
    assert Check.MISSING_TIME.value not in dict(said("一季度我局办结案件32件。", C.WORK_NEWS, known=False))
    assert Check.MISSING_TIME.value in dict(said("近日我局发放三季度补贴32万元。", C.WORK_NEWS, known=False))
    assert dict(said("近日发放补贴32万元。", C.WORK_NEWS, lane=Lane.MEDIA, known=False)) == {}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("推行“敲门工作法”，干部每周上门一次，居民都欢迎。", True),
        ("推行“1+3”工作法，晚上7点到9点办公，很受欢迎。", True),
        ("推行“敲门工作法”以来，投诉由37件降到6件。", False),
        ("推行以来纠纷下降四成。", False),
        ("做法被省民政厅推广。", False),
    ],
)
def test_result_of_a_practice(text: str, missing: bool) -> None:
    checks = [one.check for one in judge(text, C.PRACTICE)]
    assert (Check.MISSING_RESULT in checks) is missing


def test_omissions_have_no_span() -> None:
    (finding,) = judge("我社区推行敲门工作法。", C.PRACTICE)
    assert (finding.start, finding.end, finding.text, finding.suggestion) == (0, 0, "", None)


def test_required_elements_of_a_first_report() -> None:
    elements = Elements.from_tables(TABLES)
    text = "12时26分接群众来电：12时10分，楼梯村一民房起火，无人员伤亡，影响周边6户，镇长带队到场处置。"
    text += "签发：某某，联系人：某某"
    item = {"lane": "report", "source": "x", "text": text, "published_at": "2026-05-06T13:00:00+08:00"}
    doc = Document(Item.model_validate(item))
    scan = SCANNER.scan(doc.norm)
    assert elements.missing_elements(doc, scan, Kind.FIRST) == []
    bare = Document(Item.model_validate(item | {"text": "着火了"}))
    missing = elements.missing_elements(bare, scan, Kind.FIRST)
    assert {"事发地点", "伤亡及损失", "联系人及电话"} <= set(missing)
    assert elements.missing_elements(bare, scan, Kind.NORMAL) == []


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("speculation\tnonsense\t想必\tliteral\t\tSYN", "family"),
        ("exaggeration\tguess\t想必\tliteral\t\tSYN", "belongs to"),
        ("speculation\tguess\t想(必\tregex\t想\tSYN", "bad regular expression"),
        ("speculation\tguess\t想必\tregex\t\tSYN", "anchors"),
    ],
)
def test_a_bad_rule_is_named_with_its_line(row: str, cause: str) -> None:
    text = f"check\tfamily\tterm\tkind\tanchors\tsource\n{row}\n"
    tables = {**TABLES, "hype_vague": parse_table("hype_vague.tsv", text)}
    with pytest.raises(DistrictError, match=rf"hype_vague\.tsv:2: .*{cause}"):
        started(lambda: ContentJudge.from_tables(tables, ScannerBuilder()))


def test_the_end_of_an_emergency_is_no_boast_but_a_guarantee_is() -> None:
    assert said("险情已彻底消除，交通恢复。", C.URGENT) == []
    assert said("水库绝对安全，群众放心。", C.URGENT) == [("exaggeration", "绝对安全")]
