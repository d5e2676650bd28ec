"""Numbers that belong together in one sentence: parts of another figure, totals, updates, those gone home."""

from __future__ import annotations

from itertools import combinations

from processors.facts.persons import Mention
from processors.facts.predicates import (
    COUNTED_UP,
    DEATHS,
    DIED_LATER,
    EVACUATED,
    FAMILY,
    GONE_HOME,
    INJURED,
    SAFE_AFTER,
    TRAPPED,
    UPDATE,
)
from processors.facts.statements import Found, Statements


def part_of_other(sentence: str, made: Found, offset: int, into: Statements) -> Found:
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


LISTED = 5
"""Numbers of a sentence that are weighed against one another."""


def read_discharged(
    sentence: str, numbers: list[Mention], offset: int, index: int, title: bool, into: Statements
) -> None:
    """8名住院伤员中，2人出院，现住院6人: those gone home and those in care make the number told before."""
    for whole, gone, left in combinations(numbers[:LISTED], 3):
        if not (whole.figure and gone.figure and left.figure) or whole.staff:
            continue
        told = sentence[gone.end : gone.end + 12], sentence[left.end : left.end + 12]
        apart = whole.figure == gone.figure + left.figure
        if apart and any(GONE_HOME.match(words) for words in told) and "死" not in "".join(told):
            start, end = offset + whole.start, offset + whole.end
            into.found = [one for one in into.found if one.sentence != index or one.kind not in {INJURED, "cared"}]
            into.found.append(Found(INJURED, whole.figure, start, end, index, total=True, title=title))
            return


def complete(sentence: str, numbers: list[Mention], offset: int, first: int, into: Statements) -> None:
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


def read_total(
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
    harmed = {
        found.start - offset for found in into.found if found.sentence == index and found.kind in {DEATHS, INJURED}
    }
    moved = {found.start - offset for found in into.found if found.sentence == index and found.kind == EVACUATED}
    for number in numbers:
        before = sentence[max(number.start - 6, 0) : number.start]
        fits = (COUNTED_UP.search(before) and not (kind == TRAPPED and number.start in harmed)) or (
            kind == TRAPPED and SAFE_AFTER.match(sentence[number.end : number.end + 16])
        )
        free = kind == TRAPPED or number.start not in taken or number.start in moved
        if free and not number.staff and fits and number.figure:
            start, end = offset + number.start, offset + number.end
            into.found.append(Found(kind, number.figure, start, end, index, total=True, title=title))
            taken.add(number.start)
            return


def read_updates(
    sentence: str, numbers: list[Mention], taken: set[int], offset: int, index: int, title: bool, into: Statements
) -> None:
    """原报埋3人，现核实4人: the corrected number is of the kind of the number before it."""
    if not any(found.sentence == index for found in into.found):
        return
    for number in numbers:
        if number.start in taken or number.staff:
            continue
        before = last_clause(sentence[max(number.start - 22, 0) : number.start])
        if not (UPDATE.search(before) or before.endswith("累计")):
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


def last_clause(before: str) -> str:
    """The clause up to a place, from the last comma or stop on."""
    return before[max(before.rfind("，"), before.rfind("。"), before.rfind("；")) + 1 :]
