"""What excuses each family of doubtful phrases (docs/judgement/content.md): who says it, proof beside it, an aim."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from processors.content import guards
from processors.content.guards import Place
from processors.content.omissions import has_result
from processors.content.rules import Family
from processors.late import late
from schemas.vocab import Category, Lane

EFFECT_REACH = 40
"""Characters around a praised effect in which a figure proves it (SPEC 6.4)."""
_CAUSE = late(
    r"原因|起因|引起|引发|造成|导致|所致|因|由于|有关|故意|人为|动机|是|为了|又|烧|偷|点|报复|跟|与|老化|被|没|忘|开|弄|搞"
)
_ACCUSED = late(
    r"通着气|勾结|收钱|收礼|收了|吃拿|贪|关系户|内部|走后门|保护伞|包庇|打招呼|作假|造假|串通|黑幕|猫腻|回扣|亲戚|默许|背后|故意|私下|暗中|据|可能|怀疑"
)
_CONCRETE_FIRST = late(r"首个|首家|首例|第一[个家例]|唯一")
_ACT = late(
    r"获批|批准|落户|挂牌|揭牌|国家级|试点|示范|上市|开通|投运|投产|建成|建立|设立|成立|开工|启用|签发|发放|颁发|落地|成为|发布|开业|开园|交付|试验区"
)
"""A first that is a dated act can be looked up; a first that is a way of working cannot."""
_HARDSHIP = late(r"挑战|机遇|压力|困难|任务|变化|考验|形势|难度|风险")
_METRIC = late(
    r"[量值额率数]|增速|增幅|得分|评价|考核|评比|测评|赛|收入|规模|面积|连续|蝉联|成绩|督查|调查|评估|GDP|出口|投资"
)
_SOMEBODY = late(r"有的?(?:人|网友|居民|村民|业主|家长)说")
_RESIDENTS = late(r"有(?:业主|居民|村民|家长|商户|乘客|游客|员工|工人)")
_SCENE = late(r"据(?:邻居|住户|路人|旁边的人|附近的人|周围的人)|有目击者")
"""Whom a paper meets at the scene."""
_GROUP = late(
    r"人|民|群众|业主|家长|学生|老师|教师|医|企业|商家|商户|店|开发商|中介|机构|物业|司机|骑手|老板|干部|员工|职工|客|孩子|"
    r"消费者|用户|网友|平台|团|楼盘|单位|部门|小区|村|镇|学校|户|厂|外卖|快递|摊"
)
_ESTEEM = ("高度评价", "高度赞扬", "高度赞誉", "高度称赞")
_SURE_GUESS = ("想必", "十有八九", "十之八九", "料想", "八成", "我猜")
_UNPRAISED = (Category.LEADER_THINKING, Category.ANALYSIS, Category.PROBLEM)


@dataclass(frozen=True, slots=True)
class Context:
    """What the guards need to know of the item."""

    category: Category
    lane: Lane
    norm: str


def _motive(place: Place, _text: str, _context: Context) -> bool:
    """Whom it is laid at and why: also in a forecast."""
    warned = re.search(r"防止|防范|警惕|以免|避免|谨防|如果|若", place.clause)
    return guards.by_authority(place) or guards.is_negated(place) or bool(warned)


def _guess(place: Place, text: str, context: Context) -> bool:
    sure = text.startswith(_SURE_GUESS)
    if context.category is Category.ANALYSIS and not (sure and place.tail.startswith(("是", "就是"))):
        return True  # a forecast guesses by its nature
    rest = text + place.tail
    about_cause = sure or text.startswith("估计") or bool(_CAUSE.search(rest) or _CAUSE.search(place.clause[-6:]))
    return guards.by_authority(place) or guards.is_negated(place) or not about_cause


def _hedge(place: Place, _text: str, context: Context) -> bool:
    if context.category is Category.ANALYSIS:
        return True
    warned = re.search(r"防止|防范|警惕|注意|以免|避免|谨防|如|若|存在|风险|隐患", place.clause)
    return guards.by_authority(place) or guards.is_negated(place) or bool(warned)


def _unique(place: Place, text: str, _context: Context) -> bool:
    if _CONCRETE_FIRST.search(text) and _ACT.search(place.sentence):
        return True
    if text.startswith(("前所未有", "空前")) and _HARDSHIP.search(place.clause):
        return True
    if place.after.startswith(("标准", "的标准", "水平的标准")):
        return True  # “以世界一流标准打造” names a yardstick
    excused = guards.proved_by_source(place) or guards.is_aim(place) or guards.is_negated(place)
    return excused or guards.is_boast(place)


def _rank(place: Place, text: str, context: Context) -> bool:
    beside = f"{place.left[-20:]}，{place.clause}，{place.tail}"
    if "第一" in text and _METRIC.search(beside):
        return True
    proves = "最" not in text and context.category is not Category.OTHER  # nor do figures of an advertisement
    figure = proves and guards.has_figure(beside)
    return figure or _unique(place, text, context)


def _best(place: Place, text: str, context: Context) -> bool:
    return context.category in _UNPRAISED or _unique(place, text, context)


def _absolute(place: Place, text: str, context: Context) -> bool:
    if guards.is_negated(place) or guards.is_aim(place):
        return True
    if guards.is_boast(place):
        return True
    verb = re.match(r"彻底|完全|全面|一举|从根本|根本|永久|永远|圆满解决|全部消除|再也|从此|万无一失", text)
    if verb and context.category is Category.URGENT:
        return True  # “险情彻底消除” is a stage of an emergency
    final = (
        bool(place.clause)
        and not text.startswith(("再也", "从此"))
        and place.after[:1] in ("，", "。", "！", "；", ",", "")
    )  # “停车难问题彻底解决，”
    return bool(verb) and not (guards.is_claim(place, text) or final)


def _multiple(place: Place, _text: str, context: Context) -> bool:
    return guards.is_negated(place) or context.category in (Category.PROBLEM, Category.URGENT)


def _effect(place: Place, text: str, context: Context) -> bool:
    praised = context.category is Category.PRACTICE or (
        context.category is Category.WORK_NEWS and context.lane is Lane.REPORT
    )
    told = "了" in text or not place.at_clause_start or text.startswith(("受", "得", "赢", "获", "深", "取"))
    if not praised or not told or place.after[:1] == "的" or guards.is_aim(place) or guards.is_negated(place):
        return True
    if text.endswith(_ESTEEM):
        return guards.proved_by_source(place)  # figures of the work do not prove that somebody praised it
    if guards.has_figure(place.window(EFFECT_REACH)) or guards.proved_by_source(place):
        return True
    return has_result(context.norm)


def _hearsay(place: Place, text: str, context: Context) -> bool:
    checked = _REFUTED.search(place.sentence)
    met = context.lane is Lane.MEDIA and text.startswith(("不愿", "知情")) and _MET.match(place.after)
    return bool(checked or met) or bool(re.search(r"[不勿别莫未]$|不要|切勿|莫", place.clause))


_REFUTED = late(
    r"经[^，。；]{0,10}(?:核实|证实|确认|调查)|辟谣|不实|谣言|纠正|未予证实|(?:与|和)[^，。；]{0,14}(?:不符|不一致|不相符)"
)
_MET = late(r"的?[^，。；说称]{0,8}(?:工|客|民|员|师|机|主|户|生|长|者)(?:说|称|介绍|告诉|回忆|反映)")
"""A named trade whom the paper met: 不愿具名的巡道工说."""


def _start(place: Place, text: str, context: Context) -> bool:
    if context.category is Category.LEADER_THINKING:
        return True
    narrated = place.after[:3].lstrip("，：:,")[:1] in ("“", "「") or (
        text.startswith("听") and not place.at_clause_start
    )
    if context.lane is Lane.MEDIA and _SCENE.match(text):
        return True
    if len(_SOMEBODY.findall(place.sentence)) > 1 or (
        _RESIDENTS.match(text) and (context.lane is Lane.MEDIA or guards.is_verified(context.norm))
    ):
        return True  # voices of a scene, and of people whom the paper met
    return narrated or not place.at_clause_start or _hearsay(place, text, context)


def _reported(place: Place, _text: str, context: Context) -> bool:
    accuses = _ACCUSED.search(place.sentence)
    return guards.is_checkable(context.norm) or not accuses or context.category is Category.LEADER_THINKING


def _net(place: Place, _text: str, context: Context) -> bool:
    """A rumour as the event itself (“因网传…抢购”) is reported, not spread; papers write of it to put it right."""
    told = (
        re.search(r"[因受对就将把针该]$", place.clause)
        or place.after.startswith(("了", "过"))
        or context.category
        in (
            Category.OTHER,
            Category.LEADER_THINKING,
        )
    )
    refuted = _REFUTED.search(place.sentence)
    return bool(told or refuted) or context.lane is Lane.MEDIA or guards.is_verified(context.norm)


_EACH = late(r"个个|人人|无不|无一不|没有一个|家家|户户")
_AT_WORK = late(r"(?:个个|人人)[^，。；]{0,4}(?:干劲[十充]足|精神(?:抖擞|饱满)|热情高涨|汗流浃背|满头大汗)")
_DIRE = late(r"无水可|靠不住|不像样|没救|不要命|怨声")


def _voices(place: Place, text: str, _context: Context) -> bool:
    if _EACH.search(text):  # nobody asked each of them, a meeting neither
        if _AT_WORK.search(text):
            return True  # how people look at their work, to whom the sentence points
        return guards.is_negated(place) or guards.is_aim(place) or guards.is_norm(place, "")
    excused = guards.is_surveyed(place) or guards.is_meeting(place) or guards.is_negated(place) or guards.is_aim(place)
    if text.startswith("普遍存在") and guards.has_figure(
        place.after + place.norm[place.sentence_end : place.sentence_end + 60]
    ):
        return True
    return excused or guards.by_authority(place)


_DAILY = late(r"(?:家家|人人|户户)都(?:有的|想|爱|忙|在忙|怕)")
"""What people are like, not what they think of something: 秋收时家家都忙."""


def _whole(place: Place, text: str, context: Context) -> bool:
    if "可见" in place.clause[-6:] + text[:4]:
        return guards.is_negated(place)  # what one case is said to show of all
    if _DIRE.search(text):
        return guards.is_negated(place)
    excused = guards.is_norm(place, text) or guards.is_count(place, text) or guards.is_negated(place)
    if _DAILY.search(text + place.after[:3]):
        return True
    if re.match(r"所有|全部|全体", text) and not _GROUP.search(text):
        return True
    counted = text.startswith(("所有", "全部", "全体", "几乎", "基本")) and "无一例外" not in text
    return excused or (context.category is Category.URGENT and counted)


def _sample(place: Place, _text: str, _context: Context) -> bool:
    return guards.is_negated(place)


def _law(place: Place, text: str, context: Context) -> bool:
    """What ought to be, or may be claimed, holds without a sample: 凡是…一律应当."""
    norm = re.search(r"应当?|必须|不得|可以|可享|予以|给予|一律|免费|奖励|纳入|请|不要|要求", text + place.tail)
    return guards.is_negated(place) or bool(norm) or context.category is Category.URGENT


EXCUSES: dict[Family, Callable[[Place, str, Context], bool]] = {
    Family.GUESS: _guess,
    Family.HEDGE: _hedge,
    Family.MOTIVE: _motive,
    Family.UNIQUE: _unique,
    Family.RANK: _rank,
    Family.BEST: _best,
    Family.ABSOLUTE: _absolute,
    Family.MULTIPLE: _multiple,
    Family.EFFECT: _effect,
    Family.HEARSAY: _hearsay,
    Family.START: _start,
    Family.REPORTED: _reported,
    Family.NET: _net,
    Family.VOICES: _voices,
    Family.WHOLE: _whole,
    Family.SAMPLE: _sample,
    Family.LAW: _law,
}
