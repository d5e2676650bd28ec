"""Probes for content findings in many registers: a row states what a careful editor would mark, and what not.

Texts have 【】 around what must be marked; without, nothing may be. Invented.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.content import ContentJudge
from processors.document import Document
from processors.scan import Scanner, ScannerBuilder
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Kind, Lane

DISTRICT = Path(__file__).parents[3] / "districts" / "zhanggong"
WORK, PRACTICE, URGENT, PROBLEM, LEADER, ANALYSIS, OTHER = (
    Category.WORK_NEWS, Category.PRACTICE, Category.URGENT, Category.PROBLEM, Category.LEADER_THINKING,
    Category.ANALYSIS, Category.OTHER,
)  # fmt: skip

SPECULATION = [
    (ANALYSIS, "【租户撤离估计是欠了税】。"),
    (ANALYSIS, "估计明年增收三成。"),
    (LEADER, "个别部门向来推诿，【八成是怕担责】。"),
    (PROBLEM, "补贴发不下来，【肯定是经办的人拿了回扣】。"),
    (URGENT, "工人堵住大门，【估计包工头早把钱挪去还赌债】。"),
    (PROBLEM, "平台把条款写得很细，【明摆着就是想甩锅】。"),
    (PROBLEM, "经检测部门认定，该批次系故意掺假。"),
    (WORK, "要防止一些人趁检查间隙偷排。"),
    (URGENT, "火是从二楼烧起来的，【估计】是谁抽烟没掐灭。"),
    (URGENT, "【八成】是电瓶短路引起的。"),
    (URGENT, "司机【想必】是疲劳驾驶。"),
    (URGENT, "【十有八九】是故意的。"),
    (URGENT, "围墙【大概率是】被人推倒的。"),
    (URGENT, "起火【原因可能是】线路老化。"),
    (URGENT, "塌的原因【多半】是偷工减料。"),
    (PROBLEM, "村民不肯签字，背后【八成】有人撺掇。"),
    (URGENT, "现场一股汽油味，【应该是有人故意】放的火。"),
    (WORK, "设备停了两回，【说不定】是操作工偷懒造成的。"),
    (URGENT, "【看样子】是跟邻居有仇，报复点的。"),
    (URGENT, "死者生前欠债，【肯定是】想不开【造成】的。"),
    (URGENT, "起火原因由消防部门调查，初步判断可能是电气线路故障引起。"),
    (URGENT, "水务工程师分析，应该是管道老化造成的。"),
    (URGENT, "疑食物中毒，样本已送疾控检测。"),
    (URGENT, "起火原因正在调查。"),
    (ANALYSIS, "预计下周气温回升，可能与副高北抬有关。"),
    (ANALYSIS, "下半年价格大概率是先抑后扬。"),
    (URGENT, "估计受灾面积约300亩，正在核实。"),
    (URGENT, "据初步估计，直接经济损失约20万元。"),
    (WORK, "参会人数占到八成，是历次最多的。"),
    (PROBLEM, "管网老化，存在因外力可能造成破裂的风险。"),
    (URGENT, "法医认定，死者系溺水身亡。"),
    (WORK, "请各单位估计工作量，于周五前报送。"),
]
EXAGGERATION = [
    (WORK, "整治力度【为历年之最】。"),
    (PRACTICE, "此举【开创了基层执法的新纪元】。"),
    (PRACTICE, "这是全镇【最成功的一招，没有之一】。"),
    (WORK, "行动【一举扫清了】全区多年顽疾。"),
    (PRACTICE, "打造出了【全国一流】的平安样板。"),
    (LEADER, "要努力打造全国一流的营商环境。"),
    (PRACTICE, "这套办法为全国基层治理【提供了最佳答案】。"),
    (WORK, "我区成为【当之无愧的】投资热土，服务【无人能及】。"),
    (PRACTICE, "矛盾纠纷【全部化解在萌芽】状态。"),
    (PRACTICE, "停车【难题迎刃而解】。"),
    (PRACTICE, "把14张表并成1张，得到了上级领导的【高度评价】。"),
    (PRACTICE, "努力为基层治理找到最优解。"),
    (PRACTICE, "力争矛盾全部化解在萌芽状态。"),
    (PRACTICE, "据省住建厅通报，该项目填补了全省装配式桥梁空白。"),
    (PRACTICE, "这一做法属【全国首创】。"),
    (PRACTICE, "我镇的经验【史无前例】，值得推广。"),
    (PRACTICE, "服务水平【全国领先】。"),
    (PRACTICE, "停车难问题【彻底解决】了。"),
    (PRACTICE, "从此矛盾【全部消除】了。"),
    (WORK, "活动【取得了显著成效】。"),
    (WORK, "群众满意度【大幅提升】。"),
    (WORK, "【受到了群众的广泛好评】。"),
    (PRACTICE, "创造了基层治理的【奇迹】。"),
    (PRACTICE, "【堪称全省网格治理的样板】。"),
    (PRACTICE, "【这是最好的办法】。"),
    (WORK, "全镇面貌【焕然一新】。"),
    (PRACTICE, "真正做到了【万无一失】。"),
    (PRACTICE, "办事效率【提高了好几倍】。"),
    (OTHER, "本楼盘开业酬宾，【全城最低】价，送装修。"),
    (WORK, "得到上级领导【高度评价】。"),
    (PRACTICE, "我区的做法【走在全国前列】。"),
    (PRACTICE, "调解【百试百灵】，【从未失手】。"),
    (PRACTICE, "全区【第一】个吃螃蟹，模式【举世无双】。"),
    (PRACTICE, "火车站广场【脱胎换骨】。"),
    (PRACTICE, "据省统计局通报，我区增速列全省第一。"),
    (PRACTICE, "入选全国典型案例，被省厅认定为首创。"),
    (WORK, "力争三年内走在全省前列。"),
    (LEADER, "要彻底解决群众反映的停车难问题。"),
    (PRACTICE, "投诉量从每月42件降到11件，成效明显。"),
    (PRACTICE, "按时办结率由71%大幅提升到98%。"),
    (WORK, "以世界一流标准打造产业园。"),
    (WORK, "我区首个社区食堂今天开业。"),
    (URGENT, "17时许，险情彻底消除。"),
    (PROBLEM, "飞线充电没有彻底解决。"),
    (WORK, "某公司自称“行业第一”，涉嫌虚假宣传，已立案。"),
    (PRACTICE, "《教科书式执法》一文被转载。"),
    (WORK, "会议要求全面消除隐患。"),
    (ANALYSIS, "增速明显提高，回升态势显著增强。"),
    (LEADER, "前所未有的挑战摆在面前。"),
    (WORK, "开展第一批、第二批试点。"),
    (WORK, "第一书记带头上门。"),
    (PRACTICE, "跑腿次数由5次减为1次，群众满意率96.2%，广受好评。"),
    (WORK, "计划明年建成全市一流的体育馆。"),
    (PROBLEM, "业主说开发商承诺“永不漏水”，入住就漏。"),
]
VAGUE = [
    (PROBLEM, "【听船家讲】，钢缆早几年就锈了。"),
    (PROBLEM, "【圈内盛传】，这家院子要关门。"),
    (URGENT, "【据线人说】，背后还有一个大老板。"),
    (WORK, "据了解，项目8月开工，计划明年投用。"),
    (PROBLEM, "【据说】上面已经定了，要拆这条街。"),
    (PROBLEM, "【坊间】流传征地款被挪用。"),
    (URGENT, "【听说】死了不止三个人。"),
    (URGENT, "【有人说】是煤气爆炸。"),
    (PROBLEM, "【有网友称】工程款被层层克扣。"),
    (WORK, "【知情人士透露】，班子近期调整。"),
    (PROBLEM, "【网传】该公司明天关门。"),
    (ANALYSIS, "【业内人士认为】房价还要跌。"),
    (PROBLEM, "【有群众反映】村干部收了好处、内部勾结。"),
    (WORK, "【某领导说】这事能办。"),
    (PROBLEM, "【据可靠消息】，医院要搬。"),
    (PROBLEM, "【小道消息】满天飞，都说要涨价。"),
    (PROBLEM, "【不愿透露姓名】的员工表示，设备早就坏了。"),
    (PROBLEM, "【都在传】食堂用的是死猪肉。"),
    (URGENT, "据区应急管理局通报，3人受伤。"),
    (URGENT, "据村支书刘某电话报告，水位又涨了。"),
    (WORK, "网传视频经核实为旧视频，系谣言。"),
    (PROBLEM, "12345工单显示，有群众反映路灯不亮。"),
    (LEADER, "不能听说了就算，要到现场看。"),
    (WORK, "不信谣、不传谣，莫听小道消息。"),
    (PROBLEM, "据说明书记载，设备应每年检修一次。"),
    (WORK, "网上传播正能量，短视频播放过万。"),
    (PROBLEM, "居民王女士说，水压一到晚上就不够。"),
    (WORK, "有人说闻到煤气味，有人说像烧塑料，有人已经抱着孩子下楼。"),
    (URGENT, "因网传停水，超市一度排队，现秩序正常。"),
    (WORK, "知情权得到保障，公示栏每周更新。"),
    (PROBLEM, "在业主群里说了五遍，没人理。"),
    (WORK, "市水文局监测显示，水位回落0.4米。"),
]
GENERALISATION = [
    (LEADER, "【凡是医院亏了，一定是管理者没有用心】。"),
    (ANALYSIS, "【照此看，全市的菜店都已到了关门的边缘】。"),
    (LEADER, "凡是超标两次的，一律应当停业整改。"),
    (WORK, "【全镇农田都已到了无水可浇】的地步。"),
    (WORK, "演练之后，【全校师生个个成了】逃生能手。"),
    (PROBLEM, "臭水沟边的【居民没有一个不骂的】。"),
    (WORK, "【全体机关干部无一例外地爱上了】运动。"),
    (LEADER, "会后，【与会同志个个深受鼓舞】。"),
    (LEADER, "书记说，干部个个都要成为行家。"),
    (WORK, "全市国民人均受教育年限高于全省。"),
    (PROBLEM, "我们问了三个部门，都说不归自己管。"),
    (PRACTICE, "群众【一致好评】。"),
    (PRACTICE, "【老百姓都说好】。"),
    (PRACTICE, "【居民无不称赞】。"),
    (PROBLEM, "村民【普遍反映】收费太高。"),
    (PROBLEM, "走访了3户，【可见全镇】的老人都没人管。"),
    (PROBLEM, "现在的年轻人，【全区的企业都】是这样留不住人。"),
    (PRACTICE, "【家家户户都】养成了分类习惯。"),
    (PROBLEM, "【几乎所有的商户都】在亏本。"),
    (PROBLEM, "【所有的家长都】不满意。"),
    (URGENT, "消息一出，【全市人都信】了。"),
    (PROBLEM, "【绝大多数企业都是】老板抠门。"),
    (PRACTICE, "【广大群众纷纷表示】满意。"),
    (PRACTICE, "回访1200户，满意度97.3%，群众普遍认可。"),
    (WORK, "与会人员一致认为，方案可行。"),
    (WORK, "听证会上，代表们一致赞成。"),
    (LEADER, "所有干部都要下沉到网格。"),
    (WORK, "所有隐患均已整改完毕。"),
    (URGENT, "全部人员均已撤离到安全地带。"),
    (WORK, "全村126户都签了协议。"),
    (LEADER, "要让家家户户都喝上放心水。"),
    (PROBLEM, "问卷回收430份，61%的居民不满意。"),
    (WORK, "全校师生都应参加疏散演练。"),
    (PROBLEM, "不是所有业主都同意加装电梯。"),
    (WORK, "评委一致认为三号方案最优。"),
    (LEADER, "希望人人都是监督员。"),
    (WORK, "全区18个镇街均已完成换届。"),
]
OMISSION = [
    ("missing_time", WORK, "刚刚，沙石镇在埠上村清理河道垃圾3吨。"),
    ("missing_time", WORK, "前不久，沙石镇在埠上村教浇水，说中午别浇。"),
    ("missing_place", WORK, "3月11日，我局在一些重点路段开展检查，清理乱停车420辆。"),
    ("missing_place", WORK, "3月11日，我局组织一次中小学体质抽测，抽测学生3120名。"),
    ("missing_result", PRACTICE, "推行“一门式”服务，整合窗口，优化流程，让群众少跑路。"),
    ("missing_result", PRACTICE, "配备网格员12名，建立三项机制，每周开一次会，构建共治格局。"),
    ("missing_result", PRACTICE, "我们把楼栋长请来，定了公约，谁家有事大家帮。"),
    ("", PRACTICE, "推行“一门式”服务，平均办理时间由5天缩短到1天。"),
    ("", PRACTICE, "实行积分制后，垃圾清运费一年省了2.6万元。"),
    ("", PRACTICE, "推行半年来，辖区未再发生电动车火灾。"),
    ("", PRACTICE, "经验被省委改革办刊发推广。"),
    ("missing_time", WORK, "日前，沙石镇在埠上村开展了防溺水巡查，劝离12人。"),
    ("missing_time", WORK, "近期，水南镇腊长村清理河道垃圾3吨。"),
    ("", WORK, "3月11日，沙石镇在埠上村开展了防溺水巡查，劝离12人。"),
    ("", WORK, "今天上午，水南镇腊长村清理河道垃圾3吨。"),
    ("", WORK, "一季度，水南镇腊长村清理河道垃圾30吨。"),
    ("missing_place", WORK, "3月11日，我局组织义诊活动，接待群众120人。"),
    ("missing_place", WORK, "3月11日，组织志愿者植树300棵，现场气氛热烈。"),
    ("", WORK, "3月11日，我局在滨江公园组织义诊活动，接待群众120人。"),
    ("", WORK, "3月11日，我局召开专题会议，研究一季度工作。"),
    ("", WORK, "3月11日，全区各镇街同步开展消防检查。"),
    ("missing_place", WORK, "3月11日，我局举办讲解员技能比武，22人参加。"),
    ("", WORK, "3月11日，区疾控中心接种门诊开展应急演练，30人参加。"),
    ("missing_result", PRACTICE, "推行红色物业以来，矛盾纠纷全部化解在萌芽状态。"),
    ("", WORK, "这个礼拜，水南镇腊长村清理河道垃圾3吨。"),
]


@lru_cache(maxsize=1)
def _judge() -> tuple[ContentJudge, Scanner]:
    builder = ScannerBuilder()
    judge = ContentJudge.from_tables(load_district(DISTRICT).tables, builder)
    return judge, builder.build()


def _found(text: str, category: Category, *, known: bool, lane: Lane = Lane.REPORT) -> list[tuple[str, str]]:
    judge, scanner = _judge()
    item = Item(lane=lane, source="", text=text, published_at=datetime(2026, 3, 12, tzinfo=CHINA))
    document = Document(item)
    findings = judge.judge(
        document,
        scanner.scan(document.norm),
        category=category,
        is_emergency=False,
        has_time=known,
        places=("某处",) if known else (),
    )
    return [(finding.check.value, finding.text) for finding in findings]


def _rows(check: str, rows: list[tuple[Category, str]]) -> list[tuple[str, Category, str]]:
    return [(check, category, text) for category, text in rows]


PHRASES = [
    *_rows("speculation", SPECULATION),
    *_rows("exaggeration", EXAGGERATION),
    *_rows("vague_source", VAGUE),
    *_rows("generalisation", GENERALISATION),
]


@pytest.mark.parametrize(("check", "category", "marked"), PHRASES)
def test_phrases(check: str, category: Category, marked: str) -> None:
    wanted = re.findall(r"【(.*?)】", marked)
    found = [one for one in _found(re.sub(r"[【】]", "", marked), category, known=True) if one[0] != "missing_result"]
    if not wanted:
        assert found == []
    assert all(any(span in told or told in span for _, told in found) for span in wanted)
    assert {name for name, _ in found} <= {check}


@pytest.mark.parametrize(("check", "category", "text"), OMISSION)
def test_omissions(check: str, category: Category, text: str) -> None:
    assert [name for name, _ in _found(text, category, known=False) if name.startswith("missing")] == (
        [check] if check else []
    )


@pytest.mark.parametrize("text", ["听说要拆迁，八成是真的，大家都说好", "史无前例的堵车，所有人都在骂"])
def test_what_netizens_write_is_not_measured(text: str) -> None:
    assert _found(text, PROBLEM, known=True, lane=Lane.OPINION) == []


def test_follow_ups_need_no_time_and_place() -> None:
    judge, scanner = _judge()
    item = Item(
        lane=Lane.REPORT, source="", text="续报：伤者已出院，道路恢复通行。", kind=Kind.FOLLOW_UP,
        published_at=datetime(2026, 3, 12, tzinfo=CHINA),
    )  # fmt: skip
    document = Document(item)
    scan = scanner.scan(document.norm)
    assert judge.judge(document, scan, category=URGENT, is_emergency=True, has_time=False, places=()) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("我局对在建工地临时用电进行了突击夜查，查出问题28处。", True),
        ("区统计局培训班结业，学员参训。班上用真入户的办法演练。", False),
        ("养护队对行道树进行了病虫害防治，打药4遍。", True),
    ],
)
def test_a_place_is_due_where_the_first_sentence_tells_of_work_on_site(text: str, missing: bool) -> None:
    assert ("missing_place" in [name for name, _ in _found(text, WORK, known=False)]) is missing
