"""How a number is meant beside a predicate: deaths told otherwise, counts behind, those found, parts and totals."""

from __future__ import annotations

from processors.facts.numerals import value
from processors.facts.persons import Mention
from processors.facts.predicates import (
    ABOARD,
    BESIDE,
    COUNT_OF,
    DEAD_THERE,
    DEATHS,
    FOUND_OF,
    FREED,
    GRADES_APART,
    INJURED,
    ITS_BODY,
    LIGHT,
    NONE_LEFT,
    NOW_IN_CARE,
    OF_BOTH,
    PART_STRICT,
    SERIOUS,
    STILL_THERE,
    THIS_ONE,
    TOTAL,
)
from processors.facts.statements import Found, Statements


def read_special(
    sentence: str, numbers: list[Mention], word: str, start: int, offset: int, index: int, title: bool, into: Statements
) -> bool:
    """Deaths whose number stands elsewhere: 载有57人……无一生还; 打死12人后自杀身亡 is one more."""
    at = offset + start
    if NONE_LEFT.search(word):
        said = any(found.kind == DEATHS and found.sentence == index for found in into.found)
        ahead = [number for number in numbers if number.end <= start and number.figure]
        fitting = [n for n in ahead if not n.staff or ABOARD.search(sentence[max(n.start - 16, 0) : n.start])]
        if fitting and not said:
            last = fitting[-1]
            into.found.append(Found(DEATHS, last.figure, offset + last.start, offset + last.end, index, title=title))
        return True
    if sentence.endswith("后自杀", 0, start):
        into.found.append(Found(DEATHS, 1, at, at + len(word), index, other=True, title=title))
        return True
    return False


def this_one(sentence: str, start: int) -> bool:
    """这名重伤者不治, where the sentence does not count the dead anew."""
    return "伤" in sentence[:start] and "死亡人数" not in sentence and THIS_ONE.search(sentence, 0, start) is not None


def past_help(sentence: str, linked: list[Mention], end: int) -> bool:
    """被埋身亡 is a death; 最后一名被困矿工的遗体 is one of those counted before."""
    if DEAD_THERE.match(sentence[end : end + 6]):
        return True
    last = bool(linked) and sentence[max(linked[0].start - 2, 0) : linked[0].start] == "最后"
    return last and bool(ITS_BODY.match(sentence[end : end + 12]) or FREED.match(sentence, end))


def behind(sentence: str, numbers: list[Mention], end: int) -> Mention | None:
    """死亡人数仍为5人: what is counted stands behind."""
    number = next((one for one in numbers if one.start >= end), None)
    return number if number is not None and COUNT_OF.fullmatch(sentence, end, number.start) else None


def found_of(sentence: str, made: Found, offset: int) -> int | None:
    """失联的14人中找到7人: those who are left; None where none of them was found."""
    match = FOUND_OF.match(sentence, made.end - offset)
    number = value(match["n"]) if match is not None else None
    left = None if number is None or made.figure is None else made.figure - int(number)
    return left if left is not None and left > 0 else None


def is_other(sentence: str, mention: Mention, name: str, near: str) -> bool:
    """另有2人, 还有2人: beside those before, unless 目前还有2人在医院."""
    if "另" in near or "又有" in near:
        return True
    if "还有" not in near:
        return False
    stays = name in {INJURED, "cared"} and STILL_THERE.match(sentence, mention.end)
    return not (stays and NOW_IN_CARE.search(sentence, max(mention.start - 18, 0), mention.start))


def is_part(before: str, wide: str) -> bool:
    """其中1人重伤，另有2人轻伤: what is named beside the whole is no part of it."""
    found = PART_STRICT.search(before)
    return (
        found is not None
        and not BESIDE.search(before, found.start() + 2)
        and not ("伤亡" in wide and OF_BOTH.search(wide))
    )


def is_total(clause: str, name: str) -> bool:
    """Whether a word of a total stands before the number; of the badly and slightly hurt only where it is theirs."""
    found = TOTAL.search(clause)
    return found is not None and not (name in {SERIOUS, LIGHT} and GRADES_APART.search(clause, found.start() + 2))
