"""Personal data: find it and mask it before anything is stored (SPEC 8.1; 个人信息保护法, S09).

Phones, identity cards (checksum GB 11643), bank cards (Luhn), plates, mail, accounts, addresses and, in public posts,
names in a telling context. A number that only looks like an identity card is masked too: a wrong digit is still
somebody's number. Public hotlines and office lines stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.vocab import Lane, PiiKind

MASK = "*"
_SEP = r"[ \-－—·.]?"
_RUN = re.compile(r"(?<![0-9A-Za-z])\+?[0-9](?:[ \-－—]?[0-9xX]){6,22}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?:86)?(1[3-9][0-9]{9})")
_MOBILE_SPACED = re.compile(
    rf"(?<![0-9A-Za-z.])(?:\+?86{_SEP})?1[3-9][0-9](?:{_SEP}[0-9]{{4}}{_SEP}[0-9]{{4}}|{_SEP}[0-9]{{3}}{_SEP}[0-9]{{5}})(?![0-9])"
)
_LANDLINE = re.compile(r"(?<![0-9])(?:\(?0[1-9][0-9]{1,2}\)?[-－— ]?)[2-8][0-9]{6,7}(?![0-9])")
_ID_DATE = re.compile(r"^[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]$")
_OLD_ID_DATE = re.compile(r"^[1-9][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}$")
_BANK_PREFIX = re.compile(r"^(?:62|60|9558|4[0-9]|5[1-5]|3[5-7]|68|69|90|84|87|88|94|95)")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][ ]?[A-HJ-NP-Za-hj-np-z][ ·•\-.]?"
    r"(?=[A-HJ-NP-Za-hj-np-z0-9]{4,6}[0-9A-Za-z挂学警港澳]?(?![A-Za-z0-9]))"
    r"(?=[A-Za-z]{0,3}[0-9])[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?![0-9A-Za-z])"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PUBLIC_MAIL = re.compile(r"\.gov(?:\.cn)?$", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"(?:QQ群?|qq群?|扣扣|微信号?|V信|v信|vx|VX|wx|WX|weixin)(?:号码?)?[ :：是为]{0,3}([A-Za-z0-9_-]{5,20})"
)
_HANDLE = re.compile(r"(?<![A-Za-z0-9._%+-])@([一-龥A-Za-z0-9_·-]{2,20})")
_PUBLIC_HANDLE = re.compile(
    r"(?:发布|日报|晚报|新闻|公安|警方|交警|消防|政府|官方|电视台|网$|融媒|热线|12345|文旅|气象)"
)
_ADDRESS = re.compile(
    r"[一-龥]{1,10}(?:路|街|巷|大道|小区|花园|苑|城|府|园|村|湾|广场|公寓|家园|新区|社区)(?:[一-龥A-Za-z]{0,6})"
    r"(?:[0-9]{1,4}号?院?)?(?:[0-9A-Za-z一二三四五六七八九十]{1,4}(?:栋|幢|座|号楼|#))"
    r"(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{1,2}?[0-9]{2,4}(?:室|号|房|户)?"
    r"|[一-龥]{2,10}(?:路|街|巷|大道)[0-9]{1,4}号[0-9]{1,3}(?:栋|幢|号楼)?(?:[0-9]{1,2}单元)?[0-9]{3,4}室"
)
_HOTLINE_BEFORE = re.compile(
    r"(?:热线|咨询电话|举报电话|监督电话|服务电话|值班电话|投诉电话|办公电话|受理电话|报名电话|联系电话（办公）|客服|总机|传真|座机（公开）)"
    r"[^0-9，。；]{0,8}(?:[0-9\-－— ]{7,16}[、/或，, ]{1,2}){0,3}$"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金"
    "石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔温曾华肖凌欧阳古巫管幸丘刁卓池甘兰蓝涂宁"
)
_NAME_CONTEXT = re.compile(
    r"(?:姓名|当事人|死者|伤者|患者|嫌疑人|举报人|投诉人|信访人|受害人|业主|网民|户主|联系人|反映人|来电人|我叫|我是|本人叫?|名叫|叫做|"
    r"房东|老板|医生|老师|班主任|店主|租客|邻居)[：: ]?(?:系|为|是)?"
    rf"(?P<name>(?:欧阳|[{_SURNAMES}])[一-龥]{{1,2}}?)"
    r"(?=[，,（(、。；;：: \n0-9！!]|$|是|住|家住|身份证|电话|手机|联系)"
)
_NOT_NAMES = frozenset(
    "高兴 高中 高校 何时 何处 何人 白天 方法 方便 方面 于是 余下 任何 任务 程度 金额 万元 江西 宁都 石城 龙南 安远 "
    "华东 田地 许多 洪水 温馨 任教 管理 管道 夏天 史上 马上 万一 常年 毛坯 武汉 高铁 高层 高速 "
    "周边 周围 周末 周一 周二 周三 周四 周五 周六 周日 黄金 古城".split()
)
_NAME_WORDS = tuple(
    "姓名 当事人 死者 伤者 患者 嫌疑人 举报人 投诉人 信访人 受害人 业主 网民 户主 联系人 反映人 "
    "来电人 我叫 我是 本人 名叫 叫做 房东 老板 医生 老师 班主任 店主 租客 邻居".split()
)
_BUILDING = re.compile(r"[栋幢座楼#](?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{3}|室(?<=[0-9]{3}室)")
"""What every match of _ADDRESS has: found much faster."""
_USER_URL = re.compile(r"https?://(?:weibo\.com/u?/?[0-9]+|www\.douyin\.com/user/\S+|www\.xiaohongshu\.com/user/\S+)")
_LONG_NUMBER = re.compile(r"[0-9](?:[ \-－—]?[0-9]){5}")
_PLATE_START = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[A-Za-z]")
_ACCOUNT_WORDS = ("QQ", "qq", "微信", "扣扣", "V信", "v信", "vx", "VX", "wx", "WX", "weixin")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"  # ISO 7064 MOD 11-2, as GB 11643 prints it


class Span(NamedTuple):
    """Personal data at [start, end) of a text."""

    kind: PiiKind
    start: int
    end: int


def find_pii(text: str, lane: Lane) -> list[Span]:
    """Personal data in a text whose digits and letters are of normal width, in order, without overlaps.

    Names, handles and home addresses are looked for in public posts only: a report names officials at their work.
    """
    spans: list[Span] = []
    if _LONG_NUMBER.search(text):
        spans += _numbers(text)
    if _PLATE_START.search(text):
        spans += [Span(PiiKind.PLATE, *match.span()) for match in _PLATE.finditer(text)]
    if _BUILDING.search(text):
        spans += [Span(PiiKind.ADDRESS, *match.span()) for match in _ADDRESS.finditer(text)]
    if "@" in text:
        spans += [Span(PiiKind.EMAIL, *m.span()) for m in _EMAIL.finditer(text) if not _PUBLIC_MAIL.search(m.group())]
    if _any(text, _ACCOUNT_WORDS):
        spans += [Span(PiiKind.ACCOUNT, *match.span(1)) for match in _ACCOUNT.finditer(text)]
    if lane is Lane.OPINION:
        spans += _private(text)
    return _without_overlaps(spans)


def mask(text: str, spans: Sequence[Span]) -> str:
    """The text with every character of the spans replaced; the length stays, so that other spans still fit."""
    parts, last = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        parts += [text[last : span.start], MASK * (span.end - span.start)]
        last = span.end
    return "".join([*parts, text[last:]])


def valid_id_card(number: str) -> bool:
    """Whether an 18-digit identity number has a date and the right check digit (GB 11643)."""
    if not _ID_DATE.match(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECK[total % 11] == number[-1].upper()


def luhn(number: str) -> bool:
    """Whether a card number's check digit is right (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _numbers(text: str) -> Iterator[Span]:
    for match in _RUN.finditer(text):
        kind = _kind_of_run(re.sub(r"[^0-9Xx]", "", match.group()))
        if kind is not None:
            yield Span(kind, match.start(), match.end())
    for match in _MOBILE_SPACED.finditer(text):
        yield Span(PiiKind.PHONE, *match.span())
    for match in _LANDLINE.finditer(text):
        if not _HOTLINE_BEFORE.search(text[max(match.start() - 40, 0) : match.start()]):
            yield Span(PiiKind.PHONE, *match.span())


def _kind_of_run(digits: str) -> PiiKind | None:
    """What a run of digits is; the identity card's date or the check digit keeps order numbers out."""
    if len(digits) == 18 and _ID_DATE.match(digits):
        return PiiKind.ID_CARD
    if not digits.isdigit():
        return None
    if _MOBILE.fullmatch(digits):
        return PiiKind.PHONE
    if 15 <= len(digits) <= 19 and _BANK_PREFIX.match(digits) and luhn(digits):
        return PiiKind.BANK_CARD
    return PiiKind.ID_CARD if len(digits) == 15 and _OLD_ID_DATE.match(digits) else None


def _private(text: str) -> Iterator[Span]:
    for match in _HANDLE.finditer(text) if "@" in text else ():
        if not _PUBLIC_HANDLE.search(match.group(1)):
            yield Span(PiiKind.ACCOUNT, *match.span())
    for match in _USER_URL.finditer(text) if "http" in text else ():
        yield Span(PiiKind.ACCOUNT, *match.span())
    for match in _NAME_CONTEXT.finditer(text) if _any(text, _NAME_WORDS) else ():
        if match.group("name") not in _NOT_NAMES and match.group("name")[:2] not in _NOT_NAMES:
            yield Span(PiiKind.NAME, *match.span("name"))


def _any(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _without_overlaps(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if kept and span.start < kept[-1].end:
            continue
        kept.append(span)
    return kept
