"""Casualties and people moved: who died, was hurt, is missing, was trapped, was moved, by sentence.

A predicate (死亡, 受伤, 被困 …) takes the number of persons after it (死亡3人) or before it (3名工人当场死亡, also over
commas within the sentence); parts (其中), totals (共), updates (升至, 现核实) and stated absence are told apart here.
"""

from __future__ import annotations

from processors.facts.links import are_one, link, link_noun, with_roles
from processors.facts.persons import Mention, mentions
from processors.facts.predicates import (
    AMONG,
    AMONG_DEAD,
    ASIDE,
    BARE,
    BODIES,
    BODY_FOUND,
    BODY_LATER,
    CLAUSE_ENDS,
    COUNTS_UP,
    DEATHS,
    DEATHS_PLAIN,
    DESCRIBES,
    DISCHARGED,
    EVACUATED,
    FOUND_AGAIN,
    IF_ONLY,
    ILL,
    IN_CARE,
    INJURED,
    MANY,
    MISSING,
    NAMES,
    NEGATED,
    NO_HARM,
    NOT_ABSENCE,
    NOT_EVENT,
    NOT_YET,
    NOW_DEAD,
    OF_ALL,
    OF_ONE,
    OF_THOSE,
    OF_WOUNDS,
    OLD_VALUE,
    OTHER_EVENT,
    PREDICATES,
    QUOTED,
    RAN_AWAY,
    RISEN,
    SERIOUS,
    SEVERAL_HURT,
    SPECIFIC,
    STILL_MISSING,
    THE_HURT,
    TRAPPED,
    UNCOUNTED,
    UPDATE,
    WISHED,
    traits,
)
from processors.facts.readings import (
    behind,
    found_of,
    is_other,
    is_part,
    is_total,
    past_help,
    read_special,
    this_one,
)
from processors.facts.set_forms import read_compact, read_none
from processors.facts.statements import Found, Statements
from processors.facts.unproven import drop_unproven, not_of_people, uncounted
from processors.facts.wholes import complete, last_clause, part_of_other, read_discharged, read_total, read_updates


def read(sentence: str, offset: int, index: int, title: bool, into: Statements) -> None:
    """Add what a sentence states; ``offset`` is its place in the document."""
    if "《" in sentence:
        sentence = QUOTED.sub(lambda match: "　" * len(match[0]), sentence)
    if "（" in sentence:
        sentence = ASIDE.sub(lambda match: "　" * len(match[0]), sentence)
    before_it = len(into.found)
    compact = read_compact(sentence, offset, index, title, into)
    predicates = list(PREDICATES.finditer(sentence))
    goes_on = into.loose[0] == INJURED and into.loose[1] == index - 1 and COUNTS_UP.match(sentence)
    if not predicates and len(into.found) == before_it and not goes_on and not DISCHARGED.search(sentence):
        return
    numbers = mentions(sentence)
    among = AMONG_DEAD.search(sentence) if "死" in sentence or "难" in sentence else None
    taken: set[int] = set()
    previous_end, loose = 0, ""
    for match in predicates:
        name = NAMES[int((match.lastgroup or "k0")[1:])]
        start, end = match.span()
        if any(first <= start < last for first, last in compact):
            continue
        before = sentence[max(start - 18, 0) : start]
        if name == "none":
            if not (before.endswith("有") or WISHED.search(before) or IF_ONLY.match(sentence, end)):  # 有没有人员受伤
                read_none(match[0], into)
            continue
        if not_of_people(sentence, name, match[0], start):
            continue
        if NOT_EVENT.search(before) or (
            match[0].startswith("缝") and _hurt_before(into, index) and not _counted(numbers, sentence, start)
        ):
            continue
        if name == TRAPPED and (OF_THOSE.search(before) or before.endswith("部分") or (title and match[0][0] == "迷")):
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
            (DESCRIBES.match(sentence[end : end + 4]) and not (name == SERIOUS and sentence[start - 1] in "名位个"))
            or (name != DEATHS and NOW_DEAD.match(sentence[end : end + 18]))
        ):
            continue
        if (name == MISSING and FOUND_AGAIN.search(before)) or UNCOUNTED.match(sentence, end):
            continue
        if name == DEATHS and read_special(sentence, numbers, match[0], start, offset, index, title, into):
            continue
        if name == DEATHS and not nominal and not title and this_one(sentence, start):
            if not any(found.kind == DEATHS and found.sentence == index for found in into.found):
                at = offset + start
                into.found.append(Found(DEATHS, 1, at, offset + end, index, other=True, of_injured=True))
            continue
        if ("没" in before or "无" in before or "未" in before) and NEGATED.search(before):
            if name in {DEATHS, INJURED, SERIOUS, TRAPPED, MISSING} and not (
                (nominal and name != DEATHS) or before.endswith(("说", "新增", "外")) or NOT_ABSENCE.search(match[0])
            ):
                into.none.add(name)
            continue
        told = behind(sentence, numbers, end) if sentence.startswith("人数", end) else None
        if OF_ALL.match(sentence, end) and not nominal:
            continue  # 死亡者中有6名游客
        if name in {DEATHS, MISSING} and uncounted(sentence, before, name, end):
            continue
        if name == EVACUATED and NOT_YET.search(before):
            continue
        linked = (
            [told]
            if told is not None
            else link_noun(sentence, numbers, start, end)
            if nominal and match[0] not in BODIES
            else link(sentence, numbers, taken, name, start, end, previous_end)
        )
        if name == TRAPPED and past_help(sentence, linked, end):
            continue
        if name == EVACUATED and match[0][-1] == "醒" and all((one.figure or 0) <= WOKEN for one in linked):
            continue
        if len(linked) > 1 and are_one(sentence, name, linked):
            taken.update(one.start for one in linked)
            linked = [max(linked)._replace(figure=sum(one.figure or 0 for one in linked))]
        for mention in linked:
            made = _found(sentence, mention, name, match[0], offset, index, title)
            if made.detail and SPECIFIC.search(sentence, max(made.start - offset - 14, 0), made.start - offset):
                made = made._replace(detail=False)
            into.found.append(part_of_other(sentence, made, offset, into) if made.part else made)
            taken.add(mention.start)
        if (
            not linked
            and match[0] in BODIES
            and (BODY_FOUND.search(before) or BODY_LATER.match(sentence, end))
            and not any(found.kind == DEATHS for found in into.found)
        ):
            into.found.append(Found(DEATHS, 1, offset + start, offset + end, index, title=title, implied=True))
        if name == INJURED and not linked and not nominal and SEVERAL_HURT.search(before):
            into.several = True
        if not linked and (word.solitary or (name == INJURED and OF_ONE.match(sentence[end : end + 8]))):
            around = _clause(sentence, start) + CLAUSE_ENDS.split(sentence[end : end + 10])[0]
            well = word.summary and (NOW_DEAD.match(sentence[end : end + 12]) or NO_HARM.match(sentence, end))
            if not (MANY.search(around) or well):
                into.found.append(Found(name, 1, offset + start, offset + end, index, title=title, implied=True))
        if name == DEATHS and not linked and match[0] in DEATHS_PLAIN:
            drop_unproven(sentence, before, offset + start, end, into)
        if (
            name == MISSING
            and linked
            and not title
            and (fewer := found_of(sentence, into.found[-1], offset)) is not None
        ):
            into.found[-1] = into.found[-1]._replace(figure=fewer)
        if name == MISSING and linked and RAN_AWAY.search(sentence[linked[0].end : start]):
            into.found.pop()
        if not linked and not nominal and name in {INJURED, TRAPPED, MISSING}:
            loose = name
        previous_end = end
    if not loose and goes_on:
        read_total(sentence, numbers, taken, INJURED, offset, index, title, into)  # 到15时，累计54人
    if loose:
        known = len(into.found)
        read_total(sentence, numbers, taken, loose, offset, index, title, into)
        into.loose = (loose if len(into.found) == known else "", index)
    read_updates(sentence, numbers, taken, offset, index, title, into)
    if DISCHARGED.search(sentence):
        read_discharged(sentence, numbers, offset, index, title, into)
    if "其中" in sentence and "另" in sentence:
        complete(sentence, numbers, offset, before_it, into)
    if among is not None:
        into.found[before_it:] = [
            found._replace(part=True, nominal=True)
            if found.kind == DEATHS and found.start - offset >= among.end()
            else found
            for found in into.found[before_it:]
        ]
    if OTHER_EVENT.match(sentence):
        into.found[before_it:] = [found._replace(other=True) for found in into.found[before_it:]]


WOKEN = 4
"""So few who are woken are not moved: 3人被叫醒, 喊醒儿子."""


def _clause(sentence: str, position: int) -> str:
    """The clause up to a position, with the one before it."""
    return "，".join(CLAUSE_ENDS.split(sentence[max(position - 40, 0) : position])[-2:])


def _hurt_before(into: Statements, index: int) -> bool:
    """右手被划伤，缝了六针: the stitches are of the one just named."""
    return any(found.kind == INJURED and found.sentence == index for found in into.found)


def _counted(numbers: list[Mention], sentence: str, start: int) -> bool:
    """Whether the clause has a number of its own (一人嘴唇缝针)."""
    first = max(sentence.rfind("，", 0, start), sentence.rfind("；", 0, start))
    return any(first < number.start < start for number in numbers)


def _found(sentence: str, mention: Mention, name: str, word: str, offset: int, index: int, title: bool) -> Found:
    before = sentence[max(mention.start - 22, 0) : mention.start]
    clause = last_clause(before)
    traits_of = traits(word)
    figure = with_roles(sentence, mention, before)
    described = AMONG.match(sentence, mention.end) is not None
    risen = ("从" in clause or "由" in clause) and RISEN.match(sentence[mention.end : mention.end + 10])
    return Found(
        name,
        figure,
        offset + mention.start,
        offset + mention.end,
        index,
        part=(
            is_part(before, sentence[max(mention.start - 36, 0) : mention.start])
            and not (mention.alone and "，" in before[-12:])
        )
        or (name in {DEATHS, MISSING} and clause.endswith(("其余", "其他"))),
        total=is_total(clause, name),
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
        and bool(
            THE_HURT.match(sentence[mention.end : mention.end + 6])
            or OF_WOUNDS.match(sentence[mention.end :])
            or ("又" in clause[-6:] and IN_CARE.match(sentence, mention.end))
        ),
        other=is_other(sentence, mention, name, clause[-6:]),
    )
