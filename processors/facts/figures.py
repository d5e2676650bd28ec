"""Casualties and people moved: who died, was hurt, is missing, was trapped, was moved, by sentence.

A predicate (死亡, 受伤, 被困 …) takes the number of persons after it (死亡3人) or before it (3名工人当场死亡, also over
commas within the sentence); parts (其中), totals (共), updates (升至, 现核实) and stated absence are told apart here.
"""

from __future__ import annotations

import re

from processors.facts.numerals import value
from processors.facts.persons import Mention, mentions
from processors.facts.predicates import (
    ACTIVE,
    AFTER_GAP,
    COMPACT,
    COUNTED_UP,
    DEATHS,
    DETAIL,
    DONE_TO,
    FAMILY,
    ILL,
    INJURED,
    JOIN,
    LIGHT,
    MANY,
    MISSING,
    NAMES,
    NEGATED,
    NOMINAL,
    NOT_ABSENCE,
    NOT_EVENT,
    OLD_VALUE,
    PART_STRICT,
    PREDICATES,
    RAN_AWAY,
    SAFE_AFTER,
    SERIOUS,
    SINGLE,
    SOLITARY,
    SUMMARY,
    TOTAL,
    TRANSITIVE,
    TRAPPED,
    UPDATE,
)
from processors.facts.statements import Found, Statements


def read(sentence: str, offset: int, index: int, title: bool, into: Statements) -> None:
    """Add what a sentence states; ``offset`` is its place in the document."""
    numbers = mentions(sentence)
    taken: set[int] = set()
    compact = _read_compact(sentence, offset, index, title, into)
    previous_end, loose = 0, ""
    for match in PREDICATES.finditer(sentence):
        name = NAMES[int((match.lastgroup or "k0")[1:])]
        start, end = match.span()
        if any(first <= start < last for first, last in compact):
            continue
        before = sentence[max(start - 18, 0) : start]
        if name == "none":
            _read_none(match[0], into)
            continue
        if NOT_EVENT.search(before):
            continue
        if NEGATED.search(before):
            if name in {DEATHS, INJURED, SERIOUS, TRAPPED, MISSING} and not (
                before.endswith("说") or NOT_ABSENCE.search(match[0])
            ):
                into.none.add(name)
            continue
        linked = _link(sentence, numbers, taken, name, start, end, previous_end)
        for mention in linked:
            made = _found(sentence, mention, name, match[0], offset, index, title)
            into.found.append(_part_of_other(sentence, made, offset, into) if made.part else made)
            taken.add(mention.start)
        around = _clause(sentence, start) + sentence[end : end + 10]
        if not linked and SOLITARY.search(match[0]) and not MANY.search(around):
            into.found.append(Found(name, 1, offset + start, offset + end, index, title=title, implied=True))
        if name == MISSING and linked and RAN_AWAY.search(sentence[linked[0].end : start]):
            into.found.pop()
        if not linked and name in {INJURED, TRAPPED, MISSING}:
            loose = name
        previous_end = end
    if loose:
        _read_total(sentence, numbers, taken, loose, offset, index, title, into)
    _read_updates(sentence, numbers, taken, offset, index, title, into)


def _part_of_other(sentence: str, made: Found, offset: int, into: Statements) -> Found:
    """5人受伤，其中1人死亡: a part of the injured is no part of the dead."""
    mark = max(sentence.rfind(word, 0, made.start - offset) for word in ("其中", "当中", "包括", "（含", "(含"))
    earlier = [found for found in into.found if found.sentence == made.sentence and found.start < offset + mark]
    if not earlier or FAMILY.get(earlier[-1].kind, earlier[-1].kind) == FAMILY.get(made.kind, made.kind):
        return made
    whole = earlier[-1]
    if made.kind == DEATHS and not whole.other and any(found.kind == DEATHS for found in earlier):
        return made
    taken_off = made.kind == DEATHS and whole.kind in {INJURED, "cared"}
    return made._replace(
        part=False, other=made.kind == DEATHS and any(f.kind == DEATHS for f in earlier), of_injured=taken_off
    )


def _clause(sentence: str, position: int) -> str:
    """The clause up to a position, with the one before it."""
    return "，".join(re.split(r"[，,；。]", sentence[max(position - 40, 0) : position])[-2:])


def _read_total(
    sentence: str,
    numbers: list[Mention],
    taken: set[int],
    kind: str,
    offset: int,
    index: int,
    title: bool,
    into: Statements,
) -> None:
    """有幼儿呕吐，累计41例: the total belongs to a predicate that has no number of its own."""
    for number in numbers:
        before = sentence[max(number.start - 6, 0) : number.start]
        fits = COUNTED_UP.search(before) or (
            kind == TRAPPED and SAFE_AFTER.match(sentence[number.end : number.end + 16])
        )
        free = kind == TRAPPED or number.start not in taken
        if free and not number.staff and fits and number.figure:
            start, end = offset + number.start, offset + number.end
            into.found.append(Found(kind, number.figure, start, end, index, total=True, title=title))
            taken.add(number.start)
            return


def _read_updates(
    sentence: str, numbers: list[Mention], taken: set[int], offset: int, index: int, title: bool, into: Statements
) -> None:
    """原报埋3人，现核实4人: the corrected number is of the kind of the number before it."""
    for number in numbers:
        if number.start in taken or number.staff:
            continue
        if not UPDATE.search(re.split(r"[，。；]", sentence[max(number.start - 22, 0) : number.start])[-1]):
            continue
        earlier = [found for found in into.found if found.sentence == index and found.start < offset + number.start]
        if earlier and (earlier[-1].old or earlier[-1].figure is None):
            into.found.append(
                Found(
                    earlier[-1].kind,
                    number.figure,
                    offset + number.start,
                    offset + number.end,
                    index,
                    update=True,
                    title=title,
                )
            )
            taken.add(number.start)


def _read_none(text: str, into: Statements) -> None:
    if "报告" in text and not ("暂无" in text or "没有" in text):
        return
    if "伤亡" in text or "死伤" in text:
        into.none.add(DEATHS)
        if not re.search(r"其[他它]", text):
            into.none.add(INJURED)
    if re.search(r"死亡|遇难|死人", text):
        into.none.add(DEATHS)
    if "重伤" in text:
        into.none.add(SERIOUS)
    elif re.search(r"受伤|人伤|伤人|伤到|伤及|没伤|没事|中毒|感染", text) and "伤亡" not in text:
        into.none.add(INJURED)
    if re.search(r"失联|失踪", text):
        into.none.add(MISSING)
    if "被困" in text:
        into.none.add(TRAPPED)


def _read_compact(sentence: str, offset: int, index: int, title: bool, into: Statements) -> list[tuple[int, int]]:
    """3死5伤, 致2死1伤."""
    spans: list[tuple[int, int]] = []
    if "死" not in sentence and "伤" not in sentence:
        return spans
    for match in COMPACT.finditer(sentence):
        for group, kind in (
            ("d", DEATHS),
            ("d2", DEATHS),
            ("d3", DEATHS),
            ("i", INJURED),
            ("i2", INJURED),
            ("i3", INJURED),
        ):
            if match[group] and (count := value(match[group])) is not None:
                start, end = match.span(group)
                into.found.append(Found(kind, int(count), offset + start, offset + end, index, title=title))
                spans.append(match.span())
    return spans


def _link(
    sentence: str, numbers: list[Mention], taken: set[int], name: str, start: int, end: int, previous_end: int
) -> list[Mention]:
    """The numbers that a predicate at [start, end) speaks of."""
    after = _after(sentence, numbers, end)
    if after is not None and after.start == end and DONE_TO.search(sentence[start:end]):
        return [after]
    same = [
        number for number in numbers if number.end <= start and not re.search(r"[，,]", sentence[number.end : start])
    ]
    if name in TRANSITIVE and after is not None:
        return [after]
    if same and not (after is not None and same[-1].start in taken):
        last = same[-1]
        gap = sentence[last.end : start]
        listed = last.start in taken and "、" in gap
        if (
            not listed
            and (not last.sent or len(gap) <= 6)
            and len(gap) <= 24
            and not re.match(r"[一-龥]{0,4}[中里内]", gap)
        ):
            return _joined(sentence, same, taken)
    if after is not None:
        return [after]
    alone = _alone(sentence, numbers, name, start, previous_end)
    if alone is not None and "，" not in sentence[alone.end : start]:
        return [alone]
    far = [number for number in numbers if number.end <= start and not number.staff]
    if far and start - far[-1].end <= 60 and not ACTIVE.search(sentence[far[-1].end : start]):
        return [] if name in TRANSITIVE and far[-1].start in taken else [far[-1]]
    return [] if far or alone is None else [alone]


def _alone(sentence: str, numbers: list[Mention], name: str, start: int, previous_end: int) -> Mention | None:
    """司机受伤, 孩子被困: one person without a number."""
    if name not in {DEATHS, INJURED, SERIOUS, LIGHT, MISSING, TRAPPED}:
        return None
    first = max(start - 24, previous_end if previous_end <= start else 0)
    single = SINGLE.search(sentence[first:start])
    if single is None or any(number.start >= first + single.start() and number.end <= start for number in numbers):
        return None
    return Mention(first + single.start("who"), first + single.end("who"), 1, alone=True)


def _after(sentence: str, numbers: list[Mention], end: int) -> Mention | None:
    for number in numbers:
        if number.start >= end:
            gap = sentence[end : number.start]
            if len(gap) <= 14 and AFTER_GAP.match(gap):
                return number
            return None
    return None


def _joined(sentence: str, same: list[Mention], taken: set[int]) -> list[Mention]:
    """1名司机和2名乘客受伤: both; 3人死亡、5人受伤: the nearer."""
    joined = [same[-1]]
    for number in reversed(same[:-1]):
        gap = sentence[number.end : joined[-1].start]
        if number.start in taken or number.staff or not JOIN.match(gap) or PREDICATES.search(gap):
            break
        if joined[-1].pair:
            break
        joined.append(number)
    return joined


def _found(sentence: str, mention: Mention, name: str, word: str, offset: int, index: int, title: bool) -> Found:
    before = sentence[max(mention.start - 22, 0) : mention.start]
    clause = re.split(r"[，。；]", before)[-1]
    return Found(
        name,
        mention.figure,
        offset + mention.start,
        offset + mention.end,
        index,
        part=bool(PART_STRICT.search(before)) or clause.endswith(("其余", "其他")),
        total=bool(TOTAL.search(clause)),
        update=bool(UPDATE.search(clause)),
        old=bool(OLD_VALUE.search(clause)),
        nominal=bool(NOMINAL.fullmatch(word)),
        single=mention.alone,
        title=title,
        ill=bool(ILL.search(word)),
        summary=bool(SUMMARY.search(word)),
        detail=bool(DETAIL.search(word)),
        other=bool(re.search(r"另(?:有|外|一)?|还有|又有", clause[-6:])),
    )
