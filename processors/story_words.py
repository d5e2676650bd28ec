"""What stories are joined by in the words of an item: names, figures, times, nicknames, what it looks back on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from processors.late import late
from schemas.base import CHINA

NAMES, NUMBERS, SIGNS = 12, 12, 40
TOLD_REACH = 400
"""Characters in which the kind of event is looked for; behind them stands background."""
_NAME_END = re.compile(
    r"村(?![民庄里干支医道落])|社区|小区|花园|家园|嘉园|新村|公寓|名邸|首府|公馆|大厦|商场|酒店|小学|中学|幼儿园|学校|学院|大学|医院|公司|集团|工厂|厂|矿|"
    r"路|街|巷|大道|大桥|桥|码头|水库|公园|市场|广场|工业园|产业园|站|隧道|高速|养老院|中心|南门|北门|东门|西门|售楼部|饭店|餐厅|楼盘|"
    r"工地|条例|办法|方案|通知|规划|意见|论坛|博览会|大赛|节|会议|大会|项目|行动|工程"
)
_VAGUE_NAME = re.compile(
    r"[一二两三四五六七八九十几某该本这那各每多全个处家间座条所我你他她们的了在到从是有为和与及对向被把将出近沿上下进来去当于内外附事第高成大小新老]"
)
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_QUOTED = re.compile(r"[“「《]([^”」》]{2,14})[”」》]")
_NUMBER = re.compile(r"(?<![0-9.])([0-9]+(?:\.[0-9]+)?)(%|％|万|亿|[一-龥])?")
_CLOCK = re.compile(
    r"(?<![0-9])([0-2]?[0-9])(?:[:：]([0-5][0-9])(?![0-9])|[时点]([0-5]?[0-9])分?(?!钟)|[时点](半)(?![间刻候0-9]))"
)
_PART_OF_DAY = late(r"(?:下午|傍晚|晚上?|夜里|(中午))\s*$")
_PART = late(
    r"(?:([今昨前当])[天日]?|(?<![0-9])(?:(?:1[0-2]|0?[1-9])月)?(?:3[01]|[12][0-9]|0?[1-9])[日号])"
    r"(凌晨|清晨|早晨|早上?|上午|中午|午后|下午|傍晚|晚上?|夜里?|深夜)"
)
_BACK = {"今": 0, "当": 0, "昨": 1, "前": 2}
_PARTS = {
    "凌晨": "0", "清晨": "1", "早晨": "1", "早": "1", "早上": "1", "上午": "1", "中午": "2", "午后": "2", "下午": "2",
    "傍晚": "3", "晚": "3", "晚上": "3", "夜": "3", "夜里": "3", "深夜": "3",
}  # fmt: skip
_DATE_NAME = re.compile(
    r"(?<![0-9.])(1[0-2]|0?[1-9])(?:[·•．・]|(?<=[“\"][0-9])\.)(3[01]|[12][0-9]|0?[1-9])(?![0-9.%])"
)
_DAY = re.compile(r"(?<![0-9])(?:(1[0-2]|0?[1-9])月)?(3[01]|[12][0-9]|0?[1-9])[日号](?![线楼栋院口厂房门店井机])")
_PROPER = re.compile(
    r"台风[“「]([^”」]{2,6})[”」]|[“「]([^”」]{2,6})[”」](?:台风|[轮号]|客轮|货轮|渔船|油轮)|#台风([一-龥]{2,5})#|"
    r"(?<![A-Za-z0-9])([A-Z0-9]{2}[0-9]{3,4})(?=航班|次航班|客机|号航班)|(?<![A-Za-z0-9])([GDKTZC][0-9]{1,4})(?=次)"
)
"""Names that one event alone has: of a typhoon, a ship, a flight, a train."""
_WIDE_DIGIT = late(r"[０-９]")
_WIDE = {ord(wide): plain for wide, plain in zip("０１２３４５６７８９：％．", "0123456789:%.", strict=True)}
_COUNTED = late(r"([0-9]{2,})[多余]?([人名例死伤位岁])?")
_OLD = re.compile(
    r"(?:由|从|[比较]?(?:此前|前次|前一?[天日]|昨[天日]))的?([0-9]{1,6})[人例名](?:[^，。；0-9]{0,4})(?:上升|增加|升|增|上调|更新|修正|更正|调整)(?:到|至|为)"
)
_LATER = re.compile(
    r"续报|终报|续[一二三四五1-9]|^续|后续|通报（?[二三四五六]|最新|追踪|至此|较前次|遇难人数升|死亡人数升|增至|升至|答复|回复|您反映|办理情况|处理情况|首报补充"
)
_GROWN = re.compile(
    r"(?:上升|增加|升|增|上调|修正|更正)(?:到|至|为)了?[0-9]+[人例名]|又(?:有|找到|发现|增加)[^，。；]{0,12}(?:遇难|死亡|遗体|去世|身亡|病例|伤者|名)|"
    r"不治身亡|(?:失踪|失联)[^，。；]{0,10}(?:找到|遇难|遗体)|遗体[^，。；]{0,8}找到|全部(?:找到|搜救|救出)|搜救(?:工作)?(?:结束|进入)|进入第[二三四五六七八九十0-9]+天|第[二三四五六七八九十]+[天日]|"
    r"恢复(?:供水|供电|通车|通行)|头七|遇难人数为|仍在(?:治疗|住院|搜救|搜寻)"
)
"""Words of one who tells how it went on."""
_AFTERMATH = re.compile(
    r"善后|事故调查|调查结果|依法追究|被追究|刑事责任|(?:退去|过去|已过|已经?过了?|过后)(?:了)?(?:一周|半个?月|[一二两三四五六七八九十几]个?[天周月])|赔偿|理赔|重建|救助款|抚恤|慰问金|出院|康复|复工|问责|追责|刑拘|批捕|宣判|开庭|受审|庭审|公诉|调查(?:报告|组)|原因(?:查明|公布)|"
    r"(?:事故|火灾|爆炸|地震|台风|洪水|暴雨|滑坡|灾害?|坍塌|倒塌|泄漏|车祸)[^，。；]{0,6}(?:之后|过后|后|幸存|遇难者|受灾|伤者)|"
    r"那[场次起辆一][^，。；]{0,12}(?:火|事故|灾|爆炸|地震|车祸|洪|台风|面包车|塌)|(?:一周|半个?月|[一二两三四五六七八九十几]+(?:天|周|个月)|半年|一年)(?:之)?[前后]|周年|落网|归案|案破了|告破|侦破"
)
"""Words of one who looks back on an event."""
_REPLY = re.compile(
    r"(?<![当现]场)答复|回复|复函|[您你](?:所)?反映|网民[您你朋]|(?:先生|女士|朋友)[:：]?[您你]好|(?:收到|收悉)[^，。]{0,16}(?:留言|私信|来信|反映|投诉)|^办结|您的(?:留言|建议|来信|问题|诉求|意见|投诉)|您[0-9]{1,2}月[0-9]{1,2}日|办理情况|处理情况|致[^，。]{2,10}(?:用户|居民|业主|市民)|已收悉"
)
_ANOTHER = re.compile(
    r"不相干|勿混|混淆|混为一谈|不同省|与[^，。；]{2,24}(?:无关|没有关系|并非|不是一|无关联)|不是一回事|两码事|同[晚日天][^，。]{0,6}[也又]|也有一起|另有一起|别传混|不要混|说成(?:同)?一|不是同一|并非同一|另一(?:起|处|宗)|又一起|第二起|另外，|同日另|同晚另|两起|两回事|互不相关|没有关联|又有[^，。]{2,8}(?:落水|起火|车祸|溺)|"
    r"不是(?:[今昨前]天|[早晚]上|上[次回午周]|刚才|[前那]几天)[^，。！；]{0,8}那[个起次场回]|[一同][天日]两[个起次]"
)


def is_later(head: str) -> bool:
    """Whether the beginning calls itself a follow-up."""
    return bool(_LATER.search(head))


def has_grown(full: str) -> bool:
    """Whether the item tells how an event went on: risen figures, the missing found, the third day."""
    return bool(_GROWN.search(full))


def looks_back(full: str) -> bool:
    """Whether the item speaks of what came of an event: damages paid, a trial, a month after."""
    return bool(_AFTERMATH.search(full))


def is_reply(head: str) -> bool:
    """Whether an office answers a citizen."""
    return bool(_REPLY.search(head))


def tells_apart(full: str) -> bool:
    """Whether the item tells its event apart from another."""
    return bool(_ANOTHER.search(full))


def names_in(full: str) -> list[str]:
    """The two characters before a generic word and the word: where a name begins cannot be told, where it ends can."""
    found: dict[str, None] = {}
    for match in _NAME_END.finditer(full):
        before = full[match.start() - 2 : match.start()]
        if _HAN.fullmatch(before) and not _VAGUE_NAME.search(before):
            found[before + match[0]] = None
    found |= dict.fromkeys(match[1] for match in _QUOTED.finditer(full) if not match[1].isdigit())
    return list(found)[:NAMES]


def numbers_in(full: str) -> list[str]:
    """Figures of two digits and more with the character behind them; no dates and times."""
    found: dict[str, None] = {}
    for match in _NUMBER.finditer(full):
        digits, unit = match[1], match[2] or ""
        if len(digits.replace(".", "")) >= 2 and unit not in ("月", "日", "号", "时", "点", "分", "年", "秒"):
            found[digits + unit] = None
    return list(found)[:NUMBERS]


def clocks_in(full: str) -> list[str]:
    """Hours with minutes as HHMM."""
    found: dict[str, None] = {}
    for match in _CLOCK.finditer(full):
        hour, minute = int(match[1]), int(match[2] or match[3] or "30")
        part = _PART_OF_DAY.search(full[max(0, match.start() - 3) : match.start()])
        if part and hour < 12 and not (part[1] and hour >= 10):
            hour += 12
        found[f"{hour:02}{minute:02}"] = None
    return list(found)[:6]


def days_in(full: str, published: datetime) -> list[str]:
    """Days as MMDD; a day without its month (22日中午) is the last such day before publication."""
    local = published.astimezone(CHINA)
    before = local.replace(day=1) - timedelta(days=1)
    found: dict[str, None] = {}
    for match in _DAY.finditer(full):
        day = int(match[2])
        month = int(match[1]) if match[1] else local.month if day <= local.day else before.month
        found[f"{month:02}{day:02}"] = None
    return list(found)[:6]


def parts_in(full: str, published: datetime) -> list[str]:
    """Parts of days as MMDD and one of 0 to 3 (night, morning, afternoon, evening): 昨天傍晚, 今早, 9日凌晨."""
    local = published.astimezone(CHINA)
    found: dict[str, None] = {}
    for match in _PART.finditer(full):
        if match[1]:
            day = (local - timedelta(days=_BACK[match[1]])).strftime("%m%d")
        else:
            day = days_in(match[0], published)[0]
        found[day + _PARTS[match[2]]] = None
    return list(found)[:6]


def nicknames_in(full: str) -> list[str]:
    """Names of one event alone: “7·11” as MMDD, a typhoon, a ship, a flight, a train by its own name."""
    found = {f"{int(m[1]):02}{int(m[2]):02}": None for m in _DATE_NAME.finditer(full)}
    found |= {next(filter(None, m.groups())): None for m in _PROPER.finditer(full)}
    return list(found)[:6]


def signs_in(full: str, common: frozenset[str], most: int = SIGNS) -> str:
    """Chinese characters that few texts have, those with the smallest hashes where there are too many, sorted."""
    found = {sign for sign in full if "\u4e00" <= sign <= "\u9fff"} - common
    return "".join(sorted(sorted(found, key=lambda sign: ord(sign) * 0x9E3779B1 & 0xFFFFFFFF)[:most]))


def plain_digits(full: str) -> str:
    """Full-width digits, colons and percent signs as common ones: ５７岁 is 57岁."""
    return full.translate(_WIDE) if _WIDE_DIGIT.search(full) else full


def counts_of(numbers: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Numbers of people without their measure word (13人, 13名, 13死: 13), and ages (57岁)."""
    people, ages = set(), set()
    for number in numbers:
        match = _COUNTED.fullmatch(number)
        if match and match[2] == "岁":
            ages.add(match[1])
        elif match:
            people.add(match[1])
    return frozenset(people), frozenset(ages)


def olds_in(full: str) -> list[str]:
    """Figures of persons that were true before: 由43人增加到67人."""
    return list({match[1]: None for match in _OLD.finditer(full)})[:4]
