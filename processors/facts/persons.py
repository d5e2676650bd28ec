"""Numbers of persons in a sentence: 3人, 两名工人, 一家四口, 31万余人; not households, times, ages, groups."""

from __future__ import annotations

import re
from typing import NamedTuple

from processors.facts.numerals import CHINESE_DIGITS, NUMBER, about, value
from processors.late import late

_NOT_AFTER_PEOPLE = (
    r"次|均(?=\d|GDP|消费|可支配|寿命|年|月|收入|面积|住房|用水|每|GDP|水平|产|增)|份|口(?!死|受|被)|"
    r"类|民(?!群)|流量|工(?!伤)|大代表|大常委|才|气|选|格|为本|一组|[/／]|以上|以下|左右的|制|桌|"
    r"间房?|行道|力|事(?!故)|体|心|寿|情|物"
)
_PERSON = (
    r"人|孩|娃|伢|女|男|老|学|工|乘客|司机|驾驶|师|同学|村民(?!小?组)|居民(?!小组)|顾客|旅客|游客|群众|患|病|后生|"
    r"阿姨|大爷|大妈|少年|青年|朋友|宾客|"
    r"小伙|大姐|大哥|大嫂|妹子|老头|小哥|女士|先生|姑娘|汉子|婆婆|大叔|店员|保安|师傅|驴友|小的|老的|民警|消防|队员|儿童|婴|新(?!增)|鼓手|选手|队员|船员|学员|演员|教练|商贩|摊主|厨师|老板|战士|路人|行人|业主|住户|幼|囡|崽"
)
_COUNTED = (
    r"(?:名(?!单|为|叫|额|次)|位(?!数|置|于|移|居|列)"
    r"|(?<=[余多])(?=员工|工人|学生|师生|民工|矿工|乘客|旅客|职工|村民|儿童|幼儿|游客)"
    rf"|人(?!{_NOT_AFTER_PEOPLE})|口人|口(?=[，。、之都全均被人的]|$)|号人|例(?!会|如|行|外|入)|"
    rf"具(?!体|有|备)|条(?:人命|生命|命)|员(?=受|死)"
    rf"|来?个(?:人|(?=(?!月|小时|钟|多|隐患|安置|单元|网格|乡|地质|片|岗|方面|行政|自然|点|星期|"
    rf"百分|点|养老|县|镇|村[^民]|社区|小区|项目|单位|部门|街道|学校|班|组|城|省|市|工(?:作日|地|"
    rf"厂))[一-龥]{{0,5}}?(?:{_PERSON})"
    r"|头破|[都没被受还再也正仍均全断破昏晕擦扭崴烧烫砸撞骨]|在(?=[^，。]{0,6}(?:院|监护|里面|抢救|下面|底下))|往医|挖|救|抬|拉|捞|跑|当场|"
    r"已|送|摔|吐|失|遇|死|伤|重伤|沉|骨折|住院|不见|上来|下去|没|[，。、；]|$)))"
)
_PREFIX = r"(?P<vague>[上成](?=[百千万])|数(?=[十百千万])|几|好几|十几|若干)?"
MENTION = late(
    rf"(?=[\d上成数几好十若{CHINESE_DIGITS}百千万亿廿俩仨]){_PREFIX}(?P<number>{NUMBER})(?P<more>[余多几来]|"
    rf"好几)?(?P<scale>[百千万亿]+)?(?P<more2>[余多来])?\s?(?P<unit>{_COUNTED})"
)
_ONE = late(
    r"(?P<number>[一两二三四五六\d](?<![初高大小职周某统唯].)(?:(?<=[一两二三四五六])|(?<=\d)(?<![\d:：.月日时分第].)\d?(?!\d|岁|民警|消防)))(?=(?:[\d一二三四五六七八九十]{1,3}岁)?(?:[客货轿卡]车)?(?:男子|女子|老人|男孩|女孩|男童|女童|司机|"
    r"驾驶员|工人|学生|村民(?!小组|委|组)|少年|老汉|老太|妇女|孕妇|婴儿|小孩|孩子|游客|骑手|行人|民警|消防员|"
    r"儿童|男生|女生|渔民|居民|员工|矿工|师傅|路人|男(?=[一二两三\d]女)|女(?=[，。受死])))"
)
_PAIRS = late(
    r"(?=[一夫父母兄姐祖爷婆情双小老])(?:一家(?:老小)?(?P<mouths>[二两三四五六七八]|\d)口|(?:夫妻|"
    r"夫妇|父子|母子|母女|父女|父母|兄弟|姐妹|姐弟|兄妹|祖孙|爷孙|婆媳|情侣|双胞胎|小两口|"
    r"老两口)(?:(?P<number>俩|仨|两|二|三|四|五|六)(?:个?人|口|个)?)?)"
)
_PAIR_WORDS = late(
    "一家|夫妻|夫妇|父子|母子|母女|父女|父母|兄弟|姐妹|姐弟|兄妹|祖孙|爷孙|婆媳|情侣|双胞胎|小两口|老两口"
)
"""What every match of _PAIRS has: found much faster."""
_BAD_BEFORE = late(
    r"(?:第|(?<![目此日之先以])前|排名|[零〇一二两三四五六七八九十\d.%～~—\-至到]|每|满|限|限额|核载|载客|编制|定员)$"
)
_STAFF_BEFORE = late(
    r"(?:出动|投入|调集|调派|组织|派出|增派|增援|抽调|集结|安排|动员|发动|调度(?!部门|中心|室|员)|参战|携带|率领|"
    r"会同|受灾(?:人口|群众)?|受威胁(?:群众)?|总人口|常住人口|户籍人口|参演|观摩|核载|实载|载有|"
    r"搭载|载客|乘坐|满载)[^。；]{0,24}$"
)
_STAFF_AFTER = late(
    r"^[一-龥]{0,6}?(?:受灾|到场|无(?:明显|任何|不适)?症状|消防|指战员|民警|警力|救援|搜救|医护|医务|医生|护士|专家|干部|志愿者|党员|"
    r"工作人员|官兵|武警|抢险|特警|(?:负责人|老板|法人|经理|股东|高管|法定代表人)|(?:犯罪)?嫌疑人|"
    r"嫌犯|歹徒|罪犯|被告|肇事者|责任人|代表|网格员|"
    r"扑打|打(?:了)?[一二两三半\d]|夺|劝|制服|按住|上去了|上山|打火|在打|扑火|扑救|赶过去|在找|搜|分[一二三四\d]+路|搜寻)"
)


_VICTIMS = late(
    r"(?:落水|遇险|被困|受困|受伤|失联|失踪|获救|中毒|遇难|走失|溺水|受灾)(?:者|人员|群众|游客|乘客|船员|工人|学生|村民)"
)
"""组织搜救，13名落水人员: these were not sent."""
_MOVED = late(r"(?:已|均|全部|全|都|紧急|提前|先行?|连夜|及时|被|，)*(?:转移|撤离|疏散|避险|避让|撤出|安置)")
"""受威胁的28户97人全部转移."""
_TO_A_TIME = late(r"(?:月|日|时|分|号|年)[一二两三四五六七八九十\d]*[至到]$")
_FROM_A_NUMBER = late(r"[\d一二三四五六七八九十][至到]$")


class Mention(NamedTuple):
    """A number of persons at [start, end) of a sentence; ``figure`` is None where it is vague."""

    start: int
    end: int
    figure: int | None
    staff: bool = False
    sent: bool = False
    pair: bool = False
    alone: bool = False


def mentions(sentence: str) -> list[Mention]:
    """All numbers of persons of a sentence, in order."""
    found = [mention for match in MENTION.finditer(sentence) if (mention := _mention(sentence, match)) is not None]
    taken = {(mention.start, mention.end) for mention in found}
    for match in _ONE.finditer(sentence):
        if _AT_HOME.match(sentence, match.end()):
            continue
        if not any(start <= match.start() < end for start, end in taken) and not _BAD_BEFORE.search(
            sentence[max(match.start() - 4, 0) : match.start()]
        ):
            count = value(match["number"])
            staff = bool(_STAFF_BEFORE.search(sentence[max(match.start() - 30, 0) : match.start()]))
            found.append(Mention(match.start(), match.end(), int(count or 1), staff, staff))
            taken.add((match.start(), match.end()))
    for match in _PAIRS.finditer(sentence) if _PAIR_WORDS.search(sentence) else ():
        if any(start < match.end() + 1 and match.start() < end for start, end in taken):
            continue
        count = value(match["number"] or match["mouths"]) if match["number"] or match["mouths"] else 2.0
        pair = "一对" in sentence[max(match.start() - 8, 0) : match.start()]
        if match["number"] is None and not pair and match[0] in {"兄弟", "姐妹", "父母", "祖孙", "姐弟", "兄妹"}:
            continue
        found.append(Mention(match.start(), match.end(), int(count or 2), pair=True))
    return sorted(found)


_AT_HOME = late(r"(?:村民|居民|住户|群众)?家[中里]")
"""一村民家中一氧化碳中毒: the house is counted, not its owner."""


def _mention(sentence: str, match: re.Match[str]) -> Mention | None:
    before = sentence[max(match.start() - 8, 0) : match.start()]
    bad = _BAD_BEFORE.search(before)
    if bad and not _TO_A_TIME.search(before) and bad[0] not in "至到":
        return None
    if _AT_HOME.match(sentence, match.end()):
        return None
    number = (
        None if match["vague"] or match["more"] in {"几", "好几"} else about(match["number"], before, match["more"])
    )
    if match["number"] == "十" and match["more"] == "来":
        number = None
    if number is not None and match["scale"]:
        number = value(match["number"] + match["scale"])
    if match["unit"].startswith("来"):
        number = None if match["number"] in {"十", "百"} else number
    if bad and bad[0] in "至到" and _FROM_A_NUMBER.search(before):
        number = None  # 三至五人
    if number is not None and number != int(number):
        return None
    victims = (_VICTIMS.match(sentence, match.end()) or _MOVED.match(sentence, match.end())) is not None
    sent = not victims and bool(_STAFF_BEFORE.search(sentence[max(match.start() - 30, 0) : match.start()]))
    staff = sent or bool(_STAFF_AFTER.match(sentence[match.end() : match.end() + 14]))
    return Mention(match.start(), match.end(), None if number is None else int(number), staff, sent)
