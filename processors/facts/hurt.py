"""Persons hurt who are described, not counted: 额头磕破了, 大腿穿了一个洞, 老板两只手红了一大片.

Used only where the event is certain and nothing else states the injured. A clause with bodily harm is of the person
named last; a number, a pair (夫妻二人) or 均 in front counts more than one.
"""

from __future__ import annotations

from processors.document import Document
from processors.facts.numerals import value
from processors.facts.persons import mentions
from processors.facts.scope import Scope
from processors.late import late

_BODY = (
    r"(?:额头|后脑勺?|脑袋|脑壳|头皮|下巴|嘴[巴里上]?|耳膜|骨盆|腰椎|脊椎|手掌|指头|[一-龥]?手指|(?<![石木码街镜源老锄砖])头部?|脸上?|手[臂指背掌腕]?|胳膊|脚[踝背]?|[大小]?腿|膝盖骨?|鼻梁?|牙齿?|眼睛?|眉骨|腰|背上?|脖子|肩膀?|锁骨|肋骨|"
    r"耳朵|嘴唇|肚子|胸口?|皮肤|身上)"
)
_HARM = (
    r"(?:[^，。；！？、 ]{0,6}?(?:磕破|磕断|划破|破了|骨裂|骨折|裂了|断了|肿|流血|出血|是血|滴血|血道|崴|扭[伤了]|"
    r"脱臼|烫[伤得]|烧[伤得]|燎[伤得]|没有?皮|穿孔|破裂|开花|歪了|卷进|着地|保不住|[磕摔]了|被划|划了|看见骨|扎了|扎着|炸掉|炸伤|穿了|洞|口子|道红|红了一|发紫|发黑|紫的|黑的|听不见|看不见|缝了|缝针|插着|没了|砸[伤肿]|砸了|"
    r"夹[伤住]|擦[伤了])|疼(?=[，。 ]|$))"
)
HURT = late(
    rf"{_BODY}{_HARM}|崴了?脚|扭了?脚|脚崴|擦了手|皮外伤|中暑|呛晕|熏晕|说胡话|不省人事|叫不醒|没[有]?(?:能)?应声|"
    r"(?:吸入|吸了(?![一几两]?[口阵根支]))[^，。；]{0,6}(?:烟|雾|气体?)|(?:背|抬)[^，。；、 ]{0,6}(?:下楼|出来)|"
    r"被(?:推倒|撞倒|拖了|弹出去)|"
    r"(?:满|一)[身脸头]是?血|地上(?:全是|好多|一滩|有|都是)?血|一地血|血(?:流(?!成河)|淌|滴)|"
    r"耳朵挂着|[手腿脚身胸][^，。；]{0,2}(?:被)?压[到在着]|流(?:了)?[一-龥]{0,3}血|吐水|呛(?:了|到|着)?(?:几口)?水|人软了|"
    r"晕(?:在|倒|过去)|躺(?:在)?地上|抽搐|抽了|(?:捅|扎|砍)了[一-龥]{0,6}[一二三四五六七八九几\d]+(?:刀|下)|按(?:着)?胸口|(?:还|只)能说话|鲜血|扎伤"
)
"""Harm to a body; that somebody was taken to hospital is read with the numbers (``figures``)."""
_NOT = late(
    r"没有?(?:人|一个)?(?:受)?(?:伤|事)|无人|未(?:造成|见|有)|险些|差点|幸好|幸亏|防止|避免|以免|如果|万一|要是|假|模特|演练|道具|有人|好几|几个|十几|七八|二十几|一片|不少|许多|多名|部分|养(?:猪|鸡|鱼|鸭|牛)|"
    r"(?:狗|猫|牛|羊|猪|鸡|鱼|车|窗|墙|门|树|房|屋|楼|棚)[^，。； ]{0,3}(?:被|断|倒)|无大碍|没大碍|拉回|回家"
)
_PAIR = late(
    r"夫妻二人|夫妻俩|老两口|两口子|母子|母女|父子|父女|两个人|两人|二人|[一-龥]{1,4}(?:和|跟|与)[一-龥]{1,4}(?:均|都)|(?<=[一-龥])和[一-龥]{1,4}(?=摔|受|被|都|均)"
)
_DEAD = late(
    r"死|亡|遇难|没了气|没气|遗体|没有呼吸|生命体征|不治|没再起来|没醒|没有?救|救不|摇头|去世|享年|离世|溺|沉入"
)
_ONE_DIED = late(r"没有?救回来|没能?救|摇头|去世|享年|离世|沉入|溺水?(?:死|亡)|不治")
"""Who is spoken of died."""
_FAMILY = late(r"一家(?:子)?([两三四五六])(?:口|个)")
_ONE = late(
    r"一[名位个](?!小时|多|半|月)|有个|[他她](?=[^们]|$)|我(?:[哥姐弟妹爸妈爷奶叔伯公婆]|儿子|女儿|邻居|女朋友|男朋友)|阿姨|大叔|大爷|大妈|老太[太婆]?|"
    r"老人|老头子?|小伙子?|男孩|女孩|男童|女童|男子|女子|男的|女的|司机|驾驶[员人]|骑手|保安|店员|老板娘?|员工|队员|工人|妻子|丈夫|爸爸|妈妈|"
    r"孩子|小孩|娃|邻居|乘客|学生|(?:老师|医生|护士)(?!说|讲|[一-龥]{0,4}(?:量|救|抢))|(?<![一-龥])人(?=躺|倒|晕)|协管|民警|孕妇|居民"
)
_TRACE = late(r"血|躺|晕")
"""Blood on the ground: of somebody only where somebody is named."""
_SEVERAL = late(r"(?:多|数|若干|几十|好些)[名个位人]")
_BEASTS = late(r"[死病]猪|猪瘟|存栏|鸡场|猪场|养殖户|兽医")
MOST = 60
"""A greater number of persons is of those at the place."""


def described(document: Document, scope: Scope) -> int | None:
    """How many are described as hurt; None where nobody is."""
    text = document.norm
    count = 0
    for start, end in document.sentences():
        if start < document.shift:
            continue
        sentence = text[start:end]
        if (
            HURT.search(sentence) is None
            or not scope.admits(sentence)
            or _ONE_DIED.search(sentence)
            or _BEASTS.search(sentence)
        ):
            continue
        count = max(count, _in(sentence)) if count else _in(sentence)
    return count or None


def _in(sentence: str) -> int:
    numbers = [one for one in mentions(sentence) if one.figure and one.figure <= MOST and not one.staff]
    total, last, taken = 0, "", -1
    for match in HURT.finditer(sentence):
        first = max(sentence.rfind(sign, 0, match.start()) for sign in "，。；！？ ") + 1
        stop = next((n for n in range(match.end(), len(sentence)) if sentence[n] in "，。；！？ "), len(sentence))
        clause = sentence[first:stop]
        if _NOT.search(clause) or _DEAD.search(sentence[first : stop + 12]):
            continue
        near = [
            one
            for one in numbers
            if one.end <= match.start() and match.start() - one.end <= 24 and one.start > taken
            and sentence[one.start - 1 : one.start] != "被"
        ]  # fmt: skip
        if not near and _SEVERAL.search(sentence, max(first - 12, 0), match.start()):
            continue  # 多名儿童，被一名妇女砍伤
        whom = list(_ONE.finditer(sentence, max(first - 12, 0), match.start()))
        if not near and not whom and _TRACE.search(match[0]):
            continue
        if near and not (
            whom and whom[-1].start() > near[-1].end and "，" in sentence[near[-1].end : whom[-1].start()]
        ):
            total, taken = total + (near[-1].figure or 0), near[-1].start
            if whom and near[-1].start <= whom[-1].start() <= near[-1].end + 2:
                taken = whom[-1].start()  # 一个阿姨: the number and the word are one person
            last = "?"
            continue
        if (family := _FAMILY.search(sentence, 0, match.start())) and not total:
            total, taken, last = int(value(family[1]) or 0), match.start(), "?"
            continue
        pair = _PAIR.search(sentence, max(first - 16, 0), match.start())
        name = whom[-1][0] if whom else last or "?"
        if pair and pair.start() > taken:
            total, taken, last = total + 2, pair.start(), "?"
        elif not total or (whom and not match[0].startswith("按") and name != last and whom[-1].start() > taken):
            total, last = total + 1, name
            taken = max(taken, whom[-1].start() if whom else match.start())
    return total
