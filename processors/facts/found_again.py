"""Those found again: who is back, how many were met, and the missing of an earlier sentence who are dead."""

from __future__ import annotations

from processors.facts.numerals import NUMBER, value
from processors.facts.predicates import DEATHS, MISSING, TRAPPED
from processors.facts.statements import Found, Statements
from processors.late import late

_ALL_DEAD = late(r"(?:均|都|全|先后|两人|二人|三人|随后|已)[^，。；]{0,16}$")
_DEAD = late(r"(?:无|没有|失去)生命(?:体征|迹象)|死亡|遇难|身亡|溺亡|没了|(?:经)?抢救无效")
_AGAIN = late(rf"(?:找到|发现|打捞[起出]?|搜救出)(?P<n>{NUMBER})[名人]")
_BACK = late(
    r"(?<![没未有能仍还])找到(?:了|(?=[，。；]))|(?<!没)(?:已(?:经)?|都|全部)找到(?!的|[\d一二三四五六七八九十])|平安(?:回家|归来|返家)|"
    r"已寻[获回]|捞(?:获|上岸|上来)|找到[^，。]{0,12}遗体"
)
_OTHER_FOUND = late(r"(?:(?<!最后)[\d一二两三四五六七八九十][人名](?!失)|车|船|鞋|手机|衣)[^，。；]*$")
"""后有2人被找到, 她的车被找到: some of those missing, or a thing."""


def last_back(text: str) -> int:
    """Where the last word stands of those who were found again; -1 without one."""
    if not ("找到" in text or "捞" in text or "平安" in text or "已寻" in text):
        return -1
    return max(
        (
            match.end() if "遗体" in match[0] else match.start()
            for match in _BACK.finditer(text)
            if match[0] != "找到" or not _OTHER_FOUND.search(text, max(match.start() - 24, 0), match.start())
        ),
        default=-1,
    )


def met(text: str, shift: int) -> frozenset[int]:
    """How many were found again, as counted: 在杨家坪附近找到5人."""
    if "找到" not in text:
        return frozenset()
    found = (value(match["n"]) for match in _MET.finditer(text, shift))
    return frozenset(int(number) for number in found if number)


_MET = late(rf"(?<!中)找到(?:了|这|该|上述|全部)*(?P<n>{NUMBER})(?:名|位)?人?(?=[，。；])")


def carry(sentence: str, start: int, index: int, before: int, statements: Statements) -> None:
    """打捞上岸，均已无生命体征: those who were missing or trapped in an earlier sentence are dead."""
    if any(found.kind == DEATHS for found in statements.found[before:]):
        return
    match = _DEAD.search(sentence)
    if match is None or not _ALL_DEAD.search(sentence[: match.start()]):
        return
    again = _AGAIN.search(sentence, 0, match.start())
    if again is not None:
        number = value(again["n"])
        count = None if number is None else int(number)
        statements.found.append(Found(DEATHS, count, start + again.start("n"), start + match.end(), index))
        return
    earlier = [found for found in statements.found[:before] if found.kind in {MISSING, TRAPPED} and found.figure]
    if earlier:
        count = earlier[-1].figure
        at = start + match.start()
        statements.found.append(Found(DEATHS, count, at, start + match.end(), index, update=True))
        statements.found = [found for found in statements.found if found.kind != MISSING or found.figure != count]
