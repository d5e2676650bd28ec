"""Numbers that belong to a person: phones, identity cards, bank cards, plates, however they are written.

Digits come with blanks, dashes, dots, as Chinese numerals; widths are normal already (``Document.norm``). A number that
only looks like an identity card counts too: a wrong digit is still somebody's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from processors.late import late
from schemas.vocab import PiiKind


class Span(NamedTuple):
    """Personal data at [start, end) of a text."""

    kind: PiiKind
    start: int
    end: int


_BETWEEN = r"[ \-－—–−_.·/]"
_RUN = late(rf"(?<![0-9])[+＋]?[0-9](?:{_BETWEEN}{{0,2}}[0-9]){{6,26}}(?:{_BETWEEN}?[xX×Ⅹ](?![A-Za-z0-9]))?")
"""Seven digits or more, a last X included; what it is the groups decide."""
_SPOKEN = late(r"(?=[^0-9])[〇零○一幺二三四五六七八九0-9](?:[ \-－—]?[〇零○一幺二两三四五六七八九洞拐0-9]){10,19}")
_SPOKEN_LATER = late(r"(?<![0-9])1[ \-]?[三四五六七八九3-9](?:[ \-－—]?[〇零○一幺二两三四五六七八九洞拐0-9]){9,16}")
_DIGIT_OF = str.maketrans("〇零○一幺二两三四五六七八九洞拐", "00011223456789" + "07")
_GROUP = late(r"[0-9]+[xX×Ⅹ]?|[xX×Ⅹ]")
_MOBILE = late(r"(?:(?:00)?86)?1[3-9][0-9]{9}")
_PHONE_GROUPS = frozenset(
    [(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 4, 3), (4, 3, 4), (5, 6), (6, 5), (4, 7), (8, 3), (2, 3, 3, 3),
     (3, 2, 3, 3), (3, 3, 3, 2), (3, 2, 2, 2, 2), (3, 4, 2, 2), (1, 10), (3, 2, 2, 4), (5, 3, 3), (2, 9)]
)  # fmt: skip
"""How people group the digits of a mobile number; other groups are dates, sizes, lists."""
_ID_DATE = late(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
_OLD_ID_DATE = late(r"[1-8][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
_BANK_PREFIX = late(r"62|60|9558|4[0-9]|5[1-5]|3[5-7]|68|69|90|84|87|88|94|95")
_ID_WORD = late(r"身份证?|证件|证号|[Ii][Dd]")
_CARD_WORD = late(r"银行卡|卡号|账号|帐号|账户|储蓄卡|工资卡|存折|社保卡")
_NO_PHONE_BEFORE = late(
    r"(?:单号|订单|编号|工单|案号|快递|统一社会信用代码|合同号|流水号|￥|¥)[:：号 ]{0,2}[A-Za-z]{0,6}$"
)
_LANDLINE = late(r"(?<![0-9])[(（]?0(?:10|2[0-9]|[3-9][0-9]{2})[)）]?[-－—– ]{0,2}[2-8](?:[- ]?[0-9]){6,7}(?![0-9])")
_BARE_LANDLINE = late(r"(?:电话|座机|家里|致电|tel|TEL|Tel)[:：是为 ]{0,2}(?P<n>[2-8](?:[- ]?[0-9]){6,7})(?![0-9])")
_HOTLINE_BEFORE = late(
    r"(?:热线|(?:咨询|举报|监督|服务|值班|投诉|办公|受理|报名|报修|抢修|救援|应急|预约|订票|公开)电话|电话（办公）|客服|总机|传真|座机（公开）|"
    r"(?:[所局办委院厅科站]|中心|大队|支队|公司|窗口|政府|街道|社区|物业|派出所|学校)[，,：:（(\s]{0,2}(?:联系)?(?:电话|座机|电话号码)?)"
    r"[^0-9，。；]{0,8}(?:[0-9\-－— ]{7,16}[、/或，, ]{1,2}){0,3}$"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_MARK = "A-HJ-NP-Za-hj-np-z0-9"
PLATE_START = late(rf"[{_PROVINCES}][ \-]?[A-Za-z](?=[ ·•・\-.—]{{0,2}}[A-Za-z0-9])")
_PLATE = late(
    rf"[{_PROVINCES}][ \-]?[A-HJ-NP-Za-hj-np-z][ ·•・\-.—]{{0,2}}"
    rf"(?:(?=[A-Za-z]{{0,4}}[0-9])[{_MARK}]{{4,5}}[{_MARK}挂学警港澳领使]"
    rf"|(?=[A-Za-z \-·]{{0,4}}[0-9])[{_MARK}](?:[ \-·][{_MARK}]){{4,5}}"
    rf"|(?=[A-Za-z]{{0,3}}[\-· ]?[0-9])[{_MARK}]{{2,3}}[\-·•][{_MARK}]{{2,4}}"
    rf"|(?=[A-Za-z]?[0-9])[{_MARK}]{{1,2}}[ ][{_MARK}]{{4}})(?![A-Za-z0-9])"
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"  # ISO 7064 MOD 11-2, as GB 11643 prints it
_BEFORE = 12


def valid_id_card(number: str) -> bool:
    """Whether an 18-digit identity number has a date and the right check digit (GB 11643)."""
    number = number.upper()
    if not _ID_DATE.fullmatch(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECK[total % 11] == number[-1]


def luhn(number: str) -> bool:
    """Whether a card number's check digit is right (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def find_numbers(text: str) -> list[Span]:
    """Phones, identity and bank cards; the spans may overlap."""
    spans: list[Span] = []
    for match in _RUN.finditer(text):
        spans += _in_run(text, match)
    if "0" in text:
        spans += [Span(PiiKind.PHONE, *m.span()) for m in _LANDLINE.finditer(text) if not _public(text, m)]
    if spans or "电话" in text or "座机" in text or "家里" in text:
        spans += [Span(PiiKind.PHONE, *m.span("n")) for m in _BARE_LANDLINE.finditer(text) if not _public(text, m)]
    return spans


def find_spoken(text: str) -> list[Span]:
    """Numbers with Chinese numerals in them: 一三八零零…, 幺五九…, 1三8…."""
    spans = []
    for pattern in (_SPOKEN, _SPOKEN_LATER):
        for match in pattern.finditer(text):
            digits = re.sub(r"[^0-9]", "", match.group().translate(_DIGIT_OF))
            kind = _kind(digits, (len(digits),), text[max(match.start() - _BEFORE, 0) : match.start()])
            if kind is not None:
                spans.append(Span(kind, match.start(), match.end()))
    return spans


def find_plates(text: str) -> list[Span]:
    """Number plates, new-energy ones too."""
    return [Span(PiiKind.PLATE, *match.span()) for match in _PLATE.finditer(text)]


def _public(text: str, match: re.Match[str]) -> bool:
    return bool(_HOTLINE_BEFORE.search(text[max(match.start() - 40, 0) : match.start()]))


def _in_run(text: str, run: re.Match[str]) -> Iterator[Span]:
    """The first groups that make a number, then the groups behind them."""
    groups = [(match.start() + run.start(), match.end() + run.start()) for match in _GROUP.finditer(run.group())]
    first = 0
    while first < len(groups):
        last = _number_from(text, groups, first)
        if last is None:
            first += 1
            continue
        kind, after = last
        yield Span(kind, groups[first][0] - (text[groups[first][0] - 1] in "+＋"), groups[after - 1][1])
        first = after


def _number_from(text: str, groups: Sequence[tuple[int, int]], first: int) -> tuple[PiiKind, int] | None:
    before = text[max(groups[first][0] - _BEFORE, 0) : groups[first][0]]
    for after in range(len(groups), first, -1):  # the longest number that begins here
        parts = [text[start:end] for start, end in groups[first:after]]
        digits = "".join(parts)
        if len(digits) < 11:
            return None
        if len(digits) <= 21:
            kind = _kind(digits, tuple(map(len, parts)), before)
            if kind is not None:
                return kind, after
    return None


def _kind(digits: str, sizes: tuple[int, ...], before: str) -> PiiKind | None:
    """What a number is; the identity card's date or a check digit keeps order numbers out."""
    plain = digits.upper().replace("×", "X").replace("Ⅹ", "X")
    if len(plain) == 18 and _ID_DATE.fullmatch(plain):
        return PiiKind.ID_CARD
    if not plain.isdigit():
        return None
    if _MOBILE.fullmatch(plain):
        own = sizes[1:] if sizes[0] in (2, 4) and sum(sizes[1:]) == 11 else sizes
        grouped = len(own) == 1 or own in _PHONE_GROUPS or set(own) == {1} or (max(own) <= 2 and len(own) > 5)
        return PiiKind.PHONE if grouped and not _NO_PHONE_BEFORE.search(before) else None
    if 15 <= len(plain) <= 19 and (_CARD_WORD.search(before) or (_BANK_PREFIX.match(plain) and luhn(plain))):
        return PiiKind.BANK_CARD
    if len(plain) in (15, 17, 18) and _ID_WORD.search(before):
        return PiiKind.ID_CARD
    return PiiKind.ID_CARD if len(plain) == 15 and _OLD_ID_DATE.fullmatch(plain) else None
