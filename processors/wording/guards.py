"""What the model must not "correct": words whose choice lies in the facts and not in the language, and people's names.

Which of 省 and 县 stands before 上下 tells the corpus's genre and not what was meant: a sentence says what it says of
this level, this office, this number. Names are what nobody counts. Only texts with a proposal are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from processors.late import late
from processors.wording.candidates import Kind
from processors.wording.finding import Genre
from processors.wording.model import Proposal

# Sets of words of one character, of which the facts decide: a slip of one for another cannot be told from the text.
CLOSED = tuple(
    map(
        frozenset,
        (
            "国省市县区州旗乡镇村街组户场", "委办局厅院部署处科股室所站队校社司会厂园中", "东西南北", "春夏秋冬",
            "上中下初末底", "年月日时周季旬", "甲乙丙丁戊己", "一二两三四五六七八九十百千万亿",
            "他她它", "男女老少", "父母兄弟姐妹夫妻",
        ),
    )
)  # fmt: skip
# Who writes, of himself and of others: 我委, 贵校, 两院, 全乡.
_OWN = late(r"[我本贵该各全两某]$")
OFTEN = 3
"""So often a slip of the pen does not come back."""
_VARIANTS = tuple(map(frozenset, ("辞词", "材才", "惟唯", "于为")))
"""Pairs of which newspapers print both: 贺辞, 有用之材, 融于一体."""
_OPEN = ("为之一",)
"""Phrases whose last character is free: 为之一怔, 为之一暖."""
_MASKED = "某"
_MOVES, _MOVED = "涨跌", frozenset("破至到幅回")
"""Prices and shares go as they go: 跌破 is no 突破."""
_CHANGES = frozenset("降增升涨跌少多高低减")
_BODIES = CLOSED[0] | CLOSED[1] | frozenset("行庭港馆店矿库班级系台")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹"
    "熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔温华凌古巫管幸丘刁卓池甘兰蓝涂宁常樊倪殷章鲁施柳葛岳齐梅庄辛祝左鲍卞项柯裴席翟骆"
    "单喻欧饶翁柏虞阮靳牛褚滕屈邢路毕聂焦向柴裘俞冷闵蒲尚季麦佘游盛占揭艾申成"
)
_TITLE = (
    "书记|[省市县区州乡镇村社厅局处科所院校队站会部组班团台室股行排连营旅师]长|主任|主席|常委|委员|政委|参谋|代表|秘书|助理|支书|调研员|巡视员|专员|警官|检察官|"
    "法官|律师|工程师|医生|医师|护士|老师|教师|教授|记者|通讯员|摄影|民警|辅警|交警|队员|消防员|经理|董事长|总监|会计|院士|专家|选手|网格员|志愿者|"
    "同志|先生|女士|大爷|大妈|大娘|师傅|老人|同学|村民|居民|群众|市民|职工|党员|烈士|模范|嫌疑人|被告人|当事人|死者|伤者|负责人|司机|店主|户主|业主|"
    "丈夫|妻子|儿子|女儿|名叫|姓名"
)
_NAME = rf"(?:欧阳|司徒|上官|诸葛|[{_SURNAMES}])[一-龥]{{1,2}}"
_TOLD = (
    "强调|指出|主持|介绍|表示|带队|带领|率队|出席|要求|认为|同志|先生|女士|一行|作了?|宣读|代表|陪同|说|讲|"
    "在|等|任|率|和|与|向|对"
)
# 县长杨孟珠主持; 张倩倩、李巍在; （通讯员 孟晓明）; 卓大林强调.
_NAMED = late(
    rf"(?:{_TITLE})[：:、（( 　]{{0,2}}(?P<after>{_NAME})"
    rf"|(?P<before>{_NAME})(?=(?:{_TITLE})|（?[男女](?=[，、）])|[，,（(][0-9]{{1,2}}岁)"
    rf"|(?:^|(?<=[，。；：！？\n]))(?P<said>{_NAME}(?=强调|指出|主持|介绍说|表示|带队|率队|要求|认为|说|讲话|一行|出席))"
    rf"|(?P<row>{_NAME}(?:[、和]{_NAME})+)(?=[、，。；）等]|{_TOLD})"
)


def kept(
    text: str, proposals: Sequence[Proposal], is_word: Callable[[str], bool], genre: Genre = Genre.OFFICIAL
) -> list[Proposal]:
    """The proposals that touch neither a closed set nor a name. ``is_word``: of two characters, whether general words
    hold them (县长高度重视: 高度 is no name). ``genre``: news writes in more ways than official prose."""
    left = [
        one
        for one in proposals
        if not (_closed(text, one) or _reduplicated(text, one, is_word) or _meant(text, one) or _terse(text, one))
        and not (genre is Genre.NEWS and _variant(text, one))
    ]
    if not left:
        return []
    names = _names(text, is_word)
    return [
        one for one in left if not any(one.start < end and max(one.end, one.start + 1) > start for start, end in names)
    ]


def _variant(text: str, one: Proposal) -> bool:
    """新年贺辞, 有用之材: newspapers print one or the other."""
    return one.kind is Kind.REPLACE and any(text[one.start] in pair and one.meant in pair for pair in _VARIANTS)


def _closed(text: str, one: Proposal) -> bool:
    """Whether facts decide between what stands there and what would."""
    if one.kind is not Kind.REPLACE:
        return False
    start, written = one.start, text[one.start]
    if written == _MASKED or any(written in members and one.meant in members for members in CLOSED):
        return True
    if one.phrase.startswith(_OPEN) and one.phrase.endswith(one.meant):
        return True
    if written in _MOVES and text[start + 1 : start + 2] in _MOVED:
        return True
    return written in _BODIES and bool(_OWN.search(text[max(0, start - 1) : start]))


def _meant(text: str, one: Proposal) -> bool:
    """科学治霾、依法治霾、铁腕治霾: who writes a pair three times means it."""
    if one.kind is not Kind.REPLACE:
        return False
    pairs = text[max(0, one.start - 1) : one.start + 1], text[one.start : one.start + 2]
    return any(len(pair) == 2 and pair.isalpha() and text.count(pair) >= OFTEN for pair in pairs)


def _terse(text: str, one: Proposal) -> bool:
    """比上年同期少4.1%, 环比降7.4%: of a change one character is enough before a figure."""
    if one.kind is not Kind.INSERT or one.phrase:
        return False
    return text[one.start : one.start + 1] in _CHANGES and text[one.start + 1 : one.start + 2].isdigit()


def _reduplicated(text: str, one: Proposal, is_word: Callable[[str], bool]) -> bool:
    """杨倩倩 (a given name), 愉愉快快 (a word doubled), 教育厅厅长 (a body and its head), 加工工坊
    (words meet), 设身处地地 (a phrase that ends in 地, and its adverbial 地)."""
    if one.kind is not Kind.REMOVE:
        return False
    char, first = text[one.start], one.start
    while first > 0 and text[first - 1] == char:
        first -= 1
    if text[first : first + 2] != char * 2:
        return False
    before = text[max(0, first - 1) : first]
    if before and before in _SURNAMES and not is_word(before + char):
        return True
    behind = text[first + 2 : first + 3]
    if before.isalpha() and behind == "长" and char in CLOSED[1]:
        return True
    if behind and behind == text[first + 3 : first + 4] and is_word(char + behind):
        return True
    if words_meet(text, first, is_word):
        return True
    return char == "地" and is_word(text[max(0, first - 3) : first + 1])


def words_meet(text: str, first: int, is_word: Callable[[str], bool], bodies: Collection[Collection[str]] = ()) -> bool:
    """Whether one word ends and another begins with the character that stands at ``first`` and behind it: 骑手手机.

    ``bodies``: sets of characters that are words by themselves (科科长: the head of a 科)."""
    char, before, behind = text[first], text[max(0, first - 1) : first], text[first + 2 : first + 3]
    if not (before and behind):
        return False
    ends = any(char in members for members in bodies) or is_word(before + char)
    return ends and is_word(char + behind)


def _names(text: str, is_word: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Spans of people's names that words beside them show; a name of three characters wherever it stands again."""
    found: list[tuple[int, int]] = []
    for match in _NAMED.finditer(text):
        start, end = match.span(match.lastgroup or 0)
        name = text[start:end]
        if match.lastgroup == "row":
            if not any(is_word(one[:2]) for one in re.split("[、和]", name)):
                found.append((start, end))
            continue
        if is_word(name[:2]) or (len(name) == 3 and is_word(name[1:]) and match.lastgroup == "after"):
            continue
        found.append((start, end))
        if len(name) == 3:
            found += [again.span() for again in re.finditer(re.escape(name), text) if again.start() != start]
    return found
