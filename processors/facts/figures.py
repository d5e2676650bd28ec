"""Casualties and people moved: who died, was hurt, is missing, was trapped, was moved, by sentence.

A predicate (死亡, 受伤, 被困 …) takes the number of persons after it (死亡3人) or before it (3名工人当场死亡, also over
commas within the sentence); parts (其中), totals (共), updates (升至, 现核实) and stated absence are told apart here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from processors.facts.numerals import value
from processors.facts.persons import Mention, mentions
from processors.facts.predicates import (
    ABOARD,
    ACTIVE,
    AFTER_GAP,
    AMONG,
    AMONG_DEAD,
    AND,
    AND_SIGN,
    ASIDE,
    BARE,
    BESIDE,
    BODIES,
    BODY_FOUND,
    CLAUSE_ENDS,
    COMPACT,
    CONTINUES,
    COUNT_OF,
    COUNTED_DEAD,
    COUNTED_UP,
    DEAD_THERE,
    DEATHS,
    DEATHS_PLAIN,
    DESCRIBES,
    DIED_LATER,
    DONE_TO,
    EVACUATED,
    FAMILY,
    FOUND_AGAIN,
    FREED,
    GRADES_APART,
    HELPERS_LOST,
    ILL,
    INJURED,
    ITS_BODY,
    ITS_REMAINS,
    JOIN,
    LIGHT,
    LOST_TOGETHER,
    MANY,
    MISSING,
    MOVED_GAP,
    NAMES,
    NEGATED,
    NO_HARM,
    NONE_LEFT,
    NOT_ABSENCE,
    NOT_EVENT,
    NOT_YET,
    NOW_DEAD,
    OF_ALL,
    OF_BOTH,
    OF_AN_EVENT,
    OF_ONE,
    OF_THOSE,
    OF_WOUNDS,
    OLD_VALUE,
    OTHER_EVENT,
    PART_STRICT,
    PREDICATES,
    QUOTED,
    RAN_AWAY,
    RESCUED,
    RISEN,
    ROLE_BEFORE,
    ROLES,
    SAFE_AFTER,
    SERIOUS,
    SINGLE,
    SPECIFIC,
    STILL_MISSING,
    STOPS,
    THE_HURT,
    THE_REST,
    TOTAL,
    TRANSITIVE,
    TRAPPED,
    UNCOUNTED,
    UNPROVEN,
    UPDATE,
    WIELDS,
    WITHIN,
    traits,
)
from processors.facts.statements import Found, Statements


def read(sentence: str, offset: int, index: int, title: bool, into: Statements) -> None:
    """Add what a sentence states; ``offset`` is its place in the document."""
    if "《" in sentence:
        sentence = QUOTED.sub(lambda match: "　" * len(match[0]), sentence)
    if "（" in sentence:
        sentence = ASIDE.sub(lambda match: "　" * len(match[0]), sentence)
    numbers = mentions(sentence)
    before_it = len(into.found)
    among = AMONG_DEAD.search(sentence) if "死" in sentence or "难" in sentence else None
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
        if NOT_EVENT.search(before) or (
            match[0].startswith("缝") and _hurt_before(into, index) and not _counted(numbers, sentence, start)
        ):
            continue
        if name == TRAPPED and OF_THOSE.search(before):
            continue
        word = traits(match[0])
        nominal = word.nominal
        if nominal and name == INJURED and sentence[end : end + 1] == "中" and match[0] in {"伤者", "伤员"}:
            into.found += [
                Found(INJURED, one.figure, offset + one.start, offset + one.end, index, total=True, title=title)
                for one in numbers
                if 0 <= start - one.end <= 1
            ]  # 26名伤者中，19人出院
        if nominal and (
            DESCRIBES.match(sentence[end : end + 4]) or (name != DEATHS and NOW_DEAD.match(sentence[end : end + 18]))
        ):
            continue
        if (name == MISSING and FOUND_AGAIN.search(before)) or UNCOUNTED.match(sentence, end):
            continue
        if name == DEATHS and _read_special(sentence, numbers, match[0], start, offset, index, title, into):
            continue
        if NEGATED.search(before):
            if name in {DEATHS, INJURED, SERIOUS, TRAPPED, MISSING} and not (
                before.endswith(("说", "新增")) or NOT_ABSENCE.search(match[0])
            ):
                into.none.add(name)
            continue
        told = _behind(sentence, numbers, end) if sentence.startswith("人数", end) else None
        if OF_ALL.match(sentence, end) and not nominal:
            continue  # 死亡者中有6名游客
        if name in {DEATHS, MISSING} and _uncounted(sentence, before, name, end):
            continue
        if name == EVACUATED and NOT_YET.search(before):
            continue
        linked = (
            [told]
            if told is not None
            else _link_noun(sentence, numbers, start, end)
            if nominal and match[0] not in BODIES
            else _link(sentence, numbers, taken, name, start, end, previous_end)
        )
        if name == TRAPPED and _past_help(sentence, linked, end):
            continue
        if name in {EVACUATED, TRAPPED, RESCUED} and len(linked) > 1 and all(one.figure for one in linked):
            linked = [min(linked)._replace(figure=sum(one.figure or 0 for one in linked))]
        for mention in linked:
            made = _found(sentence, mention, name, match[0], offset, index, title)
            if made.detail and SPECIFIC.search(sentence, max(made.start - offset - 14, 0), made.start - offset):
                made = made._replace(detail=False)
            into.found.append(_part_of_other(sentence, made, offset, into) if made.part else made)
            taken.add(mention.start)
        if (
            not linked
            and match[0] in BODIES
            and BODY_FOUND.search(before)
            and not any(found.kind == DEATHS for found in into.found)
        ):
            into.found.append(Found(DEATHS, 1, offset + start, offset + end, index, title=title, implied=True))
        if not linked and (word.solitary or (name == INJURED and OF_ONE.match(sentence[end : end + 8]))):
            around = _clause(sentence, start) + CLAUSE_ENDS.split(sentence[end : end + 10])[0]
            well = word.summary and (NOW_DEAD.match(sentence[end : end + 12]) or NO_HARM.match(sentence, end))
            if not (MANY.search(around) or well):
                into.found.append(Found(name, 1, offset + start, offset + end, index, title=title, implied=True))
        if name == DEATHS and not linked and match[0] in DEATHS_PLAIN and into.found and into.found[-1].implied:
            if into.found[-1].start == offset + start and (UNPROVEN.search(before) or OF_AN_EVENT.match(sentence, end)):
                into.found.pop()
        if name == MISSING and linked and RAN_AWAY.search(sentence[linked[0].end : start]):
            into.found.pop()
        if not linked and not nominal and name in {INJURED, TRAPPED, MISSING}:
            loose = name
        previous_end = end
    if loose:
        _read_total(sentence, numbers, taken, loose, offset, index, title, into)
    _read_updates(sentence, numbers, taken, offset, index, title, into)
    if "其中" in sentence and "另" in sentence:
        _complete(sentence, numbers, offset, before_it, into)
    if among is not None:
        into.found[before_it:] = [
            found._replace(part=True, nominal=True)
            if found.kind == DEATHS and found.start - offset >= among.end()
            else found
            for found in into.found[before_it:]
        ]
    if OTHER_EVENT.match(sentence):
        into.found[before_it:] = [found._replace(other=True) for found in into.found[before_it:]]


def _read_special(
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


def _past_help(sentence: str, linked: list[Mention], end: int) -> bool:
    """被埋身亡 is a death; 最后一名被困矿工的遗体 is one of those counted before."""
    if DEAD_THERE.match(sentence[end : end + 6]):
        return True
    last = bool(linked) and sentence[max(linked[0].start - 2, 0) : linked[0].start] == "最后"
    return last and bool(ITS_BODY.match(sentence[end : end + 12]) or FREED.match(sentence, end))


def _part_of_other(sentence: str, made: Found, offset: int, into: Statements) -> Found:
    """5人受伤，其中1人死亡: a part of the injured is no part of the dead."""
    mark = max(
        sentence.rfind(word, 0, made.start - offset)
        for word in ("其中", "当中", "包括", "（含", "(含", "伤者中", "伤员中", "受伤人员中")
    )
    earlier = [found for found in into.found if found.sentence == made.sentence and found.start < offset + mark]
    if not earlier or FAMILY.get(earlier[-1].kind, earlier[-1].kind) == FAMILY.get(made.kind, made.kind):
        return made
    whole = earlier[-1]
    later = whole.kind in {INJURED, "cared"} and DIED_LATER.search(sentence, made.start - offset)
    if made.kind == DEATHS and not (whole.other or later) and any(found.kind == DEATHS for found in earlier):
        return made
    taken_off = made.kind == DEATHS and whole.kind in {INJURED, "cared"}
    return made._replace(
        part=False, other=made.kind == DEATHS and any(f.kind == DEATHS for f in earlier), of_injured=taken_off
    )


def _complete(sentence: str, numbers: list[Mention], offset: int, first: int, into: Statements) -> None:
    """9人受伤，其中8人平稳，另有1人正在抢救: what completes the whole stands in it, not beside it."""
    mark = sentence.find("其中")
    for index, found in enumerate(into.found[first:], first):
        start = found.start - offset
        if not (found.other and found.figure and start > mark):
            continue
        whole = [
            one
            for one in into.found[first:index]
            if one.start - offset < mark and FAMILY.get(one.kind, one.kind) == FAMILY.get(found.kind, found.kind)
        ]
        told = [one.figure for one in numbers if mark < one.start < start and one.figure]
        if whole and told and whole[-1].figure in {told[0] + found.figure, sum(told) + found.figure}:
            into.found[index] = found._replace(part=True, other=False)


def _uncounted(sentence: str, before: str, name: str, end: int) -> bool:
    """Whether the dead and the missing share one number, or those missing are 其余人员 or are found dead."""
    if name == DEATHS:
        return LOST_TOGETHER.match(sentence, end) is not None
    return (
        THE_REST.search(_last_clause(before)) is not None
        or before.endswith(("死亡", "遇难", "死亡或", "死亡和", "遇难或"))
        or ITS_REMAINS.match(sentence, end) is not None
    )


def _behind(sentence: str, numbers: list[Mention], end: int) -> Mention | None:
    """死亡人数仍为5人: what is counted stands behind."""
    number = next((one for one in numbers if one.start >= end), None)
    return number if number is not None and COUNT_OF.fullmatch(sentence, end, number.start) else None


def _last_clause(before: str) -> str:
    return before[max(before.rfind("，"), before.rfind("。"), before.rfind("；")) + 1 :]


def _clause(sentence: str, position: int) -> str:
    """The clause up to a position, with the one before it."""
    return "，".join(CLAUSE_ENDS.split(sentence[max(position - 40, 0) : position])[-2:])


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
    moved = {found.start - offset for found in into.found if found.sentence == index and found.kind == EVACUATED}
    for number in numbers:
        before = sentence[max(number.start - 6, 0) : number.start]
        fits = COUNTED_UP.search(before) or (
            kind == TRAPPED and SAFE_AFTER.match(sentence[number.end : number.end + 16])
        )
        free = kind == TRAPPED or number.start not in taken or number.start in moved
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
        if not UPDATE.search(_last_clause(sentence[max(number.start - 22, 0) : number.start])):
            continue
        earlier = sorted(
            (found for found in into.found if found.sentence == index and found.start < offset + number.start),
            key=lambda found: found.start,
        )
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
    into.none |= _absent(text)


@lru_cache(maxsize=512)
def _absent(text: str) -> frozenset[str]:
    """Fields of which a phrase (无人员伤亡) states that there are none."""
    if "报告" in text and not ("暂无" in text or "没有" in text):
        return frozenset()
    none: set[str] = set()
    if "伤亡" in text or "死伤" in text:
        none.add(DEATHS)
        if not re.search(r"其[他它]|别的", text):
            none.add(INJURED)
    if re.search(r"死亡|遇难|死人|没亡", text):
        none.add(DEATHS)
    if "重伤" in text:
        none.add(SERIOUS)
    elif re.search(r"受伤|人伤|伤人|伤到|伤及|没伤|没事|中毒|感染", text) and "伤亡" not in text:
        none.add(INJURED)
    if re.search(r"失联|失踪", text):
        none.add(MISSING)
    if "被困" in text:
        none.add(TRAPPED)
    return frozenset(none)


def _read_compact(sentence: str, offset: int, index: int, title: bool, into: Statements) -> list[tuple[int, int]]:
    """3死5伤, 致2死1伤."""
    spans: list[tuple[int, int]] = []
    if not COUNTED_DEAD.search(sentence):
        return spans
    for match in COMPACT.finditer(sentence):
        for group in ("d", "d2", "d3", "i", "i2", "i3", "i4"):
            kind = DEATHS if group[0] == "d" else INJURED
            if match[group] and (count := value(match[group])) is not None:
                start, end = match.span(group)
                into.found.append(
                    Found(kind, int(count), offset + start, offset + end, index, title=title, compact=True)
                )
                spans.append(match.span())
    return spans


def _link(
    sentence: str, numbers: list[Mention], taken: set[int], name: str, start: int, end: int, previous_end: int
) -> list[Mention]:
    """The numbers that a predicate at [start, end) speaks of."""
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
    if after is not None:
        return [after]
    alone = _alone(sentence, numbers, name, start, previous_end)
    if alone is not None and ("，" not in (gap := sentence[alone.end : start]) or CONTINUES.match(gap)):
        return [alone]
    far = [number for number in numbers if number.end <= start and (not number.staff or _own_dead(number, name))]
    if far and name != DEATHS and sentence[far[-1].end - 1] in "具":
        return []  # bodies are not hurt
    if far and start - far[-1].end <= 60 and not ACTIVE.search(sentence[far[-1].end : start]):
        return [] if name in TRANSITIVE and far[-1].start in taken else [far[-1]]
    return [] if far or alone is None else [alone]


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


def _link_noun(sentence: str, numbers: list[Mention], start: int, end: int) -> list[Mention]:
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
        if number.start in taken or number.staff or not JOIN.match(gap) or PREDICATES.search(gap):
            break
        if joined[-1].pair:
            break
        joined.append(number)
    return joined


def _hurt_before(into: Statements, index: int) -> bool:
    """右手被划伤，缝了六针: the stitches are of the one just named."""
    return any(found.kind == INJURED and found.sentence == index for found in into.found)


def _counted(numbers: list[Mention], sentence: str, start: int) -> bool:
    """Whether the clause has a number of its own (一人嘴唇缝针)."""
    first = max(sentence.rfind("，", 0, start), sentence.rfind("；", 0, start))
    return any(first < number.start < start for number in numbers)


def _is_part(before: str, wide: str) -> bool:
    """其中1人重伤，另有2人轻伤: what is named beside the whole is no part of it."""
    found = PART_STRICT.search(before)
    return (
        found is not None
        and not BESIDE.search(before, found.start() + 2)
        and not ("伤亡" in wide and OF_BOTH.search(wide))
    )


def _is_total(clause: str, name: str) -> bool:
    """Whether a word of a total stands before the number; of the badly and slightly hurt only where it is theirs."""
    found = TOTAL.search(clause)
    return found is not None and not (name in {SERIOUS, LIGHT} and GRADES_APART.search(clause, found.start() + 2))


def _found(sentence: str, mention: Mention, name: str, word: str, offset: int, index: int, title: bool) -> Found:
    before = sentence[max(mention.start - 22, 0) : mention.start]
    clause = _last_clause(before)
    traits_of = traits(word)
    figure = mention.figure
    described = AMONG.match(sentence, mention.end) is not None
    if figure is not None and not mention.alone and ROLE_BEFORE.search(before):
        figure += 1
    risen = ("从" in clause or "由" in clause) and RISEN.match(sentence[mention.end : mention.end + 10])
    return Found(
        name,
        figure,
        offset + mention.start,
        offset + mention.end,
        index,
        part=(
            _is_part(before, sentence[max(mention.start - 36, 0) : mention.start])
            and not (mention.alone and "，" in before[-12:])
        )
        or (name in {DEATHS, MISSING} and clause.endswith(("其余", "其他"))),
        total=_is_total(clause, name),
        update=bool(UPDATE.search(clause) or (name == MISSING and STILL_MISSING.search(clause))),
        old=bool(
            risen
            or OLD_VALUE.search(clause)
            or (clause.endswith("除") and "其余" in sentence[mention.end : mention.end + 10])
        ),
        nominal=traits_of.nominal or described,
        single=mention.alone,
        title=title,
        ill=traits_of.ill or (traits_of.summary and ILL.search(sentence) is not None),
        summary=traits_of.summary,
        cases=traits_of.cases,
        bare=not clause and BARE.match(sentence, mention.end) is not None,
        fell=traits_of.fell,
        detail=traits_of.detail,
        of_injured=name == DEATHS
        and bool(THE_HURT.match(sentence[mention.end : mention.end + 6]) or OF_WOUNDS.match(sentence[mention.end :])),
        other="另" in (near := clause[-6:]) or "还有" in near or "又有" in near,
    )
