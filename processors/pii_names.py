"""Names of private persons: a surname, characters that given names are made of, and words or numbers beside them.

What stands beside a name decides how much it must look like one: after 姓名 or 我叫 and beside a number of a person
nearly everything is a name; after 邻居 or 我妈 only what is written with characters of given names (`pii_words.py`),
and never an ordinary word. What looks like a name is found first, which is cheap, and then what stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.late import late
from processors.pii_numbers import Span
from processors.pii_words import (
    CALLED,
    COMMON,
    COMPOUND,
    COMPOUND_HEADS,
    COMPOUND_TAILS,
    FIRST,
    NOT_NAMES,
    OFFICIAL,
    PEOPLE,
    PUBLIC,
    SECOND,
    STAGE,
    SURNAMES,
    TITLES,
    VICTIMS,
)
from schemas.vocab import PiiKind

_GIVEN = rf"(?:[{FIRST}][{SECOND}]|[{SECOND}](?=[^一-龥]|$|[从在被把说因住去打突卷喝骂收欠骗跑躺摔失告报退提不没]))"
_LOOKS = rf"[{SURNAMES}{COMPOUND_HEADS}](?:(?<=[{COMPOUND_HEADS}])[{COMPOUND_TAILS}]{_GIVEN}|{_GIVEN})"
_LIKELY = late(_LOOKS)  # begins with one set of characters, to which the search skips
"""A name by its characters; a given name of one character only before what is none."""
_LONG = late(rf"[{SURNAMES}][{FIRST}][{SECOND}]")
_FAMILY = rf"(?:{COMPOUND}|[{SURNAMES}])"
_ANY = rf"(?:{_FAMILY}[{FIRST}][{SECOND}]|(?:{COMPOUND}|[{COMMON}])[一-龥]{{1,2}}?|{_FAMILY}[{SECOND}])"
"""A name by what stands beside it."""
_SURE = late(rf"[名主人叫者款告礼：](?=[：: ]{{0,2}}[系为是叫]?(?:[{SURNAMES}{COMPOUND_HEADS}]))")
"""The last character of a word after which a name is told, and a surname."""
_NAME_SURE = late(
    rf"[：: ]{{0,2}}[系为是叫]?(?P<name>{_ANY})(?=[，,（(）)、。；;：: \n\r0-9！!？?…“”「」—\-]|$"
    r"|是|系|住|家住|身份证|电话|手机|联系|微信|邮箱|[男女][，,。、]|今年|现年|等[0-9一二两三四五六七八九十几]|的|反映|来电|因|于|在|从|患|被|称)"
)
_VICTIM = late(
    rf"[{''.join(sorted({word[-1] for word in VICTIMS}))}]"
    rf"(?=[，,：:（(“ ]?[叫姓系为]?(?P<name>{_LOOKS}))"
)
_AGE = r"(?:现年|今年)?(?:[0-9]{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?)岁"
_TOLD_AFTER = late(
    rf"[，,：:（(\s]{{0,2}}(?:1[3-9][0-9]{{9}}|"
    rf"身份证|电话|手机|联系|微信|邮箱|家住|(?<=[，,（( ])[男女][，,。 ]|{_AGE})"
)
_OPEN = late(r"(?:^|[^一-龥A-Za-z0-9@])$|找$|联系$")
_RELATED = late(
    r"(?:同学|小朋友)?的?(?:妈妈|爸爸|家长|奶奶|爷爷|外婆|外公|儿子|女儿|老公|老婆|妻子|丈夫|父亲|母亲|家属)|同学|小朋友"
)
_OPEN_RELATED = late(r"(?:^|[^一-龥A-Za-z0-9@]|[是班级])$")
_SIGNED = late(r"[。 　]?(?:\s?[0-9二〇年月日./\- ]{4,14})?\s*$")
_OPEN_SIGNED = late(r"(?:[。！!？?\n）)”…]|敬礼)[ 　]{0,8}$")
_PAIR = late(
    rf"[和与、跟](?P<name>{_FAMILY}[{FIRST}][{SECOND}])"
    r"(?=[两二三](?:[家户](?!企业|公司|单位)|位|人|名)|两?(?:夫妇|夫妻|父子|母子|母女|兄弟|姐妹)|等[0-9一二两三四五六七八九十几多]+[人户])"
)
_ALSO_CALLED = late(rf"[、，和与]\s?(?P<name>{_FAMILY}[{FIRST}][{SECOND}])(?=[、，。；\s（(]|$|等|都|说|称|在)")
"""The next name of a list."""
_LONGEST_LIST = 20
_HOUSE = late(r"[他她两一]?家(?:的|里|门|占|建|把|在|与|和|又|也|隔|[两共猪鸡院新旧老]|[，。])")
_OPEN_HOUSE = late(r"(?:^|[和与跟、，。\s家里壁上下门面])$")
_MAY_STAND_BEFORE = frozenset("找系是班级家里壁上下门面和与跟礼")
_NUMBERS = (PiiKind.PHONE, PiiKind.ID_CARD)
_BEFORE_NUMBER = late(
    rf"(?:^|[^一-龥A-Za-z0-9@]|找|联系)(?P<name>{_ANY})[，,：:（(\s]{{0,2}}(?:身份证|电话|手机)?号?码?[：:\s]?$"
)
_AFTER_NUMBER = late(rf"[，,（( ]{{1,2}}(?P<name>{_ANY})(?=[。！!）)\n，, ]|$)")
_NEAR, _CHECKED, _STAGED_AFTER = 10, 24, 10
"""How far before a name words beside it stand; how far words of films and books excuse it, before and after."""
_SIGNS = "，,：:（( “"
_ROLES = tuple(
    (
        "的 是 人 员 妇 晚上 早上 中午 昨天 前天 今天 当天 那天 后来 结果 和 跟 与 让 把 被 给 找 问 借 对 替 帮 陪 骂 "
        "打 告 怪 求 班 轮到 因为 要不是"
    ).split()
)
_DOES = late(r"[欠骗骂说把被跟给让叫还喝打]|[这那]个?[人家]|老师|家[的里断]")
_AT_WORK = ("工作人员", "党员", "委员", "演员", "队员", "官员", "运动员", "主人", "每人")
_ENDS = frozenset(word[-1] for word in (*PEOPLE, *_ROLES)) | frozenset("叫姓是系为名")
"""What stands last before a name, signs apart."""
_MOST = frozenset(COMMON) - frozenset("高田于任金江程成石白方万莫管洪幸古甘兰蓝温宁钱段史严毛武孔华凌池曾")
_OF_PLACES = frozenset("镇江河湖山桥城岭岩坪庄子")
_NOT_TOLD = ("国家长江", "女儿童", "村民宿", "护工程", "民工程", "同学段", "老师傅", "游客游")
"""妇女儿童, 农村民宿, 保护工程, 惠民工程, 不同学段."""
_ALSO_WORDS = frozenset("向应和与常曾于连明任何时成项关管游付费米解段宿张")
"""Surnames that are often words: a name only where what follows goes on from a name."""
_GOES_ON = late(
    r"[^一-龥]|$|[的是系住在因从被患今昨去年上下早晚出没不也就又还要想给把对自说称打来做她他当开骑跟和与及等男女家身电手反妈爸奶爷同"
    r"欠拿办跳后提借租买卖吃骂喊摔撞跑走死病失收送接进退写签教带抱拉推偷骗抢拖拦叫让请得为该将已曾于以由可能会只先再都全突不帮扶捡拾]"
)

_NO_GIVEN = frozenset(
    "的了是不在这那我你他她们个与或及把被给对到说很都也就还要着过吗呢吧啊日号称反电话事件问该做打住得没因为什么怎吃买卖"
)
_HAN = late(r"[一-龥]")
_FIELD = late(r"(?:姓名|户名|系人|映人|电人|信人|款人|请人|本人|我叫)[：:]\s?$")
_TITLE, _OFFICIAL, _STAGE = late(TITLES), late(OFFICIAL), late(STAGE)
_PLACE = late(r"[路街巷村镇县市区乡桥寺庙坝岭塘厂站馆园苑湾坑坪]|公司|小学|中学|大道|社区|医院|酒店|饭店|集团")
_TWO = late(COMPOUND)


def find_names(text: str, numbers: Sequence[Span]) -> list[Span]:
    """Names in a public post; ``numbers``: what of other personal data stands in it."""
    spans: list[Span] = []
    found = _LIKELY.search(text)
    while found:
        start, end = found.span()
        if text[start : start + 2] in NOT_NAMES and text[start - 1 : start] not in ("：", ":"):
            pass
        elif _told_before(text, start) or _told_after(text, start, end) or _does(text, start, end):
            spans += _kept(text, start, end)
        elif end - start > 2 and (pair := _pair(text, end)):
            both = _kept(text, start, end), _kept(text, *pair.span("name"))
            spans += both[0] + both[1] if all(both) else []
        found = _LIKELY.search(text, start + 1)
    for words in _SURE.finditer(text):
        if text.endswith(CALLED, 0, words.end()):
            spans += _called(text, words.end())
    for number in numbers:
        if number.kind in _NUMBERS:
            spans += _beside(text, number)
    return spans


def names_of_victims(text: str) -> list[Span]:
    """Names of the public in a report: who is hurt, ill, missing, called or quarrels; officials at work stay."""
    return [
        span
        for words in _VICTIM.finditer(text)
        if text.endswith(VICTIMS, 0, words.end()) and not text.endswith(_NOT_TOLD, 0, words.start("name") + 1)
        for span in _kept(text, *words.span("name"))
    ]


def _pair(text: str, at: int) -> re.Match[str] | None:
    pair = _PAIR.match(text, at)
    return None if pair and _STAGE.search(text, pair.end(), pair.end() + _STAGED_AFTER) else pair


def _called(text: str, at: int) -> list[Span]:
    found = _NAME_SURE.match(text, at)
    if not found or (found["name"][0] in _ALSO_WORDS and not _LIKELY.fullmatch(found["name"])):
        return []
    return _kept(text, *found.span("name"))


def _beside(text: str, number: Span) -> list[Span]:
    before = _BEFORE_NUMBER.search(text, max(0, number.start - 16), number.start)
    after = _AFTER_NUMBER.match(text, number.end)
    return [span for found in (before, after) if found for span in _kept(text, *found.span("name"))]


def _told_before(text: str, start: int) -> bool:
    """Kin or another private role stands before the name, maybe with a sign, 叫 or 姓 between."""
    before = text[max(0, start - _NEAR) : start].rstrip(_SIGNS)
    if before[-1:] not in _ENDS:
        return False
    if text[start] in _MOST and before.endswith(_ROLES) and not before.endswith(_AT_WORK) and _bare(text, start):
        return True
    if not before.endswith(PEOPLE):
        before = before.rstrip("叫姓是系为名").rstrip(_SIGNS)
        if not before.endswith(PEOPLE):
            return False
    return not (before + text[start]).endswith(_NOT_TOLD)


def _bare(text: str, start: int) -> bool:
    """A name of three characters that is hardly a word or a place, and a clause that goes on from it."""
    return bool(
        text[start] in _MOST
        and _LONG.match(text, start)
        and text[start + 2] not in _OF_PLACES
        and _GOES_ON.match(text, start + 3)
        and not _STAGE.search(text, start + 3, start + 3 + _STAGED_AFTER)
    )


def _does(text: str, start: int, end: int) -> bool:
    """A name that begins a clause and does what people do, in a post whose writer tells of himself."""
    return bool(
        end - start > 2
        and (not start or not _HAN.match(text, start - 1))
        and _DOES.match(text, end)
        and _bare(text, start)
        and "我" in text
    )


def _told_after(text: str, start: int, end: int) -> bool:
    """A number of a person, age, sex, kin or the end of a letter comes after the name; before it nothing is said."""
    if start and text[start - 1] not in _MAY_STAND_BEFORE and _HAN.match(text, start - 1):
        return False
    before = text[max(0, start - _NEAR) : start]
    return bool(
        (_TOLD_AFTER.match(text, end) and _OPEN.search(before))
        or (end - start > 2 and _RELATED.match(text, end) and _OPEN_RELATED.search(before))
        or (end - start > 2 and _HOUSE.match(text, end) and _OPEN_HOUSE.search(before))
        or (
            len(text) - end < _CHECKED
            and _SIGNED.match(text, end)
            and (end - start > 2 or before.endswith("\n"))
            and _OPEN_SIGNED.search(before)
        )
    )


def _kept(text: str, start: int, end: int) -> list[Span]:
    """The name, if it is one, and those that follow it in a list."""
    spans: list[Span] = []
    while _is_name(text, start, end):
        spans.append(Span(PiiKind.NAME, start, end))
        also = _ALSO_CALLED.match(text, end) if len(spans) < _LONGEST_LIST else None
        if not also:
            break
        start, end = also.span("name")
    return spans


def _is_name(text: str, start: int, end: int) -> bool:
    """No ordinary word, nor a person told by the surname (曾女士), an official at work or somebody of a film."""
    name = text[start:end]
    two = _TWO.match(name)
    given = name[two.end() if two else 1 :]
    return not (
        (not two and name[0] not in SURNAMES)
        or (name[:2] in NOT_NAMES and not two and not _FIELD.search(text, max(0, start - 4), start))
        or (given == name[0] and text[start - 1 : start] not in ("叫", "：", ":"))
        or (name[0] in _ALSO_WORDS and not two and not _GOES_ON.match(text, end))
        or name in PUBLIC
        or not _NO_GIVEN.isdisjoint(given)
        or _TITLE.match(text, end - len(given))
        or _OFFICIAL.match(text, end)
        or _PLACE.match(text, end)
        or _STAGE.search(text, max(0, start - _CHECKED), start)
    )
