"""Numbers as Chinese texts write them: 12, 1,200, 3.2万, 十二, 两, 俩; vague ones (六七, 数十) have no value."""

from __future__ import annotations

from functools import lru_cache

from processors.late import late

CHINESE_DIGITS = "零〇○一二两三四五六七八九"
_SPOKEN = rf"[{CHINESE_DIGITS}十百千万亿廿]"
NUMBER = (
    rf"(?:[\d{CHINESE_DIGITS}十百千万亿廿俩仨]"
    rf"(?:(?<=\d)[\d,]*(?: (?=\d\d\d(?!\d))[\d,]*)*(?:\.\d+)?[百千万亿]{{0,2}}|(?<={_SPOKEN}){_SPOKEN}*|(?<=[俩仨])))"
)
"""A regular expression for a number; ``value`` reads what it matches. It begins with one set of characters, to which a
search skips: an alternation in front would be tried at every character."""
_VALUES = {"零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_VALUES |= {"八": 8, "九": 9}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_GROUPS = {"万": 10_000, "亿": 100_000_000}
LONGEST = 24
"""Characters beyond which a row of digits counts nothing (1,234,567,890.12 亿 has eighteen)."""
_ALONE = {"俩": 2.0, "仨": 3.0, "廿": 20.0}
_VAGUE = late(r"[一二两三四五六七八九]{2}(?![〇零○])|^[百千万亿]$")
_SPELLED = late(rf"[{CHINESE_DIGITS}]{{3,}}")
_ARABIC = late(r"([\d, ]+(?:\.\d+)?)([百千万亿]*)")


def about(number: str, before: str, more: str | None) -> float | None:
    """百余 and 近千 are a hundred and a thousand (LABELS.md "Figures": 余, 近 with a number); 上百 is vague."""
    if number in _SCALES and (more in {"余", "多"} or before.endswith(("近", "约", "逾"))):
        return float(_SCALES[number])
    return value(number)


@lru_cache(maxsize=4096)
def value(text: str) -> float | None:
    """The value of a number; None where it is vague (六七, 三四十) or no number."""
    if text in _ALONE:
        return _ALONE[text]
    if len(text) > LONGEST:
        return None
    arabic = _ARABIC.fullmatch(text)
    if arabic:
        return _scaled(float(arabic[1].replace(",", "").replace(" ", "") or "nan"), arabic[2])
    if _SPELLED.fullmatch(text):
        return float("".join(str(_VALUES[char]) for char in text))
    if not text or _VAGUE.search(text):
        return None
    return _chinese(text)


def _scaled(number: float, scales: str) -> float:
    for scale in scales:
        number *= _SCALES.get(scale) or _GROUPS[scale]
    return round(number, 4)


def _chinese(text: str) -> float | None:
    """一百二十 -> 120; 一百二 -> 120; 三万二 -> 32000."""
    total, group, digit, last = 0, 0, -1, 1
    for char in text:
        if char in _VALUES:
            digit = _VALUES[char]
            last = 1 if digit == 0 else last
        elif char in _SCALES:
            group += (1 if digit < 0 else digit) * _SCALES[char]
            digit, last = -1, _SCALES[char]
        elif char in _GROUPS:
            group += max(digit, 0)
            total = (total + group) * _GROUPS[char]
            group, digit, last = 0, -1, _GROUPS[char]
        else:
            return None
    short = digit * last // 10 if digit > 0 and last > 10 else max(digit, 0)
    return float(total + group + short)
