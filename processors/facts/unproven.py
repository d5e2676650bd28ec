"""What gives no figure: deaths unproven or uncounted, people who are 其余人员."""

from __future__ import annotations

from processors.facts.predicates import (
    DEATHS,
    INJURED,
    ITS_REMAINS,
    LOST_TOGETHER,
    OF_AN_EVENT,
    THE_REST,
    TRAPPED,
    UNPROVEN,
)
from processors.facts.statements import Statements
from processors.facts.wholes import last_clause
from processors.late import late


def drop_unproven(sentence: str, before: str, at: int, end: int, into: Statements) -> None:
    """出现死亡, 死亡情况正在核实: the one death read from the bare word is none."""
    implied = bool(into.found) and into.found[-1].implied and into.found[-1].start == at
    if implied and (UNPROVEN.search(before) or OF_AN_EVENT.match(sentence, end)):
        into.found.pop()


def uncounted(sentence: str, before: str, name: str, end: int) -> bool:
    """Whether the dead and the missing share one number, or those missing are 其余人员 or are found dead."""
    if name == DEATHS:
        return LOST_TOGETHER.match(sentence, end) is not None
    return (
        THE_REST.search(last_clause(before)) is not None
        or before.endswith(("死亡", "遇难", "死亡或", "死亡和", "遇难或"))
        or ITS_REMAINS.match(sentence, end) is not None
    )


_THINGS = late(r"(?:线|杆|树|梯|桥|路|渠|管|缆|枝|竹|塔|绳|墙|梁|坝|堤|架)[^，。；、]{0,5}$")
_TO_JUMP = late(r"跳楼|轻生|跳河|跳桥|坠楼")


def not_of_people(sentence: str, name: str, word: str, start: int) -> bool:
    """冰把电线压断了 breaks a thing; 悬空坐着欲跳楼 is not trapped."""
    if name == INJURED and word[:1] in "夹切压轧砸摔" and word[1:2] == "断":
        return _THINGS.search(sentence, max(start - 8, 0), start) is not None
    return name == TRAPPED and word.startswith("悬") and _TO_JUMP.search(sentence) is not None
