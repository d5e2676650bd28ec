"""Figures of people: one line a phenomenon. D deaths, I injured, S serious, M missing, T trapped, E evacuated."""

from __future__ import annotations

from datetime import datetime
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from processors.document import Document
from processors.facts import FactJudge, FactResult
from processors.facts.predicates import FIRST_CHARACTERS, KINDS, SECOND_CHARACTERS
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Kind, Lane

NAMES = {"D": "deaths", "I": "injured", "S": "serious_injuries", "M": "missing", "T": "trapped", "E": "evacuated"}

CASES = [
    ("10月8日，沙河镇一厂房起火，造成3人死亡、5人受伤。", "D3 I5"),
    ("事故造成2死1伤。", "D2 I1"),
    ("燃气泄漏，3栋居民楼共1 480人疏散至操场。", "E1480"),
    ("泥石流冲入村道，现场没伤没亡。", "D0 I0"),
    ("冰雹过后，一名老人头部擦伤，没有别的人员伤亡。", "D0 I1"),
    ("滑坡掩埋民房，已转移坡下19户63人。", "E63"),
    ("燃气泄漏，消防疏散两栋楼150人。", "E150"),
    ("厨房起火，楼内住户41人自行下楼，无需安置。", ""),
    ("食物中毒，月子中心拟转移8名产妇。", ""),
    ("车祸死亡2人，住院8人，无新增死亡。", "D2 I8"),
    ("厂房起火，屋内2人无烧伤。", "I0"),
    ("1人坠江失联，20日15时在离岸三公里处找到，意识清楚。", ""),
    ("泥石流造成3人失联，后有2人在工棚被找到。", "M3"),
    ("洪水过后，1人失联，她的车在桥洞被找到。", "M1"),
    ("搜救结束，最后一名失联者在回水区找到，已经遇难，没有失联人员。", "D1 M0"),
    ("一工人从四楼坠下，送医途中死亡，1人死亡。", "D1"),
    ("一名研修生被打，手肘擦伤，1人受伤。", "I1"),
    ("一名学生跌倒，后排压上来，4名学生受伤，1人手臂骨折。", "I4"),
    ("十余人摔倒，两位老人擦伤。", "I2"),
    ("7名老人摔倒，其中2人髋部骨折。", "I7"),
    ("一学生突然倒地，抢救无效，确认死亡1人。", "D1"),
    ("一男子持酒瓶划伤对方，致3人受伤。", "I3"),
    ("1人被男子持刀砍伤。", "I1"),
    ("两车相撞，致3死5伤。", "D3 I5"),
    ("两车相撞，造成3名乘客当场死亡，1名司机和2名行人受伤送医。", "D3 I3"),
    ("车祸致1名骑车人当场死亡，另有1人经抢救无效死亡。", "D2"),
    ("截至目前，事故死亡人数已升至7人，仍有2人失联。", "D7 M2"),
    ("爆炸造成12人受伤，其中重伤3人、轻伤9人。", "I12 S3"),
    ("爆炸造成3人重伤、9人轻伤。", "I12 S3"),
    ("坍塌致1人死亡、2人重伤、4人轻伤。", "D1 I6 S2"),
    ("火灾未造成人员伤亡。", "D0 I0"),
    ("火灾无人员伤亡，过火面积20平方米。", "D0 I0"),
    ("事故暂无人员伤亡。", "D0 I0"),
    ("车辆侧翻，所幸无人受伤。", "I0"),
    ("车辆侧翻，未造成人员受伤。", "I0"),
    ("地震发生后，截至目前没有接到人员伤亡报告。", "D0 I0"),
    ("人员伤亡情况正在核实，房屋坍塌。", ""),
    ("除1人受轻伤外，火灾无其他人员伤亡。", "D0 I1"),
    ("火灾造成十二人遇难，二十多人受伤。", "D12 I20"),
    ("滑坡造成数十人被困。", ""),
    ("坍塌发生时有六七个人被埋。", ""),
    ("滑坡掩埋民房，约30人失联。", "M30"),
    ("泥石流致近百人受灾，100余人被困。", "T100"),
    ("暴雨致多地内涝，紧急疏散转移群众1.2万人。", "E12000"),
    ("山洪暴发，转移群众31户126人。", "E126"),
    ("山洪暴发，126名群众已全部转移到安全地带。", "E126"),
    ("化工厂泄漏，周边3个村约2300名村民连夜撤离。", "E2300"),
    ("电梯故障，5人被困，消防到场后全部救出，无人受伤。", "T5 I0"),
    ("电梯坠落，被困人员6名，其中2人受轻伤。", "T6 I2"),
    ("消防出动5车30人，救出被困人员4名。", "T4"),
    ("火灾现场，消防员从三楼营救出2名被困群众，疏散20余人。", "T2 E20"),
    ("3名矿工被困井下，经全力营救，2人获救，1人遇难。", "T3 D1"),
    ("渔船倾覆，船上7人落水，4人获救，2人死亡，1人失踪。", "D2 M1"),
    ("两名学生落水，均已无生命体征。", "D2"),
    ("一男子落水，打捞上岸后已无生命体征。", "D1"),
    ("一名7岁男童不慎落水溺亡。", "D1"),
    ("3名小孩下河游泳溺水，1人获救，2人溺亡。", "D2"),
    ("车祸中夫妻二人当场身亡，车上孩子受伤。", "D2 I1"),
    ("一家三口煤气中毒，送医后脱离危险。", "I3"),
    ("一家三口一氧化碳中毒死亡。", "D3"),
    ("母子二人被困火场。", "T2"),
    ("货车撞上护栏，司机受伤。", "I1"),
    ("货车侧翻，驾驶员当场死亡。", "D1"),
    ("司机卡在驾驶室，腿部骨折，消防破拆救出后送医。", "T1 I1"),
    ("一名工人从脚手架坠落，经抢救无效死亡。", "D1"),
    ("一名工人从脚手架坠落，送医后不治身亡。", "D1"),
    ("高处坠落致一人死亡。", "D1"),
    ("一歹徒持刀砍伤3人后逃跑。", "I3"),
    ("男子持刀捅死1人、捅伤2人。", "D1 I2"),
    ("大巴翻下山坡，共造成28人死亡，其中学生11人，另有22人受伤。", "D28 I22"),
    ("事故共造成5人受伤，均已送往医院救治，暂无生命危险。", "I5"),
    ("事故造成5人受伤，其中1人伤势较重，正在抢救。", "I5"),
    ("事故造成5人受伤，其中1人经抢救无效死亡。", "D1 I4"),
    ("原报2人死亡，现核实为3人死亡，塌方仍在处置。", "D3"),
    ("此前通报死亡2人，经核实更正为1人，火灾已扑灭。", "D1"),
    ("食堂午餐后有46名学生出现呕吐腹泻，12人住院观察。", "I46"),
    ("群众聚餐后腹泻，累计就诊58人，其中住院9人，无重症和死亡病例。", "D0 I58"),
    ("该村累计报告登革热病例23例。", "I23"),
    ("3名工人吸入有毒气体后昏迷，被送往医院抢救。", "I3"),
    ("煤气中毒，2名老人死亡，2名小孩送医。", "D2 I2"),
    ("一氧化碳中毒事件已处置。", ""),
    ("请拨打120，火灾报警电话119。", ""),
    ("5号楼3单元起火，一名3岁男孩被困。", "T1"),
    ("调集消防车8辆、消防员45人到场扑救火灾。", ""),
    ("出动警力60人，疏散群众150人，爆炸未造成伤亡。", "E150 D0 I0"),
    ("去年同期火灾造成2人死亡，今年火灾1人受伤。", ""),
    ("五年前该厂也发生过爆炸，造成2人死亡。今天的爆炸造成1人受伤。", "I1"),
    ("如果堤坝溃决，将造成3000人被困。", ""),
    ("防止发生3人以上死亡的火灾事故。", ""),
    ("演练中，两名“伤员”被抬下楼，疏散群众200人。", ""),
    ("应急演练中钢架意外倒塌，造成2名参演人员受伤。", "I2"),
    ("1至10月全区发生火灾103起，死亡2人，受伤5人，同比下降。", ""),
    ("全区转移1300人次，洪水已退。", ""),
    ("老人走失，至今下落不明，家属报警称其未归。", "M1"),
    ("两名儿童昨日放学后走失。", "M2"),
    ("塌方把两名工人埋在下面，挖出来时一人已没有呼吸，另一人骨折。", "T2 D1 I1"),
    ("三轮车翻进沟里，车上两个人摔伤，一个老人没救过来。", "I2 D1"),
    ("两个老人没气了，两个小的送去卫生院还有脉，煤气中毒。", "D2 I2"),
    ("一辆公交车与货车相撞，十多名乘客受伤，已送往市人民医院。", "I10"),
    ("地震造成直接经济损失1200万元，倒塌房屋30间，死亡4人，重伤2人，失踪1人。", "D4 S2 I2 M1"),
    ("犬只伤人，11人被咬，均已接种疫苗。", "I11"),
    ("隧道内追尾，8人不同程度受伤。", "I8"),
    ("隧道内追尾，有8个人受了点皮外伤。", "I8"),
    ("矿难遇难人数增至21人，救援结束。", "D21"),
    ("救援人员找到最后1名失联人员遗体，事故遇难人数增至9人。", "D9"),
    ("直升机坠毁，机上4人全部遇难。", "D4"),
    ("客机坠毁，机上132人全部遇难，无人生还。", "D132"),
    ("1人死亡，23人受伤，3人重伤，其余均为轻伤，火灾原因待查。", "D1 I23 S3"),
    ("医生称2名重伤员仍未脱离危险，爆炸原因在查。", "I2 S2"),
    ("游客被困山中，18名驴友全部安全下山。", "T18"),
    ("安置点已接收转移群众430人。", "E430"),
    ("累计紧急避险转移2.3万人，洪水造成1人失踪。", "E23000 M1"),
    ("目前，受伤人员3名，均在医院接受治疗，车祸现场已清理。", "I3"),
    ("车祸中有一位老太太头部受伤，已送医。", "I1"),
    ("两名消防员在灭火中牺牲。", "D2"),
    ("工地发生坍塌，7人被埋，截至20时已搜救出5人，其中2人死亡、3人受伤，仍有2人失联。", "T7 D2 I3 M2"),
    ("事故发生时车内共有5人，2人当场死亡，3人受伤送医。", "D2 I3"),
    ("学生打架，一人眼角被打伤，缝了5针。", "I1"),
    ("群众被毒蜂蜇伤6人，1人病危。", "I6"),
    ("洪水围困村庄，消防用冲锋舟转移被困群众87人。", "T87 E87"),
    ("持刀男子已被控制，行凶造成4名路人受伤。", "I4"),
    ("货车撞上路边行人，两死三伤。", "D2 I3"),
    ("疑似食物中毒，共68人送医，目前64人已出院，4人留院观察。", "I68"),
    ("车上载有31人，侧翻后19人轻伤。", "I19"),
    ("一老人跌落水井，被救起时已无呼吸心跳。", "D1"),
    ("女子从6楼坠下，当场身亡。", "D1"),
    ("火场内发现3具遗体。", "D3"),
    ("刚才塌方压住两个人，一个挖出来没抢救回来，还有一个在县医院。", "D1 I1 T2"),
    ("电梯里关了11个人，都出来了，没人受伤。", "T11 I0"),
    ("早上翻车，四个人送医院去了，都是皮外伤。", "I4"),
    ("煤气中毒死了两个，一个还在抢救。", "D2 I1"),
    ("厂里氨气漏了，熏倒三个人，都拉到医院去了。", "I3"),
    ("山塘要垮，下面住的56个人都搬到学校去了。", "E56"),
    ("有人持刀在菜市场砍人，死了一个，伤了四个。", "D1 I4"),
    ("救护车来看过，说人已经不行了，从楼上掉下来的。", "D1"),
    ("老人摔断了腿，已经送医院，是被电动车撞的。", "I1"),
    ("河里淹死两个学生。", "D2"),
    ("学校有三十七个娃上吐下泻，都送医院了。", "I37"),
    ("楼上还有5个人下不来，火势很大。", "T5"),
    ("隧道涌水，14名工人被堵在里面。", "T14"),
    ("船翻了，七个人掉水里，捞上来五个，还有两个没找到。", "M2"),
    ("事故致1人身亡，涉事司机未受伤。", "D1 I0"),
    ("被撞老人经抢救无效死亡，肇事司机已被控制。", "D1"),
    ("爆炸致8人遇难、51人受伤，另有10余人失联，3200余人连夜转移。", "D8 I51 M10 E3200"),
    ("目前事故已造成4死21伤，5人仍被困。", "D4 I21 T5"),
    ("发生燃气闪爆，造成一家5口受伤，其中3人重度烧伤。", "I5"),
    ("据通报，爆炸事故造成2人遇难、66人受伤，其中4人重伤。", "D2 I66 S4"),
    ("车祸导致包括司机在内的4人死亡。", "D4"),
    ("冰雹砸伤23名村民，无重伤。", "I23 S0"),
    ("爆燃致1人当场死亡，另有3人送医，其中1人因伤势过重经抢救无效死亡。", "D2 I2"),
    ("某煤矿透水，当班井下作业127人，安全升井121人，6人被困。", "T6"),
    ("大货车与一辆载有9人的面包车相撞，造成4人死亡、5人受伤。", "D4 I5"),
    ("我镇一名施工人员被倒下的模板压住，救出时还有意识，已送区医院。", "T1 I1"),
    ("两个小孩在池塘边玩水掉下去，大的自己爬上来，小的捞上来没气了。", "D1"),
    ("食堂吃完中饭，三年级有9个学生肚子痛，老师带去卫生院了。", "I9"),
    ("养老院里34个老人拉肚子，5个脱水重的送了医院。", "I34"),
    ("幼儿园有12名幼儿先后出现发热、咳嗽，2名住院。", "I12"),
    ("吊篮断了一边，两个工人吊在半空，消防用云梯接下来，没受伤。", "T2 I0"),
    ("工地塌方，三个人压在下面，已经挖出来两个，都还活着。", "T3"),
    ("刚才门口两伙人打架，有一个被捅了两刀，送医院抢救，另外三个人皮外伤。", "I4"),
    ("煤气罐爆炸，屋里婆婆烧伤面积百分之三十，送市立医院。", "I1"),
    ("老板自己开车撞到树上，人当场就没了。", "D1"),
    ("独居老人被发现死在家中，民警到场，排除他杀。", "D1"),
    ("两人从脚手架上摔下来，一人当场死亡，一人重伤。", "D1 I1 S1"),
    ("三人落水，一人自救上岸，一人救起送医，另一人失踪。", "I1 M1"),
    ("山体滑坡压垮房屋，屋内2人被埋，经抢救1人生还、1人死亡。", "T2 D1"),
    ("大巴车自燃，车上38名乘客全部安全疏散，无人员伤亡。", "E38 D0 I0"),
    ("隧道内16辆车连环相撞，造成6人受伤，其中2人伤势较重。", "I6"),
    ("蜂群袭击村民，3人被蜇伤，1人抢救无效死亡。", "D1 I3"),
    ("一工人触电倒地，救护车到场时已无生命体征。", "D1"),
    ("5名工人在污水池清淤时中毒，2人死亡，3人在重症监护室。", "D2 I3"),
    ("中毒5人，死亡2人，爆炸原因不明。", "D2 I3"),
    ("职工宿舍起火，逃生时3人跳楼摔伤，其中1人骨折。", "I3"),
    ("外卖骑手与小车碰撞，骑手倒地受伤，小车司机无碍。", "I1"),
    ("校车与货车相撞，7名学生和1名教师受轻伤。", "I8"),
    ("轿车坠河，车内3人溺亡。", "D3"),
    ("一村民上山采药失联两天，搜救队今天找到其遗体。", "D1"),
    ("冲突中双方共8人受伤，警方带走12人。", "I8"),
    ("事故致3人当场死亡，1人送医后不治，5人受伤。", "D4 I5"),
    ("大火已致13人遇难，4人受伤，1人失联，失联者为一名消防员。", "D13 I4 M1"),
    ("暴雨致全县4人死亡，5人失踪，转移群众2.6万人，直接经济损失3.4亿元。", "D4 M5 E26000"),
    ("险情发生后，镇里连夜组织下游群众216人转移安置。", "E216"),
    ("楼栋出现裂缝，社区已劝离住户11户34人，事故未伤人。", "E34 I0"),
    ("业主被困电梯近40分钟，共4人，救出后均无大碍。", "T4"),
    ("发现疑似霍乱病例1例，密切接触者23人已隔离。", "I1"),
    ("全校报告流感样病例63例，已有2个班停课。", "I63"),
    ("截至12时，累计有107名村民因饮水后腹泻就诊，其中儿童31人，目前仍住院8人。", "I107"),
    ("犯罪嫌疑人致一家三口2死1伤后潜逃。", "D2 I1"),
    ("车祸造成一家四口三死一伤。", "D3 I1"),
    ("电梯困了11个人，正在营救。", "T11"),
    ("塌方埋了4个人，3个死了，1个重伤。", "T4 D3 I1 S1"),
    ("百余名学生腹泻，正在调查。", "I100"),
    ("上百名学生腹泻，正在调查。", ""),
    ("共有4人被救出，其中1人已无生命体征，大楼坍塌。", "D1"),
]


def read(judge: tuple[FactJudge, Scanner], text: str, **fields: object) -> FactResult:
    """The facts of a text published on 21 November 2026 at noon."""
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    values: dict[str, object] = {"lane": Lane.MEDIA, "source": "江右早报", "published_at": published} | fields
    document = Document(Item(text=text, **values))  # type: ignore[arg-type]
    return judge[0].judge(document, judge[1].scan(document.norm))


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_figures(facts: tuple[FactJudge, Scanner], text: str, expected: str) -> None:
    found = read(facts, text).facts
    stated = [f"{key}{getattr(found, name)}" for key, name in NAMES.items() if getattr(found, name) is not None]
    assert sorted(stated) == sorted(expected.split())


def test_text_wins_over_title(facts: tuple[FactJudge, Scanner]) -> None:
    result = read(facts, "10月8日一厂房起火，造成3人死亡。", title="厂房起火致2人死亡")
    assert result.facts.deaths == 3
    assert [(f.check.value, f.field, f.text) for f in result.findings] == [("number_mismatch", "title", "2人")]


def test_title_counts_where_the_text_is_silent_is_not_taken(facts: tuple[FactJudge, Scanner]) -> None:
    assert read(facts, "火灾扑救正在进行。", title="厂房起火").facts.deaths is None


def test_final_report_keeps_figures_of_an_older_event(facts: tuple[FactJudge, Scanner]) -> None:
    text = "2025年8月29日沙河镇机械伤害事故造成1人死亡，现已结案。"
    assert read(facts, text, lane=Lane.REPORT, kind=Kind.FINAL).facts.deaths == 1
    assert read(facts, text).facts.deaths is None


def test_predicates_begin_with_the_listed_characters() -> None:
    """The guard in front of the long pattern must list every character that a predicate can begin with, and what can
    follow those that it lists with a second."""
    begin: dict[str, set[str]] = {}
    for _, pattern in KINDS:
        for head in _heads(_parser.parse(pattern)):
            begin.setdefault(head[0], set()).add(head[1:] or ANY)
    assert set(begin) == set(FIRST_CHARACTERS)
    assert {char: begin[char] for char in SECOND_CHARACTERS} == {
        char: set(second) for char, second in SECOND_CHARACTERS.items()
    }


ANY = "\0"


def _heads(sequence: Any) -> set[str]:
    """One or two characters with which a parsed pattern can begin; ``ANY`` for what is no list of characters."""
    found = {""}
    for operation, argument in sequence:
        own = _heads_of(str(operation), argument)
        found = {(head + more)[:2] for head in found for more in own}
    return found


def _heads_of(name: str, argument: Any) -> set[str]:
    if name in {"ASSERT", "ASSERT_NOT", "AT"}:
        return {""}
    if name == "LITERAL":
        return {chr(argument)}
    if name == "IN" and all(str(kind) == "LITERAL" for kind, _ in argument):
        return {chr(value) for _, value in argument}
    if name in {"IN", "ANY", "NOT_LITERAL"}:
        return {ANY}
    if name == "BRANCH":
        return set().union(*(_heads(branch) for branch in argument[1]))
    if name == "SUBPATTERN":
        return _heads(argument[3])
    assert name in {"MAX_REPEAT", "MIN_REPEAT"}, name
    least, most, inner = argument
    once, found, now = _heads(inner), set[str](), {""}
    for times in range(min(int(most), 2) + 1):
        found |= now if times >= min(least, 2) else set()
        now = {(head + more)[:2] for head in now for more in once}
    return found
