"""From statements to the figures of people: the dead are not injured, parts add up where no total is given."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from processors.document import Document
from processors.facts.aboard import all_lost, in_a_lift
from processors.facts.figures import read
from processors.facts.found_again import carry, last_back, met
from processors.facts.predicates import DEATHS, EVACUATED, INJURED, LIGHT, MISSING, RESCUED, SERIOUS, TRAPPED
from processors.facts.repeats import told_again
from processors.facts.scope import Scope
from processors.facts.statements import Found, Statements, choose
from processors.late import late


@dataclass(frozen=True, slots=True)
class Casualties:
    """Figures of people as stated; None where not stated."""

    deaths: int | None = None
    injured: int | None = None
    serious_injuries: int | None = None
    missing: int | None = None
    trapped: int | None = None
    evacuated: int | None = None
    cases: int | None = None


_HARMED = frozenset({DEATHS, INJURED, SERIOUS, LIGHT, "cared"})
COUNTED = late(r"[\d一二两三四五六七八九十百千][余多几]?[个名位人]")


def gather(document: Document, scope: Scope, places: Sequence[int], *, sure: bool = False) -> Statements:
    """What the sentences state that speak of the event itself; ``places`` are where words of harm stand, in order."""
    text = document.norm
    statements = Statements(back=last_back(text), met=met(text, document.shift))
    statements.lift = in_a_lift(text, document.shift)
    statements.aboard = all_lost(document, scope)
    for index, (start, end) in enumerate(document.sentences()):
        sentence = text[start:end]
        at = bisect_left(places, start)
        spoken = at < len(places) and places[at] < end
        if (spoken or (sure and COUNTED.search(sentence))) and scope.admits(sentence):
            before = len(statements.found)
            read(sentence, start, index, start < document.shift, statements)
            if not spoken:  # such words as tell of harm alone, never of people moved or shut in
                kept = [found for found in statements.found[before:] if found.kind in _HARMED]
                statements.found[before:] = kept
            carry(sentence, start, index, before, statements)
    if any(found.other for found in statements.found):
        told_again(document, statements)
    return statements


_FIELDS = (DEATHS, INJURED, SERIOUS, MISSING, TRAPPED)


def settle(statements: Statements, *, title: bool = False) -> Casualties:
    """The figures of the text (or of the title alone)."""

    if not statements.found and (title or (statements.lift is None and statements.aboard is None)):
        none = statements.none if not title else set()
        return Casualties(**{kind: 0 for kind in _FIELDS if kind in none})

    def of(kind: str) -> list[Found]:
        return statements.of(kind, title=title)

    deaths = _stated(choose(of(DEATHS)), DEATHS, statements, title)
    if deaths is None and not title and statements.aboard is not None:
        deaths = statements.aboard
    injured = _injured(statements, of, title)
    if not title:
        deaths, whole = _as_titled(statements, DEATHS, deaths), _as_titled(statements, INJURED, injured)
        if injured is None or whole != injured + (deaths or 0):  # the title counts those who died of them too
            injured = whole
    lost = {found.start for found in of(DEATHS)}
    serious = _stated(_sum_parts([one for one in of(SERIOUS) if one.start not in lost]), SERIOUS, statements, title)
    missing = _stated(choose(of(MISSING)), MISSING, statements, title)
    missing = missing if title else _as_titled(statements, MISSING, missing)
    if (
        missing
        and not title
        and (all(found.start < statements.back for found in of(MISSING)) or missing in statements.met)
    ):
        missing = 0 if MISSING in statements.none else None
    trapped = _stated(choose(of(TRAPPED), add=False), TRAPPED, statements, title)
    if trapped == 1 and _died_there(of(TRAPPED), of(DEATHS)):
        trapped = None
    if trapped is None and not title and of(RESCUED) and _about_trapped(statements):
        trapped = choose(of(RESCUED))
    if trapped is None and not title and statements.lift is not None and statements.lift != deaths:
        trapped = statements.lift
    return Casualties(deaths, injured, serious, missing, trapped, _evacuated(of(EVACUATED)))


def _as_titled(statements: Statements, kind: str, count: int | None) -> int | None:
    """Where text and title state the same number, it is the total, whatever parts the text adds to it.

    Not where the text counts anew (升至, 另有), since titles may lag behind.
    """
    found = statements.of(kind)
    titled = {one.figure for one in statements.of(kind, title=True) if not (one.implied or one.part)}
    if count is None or len(titled) != 1 or count in titled or any(one.update or one.other for one in found):
        return count
    if any(one.total and one.figure == count and count > max(figure or 0 for figure in titled) for one in found):
        return count
    return next((one.figure for one in found if one.figure in titled and not one.part), count)


def _died_there(trapped: list[Found], dead: list[Found]) -> bool:
    """驾驶员被方向盘压住，经抢救无效死亡: how one person died, not a rescue."""
    return all(one.single and any(other.sentence == one.sentence for other in dead) for one in trapped)


def _about_trapped(statements: Statements) -> bool:
    trapped = [found for found in statements.found if found.kind == TRAPPED]
    return bool(trapped) and all(found.figure is not None for found in trapped)


def _evacuated(found: list[Found]) -> int | None:
    return choose(found, add=False)


def _stated(count: int | None, kind: str, statements: Statements, title: bool) -> int | None:
    if count is None and kind in statements.none and not title:
        return 0
    return count


def _sum_parts(found: list[Found]) -> int | None:
    return choose([item._replace(part=False) for item in found])


LISTED = 4
"""Characters between 2名 and 7名 in 2名重伤、7名擦伤."""


def _with_severe(hurt: list[Found], severe: list[Found]) -> list[Found]:
    """4人轻伤，3人送医: both, unless those sent to hospital are the slightly and badly hurt together."""
    starts = {found.start for found in hurt}
    whole = [found for found in severe if not found.part and found.start not in starts and found.figure]
    sent = max((found.figure or 0 for found in hurt), default=0)
    graded = sum({found.start: found.figure or 0 for found in whole}.values())
    near = {found.sentence for found in whole} & {found.sentence for found in hurt}
    if not whole or not near or sent >= graded:
        return hurt
    return [*hurt, *whole, whole[0]._replace(start=hurt[0].start, figure=sent, summary=False)]


def _graded_beside(hurt: list[Found], severe: list[Found]) -> list[Found]:
    """2名重伤、6名擦伤: the badly hurt that stand in front of the others in one list."""
    first = min(hurt, key=lambda found: found.start)
    if first.part or first.summary:
        return []
    return [
        found
        for found in severe
        if found.kind == SERIOUS and not found.part and found.figure and 0 <= first.start - found.end <= LISTED
    ]


def _more_light(hurt: list[Found], light: list[Found]) -> list[Found]:
    """致1名医生骨折，2名护士和1名保安轻伤: more than those hurt, so that they are others."""
    told = sum({found.start: found.figure or 0 for found in light}.values())
    same = {found.sentence for found in light} == {found.sentence for found in hurt}
    return light if same and told > (choose(hurt) or 0) else []


def _only_described(hurt: list[Found], cared: list[Found], dead: int) -> bool:
    """6人正在接受治疗，2人骨折，4人轻伤: those in care are the whole where the rest describes some of them."""
    most = max(cared, key=lambda found: found.figure or 0)
    later = [found for found in hurt if found.sentence == most.sentence and found.start > most.start]
    if not hurt or len(later) < len(hurt) or (choose(hurt) or 0) + dead == most.figure:
        return False
    return all((found.figure or 0) < (most.figure or 0) for found in hurt)


def _left(cared: list[Found], count: int | None, dead: int) -> int | None:
    """15人中毒，2人抢救无效死亡，另外13人住院: those in care are what is left."""
    if not dead or not count:
        return None
    return next((found.figure for found in cared if found.figure and found.figure + dead == count), None)


def _beside(found: Found, deaths: list[Found]) -> bool:
    """另有4人死亡。死亡的4人中……: described again, the dead are still beside the ill."""
    return found.nominal and any(other.other and other.figure == found.figure for other in deaths)


MANY_DEAD = 10
"""Beside so many dead, one person who is described is not the number of those hurt."""


def _one_of_many(hurt: list[Found], deaths: list[Found], dead: int) -> bool:
    """一名男子突然昏迷，……抢救无效死亡: the one who died; 66人遇难……一名女子被救出送医: one of many."""
    if not all(found.single or found.implied for found in hurt):
        return False
    last = {found.sentence: found.start for found in hurt}
    return dead >= MANY_DEAD or all(
        found.implied and last.get(found.sentence, found.start) < found.start for found in deaths
    )


def _nobody_hurt(hurt: list[Found], count: int, dead: int) -> bool:
    """Whether 无人受伤 stands against words that only hint at injuries, or against the later dead."""
    if all(found.implied or found.summary or found.part for found in hurt):
        return True
    return count <= dead and all(found.ill for found in hurt)


def _injured(statements: Statements, of: Callable[[str], list[Found]], title: bool) -> int | None:
    dead = {found.start for found in of(DEATHS)}
    hurt = [found for found in of(INJURED) if found.start not in dead]
    if statements.several and all(found.implied for found in hurt):
        hurt = []
    if fell := [found for found in hurt if found.fell]:
        told = [found for found in hurt if not (found.fell or found.part or found.detail)]
        died = dead and (choose(fell) or 0) <= len(dead)  # 一名学生突然倒地，抢救无效死亡
        hurt = told if told or died else hurt
    cared = [found for found in of("cared") if found.start not in dead and not found.part]
    severe = [found for found in (*of(SERIOUS), *of(LIGHT)) if found.start not in dead]
    graded = {kind: [f for f in severe if f.kind == kind and not f.part] for kind in (SERIOUS, LIGHT)}
    if all(graded.values()) and all(found.summary or found.part for found in hurt):
        hurt = [*graded[SERIOUS], *graded[LIGHT]]
    elif cared and _only_described(hurt, cared, choose(of(DEATHS)) or 0):
        hurt = cared
    elif not any(not found.part for found in hurt):
        starts = {item.start for item in hurt}
        more = [found for found in severe if found.start not in starts]
        whole = [found for found in more if not found.part]
        if (
            whole
            and not graded[LIGHT]
            and sum(f.figure or 0 for f in whole) < max((f.figure or 0 for f in cared), default=0)
        ):
            whole = []  # 住院的36人中，重伤9人
        if whole and hurt == []:
            whole += [found for found in cared if found.other and found.start not in {one.start for one in whole}]
        hurt = whole or (cared if cared else [*hurt, *more])
        hurt = [found._replace(part=False) for found in hurt]
    elif all(found.summary or found.part for found in hurt):
        hurt = _with_severe(hurt, severe)
    elif beside := (_graded_beside(hurt, severe) or _more_light(hurt, graded[LIGHT])):
        hurt = [*hurt, *beside]
    count = choose(hurt)
    dead_now = choose(of(DEATHS)) or 0
    if count == 1 and dead_now and not title and _one_of_many(hurt, of(DEATHS), dead_now):
        return _stated(None, INJURED, statements, title)
    if INJURED in statements.none and not title and _nobody_hurt(hurt, count or 0, dead_now):
        return 0
    if alive := _left(cared, count, dead_now):
        return alive
    left = next((f.figure for f in hurt if f.figure and count and dead_now and f.figure + dead_now == count), None)
    if left and any(f.summary and f.figure == count for f in hurt):
        return left
    if count is None:
        return _stated(None, INJURED, statements, title)
    if deaths := [
        found
        for found in of(DEATHS)
        if found.figure and not (found.other or found.of_injured or _beside(found, of(DEATHS)))
    ]:
        ill = [
            f for f in hurt if f.ill and (f.start < deaths[0].start or (f.cases and f.figure == count)) and not f.title
        ]
        dead_among = choose(deaths) or 0
        last_death = max(found.start for found in deaths)
        alive = any(found.figure == count and found.start > last_death for found in cared)
        counted = alive or any(
            found.compact or ((found.total or found.update) and found.figure == count and not found.ill)
            for found in hurt
        )
        if ill and count > dead_among and not counted:
            told = [f for f in hurt if f.figure == count] or hurt  # or a sum of several
            at = max(f.start for f in told)
            taken = sum({f.start: f.figure or 0 for f in of(DEATHS) if f.of_injured and f.start > at}.values())
            return count - min(dead_among + taken, max(dead_now, dead_among), count)
    last = max((found.start for found in hurt if found.figure == count), default=0)
    lost = sum(
        {f.start: f.figure or 0 for f in of(DEATHS) if f.of_injured and not f.update and f.start > last}.values()
    )
    return count - lost if count > lost else count
