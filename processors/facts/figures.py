"""Casualties and people moved: who died, was hurt, is missing, was trapped, was moved, by sentence.

A predicate (死亡, 受伤, 被困 …) takes the number of persons after it (死亡3人) or before it (3名工人当场死亡, also over
commas within the sentence); parts (其中), totals (共), updates (升至, 现核实) and stated absence are told apart here, and
``choose`` decides what the item as a whole says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.facts.persons import Mention, mentions

DEATHS, INJURED, SERIOUS, LIGHT = "deaths", "injured", "serious_injuries", "light"
MISSING, TRAPPED, EVACUATED, RESCUED = "missing", "trapped", "evacuated", "rescued"

_KINDS: tuple[tuple[str, str], ...] = (
    (
        "none",
        r"(?:暂?无|没有|未(?:有|造成|发生|出现|发现)?|暂未(?:造成|发生|发现|出现)?|没(?:有)?造成|没有发生|并未造成|不曾造成|零)(?:任何|其他|其它|重大)?(?:人员|人)?(?:的)?"
        r"(?:伤亡|死伤|死亡(?:或?失踪|和受伤)?|受伤|重伤|被困|失联|失踪|遇难|中毒|感染)(?:和?(?:失踪|受伤|失联|被困))?(?:报告|情况)?|(?:没|未)(?:有)?伤(?:到|及|着)?人"
        r"|(?:没|未)(?:有)?(?:人(?:死亡|受伤|伤亡|被困|失联|遇难|员伤亡)|死人|伤亡|人伤)|无人(?:员)?(?:伤亡|死亡|受伤|被困|失联|失踪|遇难)|人(?:都)?没事|(?<=[，、])没伤(?=[，。])|零伤亡|零死亡",
    ),
    (
        DEATHS,
        r"死亡|遇难|身亡|丧生|丧命|溺亡|罹难|殒命|毙命|离世|去世|不幸离开|亡故|坠亡|(?:淹|摔|砸|压|烧|撞|电|毒|呛|闷|砍|捅|炸|打|打|晒|热|冻)死|(?:当场|都|全|已经?|就)死了|死在"
        r"|(?:经|因)?抢救无效|不治|(?:[无没][有]?|失去|丧失)(?:了)?生命(?:体征|迹象)|生命体征(?:已经?)?消失|牺牲(?!品)|殉职|殉难|猝死|(?:停止|没|没有|无)(?:了)?(?:自主)?(?:呼吸|心跳)|没(?:了)?气(?:了|$|，|。)"
        r"|没(?:能)?(?:救|抢救)(?:回|过)来|没(?:能)?(?:挺|救)过来|没能救出来|(?<=[个名人都位])没了(?![力电水气踪音消声影信])|(?<=捞上岸，)人走了|没动静|(?:已经?)不行了|没留下来|撒手人寰|没(?:能|有)?抢救(?:过来|回来)|咽(?:了)?气|断(?:了)?气|人不在了|死了(?=[\d一二两三四五六七八九十])|人死了|死了人|(?:丢|送|夺)(?:了)?(?:性)?命|遇害|被害(?!人)|杀害|救不(?:回|过)来|没(?:有)?救了|身故|失去(?:了)?生命|生还无望|(?<=[\d一二两三四五六七八九十])死(?=[\d一二两三四五六七八九十，。、！]|$)"
        r"|(?<=致)死(?=[\d一二两三四五六七八九十])|(?:死者|遗体|死难者|遇难者|亡者)",
    ),
    (SERIOUS, r"(?:受)?重伤(?!员)|重伤员?"),
    (LIGHT, r"轻(?:微)?伤(?!员)|受轻(?:微)?伤|轻伤员?"),
    (
        INJURED,
        r"受(?:了)?(?:点|些)?(?:皮外|皮肉)?伤(?!害)|负伤|(?:烧|烫|灼|摔|砸|刺|划|擦|撞|炸|砍|咬|踩|扭|挫|压|冻|刮|挤|击|捅|磕|割|蜇|电)伤|烧到|挂彩|骨折|"
        r"中毒(?!事[故件]|案|应急|死|窒息事)|呕吐|腹泻|腹痛|拉肚子|肚子[疼痛]|发[烧热](?=[，、等症到])|不适|感染(?!源|风险|力|控)|确诊|发病(?!率)|患病|染病|中暑|昏迷|昏倒|晕倒|休克|呼吸困难|头[晕昏痛]|[头脸手腿脚鼻](?:部)?(?:被)?(?:[^，。；、]{0,3})(?:破了|出血|流血|断了|肿了?)|血流|熏倒|[晕昏]过去|呛(?:到|了)|[砸压摔]断|擦破|扭到|拉稀|恶心|抽搐|中了(?:暑|毒)|过敏|打(?:吊针|点滴)|挂水|躺在医院|进(?:了)?(?:医院|ICU|抢救室)|在[^，。；、]{0,5}(?:医院|监护室|ICU)(?!门|工作|上班|附近)|烫到|烧着了?人"
        r"|送医|送(?:往|到|去|至|进|入)?[^，。；、]{0,10}?(?:医院|卫生院|救治|就医|就诊|抢救|急诊|诊治)|(?:到|在|去)[^，。；、]{0,8}医院(?:就诊|就医|打)|就[医诊](?!学)|送院|入院|送上救护车|抬上救护车"
        r"|(?<=[\d一二两三四五六七八九十])伤(?=[，。、；！（(]|$)|伤(?:了)?(?=[\d一二两三四五六七八九十])|(?<![悲忧感哀硬中暗养疗验损工死杀创内轻重受负])[一-龥]伤(?![害心感悲痕情势口员者亡病残及])|(?:送|拉|抬|运)(?:往|到|去|至|进|入|了)(?:了)?[^，。；、]{0,8}?(?:附院|ICU|急诊|诊所|市医|区医|县医|120)|[在正](?:在)?抢救|病危|被(?:咬|蜇|砍|捅|打)(?:了)?(?=[，。])|(?:出现)?[^，。；]{0,4}症状|伤者|伤员|受伤人员|病例|往(?:[一-龥]{0,3})医院送|缝了?[\d一二两三四五六七八九十]+针|脚崴|送来(?=的|了)|吐了|额头碰破|划破|摔倒|跌倒|踩倒|倒地|倒在",
    ),
    ("cared", r"(?:正在|接受|在[^，。；]{0,6}医院)*(?:住院(?:治疗|观察|救治)?|治疗|救治|留观|留院观察)|重症监护|[撞带砸压](?:倒|中|飞|翻)(?:了)?(?=[\d一二两三四五六七八九十])"),
    (
        MISSING,
        r"失联|失踪(?!人口)|下落不明|走失|走散|失去(?:了)?联[系络]|(?:[尚仍还]?[未没](?:有)?(?:能)?找到)|未归|没(?:有)?(?:再)?(?:回来|回家|上来|到家|回来过)|联系不上|冇看到|没了踪影|没(?:有)?了?音讯|不知所[踪终]|生死不明|没见人|不见了|没见着|没(?:有)?浮上来",
    ),
    (
        TRAPPED,
        r"(?:被|受|遭)(?:围)?困|(?:被|遭)(?:埋压|掩埋|埋|压|卡|关|堵|掩埋|卷入|冲走)|困(?:在|于|住)|滞留|埋压|埋(?:在|到)|掩埋|卡在|压在|还压着|悬(?:在|挂)|斜挂|下不来|爬出来|关(?:在|了|着)(?=里|[\d一二两三四五六七八九十])|挂在|盖住|埋(?=\d)|出不来|堵在(?:里|洞|屋|井)|吊在|陷(?:在|入)(?!困境)|隔在|封在|被围",
    ),
    (RESCUED, r"救出|营救|解救|救起|获救|脱险|脱困|挖出|抬出|接出"),
    (
        EVACUATED,
        r"(?:(?:疏散|转移|撤离|紧急|临时|集中|妥善)(?=疏散|转移|撤离|安置|避险))*(?:疏散|转移(?!支付|视线|财产|资金|资产)|撤离|安置(?!费|房|协议|小区|社区|区|补偿|就业|对象))|撤出|撤到|撤了|转(?:出|上来|到安全)|避险|撤走|搬离|撤往|离开(?=[，。、；]|$)|挪到|(?:接|搬|送|转)(?:到|往|去)(?:了)?[^，。；、]{0,6}(?:学校|村部|村委会|安置点|祠堂|亲戚|礼堂|体育馆|宾馆|酒店|食堂|操场|安全)|搬(?:走|离|出)|安顿|喊出来|叫出来|撤完"
        r"|(?:都|全部?|均)(?:已)?(?:下来了|跑(?:了)?出来|跑出|撤出|出来了)|往[一-龥]{1,4}撤",
    ),
)
_PREDICATES = re.compile("|".join(f"(?P<k{i}>{pattern})" for i, (_, pattern) in enumerate(_KINDS)))
_NAMES = tuple(name for name, _ in _KINDS)
_NOMINAL = re.compile(r"死者|遗体|死难者|遇难者|亡者|伤者|伤员|受伤人员|病例|重伤员|轻伤员")
_COMPACT = re.compile(
    r"(?P<d>\d+|[一二两三四五六七八九十]+)(?:人)?死(?:亡)?(?P<i>\d+|[一二两三四五六七八九十]+)(?:人)?(?:受)?伤|致(?P<d2>\d+|[一二两三四五六七八九十]+)死(?![亡者])|致(?P<i2>\d+|[一二两三四五六七八九十]+)伤"
    r"|(?P<d3>\d+)死(?![亡者])|(?P<i3>\d+)伤(?![者员势亡])"
)
_AFTER_GAP = re.compile(
    r"^(?:点|[\d一二两三四五六七八九十百]+(?:余|多)?户|原报|现核实|人数|人员|群众|居民|村民|师生|游客|乘客|学生|住户|周边|附近|沿线|沿江|下游|受灾|受威胁|受影响|危险区|的|了|过|已经?|约|近|共|一共|总共|共计|合计|累计|总数|数|病例|感染者|者|上升|升|增|增加|达|至|到|为|有|是|超过?|逾|达到|目前|核定|核实|确认|总|小学生|老人|老年人|儿童|孩子|职工|工人|员工|旅客|司机|业主|家长|妇女|租户|商户|男子|女子|顾客|矿工|船员|渔民|驴友|患者|村组|一线|受灾|受伤|被困|埋压|滞留|遗体|[:：（(])*$"
)
_ACTIVE = re.compile(r"^[一-龥]{0,4}(?:用|把|将|持|驾|骑|拿|去|来到)[^，。]{0,10}")
_DONE_TO = re.compile(r"^(?:[打砍刺捅撞咬砸炸抓烧杀扎殴]伤|[砍捅撞打砸炸烧杀压]死|致伤|致死)$")
_TRANSITIVE = frozenset({RESCUED, EVACUATED})
_JOIN = re.compile(r"^[^，。；！？]{0,10}(?:、|和|及|与|以及|，)(?:另有|另外|还有|另)?[^，。；]{0,4}$")
_PART = re.compile(r"(?:其中|当中|里面|包括|含|有)[^，。；]{0,8}$")
_PART_STRICT = re.compile(r"(?:其中|当中|包括|（含|\(含)[^。；]{0,30}$")
_TOTAL = re.compile(r"(?:共|合计|累计|总计|总共|一共|已(?:造成|致)|全部|总数|加起来)[^，。；]{0,14}$")
_UPDATE = re.compile(
    r"(?:升至|增至|上升(?:到|至|为)|增加(?:到|至)|升到|更正为|修正为|应为|现核实|核实为?|核定为?|现为|最新|实为|改为|减[少至]到?|下调为|确认为?|数[到了出]|官方[:：]|回应[:：]?)[^，。；]{0,14}$"
)
_OLD_VALUE = re.compile(
    r"(?:原报|此前(?:报|通报)|初报|先前|之前|原先|原为|前次|上次|起初|最初|首报|误报|误为|误写|网传|传言|所说|所谓|较前|新增|增加|又增)[^，。；]{0,10}$"
)
_NOT_EVENT = re.compile(r"(?:防止|避免|杜绝|严防|谨防|预防|确保|减少|遏制|坚决|防范|造成(?:的)?.{0,2}风险|威胁|最多|限员)[^，。；]{0,14}$")
_SAFE_AFTER = re.compile(r"^[^，。；]{0,8}(?:全部|均|已|都|安全|陆续|成功)[^，。；]{0,6}(?:下山|获救|脱险|脱困|救出|返回|转移|撤出|出来)")
_COUNTED_UP = re.compile(r"(?:累计|一共|总共|合计|共|数到|涉及|已有)(?:有|达)?$")
_NEGATED = re.compile(r"(?:(?:无|没有|未出现|未见)[^，。；]{0,6}[和及或、与]|没有?人(?:员)?说?|没有|无人(?:员)?|(?:都|均|也|并)(?:没|未)(?:有)?|[并幸尚]未|没)$")
_NOT_ABSENCE = re.compile(r"烧到|送|医|院|治|不治|体征|呼吸|气|没|在")
_DETAIL = re.compile(r"病危|骨折|昏迷|休克|缝")
_SUMMARY = re.compile(r"在.*(?:医院|监护|ICU)|抢救|吊针|点滴|挂水|送|就[医诊]|入院|抬上|送来")
_SOLITARY = re.compile(r"骨折|昏迷|昏倒|晕倒|缝了|脚崴|送医|不行了|没动静|没气|送.*(?:医院|卫生院|救治|就医)|抢救无效|身亡|没了|走了|重伤|死亡|去世|离世|断了|划破|[烧烫灼摔砸刺划擦撞砍]伤")
_MANY = re.compile(r"们|部分|多名|多人|陆续|有(?:学生|人)|人员|群众|均|都|全部|伤者|伤员|几|数|若干|死者|家属|其他|其余|各|不少|许多|等人|者|只|头|羽|鸡|鸭|猪|牛|鱼")
_EXCEPT = re.compile(r"除[^，。；]{0,12}$")
_SINGLE = re.compile(
    r"(?<![\d一二两三四五六七八九十几数多各名])(?P<who>司机|驾驶员|驾驶人|肇事者|男子|女子|男童|女童|男孩|女孩|老人|老太太?|老汉|老大爷|婆婆|阿婆|大爷|大妈|骑手|骑车人|行人|车主|户主|"
    r"房主|男的|女的|当事人|后生|孕妇|小孩|工友|路人|租客|独居老人|骑行者|钓鱼人|钓友|婴儿|孩子|老伯|[赵钱孙李周吴郑王冯陈蒋沈韩杨朱许何吕张孔曹严华魏陶姜谢邹苏潘葛范彭郎鲁马方俞任袁柳史唐薛雷贺倪汤罗毕郝安常傅卢康伍余顾孟黄萧肖尹姚邵汪祁毛狄米贝宋庞熊纪舒屈项祝董梁杜阮蓝席季贾路江童颜郭梅林刁钟徐邱骆高夏蔡田樊胡霍万柯管莫经房丁邓石崔吉龚程邢裴陆荣翁段侯宁刘龙叶幸黎白蒲邰赖卓池乔阴曾廖欧聂曹]某(?:某|(?![一-龥]{0,4}(?:公司|小区|基地|学校|店|厂))))(?!们|等)(?P<gap>[^，。；、]{0,12})$"
)


class Found(NamedTuple):
    """One statement: a figure of a field, where it stands in the document, and how it is put."""

    kind: str
    count: int | None
    start: int
    end: int
    sentence: int
    part: bool = False
    total: bool = False
    update: bool = False
    old: bool = False
    nominal: bool = False
    single: bool = False
    title: bool = False
    other: bool = False
    implied: bool = False
    summary: bool = False
    detail: bool = False


@dataclass(slots=True)
class Statements:
    """All statements of a document, and what is stated as none, by field."""

    found: list[Found] = field(default_factory=list)
    none: set[str] = field(default_factory=set)
    back: int = -1

    def of(self, kind: str, *, title: bool = False) -> list[Found]:
        """Statements of a field in the text, or in the title."""
        return [found for found in self.found if found.kind == kind and found.title == title and not found.old]


def read(sentence: str, offset: int, index: int, title: bool, into: Statements) -> None:
    """Add what a sentence states; ``offset`` is its place in the document."""
    numbers = mentions(sentence)
    taken: set[int] = set()
    compact = _read_compact(sentence, offset, index, title, into)
    previous_end, loose = 0, ""
    for match in _PREDICATES.finditer(sentence):
        name = _NAMES[int((match.lastgroup or "k0")[1:])]
        start, end = match.span()
        if any(first <= start < last for first, last in compact):
            continue
        before = sentence[max(start - 18, 0) : start]
        if name == "none":
            _read_none(match[0], into)
            continue
        if _NOT_EVENT.search(before):
            continue
        if _NEGATED.search(before):
            if name in {DEATHS, INJURED, SERIOUS, TRAPPED, MISSING} and not (before.endswith("说") or _NOT_ABSENCE.search(match[0])):
                into.none.add(name)
            continue
        linked = _link(sentence, numbers, taken, name, start, end, previous_end)
        for mention in linked:
            into.found.append(_found(sentence, mention, name, match[0], offset, index, title))
            taken.add(mention.start)
        around = _clause(sentence, start) + sentence[end : end + 10]
        if not linked and _SOLITARY.search(match[0]) and not _MANY.search(around):
            into.found.append(Found(name, 1, offset + start, offset + end, index, title=title, implied=True))
        if not linked and name in {INJURED, TRAPPED, MISSING}:
            loose = name
        previous_end = end
    if loose:
        _read_total(sentence, numbers, taken, loose, offset, index, title, into)
    _read_updates(sentence, numbers, taken, offset, index, title, into)


def _clause(sentence: str, position: int) -> str:
    """The clause up to a position, with the one before it."""
    return "，".join(re.split(r"[，,；。]", sentence[max(position - 40, 0) : position])[-2:])


def _read_total(
    sentence: str, numbers: list[Mention], taken: set[int], kind: str, offset: int, index: int, title: bool, into: Statements
) -> None:
    """有幼儿呕吐，累计41例: the total belongs to a predicate that has no number of its own."""
    for number in numbers:
        before = sentence[max(number.start - 6, 0) : number.start]
        fits = _COUNTED_UP.search(before) or (kind == TRAPPED and _SAFE_AFTER.match(sentence[number.end : number.end + 16]))
        if number.start not in taken and not number.staff and fits and number.count:
            start, end = offset + number.start, offset + number.end
            into.found.append(Found(kind, number.count, start, end, index, total=True, title=title))
            taken.add(number.start)
            return


def _read_updates(
    sentence: str, numbers: list[Mention], taken: set[int], offset: int, index: int, title: bool, into: Statements
) -> None:
    """原报埋3人，现核实4人: the corrected number is of the kind of the number before it."""
    for number in numbers:
        if number.start in taken or number.staff:
            continue
        if not _UPDATE.search(re.split(r"[，。；]", sentence[max(number.start - 22, 0) : number.start])[-1]):
            continue
        earlier = [found for found in into.found if found.sentence == index and found.start < offset + number.start]
        if earlier and (earlier[-1].old or earlier[-1].count is None):
            into.found.append(
                Found(earlier[-1].kind, number.count, offset + number.start, offset + number.end, index, update=True, title=title)
            )
            taken.add(number.start)


def _read_none(text: str, into: Statements) -> None:
    if "报告" in text and not ("暂无" in text or "没有" in text):
        return
    if "伤亡" in text or "死伤" in text:
        into.none.add(DEATHS)
        if not re.search(r"其[他它]", text):
            into.none.add(INJURED)
    if re.search(r"死亡|遇难|死人", text):
        into.none.add(DEATHS)
    if "重伤" in text:
        into.none.add(SERIOUS)
    elif re.search(r"受伤|人伤|伤人|伤到|伤及|没伤|没事|中毒|感染", text) and "伤亡" not in text:
        into.none.add(INJURED)
    if re.search(r"失联|失踪", text):
        into.none.add(MISSING)
    if "被困" in text:
        into.none.add(TRAPPED)


def _read_compact(sentence: str, offset: int, index: int, title: bool, into: Statements) -> list[tuple[int, int]]:
    """3死5伤, 致2死1伤."""
    from processors.facts.numerals import value

    spans = []
    for match in _COMPACT.finditer(sentence):
        for group, kind in (("d", DEATHS), ("d2", DEATHS), ("d3", DEATHS), ("i", INJURED), ("i2", INJURED), ("i3", INJURED)):
            if match[group] and (count := value(match[group])) is not None:
                start, end = match.span(group)
                into.found.append(Found(kind, int(count), offset + start, offset + end, index, title=title))
                spans.append(match.span())
    return spans


def _link(
    sentence: str, numbers: list[Mention], taken: set[int], name: str, start: int, end: int, previous_end: int
) -> list[Mention]:
    """The numbers that a predicate at [start, end) speaks of."""
    after = _after(sentence, numbers, end)
    if after is not None and after.start == end and _DONE_TO.search(sentence[start:end]):
        return [after]
    same = [number for number in numbers if number.end <= start and not re.search(r"[，,]", sentence[number.end : start])]
    if name in _TRANSITIVE and after is not None:
        return [after]
    if same and not (after is not None and same[-1].start in taken):
        last = same[-1]
        gap = sentence[last.end : start]
        listed = last.start in taken and "、" in gap
        if not listed and (not last.sent or len(gap) <= 6) and len(gap) <= 24 and not re.match(r"[一-龥]{0,4}[中里内]", gap):
            return _joined(sentence, same, taken)
    if after is not None:
        return [after]
    alone = _alone(sentence, numbers, name, start, previous_end)
    if alone is not None and "，" not in sentence[alone.end : start]:
        return [alone]
    far = [number for number in numbers if number.end <= start and not number.staff]
    if far and start - far[-1].end <= 60 and not _ACTIVE.search(sentence[far[-1].end : start]):
        return [] if name in _TRANSITIVE and far[-1].start in taken else [far[-1]]
    return [] if far or alone is None else [alone]


def _alone(sentence: str, numbers: list[Mention], name: str, start: int, previous_end: int) -> Mention | None:
    """司机受伤, 孩子被困: one person without a number."""
    if name not in {DEATHS, INJURED, SERIOUS, LIGHT, MISSING, TRAPPED}:
        return None
    first = max(start - 24, previous_end if previous_end <= start else 0)
    single = _SINGLE.search(sentence[first:start])
    if single is None or any(number.start >= first + single.start() and number.end <= start for number in numbers):
        return None
    return Mention(first + single.start("who"), first + single.end("who"), 1)


def _after(sentence: str, numbers: list[Mention], end: int) -> Mention | None:
    for number in numbers:
        if number.start >= end:
            gap = sentence[end : number.start]
            if len(gap) <= 14 and _AFTER_GAP.match(gap):
                return number
            return None
    return None


def _joined(sentence: str, same: list[Mention], taken: set[int]) -> list[Mention]:
    """1名司机和2名乘客受伤: both; 3人死亡、5人受伤: the nearer."""
    joined = [same[-1]]
    for number in reversed(same[:-1]):
        gap = sentence[number.end : joined[-1].start]
        if number.start in taken or number.staff or not _JOIN.match(gap) or _PREDICATES.search(gap):
            break
        if joined[-1].pair:
            break
        joined.append(number)
    return joined


def _found(
    sentence: str, mention: Mention, name: str, word: str, offset: int, index: int, title: bool
) -> Found:
    before = sentence[max(mention.start - 22, 0) : mention.start]
    clause = re.split(r"[，。；]", before)[-1]
    return Found(
        name,
        mention.count,
        offset + mention.start,
        offset + mention.end,
        index,
        part=bool(_PART_STRICT.search(before)) or clause.endswith(("其余", "其他")),
        total=bool(_TOTAL.search(clause)),
        update=bool(_UPDATE.search(clause)),
        old=bool(_OLD_VALUE.search(clause)),
        nominal=bool(_NOMINAL.fullmatch(word)),
        single=mention.count == 1,
        title=title,
        summary=bool(_SUMMARY.search(word)),
        detail=bool(_DETAIL.search(word)),
        other=bool(re.search(r"另(?:有|外|一)?|还有|又有", clause[-6:])),
    )


def choose(statements: list[Found], *, add: bool = True) -> int | None:
    """What the statements of one field say together: the last update, else the total, else the sum or greatest."""
    known = [found for found in statements if found.count is not None]
    known = [found for found in known if not found.implied] or known[:1]
    plain = [found for found in known if not found.nominal] or known
    if not plain:
        return None
    updates = [found for found in plain if found.update and not found.part]
    if updates:
        return updates[-1].count
    whole = [found for found in plain if not found.part] or plain
    totals = [found for found in whole if found.total]
    if totals:
        return max(found.count or 0 for found in totals)
    if not add:
        return max(found.count or 0 for found in whole)
    return _by_sentence(whole)


def _by_sentence(statements: list[Found]) -> int:
    """Several figures in one sentence add up, sentences repeat one another unless they say 另."""
    sums: dict[int, dict[int, int]] = {}
    others: dict[int, int] = {}
    greatest = 0
    for found in statements:
        count = found.count or 0
        if found.summary or (found.detail and count < greatest):
            greatest = max(greatest, count)
            continue
        place = others if found.other else sums.setdefault(found.sentence, {})
        if count > 3 and count in place.values():
            continue
        place[found.start] = count
        greatest = max(greatest, count)
    best = max((sum(places.values()) for places in sums.values()), default=0)
    return max(best + sum(others.values()), greatest)
