"""Casualties and people moved: who died, was hurt, is missing, was trapped, was moved, by sentence.

A predicate (死亡, 受伤, 被困 …) takes the number of persons after it (死亡3人) or before it (3名工人当场死亡, also over
commas within the sentence); parts (其中), totals (共), updates (升至, 现核实) and stated absence are told apart here.
"""

from __future__ import annotations

from processors.facts.links import are_one, link, link_noun, with_roles
from processors.facts.persons import Mention, mentions
from processors.facts.predicates import (
    ABOARD,
    AMONG,
    AMONG_DEAD,
    ASIDE,
    BARE,
    BESIDE,
    BODIES,
    BODY_FOUND,
    CLAUSE_ENDS,
    COUNT_OF,
    DEAD_THERE,
    DEATHS,
    DEATHS_PLAIN,
    DESCRIBES,
    DISCHARGED,
    EVACUATED,
    FOUND_AGAIN,
    FREED,
    GRADES_APART,
    ILL,
    IN_CARE,
    INJURED,
    ITS_BODY,
    LIGHT,
    MANY,
    MISSING,
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
    OF_ONE,
    OF_THOSE,
    OF_WOUNDS,
    OLD_VALUE,
    OTHER_EVENT,
    PART_STRICT,
    PREDICATES,
    QUOTED,
    RAN_AWAY,
    RISEN,
    SERIOUS,
    SPECIFIC,
    STILL_MISSING,
    THE_HURT,
    TOTAL,
    TRAPPED,
    UNCOUNTED,
    UPDATE,
    traits,
)
from processors.facts.set_forms import read_compact, read_none
from processors.facts.statements import Found, Statements
from processors.facts.unproven import drop_unproven, uncounted
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
    if not predicates and len(into.found) == before_it and not DISCHARGED.search(sentence):
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
            if not before.endswith("有"):  # 有没有人员受伤
                read_none(match[0], into)
            continue
        if NOT_EVENT.search(before) or (
            match[0].startswith("缝") and _hurt_before(into, index) and not _counted(numbers, sentence, start)
        ):
            continue
        if name == TRAPPED and (OF_THOSE.search(before) or before.endswith("部分")):
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
        if name == TRAPPED and _past_help(sentence, linked, end):
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
            and BODY_FOUND.search(before)
            and not any(found.kind == DEATHS for found in into.found)
        ):
            into.found.append(Found(DEATHS, 1, offset + start, offset + end, index, title=title, implied=True))
        if not linked and (word.solitary or (name == INJURED and OF_ONE.match(sentence[end : end + 8]))):
            around = _clause(sentence, start) + CLAUSE_ENDS.split(sentence[end : end + 10])[0]
            well = word.summary and (NOW_DEAD.match(sentence[end : end + 12]) or NO_HARM.match(sentence, end))
            if not (MANY.search(around) or well):
                into.found.append(Found(name, 1, offset + start, offset + end, index, title=title, implied=True))
        if name == DEATHS and not linked and match[0] in DEATHS_PLAIN:
            drop_unproven(sentence, before, offset + start, end, into)
        if name == MISSING and linked and RAN_AWAY.search(sentence[linked[0].end : start]):
            into.found.pop()
        if not linked and not nominal and name in {INJURED, TRAPPED, MISSING}:
            loose = name
        previous_end = end
    if loose:
        read_total(sentence, numbers, taken, loose, offset, index, title, into)
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


def _behind(sentence: str, numbers: list[Mention], end: int) -> Mention | None:
    """死亡人数仍为5人: what is counted stands behind."""
    number = next((one for one in numbers if one.start >= end), None)
    return number if number is not None and COUNT_OF.fullmatch(sentence, end, number.start) else None


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
        and bool(
            THE_HURT.match(sentence[mention.end : mention.end + 6])
            or OF_WOUNDS.match(sentence[mention.end :])
            or ("又" in clause[-6:] and IN_CARE.match(sentence, mention.end))
        ),
        other="另" in (near := clause[-6:]) or "还有" in near or "又有" in near,
    )
