"""Which number of persons a predicate takes: behind it, in front, over commas, one person without a number."""

from __future__ import annotations

import re

from processors.facts.persons import Mention
from processors.facts.predicates import (
    ACTIVE,
    AFTER_GAP,
    AND,
    AND_SIGN,
    BEING_MOVED,
    CONTINUES,
    DEATHS,
    DONE_TO,
    EVACUATED,
    HELPERS_LOST,
    INJURED,
    JOIN,
    LIGHT,
    MISSING,
    MOVED_GAP,
    PREDICATES,
    RESCUED,
    ROLE_BEFORE,
    ROLE_BESIDE,
    ROLES,
    SERIOUS,
    SINGLE,
    STOPS,
    TRANSITIVE,
    TRAPPED,
    VAGUE_SUBJECT,
    WIELDS,
    WITHIN,
)


def link(
    sentence: str, numbers: list[Mention], taken: set[int], name: str, start: int, end: int, previous_end: int
) -> list[Mention]:
    """The numbers that a predicate at [start, end) speaks of."""
    if "被" in sentence and name in {INJURED, SERIOUS, DEATHS}:
        numbers = [one for one in numbers if one.end > start or not _does_it(sentence, one, start)]
    after = _after(sentence, numbers, end, MOVED_GAP if name == EVACUATED else None)
    if after is not None and after.start == end and DONE_TO.search(sentence[start:end]):
        return _joined_after(sentence, numbers, after)
    same = [
        number
        for number in numbers
        if number.end <= start
        and sentence.find("，", number.end, start) < 0
        and sentence.find(",", number.end, start) < 0
    ]
    if name in TRANSITIVE and after is not None:
        return [after]
    if same and not (after is not None and same[-1].start in taken):
        last = same[-1]
        gap = sentence[last.end : start]
        listed = last.start in taken and "、" in gap
        doing = WIELDS.search(gap) is not None and "被" not in gap
        if not (listed or doing) and (not last.sent or len(gap) <= 6) and len(gap) <= 24 and not WITHIN.match(gap):
            return _joined(sentence, same, taken)
        if listed and last.staff and not last.sent and len(gap) <= 12:
            return []  # 1名医生头部受伤、手指骨折: of the same
    if after is not None:
        return [after]
    alone = _alone(sentence, numbers, name, start, previous_end)
    if alone is not None and ("，" not in (gap := sentence[alone.end : start]) or CONTINUES.match(gap)):
        return [alone]
    far = [number for number in numbers if number.end <= start and (not number.staff or _own_dead(number, name))]
    if far and name != DEATHS and sentence[far[-1].end - 1] in "具":
        return []  # bodies are not hurt
    if far and name in {INJURED, DEATHS, SERIOUS} and BEING_MOVED.search(sentence, 0, far[-1].start):
        far = []
    if far and VAGUE_SUBJECT.search(sentence, far[-1].end, start):
        return []
    if far and start - far[-1].end <= 60 and not ACTIVE.search(sentence[far[-1].end : start]):
        return [] if name in TRANSITIVE and far[-1].start in taken else [far[-1]]
    return [] if far or alone is None else [alone]


def _does_it(sentence: str, number: Mention, start: int) -> bool:
    """多名乘客被一名男子砍伤: the man is not hurt."""
    return sentence[number.start - 1 : number.start] == "被" and number.end <= start


def _own_dead(number: Mention, name: str) -> bool:
    """三名扑火队员……不幸牺牲: those who came to help can die; those sent out in numbers are not meant."""
    return name == DEATHS and not number.sent and (number.figure or 0) <= HELPERS_LOST


def _alone(sentence: str, numbers: list[Mention], name: str, start: int, previous_end: int) -> Mention | None:
    """司机受伤, 孩子被困: one person without a number."""
    if name not in {DEATHS, INJURED, SERIOUS, LIGHT, MISSING, TRAPPED}:
        return None
    first = max(start - 28, previous_end if previous_end <= start else 0)
    roles = ROLES.search(sentence, first, start)
    if roles is not None:
        count = len(AND_SIGN.findall(roles["who"])) + 1
        return Mention(roles.start(), roles.end("who"), count, alone=True)
    single = SINGLE.search(sentence[first:start])
    if single is not None and WIELDS.search(single["gap"]) and "被" not in single["gap"]:
        return None  # 丈夫持刀砍伤妻子
    if single is None or any(number.start >= first + single.start() and number.end <= start for number in numbers):
        return None
    return Mention(first + single.start("who"), first + single.end("who"), 1, alone=True)


def _after(sentence: str, numbers: list[Mention], end: int, also: re.Pattern[str] | None = None) -> Mention | None:
    for number in numbers:
        if number.start >= end:
            gap = sentence[end : number.start]
            if len(gap) <= 14 and AFTER_GAP.match(gap):
                return number
            if also is not None and not number.staff and also.match(gap):
                return number
            return None
    return None


_SUMMED = frozenset({EVACUATED, TRAPPED, RESCUED})


def are_one(sentence: str, name: str, linked: list[Mention]) -> bool:
    """8名儿童和1名教师受伤 are nine; 十个孩子和老师共十一人 are eleven."""
    if not all(one.figure for one in linked):
        return False
    between = sentence[min(linked).end : max(linked).start]
    return name in _SUMMED or (name == INJURED and "，" not in between and "共" not in between)


def with_roles(sentence: str, mention: Mention, before: str) -> int | None:
    """驾驶员及1名乘客, 2名游客和飞行员受伤: one more than the number says."""
    if mention.figure is None or mention.alone:
        return mention.figure
    more = ROLE_BEFORE.search(before) or ROLE_BESIDE.match(sentence, mention.end)
    return mention.figure + 1 if more else mention.figure


def link_noun(sentence: str, numbers: list[Mention], start: int, end: int) -> list[Mention]:
    """3具遗体, 2名失踪矿工遗体, 死者5人: a noun takes the number that adjoins it."""
    ahead = [number for number in numbers if number.end <= start]
    if ahead and not ahead[-1].staff:
        gap = sentence[ahead[-1].end : start]
        if len(gap) <= 10 and not STOPS.search(gap):
            return [ahead[-1]]
    after = _after(sentence, numbers, end)
    return [] if after is None else [after]


def _has_verb(sentence: str, start: int) -> bool:
    """Whether a predicate follows in the clause, close by."""
    comma = sentence.find("，", start, start + 8)
    return PREDICATES.search(sentence, start, start + 8 if comma < 0 else comma) is not None


def _joined_after(sentence: str, numbers: list[Mention], after: Mention) -> list[Mention]:
    """砍伤29名幼儿和3名教师: both, unless the second has a verb of its own."""
    joined = [after]
    for number in numbers:
        if number.start <= joined[-1].start:
            continue
        gap = sentence[joined[-1].end : number.start]
        if number.staff or not AND.match(gap) or _has_verb(sentence, number.end):
            break
        joined.append(number)
    return joined


def _joined(sentence: str, same: list[Mention], taken: set[int]) -> list[Mention]:
    """1名司机和2名乘客受伤: both; 3人死亡、5人受伤: the nearer."""
    joined = [same[-1]]
    for number in reversed(same[:-1]):
        gap = sentence[number.end : joined[-1].start]
        beside = number.staff and not number.sent and AND.match(gap)  # 26名民警和1名协警受伤
        if number.start in taken or (number.staff and not beside) or not JOIN.match(gap) or PREDICATES.search(gap):
            break
        if joined[-1].pair:
            break
        joined.append(number)
    return joined
