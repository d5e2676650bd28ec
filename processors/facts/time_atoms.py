"""The parts of time expressions as patterns: a date, a part of the day, a clock, and what joins them."""

from __future__ import annotations

import re

from processors.late import late

_D = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_YEAR = r"(?:(?P<year>(?:19|20)\d{2}|[一二][〇零○一二三四五六七八九]{3})年|(?P<lastyear>去年|今年|本年|前年))?"
_DAY_PART = (
    r"凌晨|清晨|拂晓|黎明|大清早|清早|一早|早上|早晨|早间|今早|上午|中午|正午|午间|午后|下午|傍晚|"
    r"黄昏|晚上|晚间|当晚|夜里|夜间|深夜|半夜|午夜|子夜|入夜|夜晚|早|晚|夜|晨"
)
_PART_NEXT = r"(?=凌晨|上午|中午|下午|傍晚|深夜)"
_SHORT = rf"昨{_PART_NEXT}|今{_PART_NEXT}(?<![如至迄当现]今)|昨(?=披露|通报|发布|公布|宣布|召开|表示|从)"
"""昨下午, 记者昨从……获悉: papers leave 日 out."""
_RELATIVE = (
    r"大前天|前天|前日|前晚|前夜|前一[天日晚]|昨天|昨日|昨晚|昨夜|昨晨|昨早|昨儿|今天|今日|今早|今晨|今晚|今夜|"
    r"今儿|当天|当日|当晚|当夜|同日|同一天|同晚|次日|翌日|第二天|"
    r"(?<![一每两])(?:下个?|上|本|这|这个|上个)?(?:周|星期|礼拜)[一二三四五六日天末](?!最|都|一般|通常)|"
    rf"{_SHORT}|明天|明日|后天|明早|明晚"
)
_DATE = (
    rf"{_YEAR}(?P<month>{_D})月(?P<day>{_D}|3[2-9]|[4-9]\d)(?:[日号](?![线楼院店机门])|(?=[-—–~～至到、和]\d{{1,2}}[日号])|(?=凌晨|"
    rf"清晨|早|上午|中午|下午|傍晚|晚|夜|\d{{1,2}}[:：时点]))"
    rf"|(?P<iso>20\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}})(?!\d)"
    rf"|(?:(?P<thismonth>本月|当月|这个月)|(?P<lastmonth>上个?月))(?P<monthday>{_D})[日号]"
    rf"|(?<![\d.%点月第·一二三四五六七八九十百连近每数逾])(?<!连续)(?<!持续)(?<!停业)(?<!拘留)(?<!观察)(?<!为期)(?<!公示)(?<!住院)(?<!哀悼)(?<!限)(?<!停[产工课])(?P<bare>{_D}|3[2-9])"
    rf"(?:日(?![线元用均游龄期薪攻内]|之内|报(?!道))|号(?=[，,。；：:\s（(早晚那的起至到从开去来就在发因又还午\d]|凌晨|清晨|上午|中午|下午|傍晚|夜|$))"
    rf"|(?:[“\"]|(?<![\d.·]))(?P<qmonth>1[0-2]|0?[1-9])[·.．•・](?P<qday>3[01]|[12]\d|0?[1-9])(?:[”\"]|"
    rf"(?=火灾|爆炸|事故|地震|洪|内涝|滑坡|山火|中毒|车祸|案|坍塌|溺|特大|较大|重大))"
    r"|[今昨前](?=[（(])[（(](?P<aside>\d{1,2})(?:日[）)]|[）)](?:日|(?=[凌清早上中下傍晚夜])))"
    rf"|(?P<relative>{_RELATIVE})"
)
_CLOCK = (
    rf"(?P<hour>{_D}|两|零|〇|00|2[4-9]|[3-9]\d)(?:时(?!段|间|速|期|代|尚|装|差|隔|而)|点(?!儿|名|"
    rf"多种|意见|建议|体会|要求|想法|共识|思考|左右为|[零一二三四五六七八九\d]*(?:个|％|%|秒|度|分贝|厘米|毫米|米|公里|"
    rf"万|亿|元|倍|吨))钟?|[:：](?=\d{{2}}(?!\d))|(?<=[\d零〇])(?=[-—–~～至]\d{{1,2}}[时点]))"
    rf"(?:(?P<quarter>[一三])刻|(?P<minute>[0-5]?\d|[一二三四五]?十[一二三四五六七八九]?|"
    rf"[零〇]?[一二三四五六七八九])(?!\d|[小个十几]|点|元|人|名|辆|米|公|户|级|时|日|月|岁|楼|层|栋|"
    rf"[多余](?![分，。 ]))[多余]?分?|(?P<half>半)|(?P<some>[二三四五]?十几分?)|整)?"
    rf"(?P<vague>许|左右|多|前后|来钟|不到|过后?|刚过|差一点)?"
)
ATOM = late(
    rf"(?:{_DATE})|(?P<part>{_DAY_PART})(?!稻|餐|饭|会|点(?!\d)|市|报|班|高峰|期|熟|婚|育|年|自习|"
    rf"归|宵|景|跑|经济|盘|霜|色|幕|校|练|已|就|在|些|日|操|教|恋|晚)|(?P<clock>{_CLOCK})"
)
_CHINESE = "一二三四五六七八九十廿零〇"
_YEAR_SIGN = r"年(?=[\d一二三四五六七八九十])"
"""A year, its number or a word for it: a date only with a month behind it."""
_POINT = r"\.(?!\d+[%％万亿千百元个米公平吨度倍人分天岁])"
"""2026.11.20 and 6.29火灾, but no 3.5%."""
QUICK = re.compile(  # every branch begins with one character, no set: only then does the search skip to them
    "|".join(
        (
            *(
                rf"{digit}\d{{0,3}}+(?=[月日号时点:：/—-]|至\d+[时点日]|·\d|{_YEAR_SIGN}|{_POINT})"
                for digit in "0123456789"
            ),
            *(f"{digit}[{_CHINESE}]{{0,3}}+(?=[月日号时点]|{_YEAR_SIGN})" for digit in _CHINESE),
            *(f"{word}[天日早晨晚夜儿]" for word in "同次翌"),
            *(f"{word}(?:[天日早晨晚夜儿]|[（(]\\d{{1,2}}[日）)])" for word in "今昨"),
            "同一天",
            _SHORT,
            *(word + _YEAR_SIGN for word in "今去前本"),
            *(f"{word}个?(?:周|星期|礼拜|月)" for word in "上这下"),
            "两(?=点)|前[天日晚夜]|前一[天日晚]|前[（(]\\d{1,2}[日）)]|大前天|本[周星月]|当[天日晚夜月]|第二天|周[一二三四五六日天末]|星期[一二三四五六日天]",
            '礼拜[一二三四五六日天]|明[天日早晚]|后天|“\\d{1,2}[·.．•・]|"\\d{1,2}[·.．•・]|凌晨|清[晨早]|拂晓|黎明|大清早|一早|早[上晨间]',
            "上午|中午|正午|午[间后夜]|下午|傍晚|黄昏|晚[上间]?|夜[里间晚]|深夜|半夜|子夜|入夜",
        )
    )
)
QUICK_LENGTH = 4
"""Characters of the longest number that QUICK takes: an expression may begin at its end."""
GLUE = late(
    r"^[ 　的，,（(]?$|^(?:大?约|快|将?近|接近|大概)$|^(?:的)?(?:左右)?[，,]?$"
    r"|^[（(]?(?:周|星期|礼拜)[一二三四五六日天][）)]?[，,]?$|^[（(][今昨前][天日][）)]$"
)
GLUE_LENGTH = 6
"""Characters of the longest glue between two atoms (（星期五）)."""
RANGE_STARTS = frozenset("许起左至到—–-~～－")
"""With what, or with a space, a range can go on behind its first time."""
RANGE = late(
    rf"^(?:许|左右|起)?\s?(?:至|到|—|–|-|~|～|－|——)\s?(?:次日|翌日|第二天|当日|当晚|今天|今日|今晨|今早|昨天|昨日)?(?:凌晨|早上|"
    rf"上午|中午|下午|傍晚|晚上|晚)?(?:{_D}月)?{_D}(?:[日号时点]|[:：]\d\d)"
)


def is_date(atom: re.Match[str]) -> bool:
    return atom.lastgroup not in {"part", "clock"}


def roles(group: list[re.Match[str]]) -> tuple[re.Match[str] | None, re.Match[str] | None, str]:
    """The last date, the first clock and the part of the day of atoms that belong together."""
    dated: re.Match[str] | None = None
    clock: re.Match[str] | None = None
    whole = ""
    for atom in group:
        kind = atom.lastgroup
        if kind == "part":
            whole += atom["part"]
        elif kind == "clock":
            clock = clock or atom
        else:
            dated = atom
            whole += _part_of(atom["relative"]) if kind == "relative" else ""
    return dated, clock, whole


def _part_of(relative: str) -> str:
    return relative[-1] if relative[-1:] in {"晚", "夜", "晨", "早"} else ""
